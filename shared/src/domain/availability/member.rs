//! One calendar under a policy: when its owner cannot take part, and when there is a doubt.

use jiff::Timestamp;

use super::times::{Interval, Times, ceil, floor, instant};
use super::{Admit, Busy, Calendar, Counts, Kind, Policy, Schedule, Status};

/// Somebody who might take part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Cannot take part; keeps its distance by the buffers.
    pub busy: Times,
    /// Cannot take part; keeps no distance.
    pub away: Times,
    /// It is not known whether he can; with buffers.
    pub doubtful: Times,
    /// He can, but would rather not: tentative items (with buffers).
    pub tentative: Times,
    /// As `tentative`, without buffers: outside of his hours, or hours that nobody knows.
    pub off: Times,
}

/// The items but those of the interview that is moved: one item with exactly these times each, or what is left of them
/// within the time that was asked about. Free/busy items have no id, so time is all there is to know them by, and no
/// source says whether Exchange cuts items off at the ends of that time.
pub fn without<'a>(
    busy: &'a [Busy],
    own: &[(Timestamp, Timestamp)],
    (from, to): (Timestamp, Timestamp),
) -> impl Iterator<Item = &'a Busy> + 'a {
    let is = |item: &Busy, (start, end): (Timestamp, Timestamp)| (item.start, item.end) == (start, end);
    let cut = |(start, end): (Timestamp, Timestamp)| (start.max(from), end.min(to));
    let place = |time: &(Timestamp, Timestamp)| {
        let whole = busy.iter().position(|item| is(item, *time));
        whole.or_else(|| busy.iter().position(|item| is(item, cut(*time))))
    };
    let left_out: Vec<usize> = own.iter().filter_map(place).collect();
    busy.iter().enumerate().filter(move |(n, _)| !left_out.contains(n)).map(|(_, item)| item)
}

impl Member {
    /// Reads a schedule for the times between `range`. `own` as in [`Schedule::at`].
    pub fn of(schedule: &Schedule, policy: &Policy, own: &[(Timestamp, Timestamp)], range: Interval) -> Self {
        if let Ok(calendar) = &schedule.read {
            return Self::known(schedule.kind, calendar, *policy, own, range);
        }
        let all = Times::one(range.0, range.1);
        match policy.unknown {
            Admit::Exclude => Self { busy: all, ..Self::default() },
            Admit::Include => Self { doubtful: all, ..Self::default() },
        }
    }

    fn known(
        kind: Kind,
        calendar: &Calendar,
        policy: Policy,
        own: &[(Timestamp, Timestamp)],
        range: Interval,
    ) -> Self {
        let (mut busy, mut doubtful, mut tentative) =
            (Vec::with_capacity(calendar.busy.len()), Vec::new(), Vec::new());
        for item in without(&calendar.busy, own, (instant(range.0), instant(range.1))) {
            let time = (floor(item.start), ceil(item.end));
            match (item.status, policy) {
                (Status::Busy | Status::OutOfOffice, _)
                | (Status::Tentative, Policy { tentative: Counts::Busy, .. })
                | (Status::WorkingElsewhere, Policy { working_elsewhere: Counts::Busy, .. })
                | (Status::Unknown, Policy { unknown: Admit::Exclude, .. }) => busy.push(time),
                (Status::Tentative, _) => tentative.push(time),
                (Status::Unknown, _) => doubtful.push(time),
                (Status::WorkingElsewhere, _) => {}
            }
        }
        // A merged view shows working elsewhere as free: where that counts as busy, its free times are not known.
        if calendar.merged && policy.working_elsewhere == Counts::Busy {
            match policy.unknown {
                Admit::Exclude => busy.push(range),
                Admit::Include => doubtful.push(range),
            }
        }
        let (away, off) = match kind {
            Kind::Person => outside(calendar, policy, range),
            Kind::Room => Default::default(),
        };
        Self {
            busy: Times::of(busy),
            away,
            doubtful: Times::of(doubtful),
            tentative: Times::of(tentative),
            off,
        }
    }
}

/// Outside of working hours: when he is away, and when he would rather not. Hours by a clock that nobody knows
/// exclude nothing, but nobody can be sure of them.
fn outside(calendar: &Calendar, policy: Policy, (from, to): Interval) -> (Times, Times) {
    let Some(hours) = &calendar.hours else { return Default::default() };
    match (hours.times(from, to), policy.outside_working_hours) {
        (Some(worked), Admit::Exclude) => (worked.gaps(from, to), Times::default()),
        (Some(worked), Admit::Include) => (Times::default(), worked.gaps(from, to)),
        (None, _) => (Times::default(), Times::one(from, to)),
    }
}
