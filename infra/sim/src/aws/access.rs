//! What a request asks of AWS, spelled as IAM would: who, which action, which table and rows, for what purpose.
//!
//! Without rules everything is allowed. With rules, what they do not allow is refused as AWS refuses it, and is a
//! violation: a story that passes has shown that its role suffices.

use super::Aws;
use crate::faults::json_answer;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// One permission that a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The access key id of the request's signature.
    pub caller: String,
    /// `dynamodb:GetItem`, `kms:Decrypt`.
    pub action: String,
    /// The table or the key.
    pub resource: String,
    /// The index, if one is asked.
    pub index: Option<String>,
    /// `dynamodb:LeadingKeys`: the partition keys that are touched.
    pub leading_keys: Vec<String>,
    /// `dynamodb:Attributes` of a query that names what it wants to read.
    pub attributes: Vec<String>,
    /// `kms:EncryptionContext`.
    pub context: BTreeMap<String, String>,
    /// `kms:SigningAlgorithm`.
    pub algorithm: Option<String>,
}

/// Says whether a permission is granted.
pub type Rules = Arc<dyn Fn(&Wanted) -> bool + Send + Sync>;

/// The refusal, if the rules do not allow all that the request needs.
pub(super) fn refusal(
    aws: &Aws,
    headers: &HeaderMap,
    service: &str,
    operation: &str,
    body: &str,
) -> Option<Response> {
    let rules = crate::lock(&aws.rules).clone()?;
    let request: Value = serde_json::from_str(body).unwrap_or_default();
    let caller = caller(headers);
    let all = match service {
        "kms" => vec![kms(&caller, operation, &request)],
        "events" => events(&caller, operation, &request),
        _ => dynamodb(aws, &caller, operation, &request),
    };
    let refused = all.iter().find(|wanted| !rules(wanted))?;
    let Wanted { action, resource, leading_keys, .. } = refused;
    aws.journal.violation(format!("{caller} may not {action} on {resource} {leading_keys:?}"));
    let message = format!("User {caller} is not authorized to perform {action} on {resource}");
    Some(json_answer(400, &json!({ "__type": "AccessDeniedException", "message": message })))
}

/// `Credential=<access key id>/<date>/…` of Signature Version 4.
fn caller(headers: &HeaderMap) -> String {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = header.split("Credential=").nth(1).unwrap_or_default();
    credential.split('/').next().unwrap_or_default().to_owned()
}

fn kms(caller: &str, operation: &str, request: &Value) -> Wanted {
    let context = request["EncryptionContext"].as_object().into_iter().flatten();
    Wanted {
        caller: caller.to_owned(),
        action: format!("kms:{operation}"),
        resource: request["KeyId"].as_str().unwrap_or_default().to_owned(),
        index: None,
        leading_keys: Vec::new(),
        attributes: Vec::new(),
        context: context.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect(),
        algorithm: request["SigningAlgorithm"].as_str().map(str::to_owned),
    }
}

fn events(caller: &str, operation: &str, request: &Value) -> Vec<Wanted> {
    let entries = request["Entries"].as_array().into_iter().flatten();
    let buses = entries.map(|entry| entry["EventBusName"].as_str().unwrap_or_default().to_owned());
    let wanted = |bus| Wanted {
        action: format!("events:{operation}"),
        resource: bus,
        ..kms(caller, operation, &Value::Null)
    };
    buses.map(wanted).collect()
}

fn dynamodb(aws: &Aws, caller: &str, operation: &str, request: &Value) -> Vec<Wanted> {
    let one = |action: &str, body: &Value, items: &[&Value]| {
        let table = body["TableName"].as_str().unwrap_or_default().to_owned();
        let hash = hash_key(aws, &table, body["IndexName"].as_str());
        let keys = items.iter().filter_map(|item| item[&hash]["S"].as_str().map(str::to_owned));
        Wanted {
            caller: caller.to_owned(),
            action: format!("dynamodb:{action}"),
            leading_keys: keys.collect(),
            index: body["IndexName"].as_str().map(str::to_owned),
            resource: table,
            attributes: Vec::new(),
            context: BTreeMap::new(),
            algorithm: None,
        }
    };
    match operation {
        "BatchGetItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            let keys = |body: &Value| body["Keys"].as_array().cloned().unwrap_or_default();
            tables
                .map(|(table, body)| {
                    let keys = keys(body);
                    one(operation, &json!({ "TableName": table }), &keys.iter().collect::<Vec<_>>())
                })
                .collect()
        }
        "TransactWriteItems" => {
            let actions =
                request["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            let parts = actions.flat_map(|action| action.iter());
            parts.map(|(kind, body)| one(&action_of(kind), body, &[&body["Key"], &body["Item"]])).collect()
        }
        "Query" => {
            let mut wanted = one(operation, request, &[]);
            wanted.leading_keys = queried(request).into_iter().collect();
            let named = request["ProjectionExpression"].as_str().into_iter().flat_map(|list| list.split(','));
            wanted.attributes = named.map(|name| name.trim().to_owned()).collect();
            vec![wanted]
        }
        _ => vec![one(operation, request, &[&request["Key"], &request["Item"]])],
    }
}

fn action_of(kind: &str) -> String {
    if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") }
}

/// The partition key of a query: the value of its first equality.
fn queried(request: &Value) -> Option<String> {
    let expression = request["KeyConditionExpression"].as_str()?;
    let name = expression.split('=').nth(1)?.split_whitespace().next()?.trim_end_matches(')');
    request["ExpressionAttributeValues"][name]["S"].as_str().map(str::to_owned)
}

/// Names of partition keys by table and index. A description counts the rows of the table: too slow for every request.
pub(super) type HashKeys = Mutex<HashMap<(String, Option<String>), String>>;

fn hash_key(aws: &Aws, table: &str, index: Option<&str>) -> String {
    let of = (table.to_owned(), index.map(str::to_owned));
    if let Some(known) = crate::lock(&aws.hash_keys).get(&of) {
        return known.clone();
    }
    let Some(found) = described(aws, table, index) else { return String::new() };
    crate::lock(&aws.hash_keys).insert(of, found.clone());
    found
}

fn described(aws: &Aws, table: &str, index: Option<&str>) -> Option<String> {
    let request = json!({ "TableName": table }).to_string();
    let text = super::dynamodb::run(&aws.database, "DescribeTable", &request)?.ok()?;
    let described: Value = serde_json::from_str(&text).ok()?;
    let table = &described["Table"];
    let indexes = table["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    let found = index.and_then(|name| indexes.clone().find(|i| i["IndexName"].as_str() == Some(name)));
    let schema = found.map_or(&table["KeySchema"], |index| &index["KeySchema"]);
    let hash = schema.as_array()?.iter().find(|part| part["KeyType"] == "HASH")?;
    hash["AttributeName"].as_str().map(str::to_owned)
}
