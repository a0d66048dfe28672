//! The consent doctor: from any text, or from what is stored of a connection, to who must act and where to click.
//!
//! The verdicts are those of [`crate::domain::verdict`], which the sweep, the callback and the API read as well.

use serde::Serialize;

use crate::doctor_table::{Explained, GraphAdvice, explain, of_graph};
use crate::domain::availability::schedule_error::reason;
use crate::domain::graph_code::spelled;
use crate::domain::symptoms::{Screen, Symptoms};
use crate::domain::verdict::{Refusal, Verdict};
use crate::problem::{Code, Owner};

/// What the doctor says. Nulls where nobody can honestly say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// `AADSTS…`, a code of Graph, or one of our problem codes.
    pub code: Option<String>,
    /// A sentence.
    pub meaning: String,
    /// Who must act.
    pub who: Owner,
    /// Whether it passes by itself.
    pub transient: Option<bool>,
    /// Whether the user must press Connect again.
    pub sign_in_again: Option<bool>,
    /// Whether the sweep destroys stored tokens once it is confirmed, within the hour. Where a policy blocks, they are
    /// kept for a day first: no.
    pub tokens_dropped: Option<bool>,
    /// What to do, in order.
    pub steps: Vec<&'static str>,
    /// Ready to be sent to whoever must act.
    pub message: String,
    /// Microsoft's own page about the code, or the page of our problem.
    pub docs_url: Option<String>,
}

/// What else is said in a message.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The name of this app as users know it.
    pub app_name: &'a str,
    /// The base of links to our problem pages.
    pub public_url: &'a str,
}

/// Microsoft's page for any number, and the one for all codes of Graph.
const ENTRA_DOCS: &str = "https://login.microsoftonline.com/error?code=";
const GRAPH_DOCS: &str = "https://learn.microsoft.com/graph/errors";
const HONEST: &str = "This text has no code that is known here.";
const UNKNOWN_OF_GRAPH: &[&str] = &[
    "Look the code up on Microsoft's page, which is linked beside it.",
    "Send the whole text, with its request-id and time, to the operator.",
];

/// Reads a text: a URL, an answer, a screen, a mail; wrapped or cut off. Linear in its length; never fails.
pub fn diagnose(text: &str, sender: Sender<'_>) -> Diagnosis {
    let symptoms = Symptoms::read(text);
    let ours = symptoms.problem.as_deref().and_then(Code::named);
    if !symptoms.refusal.codes.is_empty() {
        return of_refusal(&symptoms.refusal, sender);
    }
    let graph = symptoms.graph.as_deref();
    if let Some(word) = graph.filter(|word| spelled(word).is_some()) {
        return of_graph_code(word, ours, sender);
    }
    if let Some(code) = symptoms.schedule.as_deref() {
        return of_one_calendar(code, sender);
    }
    match (ours, symptoms.screen, graph) {
        (Some(code), _, _) => of_problem(code, sender),
        (None, Some(Screen::Approval), _) => of_problem(Code::AdminApprovalRequired, sender),
        (None, Some(Screen::NoMailbox), _) => of_problem(Code::MailboxUnavailable, sender),
        (None, Some(Screen::NotAssigned), _) => of_problem(Code::UserNotAssigned, sender),
        (None, Some(Screen::Blocked), _) => of_problem(Code::BlockedByConditionalAccess, sender),
        (None, Some(Screen::AccessToken), _) => of_graph_code("InvalidAuthenticationToken", None, sender),
        (None, Some(Screen::MailboxFull), _) => of_problem(Code::MailboxFull, sender),
        // A word of OAuth says more than a name of code that nobody knows, which may be that of a library.
        (None, None, Some(word)) if symptoms.refusal.error.is_empty() => of_unknown_graph_code(word, sender),
        (None, None, _) => of_refusal(&symptoms.refusal, sender),
    }
}

/// Explains a refusal by Entra, as it was read or as it is stored.
pub fn of_refusal(refusal: &Refusal, sender: Sender<'_>) -> Diagnosis {
    let explained = explain(refusal);
    let (who, steps) = (explained.owner(), explained.steps);
    let meaning = match (refusal.row(), refusal.code()) {
        (Some(row), _) => format!("AADSTS{} means: {}.", row.number, row.meaning),
        (None, Some(code)) => format!("{code} is not in our table (of November 2026)."),
        (None, None) => by_word(&refusal.error).unwrap_or(HONEST).to_owned(),
    };
    let code = refusal.code().or_else(|| Some(refusal.error.clone()).filter(|error| !error.is_empty()));
    let fate = Fate::of(refusal.verdict(), &explained);
    let message = letter(sender, who, code.as_deref(), &meaning, steps, Some(refusal));
    Diagnosis {
        message,
        code,
        meaning,
        who,
        transient: fate.transient,
        sign_in_again: fate.sign_in_again,
        tokens_dropped: fate.tokens_dropped,
        steps: steps.to_vec(),
        docs_url: refusal.number().map(|number| format!("{ENTRA_DOCS}{number}")),
    }
}

