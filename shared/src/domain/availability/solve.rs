//! Slots: every start on the grid at which enough people and a room are free, with the best choice of them.
//!
//! An interval in which somebody is busy forbids an interval of *starts*. So each calendar becomes a few ranges on the
//! grid, and one sweep over all their ends knows at every step who is free; between two ends nothing changes.

use super::member::Member;
use super::times::{Interval, Times, merge};

/// What is looked for. Lengths in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// A slot lies within one of these whole. The grid begins anew with each.
    pub windows: &'a Times,
    /// Length of a slot; at least 1.
    pub duration: i64,
    /// From one start to the next; at least 1.
    pub step: i64,
    /// Kept free before a slot and behind it, for everybody in it.
    pub buffers: (i64, i64),
    /// So many of `people`; at most all of them.
    pub need: usize,
    /// In the order in which they are preferred.
    pub people: &'a [Member],
    /// One of these, in the order in which they are preferred; none is needed if there are none.
    pub rooms: &'a [Member],
    /// Stop after so many slots.
    pub most: usize,
}

/// Who takes part, and how sure that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Places in [`Search::people`], in order.
    pub people: Vec<usize>,
    /// Place in [`Search::rooms`].
    pub room: Option<usize>,
    /// The mean of all who take part, rounded down: [`SURE`], [`RATHER_NOT`] or [`NOT_KNOWN`] each.
    pub confidence: u32,
}

/// A slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Begin.
    pub start: i64,
    /// Place in [`Found::choices`].
    pub choice: usize,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order of time.
    pub slots: Vec<Slot>,
    /// Each differs from the one before.
    pub choices: Vec<Choice>,
    /// There are more than [`Search::most`].
    pub more: bool,
}

/// Free, as far as calendars tell.
pub const SURE: u32 = 100;
/// Tentatively booked, or outside of working hours.
pub const RATHER_NOT: u32 = 75;
/// Nobody knows.
pub const NOT_KNOWN: u32 = 50;

const CANNOT: u8 = 1;
const DOUBT: u8 = 2;
const UNEASY: u8 = 4;

/// The starts of one window.
struct Run {
    first: i64,
    index: u32,
    count: u32,
}

/// Somebody's state changes at a step of the grid: step, member, state and whether it begins, in one number, so that
/// sorting is cheap.
type Event = u64;

fn event(step: u32, member: usize, state: u8, begins: bool) -> Event {
    u64::from(step) << 32 | (member as u64) << 8 | u64::from(state) << 1 | u64::from(begins)
}

/// Finds the slots.
pub fn solve(search: &Search<'_>) -> Found {
    let runs = runs(search);
    let total = runs.last().map_or(0, |run| run.index + run.count);
    let mut events = Vec::new();
    let mut scratch = Vec::new();
    for (n, member) in search.people.iter().chain(search.rooms).enumerate() {
        for (state, buffered, plain) in [
            (CANNOT, &member.busy, &member.away),
            (DOUBT, &member.doubtful, &Times::default()),
            (UNEASY, &member.tentative, &member.off),
        ] {
            forbidden(search, buffered, plain, &mut scratch);
            changes(&runs, search.step, &scratch, |step, begins| events.push(event(step, n, state, begins)));
        }
    }
    events.sort_unstable();
    sweep(search, &runs, total, &events)
}

fn runs(search: &Search<'_>) -> Vec<Run> {
    let mut index = 0;
    let run = |(from, to): Interval| {
        let room = to - from - search.duration;
        let count = if room < 0 { 0 } else { u32::try_from(room / search.step + 1).unwrap_or(u32::MAX) };
        let run = Run { first: from, index, count };
        index += count;
        run
    };
    search.windows.iter().map(run).filter(|run| run.count > 0).collect()
}

/// The starts at which a slot would meet one of these times.
fn forbidden(search: &Search<'_>, buffered: &Times, plain: &Times, into: &mut Vec<Interval>) {
    into.clear();
    let ((before, after), length) = (search.buffers, search.duration);
    into.extend(buffered.iter().map(|(from, to)| (from - length - after + 1, to + before)));
    into.extend(plain.iter().map(|(from, to)| (from - length + 1, to)));
    if !into.is_sorted() {
        into.sort_unstable();
    }
    merge(into);
}

