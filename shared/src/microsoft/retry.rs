//! When to try again. Pure: header, time and chance are arguments.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// No server is believed that wants us to wait longer.
const LONGEST: Duration = Duration::from_hours(1);
/// The first exponential wait is at most this long; each further one twice as long.
const FIRST: Duration = Duration::from_millis(400);
/// The exponential wait grows no further.
const MOST: Duration = Duration::from_secs(8);
/// A wait is only worth it if a call still fits behind it.
const ROOM_FOR_A_CALL: Duration = Duration::from_secs(1);
/// The shortest and the longest wait for an event that is being changed.
const SETTLES_IN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));
/// Tries of one call at most, whatever the clock says.
pub const MOST_TRIES: u32 = 6;

/// Reads `Retry-After`: seconds, whole or decimal, or an HTTP date (RFC 9110 section 10.2.3; Graph was seen to
/// send all three). A wait that is not positive, or makes no sense, is none.
pub fn retry_after(header: Option<&str>, now: Timestamp) -> Option<Duration> {
    let text = header?.trim();
    let number = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let wait = if number {
        Duration::try_from_secs_f64(text.parse::<f64>().ok()?.min(LONGEST.as_secs_f64())).ok()?
    } else {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Duration::try_from(date.duration_since(now)).ok()?
    };
    (wait > Duration::ZERO).then_some(wait.min(LONGEST))
}

/// How long to wait before another try, if that fits into the time left.
///
/// Without word from the server: exponential with full jitter, so that callers who failed together do not come
/// back together. With it: at least as long as the server said, and a little chance on top.
pub fn next_wait(tries: u32, asked: Option<Duration>, left: Duration, jitter: f64) -> Option<Duration> {
    if tries >= MOST_TRIES {
        return None;
    }
    let most = FIRST.saturating_mul(1 << tries.saturating_sub(1).min(8)).min(MOST);
    let by_chance = most.mul_f64(jitter.clamp(0.0, 1.0));
    let wait = asked.map_or(by_chance, |asked| asked.saturating_add(by_chance / 4));
    (wait.saturating_add(ROOM_FOR_A_CALL) <= left).then_some(wait)
}

/// Exchange renews the change key of an event for seconds after it was made: a caller who meets that waits so long before
/// reading and deciding again, if a call still fits behind it.
pub fn settle_wait(tries: u32, left: Duration, jitter: f64) -> Option<Duration> {
    let wait = SETTLES_IN.0 + SETTLES_IN.1.saturating_sub(SETTLES_IN.0).mul_f64(jitter.clamp(0.0, 1.0));
    (tries < MOST_TRIES && wait.saturating_add(ROOM_FOR_A_CALL) <= left).then_some(wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(header: &str) -> Option<Duration> {
        retry_after(Some(header), "2026-11-20T09:50:51Z".parse().expect("time"))
    }

    #[test]
    fn seconds_decimals_and_dates_are_read() {
        assert_eq!(read("8"), Some(Duration::from_secs(8)));
        assert_eq!(read(" 2.128 "), Some(Duration::from_millis(2128)));
        assert_eq!(read("Fri, 20 Nov 2026 09:51:21 GMT"), Some(Duration::from_secs(30)));
    }

    #[test]
    fn what_makes_no_sense_is_none() {
        for header in
            ["", "0", "0.0", "-3", "soon", ".", "1.2.3", "NaN", "inf", "Fri, 20 Nov 2026 09:50:00 GMT", "é"]
        {
            assert_eq!(read(header), None, "{header}");
        }
        assert_eq!(retry_after(None, Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn nobody_is_believed_beyond_an_hour() {
        for header in ["86400", "99999999999999999999999999", "Fri, 20 Nov 2099 09:51:21 GMT"] {
            assert_eq!(read(header), Some(LONGEST), "{header}");
        }
    }

    #[test]
    fn a_wait_that_leaves_no_time_for_a_call_is_not_begun() {
        let asked = Some(Duration::from_secs(8));
        assert_eq!(next_wait(1, asked, Duration::from_secs(9), 0.0), asked);
        assert_eq!(next_wait(1, asked, Duration::from_millis(8999), 0.0), None);
        assert_eq!(next_wait(MOST_TRIES, None, LONGEST, 0.0), None);
    }

    proptest! {
        #[test]
        fn any_header_is_survived(header in ".{0,40}") {
            prop_assert!(read(&header).is_none_or(|wait| wait <= LONGEST));
        }

        #[test]
        fn seconds_are_believed_to_the_hundredth_and_up_to_an_hour(seconds in 0u64..100_000, hundredths in 0u64..100) {
            let said = Duration::from_secs(seconds) + Duration::from_millis(hundredths * 10);
            let wait = read(&format!("{seconds}.{hundredths:02}")).unwrap_or_default();
            prop_assert!(wait.abs_diff(said.min(LONGEST)) < Duration::from_micros(1), "{said:?} {wait:?}");
        }

        #[test]
        fn a_date_is_waited_for_if_it_is_ahead(ahead in -100_000i64..100_000) {
            let now: Timestamp = "2026-11-20T09:50:51Z".parse().expect("time");
            let date = now + jiff::SignedDuration::from_secs(ahead);
            let wait = read(&date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
            let due = u64::try_from(ahead).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs);
            prop_assert_eq!(wait, due.map(|due| due.min(LONGEST)));
        }

        #[test]
        fn a_server_is_never_asked_before_the_time_it_named(tries in 1u32..9, asked in 0u64..100, jitter in 0.0..1.0f64) {
            let asked = Duration::from_secs(asked);
            if let Some(wait) = next_wait(tries, Some(asked), Duration::from_mins(1), jitter) {
                prop_assert!(wait >= asked && wait + ROOM_FOR_A_CALL <= Duration::from_mins(1));
            }
        }
    }
}
