//! What template.yaml promises, checked without AWS: the routes and scopes (compared with the code's own tables), the
//! rights of every role, and the settings that keep data when something goes wrong.
//!
//! A linter cannot know any of this, and `sam validate --lint` even lets a misspelt `!GetAtt` inside a function pass.

mod called;
mod environment;
mod iam;
mod iam_rules;
mod iam_table;
mod operations;
mod references;
mod resources;
mod yaml;

#[cfg(test)]
pub(crate) use yaml::json_of as json_of_yaml;

pub(crate) use iam::allows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// Function (its folder), `METHOD /path`, and the scopes of which one is enough; none means public.
pub(crate) type TemplateRoute = (String, String, BTreeSet<String>);

/// Every HTTP route of template.yaml.
pub(crate) fn routes() -> BTreeSet<TemplateRoute> {
    let template = read();
    let functions = of_type(&template, "AWS::Serverless::Function");
    functions.values().flat_map(routes_of).collect()
}

/// Every function of template.yaml, by its folder.
pub(crate) fn functions() -> BTreeSet<String> {
    of_type(&read(), "AWS::Serverless::Function").values().map(folder).collect()
}

/// The names of the environment variables that every function gets.
pub(crate) fn variables() -> BTreeSet<String> {
    let template = read();
    let variables =
        template["Globals"]["Function"]["Environment"]["Variables"].as_object().expect("variables");
    variables.keys().cloned().collect()
}

/// Those that a schedule starts.
pub(crate) fn scheduled() -> BTreeSet<String> {
    let template = read();
    let has_schedule = |function: &&Value| {
        let events = function["Properties"]["Events"].as_object().expect("a function has events");
        events.values().any(|event| event["Type"] == "ScheduleV2")
    };
    of_type(&template, "AWS::Serverless::Function").values().filter(has_schedule).map(folder).collect()
}

fn routes_of(function: &Value) -> Vec<TemplateRoute> {
    let events = function["Properties"]["Events"].as_object().expect("a function has events");
    let http = events.values().filter(|event| event["Type"] == "HttpApi");
    http.map(|event| {
        let properties = &event["Properties"];
        let key = format!("{} {}", text(&properties["Method"]), text(&properties["Path"]));
        (folder(function), key, strings(&properties["Auth"]["AuthorizationScopes"]).into_iter().collect())
    })
    .collect()
}

#[test]
fn a_route_is_public_or_names_its_scopes() {
    for (name, function) in of_type(&read(), "AWS::Serverless::Function") {
        for (event, route) in function["Properties"]["Events"].as_object().expect("a function has events") {
            let auth = &route["Properties"]["Auth"];
            let public = auth["Authorizer"] == "NONE" && auth["AuthorizationScopes"].is_null();
            let scoped = auth["Authorizer"].is_null() && !strings(&auth["AuthorizationScopes"]).is_empty();
            assert!(route["Type"] != "HttpApi" || public || scoped, "{name} {event}: public or with scopes?");
        }
    }
    assert!(!routes().is_empty());
}

#[test]
fn a_route_that_says_nothing_is_refused() {
    let api = &read()["Resources"]["HttpApi"]["Properties"];
    let default = text(&api["Auth"]["DefaultAuthorizer"]);
    let jwt = &api["Auth"]["Authorizers"][default]["JwtConfiguration"];
    assert_eq!(jwt["issuer"]["Ref"], "JwtIssuer");
    assert_eq!(jwt["audience"][0]["Ref"], "JwtAudience");
}

#[test]
fn no_route_is_there_twice() {
    let all = routes();
    let keys: BTreeSet<_> = all.iter().map(|(_, key, _)| key).collect();
    assert_eq!(keys.len(), all.len());
}

fn read() -> Value {
    yaml::parse(&file("template.yaml"))
}

fn file(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

/// Sorted by name: the order of a parsed map depends on a feature of `serde_json` that any crate may switch on.
fn of_type(template: &Value, kind: &str) -> BTreeMap<String, Value> {
    let resources = template["Resources"].as_object().expect("a template has resources");
    let wanted = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    wanted.map(|(name, resource)| (name.clone(), resource.clone())).collect()
}

/// The folder under functions/, which is also the name of package, binary and `HttpFunction`.
fn folder(function: &Value) -> String {
    text(&function["Metadata"]["BuildProperties"]["Binary"]).to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a string was expected, not {value}"))
}

/// A list of strings; a single string counts as one, nothing as none.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(|item| text(item).to_owned()).collect(),
        one => vec![text(one).to_owned()],
    }
}
