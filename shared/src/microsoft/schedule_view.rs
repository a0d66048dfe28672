//! `availabilityView`, digit by digit, beside the items of a schedule. Pure.
//!
//! 0 is free or working elsewhere (microsoft-graph-docs-contrib#399), 1 tentative, 2 busy, 3 out of office; 4 is working
//! elsewhere for some servers and "no data" for others, so it is not known, as is every other sign. Some servers send
//! the view alone. Where there are items too, the view adds what they leave out: a time that it calls busy is busy.

use super::schedule_window::Window;
use crate::domain::availability::times::{ceil, floor, instant};
use crate::domain::availability::{Busy, Status};

/// What the view says alone; none if it is not a view of this window.
pub(super) fn alone(view: &str, window: &Window) -> Option<Vec<Busy>> {
    let step = window.seconds_per_digit(view.len())?;
    Some(runs(view, window, step).collect())
}

/// What the view says and no item does.
pub(super) fn beside(view: &str, window: &Window, items: &[Busy]) -> Vec<Busy> {
    // The usual view is cheap to read.
    if view.bytes().all(|digit| digit == b'0') {
        return Vec::new();
    }
    let Some(step) = window.seconds_per_digit(view.len()) else {
        // It says that something is there, and not when. Items are an answer; without any, nothing is known.
        let (from, to) = window.bounds();
        let all = Busy { start: instant(from), end: instant(to), status: Status::Unknown };
        return if items.is_empty() { vec![all] } else { Vec::new() };
    };
    let mut sorted: Vec<&Busy> = items.iter().collect();
    sorted.sort_unstable_by_key(|item| item.start);
    let mut rest = Vec::new();
    let mut first = 0;
    for run in runs(view, window, step) {
        // Each digit of a run by itself: an item explains only the intervals that it touches.
        let (mut from, to) = (floor(run.start), ceil(run.end));
        let mut open: Option<Busy> = None;
        while from < to {
            let (start, end) = (instant(from), instant(from + step));
            while sorted.get(first).is_some_and(|item| item.end <= start) {
                first += 1;
            }
            let touching = sorted[first..].iter().take_while(|item| item.start < end);
            let explained =
                touching.filter(|item| start < item.end).any(|item| explains(item.status, run.status));
            match (&mut open, explained) {
                (Some(open), false) => open.end = end,
                (None, false) => open = Some(Busy { start, end, status: run.status }),
                (_, true) => rest.extend(open.take()),
            }
            from += step;
        }
        rest.extend(open);
    }
    rest
}

/// Whether an item of one status is what a digit of the other one stands for.
fn explains(item: Status, digit: Status) -> bool {
    let rank = |status| match status {
        Status::WorkingElsewhere => 0,
        Status::Tentative => 1,
        Status::Busy => 2,
        Status::OutOfOffice => 3,
        Status::Unknown => 4,
    };
    // A 4 may be an item of any kind.
    digit == Status::Unknown || (item != Status::Unknown && rank(item) >= rank(digit))
}

/// Equal digits in a row that are not free.
fn runs<'a>(view: &'a str, window: &Window, step: i64) -> impl Iterator<Item = Busy> + 'a {
    let (from, to) = window.bounds();
    let digits = view.as_bytes();
    let mut place = 0;
    std::iter::from_fn(move || {
        loop {
            let digit = *digits.get(place)?;
            let length = digits[place..].iter().take_while(|other| **other == digit).count();
            let (begin, end) = (place, place + length);
            place = end;
            if let Some(status) = status(digit) {
                let at = |digits: usize| i64::try_from(digits).map_or(to, |n| (from + n * step).min(to));
                return Some(Busy { start: instant(at(begin)), end: instant(at(end)), status });
            }
        }
    })
}

fn status(digit: u8) -> Option<Status> {
    match digit {
        b'0' => None,
        b'1' => Some(Status::Tentative),
        b'2' => Some(Status::Busy),
        b'3' => Some(Status::OutOfOffice),
        _ => Some(Status::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> jiff::Timestamp {
        format!("2026-12-01T{text}:00Z").parse().expect("a time")
    }

    fn item(start: &str, end: &str, status: Status) -> Busy {
        Busy { start: at(start), end: at(end), status }
    }

    /// Half an hour: six digits.
    fn window() -> Window {
        Window::covering(at("09:00"), at("09:30"))
    }

    #[test]
    fn a_view_alone_is_read_digit_by_digit() {
        assert_eq!(alone("000000", &window()), Some(Vec::new()));
        assert_eq!(
            alone("012234", &window()),
            Some(vec![
                item("09:05", "09:10", Status::Tentative),
                item("09:10", "09:20", Status::Busy),
                item("09:20", "09:25", Status::OutOfOffice),
                item("09:25", "09:30", Status::Unknown),
            ])
        );
        assert_eq!(alone("00000x", &window()), Some(vec![item("09:25", "09:30", Status::Unknown)]));
        assert_eq!(
            alone("2", &window()),
            Some(vec![item("09:00", "09:30", Status::Busy)]),
            "the default of 30"
        );
        for short in ["", "00", "0000000"] {
            assert_eq!(alone(short, &window()), None, "{short}");
        }
    }

    #[test]
    fn a_view_that_says_busy_without_an_item_is_busy() {
        let busy = vec![item("09:05", "09:15", Status::Busy)];
        assert_eq!(beside("022000", &window(), &[]), busy);
        assert_eq!(beside("000000", &window(), &[]), []);
        assert_eq!(beside("022000", &window(), &[item("09:06", "09:14", Status::Busy)]), []);
        // One of two is missing among the items.
        let half = [item("08:00", "09:10", Status::OutOfOffice)];
        assert_eq!(beside("022000", &window(), &half), [item("09:10", "09:15", Status::Busy)]);
        let elsewhere = [item("09:00", "09:30", Status::WorkingElsewhere)];
        assert_eq!(beside("022000", &window(), &elsewhere), busy);
        assert_eq!(beside("444444", &window(), &elsewhere), [], "4 is working elsewhere for some servers");
        let tentative = [item("09:00", "09:30", Status::Tentative)];
        assert_eq!(beside("122211", &window(), &tentative), [item("09:05", "09:20", Status::Busy)]);
        // A long item behind a short one.
        let two = [item("08:00", "09:02", Status::Busy), item("08:00", "09:30", Status::Busy)];
        assert_eq!(beside("222222", &window(), &two), []);
        let two = [item("08:00", "09:30", Status::Busy), item("08:30", "09:02", Status::Busy)];
        assert_eq!(beside("222222", &window(), &two), []);
    }

    #[test]
    fn a_view_of_another_length_is_no_answer_and_never_free() {
        let all = [item("09:00", "09:30", Status::Unknown)];
        assert_eq!(beside("0020", &window(), &[]), all);
        assert_eq!(beside("0020", &window(), &[item("09:00", "09:05", Status::Busy)]), []);
        assert_eq!(beside("0000", &window(), &[]), []);
    }
}
