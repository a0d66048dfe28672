//! What operators see in numbers, without one call: the log line of a request or tick carries its metrics in
//! CloudWatch's embedded metric format (EMF), and CloudWatch reads them from there.
//!
//! Whoever works counts into the tally of the request or tick that it works for, which the task carries, so two at a
//! time never mix. What is zero is not sent: a metric that never occurs costs nothing, and alarms take its absence for
//! good news. Names, units, a function's name and words of ours only: no customer, no address, no id.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

/// Every metric, as template.yaml's alarms and dashboard name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// How long a request or tick took, per function.
    Duration,
    /// Answers of 500 and above.
    ServerErrors,
    /// Handlers and ticks that panicked: bugs.
    Panics,
    /// How long Graph took to answer.
    GraphLatency,
    /// Graph asked us to wait.
    GraphThrottled,
    /// Graph gave no answer, or an error of its own.
    GraphUnavailable,
    /// Graph refused a request or a token.
    GraphRefused,
    /// How long Entra took to answer.
    LoginLatency,
    /// Entra asked us to wait.
    LoginThrottled,
    /// Entra gave no answer, or an error of its own.
    LoginUnavailable,
    /// Entra refused a token, a code or us.
    LoginRefused,
    /// Entra refused our own credential or registration.
    VendorCredentialRefused,
    /// Refusals in words that we do not know.
    UnknownRefusals,
    /// Requests that Graph could not read as we wrote them.
    OwnRequestRefused,
    /// Interviews of which nobody knows for long whether Outlook has them.
    UnsettledClaims,
    /// Calls to Graph whose record could not be stored.
    ProofLogGaps,
    /// The blast guard held drops.
    GuardTripped,
    /// Connections whose tokens were destroyed because Microsoft refused them.
    Dropped,
    /// Calls to KMS.
    KmsCalls,
    /// Ticks of `token-refresh` that ran to their end with a store that answered.
    Sweeps,
    /// Ticks of `follow-ups` that did.
    FollowUps,
    /// Connections that Microsoft answered for in a sweep.
    Verified,
    /// Those of them that were written.
    Stored,
    /// Those of them that are in doubt.
    Suspect,
    /// Connections that a sweep left to the next one.
    Postponed,
    /// How long ago the shard was verified that waits longest.
    OldestShard,
    /// Whole days until the certificate of the signing key ends.
    CertificateDaysLeft,
    /// Events that the bus took.
    EventsTold,
    /// Rows in the stream that could not be read, and so are told of nobody.
    UnreadableRows,
}

/// Numbers of one metric in one line: more than these CloudWatch does not take.
const MOST_VALUES: usize = 100;

impl Metric {
    /// All of them.
    pub const ALL: [Self; 29] = [
        Self::Duration,
        Self::ServerErrors,
        Self::Panics,
        Self::GraphLatency,
        Self::GraphThrottled,
        Self::GraphUnavailable,
        Self::GraphRefused,
        Self::LoginLatency,
        Self::LoginThrottled,
        Self::LoginUnavailable,
        Self::LoginRefused,
        Self::VendorCredentialRefused,
        Self::UnknownRefusals,
        Self::OwnRequestRefused,
        Self::UnsettledClaims,
        Self::ProofLogGaps,
        Self::GuardTripped,
        Self::Dropped,
        Self::KmsCalls,
        Self::Sweeps,
        Self::FollowUps,
        Self::Verified,
        Self::Stored,
        Self::Suspect,
        Self::Postponed,
        Self::OldestShard,
        Self::CertificateDaysLeft,
        Self::EventsTold,
        Self::UnreadableRows,
    ];

    /// Its name in CloudWatch.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// Its unit in CloudWatch.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Duration | Self::GraphLatency | Self::LoginLatency => "Milliseconds",
            Self::OldestShard => "Seconds",
            // CloudWatch has no days.
            Self::CertificateDaysLeft => "None",
            _ => "Count",
        }
    }

    /// Whether it is kept per function; the others are one number for the whole deployment, at a fraction of the price.
    pub fn is_per_function(self) -> bool {
        self == Self::Duration
    }
}

/// What one request or tick counted.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    values: BTreeMap<Metric, Vec<i64>>,
    drops: BTreeMap<&'static str, u32>,
}

tokio::task_local! {
    static TALLY: Tally;
}

/// Tells a story, and what it counted.
pub async fn tallied<F: Future>(story: F) -> (F::Output, Tally) {
    let tally = Tally::default();
    let told = TALLY.scope(tally.clone(), story).await;
    (told, tally)
}

