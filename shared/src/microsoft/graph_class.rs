//! What a refusal of Graph's means: the one table of status, `error.code` and route. Pure; no message is read.
//!
//! Sources: Graph's error page, Exchange's `ResponseCodeType`, and recorded answers. A number alone means nothing: 403
//! and 404 depend on route and scope, and Exchange marks some refusals that are final as 500.

use super::catalog::Call;

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

/// Codes that mean the same on every route and with every status.
const CODES: &[(&str, Class)] = &[
    ("ErrorDuplicateTransactionId", Class::UsedTransaction),
    ("ErrorSendAsDenied", Class::SendAsDenied),
    ("ErrorAccountDisabled", Class::AccountDisabled),
    ("AccountDisabled", Class::AccountDisabled),
    ("ErrorMailboxLogonFailed", Class::LogonFailed),
    ("ErrorLogonFailed", Class::LogonFailed),
    ("ErrorCannotDeleteObject", Class::NotRemovable),
    ("ErrorCannotDeleteTaskOccurrence", Class::NotRemovable),
    ("MailboxNotEnabledForRESTAPI", Class::NoMailbox),
    ("MailboxNotSupportedForRESTAPI", Class::NoMailbox),
    ("MailboxNotHostedInExchangeOnline", Class::NoMailbox),
    ("ErrorInvalidUser", Class::NoMailbox),
    ("ErrorNonExistentMailbox", Class::NoMailbox),
    ("MailboxNotFound", Class::NoMailbox),
    ("ErrorMissingEmailAddress", Class::NoMailbox),
    ("ErrorQuotaExceeded", Class::MailboxFull),
    ("ErrorMessagePerFolderCountReceiveQuotaExceeded", Class::MailboxFull),
    ("ErrorSubmissionQuotaExceeded", Class::SendingLimit),
    ("ErrorRecipientQuotaExceeded", Class::SendingLimit),
    ("ErrorMessageSubmissionBlocked", Class::SendingLimit),
    ("ErrorMessageSizeExceeded", Class::TooLarge),
    ("ErrorContentSizeExceeded", Class::TooLarge),
    ("RequestEntityTooLarge", Class::TooLarge),
    ("ErrorInvalidRecipients", Class::BadRecipient),
    ("ErrorInvalidSmtpAddress", Class::BadRecipient),
    ("TimeZoneNotSupportedException", Class::UnknownZone),
    ("ErrorTimeZone", Class::UnknownZone),
    // Ids come from Graph; one that a mailbox's server cannot read is one of the server that had the mailbox before.
    ("ErrorInvalidIdMalformed", Class::Missing),
    ("ErrorIrresolvableConflict", Class::Stale),
    ("ErrorChangeKeyRequiredForWriteOperations", Class::Stale),
    ("ErrorStaleObject", Class::Stale),
    ("ErrorMailboxMoveInProgress", Class::Moving),
    ("ErrorMailboxFailover", Class::Moving),
    ("ErrorMailboxStoreUnavailable", Class::Moving),
    ("MailboxInfoStale", Class::Moving),
];

/// Codes below 500 that speak of the body or the address of a request, which only we write.
const OURS: &[&str] = &[
    "ErrorInvalidRequest",
    "ErrorInvalidParameter",
    "ErrorInvalidArgument",
    "ErrorInvalidIdEmpty",
    "ErrorInvalidId",
    "ErrorInvalidProperty",
    "ErrorInvalidPropertyRequest",
    "ErrorInvalidPropertySet",
    "ErrorInvalidPropertyDelete",
    "ErrorInvalidPropertyForOperation",
    "ErrorInvalidExtendedProperty",
    "ErrorInvalidExtendedPropertyValue",
    "ErrorInvalidUrlQuery",
    "ErrorInvalidUrlQueryFilter",
    "ErrorInvalidMergedFreeBusyInterval",
    "ErrorInvalidFreeBusyViewType",
    "ErrorPropertyValidationFailure",
    "ErrorPropertyUpdate",
    "ErrorIncorrectUpdatePropertyCount",
    "ErrorSchemaValidation",
    "ErrorMissingArgument",
    "ErrorMissingInformationEmailAddress",
    "ErrorUnsupportedPathForQuery",
    "ErrorUnsupportedPropertyDefinition",
    "ErrorUnsupportedTypeForConversion",
    "ErrorCalendarEndDateIsEarlierThanStartDate",
];

/// What is known of an answer that is no success.
pub(super) struct Refusal<'a> {
    pub(super) status: u16,
    /// `error.code`; empty if there is none, as in a proxy's page.
    pub(super) code: &'a str,
    /// The call that was answered.
    pub(super) call: Call,
    /// Whether the token has a permission that is enough for the call, if that is known.
    pub(super) permitted: Option<bool>,
}

/// The table.
pub(super) fn class(refusal: &Refusal<'_>) -> Class {
    let Refusal { status, code, call, permitted } = *refusal;
    // A word that says nothing.
    let says = !code.is_empty() && code != "UnknownError";
    if status == 404 && says && call.lists_rooms() {
        return if code.starts_with("Mailbox") { Class::NoMailbox } else { Class::NoRooms };
    }
    if let Some((_, class)) = CODES.iter().find(|(known, _)| *known == code) {
        return *class;
    }
    match status {
        401 => Class::TokenRefused,
        403 if permitted == Some(false) => Class::ScopeMissing,
        403 => Class::AccessDenied,
        404 | 408 if !says || status == 408 => Class::Broken,
        404 if code.ends_with("NotFound") && code != "ResourceNotFound" => Class::Missing,
        // Without an id the path names nothing but the mailbox itself.
        404 if code == "ResourceNotFound" || !call.names_a_thing() => Class::NoMailbox,
        409 | 412 => Class::Stale,
        413 => Class::TooLarge,
        423 => Class::Moving,
        425 => Class::TooEarly,
        // Bandwidth (509) is throttled like requests.
        429 | 509 => Class::Throttled,
        507 => Class::MailboxFull,
        400 if !code.starts_with("Error") || OURS.contains(&code) => Class::OurRequest,
        405 | 406 | 411 | 414 | 415 | 431 => Class::OurRequest,
        500.. => Class::Broken,
        _ => Class::Refused,
    }
}

