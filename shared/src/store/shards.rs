//! The sweep's board: which shard is due, who has it, and how far he is.
//!
//! A lease ends by itself; its fence grows with each. Whoever was paused and wakes up after another took the
//! shard finds another fence, and writes nothing.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::warn;

use super::change::Change;
use super::item::{Item, count, instant, millis, number, text, text_value};
use super::page::{Cursor, Page};
use super::row::{GUARD, Row, SHARDS, Shard};
use super::search::Search;
use super::table::{Table, Written};
use super::{SaveError, StoreError, Versioned};
use crate::domain::connection::Connection;
use crate::domain::guard::Guard;

/// The sweep's board.
#[derive(Clone)]
pub struct Shards(pub(super) Arc<Table>);

/// A shard that has or had connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardRow {
    /// Which.
    pub shard: Shard,
    /// When it was first due: from then on it must be verified.
    pub first_due: Option<Timestamp>,
    /// When its next pass begins, or the present one began.
    pub next_due: Timestamp,
    /// Until when somebody has it.
    pub lease_until: Option<Timestamp>,
    /// Grows with every lease.
    pub fence: u64,
    /// Start of its last complete pass that left out nobody.
    pub verified_at: Option<Timestamp>,
}

impl ShardRow {
    /// Whether a worker may take it.
    pub fn is_free(&self, now: Timestamp) -> bool {
        self.next_due <= now && self.lease_until.is_none_or(|until| until <= now)
    }
}

/// All shards, and the guard that lies with them.
#[derive(Debug, Clone, Default)]
pub struct ShardBoard {
    /// Every shard that was ever used.
    pub rows: Vec<ShardRow>,
    /// Blast guard and breaker.
    pub guard: Guard,
}

/// A shard that we have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub shard: Shard,
    /// Our fence.
    pub fence: u64,
    /// Where the pass goes on, when an earlier worker began it.
    pub cursor: Option<Cursor>,
    /// When the pass began.
    pub pass_started: Timestamp,
    /// Whether the pass has left out nobody so far.
    pub clean: bool,
    /// How many passes in a row, before this one, left somebody out.
    pub unclean_before: u32,
    /// When it was due as we took it.
    next_due: Timestamp,
}

impl Shards {
    /// Puts a shard on the board, unless it is there.
    pub async fn ensure(&self, shard: Shard, first_due: Timestamp) -> Result<(), StoreError> {
        let change = Change::of(Row::shard(shard))
            .set_once("first_due", millis(first_due))
            .set_once("next_due", millis(first_due))
            .set_once("fence", count(0));
        match self.0.update(change).await? {
            Written::Done(_) => Ok(()),
            // Nothing was asked of the row, so another write is in the way; without this one nobody would sweep it.
            Written::Refused(_) => Err(StoreError::Unavailable),
        }
    }

    /// The whole board, in one call as a rule: a page ends at 1 MB, and the guard, without which drops would not be
    /// held, is its last row.
    pub async fn all(&self) -> Result<ShardBoard, StoreError> {
        let (mut items, mut after): (Vec<Item>, Option<Cursor>) = (Vec::new(), None);
        loop {
            let (pk, prefix, after_it) = (SHARDS.to_owned(), String::new(), after.as_ref());
            let search =
                Search { pk, prefix, after: after_it, limit: 300, newest_first: false, consistent: true };
            let (some, next) = self.0.search(&search).await?;
            items.extend(some);
            after = next;
            if after.is_none() {
                break;
            }
        }
        let mut board = ShardBoard::default();
        for item in &items {
            if text(item, "sk") == Some(GUARD) {
                board.guard = super::guard::read(item);
            } else if let Ok(row) = read(item) {
                board.rows.push(row);
            } else {
                warn!("a shard's row cannot be read and is left out");
            }
        }
        Ok(board)
    }

    /// Takes a due shard until `lease_until`. `None`: somebody else was first.
    pub async fn take(
        &self,
        row: &ShardRow,
        holder: &str,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Taken>, StoreError> {
        let free = "#fence = :read AND #next_due <= :now AND (attribute_not_exists(#lease_until) OR #lease_until <= :now)";
        let change = Change::of(Row::shard(row.shard))
            .set("fence", count(row.fence + 1))
            .set("lease_by", text_value(holder))
            .set("lease_until", millis(lease_until))
            .set_once("pass_started", millis(now))
            .when(free)
            .with("read", count(row.fence))
            .with("now", millis(now));
        match self.0.update(change).await? {
            Written::Done(item) => taken(&item).map(Some),
            Written::Refused(_) => Ok(None),
        }
    }

    /// Notes how far the pass is, and prolongs the lease. Stale: the shard is another's by now.
    pub async fn checkpoint(&self, taken: &Taken, lease_until: Timestamp) -> Result<(), SaveError> {
        self.fenced(taken, progress(taken).set("lease_until", millis(lease_until))).await
    }

    /// Gives the shard back in the middle of a pass: the next tick goes on at the cursor.
    pub async fn pause(&self, taken: &Taken) -> Result<(), SaveError> {
        self.fenced(taken, progress(taken).remove("lease_until").remove("lease_by")).await
    }

    /// Ends the pass. If it left out nobody, everybody was verified at its start or later. If the shard was made
    /// due in the meantime, it stays due.
    pub async fn finish(&self, taken: &Taken, next_due: Timestamp) -> Result<(), SaveError> {
        let undisturbed = finished(taken)
            .set("next_due", millis(next_due))
            .when("#fence = :fence AND #next_due = :was_due")
            .with("was_due", millis(taken.next_due));
        match self.0.update(undisturbed.with("fence", count(taken.fence))).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => self.fenced(taken, finished(taken)).await,
        }
    }

