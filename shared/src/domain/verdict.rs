//! What a refusal by Entra means for a connection. One table, read by the sweep, the callback, the API and
//! follow-ups alike: there is no second opinion.
//!
//! Microsoft says that its numbers are no contract, so a number we know may postpone a drop, and one we do not
//! know never causes it at first sight.

use serde::{Deserialize, Serialize};

pub use super::verdict_table::{CodeRow, TABLE};

/// Who can end the trouble that a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// T: passes by itself.
    Transient,
    /// R: this grant is dead.
    Reconnect,
    /// I: the user must sign in (second factor, device, terms).
    Interaction,
    /// A: the tenant's administrator must act.
    Admin,
    /// U: declined or cancelled; nothing is broken.
    UserChoice,
    /// C: our own registration or credential.
    Configuration,
}

/// What Entra said when it refused, without its prose: fit to be stored and shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// HTTP status; 302 for a redirect.
    pub status: u16,
    /// `error` of RFC 6749 section 5.2 or 4.1.2.1.
    pub error: String,
    /// Microsoft's `suberror` or `error_subcode`.
    pub suberror: Option<String>,
    /// Every AADSTS number of the answer, the list first, then those in the text.
    pub codes: Vec<u32>,
    /// `trace_id`.
    pub trace_id: Option<String>,
    /// `correlation_id`.
    pub correlation_id: Option<String>,
    /// Microsoft's own time of the answer, as it wrote it.
    pub at: Option<String>,
}

/// What to do with a connection whose token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing changes; try later.
    Keep,
    /// Our credential or registration is at fault: no connection changes, we are alarmed. The breaker opens
    /// if it is the credential: [`Refusal::is_our_credential`].
    OurFault,
    /// Consent or app is gone from the tenant: once confirmed, destroyed and `revoked`.
    ConsentGone,
    /// The grant is dead or wants the user: once confirmed, destroyed and `needs_reauth`.
    UserMustSignIn,
    /// The tenant's policy stands in the way: `blocked`, kept sealed, tried again.
    Blocked,
    /// An unknown number under `invalid_grant`: destroyed at the third refusal, 15 minutes after the first.
    UnknownGrant,
    /// Anything else unknown: not served, alarmed, never destroyed.
    Unknown,
}

impl Verdict {
    /// Its name, as it is stored and counted.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::OurFault => "our_fault",
            Self::ConsentGone => "consent_gone",
            Self::UserMustSignIn => "user_must_sign_in",
            Self::Blocked => "blocked",
            Self::UnknownGrant => "unknown_grant",
            Self::Unknown => "unknown",
        }
    }
}

/// Consent or app gone. These come before any class.
const CONSENT_GONE: [u32; 7] = [65001, 700_016, 7_000_229, 7_000_112, 650_052, 500_011, 90002];

/// Numbers that only introduce another one in the same text ("Error validating credentials. AADSTS54005 …"), or say
/// less than any other one does.
const PREFACE: [u32; 5] = [50000, 50012, 70000, 70002, 90023];

