//! What the stream of a whole story would have told, held against what is stored at its end.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::domain::outbound::Message;
use shared::store::{Record, STREAMED};

use super::{Rows, World};

/// More than any story writes.
const ALL: usize = 100_000;

impl World {
    /// Every message that the stream leads to, in its order.
    pub(crate) fn told(&self) -> Vec<Message> {
        let mut told = Vec::new();
        let (mut after, mut more) = (None, true);
        while more && told.len() < ALL {
            let records = self.stack.aws.stream("convene", after.as_deref(), 1000);
            more = !records.is_empty();
            for record in records {
                after = record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
                let sk = record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap_or_default();
                if STREAMED.iter().any(|row| sk.starts_with(row)) {
                    let record: Record =
                        serde_json::from_value(record).expect("a record as Lambda hands it over");
                    // What a story spoilt on purpose is told of nobody.
                    told.extend(record.message().ok().flatten());
                }
            }
        }
        told
    }

    /// Whoever heard everything, in any order, knows the state and version of each interview and each connection.
    pub(super) fn check_told(&self) {
        let mut known: BTreeMap<String, (u64, String)> = BTreeMap::new();
        for message in self.told() {
            let told = serde_json::to_value(&message).expect("JSON");
            let id = ["interview_id", "connection_id"].iter().find_map(|name| told[*name].as_str());
            let Some(id) = id.map(str::to_owned) else { continue };
            let before = known.get(&id).cloned().unwrap_or_default();
            let clash = before.0 == message.version && before.1 != message.status;
            assert!(!clash, "{id}: {} and {} in version {}", before.1, message.status, message.version);
            if message.version >= before.0 {
                known.insert(id, (message.version, message.status));
            }
        }
        for row in Rows::of(self).under("INT#").documents() {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let stored = (row["version"].as_u64().unwrap_or_default(), text("status"));
            // A row that was put there by hand may be older than the stream.
            if let Some(told) = known.get(&text("id")) {
                assert_eq!(told, &stored, "{}: what was told last is not what is stored", text("id"));
            }
        }
    }
}

/// The kinds of these messages.
pub(crate) fn kinds(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.kind.as_str()).collect()
}

/// The messages as they stand on the bus.
pub(crate) async fn heard(world: &World) -> Vec<(String, Value)> {
    let url = format!("{}/_local/events", world.stack.url);
    let answer: Value =
        world.http.get(url).send().await.expect("the stack answers").json().await.expect("JSON");
    let events = answer.as_array().cloned().unwrap_or_default();
    let pair =
        |event: Value| (event["kind"].as_str().unwrap_or_default().to_owned(), event["detail"].clone());
    events.into_iter().map(pair).collect()
}