impl Class {
    /// Whether the refusal proves that nothing was done. Of these two Exchange was seen to keep the event all the same
    /// (msgraph-sdk-php#280), or is not known not to.
    pub fn proves_nothing_done(self) -> bool {
        !matches!(self, Self::BadRecipient | Self::SendingLimit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, code: &str, call: Call) -> Class {
        class(&Refusal { status, code, call, permitted: Some(true) })
    }

    #[test]
    fn a_number_alone_means_nothing() {
        for (status, code, call, meant) in [
            (401, "InvalidAuthenticationToken", Call::CreateEvent, Class::TokenRefused),
            (403, "ErrorAccessDenied", Call::CreateEvent, Class::AccessDenied),
            (403, "ExtensionError", Call::ReadEvent, Class::AccessDenied),
            (403, "", Call::ReadEvent, Class::AccessDenied),
            (403, "ErrorSendAsDenied", Call::CreateEvent, Class::SendAsDenied),
            (403, "ErrorAccountDisabled", Call::ProbeCalendar, Class::AccountDisabled),
            (403, "ErrorMailboxLogonFailed", Call::ReadEvent, Class::LogonFailed),
            (403, "ErrorCannotDeleteObject", Call::CancelEvent, Class::NotRemovable),
            (404, "ErrorItemNotFound", Call::ReadEvent, Class::Missing),
            (404, "ErrorItemNotFound", Call::CreateEventIn, Class::Missing),
            (404, "ErrorFolderNotFound", Call::FindEventIn, Class::Missing),
            (404, "ErrorSomethingNew", Call::ReadEvent, Class::Refused),
            (404, "ErrorSomethingNew", Call::CreateEvent, Class::NoMailbox),
            (404, "ResourceNotFound", Call::ReadEvent, Class::NoMailbox),
            (404, "MailboxNotEnabledForRESTAPI", Call::FindRooms, Class::NoMailbox),
            (404, "ResourceNotFound", Call::ListRooms, Class::NoRooms),
            (404, "ErrorItemNotFound", Call::ListRoomsOfList, Class::NoRooms),
            (404, "", Call::ListRooms, Class::Broken),
            (404, "UnknownError", Call::ReadEvent, Class::Broken),
            (408, "", Call::CreateEvent, Class::Broken),
            (425, "", Call::CreateEvent, Class::TooEarly),
            (409, "ErrorIrresolvableConflict", Call::CreateEvent, Class::Stale),
            (500, "ErrorIrresolvableConflict", Call::CreateEvent, Class::Stale),
            (412, "", Call::ChangeEvent, Class::Stale),
            (423, "", Call::ChangeEvent, Class::Moving),
            (500, "ErrorMailboxMoveInProgress", Call::ChangeEvent, Class::Moving),
            (503, "MailboxInfoStale", Call::ChangeEvent, Class::Moving),
            (503, "", Call::ChangeEvent, Class::Broken),
            (504, "UnknownError", Call::ChangeEvent, Class::Broken),
            (500, "ErrorSubmissionQuotaExceeded", Call::CreateEvent, Class::SendingLimit),
            (400, "ErrorQuotaExceeded", Call::CreateEvent, Class::MailboxFull),
            (507, "", Call::CreateEvent, Class::MailboxFull),
            (500, "ErrorMessageSizeExceeded", Call::CreateEvent, Class::TooLarge),
            (413, "", Call::CreateEvent, Class::TooLarge),
            (400, "TimeZoneNotSupportedException", Call::CreateEvent, Class::UnknownZone),
            (400, "ErrorInvalidRecipients", Call::CancelEvent, Class::BadRecipient),
            (400, "RequestBodyRead", Call::CreateEvent, Class::OurRequest),
            (400, "", Call::CreateEvent, Class::OurRequest),
            (400, "ErrorPropertyValidationFailure", Call::CreateEvent, Class::OurRequest),
            (415, "", Call::CreateEvent, Class::OurRequest),
            (400, "ErrorCalendarDurationIsTooLong", Call::CreateEvent, Class::Refused),
            (302, "", Call::CreateEvent, Class::Refused),
        ] {
            assert_eq!(of(status, code, call), meant, "{status} {code} {call:?}");
        }
    }

    #[test]
    fn a_scope_is_missing_only_where_the_token_lacks_it() {
        let denied = |permitted| {
            class(&Refusal { status: 403, code: "ErrorAccessDenied", call: Call::CreateEvent, permitted })
        };
        assert_eq!(denied(Some(false)), Class::ScopeMissing);
        assert_eq!(denied(Some(true)), Class::AccessDenied);
        assert_eq!(denied(None), Class::AccessDenied);
        let sends = Refusal {
            status: 403,
            code: "ErrorSendAsDenied",
            call: Call::CreateEvent,
            permitted: Some(false),
        };
        assert_eq!(class(&sends), Class::SendAsDenied, "a code that speaks for itself");
    }
}
