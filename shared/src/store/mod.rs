//! DynamoDB behind methods that speak of the domain.
//!
//! Reads are consistent wherever something is served from them. A write says on which condition it may happen,
//! and carries a random mark: when its answer was lost and the SDK sends it again, it finds its own mark and
//! knows that it had succeeded. Absence is no error.

mod approvals;
mod best_effort;
mod change;
mod claims;
mod connections;
mod customers;
mod follow_ups;
mod guard;
mod interviews;
mod item;
mod keys;
mod limits;
mod load;
mod page;
mod proof_log;
mod row;
mod save;
mod search;
mod shards;
mod sign_ins;
mod stream;
mod table;

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;

pub use approvals::Approvals;
pub use best_effort::BestEffort;
pub use claims::{Claimed, Claims, Settlement};
pub use connections::{Completion, Connections, Tally, Watermarked};
pub use customers::Customers;
pub use follow_ups::{Due, FollowUps};
pub use guard::GuardRow;
pub use interviews::Interviews;
pub use keys::Keys;
pub use load::Loaded;
pub use page::{BadCursor, Cursor, Page};
pub use proof_log::{Logged, ProofLog};
pub use row::Shard;
pub use shards::{ShardBoard, ShardRow, Shards, Taken};
pub use sign_ins::{Consumed, FoundSession, SignIns};
pub use stream::{Batch, Record, STREAMED};
use table::Table;

use crate::clock::Entropy;

/// The store did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError {
    /// Throttled or out of reach: try again. A write may have happened.
    Unavailable,
    /// What is stored cannot be read: a bug.
    Corrupt,
    /// More than DynamoDB takes in one expression, item or transaction: nothing was written, and a repeat cannot
    /// succeed.
    TooLarge,
    /// DynamoDB refused the request as such: a bug or a missing permission, and a repeat cannot succeed.
    Refused,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unavailable => "the store is out of reach",
            Self::Corrupt => "a stored value cannot be read",
            Self::TooLarge => "a value is larger than the store takes",
            Self::Refused => "the store refused the request",
        })
    }
}
impl std::error::Error for StoreError {}

/// A save did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveError {
    /// Somebody saved since it was read: read again and decide again.
    Stale,
    /// The store did not do it.
    Store(StoreError),
}

impl From<StoreError> for SaveError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale => f.write_str("somebody saved since it was read"),
            Self::Store(error) => error.fmt(f),
        }
    }
}
impl std::error::Error for SaveError {}

/// A value as it was read, and its version then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// Grows with every save.
    pub version: u64,
}

/// Everything that is stored.
#[derive(Clone)]
pub struct Store {
    table: Arc<Table>,
    /// Recruiters' connections.
    pub connections: Connections,
    /// Settings of customers.
    pub customers: Customers,
    /// Wrapped customer keys.
    pub keys: Keys,
    /// Connect sessions and attempts.
    pub sign_ins: SignIns,
    /// Requests for an administrator's approval.
    pub approvals: Approvals,
    /// Accepted requests.
    pub claims: Claims,
    /// Interviews.
    pub interviews: Interviews,
    /// What Graph was asked.
    pub proof_log: ProofLog,
    /// The sweep's board.
    pub shards: Shards,
    /// Blast guard and breaker.
    pub guard: GuardRow,
    /// What is due.
    pub follow_ups: FollowUps,
}

impl Store {
    /// The store in these two tables. The client should try a call twice at most.
    pub fn new(dynamodb: Client, table: String, keys_table: String, entropy: Arc<dyn Entropy>) -> Self {
        let table = Arc::new(Table::new(dynamodb, table, keys_table, entropy));
        Self {
            connections: Connections(Arc::clone(&table)),
            customers: Customers(Arc::clone(&table)),
            keys: Keys(Arc::clone(&table)),
            sign_ins: SignIns(Arc::clone(&table)),
            approvals: Approvals(Arc::clone(&table)),
            claims: Claims(Arc::clone(&table)),
            interviews: Interviews(Arc::clone(&table)),
            proof_log: ProofLog(Arc::clone(&table)),
            shards: Shards(Arc::clone(&table)),
            guard: GuardRow(Arc::clone(&table)),
            follow_ups: FollowUps(Arc::clone(&table)),
            table,
        }
    }

    /// Opens the connection to `DynamoDB` by reading a row that cannot be there.
    pub async fn open_connection(&self) -> Result<(), StoreError> {
        self.table.get(&row::Row::nobody()).await.map(|_| ())
    }
}
