//! Looks at everything that is stored, as no product code may: for `/_local/state`, TTL and the hunt for secrets.

use super::dynamodb::run;
use crate::hunt::Hunt;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dynoxide::Database;
use serde_json::{Map, Value, json};

pub(super) fn dump(database: &Database) -> Value {
    let tables: Map<String, Value> =
        tables(database).into_iter().map(|table| (table.clone(), items(database, &table).into())).collect();
    Value::Object(tables)
}

/// See [`super::Aws::stream`].
pub(super) fn stream(database: &Database, table: &str, after: Option<&str>, limit: usize) -> Vec<Value> {
    let described = ask(database, "DescribeTable", &json!({ "TableName": table }));
    let arn = &described["Table"]["LatestStreamArn"];
    let shards = ask(database, "DescribeStream", &json!({ "StreamArn": arn }));
    let shard = &shards["StreamDescription"]["Shards"][0]["ShardId"];
    let mut from = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    if let Some(after) = after {
        from["ShardIteratorType"] = json!("AFTER_SEQUENCE_NUMBER");
        from["SequenceNumber"] = json!(after);
    }
    let iterator = ask(database, "GetShardIterator", &from);
    let records =
        ask(database, "GetRecords", &json!({ "ShardIterator": iterator["ShardIterator"], "Limit": limit }));
    records["Records"].as_array().cloned().unwrap_or_default()
}

pub(super) fn find(database: &Database, hunt: &Hunt) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables(database) {
        for item in items(database, &table) {
            let mut strings = Vec::new();
            raw_values(&item, &mut strings);
            if strings.iter().any(|text| hunt.finds(text)) {
                found.push(format!("{table}: {} {}", item["pk"], item["sk"]));
            }
        }
    }
    found
}

/// Names and values of an item as the bytes that a disk would hold.
fn raw_values(value: &Value, into: &mut Vec<Vec<u8>>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                into.push(name.clone().into_bytes());
                match (name.as_str(), value) {
                    ("B", Value::String(text)) => into.push(STANDARD.decode(text).unwrap_or_default()),
                    _ => raw_values(value, into),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| raw_values(value, into)),
        Value::String(text) => {
            into.push(text.clone().into_bytes());
            into.extend(STANDARD.decode(text)); // an element of a binary set
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Items whose TTL attribute lies before `now` (seconds since 1970) go.
pub(super) fn sweep_ttl(database: &Database, now: i64) -> usize {
    let mut swept = 0;
    for table in tables(database) {
        let ttl = ask(database, "DescribeTimeToLive", &json!({"TableName": table}));
        let Some(attribute) = ttl["TimeToLiveDescription"]["AttributeName"].as_str() else { continue };
        let described = ask(database, "DescribeTable", &json!({"TableName": table}));
        let keys = described["Table"]["KeySchema"].as_array().cloned().unwrap_or_default();
        for item in items(database, &table) {
            let expires = item[attribute]["N"].as_str().and_then(|text| text.parse::<i64>().ok());
            if expires.is_none_or(|expires| expires > now) {
                continue;
            }
            let names = keys.iter().filter_map(|key| key["AttributeName"].as_str());
            let key: Map<String, Value> = names.map(|name| (name.to_owned(), item[name].clone())).collect();
            ask(database, "DeleteItem", &json!({"TableName": table, "Key": key}));
            swept += 1;
        }
    }
    swept
}

fn tables(database: &Database) -> Vec<String> {
    let answer = ask(database, "ListTables", &json!({}));
    let names = answer["TableNames"].as_array().cloned().unwrap_or_default();
    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn items(database: &Database, table: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut request = json!({"TableName": table, "ConsistentRead": true});
    loop {
        let mut page = ask(database, "Scan", &request);
        if let Value::Array(items) = page["Items"].take() {
            all.extend(items);
        }
        match page["LastEvaluatedKey"].take() {
            Value::Null => return all,
            key => request["ExclusiveStartKey"] = key,
        }
    }
}

fn ask(database: &Database, operation: &str, request: &Value) -> Value {
    let answer = run(database, operation, &request.to_string()).expect("an operation of the list");
    answer.ok().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}
