//! AWS behind one address: DynamoDB is the embedded dynoxide, KMS and EventBridge are our own. `X-Amz-Target` says which is meant.
//!
//! Signatures are not checked; unknown operations are a 501 and a violation.

mod access;
mod dynamodb;
mod events;
mod kms;
mod signing;
mod stored;

use crate::Now;
use crate::faults::{Arrival, Faults, json_answer};
use crate::gate;
use crate::hunt::Hunt;
use crate::journal::Journal;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use dynoxide::Database;
use kms::Kms;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

pub use access::{Rules, Wanted};
pub use events::Event;
pub use kms::KeyState;

/// The AWS of one stack.
#[derive(Clone)]
pub struct Aws {
    journal: Journal,
    now: Now,
    database: Database,
    kms: Arc<Kms>,
    rules: Arc<Mutex<Option<Rules>>>,
    hash_keys: Arc<access::HashKeys>,
    events: Arc<Mutex<Vec<Event>>>,
    refused_entries: Arc<Mutex<BTreeSet<usize>>>,
}

impl Aws {
    /// KMS keys live as long as the value.
    pub fn new(journal: Journal, now: Now, database: Database) -> Self {
        Self::with_seed(journal, now, database, crate::random::fresh())
    }

    /// KMS keys are derived from `seed`, so that what they wrapped can still be opened after a restart
    /// (`--state DIR` keeps the seed next to the database).
    pub fn with_seed(journal: Journal, now: Now, database: Database, seed: [u8; 32]) -> Self {
        Self {
            journal,
            now,
            database,
            kms: Arc::new(Kms::new(seed)),
            rules: Arc::default(),
            hash_keys: Arc::default(),
            events: Arc::default(),
            refused_entries: Arc::default(),
        }
    }

    /// Every request is an API call. Mount it with `nest_service`: axum's `nest` does not pass on `/aws/`, which is
    /// where an SDK with the endpoint `/aws` posts to.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Refuses from now on what these rules do not allow.
    pub fn allow_only(&self, rules: Rules) {
        *crate::lock(&self.rules) = Some(rules);
    }

    /// Makes a symmetric key with this id and gives its ARN. Making it twice changes nothing.
    pub fn create_key(&self, id: &str) -> String {
        self.kms.create(id)
    }

    /// Makes an `RSA_2048` key with this id that signs, and gives its ARN. Making it twice changes nothing.
    pub fn create_signing_key(&self, id: &str) -> String {
        self.kms.create_signing(id)
    }

    /// Enables, disables or condemns a key.
    pub fn set_key_state(&self, id: &str, state: KeyState) {
        self.kms.set_state(id, state);
    }

    /// Every plaintext data key that KMS handed out, what was given to it to encrypt, and every PSS signature as it
    /// stands at the end of a JWT.
    pub fn secrets(&self) -> Vec<Vec<u8>> {
        self.kms.secrets()
    }

    /// The faults of the journal that this AWS writes to.
    pub fn faults(&self) -> &Faults {
        self.journal.faults()
    }

    /// The database itself, to create tables in.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What was put on the bus of EventBridge, in order.
    pub fn events(&self) -> Vec<Event> {
        crate::lock(&self.events).clone()
    }

    /// The entry at this place of the next `PutEvents` is not taken.
    pub fn refuse_entry(&self, place: usize) {
        crate::lock(&self.refused_entries).insert(place);
    }

    /// Up to `limit` records of a table's stream, after one with this sequence number or from the beginning, as
    /// Lambda would hand them over.
    pub fn stream(&self, table: &str, after: Option<&str>, limit: usize) -> Vec<Value> {
        stored::stream(&self.database, table, after, limit)
    }

    /// Deletes what DynamoDB's TTL process would have deleted by now; gives the number of items.
    /// Real DynamoDB may lag by days, so nothing calls this by itself.
    pub fn sweep_ttl(&self) -> usize {
        stored::sweep_ttl(&self.database, (self.now)().as_second())
    }

    /// Every item of every table in DynamoDB's JSON: `{table: [item]}`.
    pub fn dump(&self) -> Value {
        stored::dump(&self.database)
    }

    /// Where any of these secrets is stored, as `table: item key`; binary attributes are searched decoded.
    pub fn find(&self, hunt: &Hunt) -> Vec<String> {
        stored::find(&self.database, hunt)
    }
}

async fn answer(State(aws): State<Aws>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut answer = match target.split_once('.') {
        Some(("DynamoDB_20120810" | "DynamoDBStreams_20120810", operation)) => {
            let arrival = arrival("dynamodb", operation, dynamodb::tables(&body));
            let refused = access::refusal(&aws, &headers, "dynamodb", operation, &body);
            let effect = async { refused.unwrap_or_else(|| dynamodb::call(&aws, operation, &body)) };
            gate::pass(&aws.journal, arrival, effect).await
        }
        Some(("AWSEvents", operation)) => {
            let arrival = arrival("events", operation, String::new());
            let refused = access::refusal(&aws, &headers, "events", operation, &body);
            let effect = async { refused.unwrap_or_else(|| events::call(&aws, operation, &body)) };
            gate::pass(&aws.journal, arrival, effect).await
        }
        Some(("TrentService", operation)) => {
            let key = serde_json::from_str::<Value>(&body).unwrap_or_default();
            let arrival = arrival("kms", operation, key["KeyId"].as_str().unwrap_or_default().to_owned());
            let refused = access::refusal(&aws, &headers, "kms", operation, &body);
            let effect = async { refused.unwrap_or_else(|| kms::call(&aws, operation, &body)) };
            gate::pass(&aws.journal, arrival, effect).await
        }
        _ => unknown(&aws, target),
    };
    if let Ok(id) = uuid::Builder::from_random_bytes(request_id()).into_uuid().to_string().parse() {
        answer.headers_mut().insert("x-amzn-requestid", id);
    }
    answer
}

fn request_id() -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&crate::random::fresh()[..16]);
    id
}

fn arrival(service: &'static str, operation: &str, detail: String) -> Arrival {
    Arrival { service, operation: operation.to_owned(), detail, user: None, request_id: None }
}

/// What the stand-in does not know must not pass for something that AWS answered.
fn unknown(aws: &Aws, target: &str) -> Response {
    aws.journal.violation(format!("unknown AWS operation {target:?}"));
    let message = format!("the stand-in does not know {target:?}");
    json_answer(501, &json!({"__type": "UnknownOperationException", "message": message}))
}
