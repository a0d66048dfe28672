//! Reads template.yaml as JSON, the short tags of CloudFormation in their long form: `!Ref X` is `{"Ref": "X"}` and
//! `!GetAtt X.Arn` is `{"Fn::GetAtt": "X.Arn"}`.

use saphyr::{LoadableYamlNode, Scalar, Tag, Yaml};
use serde_json::{Map, Value, json};

pub(super) fn parse(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).expect("template.yaml is YAML");
    let [document] = documents.as_slice() else { panic!("template.yaml holds one document") };
    json_of(document)
}

pub(crate) fn json_of(node: &Yaml) -> Value {
    match node {
        Yaml::Value(scalar) => scalar_of(scalar),
        Yaml::Sequence(items) => Value::Array(items.iter().map(json_of).collect()),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = key.as_str().expect("a key is a string").to_owned();
                assert!(object.insert(key.clone(), json_of(value)).is_none(), "{key} is there twice");
            }
            Value::Object(object)
        }
        Yaml::Tagged(tag, inner) => long_form(tag, json_of(inner)),
        // A tagged scalar is kept as it is written: `!Ref 1` would still name something called "1".
        Yaml::Representation(text, _, Some(tag)) => long_form(tag, json!(text)),
        Yaml::Representation(text, _, None) => json!(text),
        Yaml::Alias(_) | Yaml::BadValue => panic!("CloudFormation takes no aliases"),
    }
}

fn scalar_of(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => json!(value.into_inner()),
        Scalar::String(text) => json!(text),
    }
}

fn long_form(tag: &Tag, inner: Value) -> Value {
    let name = match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        function => format!("Fn::{function}"),
    };
    Value::Object(Map::from_iter([(name, inner)]))
}
