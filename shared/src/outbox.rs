//! Tells the ATS's side what happened, by an EventBridge bus. The table's stream is the outbox: see `store` (`stream.rs`).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_types::SdkConfig;
use tracing::{error, warn};

use crate::app::sdk_config;
use crate::aws_http::https_client_in_lambda;
use crate::clock::{Clock, Entropy, SystemEntropy, WallClock};
use crate::domain::ids::{CustomerId, UserId};
use crate::domain::outbound::{Message, SOURCE, Subject};
use crate::metrics::{self, Metric};
use crate::settings::{BadSetting, Settings};
use crate::store::{Store, StoreError};

/// `PutEvents` takes so many entries at once, and so many bytes of them ("Amazon EventBridge quotas").
const AT_ONCE: usize = 10;
const LARGEST: usize = 256 * 1024;
/// Bytes that an entry's time counts.
const TIME: usize = 14;

/// What messages are told with. It has no key and no way to Microsoft: of what is sealed it sees ciphertext.
pub struct Outbox {
    /// The table, for what a record does not say.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Under which its metrics are counted.
    pub metrics_namespace: String,
    eventbridge: Client,
    bus: String,
}

impl Outbox {
    /// Builds the parts; nothing is called.
    pub fn new(
        settings: &Settings,
        aws: &SdkConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, BadSetting> {
        let (table, keys) = (settings.aws.table.clone(), settings.aws.keys_table.clone());
        let store = Store::new(aws_sdk_dynamodb::Client::new(aws), table, keys, entropy);
        let bus = settings.aws.event_bus.clone().ok_or(BadSetting { name: "EVENT_BUS", must: "set" })?;
        let metrics_namespace = settings.metrics_namespace.clone();
        Ok(Self { store, clock, metrics_namespace, eventbridge: Client::new(aws), bus })
    }

    /// The parts of the deployed function: everything from the environment.
    #[expect(clippy::disallowed_methods, reason = "the AWS names in the environment are Lambda's own")]
    pub fn from_env() -> Result<Self, BadSetting> {
        let lookup = |name: &str| std::env::var(name).ok();
        let aws = sdk_config(https_client_in_lambda(&lookup), &lookup)?;
        Self::new(&Settings::from_env()?, &aws, Arc::new(WallClock), Arc::new(SystemEntropy))
    }

    /// Puts messages on the bus, in their order. Should it stop, the number of those that are surely there comes
    /// back: what follows may be there too, and is told again.
    pub async fn tell(&self, messages: &[Message]) -> Result<(), usize> {
        let entries: Vec<PutEventsRequestEntry> =
            messages.iter().map(|message| self.entry(message)).collect();
        for portion in portions(&entries.iter().map(size).collect::<Vec<_>>()) {
            let begin = portion.start;
            let some = &entries[portion];
            let sent = self.eventbridge.put_events().set_entries(Some(some.to_vec()));
            let answer = sent.send().await.map_err(|error| {
                let code = error.code().unwrap_or("no answer");
                warn!(code, "EventBridge did not take messages: {code}");
                begin
            })?;
            let refused = answer.entries().iter().position(|entry| entry.error_code().is_some());
            if let Some(place) = refused {
                let code = answer.entries()[place].error_code().unwrap_or_default();
                warn!(code, "EventBridge refused a message: {code}");
                return Err(begin + place);
            }
            metrics::count(Metric::EventsTold, u32::try_from(some.len()).unwrap_or(u32::MAX));
        }
        Ok(())
    }

    fn entry(&self, message: &Message) -> PutEventsRequestEntry {
        let detail = serde_json::to_string(message).unwrap_or_default();
        let time = aws_sdk_eventbridge::primitives::DateTime::from_secs(message.at.as_second());
        let entry = PutEventsRequestEntry::builder().event_bus_name(&self.bus).source(SOURCE).time(time);
        entry.detail_type(&message.kind).detail(detail).build()
    }

    /// Marks what is told of a connection in trouble, if its user organises for others. When a whole company is in
    /// trouble its settings are read once.
    pub async fn mark_organizers(&self, messages: &mut [Message]) -> Result<(), StoreError> {
        let mut organizers: HashMap<CustomerId, Option<UserId>> = HashMap::new();
        for message in messages {
            let Subject::Connection { customer_id, user, .. } = &message.subject else { continue };
            if message.status == "connected" {
                continue;
            }
            if !organizers.contains_key(customer_id) {
                organizers.insert(customer_id.clone(), self.organizer(customer_id).await?);
            }
            message.organizes_for_others = organizers.get(customer_id).and_then(Option::as_ref) == Some(user);
        }
        Ok(())
    }

    async fn organizer(&self, customer: &CustomerId) -> Result<Option<UserId>, StoreError> {
        let found = self.store.customers.get(customer).await?;
        Ok(found.and_then(|read| read.value.scheduling_user).map(|organizer| organizer.user))
    }
}

/// Bytes of an entry as EventBridge counts them ("Calculating `PutEvents` event entry size").
fn size(entry: &PutEventsRequestEntry) -> usize {
    let texts = [entry.source(), entry.detail_type(), entry.detail()];
    TIME + texts.into_iter().flatten().map(str::len).sum::<usize>()
}

/// Entries of these sizes, in their order, in as few calls as the limits allow. One that is too large by itself goes
/// alone, and is refused alone.
fn portions(sizes: &[usize]) -> Vec<Range<usize>> {
    let (mut all, mut begin, mut bytes) = (Vec::new(), 0, 0);
    for (n, size) in sizes.iter().enumerate() {
        if n > begin && (n - begin == AT_ONCE || bytes + size > LARGEST) {
            all.push(begin..n);
            (begin, bytes) = (n, 0);
        }
        bytes += size;
    }
    if begin < sizes.len() {
        all.push(begin..sizes.len());
    }
    all
}

/// A row that cannot be read is told of nobody: trying it again would only hold up what follows.
pub fn unreadable(sequence_number: &str) {
    metrics::count(Metric::UnreadableRows, 1);
    error!(
        alarm = "corrupt-row",
        sequence_number, "A row in the stream cannot be read; it is told of nobody"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_ten_entries_and_256_kib_at_most_and_none_is_left_out() {
        assert_eq!(portions(&[1; 10]), vec![0..10; 1]);
        assert_eq!(portions(&[1; 11]), [0..10, 10..11]);
        assert_eq!(portions(&[LARGEST / 2, LARGEST / 2]), vec![0..2; 1]);
        assert_eq!(portions(&[LARGEST / 2, LARGEST / 2 + 1, 1]), [0..1, 1..3]);
        assert_eq!(portions(&[1, LARGEST + 1, 1]), [0..1, 1..2, 2..3]);
        assert!(portions(&[]).is_empty());
    }
}
