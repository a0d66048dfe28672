//! Right after a consent Entra may not know of it everywhere: it gives a code and refuses to redeem it (65001), or the
//! token lacks what was just granted. Seen for seconds to three minutes; it passes.

use jiff::{SignedDuration, Timestamp};

use super::{APPROVAL_NEEDED, Attempt};
use crate::domain::customer::Proven;
use crate::domain::verdict::Refusal;

/// A missing consent is not believed for so long.
pub const CONSENT_SETTLES: SignedDuration = SignedDuration::from_mins(3);
/// Seconds until the browser asks again.
pub const ASK_AGAIN_IN: u8 = 10;

impl Attempt {
    /// Since when a consent is waited for that Entra itself has acted upon; `None`: for long enough.
    pub fn waits_since(&self, now: Timestamp) -> Option<Timestamp> {
        let since = self.held_since.unwrap_or(now);
        (now.duration_since(since) < CONSENT_SETTLES).then_some(since)
    }

    /// Whether an error redirect denies what was shown a moment ago: by a token of the customer, or by the code that
    /// this attempt already waits for.
    pub fn is_asked_too_early(&self, refusal: &Refusal, proven: Option<&Proven>, now: Timestamp) -> bool {
        let denied = |code: &u32| *code == 65001 || APPROVAL_NEEDED.contains(code);
        let fresh = proven.is_some_and(|proven| {
            now.duration_since(proven.at) < CONSENT_SETTLES
                && proven.scopes.missing(&self.session.features).is_empty()
        });
        refusal.codes.iter().any(denied) && (fresh || self.held_since.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::attempt;
    use super::*;
    use crate::domain::features::ScopeSet;

    fn at(second: i64) -> Timestamp {
        "2026-11-24T08:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_secs(second)
    }

    fn held(second: i64) -> Attempt {
        Attempt { held_since: Some(at(second)), ..attempt(None) }
    }

    #[test]
    fn a_wait_is_counted_from_the_first_refusal() {
        assert_eq!(attempt(None).waits_since(at(5)), Some(at(5)));
        assert_eq!(held(0).waits_since(at(179)), Some(at(0)));
        assert_eq!(held(0).waits_since(at(180)), None);
    }

    #[test]
    fn a_denial_is_too_early_only_after_what_was_shown_and_only_for_minutes() {
        let refused = |codes: &[u32]| Refusal { codes: codes.to_vec(), ..Refusal::default() };
        let all =
            |second| Proven { scopes: ScopeSet::parse("User.Read Calendars.ReadWrite"), at: at(second) };
        for code in [65001, 90093, 90094, 90095] {
            let early = |attempt: &Attempt, proven: Option<Proven>| {
                attempt.is_asked_too_early(&refused(&[code]), proven.as_ref(), at(180))
            };
            assert!(early(&attempt(None), Some(all(1))), "{code}");
            assert!(!early(&attempt(None), Some(all(0))), "{code}: three minutes are over");
            assert!(!early(&attempt(None), None), "{code}: nothing was shown");
            let less = Proven { scopes: ScopeSet::parse("User.Read"), at: at(1) };
            assert!(!early(&attempt(None), Some(less)), "{code}: something else was shown");
            assert!(early(&held(1), None), "{code}");
        }
        for codes in [&[][..], &[65004], &[50105], &[7_000_112]] {
            assert!(!held(1).is_asked_too_early(&refused(codes), Some(&all(1)), at(2)), "{codes:?}");
        }
    }
}