/// The steps of the grid at which these intervals of starts begin and end.
fn changes(runs: &[Run], step: i64, intervals: &[Interval], mut tell: impl FnMut(u32, bool)) {
    let mut open: Option<(u32, u32)> = None;
    let mut run = 0;
    for (from, to) in intervals.iter().copied() {
        // Windows that end before this interval begins are over for all later ones, too.
        while runs.get(run).is_some_and(|run| run.first + i64::from(run.count - 1) * step < from) {
            run += 1;
        }
        for run in runs[run..].iter().take_while(|run| run.first < to) {
            let place = |second: i64| {
                let steps = (second - run.first).max(0).div_ceil_to(step);
                run.index + u32::try_from(steps).unwrap_or(u32::MAX).min(run.count)
            };
            let (begin, end) = (place(from), place(to));
            match &mut open {
                _ if begin >= end => {}
                Some(last) if begin <= last.1 => last.1 = end,
                last => {
                    if let Some((begin, end)) = last.replace((begin, end)) {
                        tell(begin, true);
                        tell(end, false);
                    }
                }
            }
        }
    }
    if let Some((begin, end)) = open {
        tell(begin, true);
        tell(end, false);
    }
}

/// Division that rounds up, of a number that is not negative.
trait DivCeil {
    fn div_ceil_to(self, by: i64) -> i64;
}

impl DivCeil for i64 {
    fn div_ceil_to(self, by: i64) -> i64 {
        (self + by - 1) / by
    }
}

fn sweep(search: &Search<'_>, runs: &[Run], total: u32, events: &[Event]) -> Found {
    let mut found = Found::default();
    let mut states = vec![0_u8; search.people.len() + search.rooms.len()];
    let mut runs = runs.iter().peekable();
    let (mut step, mut rest) = (0, events.iter().copied().peekable());
    while step < total {
        while let Some(event) = rest.next_if(|event| event >> 32 == u64::from(step)) {
            let member = usize::try_from(event >> 8 & 0x00FF_FFFF).unwrap_or_default();
            let state = u8::try_from(event >> 1 & 0x7F).unwrap_or_default();
            if event & 1 == 1 { states[member] |= state } else { states[member] &= !state }
        }
        let until = rest.peek().map_or(total, |event| u32::try_from(event >> 32).unwrap_or(total).min(total));
        if let Some(choice) = choose(search, &states) {
            if found.choices.last() != Some(&choice) {
                found.choices.push(choice);
            }
            for step in step..until {
                if found.slots.len() == search.most {
                    found.more = true;
                    return found;
                }
                while runs.next_if(|run| run.index + run.count <= step).is_some() {}
                let Some(run) = runs.peek() else { break };
                let start = run.first + i64::from(step - run.index) * search.step;
                found.slots.push(Slot { start, choice: found.choices.len() - 1 });
            }
        }
        step = until;
    }
    found
}

fn grade(state: u8) -> u32 {
    match state {
        0 => SURE,
        state if state & CANNOT != 0 => 0,
        state if state & DOUBT != 0 => NOT_KNOWN,
        _ => RATHER_NOT,
    }
}

/// The surest ones, and among equals the first ones.
fn choose(search: &Search<'_>, states: &[u8]) -> Option<Choice> {
    let (people, rooms) = states.split_at(search.people.len());
    if people.iter().filter(|state| *state & CANNOT == 0).count() < search.need {
        return None;
    }
    let room = |wanted: u32| rooms.iter().position(|state| grade(*state) == wanted);
    let room = [SURE, RATHER_NOT, NOT_KNOWN].into_iter().find_map(room);
    if room.is_none() && !rooms.is_empty() {
        return None;
    }
    let mut chosen: Vec<usize> = Vec::with_capacity(search.need);
    for wanted in [SURE, RATHER_NOT, NOT_KNOWN] {
        if chosen.len() < search.need {
            let these =
                people.iter().enumerate().filter(|(_, state)| grade(**state) == wanted).map(|(n, _)| n);
            chosen.extend(these.take(search.need - chosen.len()));
        }
    }
    chosen.sort_unstable();
    let all = chosen.iter().map(|n| people[*n]).chain(room.map(|n| rooms[n])).map(grade);
    let (sum, count) = all.fold((0, 0), |(sum, count), grade| (sum + grade, count + 1));
    let confidence = u32::checked_div(sum, count).unwrap_or(SURE);
    Some(Choice { people: chosen, room, confidence })
}

#[cfg(test)]
#[path = "solve_tests.rs"]
mod tests;
