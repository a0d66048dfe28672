//! What can be read out of any text about a failure: a URL, an answer of Entra or Graph, a screen, a mail.
//!
//! Only numbers, words of the protocols, names of codes and GUIDs are kept, so nothing of the text can be repeated by
//! accident.

mod graph;
mod numbers;
mod plain;

use super::availability::schedule_error::is_known;
use super::verdict::Refusal;

/// What was found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Symptoms {
    /// As if Entra had sent it; its verdict is that of the sweep and the callback.
    pub refusal: Refusal,
    /// A code of Graph or Exchange, known or not: letters, digits, and `_` only.
    pub graph: Option<String>,
    /// A code, name or number, of the error of a single calendar.
    pub schedule: Option<String>,
    /// A code of our own problems, from a link or an answer of ours.
    pub problem: Option<String>,
    /// No code, but the words of a screen or a message of Microsoft's.
    pub screen: Option<Screen>,
}

/// What a text without a code is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// An administrator's approval is needed.
    Approval,
    /// The account has no mailbox that Graph can use.
    NoMailbox,
    /// The user is not assigned to the app.
    NotAssigned,
    /// A policy blocks the sign-in.
    Blocked,
    /// The mailbox is full.
    MailboxFull,
    /// Graph did not accept an access token.
    AccessToken,
}

/// `error` of RFC 6749 sections 4.1.2.1 and 5.2, of `OpenID` Connect Core section 3.1.2.6, and Microsoft's own.
pub(super) const ERRORS: [&str; 15] = [
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

/// Sentences of Microsoft's in English that say it without a code; the first that fits decides.
const SENTENCES: [(&str, Screen); 14] = [
    ("rest api is not yet supported", Screen::NoMailbox),
    ("mailbox is either inactive, soft-deleted, or is hosted on-premise", Screen::NoMailbox),
    ("lifetime validation failed", Screen::AccessToken),
    ("access token has expired", Screen::AccessToken),
    ("compacttoken", Screen::AccessToken),
    ("access token validation failure", Screen::AccessToken),
    ("approval required", Screen::Approval),
    ("need admin approval", Screen::Approval),
    ("needs permission to access resources in your organization that only an admin", Screen::Approval),
    ("assigned to a role for the application", Screen::NotAssigned),
    ("block users unless they are specifically granted", Screen::NotAssigned),
    ("you cannot access this right now", Screen::Blocked),
    ("does not meet the criteria to access this resource", Screen::Blocked),
    ("mailbox is full", Screen::MailboxFull),
];

impl Symptoms {
    /// Reads a text. Linear in its length; never fails.
    pub fn read(text: &str) -> Self {
        let plain = plain::flat(&plain::unwrapped(text));
        let lower = plain.to_lowercase();
        let (codes, graph) = (numbers::codes(&lower), graph::code(&plain));
        let words = || lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let error = words().find_map(|word| ERRORS.iter().copied().find(|known| *known == word));
        let has = |stems: &[&str]| stems.iter().any(|stem| lower.contains(stem));
        let sentence = SENTENCES.iter().find(|(words, _)| lower.contains(words)).map(|(_, screen)| *screen);
        let approval = (has(&ADMINISTRATOR) && has(&APPROVAL)).then_some(Screen::Approval);
        Self {
            screen: sentence.or(approval).filter(|_| codes.is_empty()),
            problem: problem(&lower),
            schedule: graph
                .clone()
                .filter(|word| is_known(word))
                .or_else(|| numbers::of_one_calendar(&lower)),
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

/// Going back at Microsoft's page is shown only by the second word.
fn suberror(lower: &str, error: Option<&str>) -> Option<String> {
    let cancelled = error == Some("access_denied") && lower.contains("error_subcode=cancel");
    let consent = error == Some("invalid_grant") && lower.contains("consent_required");
    let word = if cancelled { "cancel" } else { "consent_required" };
    (cancelled || consent).then(|| word.to_owned())
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
