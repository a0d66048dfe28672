//! What each role may do. architecture.md 9 in the form in which a machine can hold the template to it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use super::{called, folder, of_type, read, strings, text};

const DATA_KEY: &str =
    "Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey";

/// X-Ray has no resources to name, so this right is for all of them; it is the only one.
pub(super) const ANYTHING: &str = "*";
pub(super) const TRACE: [&str; 2] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

/// What assertions are signed with, and nothing else is.
const PS256: &str = "RSASSA_PSS_SHA_256";

/// Function, resource (with the purpose, for TokenKey), actions. Beyond these every role writes its own log group and
/// traces.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("oauth-callback", "Table", "GetItem BatchGetItem PutItem UpdateItem"),
    ("oauth-callback", "KeysTable", "BatchGetItem PutItem"),
    ("oauth-callback", "TokenKey customer-key", "GenerateDataKey Decrypt"),
    ("oauth-callback", "TokenKey client-secret", "Decrypt"),
    ("oauth-callback", "SigningKey", "Sign"),
    ("oauth-callback", "DataKey", DATA_KEY),
    ("interviews", "Table", "GetItem BatchGetItem PutItem UpdateItem DeleteItem Query"),
    ("interviews", "KeysTable", "GetItem BatchGetItem"),
    ("interviews", "TokenKey customer-key", "Decrypt"),
    ("interviews", "TokenKey client-secret", "Decrypt"),
    ("interviews", "SigningKey", "Sign"),
    ("interviews", "DataKey", DATA_KEY),
    ("availability", "Table", "GetItem BatchGetItem Query PutItem UpdateItem"),
    ("availability", "KeysTable", "BatchGetItem"),
    ("availability", "TokenKey customer-key", "Decrypt"),
    ("availability", "TokenKey client-secret", "Decrypt"),
    ("availability", "SigningKey", "Sign"),
    ("availability", "DataKey", DATA_KEY),
    ("token-refresh", "Table", "Query GetItem UpdateItem"),
    ("token-refresh", "KeysTable", "GetItem"),
    ("token-refresh", "TokenKey customer-key", "Decrypt"),
    ("token-refresh", "TokenKey client-secret", "Decrypt"),
    ("token-refresh", "SigningKey", "Sign"),
    ("token-refresh", "DataKey", DATA_KEY),
    ("follow-ups", "Table", "Query GetItem BatchGetItem PutItem UpdateItem DeleteItem"),
    ("follow-ups", "Table/index/follow-up", "Query"),
    ("follow-ups", "KeysTable", "GetItem BatchGetItem Query DeleteItem"),
    ("follow-ups", "TokenKey customer-key", "Decrypt"),
    ("follow-ups", "TokenKey client-secret", "Decrypt"),
    ("follow-ups", "SigningKey", "Sign"),
    ("follow-ups", "DataKey", DATA_KEY),
    ("connections", "Table", "GetItem BatchGetItem PutItem UpdateItem Query"),
    ("connections", "KeysTable", "GetItem BatchGetItem Query DeleteItem"),
    ("connections", "TokenKey customer-key", "Decrypt"),
    ("connections", "TokenKey client-secret", "Decrypt"),
    ("connections", "SigningKey", "Sign"),
    ("connections", "DataKey", DATA_KEY),
    ("consent", "Table", "GetItem PutItem UpdateItem Query"),
    ("consent", "DataKey", DATA_KEY),
    ("events-out", "Table", "GetItem Query"),
    ("events-out", "Table/stream/*", "DescribeStream GetRecords GetShardIterator ListStreams"),
    ("events-out", "EventBus", "PutEvents"),
    ("events-out", "DeadLetters", "SendMessage"),
    ("events-out", "DataKey", DATA_KEY),
    ("pages", "Table", "GetItem Query"),
    ("pages", "DataKey", DATA_KEY),
];

/// One Allow statement of a function's role.
pub(super) struct Grant {
    pub function: String,
    pub resource: String,
    pub actions: Vec<String>,
    pub condition: Value,
    /// Whether it is there only with a certificate (`true`) or only without one (`false`).
    pub with_certificate: Option<bool>,
}

