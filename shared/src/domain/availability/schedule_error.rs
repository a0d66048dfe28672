//! The errors of single schedules, and of calls as a whole: codes of Exchange's `ResponseCodeType`, as numbers or names.
//!
//! The numbers are Exchange's own (decompiled); 5006 and 5009 agree with recorded answers. Exchange does not tell a
//! guest or a stranger from a misspelt colleague, nor a server of the organisation's own from a foreign one: the domain
//! decides.

use super::Reason;

/// What a code is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// The mailbox, of any domain.
    Mailbox(Reason),
    /// The directory does not have it.
    Directory,
    /// A server that Exchange Online had to ask.
    OtherServer,
    /// What was asked for beside the addresses.
    Request,
}

use About::{Directory, Mailbox, OtherServer, Request};

const CODES: [(&str, &[&str], About); 25] = [
    ("5002", &["ErrorMailboxDataArrayTooBig", "ErrorIdentityArrayTooBig"], Mailbox(Reason::ListTooLarge)),
    ("5003", &["ErrorTimeIntervalTooBig"], Mailbox(Reason::WindowTooLong)),
    ("5004", &["ErrorInvalidMergedFreeBusyInterval"], Request),
    ("5006", &["ErrorResultSetTooBig"], Mailbox(Reason::TooManyEvents)),
    ("5008", &["ErrorMailboxLogonFailed"], Mailbox(Reason::MailboxNotOpened)),
    ("5009", &["ErrorMailRecipientNotFound"], Directory),
    ("5010", &["ErrorInvalidTimeInterval"], Request),
    ("5015", &["ErrorProxyRequestNotAllowed"], OtherServer),
    ("5016", &["ErrorProxyRequestProcessingFailed"], OtherServer),
    ("5021", &["ErrorServiceDiscoveryFailed"], OtherServer),
    ("5023", &["ErrorAddressSpaceNotFound"], OtherServer),
    ("5024", &["ErrorAvailabilityConfigNotFound"], OtherServer),
    ("5027", &["ErrorTimeoutExpired"], Mailbox(Reason::TimedOut)),
    ("5029", &["ErrorNoCalendar"], Mailbox(Reason::NoCalendar)),
    ("5037", &["ErrorNoFreeBusyAccess", "ErrorAccessDenied"], Mailbox(Reason::NoAccess)),
    ("5039", &["ErrorAutoDiscoverFailed"], OtherServer),
    ("5041", &["ErrorFreeBusyGenerationFailed"], Mailbox(Reason::Unavailable)),
    (
        "5043",
        &["ErrorFreeBusyDLLimitReached", "ErrorIndividualMailboxLimitReached"],
        Mailbox(Reason::ListTooLarge),
    ),
    ("5046", &["ErrorMailboxFailover"], Mailbox(Reason::Unavailable)),
    ("5047", &["ErrorOrganizationRelationshipNotFound"], Mailbox(Reason::OutsideOrganization)),
    ("", &["ErrorServerBusy", "ErrorExceededConnectionCount"], Mailbox(Reason::Throttled)),
    (
        "",
        &["ErrorMailboxStoreUnavailable", "ErrorInternalServerError", "ErrorInternalServerTransientError"],
        Mailbox(Reason::Unavailable),
    ),
    (
        "",
        &["ErrorNonExistentMailbox", "MailboxNotEnabledForRESTAPI", "ErrorNonPrimarySmtpAddress"],
        Directory,
    ),
    ("", &["ErrorMailboxMoveInProgress", "ErrorAccountDisabled"], Mailbox(Reason::MailboxNotOpened)),
    ("", &["ErrorInvalidSmtpAddress", "ErrorInvalidRecipients"], Mailbox(Reason::AddressRefused)),
];

fn about(code: &str) -> Option<About> {
    let code = code.trim();
    let is = |(number, names, _): &&(&str, &[&str], About)| {
        (!number.is_empty() && *number == code) || names.iter().any(|name| name.eq_ignore_ascii_case(code))
    };
    CODES.iter().find(is).map(|(_, _, about)| *about)
}

/// Whether it is a code of single schedules.
pub fn is_known(code: &str) -> bool {
    about(code).is_some()
}

/// The reason of one schedule's error.
pub fn reason(code: &str, message: &str, at_home: bool) -> Reason {
    let away = |own| if at_home { own } else { Reason::OutsideOrganization };
    let proxy = message.starts_with("Proxy web request failed") || starts_with(code, "ErrorProxy");
    match about(code) {
        Some(Mailbox(reason)) => reason,
        Some(Request) => Reason::InternalError,
        Some(Directory) => away(Reason::MailboxNotFound),
        // The other server was reached and has no such mailbox (exchangelib#1060).
        Some(OtherServer) if names_status(message, "404") => Reason::MailboxNotFound,
        None if proxy && names_status(message, "404") => Reason::MailboxNotFound,
        Some(OtherServer) => away(Reason::OnPremises),
        None if proxy => away(Reason::OnPremises),
        None => Reason::Unreadable,
    }
}

/// What a refusal of a whole call says of the only address that it named; none if the code is not one of an address.
pub fn refused_address(code: Option<&str>, at_home: bool) -> Option<Reason> {
    match about(code?)? {
        Request | Mailbox(Reason::WindowTooLong) => None,
        _ => code.map(|code| reason(code, "", at_home)),
    }
}

