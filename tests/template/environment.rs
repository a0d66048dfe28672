//! What the template hands to the functions is what the code can read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::settings::{Credential, Settings};

use super::{of_type, read, text};

/// api.md, "Settings of the functions".
const SETTINGS: &[&str] = &[
    "PUBLIC_URL",
    "RETURN_ORIGINS",
    "APP_NAME",
    "PUBLISHER_ID",
    "SUPPORT_CONTACT",
    "FEATURES",
    "PERSIST",
    "JWT_CLAIM_CUSTOMER",
    "JWT_CLAIM_ROLES",
    "MICROSOFT_CLOUD",
    "MICROSOFT_LOGIN_URL",
    "MICROSOFT_GRAPH_URL",
    "MICROSOFT_CLIENT_ID",
    "MICROSOFT_CLIENT_KEY_ID",
    "MICROSOFT_CLIENT_CERTIFICATE",
    "MICROSOFT_CLIENT_SECRET_CIPHERTEXT",
    "TABLE_NAME",
    "KEYS_TABLE_NAME",
    "TOKEN_KEY_ID",
    "INTERVIEW_RETENTION_DAYS",
    "EVENT_BUS",
    "RESTORED_AT",
    "METRICS_NAMESPACE",
];

#[test]
fn the_environment_is_the_list_of_settings() {
    let template = read();
    let variables =
        template["Globals"]["Function"]["Environment"]["Variables"].as_object().expect("variables");
    let given: BTreeSet<_> = variables.keys().map(String::as_str).collect();
    assert_eq!(given, SETTINGS.iter().copied().collect());
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        assert!(function["Properties"]["Environment"].is_null(), "{name}: settings are the same for all");
    }
}

#[test]
fn the_code_takes_the_template_with_its_defaults() {
    let environment = environment(&[
        ("ReturnOrigins", "https://app.ats.example,http://localhost:3000"),
        ("MicrosoftClientId", "11111111-2222-3333-4444-555555555555"),
        ("MicrosoftClientSecretCiphertext", "AQIDBA=="),
    ]);
    assert_eq!(settings(&environment).err(), None);
}

/// A deploy has the key of the certificate that it is told of, and without one neither.
#[test]
fn the_signing_key_comes_with_its_certificate() {
    let certificate = "A1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1vW2xY3zA4b4@2027-11-29";
    let usual = [("ReturnOrigins", "https://app.ats.example"), ("MicrosoftClientId", "app")];
    let read = |more: &[(&str, &str)]| {
        settings(&environment(&[&usual, more].concat())).map(|settings| settings.microsoft.credential)
    };
    let signing = read(&[("MicrosoftClientCertificate", certificate)]).expect("complete");
    assert!(matches!(signing, Credential::SigningKey { key_id, .. } if key_id == "arn"));
    let secret = read(&[("MicrosoftClientSecretCiphertext", "AQIDBA==")]).expect("complete");
    assert!(matches!(secret, Credential::SecretCiphertext(_)));
    let both = [("MicrosoftClientCertificate", certificate), ("MicrosoftClientSecretCiphertext", "AQIDBA==")];
    assert_eq!(read(&both).expect_err("both").name, "MICROSOFT_CLIENT_SECRET_CIPHERTEXT");
    // After the first deploy, until one is made.
    assert_eq!(read(&[]).expect_err("none").name, "MICROSOFT_CLIENT_KEY_ID");
}

#[test]
fn every_choice_that_the_template_offers_is_one_of_the_code() {
    let template = read();
    for parameter in ["Persist", "MicrosoftCloud"] {
        for choice in template["Parameters"][parameter]["AllowedValues"].as_array().expect("choices") {
            let choice = text(choice);
            let environment = environment(&[
                ("ReturnOrigins", "https://app.ats.example"),
                ("MicrosoftClientId", "app"),
                ("MicrosoftClientSecretCiphertext", "AQIDBA=="),
                (parameter, choice),
            ]);
            assert_eq!(settings(&environment).err(), None, "{parameter} = {choice}");
        }
    }
}

fn settings(environment: &BTreeMap<String, String>) -> Result<Settings, shared::settings::BadSetting> {
    Settings::read(&|name| environment.get(name).cloned())
}

/// The variables of a deploy with these parameters, the others at their defaults.
fn environment(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let template = read();
    let variables =
        template["Globals"]["Function"]["Environment"]["Variables"].as_object().expect("variables");
    let holds = |condition: &Value| {
        let named = &template["Conditions"][text(condition)]["Fn::Not"][0]["Fn::Equals"];
        assert_eq!(named[1], "", "{condition}: whether a parameter is empty is all that is understood here");
        !parameter(&template, text(&named[0]["Ref"]), given).is_empty()
    };
    let value = |variable: &Value| {
        let choice = &variable["Fn::If"];
        let chosen = if choice.is_null() { variable } else { &choice[if holds(&choice[0]) { 1 } else { 2 }] };
        match (chosen["Ref"].as_str(), chosen) {
            (Some(name), _) => parameter(&template, name, given),
            (None, Value::String(constant)) => constant.clone(),
            // An ARN: what it is called is AWS's business.
            (None, _) => "arn".to_owned(),
        }
    };
    variables.iter().map(|(name, variable)| (name.clone(), value(variable))).collect()
}

fn parameter(template: &Value, name: &str, given: &[(&str, &str)]) -> String {
    let chosen = given.iter().find(|(parameter, _)| *parameter == name);
    match (chosen, &template["Parameters"][name]["Default"]) {
        (Some((_, value)), _) => (*value).to_owned(),
        (None, Value::String(default)) => default.clone(),
        (None, Value::Number(default)) => default.to_string(),
        // A resource: its name is chosen by AWS.
        (None, _) => name.to_owned(),
    }
}
