//! What a refusal of Graph's means by status, `error.code` and route. Pure; no message is read. What a code says by
//! itself stands in `domain::graph_code`, which the doctor reads as well.
//!
//! A number alone means nothing: 403 and 404 depend on route and scope, and Exchange marks some refusals that are final
//! as 500.

use super::catalog::Call;
use crate::domain::graph_code::{Class, Means, means};

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
    let means = means(code);
    if let Some(Means::Always(class)) = means {
        return class;
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
        400 if !code.starts_with("Error") || means == Some(Means::Ours) => Class::OurRequest,
        405 | 406 | 411 | 414 | 415 | 431 => Class::OurRequest,
        500.. => Class::Broken,
        _ => Class::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::graph_code::{CODES, classes};
    use crate::microsoft::catalog::CATALOG;

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

    /// The doctor knows no more than the code: what it may say is all that the answer's reader can make of it.
    #[test]
    fn what_a_code_can_mean_is_what_its_answers_mean_on_some_route() {
        let permissions = [Some(true), Some(false), None];
        for (code, means) in CODES {
            let status = match means {
                Means::Always(_) | Means::Ours => 400,
                Means::ByStatus(status, _) => *status,
            };
            for call in CATALOG.iter().map(|entry| entry.call) {
                for permitted in permissions {
                    let found = class(&Refusal { status, code, call, permitted });
                    let nothing = found == Class::NoRooms;
                    assert!(nothing || classes(code).contains(&found), "{code} {call:?}: {found:?}");
                }
            }
            for wanted in classes(code).iter().filter(|class| **class != Class::NewTokenRefused) {
                let met = CATALOG.iter().any(|entry| {
                    let found = |permitted| class(&Refusal { status, code, call: entry.call, permitted });
                    permissions.into_iter().any(|permitted| found(permitted) == *wanted)
                });
                assert!(met, "{code} never means {wanted:?}");
            }
        }
    }
}
