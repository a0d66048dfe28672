//! What holds for every role, and for the one that anybody on the internet can make work.

use std::collections::BTreeSet;

use super::iam::{ANYTHING, Grant, TRACE, grants, shows, statements};
use super::{of_type, read, strings};

/// The pages count connections and cannot read one: neither whose it is nor what is sealed in it.
#[test]
fn a_public_page_sees_of_a_connection_only_whether_it_is_live() {
    let of_pages = grants().into_iter().filter(|grant| grant.function == "pages");
    let connections: Vec<Grant> =
        of_pages.filter(|grant| grant.rows().iter().any(|row| row.starts_with('S'))).collect();
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].attributes(), ["pk", "sk", "live"]);
    assert_eq!(connections[0].condition["StringEqualsIfExists"]["dynamodb:Select"], "SPECIFIC_ATTRIBUTES");
    let asked = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let shown = connections[0].attributes();
    assert!(shows(&shown, &asked(&["sk", "live"])));
    assert!(!shows(&shown, &asked(&["live", "blob"])) && !shows(&shown, &[]));
}

#[test]
fn a_function_may_write_traces_and_nothing_else_without_a_name() {
    let traces: Vec<_> = grants().into_iter().filter(|grant| grant.resource == ANYTHING).collect();
    let writers: BTreeSet<_> = traces.iter().map(|grant| grant.function.clone()).collect();
    assert_eq!(writers, super::functions());
    for grant in traces {
        assert_eq!(grant.actions, TRACE, "{}", grant.function);
    }
}

#[test]
fn no_role_has_a_wildcard_or_a_managed_policy() {
    let template = read();
    for (name, role) in of_type(&template, "AWS::IAM::Role") {
        let properties = &role["Properties"];
        assert!(properties["ManagedPolicyArns"].is_null(), "{name}");
        for policy in properties["Policies"].as_array().expect("policies") {
            for (_, statement) in statements(policy) {
                assert!(statement["NotAction"].is_null() && statement["NotResource"].is_null(), "{name}");
                assert!(!statement["Action"].to_string().contains('*'), "{name}: {}", statement["Action"]);
                // A table's streams have names that only AWS knows, and X-Ray has nothing to name.
                let streams = strings(&statement["Action"]).contains(&"dynamodb:ListStreams".to_owned());
                let traces = strings(&statement["Action"]) == TRACE;
                let resource = statement["Resource"].to_string();
                let resource = if streams { resource.replace("/stream/*", "") } else { resource };
                assert!(traces || !resource.contains('*'), "{name}: {resource}");
            }
        }
    }
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        assert!(function["Properties"]["Policies"].is_null(), "{name}: no policy templates");
    }
}
