//! What stands in paths, queries and headers.

use serde_json::{Value, json};
use shared::problem::Code;

use super::kinds::{one_of, prefixed};

/// Its key among the components, where it stands, its name, and what it means.
pub(super) type Parameter = (&'static str, &'static str, &'static str, &'static str);

pub(super) const PARAMETERS: &[Parameter] = &[
    ("limit", "query", "limit", "Items of a page."),
    ("cursor", "query", "cursor", "`next_cursor` of the page before."),
    ("building", "query", "building", "Only rooms of this building."),
    ("min_capacity", "query", "min_capacity", "Only rooms that are known to have so many seats."),
    ("con", "path", "id", "A connection."),
    ("apr", "path", "id", "A request for approval."),
    ("int", "path", "id", "An interview."),
    ("code", "path", "code", "A problem."),
    ("customer", "path", "customer", "Of the link."),
    ("approval", "query", "approval", "Of the link."),
    ("session", "query", "session", "Of the link."),
    ("key", "query", "key", "Of the link."),
    ("state", "query", "state", "As it was sent to Microsoft."),
    ("redirect-code", "query", "code", "The authorization code, where the person accepted."),
    ("error", "query", "error", "Why there is no code."),
    (
        "Idempotency-Key",
        "header",
        "Idempotency-Key",
        "New for each new request, the same for each repeat; kept for 7 days per customer, user and route.",
    ),
    ("If-Match", "header", "If-Match", "The ETag that the change is meant for."),
];

pub(super) fn parameter((key, place, name, means): &Parameter) -> Value {
    let schema = match *key {
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
        "min_capacity" => json!({ "type": "integer", "minimum": 0, "maximum": 10_000, "default": 0 }),
        "con" => prefixed("con_"),
        "int" => prefixed("int_"),
        "apr" | "approval" => prefixed("apr_"),
        "code" => one_of(&Code::ALL.iter().map(|code| code.entry().code).collect::<Vec<_>>()),
        "session" => prefixed("cs_"),
        "Idempotency-Key" => json!({ "type": "string", "minLength": 8, "maxLength": 255 }),
        _ => json!({ "type": "string" }),
    };
    let needed = *place == "path" || ["session", "approval", "key", "state", "Idempotency-Key"].contains(key);
    json!({ "name": name, "in": place, "required": needed, "description": means, "schema": schema })
}
