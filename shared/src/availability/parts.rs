//! How a question is cut into calls: by twenties of addresses, and by spans of time.

use jiff::Timestamp;

use crate::domain::address::Address;
use crate::domain::availability::times::{Interval, Times, instant};
use crate::microsoft::{MOST_ADDRESSES, MOST_DAYS};

const DAY: i64 = 86_400;

/// One call: some of the addresses over a part of the time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// Which twenty its addresses are of.
    pub(super) chunk: usize,
    pub(super) time: (Timestamp, Timestamp),
    /// Places of the addresses in the whole question.
    pub(super) places: Vec<usize>,
}

impl Part {
    pub(super) fn emails(&self, all: &[Address]) -> Vec<Address> {
        self.places.iter().filter_map(|place| all.get(*place)).cloned().collect()
    }

    /// One half each of the addresses; for at least two of them.
    pub(super) fn halves(&self) -> [Self; 2] {
        let (first, second) = self.places.split_at(self.places.len() / 2);
        [first, second].map(|places| self.of(places.to_vec()))
    }

    /// The same time for these.
    pub(super) fn of(&self, places: Vec<usize>) -> Self {
        Self { places, ..self.clone() }
    }
}

/// The calls: addresses by twenties, each over every span of time.
pub(super) fn parts(addresses: usize, times: &Times) -> Vec<Part> {
    let spans = spans(times);
    let places: Vec<usize> = (0..addresses).collect();
    let part = |(chunk, places): (usize, &[usize])| {
        let places = places.to_vec();
        spans.iter().map(move |(from, to)| Part {
            chunk,
            time: (instant(*from), instant(*to)),
            places: places.clone(),
        })
    };
    places.chunks(MOST_ADDRESSES).enumerate().flat_map(part).collect()
}

/// As few spans as cover all times, each short enough for one call. A time that is too long for one is cut.
fn spans(times: &Times) -> Vec<Interval> {
    let longest = MOST_DAYS * DAY;
    let mut spans: Vec<Interval> = Vec::new();
    for (mut from, to) in times.iter() {
        if let Some(last) = spans.last_mut()
            && to - last.0 <= longest
        {
            last.1 = to;
            continue;
        }
        while from < to {
            spans.push((from, to.min(from + longest)));
            from += longest;
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_second_is_read_once_and_no_call_is_too_long(
            times in proptest::collection::vec((0i64..400 * DAY, 0i64..200 * DAY), 0..8),
        ) {
            let times = Times::of(times.into_iter().map(|(from, length)| (from, from + length)).collect());
            let spans = spans(&times);
            prop_assert!(spans.iter().all(|(from, to)| from < to && to - from <= MOST_DAYS * DAY));
            prop_assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            let read = Times::of(spans.clone());
            let covered = |(from, to): Interval| read.iter().any(|(a, b)| a <= from && to <= b);
            prop_assert!(times.iter().all(covered));
        }
    }

    #[test]
    fn windows_that_are_near_are_read_together_and_far_ones_apart() {
        let week = |n: i64| (n * 7 * DAY, n * 7 * DAY + 5 * DAY);
        assert_eq!(spans(&Times::of(vec![week(0), week(1), week(2)])), [(0, 19 * DAY)]);
        assert_eq!(spans(&Times::of(vec![week(0), week(20)])), [week(0), week(20)]);
        assert_eq!(spans(&Times::one(0, 62 * DAY)), [(0, 61 * DAY), (61 * DAY, 62 * DAY)]);
    }

    #[test]
    fn forty_five_addresses_are_three_calls() {
        let parts = parts(45, &Times::one(0, DAY));
        let sizes: Vec<(usize, usize)> =
            parts.iter().map(|part| (part.places[0], part.places.len())).collect();
        assert_eq!(sizes, [(0, 20), (20, 20), (40, 5)]);
    }
}
