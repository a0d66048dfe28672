//! The table in infra/cloud/README.md is written by this test: `UPDATE=1 cargo test -p acceptance template`.

use std::fmt::Write as _;

use super::iam::{Grant, grants};
use super::{file, root};

const PAGE: &str = "infra/cloud/README.md";
const BEGIN: &str = "<!-- roles: generated from template.yaml by tests/template/iam_table.rs -->\n";
const END: &str = "<!-- /roles -->";

#[test]
fn the_page_tells_what_the_template_grants() {
    let page = file(PAGE);
    let (before, rest) = page.split_once(BEGIN).expect("the page has the first mark");
    let (_, after) = rest.split_once(END).expect("the page has the second mark");
    let wanted = format!("{before}{BEGIN}{}{END}{after}", table(&grants()));
    if updating() && page != wanted {
        std::fs::write(root().join(PAGE), &wanted).expect("the page can be written");
        return;
    }
    assert!(page == wanted, "{PAGE} is out of date: run UPDATE=1 cargo test -p acceptance template");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the person at the keyboard, not a setting of the product"
)]
fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

fn table(grants: &[Grant]) -> String {
    let mut functions: Vec<&str> = grants.iter().map(|grant| grant.function.as_str()).collect();
    functions.dedup();
    let mut text = String::from(
        "\n| function | main table | keys table | TokenKey | SigningKey |\n|---|---|---|---|---|\n",
    );
    for function in &functions {
        let cell = |prefix: &str| cell(grants, function, prefix);
        let _ = writeln!(
            text,
            "| {function} | {} | {} | {} | {} |",
            cell("Table"),
            cell("KeysTable"),
            cell("TokenKey"),
            cell("SigningKey")
        );
    }
    text.push_str("\nFor the encryption at rest, and for the log:\n\n");
    text.push_str(
        "| function | DataKey, through DynamoDB (events-out: and SQS) | own log group |\n|---|---|---|\n",
    );
    for function in &functions {
        let cell = |prefix: &str| cell(grants, function, prefix);
        let log = grants.iter().find(|grant| grant.function == **function && grant.resource.ends_with("Log"));
        let log = log.map_or("–".to_owned(), actions);
        let _ = writeln!(text, "| {function} | {} | {log} |", cell("DataKey"));
    }
    text.push_str("\nAnd what one of them needs to hear the stream and to tell of it:\n\n");
    text.push_str("| function | may |\n|---|---|\n");
    for function in &functions {
        let own = grants.iter().filter(|grant| grant.function == **function);
        let others = own.filter(|grant| is_other(&grant.resource));
        let lines: Vec<String> =
            others.map(|grant| format!("{} on `{}`", actions(grant), grant.resource)).collect();
        if !lines.is_empty() {
            let _ = writeln!(text, "| {function} | {} |", lines.join("<br>"));
        }
    }
    text.push('\n');
    text
}

/// Whether the tables above have no column for it.
fn is_other(resource: &str) -> bool {
    let told = ["Table", "Table/index/follow-up", "KeysTable", "TokenKey", "SigningKey", "DataKey"];
    !told.contains(&resource) && !resource.ends_with("Log")
}

fn cell(grants: &[Grant], function: &str, resource: &str) -> String {
    let own = grants.iter().filter(|grant| grant.function == function);
    let here =
        own.filter(|grant| grant.resource.split('/').next() == Some(resource) && !is_other(&grant.resource));
    let lines: Vec<String> = here.map(line).collect();
    if lines.is_empty() { "–".to_owned() } else { lines.join("<br>") }
}

fn line(grant: &Grant) -> String {
    let subject = grant.subject();
    let what = match subject.split_once([' ', '/']) {
        Some(("TokenKey", purpose)) => format!(" (purpose `{purpose}`)"),
        Some((_, index)) => format!(" on `{index}`"),
        None => String::new(),
    };
    let rows: Vec<_> = grant.rows().iter().map(|row| format!("`{row}`")).collect();
    let rows = if rows.is_empty() { String::new() } else { format!(": {}", rows.join(" ")) };
    let only: Vec<_> = grant.attributes().iter().map(|name| format!("`{name}`")).collect();
    let only = if only.is_empty() { String::new() } else { format!(" ({} only)", only.join(" ")) };
    let when = match grant.with_certificate {
        None => "",
        Some(true) => ", with a certificate",
        Some(false) => ", without one",
    };
    format!("{}{what}{rows}{only}{when}", actions(grant))
}

fn actions(grant: &Grant) -> String {
    let bare = |action: &String| action.split_once(':').map_or(action.clone(), |(_, name)| name.to_owned());
    grant.actions.iter().map(bare).collect::<Vec<_>>().join(", ")
}
