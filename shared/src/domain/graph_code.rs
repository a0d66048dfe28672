//! What the codes of Graph and Exchange mean: the one list. The reader of an answer adds status, route and scope to it;
//! the doctor has the code alone. The codes of single addresses have their own list (`availability::schedule_error`).
//!
//! Sources: Graph's error page, Exchange's `ResponseCodeType`, and recorded answers.

/// What an answer means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Class {
    /// Nothing that could be read was said.
    #[default]
    Unsaid,
    /// The access token is not taken.
    TokenRefused,
    /// Nor is the one that Entra issued because of that.
    NewTokenRefused,
    /// The token lacks every permission that the call could be made with.
    ScopeMissing,
    /// The permission is there, and Exchange still says no: a policy of the organization's.
    AccessDenied,
    /// The mailbox may not send in the organizer's name.
    SendAsDenied,
    /// The account is disabled.
    AccountDisabled,
    /// Exchange cannot open the mailbox.
    LogonFailed,
    /// Exchange does not let the event be removed.
    NotRemovable,
    /// There is no mailbox that Graph could use.
    NoMailbox,
    /// The mailbox is full.
    MailboxFull,
    /// The mailbox may send no more for now.
    SendingLimit,
    /// The event is too large.
    TooLarge,
    /// An address is none that Exchange sends to.
    BadRecipient,
    /// The mailbox's server does not know the time zone.
    UnknownZone,
    /// The `transactionId` was used before.
    UsedTransaction,
    /// The thing is not there.
    Missing,
    /// The directory has no rooms.
    NoRooms,
    /// It changed since it was read, or is being changed.
    Stale,
    /// It asks to wait; nothing was done.
    Throttled,
    /// Not done yet, and nothing stands in the way of another try.
    TooEarly,
    /// Locked or on its way to another server: it passes.
    Moving,
    /// An outage; it may have been done in the middle of it.
    Broken,
    /// Our own request is at fault.
    OurRequest,
    /// Refused for another reason.
    Refused,
}

/// What a code says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// The same on every route and with every status.
    Always(Class),
    /// With a status of 400: that the body or the address of the request, which only the sender writes, is at fault.
    Ours,
    /// What the status beside it says: the usual one, and all that it can say, by route, permission and history of the
    /// call; the likeliest first.
    ByStatus(u16, &'static [Class]),
}

use Means::{Always, ByStatus, Ours};

/// 403: Exchange's policies, unless the token lacks the permission.
const DENIED: Means = ByStatus(403, &[Class::AccessDenied, Class::ScopeMissing]);
/// 401: mostly the token is past its hour; a policy may refuse a new one as well.
const NOT_TAKEN: Means = ByStatus(401, &[Class::TokenRefused, Class::NewTokenRefused]);
const NOT_THERE: Means = ByStatus(404, &[Class::Missing]);
const LIMITED: Means = ByStatus(429, &[Class::Throttled]);
const OUTAGE: Means = ByStatus(503, &[Class::Broken]);

