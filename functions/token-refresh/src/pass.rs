//! One pass over one shard: everybody who still has tokens, page by page.
//!
//! The next page is read while the last of this one are asked for, so that no place stays empty. A page is noted as
//! done once everybody on it is. One bad connection is a count, not an end. Only a refusal of our own credential
//! ends the pass, for then every further redemption would fail alike.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use shared::access::{AccessError, Verified, Why};
use shared::app::App;
use shared::concurrent::UnderWay;
use shared::domain::time::{Instant, Span, minutes, seconds};
use shared::microsoft::Deadline;
use shared::store::{Cursor, SaveError, StoreError, Taken};

use crate::page::{self, Page, Sealed};
use crate::places::Places;
use crate::report::SweepReport;

/// Every connection is verified at least this often.
pub const VERIFY_EVERY: Span = minutes(45);
/// A pass that left somebody out is repeated so soon: one lost answer must not cost the hour.
pub const REPEAT_AFTER: Span = minutes(5);
/// But not more often than this in a row: then the trouble lasts, and haste does not help.
pub const MOST_REPEATS: u32 = 3;
/// A page takes seconds; a worker that died must not keep the shard from the others.
pub const LEASE: Span = seconds(120);
/// So many connections of a shard are asked for, or wait for a place, at a time: more than one tenant may have, so that
/// a large one leaves room for the others.
const AT_THE_DOOR: usize = 128;

type Outcome = Result<Verified, AccessError>;

/// How a pass ended in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everybody was reached.
    Whole,
    /// The time is over, or somebody else has the shard; the next tick goes on.
    Paused,
    /// Our own credential was refused.
    OurCredential,
}

/// What the passes of a run share.
pub(crate) struct Run<'a> {
    pub(crate) app: &'a App,
    pub(crate) deadline: Deadline,
    /// Who holds the leases.
    pub(crate) holder: String,
    pub(crate) places: Places,
    /// Our own credential was refused: nobody is asked any more.
    pub(crate) refused: AtomicBool,
}

/// Why nobody else is asked.
enum Stop {
    /// The time is over; whoever stands in line is still asked.
    Time,
    /// Somebody else has the shard.
    Lost,
    /// Our own credential was refused.
    Refused,
    Store(StoreError),
}

/// A page of which somebody is left.
struct Begun {
    number: usize,
    left: usize,
    next: Option<Cursor>,
}

/// Who is still to be asked, and the pages they stand on, the first one in front.
#[derive(Default)]
struct Line {
    waiting: VecDeque<(usize, Sealed)>,
    pages: VecDeque<Begun>,
    number: usize,
}

impl Line {
    fn admit(&mut self, page: Page) {
        self.number += 1;
        self.pages.push_back(Begun { number: self.number, left: page.people.len(), next: page.next });
        self.waiting.extend(page.people.into_iter().map(|person| (self.number, person)));
    }

    fn was_asked(&mut self, page: usize) {
        if let Some(page) = self.pages.iter_mut().find(|begun| begun.number == page) {
            page.left -= 1;
        }
    }

    /// The first page, if nobody of it is left.
    fn done(&mut self) -> Option<Begun> {
        self.pages.pop_front_if(|page| page.left == 0)
    }
}