/// Explains one of our problems.
pub fn of_problem(code: Code, sender: Sender<'_>) -> Diagnosis {
    let entry = code.entry();
    Diagnosis {
        message: letter(sender, entry.owner, Some(entry.code), entry.meaning, entry.steps, None),
        code: Some(entry.code.to_owned()),
        meaning: entry.meaning.to_owned(),
        who: entry.owner,
        transient: Some(entry.retry_after.is_some()),
        sign_in_again: Some(begins_anew(code)),
        // A problem of a request destroys nothing; the words of these two say that it has happened already.
        tokens_dropped: Some(matches!(code, Code::ConnectionNeedsReauth | Code::ConnectionRevoked)),
        steps: entry.steps.to_vec(),
        docs_url: Some(format!("{}/problems/{}", sender.public_url, entry.code)),
    }
}

/// Whether pressing Connect again is part of the way on.
fn begins_anew(code: Code) -> bool {
    matches!(
        code,
        Code::NotConnected
            | Code::ConnectionNeedsReauth
            | Code::ConnectionRevoked
            | Code::SignInExpired
            | Code::AdminApprovalRequired
            | Code::ApprovalPending
            | Code::ConsentDeclined
            | Code::OfflineAccessMissing
            | Code::ScopeMissing
            | Code::WrongAccount
            | Code::WrongTenant
            | Code::AccountNotSupported
            | Code::AccountRenamed
            | Code::OrganizationNotFound
            | Code::AccountUnavailable
            | Code::AppDisabledInTenant
    )
}

/// Explains a code of Graph or Exchange. No such code costs a stored token: only Entra's answer to a refresh does.
///
/// `shown` is a problem of ours in the same text: where the code has several meanings, it says which one is met.
fn of_graph_code(word: &str, shown: Option<Code>, sender: Sender<'_>) -> Diagnosis {
    let mut rows: Vec<GraphAdvice> = of_graph(word).collect();
    if let Some(met) = rows.iter().copied().find(|row| Some(row.code) == shown) {
        rows = vec![met];
    }
    let Some(first) = rows.first() else { return of_unknown_graph_code(word, sender) };
    let (who, meaning) = (first.code.entry().owner, meanings(&rows));
    let mut steps: Vec<&'static str> = Vec::new();
    for step in rows.iter().flat_map(GraphAdvice::steps) {
        if !steps.contains(step) {
            steps.push(step);
        }
    }
    Diagnosis {
        message: letter(sender, who, Some(word), &meaning, &steps, None),
        code: Some(spelled(word).unwrap_or(word).to_owned()),
        meaning,
        who,
        transient: Some(first.class.passes()),
        sign_in_again: Some(begins_anew(first.code)),
        tokens_dropped: Some(false),
        steps,
        docs_url: Some(GRAPH_DOCS.to_owned()),
    }
}

/// Where the code alone does not decide, all that it can mean.
fn meanings(rows: &[GraphAdvice]) -> String {
    let mut rows = rows.iter();
    let first = rows.next().map_or_else(String::new, |row| row.meaning().to_owned());
    let mut all = rows.fold(first, |all, row| {
        let problem = row.code.entry().code;
        format!("{all} Or, where the recruiting system shows {problem}: {}", row.meaning())
    });
    if all.contains(" Or, where") {
        all.insert_str(0, "The code has more than one meaning; the call that was refused decides. Mostly: ");
    }
    all
}

fn of_unknown_graph_code(word: &str, sender: Sender<'_>) -> Diagnosis {
    let meaning = format!("{word} is a code of Microsoft Graph that is not in our table (of November 2026).");
    Diagnosis {
        message: letter(sender, Owner::Unknown, Some(word), &meaning, UNKNOWN_OF_GRAPH, None),
        code: Some(word.to_owned()),
        meaning,
        who: Owner::Unknown,
        transient: None,
        sign_in_again: None,
        tokens_dropped: None,
        steps: UNKNOWN_OF_GRAPH.to_vec(),
        docs_url: Some(GRAPH_DOCS.to_owned()),
    }
}

