//! One pass over one shard: everybody who still has tokens, page by page.
//!
//! The next page is read while the last of this one are asked for, so that no place stays empty. A page is noted as
//! done once everybody on it is. One bad connection is a count, not an end. Only a refusal of our own credential
//! ends the pass, for then every further redemption would fail alike.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shared::access::{AccessError, Verified, Why};
use shared::app::App;
use shared::concurrent::{Places, UnderWay};
use shared::domain::ids::TenantId;
use shared::domain::time::{Instant, Span, minutes, seconds};
use shared::microsoft::Deadline;
use shared::store::{Cursor, SaveError, StoreError, Taken};

use crate::page::{self, Page, Sealed};
use crate::report::SweepReport;

/// Every connection is verified at least this often.
pub const VERIFY_EVERY: Span = minutes(45);
/// A pass that left somebody out is repeated so soon: one lost answer must not cost the hour.
pub const REPEAT_AFTER: Span = minutes(5);
/// But not more often than this in a row: then the trouble lasts, and haste does not help.
pub const MOST_REPEATS: u32 = 3;
/// A worker that died must not keep the shard from the others.
pub const LEASE: Span = seconds(120);
/// So long after its last note a pass renews its lease, also if no page is done: Entra may be slow.
const RENEW_AFTER: Span = seconds(40);
/// No page is begun with less time left: whoever was read is also asked.
const TO_FINISH: Duration = Duration::from_secs(30);
/// So many connections of a shard are asked for, or wait for a place, at a time: more than one tenant may have, so that
/// a large one leaves room for the others.
const AT_THE_DOOR: usize = 128;
/// The next page is read when no more than these wait behind them.
const READ_AHEAD: usize = 32;

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
    /// For redemptions under way: so many in all, and so many of a tenant, for Entra limits each tenant.
    pub(crate) places: Places<Option<TenantId>>,
    /// Our own credential was refused: nobody is asked any more.
    pub(crate) refused: AtomicBool,
}

impl Run<'_> {
    /// Whether nobody else may be asked.
    pub(crate) fn is_over(&self) -> bool {
        self.refused.load(Ordering::Relaxed) || self.time_left().is_zero()
    }

    fn time_left(&self) -> Duration {
        self.deadline.left(self.app.clock.as_ref())
    }
}

/// Why a pass cannot write any more.
enum Stop {
    /// Somebody else has the shard.
    Lost,
    Failed(StoreError),
}

/// A page of which somebody is left.
struct Begun {
    number: usize,
    left: usize,
    /// Whether somebody on it was left to the next pass.
    unclean: bool,
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
    fn admit(&mut self, page: Page, unclean: bool) {
        self.number += 1;
        let (number, left) = (self.number, page.people.len());
        self.pages.push_back(Begun { number, left, unclean, next: page.next });
        self.waiting.extend(page.people.into_iter().map(|person| (number, person)));
    }