/// Counts so many of something. Outside a request or tick nobody counts.
pub fn count(metric: Metric, many: u32) {
    if many > 0 {
        with(|kept| *kept.first(metric) += i64::from(many));
    }
}

/// Notes a number that is no count. Of more than a hundred in one request or tick the first hundred are kept.
pub fn note(metric: Metric, value: i64) {
    with(|kept| {
        let values = kept.values.entry(metric).or_default();
        if values.len() < MOST_VALUES {
            values.push(value);
        }
    });
}

/// Counts a connection whose tokens were destroyed, and why. The reason is no dimension: the line has it.
pub fn dropped(reason: &'static str) {
    with(|kept| {
        *kept.first(Metric::Dropped) += 1;
        *kept.drops.entry(reason).or_default() += 1;
    });
}

fn with(change: impl FnOnce(&mut Kept)) {
    // Without a tally there is nobody to tell.
    let _ = TALLY.try_with(|tally| change(&mut tally.lock()));
}

impl Kept {
    fn first(&mut self, metric: Metric) -> &mut i64 {
        let values = self.values.entry(metric).or_default();
        if values.is_empty() {
            values.push(0);
        }
        &mut values[0]
    }
}

impl Tally {
    /// The document that CloudWatch reads (embedded metric format specification), for the root of a log line. `at` in
    /// milliseconds since the epoch.
    pub fn document(&self, namespace: &str, function: &str, at: i64) -> Value {
        let kept = self.lock();
        let mut document = Map::new();
        let of = |per_function: bool| -> Vec<Value> {
            let metrics = kept.values.keys().filter(|metric| metric.is_per_function() == per_function);
            metrics.map(|metric| json!({ "Name": metric.name(), "Unit": metric.unit() })).collect()
        };
        let directive = |dimensions: &[&str], metrics: Vec<Value>| json!({ "Namespace": namespace, "Dimensions": [dimensions], "Metrics": metrics });
        let directives: Vec<Value> = [(&["function"][..], of(true)), (&[][..], of(false))]
            .into_iter()
            .filter(|(_, metrics)| !metrics.is_empty())
            .map(|(dimensions, metrics)| directive(dimensions, metrics))
            .collect();
        document.insert("_aws".into(), json!({ "Timestamp": at, "CloudWatchMetrics": directives }));
        document.insert("function".into(), function.into());
        for (metric, values) in &kept.values {
            let value = if let [one] = values.as_slice() { json!(one) } else { json!(values) };
            document.insert(metric.name(), value);
        }
        if !kept.drops.is_empty() {
            document.insert("drops".into(), json!(kept.drops));
        }
        Value::Object(document)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_document_names_what_was_counted_and_nothing_else() {
        let story = async {
            count(Metric::KmsCalls, 1);
            count(Metric::KmsCalls, 2);
            count(Metric::Stored, 0);
            note(Metric::GraphLatency, 80);
            note(Metric::GraphLatency, 90);
            note(Metric::Duration, 120);
            dropped("consent_gone");
        };
        let ((), tally) = tallied(story).await;
        let expected = json!({
            "_aws": { "Timestamp": 7, "CloudWatchMetrics": [
                { "Namespace": "Convene", "Dimensions": [["function"]],
                    "Metrics": [{ "Name": "Duration", "Unit": "Milliseconds" }] },
                { "Namespace": "Convene", "Dimensions": [[]], "Metrics": [
                    { "Name": "GraphLatency", "Unit": "Milliseconds" },
                    { "Name": "Dropped", "Unit": "Count" },
                    { "Name": "KmsCalls", "Unit": "Count" },
                ] },
            ] },
            "function": "interviews", "Duration": 120, "GraphLatency": [80, 90], "KmsCalls": 3, "Dropped": 1,
            "drops": { "consent_gone": 1 },
        });
        assert_eq!(tally.document("Convene", "interviews", 7), expected);
    }

    #[tokio::test]
    async fn two_at_a_time_do_not_mix_and_no_line_is_longer_than_allowed() {
        let one = tallied(async {
            for latency in 0..200 {
                note(Metric::LoginLatency, latency);
                tokio::task::yield_now().await;
            }
        });
        let other = tallied(async {
            tokio::task::yield_now().await;
            count(Metric::Verified, 1);
        });
        let (((), one), ((), other)) = tokio::join!(one, other);
        assert_eq!(one.lock().values[&Metric::LoginLatency].len(), MOST_VALUES);
        assert_eq!(one.lock().values.len(), 1);
        assert_eq!(other.lock().values, BTreeMap::from([(Metric::Verified, vec![1])]));
        count(Metric::Verified, 1);
    }
}
