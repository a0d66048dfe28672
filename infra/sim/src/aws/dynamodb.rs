//! The JSON protocol of DynamoDB over the embedded database, which has the real condition semantics.

use super::{Aws, unknown};
use crate::faults::text_answer;
use axum::response::Response;
use dynoxide::{Database, DynoxideError};
use serde_json::Value;

/// The content type of the AWS JSON 1.0 protocol.
const JSON_1_0: &str = "application/x-amz-json-1.0";

pub(super) fn call(aws: &Aws, operation: &str, body: &str) -> Response {
    match run(&aws.database, operation, body) {
        None => unknown(aws, operation),
        Some(Ok(json)) => text_answer(200, JSON_1_0, json),
        Some(Err(error)) => text_answer(error.status_code(), JSON_1_0, error.to_json()),
    }
}

/// The table or tables of a request, for the journal.
pub(super) fn tables(body: &str) -> String {
    let request: Value = serde_json::from_str(body).unwrap_or_default();
    if let Some(table) = request["TableName"].as_str() {
        return table.to_owned();
    }
    let mut names: Vec<&str> = match (&request["RequestItems"], &request["TransactItems"]) {
        (Value::Object(by_table), _) => by_table.keys().map(String::as_str).collect(),
        (_, Value::Array(items)) => items.iter().filter_map(table_of_action).collect(),
        _ => Vec::new(),
    };
    names.sort_unstable();
    names.dedup();
    names.join("+")
}

fn table_of_action(item: &Value) -> Option<&str> {
    item.as_object()?.values().find_map(|action| action["TableName"].as_str())
}

/// `None` = not an operation that exists here.
pub(super) fn run(database: &Database, operation: &str, body: &str) -> Option<Result<String, DynoxideError>> {
    macro_rules! typed {
        ($method:ident) => {
            parse(body).and_then(|request| database.$method(request)).and_then(|answer| write(&answer))
        };
    }
    Some(match operation {
        "GetItem" => typed!(get_item),
        "PutItem" => typed!(put_item),
        "UpdateItem" => typed!(update_item),
        "DeleteItem" => typed!(delete_item),
        "Query" => typed!(query),
        "Scan" => typed!(scan),
        "BatchGetItem" => typed!(batch_get_item),
        "BatchWriteItem" => typed!(batch_write_item),
        "TransactGetItems" => typed!(transact_get_items),
        "TransactWriteItems" => typed!(transact_write_items),
        "CreateTable" => typed!(create_table),
        "DescribeTable" => typed!(describe_table),
        "UpdateTable" => typed!(update_table),
        "DeleteTable" => typed!(delete_table),
        "ListTables" => typed!(list_tables),
        "UpdateTimeToLive" => typed!(update_time_to_live),
        "DescribeTimeToLive" => typed!(describe_time_to_live),
        "ListStreams" => typed!(list_streams),
        "DescribeStream" => typed!(describe_stream),
        "GetShardIterator" => typed!(get_shard_iterator),
        "GetRecords" => typed!(get_records),
        _ => return None,
    })
}

fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| {
        // dynoxide marks the class of a refused value in front of the message.
        let text = error.to_string();
        let plain =
            text.trim_start_matches(|c: char| c.is_ascii_uppercase() || c == '_').trim_start_matches(':');
        if text.contains("VALIDATION")
            || text.contains("missing field")
            || text.contains("Supplied AttributeValue")
        {
            DynoxideError::ValidationException(plain.to_owned())
        } else {
            DynoxideError::SerializationException(plain.to_owned())
        }
    })
}

fn write(answer: &impl serde::Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
