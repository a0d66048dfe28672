//! Holds what is really asked and answered against the page: a status, header, member or problem that the page does not
//! know fails the test, and so does one that it promises and nothing ever showed.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::operations::{self, Operation};
use super::page::{page, problems_of};
use crate::world::Answer;

/// Headers of the contract; others are checked by [`Answer`] itself.
const HEADERS: [&str; 6] =
    ["request-id", "etag", "retry-after", "idempotent-replayed", "location", "set-cookie"];

pub(super) struct Live {
    page: Value,
    /// Route and status.
    statuses: RefCell<BTreeSet<(String, u16)>>,
    /// Schema and member, where it was there and not null.
    members: RefCell<BTreeSet<(String, String)>>,
}

impl Live {
    pub(super) fn new() -> Self {
        Self { page: page(), statuses: RefCell::default(), members: RefCell::default() }
    }

    /// Checks one exchange on the route `key`.
    pub(super) fn check(&self, key: &str, asked: Option<&Value>, answer: &Answer) {
        let operation = operations::all().find(|operation| operation.key == key).expect("a route");
        let (method, path) = key.split_once(' ').expect("a key");
        let entry = &self.page["paths"][path][method.to_lowercase()];
        let told = &entry["responses"][answer.status.to_string()];
        assert!(
            told.is_object(),
            "{key} answers {}, which the page does not know: {}",
            answer.status,
            answer.text
        );
        self.statuses.borrow_mut().insert((key.to_owned(), answer.status));
        if answer.status < 300
            && let Some(body) = asked
        {
            self.validate(&entry["requestBody"]["content"]["application/json"]["schema"], body, key);
        }
        self.check_body(key, told, answer);
        if answer.header("content-type") == Some("application/problem+json") {
            check_code(operation, answer);
        }
        check_headers(key, told, answer);
    }

    fn check_body(&self, key: &str, told: &Value, answer: &Answer) {
        let kind = answer.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        if told["content"].is_null() {
            assert_eq!(answer.text, "", "{key} promises no body");
            return;
        }
        let schema = &told["content"][kind]["schema"];
        assert!(schema.is_object(), "{key} {}: {kind} is not on the page", answer.status);
        if kind != "text/html" {
            self.validate(schema, &answer.json, key);
            self.note(schema, &answer.json);
        }
    }

    /// Whether a body is one of this schema.
    pub(super) fn validate(&self, schema: &Value, value: &Value, place: &str) {
        let errors: Vec<String> = self
            .validator(schema)
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{place}: {errors:#?}\n{value:#}");
    }

    fn validator(&self, schema: &Value) -> Validator {
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": self.page["components"]["schemas"] });
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        options.build(&whole).expect("the page holds sound schemas")
    }

    /// Notes the members that were seen, by the name of the schema that declares them.
    fn note(&self, schema: &Value, value: &Value) {
        if value.is_null() {
            return;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            let declared = &self.page["components"]["schemas"][name];
            for (member, inner) in
                value.as_object().into_iter().flatten().filter(|(_, inner)| !inner.is_null())
            {
                self.members.borrow_mut().insert((name.to_owned(), member.clone()));
                self.note(&declared["properties"][member], inner);
            }
        }
        for item in value.as_array().into_iter().flatten() {
            self.note(&schema["items"], item);
        }
        for option in schema["anyOf"].as_array().into_iter().flatten() {
            if option["$ref"].is_string() && self.validator(option).is_valid(value) {
                self.note(option, value);
            }
        }
    }

    /// Successes that the page promises and no story showed.
    pub(super) fn unseen_successes(&self) -> Vec<String> {
        let seen = self.statuses.borrow();
        let all = operations::all()
            .flat_map(|operation| operation.successes.iter().map(move |s| (operation.key, s)));
        all.filter(|(key, success)| !seen.contains(&((*key).to_owned(), success.status)))
            .map(|(key, success)| format!("{key} {}", success.status))
            .collect()
    }

    /// Members of answers that no story showed with a value.
    pub(super) fn unseen_members(&self) -> Vec<String> {
        let seen = self.members.borrow();
        let answers = super::answers::schemas();
        let all = answers.iter().flat_map(|(name, schema)| {
            let members = schema["properties"].as_object().into_iter().flatten();
            // What is always null is there for the shape of a list.
            let some = members.filter(|(_, schema)| schema["type"] != "null");
            some.map(move |(member, _)| (name.clone(), member.clone()))
        });
        all.filter(|pair| !seen.contains(pair)).map(|(name, member)| format!("{name}.{member}")).collect()
    }
}

fn check_code(operation: &Operation, answer: &Answer) {
    let code = answer.json["code"].as_str().unwrap_or_default();
    let known = problems_of(operation).remove(&answer.status).unwrap_or_default();
    let known: Vec<&str> = known.iter().map(|code| code.entry().code).collect();
    assert!(known.contains(&code), "{} answers {code}, which the page does not list", operation.key);
    assert_eq!(answer.json["status"], answer.status);
}

fn check_headers(key: &str, told: &Value, answer: &Answer) {
    let by_gateway = |body: &serde_json::Map<_, _>| body.len() == 1 && body.contains_key("message");
    if answer.json.as_object().is_some_and(by_gateway) {
        assert!(answer.header("apigw-requestid").is_some(), "{key}: API Gateway names its requests");
        return;
    }
    let mut promised = told["headers"].as_object().cloned().unwrap_or_default();
    // A page may end a visit, or wait for it.
    let may_lack = |name: &str| name == "Idempotent-Replayed" || name == "Set-Cookie" && answer.status == 200;
    promised.retain(|name, _| !may_lack(name));
    let waits = answer.json["retryable"] == json!(false);
    for name in promised.keys().filter(|name| *name != "Retry-After" || !waits) {
        assert!(answer.header(&name.to_lowercase()).is_some(), "{key} {} promises {name}", answer.status);
    }
    for name in HEADERS.iter().filter(|name| answer.header(name).is_some()) {
        let told = told["headers"].as_object().into_iter().flatten();
        let known = told.into_iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        assert!(known, "{key} {} has {name}, which the page does not know", answer.status);
    }
}