/// Whether a refusal of a whole call is about what was asked for beside the addresses.
pub fn refuses_request(code: Option<&str>) -> bool {
    code.and_then(about) == Some(Request)
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}

/// Whether the text names this HTTP status: as a number of its own, behind "status" or in parentheses.
fn names_status(text: &str, status: &str) -> bool {
    text.contains(&format!("({status})")) || text.to_ascii_lowercase().contains(&format!("status {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_home(code: &str) -> Reason {
        reason(code, "", true)
    }

    #[test]
    fn every_number_has_its_reason_and_so_has_its_name() {
        let wanted = [
            ("5002", Reason::ListTooLarge, Reason::ListTooLarge),
            ("5003", Reason::WindowTooLong, Reason::WindowTooLong),
            ("5004", Reason::InternalError, Reason::InternalError),
            ("5006", Reason::TooManyEvents, Reason::TooManyEvents),
            ("5008", Reason::MailboxNotOpened, Reason::MailboxNotOpened),
            ("5009", Reason::MailboxNotFound, Reason::OutsideOrganization),
            ("5010", Reason::InternalError, Reason::InternalError),
            ("5015", Reason::OnPremises, Reason::OutsideOrganization),
            ("5016", Reason::OnPremises, Reason::OutsideOrganization),
            ("5021", Reason::OnPremises, Reason::OutsideOrganization),
            ("5023", Reason::OnPremises, Reason::OutsideOrganization),
            ("5024", Reason::OnPremises, Reason::OutsideOrganization),
            ("5027", Reason::TimedOut, Reason::TimedOut),
            ("5029", Reason::NoCalendar, Reason::NoCalendar),
            ("5037", Reason::NoAccess, Reason::NoAccess),
            ("5039", Reason::OnPremises, Reason::OutsideOrganization),
            ("5041", Reason::Unavailable, Reason::Unavailable),
            ("5043", Reason::ListTooLarge, Reason::ListTooLarge),
            ("5046", Reason::Unavailable, Reason::Unavailable),
            ("5047", Reason::OutsideOrganization, Reason::OutsideOrganization),
        ];
        for (number, home, away) in wanted {
            assert_eq!((at_home(number), reason(number, "", false)), (home, away), "{number}");
            let names = CODES.iter().find(|row| row.0 == number).expect("a row").1;
            assert!(!names.is_empty());
            for name in names {
                assert_eq!((at_home(name), reason(name, "", false)), (home, away), "{name}");
            }
        }
        assert_eq!(at_home("5999"), Reason::Unreadable);
        assert_eq!(at_home("ErrorSomethingNew"), Reason::Unreadable);
        assert_eq!(at_home("errornofreebusyaccess"), Reason::NoAccess, "a name in other letters");
        assert_eq!(at_home(""), Reason::Unreadable);
    }

    #[test]
    fn a_code_is_known_by_its_number_and_by_its_name() {
        assert!(is_known("5009") && is_known("errormailrecipientnotfound") && is_known("5047"));
        assert!(!is_known("5999") && !is_known("") && !is_known("50105"));
    }

    #[test]
    fn a_proxy_that_found_nothing_is_a_mailbox_that_does_not_exist() {
        let recorded = "Proxy web request failed. , inner exception: System.Net.WebException: The remote server \
                        returned an error: (404) Not Found.";
        let status =
            "Proxy web request failed. , inner exception: The request failed with HTTP status 404: .";
        for code in ["5016", "ErrorProxyRequestProcessingFailed", "5999", ""] {
            for home in [true, false] {
                assert_eq!(reason(code, recorded, home), Reason::MailboxNotFound, "{code}");
                assert_eq!(reason(code, status, home), Reason::MailboxNotFound, "{code}");
            }
        }
        let unauthorized = "Proxy web request failed. , inner exception: The request failed with HTTP status 401: Unauthorized.";
        let port = "Proxy web request failed. , inner exception: Unable to connect to 10.0.0.1:4040 404.";
        for text in [unauthorized, port] {
            assert_eq!(reason("5016", text, true), Reason::OnPremises, "{text}");
        }
    }

    #[test]
    fn a_refusal_of_a_whole_call_is_about_an_address_or_about_the_request() {
        assert!(refuses_request(Some("ErrorInvalidMergedFreeBusyInterval")) && refuses_request(Some("5010")));
        for other in [None, Some("BadRequest"), Some("ErrorMailRecipientNotFound"), Some("5043")] {
            assert!(!refuses_request(other), "{other:?}");
        }
        assert_eq!(refused_address(Some("5043"), true), Some(Reason::ListTooLarge));
        assert_eq!(refused_address(Some("ErrorMailboxDataArrayTooBig"), true), Some(Reason::ListTooLarge));
        assert_eq!(refused_address(Some("ErrorInvalidSmtpAddress"), true), Some(Reason::AddressRefused));
        assert_eq!(refused_address(Some("ErrorInvalidTimeInterval"), true), None);
        assert_eq!(refused_address(Some("BadRequest"), true), None);
        assert_eq!(refused_address(None, true), None);
    }
}