impl Grant {
    /// Rows that the grant is limited to, as prefixes of the partition key.
    pub(super) fn rows(&self) -> Vec<String> {
        strings(&self.condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
    }

    /// The only attributes that may be read; none: all.
    pub(super) fn attributes(&self) -> Vec<String> {
        strings(&self.condition["ForAllValues:StringEquals"]["dynamodb:Attributes"])
    }

    fn purpose(&self) -> Option<&str> {
        self.condition["StringEquals"]["kms:EncryptionContext:purpose"].as_str()
    }

    fn algorithm(&self) -> Option<&str> {
        self.condition["StringEquals"]["kms:SigningAlgorithm"].as_str()
    }

    /// TokenKey is two keys in one, told apart by the purpose in the encryption context.
    pub(super) fn subject(&self) -> String {
        self.purpose().map_or(self.resource.clone(), |purpose| format!("{} {purpose}", self.resource))
    }
}

pub(super) fn grants() -> Vec<Grant> {
    let template = read();
    let mut grants = Vec::new();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        assert_eq!(function["Properties"]["Role"]["Fn::GetAtt"], format!("{name}Role.Arn"));
        let role = &template["Resources"][format!("{name}Role")]["Properties"];
        let policies = role["Policies"].as_array().expect("a role spells its policies");
        let statements = policies.iter().flat_map(statements);
        grants.extend(statements.map(|(when, statement)| grant(folder(&function), statement, when)));
    }
    grants
}

/// The statements of a policy; of those with a condition both sides, told apart.
pub(super) fn statements<'a>(policy: &'a Value) -> Vec<(Option<bool>, &'a Value)> {
    let all = policy["PolicyDocument"]["Statement"].as_array().expect("statements");
    let sides = |statement: &'a Value| match &statement["Fn::If"] {
        Value::Null => vec![(None, statement)],
        choice => {
            assert_eq!(choice[0], "UsesCertificate");
            vec![(Some(true), &choice[1]), (Some(false), &choice[2])]
        }
    };
    all.iter().flat_map(sides).collect()
}

/// Whether the template's role of the caller allows this. The caller is the function's name.
pub(crate) fn allows(wanted: &sim::Wanted, certificate: bool) -> bool {
    static GRANTS: OnceLock<Vec<Grant>> = OnceLock::new();
    let mut of_caller = GRANTS.get_or_init(grants).iter().filter(|grant| grant.function == wanted.caller);
    let (service, action) = wanted.action.split_once(':').unwrap_or_default();
    let granted = of_caller.find(|grant| {
        grant.with_certificate.is_none_or(|with| with == certificate)
            && grant.actions.iter().any(|granted| granted.rsplit(':').next() == Some(action))
            && grant.resource == resource(service, wanted)
            && grant.purpose() == wanted.context.get("purpose").map(String::as_str)
            && grant.algorithm() == wanted.algorithm.as_deref()
            && reaches(&grant.rows(), &wanted.leading_keys)
            && shows(&grant.attributes(), &wanted.attributes)
    });
    if let Some(grant) = granted {
        let touched = |row: &String| wanted.leading_keys.iter().any(|key| like(row, key));
        called::note(grant, action, &grant.rows().into_iter().filter(touched).collect::<Vec<_>>());
    }
    granted.is_some()
}

/// The template's name of a table or key of the local stack.
fn resource(service: &str, wanted: &sim::Wanted) -> String {
    let name = match (service, wanted.resource.as_str()) {
        ("kms", key) if key.starts_with("alias/convene-signing") => "SigningKey",
        ("kms", _) => "TokenKey",
        ("events", _) => "EventBus",
        (_, "convene-keys") => "KeysTable",
        _ => "Table",
    };
    wanted.index.as_ref().map_or(name.to_owned(), |index| format!("{name}/index/{index}"))
}

/// `ForAllValues:StringLike`: every row is one of these; a grant without rows is for all.
fn reaches(rows: &[String], keys: &[String]) -> bool {
    rows.is_empty() || keys.iter().all(|key| rows.iter().any(|row| like(row, key)))
}

fn like(row: &str, key: &str) -> bool {
    match row.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => row == key,
    }
}

/// `ForAllValues:StringEquals` with `SPECIFIC_ATTRIBUTES`: what is asked for is named, and is one of these.
pub(super) fn shows(attributes: &[String], asked: &[String]) -> bool {
    attributes.is_empty() || !asked.is_empty() && asked.iter().all(|name| attributes.contains(name))
}