/// Explains the error of one calendar among those whose free and busy times were asked for. Whether its address is one
/// of the user's own domain is not known here: where that decides, both is said.
fn of_one_calendar(code: &str, sender: Sender<'_>) -> Diagnosis {
    let (home, away) = (reason(code, "", true), reason(code, "", false));
    let who = Code::AvailabilityUnknown.entry().owner;
    let mut meaning = format!("The free and busy times of one calendar could not be read: {}.", home.words());
    let mut steps = vec![home.step()];
    if away != home {
        meaning = format!("{meaning} Or, for an address of another domain: {}.", away.words());
        steps.push(away.step());
    }
    steps.extend(Code::AvailabilityUnknown.entry().steps);
    Diagnosis {
        message: letter(sender, who, Some(code), &meaning, &steps, None),
        code: Some(code.to_owned()),
        meaning,
        who,
        transient: Some(home.passes()),
        sign_in_again: Some(false),
        tokens_dropped: Some(false),
        steps,
        docs_url: Some(GRAPH_DOCS.to_owned()),
    }
}

/// What becomes of a connection. Null only where nobody knows what Microsoft meant.
struct Fate {
    transient: Option<bool>,
    sign_in_again: Option<bool>,
    tokens_dropped: Option<bool>,
}

impl Fate {
    fn of(verdict: Verdict, explained: &Explained) -> Self {
        let fate = |transient, again, dropped| Self {
            transient: Some(transient),
            sign_in_again: Some(again),
            tokens_dropped: Some(dropped),
        };
        // A sign-in that never came to tokens is begun anew, whatever the sweep would make of the number.
        let begins_anew = matches!(
            explained.at_sign_in,
            Some(
                Code::AdminApprovalRequired
                    | Code::SignInExpired
                    | Code::WrongTenant
                    | Code::OrganizationNotFound
                    | Code::ConsentDeclined
            )
        );
        match verdict {
            Verdict::Keep => fate(true, false, false),
            Verdict::OurFault | Verdict::Blocked => fate(false, begins_anew, false),
            Verdict::ConsentGone | Verdict::UserMustSignIn => fate(false, true, true),
            // A word of OAuth without a number, such as that of going back at Microsoft's page.
            Verdict::UnknownGrant | Verdict::Unknown if explained.at_sign_in.is_some() => {
                fate(false, true, false)
            }
            Verdict::UnknownGrant | Verdict::Unknown => {
                Self { transient: None, sign_in_again: None, tokens_dropped: None }
            }
        }
    }
}

fn by_word(error: &str) -> Option<&'static str> {
    Some(match error {
        "access_denied" => {
            "At Microsoft's page somebody went back or declined, or an administrator must approve first: the answer is the same for all of these."
        }
        "consent_required" => "The consent for the app is missing.",
        "interaction_required" | "login_required" => "Microsoft wants the user to sign in again.",
        "invalid_grant" => "Microsoft does not accept the sign-in, and gives no further reason.",
        "invalid_client" => "Microsoft refused the credential of the app itself.",
        "server_error" | "temporarily_unavailable" => "Microsoft had a fault of its own.",
        "" => return None,
        _ => "Microsoft refused the request of the app, and gives no further reason.",
    })
}

/// A text to send. It says nothing that was not understood.
fn letter(
    sender: Sender<'_>,
    who: Owner,
    code: Option<&str>,
    meaning: &str,
    steps: &[&str],
    refusal: Option<&Refusal>,
) -> String {
    let greeting = match who {
        Owner::ItAdmin => "Hello, we need your help as administrator of our Microsoft 365.",
        Owner::Vendor => {
            "Hello, the connection of your app to Microsoft 365 fails for a reason on your side."
        }
        _ => "Hello, this is about connecting Microsoft 365.",
    };
    let facts = [
        ("Code", code),
        ("Trace id", refusal.and_then(|refusal| refusal.trace_id.as_deref())),
        ("Correlation id", refusal.and_then(|refusal| refusal.correlation_id.as_deref())),
        ("Time", refusal.and_then(|refusal| refusal.at.as_deref())),
    ];
    let facts = facts.iter().filter_map(|(label, value)| Some(format!("{label}: {}\n", (*value)?)));
    let steps = steps.iter().enumerate().map(|(n, step)| format!("{}. {step}\n", n + 1));
    let (facts, steps): (String, String) = (facts.collect(), steps.collect());
    format!("{greeting}\n\n{} reports: {meaning}\n{facts}\nWhat to do:\n{steps}", sender.app_name)
}

#[cfg(test)]
#[path = "doctor/tests.rs"]
mod tests;
