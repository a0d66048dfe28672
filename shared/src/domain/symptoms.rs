//! What can be read out of any text about a failure: a URL, an answer of Entra or Graph, a screen, a mail.
//!
//! Only numbers, words of the protocols and GUIDs are kept, so nothing of the text can be repeated by accident.

mod plain;

use super::verdict::{Refusal, TABLE};

/// What was found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Symptoms {
    /// As if Entra had sent it; its verdict is that of the sweep and the callback.
    pub refusal: Refusal,
    /// A code of Graph (`ErrorItemNotFound`), spelled as in [`GRAPH_WORDS`].
    pub graph: Option<&'static str>,
    /// A code of our own problems, from a link or an answer of ours.
    pub problem: Option<String>,
    /// No code, but words that ask for an administrator's approval.
    pub asks_for_approval: bool,
}

/// `error` of RFC 6749 sections 4.1.2.1 and 5.2, of `OpenID` Connect Core section 3.1.2.6, and Microsoft's own.
const ERRORS: [&str; 15] = [
    "access_denied",
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_resource",
    "invalid_scope",
    "invalid_tenant",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
];

/// Codes of Graph and Outlook that say something. Source: Microsoft Graph error responses, Outlook resources.
pub const GRAPH_WORDS: [&str; 22] = [
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
    "ErrorNonExistentMailbox",
    "ErrorMailboxMoveInProgress",
    "ErrorMailboxStoreUnavailable",
    "ErrorMailRecipientNotFound",
    "ErrorInvalidUser",
    "MailboxNotFound",
    "ResourceNotFound",
    "ErrorItemNotFound",
    "ErrorAccessDenied",
    "Authorization_RequestDenied",
    "InvalidAuthenticationToken",
    "ErrorNoFreeBusyAccess",
    "ErrorQuotaExceeded",
    "ErrorIrresolvableConflict",
    "ApplicationThrottled",
    "TooManyRequests",
    "ErrorExceededConnectionCount",
    "ErrorServerBusy",
    "ErrorInternalServerError",
    "ServiceNotAvailable",
];

/// Stems of "administrator" and of "approval" in the languages of Microsoft's pages that we can read.
const ADMINISTRATOR: [&str; 7] =
    ["admin", "amministrat", "beheerder", "järjestelmänvalvoja", "管理者", "관리자", "管理员"];
const APPROVAL: [&str; 13] = [
    "approv",
    "approb",
    "genehmig",
    "zustimmung",
    "aprob",
    "aprov",
    "goedkeur",
    "godkän",
    "godkend",
    "hyväksy",
    "承認",
    "승인",
    "批准",
];

/// Words after which a bare number is meant as a code.
const CODE_WORDS: [&str; 6] = ["code", "código", "codice", "kod", "コード", "error"];

impl Symptoms {
    /// Reads a text. Linear in its length; never fails.
    pub fn read(text: &str) -> Self {
        let plain = plain::unwrapped(text);
        let lower = plain.to_lowercase();
        let codes = codes(&lower);
        let words = || lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let error = words().find_map(|word| ERRORS.iter().copied().find(|known| *known == word));
        let graph = words()
            .find_map(|word| GRAPH_WORDS.iter().copied().find(|known| known.eq_ignore_ascii_case(word)));
        let told = |stems: &[&str]| stems.iter().any(|stem| lower.contains(stem));
        Self {
            asks_for_approval: codes.is_empty() && told(&ADMINISTRATOR) && told(&APPROVAL),
            problem: problem(&lower),
            graph,
            refusal: Refusal {
                status: 400,
                error: error.unwrap_or_default().to_owned(),
                suberror: suberror(&lower, error),
                codes,
                trace_id: id_behind(&lower, &["trace id", "trace_id", "traceid"]),
                correlation_id: id_behind(&lower, &["correlation id", "correlation_id", "correlationid"]),
                at: None,
            },
        }
    }
}

/// Going back at Microsoft's page is told only by the second word.
fn suberror(lower: &str, error: Option<&str>) -> Option<String> {
    let cancelled = error == Some("access_denied") && lower.contains("error_subcode=cancel");
    let consent = error == Some("invalid_grant") && lower.contains("consent_required");
    let word = if cancelled { "cancel" } else { "consent_required" };
    (cancelled || consent).then(|| word.to_owned())
}

/// Numbers behind `AADSTS` and in `error_codes`, known or not; and known numbers that are called a code.
fn codes(lower: &str) -> Vec<u32> {
    let mut found: Vec<u32> = lower.split("aadsts").skip(1).filter_map(leading_number).collect();
    let lists = lower.split("error_codes").skip(1).filter_map(|rest| rest.split(']').next());
    found.extend(lists.flat_map(|list| list.split(|c: char| !c.is_ascii_digit()).filter_map(number)));
    if found.is_empty() {
        let named = CODE_WORDS.iter().flat_map(|word| lower.split(word).skip(1).filter_map(leading_number));
        let alone = number(lower.trim());
        found.extend(named.chain(alone).filter(|n| TABLE.binary_search_by_key(n, |row| row.number).is_ok()));
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|number| seen.len() < 16 && seen.insert(*number));
    found
}

/// The number at the beginning, behind a few signs at most.
fn leading_number(rest: &str) -> Option<u32> {
    let signs = rest.char_indices().take(5).find(|(_, c)| c.is_ascii_digit())?.0;
    let clean = rest.get(..signs)?.chars().all(|c| !c.is_alphabetic());
    let digits = rest.get(signs..)?.split(|c: char| !c.is_ascii_digit()).next()?;
    number(digits).filter(|_| clean)
}

/// Microsoft's numbers have five to eight digits.
fn number(digits: &str) -> Option<u32> {
    let sound = (5..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| digits.parse().ok()).flatten()
}

/// The code in a link to one of our problem pages.
fn problem(lower: &str) -> Option<String> {
    let behind = lower.split("/problems/").nth(1)?;
    let code: String = behind.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').take(40).collect();
    (!code.is_empty()).then_some(code)
}

/// The GUID that stands right behind one of these labels.
fn id_behind(lower: &str, labels: &[&str]) -> Option<String> {
    labels.iter().find_map(|label| {
        let behind = lower.split(label).nth(1)?;
        let from = behind.char_indices().take(6).find(|(_, c)| c.is_ascii_hexdigit())?.0;
        let id = behind.get(from..from + 36)?;
        let sound = id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') && id.matches('-').count() == 4;
        sound.then(|| id.to_owned())
    })
}

#[cfg(test)]
#[path = "symptoms/tests.rs"]
mod tests;