/// Every code that is known.
pub const CODES: &[(&str, Means)] = &[
    ("ErrorDuplicateTransactionId", Always(Class::UsedTransaction)),
    ("ErrorSendAsDenied", Always(Class::SendAsDenied)),
    ("ErrorAccountDisabled", Always(Class::AccountDisabled)),
    ("AccountDisabled", Always(Class::AccountDisabled)),
    ("ErrorMailboxLogonFailed", Always(Class::LogonFailed)),
    ("ErrorLogonFailed", Always(Class::LogonFailed)),
    ("ErrorLogonFailure", Always(Class::LogonFailed)),
    ("ErrorCannotDeleteObject", Always(Class::NotRemovable)),
    ("ErrorCannotDeleteTaskOccurrence", Always(Class::NotRemovable)),
    ("MailboxNotEnabledForRESTAPI", Always(Class::NoMailbox)),
    ("MailboxNotSupportedForRESTAPI", Always(Class::NoMailbox)),
    ("MailboxNotHostedInExchangeOnline", Always(Class::NoMailbox)),
    ("ErrorInvalidUser", Always(Class::NoMailbox)),
    ("ErrorNonExistentMailbox", Always(Class::NoMailbox)),
    ("MailboxNotFound", Always(Class::NoMailbox)),
    ("ErrorMissingEmailAddress", Always(Class::NoMailbox)),
    ("ErrorQuotaExceeded", Always(Class::MailboxFull)),
    ("ErrorMessagePerFolderCountReceiveQuotaExceeded", Always(Class::MailboxFull)),
    ("ErrorSubmissionQuotaExceeded", Always(Class::SendingLimit)),
    ("ErrorRecipientQuotaExceeded", Always(Class::SendingLimit)),
    ("ErrorMessageSubmissionBlocked", Always(Class::SendingLimit)),
    ("ErrorMessageSizeExceeded", Always(Class::TooLarge)),
    ("ErrorContentSizeExceeded", Always(Class::TooLarge)),
    ("RequestEntityTooLarge", Always(Class::TooLarge)),
    ("ErrorInvalidRecipients", Always(Class::BadRecipient)),
    ("ErrorInvalidSmtpAddress", Always(Class::BadRecipient)),
    ("TimeZoneNotSupportedException", Always(Class::UnknownZone)),
    ("ErrorTimeZone", Always(Class::UnknownZone)),
    // Ids come from Graph; one that a mailbox's server cannot read is one of the server that had the mailbox before.
    ("ErrorInvalidIdMalformed", Always(Class::Missing)),
    ("ErrorIrresolvableConflict", Always(Class::Stale)),
    ("ErrorChangeKeyRequiredForWriteOperations", Always(Class::Stale)),
    ("ErrorStaleObject", Always(Class::Stale)),
    ("ErrorMailboxMoveInProgress", Always(Class::Moving)),
    ("ErrorMailboxFailover", Always(Class::Moving)),
    ("ErrorMailboxStoreUnavailable", Always(Class::Moving)),
    ("MailboxInfoStale", Always(Class::Moving)),
    ("ErrorInvalidRequest", Ours),
    ("ErrorInvalidParameter", Ours),
    ("ErrorInvalidArgument", Ours),
    ("ErrorInvalidIdEmpty", Ours),
    ("ErrorInvalidId", Ours),
    ("ErrorInvalidProperty", Ours),
    ("ErrorInvalidPropertyRequest", Ours),
    ("ErrorInvalidPropertySet", Ours),
    ("ErrorInvalidPropertyDelete", Ours),
    ("ErrorInvalidPropertyForOperation", Ours),
    ("ErrorInvalidExtendedProperty", Ours),
    ("ErrorInvalidExtendedPropertyValue", Ours),
    ("ErrorInvalidUrlQuery", Ours),
    ("ErrorInvalidUrlQueryFilter", Ours),
    ("ErrorInvalidMergedFreeBusyInterval", Ours),
    ("ErrorInvalidFreeBusyViewType", Ours),
    ("ErrorPropertyValidationFailure", Ours),
    ("ErrorPropertyUpdate", Ours),
    ("ErrorIncorrectUpdatePropertyCount", Ours),
    ("ErrorSchemaValidation", Ours),
    ("ErrorMissingArgument", Ours),
    ("ErrorMissingInformationEmailAddress", Ours),
    ("ErrorUnsupportedPathForQuery", Ours),
    ("ErrorUnsupportedPropertyDefinition", Ours),
    ("ErrorUnsupportedTypeForConversion", Ours),
    ("ErrorCalendarEndDateIsEarlierThanStartDate", Ours),
    ("RequestBodyRead", Ours),
    ("BadRequest", Ours),
    ("ErrorAccessDenied", DENIED),
    ("Authorization_RequestDenied", ByStatus(403, &[Class::ScopeMissing, Class::AccessDenied])),
    ("InvalidAuthenticationToken", NOT_TAKEN),
    ("CompactTokenParsingFailed", NOT_TAKEN),
    ("ErrorItemNotFound", NOT_THERE),
    ("ErrorFolderNotFound", NOT_THERE),
    ("ErrorCalendarFolderNotFound", NOT_THERE),
    ("ResourceNotFound", ByStatus(404, &[Class::NoMailbox])),
    ("ApplicationThrottled", LIMITED),
    ("TooManyRequests", LIMITED),
    ("ErrorServerBusy", OUTAGE),
    ("ErrorExceededConnectionCount", OUTAGE),
    ("ErrorInternalServerError", OUTAGE),
    ("ErrorInternalServerTransientError", OUTAGE),
    ("ErrorTimeoutExpired", OUTAGE),
    ("ServiceNotAvailable", OUTAGE),
    ("ServiceUnavailable", OUTAGE),
];

fn row(code: &str) -> Option<&'static (&'static str, Means)> {
    CODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code))
}

/// What a code says; none if it is not known. Letters may be small or large.
pub fn means(code: &str) -> Option<Means> {
    row(code).map(|(_, means)| *means)
}

/// A known code as Microsoft spells it.
pub fn spelled(code: &str) -> Option<&'static str> {
    row(code).map(|(name, _)| *name)
}

/// Everything that a code can mean, the likeliest first; empty if it is not known.
pub fn classes(code: &str) -> &'static [Class] {
    match row(code) {
        Some((_, Always(class))) => std::slice::from_ref(class),
        Some((_, Ours)) => &[Class::OurRequest],
        Some((_, ByStatus(_, classes))) => classes,
        None => &[],
    }
}

impl Class {
    /// Whether the refusal proves that nothing was done. Of these two Exchange was seen to keep the event all the same
    /// (msgraph-sdk-php#280), or is not known not to.
    pub fn proves_nothing_done(self) -> bool {
        !matches!(self, Self::BadRecipient | Self::SendingLimit)
    }

    /// Whether it passes by itself.
    pub fn passes(self) -> bool {
        matches!(
            self,
            Self::TokenRefused
                | Self::Stale
                | Self::SendingLimit
                | Self::Throttled
                | Self::TooEarly
                | Self::Moving
                | Self::Broken
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_code_stands_there_once_and_means_something() {
        let mut seen = BTreeSet::new();
        for (code, _) in CODES {
            assert!(seen.insert(code.to_ascii_lowercase()), "{code} stands there twice");
            assert!(!classes(code).is_empty() && !classes(code).contains(&Class::Unsaid), "{code}");
            assert_eq!(spelled(&code.to_ascii_uppercase()), Some(*code));
        }
        assert!(classes("ErrorSomethingNew").is_empty() && means("").is_none());
    }
}
