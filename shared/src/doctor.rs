//! The consent doctor: from any text, or from what is stored of a connection, to who must act and where to click.
//!
//! The verdicts are those of [`crate::domain::verdict`], which the sweep, the callback and the API read as well.

use serde::Serialize;

use crate::doctor_table::{ADVICE, GRAPH};
use crate::domain::symptoms::Symptoms;
use crate::domain::verdict::{Class, Refusal, Verdict};
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
    /// Whether stored tokens are destroyed because of it, once it is confirmed.
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
const LOOK_UP: &[&str] = &[
    "Open docs_url and read what Microsoft says about the code.",
    "Send the whole text, with trace id and time, to the operator.",
];

/// Reads a text: a URL, an answer, a screen, a mail; wrapped or cut off. Linear in its length; never fails.
pub fn diagnose(text: &str, sender: Sender<'_>) -> Diagnosis {
    let symptoms = Symptoms::read(text);
    let entra = !symptoms.refusal.codes.is_empty();
    let ours = symptoms.problem.as_deref().and_then(Code::named);
    let graph = symptoms.graph.and_then(|word| Some((word, of_graph(word)?)));
    match (entra, graph, ours) {
        (true, _, _) => of_refusal(&symptoms.refusal, sender),
        (false, Some((word, code)), _) => of_problem(code, Some(word), sender),
        (false, None, Some(code)) => of_problem(code, None, sender),
        _ if symptoms.asks_for_approval => of_problem(Code::AdminApprovalRequired, None, sender),
        _ => of_refusal(&symptoms.refusal, sender),
    }
}

fn of_graph(word: &str) -> Option<Code> {
    GRAPH.iter().find(|(words, _)| words.contains(&word)).map(|(_, code)| *code)
}

/// Explains a refusal by Entra, as it was read or as it is stored.
pub fn of_refusal(refusal: &Refusal, sender: Sender<'_>) -> Diagnosis {
    let (verdict, row) = (refusal.verdict(), refusal.row());
    let told =
        refusal.codes.iter().find_map(|code| ADVICE.iter().find(|advice| advice.numbers.contains(code)));
    let by_class = || by_class(row.map(|row| row.class), verdict, refusal);
    let (who, steps) = told.map_or_else(by_class, |advice| (advice.who, advice.steps));
    let meaning = match (row, refusal.code()) {
        (Some(row), _) => format!("Microsoft says: {}.", row.meaning),
        (None, Some(code)) => format!("{code} is not in our table (of November 2026)."),
        (None, None) => by_word(&refusal.error).unwrap_or(HONEST).to_owned(),
    };
    let code = refusal.code().or_else(|| Some(refusal.error.clone()).filter(|error| !error.is_empty()));
    let number = refusal.code().and_then(|code| code.strip_prefix("AADSTS").map(str::to_owned));
    let fate = Fate::of(verdict, row.map(|row| row.class));
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
        docs_url: number.map(|number| format!("{ENTRA_DOCS}{number}")),
    }
}

/// Explains one of our problems; `word` is the code of Graph that led to it.
pub fn of_problem(code: Code, word: Option<&str>, sender: Sender<'_>) -> Diagnosis {
    let entry = code.entry();
    let told = word.unwrap_or(entry.code).to_owned();
    let again = matches!(
        code,
        Code::NotConnected | Code::ConnectionNeedsReauth | Code::ConnectionRevoked | Code::SignInExpired
    );
    Diagnosis {
        message: letter(sender, entry.owner, Some(&told), entry.meaning, entry.steps, None),
        code: Some(told),
        meaning: entry.meaning.to_owned(),
        who: entry.owner,
        transient: Some(entry.retry_after.is_some()),
        sign_in_again: Some(again || matches!(code, Code::AdminApprovalRequired | Code::ApprovalPending)),
        tokens_dropped: Some(matches!(code, Code::ConnectionNeedsReauth | Code::ConnectionRevoked)),
        steps: entry.steps.to_vec(),
        docs_url: Some(match word {
            Some(_) => GRAPH_DOCS.to_owned(),
            None => format!("{}/problems/{}", sender.public_url, entry.code),
        }),
    }
}

/// What becomes of a connection.
struct Fate {
    transient: Option<bool>,
    sign_in_again: Option<bool>,
    tokens_dropped: Option<bool>,
}

impl Fate {
    fn of(verdict: Verdict, class: Option<Class>) -> Self {
        let (transient, sign_in_again, tokens_dropped) = match verdict {
            Verdict::Keep => (Some(true), Some(false), Some(false)),
            Verdict::OurFault => (Some(false), Some(false), Some(false)),
            // A decline happens before there are tokens.
            Verdict::UserMustSignIn if class == Some(Class::UserChoice) => (Some(false), Some(true), None),
            Verdict::ConsentGone | Verdict::UserMustSignIn => (Some(false), Some(true), Some(true)),
            Verdict::Blocked => (Some(false), None, Some(false)),
            Verdict::UnknownGrant | Verdict::Unknown => (None, None, None),
        };
        Self { transient, sign_in_again, tokens_dropped }
    }
}

fn by_class(class: Option<Class>, verdict: Verdict, refusal: &Refusal) -> (Owner, &'static [&'static str]) {
    match class {
        Some(Class::Transient) => {
            (Owner::MicrosoftOrWait, &["Nothing to do: it passes, and is tried again."])
        }
        Some(Class::Reconnect | Class::Interaction) => {
            (Owner::Recruiter, &["Press Connect in the recruiting system and sign in again."])
        }
        Some(Class::UserChoice) => (Owner::Recruiter, &["Press Connect again when you are ready."]),
        Some(Class::Admin) => (
            Owner::ItAdmin,
            &[
                "Open entra.microsoft.com: Entra ID > Enterprise apps > the app > Sign-in logs, and look the sign-in up by its correlation id.",
            ],
        ),
        Some(Class::Configuration) => {
            (Owner::Vendor, &["Nothing to do for you: send this to the operator of the app."])
        }
        None if refusal.codes.is_empty() => by_verdict(verdict, refusal),
        None => (Owner::Unknown, LOOK_UP),
    }
}

/// Without a number only the word of OAuth speaks.
fn by_verdict(verdict: Verdict, refusal: &Refusal) -> (Owner, &'static [&'static str]) {
    match verdict {
        Verdict::Keep => by_class(Some(Class::Transient), verdict, refusal),
        Verdict::OurFault => by_class(Some(Class::Configuration), verdict, refusal),
        Verdict::UserMustSignIn => by_class(Some(Class::Reconnect), verdict, refusal),
        Verdict::ConsentGone => (Owner::ItAdmin, ADVICE[0].steps),
        _ if refusal.error == "access_denied" => by_class(Some(Class::UserChoice), verdict, refusal),
        _ => (Owner::Unknown, &["Paste the whole text of the error, with its code."]),
    }
}

fn by_word(error: &str) -> Option<&'static str> {
    Some(match error {
        "access_denied" => {
            "Somebody went back or declined at Microsoft's page, or an administrator must approve first."
        }
        "consent_required" => "Microsoft says: consent is missing.",
        "interaction_required" | "login_required" => "Microsoft wants the user to sign in again.",
        "invalid_grant" => "Microsoft does not accept the stored sign-in, and says no more.",
        "invalid_client" => "Microsoft refused the credential of the app itself.",
        "server_error" | "temporarily_unavailable" => "Microsoft had a fault of its own.",
        "" => return None,
        _ => "Microsoft refused the request of the app, and says no more.",
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