    /// Makes a shard due at once, if it is on the board.
    pub async fn make_due_now(&self, shard: Shard, now: Timestamp) -> Result<(), StoreError> {
        let change = Change::of(Row::shard(shard)).set("next_due", millis(now)).when("attribute_exists(#pk)");
        self.0.update(change).await.map(|_| ())
    }

    /// When a shard was last verified as a whole.
    pub async fn verified_at(&self, shard: Shard) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.0.get(&Row::shard(shard)).await?.and_then(|item| instant(&item, "verified_at")))
    }

    /// A page of a shard's connections. Read eventually consistent, at half the price: a save checks the version.
    pub async fn page(
        &self,
        shard: Shard,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Versioned<Connection>>, StoreError> {
        let (pk, prefix) = (Row::partition(shard), String::new());
        self.0.page(&Search { pk, prefix, after, limit, newest_first: false, consistent: false }).await
    }

    async fn fenced(&self, taken: &Taken, change: Change) -> Result<(), SaveError> {
        let change = change.when("#fence = :fence").with("fence", count(taken.fence));
        match self.0.update(change).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(SaveError::Stale),
        }
    }
}

fn progress(taken: &Taken) -> Change {
    let change = Change::of(Row::shard(taken.shard)).set("postponed", count(u64::from(!taken.clean)));
    match &taken.cursor {
        Some(cursor) => change.set("cursor", text_value(&cursor.0)),
        None => change.remove("cursor"),
    }
}

fn finished(taken: &Taken) -> Change {
    let mut change = Change::of(Row::shard(taken.shard));
    for name in ["lease_until", "lease_by", "cursor", "pass_started", "postponed"] {
        change = change.remove(name);
    }
    if taken.clean {
        change.set("verified_at", millis(taken.pass_started)).remove("unclean")
    } else {
        change.set("unclean", count(u64::from(taken.unclean_before.saturating_add(1))))
    }
}

fn read(item: &Item) -> Result<ShardRow, StoreError> {
    Ok(ShardRow {
        shard: text(item, "sk").and_then(Shard::named).ok_or(StoreError::Corrupt)?,
        first_due: instant(item, "first_due"),
        next_due: instant(item, "next_due").ok_or(StoreError::Corrupt)?,
        lease_until: instant(item, "lease_until"),
        fence: number(item, "fence").and_then(|fence| u64::try_from(fence).ok()).unwrap_or(0),
        verified_at: instant(item, "verified_at"),
    })
}

fn taken(item: &Item) -> Result<Taken, StoreError> {
    let row = read(item)?;
    Ok(Taken {
        shard: row.shard,
        fence: row.fence,
        cursor: text(item, "cursor").map(|cursor| Cursor(cursor.to_owned())),
        pass_started: instant(item, "pass_started").ok_or(StoreError::Corrupt)?,
        clean: number(item, "postponed").unwrap_or(0) == 0,
        unclean_before: number(item, "unclean").and_then(|times| u32::try_from(times).ok()).unwrap_or(0),
        next_due: row.next_due,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("time")
    }

    #[test]
    fn a_shard_is_free_when_it_is_due_and_nobody_has_it() {
        let shard = Shard::named("004").expect("shard");
        let row = ShardRow {
            shard,
            first_due: None,
            next_due: at(0),
            lease_until: None,
            fence: 0,
            verified_at: None,
        };
        assert!(row.is_free(at(0)));
        assert!(!row.is_free(at(-1)));
        let leased = ShardRow { lease_until: Some(at(60)), ..row };
        assert!(!leased.is_free(at(59)));
        assert!(leased.is_free(at(60)));
    }

    #[test]
    fn a_pass_that_was_interrupted_goes_on_where_it_was() {
        let item = Item::from([
            ("sk".to_owned(), text_value("004")),
            ("next_due".to_owned(), millis(at(0))),
            ("fence".to_owned(), count(8)),
            ("cursor".to_owned(), text_value("C#acme#U#ana")),
            ("pass_started".to_owned(), millis(at(5))),
            ("postponed".to_owned(), count(1)),
            ("unclean".to_owned(), count(2)),
        ]);
        let taken = taken(&item).expect("readable");
        assert_eq!((taken.fence, taken.clean, taken.pass_started), (8, false, at(5)));
        assert_eq!(taken.unclean_before, 2);
        assert_eq!(taken.cursor, Some(Cursor("C#acme#U#ana".to_owned())));
    }
}