    fn was_asked(&mut self, page: usize, left_out: bool) {
        if let Some(page) = self.pages.iter_mut().find(|begun| begun.number == page) {
            page.left -= 1;
            page.unclean |= left_out;
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
    let (app, shards, shard) = (run.app, &run.app.store.shards, taken.shard);
    let page_after = |cursor| Box::pin(page::read(app, shard, cursor));
    let note =
        |taken: Taken| Box::pin(async move { shards.checkpoint(&taken, app.clock.now() + LEASE).await });
    let (mut reading, mut noting) = (Some(page_after(taken.cursor.clone())), None);
    let (mut line, mut under_way) = (Line::default(), UnderWay::default());
    let (mut unread, mut stop, mut renew_at) = (None, None, app.clock.now() + RENEW_AFTER);
    loop {
        if stop.is_some() || run.is_over() {
            line.waiting.clear();
        }
        while under_way.count() < AT_THE_DOOR
            && let Some((page, person)) = line.waiting.pop_front()
        {
            under_way.begin(async move { (page, verify(run, person).await) });
        }
        if noting.is_none() && stop.is_none() {
            let done = line.done();
            if let Some(page) = &done {
                taken.clean &= !page.unclean;
                taken.cursor.clone_from(&page.next);
            }
            if done.is_some() && taken.cursor.is_none() {
                report.shards += 1;
                return ended(shards.finish(&taken, next_due(&taken)).await, Ended::Whole);
            }
            if done.is_some() || app.clock.now() >= renew_at {
                noting = Some(note(taken.clone()));
                renew_at = app.clock.now() + RENEW_AFTER;
            }
        }
        let may_read = stop.is_none() && !run.is_over() && run.time_left() > TO_FINISH;
        tokio::select! {
            biased;
            Some(noted) = result_of(&mut noting) => {
                noting = None;
                stop = match noted {
                    Ok(()) => None,
                    Err(SaveError::Stale) => Some(Stop::Lost),
                    Err(SaveError::Store(error)) => Some(Stop::Failed(error)),
                };
            }
            Some(page) = result_of(&mut reading), if may_read && line.waiting.len() <= READ_AHEAD => {
                reading = None;
                match page {
                    Ok(page) => {
                        reading = page.next.clone().map(|cursor| page_after(Some(cursor)));
                        let before = report.left_out();
                        let page = through_breaker(run, page, report).await;
                        if !run.is_over() {
                            line.admit(page, report.left_out() > before);
                        }
                    }
                    Err(error) => unread = Some(error),
                }
            }
            // Whoever was not asked stays on his page, and the page before the cursor.
            Some((page, outcome)) = under_way.next() => if let Some(outcome) = outcome {
                let before = report.left_out();
                report.count(&outcome);
                if !matches!(outcome, Err(AccessError::OurCredential)) {
                    line.was_asked(page, report.left_out() > before);
                }
            },
            else => break,
        }
    }
    match stop {
        Some(Stop::Failed(error)) => return Err(error),
        Some(Stop::Lost) => return Ok(Ended::Paused),
        None => {}
    }
    let refused = run.refused.load(Ordering::Relaxed);
    taken.clean &= !refused;
    let paused = shards.pause(&taken).await;
    match unread {
        Some(error) => Err(error),
        None => ended(paused, if refused { Ended::OurCredential } else { Ended::Paused }),
    }
}

/// The result of what is under way, if something is.
async fn result_of<F: Future + Unpin>(under_way: &mut Option<F>) -> Option<F::Output> {
    match under_way {
        Some(future) => Some(future.await),
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

/// Asks for one, as soon as there is a place. None: it was too late to ask.
async fn verify(run: &Run<'_>, (read, key): Sealed) -> Option<Outcome> {
    let _place = run.places.take(read.value.account.as_ref().map(|account| account.tenant)).await;
    if run.is_over() {
        return None;
    }
    // Its 12 KB are made for whoever has a place, not moved about with everybody who waits.
    let outcome = Box::pin(run.app.access.verify(read, &key, Why::Check, run.deadline)).await;
    run.refused.fetch_or(matches!(outcome, Err(AccessError::OurCredential)), Ordering::Relaxed);
    Some(outcome)
}

/// One goes first through the open breaker: if Entra speaks of his token, it takes our credential again, and the
/// rest of the page may follow. Whoever cannot be asked says nothing; a page on which nobody can leaves it to the next.
async fn through_breaker(run: &Run<'_>, mut page: Page, report: &mut SweepReport) -> Page {
    report.add(&page.missing);
    while report.breaker_open
        && !run.is_over()
        && let Some(person) = page.people.pop()
    {
        let outcome = verify(run, person).await;
        if let Some(outcome) = &outcome {
            report.count(outcome);
        }
        match outcome {
            Some(Ok(_)) => report.breaker_open = false,
            Some(Err(AccessError::Sealed(_) | AccessError::Unserved(_))) => {}
            // No answer is no sign that it takes our credential.
            Some(Err(_)) | None => run.refused.store(true, Ordering::Relaxed),
        }
    }
    page
}
