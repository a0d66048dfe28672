//! Every name that the template uses is declared in it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{read, text};

#[test]
fn every_reference_names_something() {
    let template = read();
    let declared: BTreeSet<String> =
        ["Parameters", "Resources"].iter().flat_map(|section| names(&template[section])).collect();
    let conditions = names(&template["Conditions"]);
    let mut used = Used::default();
    used.collect(&template);

    let resource = |name: &str| name.starts_with("AWS::") || declared.contains(root_of(name));
    let unknown: Vec<_> = used.resources.iter().filter(|name| !resource(name)).collect();
    assert!(unknown.is_empty(), "no such parameter or resource: {unknown:?}");
    let unknown: Vec<_> = used.conditions.difference(&conditions).collect();
    assert!(unknown.is_empty(), "no such condition: {unknown:?}");
}

#[test]
fn every_parameter_and_condition_is_used() {
    let template = read();
    let mut used = Used::default();
    used.collect(&template);
    let idle: Vec<_> = names(&template["Parameters"]).difference(&used.resources).cloned().collect();
    assert!(idle.is_empty(), "parameters without effect: {idle:?}");
    let idle: Vec<_> = names(&template["Conditions"]).difference(&used.conditions).cloned().collect();
    assert!(idle.is_empty(), "conditions without effect: {idle:?}");
}

#[derive(Default)]
struct Used {
    resources: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl Used {
    fn collect(&mut self, value: &Value) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object {
                    self.note(key, inner);
                    self.collect(inner);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn note(&mut self, key: &str, inner: &Value) {
        match (key, inner) {
            ("Ref" | "Fn::GetAtt", name) => _ = self.resources.insert(text(name).to_owned()),
            ("Fn::Sub", pattern) => self.resources.extend(placeholders(text(pattern))),
            ("Fn::If", choice) => _ = self.conditions.insert(text(&choice[0]).to_owned()),
            ("Condition", Value::String(name)) => _ = self.conditions.insert(name.clone()),
            _ => {}
        }
    }
}

fn placeholders(pattern: &str) -> Vec<String> {
    let starts = pattern.split("${").skip(1);
    starts.map(|rest| rest.split_once('}').expect("a placeholder ends").0.to_owned()).collect()
}

fn root_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(resource, _)| resource)
}

fn names(section: &Value) -> BTreeSet<String> {
    section.as_object().expect("a section").keys().cloned().collect()
}
