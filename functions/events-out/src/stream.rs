//! Tells of the writes in a batch.

use serde::Serialize;
use shared::domain::outbound::Message;
use shared::function::{Report, to_report};
use shared::outbox::{Outbox, unreadable};
use shared::store::Batch;

/// The stream goes on after what was told, and comes back with the first record that was not.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<Failure<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    #[serde(rename = "itemIdentifier")]
    sequence_number: &'a str,
}

pub(crate) async fn tell(outbox: &Outbox, batch: &Batch) -> Report {
    let (mut places, mut messages): (Vec<&str>, Vec<Message>) = (Vec::new(), Vec::new());
    for record in &batch.records {
        match record.message() {
            Ok(None) => {}
            Ok(Some(message)) => {
                places.push(record.sequence_number());
                messages.push(message);
            }
            Err(_) => unreadable(record.sequence_number()),
        }
    }
    let told = match outbox.mark_organizers(&mut messages).await {
        Ok(()) => outbox.tell(&messages).await,
        Err(_) => Err(0),
    };
    let failed = told.err().and_then(|place| places.get(place));
    let failures = failed.map(|sequence_number| Failure { sequence_number }).into_iter().collect();
    to_report(&Answer { failures })
}