pub(crate) async fn pass(
    run: &Run<'_>,
    mut taken: Taken,
    report: &mut SweepReport,
) -> Result<Ended, StoreError> {
    let (app, shards) = (run.app, &run.app.store.shards);
    let (was_clean, left_out) = (taken.clean, report.left_out());
    let shard = taken.shard;
    let page_after = |cursor| Box::pin(page::read(app, shard, cursor));
    let mut coming = Some(page_after(taken.cursor.clone()));
    let (mut line, mut under_way, mut stop) = (Line::default(), UnderWay::default(), None);
    loop {
        if coming.is_some() && stop.is_none() && run.deadline.left(app.clock.as_ref()).is_zero() {
            stop = Some(Stop::Time);
        }
        while under_way.count() < AT_THE_DOOR
            && let Some((page, person)) = line.waiting.pop_front()
        {
            under_way.begin(async move { (page, verify(run, person).await) });
        }
        tokio::select! {
            biased;
            Some(page) = arrival(&mut coming), if stop.is_none() && line.waiting.len() < AT_THE_DOOR => match page {
                Ok(page) => {
                    coming = page.next.clone().map(|cursor| page_after(Some(cursor)));
                    line.admit(through_breaker(run, page, report).await);
                }
                Err(error) => {
                    coming = None;
                    stop = Some(Stop::Store(error));
                }
            },
            Some((page, outcome)) = under_way.next() => {
                report.count(&outcome);
                line.was_asked(page);
            }
            else => break,
        }
        if run.refused.load(Ordering::Relaxed) {
            stop = Some(Stop::Refused);
        }
        while matches!(stop, None | Some(Stop::Time))
            && let Some(page) = line.done()
        {
            taken.clean = was_clean && report.left_out() == left_out;
            taken.cursor = page.next;
            if taken.cursor.is_none() {
                report.shards += 1;
                return ended(shards.finish(&taken, next_due(&taken)).await, Ended::Whole);
            }
            match shards.checkpoint(&taken, app.clock.now() + LEASE).await {
                Ok(()) => {}
                Err(SaveError::Stale) => stop = Some(Stop::Lost),
                Err(SaveError::Store(error)) => stop = Some(Stop::Store(error)),
            }
        }
        if !matches!(stop, None | Some(Stop::Time)) {
            line.waiting.clear();
        }
    }
    match stop {
        Some(Stop::Store(error)) => Err(error),
        Some(Stop::Refused) => {
            taken.clean = false;
            ended(shards.pause(&taken).await, Ended::OurCredential)
        }
        Some(Stop::Time) => ended(shards.pause(&taken).await, Ended::Paused),
        Some(Stop::Lost) | None => Ok(Ended::Paused),
    }
}

/// The page that is being read, if one is.
async fn arrival<P: Future + Unpin>(coming: &mut Option<P>) -> Option<P::Output> {
    match coming {
        Some(page) => Some(page.await),
        None => None,
    }
}

fn next_due(taken: &Taken) -> Instant {
    let soon = !taken.clean && taken.unclean_before < MOST_REPEATS;
    taken.pass_started + if soon { REPEAT_AFTER } else { VERIFY_EVERY }
}

/// A shard that another took meanwhile is his.
fn ended(written: Result<(), SaveError>, end: Ended) -> Result<Ended, StoreError> {
    match written {
        Ok(()) => Ok(end),
        Err(SaveError::Stale) => Ok(Ended::Paused),
        Err(SaveError::Store(error)) => Err(error),
    }
}

/// Asks for one, as soon as there is a place.
async fn verify(run: &Run<'_>, (read, key): Sealed) -> Outcome {
    let _place = run.places.take(read.value.account.as_ref().map(|account| account.tenant)).await;
    if run.refused.load(Ordering::Relaxed) {
        return Err(AccessError::OurCredential);
    }
    // Its 12 KB are made for whoever has a place, not moved about with everybody who waits.
    let outcome = Box::pin(run.app.access.verify(read, &key, Why::Check, run.deadline)).await;
    run.refused.fetch_or(matches!(outcome, Err(AccessError::OurCredential)), Ordering::Relaxed);
    outcome
}

/// One goes first through the open breaker: if Entra speaks of his token, it takes our credential again, and the
/// rest of the page may follow. Whoever cannot be asked says nothing; a page on which nobody can leaves it to the next.
async fn through_breaker(run: &Run<'_>, mut page: Page, report: &mut SweepReport) -> Page {
    report.add(&page.missing);
    while report.breaker_open
        && let Some(person) = page.people.pop()
    {
        let outcome = verify(run, person).await;
        report.count(&outcome);
        match outcome {
            Ok(_) => report.breaker_open = false,
            Err(AccessError::Sealed(_) | AccessError::Unserved(_)) => {}
            Err(_) => run.refused.store(true, Ordering::Relaxed),
        }
        if run.refused.load(Ordering::Relaxed) {
            page.people.clear();
        }
    }
    page
}
