//! Features: the single source of scopes. Whatever asks for, explains or checks a permission reads this table.
//!
//! Source of the scopes: Microsoft Graph permissions reference. No feature holds an application permission.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What a deployment may do for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Interviews on the recruiter's own calendar. Always on.
    Calendar,
    /// Free and busy times.
    Availability,
    /// Rooms from a list that the customer keeps.
    Rooms,
    /// Rooms from the tenant's directory.
    RoomsDirectory,
    /// Rooms the older way, from beta `findRooms`.
    RoomsBasic,
    /// Calendars that others shared with the user.
    SharedCalendars,
    /// Mail. Off by default.
    Mailbox,
}

impl Feature {
    /// Every feature there is.
    pub const ALL: [Self; 7] = [
        Self::Calendar,
        Self::Availability,
        Self::Rooms,
        Self::RoomsDirectory,
        Self::RoomsBasic,
        Self::SharedCalendars,
        Self::Mailbox,
    ];

    /// The name in settings and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Availability => "availability",
            Self::Rooms => "rooms",
            Self::RoomsDirectory => "rooms_directory",
            Self::RoomsBasic => "rooms_basic",
            Self::SharedCalendars => "shared_calendars",
            Self::Mailbox => "mailbox",
        }
    }

    /// The feature of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// What it is for, in plain words, for whoever has to decide about it.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Calendar => "Interviews stand in the recruiter's own calendar, and move and go with it.",
            Self::Availability => {
                "Free and busy times of the people and rooms that are asked for; no subjects, no places."
            }
            Self::Rooms => "Rooms from a list that the company's administrators keep.",
            Self::RoomsDirectory => {
                "The company's rooms, from its own directory; an administrator must approve it."
            }
            Self::RoomsBasic => "The company's rooms, by the older way that also shows colleagues' names.",
            Self::SharedCalendars => {
                "Reads calendars that others have shared with, or delegated to, the recruiter, to see conflicts there. It \
                 opens nobody else's calendar and writes nothing; free and busy times need no such permission. Off unless \
                 the company switches it on."
            }
            Self::Mailbox => "Reads and sends mail. Off unless the company switches it on.",
        }
    }

    /// The delegated Graph permissions it needs.
    pub const fn graph_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Calendar => &["User.Read", "Calendars.ReadWrite"],
            Self::Availability | Self::Rooms => &[],
            Self::RoomsDirectory => &["Place.Read.All"],
            Self::RoomsBasic => &["User.ReadBasic.All"],
            Self::SharedCalendars => &["Calendars.Read.Shared"],
            Self::Mailbox => &["Mail.Send", "Mail.ReadWrite"],
        }
    }
}

/// The scopes of `OpenID` Connect Core 1.0 sections 5.4 and 11, asked for at every sign-in. Entra does not list
/// all of them in a token's `scope`, so they are never compared.
pub const SIGN_IN_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// What to ask for at `/authorize` for these features, in a fixed order.
pub fn requested(features: &BTreeSet<Feature>) -> Vec<&'static str> {
    let graph = Feature::ALL.into_iter().filter(|f| *f == Feature::Calendar || features.contains(f));
    SIGN_IN_SCOPES.into_iter().chain(graph.flat_map(|f| f.graph_scopes().iter().copied())).collect()
}

/// The Graph permissions of a token or a grant, compared as a set and without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeSet(BTreeSet<String>);

impl ScopeSet {
    /// Reads the `scope` of a token answer: any order, short names or `https://graph…/Name`, more than was
    /// asked (RFC 6749 section 3.3; recorded answers of Entra). What cannot be the name of a permission is left
    /// out: it is stored and shown, and a token is neither.
    pub fn parse(scope: &str) -> Self {
        let short = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
        let ours = |word: &String| !SIGN_IN_SCOPES.iter().any(|s| s.eq_ignore_ascii_case(word));
        Self(scope.split_whitespace().map(short).filter(|word| is_name(word) && ours(word)).collect())
    }

    /// Whether the permission is in the set.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|have| have.eq_ignore_ascii_case(scope))
    }

    /// What these features need and the set lacks.
    pub fn missing(&self, features: &BTreeSet<Feature>) -> Vec<&'static str> {
        let needed = requested(features).into_iter().filter(|s| !SIGN_IN_SCOPES.contains(s));
        needed.filter(|scope| !self.contains(scope)).collect()
    }

    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// No permission's name comes near it, and every token is longer.
const LONGEST_NAME: usize = 100;

/// Whether this can be the name of a permission.
fn is_name(word: &str) -> bool {
    (1..=LONGEST_NAME).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_always_asked_for() {
        let asked = requested(&BTreeSet::new()).join(" ");
        assert_eq!(asked, "openid profile email offline_access User.Read Calendars.ReadWrite");
    }

    #[test]
    fn scopes_compare_as_a_set_whatever_their_spelling() {
        let got =
            ScopeSet::parse("calendars.readwrite https://graph.microsoft.com/User.Read openid Extra.Scope");
        assert!(got.missing(&BTreeSet::new()).is_empty());
        assert_eq!(got.missing(&BTreeSet::from([Feature::RoomsDirectory])), ["Place.Read.All"]);
        assert_eq!(ScopeSet::parse("User.Read").missing(&BTreeSet::new()), ["Calendars.ReadWrite"]);
    }

    #[test]
    fn what_cannot_be_the_name_of_a_permission_is_not_kept() {
        let token = format!("eyJ0.{}.s", "a".repeat(100));
        let got = ScopeSet::parse(&format!("User.Read {token} a\u{202e}b <b> Mail.Send"));
        assert_eq!(got.to_string(), "Mail.Send User.Read");
    }

    #[test]
    fn no_feature_asks_for_mail_by_accident() {
        for feature in Feature::ALL.into_iter().filter(|f| *f != Feature::Mailbox) {
            assert!(!feature.graph_scopes().iter().any(|s| s.starts_with("Mail")), "{}", feature.name());
        }
    }
}
