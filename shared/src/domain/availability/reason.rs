//! Why a calendar is not known: one reason per thing that a person could do about it.

use serde::{Deserialize, Serialize};

/// Why a calendar could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Exchange knows no such mailbox.
    MailboxNotFound,
    /// Exchange Online cannot look into it, and its domain is not the signed-in user's.
    OutsideOrganization,
    /// It lies on the organisation's own servers, which did not answer Exchange Online.
    OnPremises,
    /// Its owner or an administrator shows nothing to this user.
    NoAccess,
    /// The mailbox has no calendar.
    NoCalendar,
    /// Exchange found the mailbox and could not open it.
    MailboxNotOpened,
    /// A distribution list with more members than Exchange looks up.
    ListTooLarge,
    /// Exchange refuses a request that names this address, and answers the same request without it.
    AddressRefused,
    /// Exchange refused the question for many addresses, and this one was not asked alone.
    NotAsked,
    /// The mailbox's server answers for fewer days than were asked for.
    WindowTooLong,
    /// Microsoft takes no more calls for now.
    Throttled,
    /// More entries than Exchange returns (1,000).
    TooManyEvents,
    /// No answer in time.
    TimedOut,
    /// Microsoft answered with a fault of its own.
    Unavailable,
    /// Microsoft answered, and does not say whether the time is free.
    StatusUnknown,
    /// The answer could not be read.
    Unreadable,
    /// The request of this service was at fault; the operator is alarmed.
    InternalError,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 17] = [
        Self::MailboxNotFound,
        Self::OutsideOrganization,
        Self::OnPremises,
        Self::NoAccess,
        Self::NoCalendar,
        Self::MailboxNotOpened,
        Self::ListTooLarge,
        Self::AddressRefused,
        Self::NotAsked,
        Self::WindowTooLong,
        Self::Throttled,
        Self::TooManyEvents,
        Self::TimedOut,
        Self::Unavailable,
        Self::StatusUnknown,
        Self::Unreadable,
        Self::InternalError,
    ];

    /// A clause for people, without a full stop.
    pub const fn words(self) -> &'static str {
        match self {
            Self::MailboxNotFound => "Exchange knows no such mailbox",
            Self::OutsideOrganization => {
                "Exchange cannot look into this mailbox, and its address is not in the user's own domain"
            }
            Self::OnPremises => "the mailbox lies on a server that did not answer Exchange Online",
            Self::NoAccess => "the calendar is not shown to this user",
            Self::NoCalendar => "the mailbox has no calendar",
            Self::MailboxNotOpened => "Exchange found the mailbox and could not open it",
            Self::ListTooLarge => "the distribution list has more members than Exchange looks up",
            Self::AddressRefused => "Exchange refuses to look up this address",
            Self::NotAsked => "Exchange refused too many of the addresses, and this one was not asked alone",
            Self::WindowTooLong => "the mailbox's server answers for fewer days than were asked for",
            Self::Throttled => "Microsoft takes no more calls for now",
            Self::TooManyEvents => "the calendar has more entries in that time than Exchange returns",
            Self::TimedOut => "Microsoft did not answer in time",
            Self::Unavailable => "Microsoft answered with a fault of its own",
            Self::StatusUnknown => "Microsoft does not say for certain whether that time is free",
            Self::Unreadable => "the answer could not be read",
            Self::InternalError => {
                "this service asked in a way that Exchange refuses; its operator is alarmed"
            }
        }
    }

    /// Whether it passes by itself.
    pub const fn passes(self) -> bool {
        matches!(self, Self::Throttled | Self::TimedOut | Self::Unavailable | Self::StatusUnknown)
    }

    /// What to do about it: a sentence.
    pub const fn step(self) -> &'static str {
        match self {
            Self::MailboxNotFound => "Check the address, and that the person has an Exchange mailbox.",
            Self::OutsideOrganization => {
                "Check the address, or ask the person; an administrator can share free/busy times with another \
                 organization in admin.exchange.microsoft.com under Organization > Sharing."
            }
            Self::OnPremises => {
                "Ask the Exchange administrator to check the hybrid connection (Test-OAuthConnectivity), or ask the \
                 person."
            }
            Self::NoAccess => {
                "Ask the calendar's owner to share at least free/busy times in Outlook (Calendar > Share), or ask \
                 the Exchange administrator."
            }
            Self::NoCalendar => "Name an address of a mailbox with a calendar.",
            Self::MailboxNotOpened => {
                "Try again in some minutes; if it stays, ask the Exchange administrator whether the mailbox is \
                 disabled or being moved."
            }
            Self::ListTooLarge => "Name the people one by one instead of the list.",
            Self::AddressRefused => "Check the address; in place of a list name the people one by one.",
            Self::NotAsked => "Search with fewer addresses.",
            Self::WindowTooLong | Self::TooManyEvents => "Search a shorter time.",
            Self::Throttled | Self::TimedOut | Self::Unavailable => "Try again in some minutes.",
            Self::StatusUnknown => "Try again in 15 minutes, or ask the person.",
            Self::Unreadable => "Ask the person; if it stays, send the request_id to the operator.",
            Self::InternalError => "Send the request_id to the operator, and ask the person meanwhile.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_words_and_a_step() {
        let mut words: Vec<&str> = Reason::ALL.iter().map(|reason| reason.words()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Reason::ALL.len(), "two reasons with the same words are one");
        for reason in Reason::ALL {
            assert!(!reason.words().ends_with('.') && reason.step().ends_with('.'), "{reason:?}");
        }
    }
}
