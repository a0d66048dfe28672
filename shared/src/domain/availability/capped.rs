//! How many busy times one answer shows. Lambda refuses answers over 6 MB, and a hundred calendars over half a year are
//! more than that. Slots are found from all times, whether they are shown or not.

use std::borrow::Cow;

use jiff::Timestamp;

use super::Busy;

/// Busy times of one answer, of all calendars together. Each is at most 120 bytes.
pub const MOST_BUSY: usize = 20_000;

/// What is shown of one calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// In the order of time.
    pub busy: Cow<'a, [Busy]>,
    /// From here on nothing is shown; none if everything is.
    pub truncated_at: Option<Timestamp>,
}

/// What is shown of each calendar, given its items in the order of time. Where there are too many, equal ones that touch
/// are joined first; then every calendar is cut at the same number.
pub fn capped<'a>(calendars: &[&'a [Busy]], most: usize) -> Vec<Shown<'a>> {
    let whole = |busy: Cow<'a, [Busy]>| Shown { busy, truncated_at: None };
    if calendars.iter().map(|busy| busy.len()).sum::<usize>() <= most {
        return calendars.iter().map(|busy| whole(Cow::Borrowed(*busy))).collect();
    }
    let joined: Vec<Vec<Busy>> = calendars.iter().map(|busy| joined(busy)).collect();
    let share = share(joined.iter().map(Vec::len).collect(), most);
    let cut = |mut busy: Vec<Busy>| {
        let truncated_at = busy.get(share).map(|next| next.start);
        busy.truncate(share);
        Shown { busy: Cow::Owned(busy), truncated_at }
    };
    joined.into_iter().map(cut).collect()
}

/// The largest number to which each may be cut so that all together are at most so many.
fn share(mut counts: Vec<usize>, most: usize) -> usize {
    counts.sort_unstable();
    let (mut left, mut calendars) = (most, counts.len());
    for count in counts {
        if count * calendars > left {
            return left / calendars;
        }
        left -= count;
        calendars -= 1;
    }
    usize::MAX
}

fn joined(busy: &[Busy]) -> Vec<Busy> {
    let mut all: Vec<Busy> = Vec::with_capacity(busy.len());
    for item in busy {
        match all.last_mut() {
            Some(last) if last.status == item.status && item.start <= last.end => {
                last.end = last.end.max(item.end);
            }
            _ => all.push(*item),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn items(count: i64, every: i64, length: i64) -> Vec<Busy> {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let item = |n| Busy { start: at(n * every), end: at(n * every + length), status: Status::Busy };
        (0..count).map(item).collect()
    }

    #[test]
    fn what_fits_is_shown_as_it_is() {
        let (one, two) = (items(3, 10, 10), items(2, 10, 5));
        let shown = capped(&[&one, &two], 5);
        assert_eq!((shown[0].busy.len(), shown[1].busy.len()), (3, 2), "nothing is joined");
        assert!(shown.iter().all(|shown| shown.truncated_at.is_none()));
    }

    #[test]
    fn what_does_not_fit_is_joined_and_then_cut_where_it_says() {
        let (touching, apart, few) = (items(100, 10, 10), items(50, 10, 5), items(2, 10, 5));
        let shown = capped(&[&touching, &apart, &few], 13);
        assert_eq!(shown[0].busy.len(), 1, "one long time");
        assert_eq!((shown[1].busy.len(), shown[1].truncated_at), (10, Some(apart[10].start)));
        assert_eq!((shown[2].busy.len(), shown[2].truncated_at), (2, None));
        let all: usize = capped(&[&apart, &apart, &few], 13).iter().map(|shown| shown.busy.len()).sum();
        assert_eq!(all, 12, "five each, and the two");
        assert!(capped(&[&apart, &apart], 1).iter().all(|shown| shown.busy.is_empty()));
    }
}
