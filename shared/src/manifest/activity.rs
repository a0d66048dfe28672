//! What was done for one company lately: as far as one look at its rows tells, and no further.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::GraphCall as Listed;
use crate::domain::proof_log::{Entry, GraphCall};
use crate::microsoft::catalog::CATALOG;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Calls to Graph in the name of a company's users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// Within the last 24 hours.
    pub day: Count,
    /// Within the last 7 days.
    pub week: Count,
    /// How many of these are in the list of calls that stands on the page.
    pub listed: usize,
    /// The newest one.
    pub last: Option<Last>,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// So many were seen.
    pub number: usize,
    /// There may be more, which were not looked at.
    pub at_least: bool,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Last {
    /// When; in UTC.
    pub at: String,
    /// What for.
    pub purpose: &'static str,
}

impl Activity {
    /// From the newest operations; `more` says whether there are older ones that were not read.
    pub fn of(entries: &[Entry], more: bool, listed: &[Listed], now: Timestamp) -> Self {
        let calls: Vec<&GraphCall> = entries.iter().flat_map(|entry| &entry.calls).collect();
        // Operations are read by the time of their first call: older ones than the last of these are unknown.
        let oldest = entries.last().and_then(Entry::first).map_or(now, |first| first.at);
        let within = |span: SignedDuration| {
            let since = now.saturating_sub(span).unwrap_or(Timestamp::MIN);
            let number = calls.iter().filter(|call| call.at >= since).count();
            Count { number, at_least: more && oldest >= since }
        };
        let week = within(WEEK);
        let since = now.saturating_sub(WEEK).unwrap_or(Timestamp::MIN);
        let is_listed = |call: &&&GraphCall| {
            listed.iter().any(|known| known.method == call.method && known.path == call.path)
        };
        let last = calls.iter().max_by_key(|call| call.at).map(|call| Last {
            at: call.at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            purpose: purpose(call),
        });
        let listed = calls.iter().filter(|call| call.at >= since).filter(is_listed).count();
        Self { day: within(DAY), week, listed, last }
    }
}

/// What the catalog says of it.
fn purpose(call: &GraphCall) -> &'static str {
    let same = |entry: &&crate::microsoft::catalog::Entry| {
        entry.method == call.method.as_str()
            && entry.full_path() == call.path
            && entry.feature == call.feature
    };
    CATALOG.iter().find(same).map_or("A call that this version does not make.", |entry| entry.call.purpose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::features::Feature;

    fn at(hours_ago: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 - hours_ago * 3600).expect("a time")
    }

    fn entry(hours_ago: i64, paths: &[&str]) -> Entry {
        let call = |path: &&str| GraphCall {
            at: at(hours_ago),
            method: "GET".to_owned(),
            path: format!("/v1.0{path}"),
            feature: Feature::Calendar,
            request_id: String::new(),
            microsoft_request_id: None,
            status: Some(200),
        };
        Entry {
            customer: "acme".parse().expect("id"),
            user: "u-ana".parse().expect("id"),
            interview: None,
            calls: paths.iter().map(call).collect(),
            kept_until: at(-9999),
        }
    }

    fn listed() -> Vec<Listed> {
        super::super::calls(&[Feature::Calendar].into())
    }

    #[test]
    fn what_was_not_read_is_not_counted_as_nothing() {
        let entries = [
            entry(1, &["/me/events", "/me/events/{id}"]),
            entry(30, &["/me/gone"]),
            entry(200, &["/me/events"]),
        ];
        let whole = Activity::of(&entries, true, &listed(), at(0));
        assert_eq!(
            (whole.day, whole.week),
            (Count { number: 2, at_least: false }, Count { number: 3, at_least: false })
        );
        assert_eq!(whole.listed, 2);
        let cut = Activity::of(&entries[..2], true, &listed(), at(0));
        assert_eq!((cut.day.at_least, cut.week), (false, Count { number: 3, at_least: true }));
        let cut = Activity::of(&entries[..1], true, &listed(), at(0));
        assert!(cut.day.at_least && cut.week.at_least);
        assert_eq!(cut.last.map(|last| last.at).as_deref(), Some("2027-01-15 07:00 UTC"));
    }

    #[test]
    fn a_call_is_told_by_what_it_was_for() {
        let shown =
            |path| Activity::of(&[entry(1, &[path])], false, &[], at(0)).last.expect("a call").purpose;
        assert_eq!(shown("/me/calendar"), "See whose calendar it is and whether it may have Teams meetings.");
        assert_eq!(shown("/me/messages"), "A call that this version does not make.");
        let nothing = Activity::of(&[], false, &[], at(0));
        assert_eq!((nothing.week, nothing.last), (Count { number: 0, at_least: false }, None));
    }
}