fn grant(function: String, statement: &Value, with_certificate: Option<bool>) -> Grant {
    assert_eq!(text(&statement["Effect"]), "Allow", "{function}");
    let resource = &statement["Resource"];
    let any = resource.as_str().filter(|all| *all == ANYTHING);
    let named = resource["Fn::GetAtt"].as_str().or_else(|| resource["Fn::Sub"].as_str()).or(any);
    let named = named.unwrap_or_else(|| panic!("{function}: one resource by name, not {resource}"));
    Grant {
        resource: named.replace(".Arn", "").replace(['$', '{', '}'], ""),
        actions: strings(&statement["Action"]),
        condition: statement["Condition"].clone(),
        with_certificate,
        function,
    }
}

#[test]
fn a_role_may_do_what_its_story_needs_and_nothing_else() {
    let of = |function: &str, subject: &str, action: &str| format!("{function}: {action} on {subject}");
    let given = grants().into_iter().filter(|grant| !beside_the_story(grant)).flat_map(|grant| {
        let bare = |action: &String| action.split_once(':').expect("service:Action").1.to_owned();
        let actions: Vec<_> = grant.actions.iter().map(bare).collect();
        actions.into_iter().map(move |action| of(&grant.function, &grant.subject(), &action))
    });
    let expected = EXPECTED.iter().flat_map(|(function, subject, actions)| {
        actions.split(' ').map(move |action| of(function, subject, action))
    });
    let (given, expected): (BTreeSet<_>, BTreeSet<_>) = (given.collect(), expected.collect());
    let extra: Vec<_> = given.difference(&expected).collect();
    let missing: Vec<_> = expected.difference(&given).collect();
    assert!(extra.is_empty() && missing.is_empty(), "too much: {extra:#?}\nmissing: {missing:#?}");
}

#[test]
fn a_function_writes_its_own_log_and_does_not_make_one() {
    let logs: Vec<_> = grants().into_iter().filter(|grant| grant.resource.ends_with("Log")).collect();
    assert_eq!(logs.len(), of_type(&read(), "AWS::Serverless::Function").len());
    for grant in logs {
        let own = grant.resource.trim_end_matches("Log").to_lowercase();
        assert_eq!(own, grant.function.replace('-', ""));
        assert_eq!(grant.actions, ["logs:CreateLogStream", "logs:PutLogEvents"]);
    }
}

#[test]
fn every_grant_on_a_key_says_for_what() {
    for grant in grants() {
        let at = format!("{}: {}", grant.function, grant.resource);
        let via = &grant.condition["StringEquals"]["kms:ViaService"]["Fn::Sub"];
        let context = strings(&grant.condition["ForAllValues:StringEquals"]["kms:EncryptionContextKeys"]);
        match (grant.resource.as_str(), grant.purpose()) {
            ("TokenKey", Some("customer-key")) => {
                assert_eq!(context, ["purpose", "customer", "version"], "{at}");
            }
            ("TokenKey", Some("client-secret")) => {
                assert_eq!(
                    (context, grant.with_certificate),
                    (vec!["purpose".to_owned()], Some(false)),
                    "{at}"
                );
            }
            ("SigningKey", None) => {
                assert_eq!((grant.algorithm(), grant.with_certificate), (Some(PS256), Some(true)), "{at}");
            }
            ("TokenKey", other) => panic!("{at}: purpose {other:?}"),
            ("DataKey", _) => {
                let queue = grant.function == "events-out" && via == "sqs.${AWS::Region}.amazonaws.com";
                assert!(queue || via == "dynamodb.${AWS::Region}.amazonaws.com", "{at}: {via}");
            }
            ("Table" | "Table/index/follow-up", _) => assert!(limited(&grant.rows()), "{at}: which rows?"),
            _ => {}
        }
    }
}

fn limited(rows: &[String]) -> bool {
    !rows.is_empty() && rows.iter().all(|row| !row.starts_with('*'))
}

/// What every role has: its own log group, and X-Ray.
pub(super) fn beside_the_story(grant: &Grant) -> bool {
    grant.resource.ends_with("Log") || grant.resource == ANYTHING
}
