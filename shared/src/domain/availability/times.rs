//! Sets of times: sorted, disjoint, half-open intervals of whole seconds since the epoch. Every operation is one
//! sweep.

use jiff::Timestamp;

/// From, to; `from < to`.
pub type Interval = (i64, i64);

/// A set of times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times(Vec<Interval>);

/// The second of an instant, rounded down.
pub fn floor(instant: Timestamp) -> i64 {
    instant.as_second() - i64::from(instant.subsec_nanosecond() < 0)
}

/// The second of an instant, rounded up: what begins within a second is over only after it.
pub fn ceil(instant: Timestamp) -> i64 {
    instant.as_second() + i64::from(instant.subsec_nanosecond() > 0)
}

/// The instant of a second.
pub fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

impl Times {
    /// The union of intervals in any order; empty and reversed ones are nothing.
    pub fn of(mut intervals: Vec<Interval>) -> Self {
        intervals.retain(|(from, to)| from < to);
        if !intervals.is_sorted() {
            intervals.sort_unstable();
        }
        merge(&mut intervals);
        Self(intervals)
    }

    /// One interval.
    pub fn one(from: i64, to: i64) -> Self {
        Self::of(vec![(from, to)])
    }

    /// The intervals, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Interval> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// First and last second, if there is any.
    pub fn bounds(&self) -> Option<Interval> {
        Some((self.0.first()?.0, self.0.last()?.1))
    }

    /// What is missing in it between `from` and `to`.
    #[must_use]
    pub fn gaps(&self, from: i64, to: i64) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut open = from;
        for (start, end) in self.iter() {
            if start >= to {
                break;
            }
            if start > open {
                gaps.push((open, start));
            }
            open = open.max(end);
        }
        if open < to {
            gaps.push((open, to));
        }
        Self(gaps)
    }
}

/// Joins what overlaps or touches, in place; `intervals` are sorted.
pub(super) fn merge(intervals: &mut Vec<Interval>) {
    intervals.dedup_by(|next, kept| {
        let joined = next.0 <= kept.1;
        if joined {
            kept.1 = kept.1.max(next.1);
        }
        joined
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_holds_the_seconds_of_its_intervals_and_its_gaps_the_others(
            intervals in proptest::collection::vec((0i64..60, 0i64..60), 0..12),
        ) {
            let set = Times::of(intervals.clone());
            let gaps = set.gaps(5, 50);
            let holds = |set: &Times, second| set.iter().any(|(from, to)| from <= second && second < to);
            for second in 0..60 {
                let wanted = intervals.iter().any(|(from, to)| *from <= second && second < *to);
                prop_assert_eq!(holds(&set, second), wanted);
                prop_assert_eq!(holds(&gaps, second), !wanted && (5..50).contains(&second));
            }
            prop_assert!(set.0.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }

    #[test]
    fn an_instant_within_a_second_takes_the_whole_second() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert_eq!(ceil(at("2026-12-01T10:00:00.5Z")) - floor(at("2026-12-01T10:00:00.5Z")), 1);
        assert_eq!(floor(at("1969-12-31T23:59:59.5Z")), -1);
        assert_eq!(instant(floor(at("2026-12-01T10:00:00Z"))), at("2026-12-01T10:00:00Z"));
    }
}