impl Refusal {
    /// The row of the number that says most.
    pub fn row(&self) -> Option<&'static CodeRow> {
        let known = |n: &u32| TABLE.binary_search_by_key(n, |row| row.number).ok().map(|i| &TABLE[i]);
        let mut telling = self.codes.iter().filter(|n| !PREFACE.contains(n));
        let consent = self.consent_code();
        consent
            .as_ref()
            .and_then(known)
            .or_else(|| telling.find_map(known))
            .or_else(|| self.codes.iter().find_map(known))
    }

    /// The number that says most, known or not.
    pub fn number(&self) -> Option<u32> {
        self.row().map(|row| row.number).or_else(|| self.codes.first().copied())
    }

    /// The same, as Microsoft writes it.
    pub fn code(&self) -> Option<String> {
        self.number().map(|n| format!("AADSTS{n}"))
    }

    fn consent_code(&self) -> Option<u32> {
        self.codes.iter().copied().find(|n| CONSENT_GONE.contains(n))
    }

    /// What it means for a stored connection: the consent list, then the number's class, then `error`.
    pub fn verdict(&self) -> Verdict {
        if self.consent_code().is_some() {
            return Verdict::ConsentGone;
        }
        match self.row().map(|row| row.class) {
            Some(Class::Transient) => Verdict::Keep,
            Some(Class::Reconnect | Class::Interaction | Class::UserChoice) => Verdict::UserMustSignIn,
            Some(Class::Admin) => Verdict::Blocked,
            Some(Class::Configuration) => Verdict::OurFault,
            None => self.by_error(),
        }
    }

    fn by_error(&self) -> Verdict {
        match (self.error.as_str(), self.suberror.as_deref()) {
            ("temporarily_unavailable" | "server_error", _) => Verdict::Keep,
            _ if self.status == 429 || self.status >= 500 => Verdict::Keep,
            ("invalid_client", _) => Verdict::OurFault,
            ("invalid_grant", Some("consent_required")) if self.codes.is_empty() => Verdict::ConsentGone,
            ("invalid_grant", Some("bad_token" | "token_expired")) if self.codes.is_empty() => {
                Verdict::UserMustSignIn
            }
            ("interaction_required", _) if self.codes.is_empty() => Verdict::UserMustSignIn,
            ("invalid_grant", _) => Verdict::UnknownGrant,
            _ => Verdict::Unknown,
        }
    }

    /// Our client secret or assertion was refused: no redemption of any customer can succeed.
    pub fn is_our_credential(&self) -> bool {
        self.verdict() == Verdict::OurFault && self.error == "invalid_client"
    }

    /// 65001 may be stale for some minutes after consent (Entra replicates).
    pub fn may_be_stale_after_consent(&self) -> bool {
        self.codes.contains(&65001)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: &str, codes: &[u32]) -> Refusal {
        Refusal { status: 400, error: error.to_owned(), codes: codes.to_vec(), ..Refusal::default() }
    }

    #[test]
    fn the_table_is_sorted_and_names_each_code_once() {
        assert!(TABLE.windows(2).all(|pair| pair[0].number < pair[1].number));
    }

    #[test]
    fn consent_comes_before_class() {
        assert_eq!(refused("invalid_grant", &[65001]).verdict(), Verdict::ConsentGone);
        assert_eq!(refused("invalid_client", &[7_000_229]).verdict(), Verdict::ConsentGone);
        assert_eq!(refused("unauthorized_client", &[7_000_112]).verdict(), Verdict::ConsentGone);
    }

    #[test]
    fn throttling_dressed_as_a_dead_grant_changes_nothing() {
        assert_eq!(refused("invalid_grant", &[50196]).verdict(), Verdict::Keep);
    }

    #[test]
    fn our_own_credential_is_nobody_elses_fault() {
        for code in [7_000_215, 7_000_222, 700_027, 7_000_218] {
            assert_eq!(refused("invalid_client", &[code]).verdict(), Verdict::OurFault, "{code}");
        }
        assert_eq!(refused("invalid_client", &[123_456]).verdict(), Verdict::OurFault);
    }

    #[test]
    fn the_first_number_of_a_text_is_not_always_the_telling_one() {
        let refusal = refused("invalid_grant", &[70002, 54005]);
        assert_eq!(refusal.code().as_deref(), Some("AADSTS54005"));
        let unknown = refused("invalid_grant", &[70002, 987_654]);
        assert_eq!(unknown.code().as_deref(), Some("AADSTS70002"), "what is known tells more");
        let both = refused("invalid_grant", &[987_654, 987_655]);
        assert_eq!(both.code().as_deref(), Some("AADSTS987654"));
    }

    #[test]
    fn an_unknown_number_is_never_taken_for_the_end_at_first_sight() {
        assert_eq!(refused("invalid_grant", &[999_999]).verdict(), Verdict::UnknownGrant);
        assert_eq!(refused("something_new", &[999_999]).verdict(), Verdict::Unknown);
        assert_eq!(refused("something_new", &[]).verdict(), Verdict::Unknown);
    }

    #[test]
    fn without_a_number_the_words_of_the_protocol_decide() {
        let said = |status, error: &str, suberror: Option<&str>, codes: &[u32]| {
            let suberror = suberror.map(str::to_owned);
            Refusal { status, suberror, ..refused(error, codes) }.verdict()
        };
        let unknown = 999_999;
        for (status, error, suberror, codes, verdict) in [
            (302, "temporarily_unavailable", None, &[][..], Verdict::Keep),
            (302, "server_error", None, &[], Verdict::Keep),
            (429, "invalid_grant", None, &[], Verdict::Keep),
            (500, "invalid_grant", None, &[], Verdict::Keep),
            (499, "invalid_grant", None, &[], Verdict::UnknownGrant),
            (400, "invalid_grant", Some("consent_required"), &[], Verdict::ConsentGone),
            (400, "invalid_grant", Some("consent_required"), &[unknown], Verdict::UnknownGrant),
            (400, "invalid_grant", Some("bad_token"), &[], Verdict::UserMustSignIn),
            (400, "invalid_grant", Some("token_expired"), &[], Verdict::UserMustSignIn),
            (400, "invalid_grant", Some("bad_token"), &[unknown], Verdict::UnknownGrant),
            (400, "interaction_required", None, &[], Verdict::UserMustSignIn),
            (400, "interaction_required", None, &[unknown], Verdict::Unknown),
        ] {
            assert_eq!(
                said(status, error, suberror, codes),
                verdict,
                "{status} {error} {suberror:?} {codes:?}"
            );
        }
    }

    #[test]
    fn only_a_refused_credential_opens_the_breaker() {
        assert!(refused("invalid_client", &[7_000_222]).is_our_credential());
        assert!(
            !refused("invalid_request", &[50011]).is_our_credential(),
            "our registration, not our credential"
        );
        assert!(
            !refused("invalid_client", &[7_000_229]).is_our_credential(),
            "our app, gone from one tenant"
        );
    }
}

#[cfg(test)]
#[path = "verdict_properties.rs"]
mod properties;
