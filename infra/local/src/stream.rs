//! The mapping from the main table's stream to the function that listens: batches of what its filter lets through, and
//! again from the first record that was not told. It runs when somebody asks for the events: nothing waits for it.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::function::StreamFunction;
use shared::outbox::Outbox;

use crate::stack::Shared;

/// As in template.yaml.
const BATCH: usize = 100;

/// The function, and how far it has heard.
pub struct Listener {
    /// What listens.
    pub function: StreamFunction,
    /// Its parts.
    pub outbox: Arc<Outbox>,
    heard: tokio::sync::Mutex<Option<String>>,
}

impl Listener {
    /// A listener that has heard nothing yet.
    pub fn new(function: StreamFunction, outbox: Outbox) -> Self {
        Self { function, outbox: Arc::new(outbox), heard: tokio::sync::Mutex::default() }
    }

    /// One event of the mapping, or an operator's.
    pub async fn hear(&self, event: Value) -> Result<Value, String> {
        self.function.hear(&self.outbox, event).await
    }

    fn lets_through(&self, record: &Value) -> bool {
        let sk = record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap_or_default();
        self.function.rows.iter().any(|row| sk.starts_with(row))
    }
}

/// Hands over whatever was written since. A batch of which something was not told comes again, at the next call.
pub async fn hand_over(stack: &Shared) {
    let Some(listener) = &stack.listener else { return };
    let table = &stack.environment["TABLE_NAME"];
    let mut heard = listener.heard.lock().await;
    loop {
        let records = stack.aws.stream(table, heard.as_deref(), BATCH);
        let Some(last) = records.last().and_then(sequence_number) else { return };
        let batch: Vec<Value> =
            records.iter().filter(|record| listener.lets_through(record)).cloned().collect();
        if !batch.is_empty() {
            let Ok(answer) = listener.hear(json!({ "Records": batch })).await else { return };
            if let Some(failed) = answer["batchItemFailures"][0]["itemIdentifier"].as_str() {
                let place =
                    records.iter().position(|record| sequence_number(record).as_deref() == Some(failed));
                if let Some(told) = place.and_then(|place| place.checked_sub(1)) {
                    *heard = sequence_number(&records[told]);
                }
                return;
            }
        }
        *heard = Some(last);
    }
}

fn sequence_number(record: &Value) -> Option<String> {
    record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned)
}
