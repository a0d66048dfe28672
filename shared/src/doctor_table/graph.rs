//! What each refusal of Graph's means for people. The API has the class from status, code, route and permission; the
//! doctor has all classes that a code can have. Both read these rows, so neither can name another problem.

use crate::domain::graph_code::{Class, classes};
use crate::problem_table::Code;

/// A refusal of Graph's in words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GraphAdvice {
    pub(crate) class: Class,
    /// The problem that it is; its owner is the owner.
    pub(crate) code: Code,
    pub(crate) own_meaning: Option<&'static str>,
    own_steps: Option<&'static [&'static str]>,
}

impl GraphAdvice {
    /// The problem's words, or its own where those do not say enough.
    pub(crate) fn meaning(&self) -> &'static str {
        self.own_meaning.unwrap_or(self.code.entry().meaning)
    }

    /// The problem's steps, or its own.
    pub(crate) fn steps(&self) -> &'static [&'static str] {
        self.own_steps.unwrap_or(self.code.entry().steps)
    }
}

/// What a class means. Total.
pub(crate) fn of_class(class: Class) -> GraphAdvice {
    let (code, own_meaning) = row(class);
    let own_steps = (class == Class::TokenRefused).then_some(TOKEN);
    GraphAdvice { class, code, own_meaning, own_steps }
}

/// Everything that a code can mean, the likeliest first; empty if nobody knows it.
pub(crate) fn of_graph(code: &str) -> impl Iterator<Item = GraphAdvice> {
    classes(code).iter().copied().map(of_class)
}

const TOKEN: &[&str] = &[
    "Repeat the request.",
    "If it stays: the user presses Verify or Connect in the recruiting system, which shows how Microsoft answers for the sign-in.",
];

fn row(class: Class) -> (Code, Option<&'static str>) {
    match class {
        Class::TokenRefused => (
            Code::ConnectionChecking,
            Some(
                "Graph did not accept an access token, which lives for about an hour. The stored sign-in is another token: the service fetches a new access token with it.",
            ),
        ),
        Class::NewTokenRefused => (
            Code::MailboxAccessDenied,
            Some(
                "Exchange does not take the sign-in that Microsoft Entra ID has just renewed for this account.",
            ),
        ),
        Class::ScopeMissing => (Code::ScopeMissing, None),
        Class::AccessDenied => (Code::MailboxAccessDenied, None),
        Class::SendAsDenied => (Code::SendAsDenied, None),
        Class::AccountDisabled => (Code::AccountUnavailable, None),
        Class::LogonFailed => (
            Code::MailboxUnavailable,
            Some("Exchange cannot open the mailbox of the account: it is locked, disabled or being moved."),
        ),
        Class::NotRemovable => (Code::EventNotRemovable, None),
        Class::NoMailbox => (Code::MailboxUnavailable, None),
        Class::MailboxFull => (Code::MailboxFull, None),
        Class::SendingLimit => (Code::SendingLimitReached, None),
        Class::TooLarge => (Code::EventTooLarge, None),
        Class::BadRecipient => (Code::InvalidRecipient, None),
        Class::UnknownZone => (
            Code::InternalError,
            Some(
                "The mailbox's server does not know the name of the time zone that it was sent. This service sends the same times in UTC then, so a refusal that remains is its own fault.",
            ),
        ),
        Class::OurRequest => (
            Code::InternalError,
            Some(
                "Graph does not accept the request itself, which only the software that sent it can correct.",
            ),
        ),
        Class::Missing => (Code::EventMissing, None),
        Class::Stale => (Code::VersionMismatch, None),
        Class::Throttled => (Code::MicrosoftThrottled, None),
        Class::TooEarly | Class::Moving | Class::Broken => (Code::MicrosoftUnavailable, None),
        Class::UsedTransaction => (
            Code::OutlookRefused,
            Some("The mark of the request (transactionId) was used for an event before."),
        ),
        Class::Unsaid | Class::NoRooms | Class::Refused => (Code::OutlookRefused, None),
    }
}
