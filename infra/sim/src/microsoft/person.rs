//! Plays the person at Microsoft's pages: what clicking through them would lead to, without the HTML.

use super::admin_consent::AdminConsent;
use super::authorize::{Start, begin};
use super::policy::Next;
use super::tenant::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the person does once signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Goes on: consents if asked.
    Accept,
    /// Presses Decline (or Cancel) on the consent page: shape R2.
    Decline,
    /// Cancels the sign-in, or leaves the dead end "Need admin approval" by its link: shape R1.
    Cancel,
    /// Fills in the form "Approval required" and goes back to the app: shape R2.
    Request,
}

/// The `{tenant}` and what follows it in the address of a login page.
pub(crate) fn split_login_path(path: &str) -> Option<(&str, &str)> {
    let (_, rest) = path.split_once("/login/")?;
    rest.split_once('/')
}

pub(crate) fn sign_in(
    state: &mut State,
    authorize_url: &str,
    user: &str,
    answer: Answer,
    now: Timestamp,
) -> Result<String, String> {
    let url = url::Url::parse(authorize_url).map_err(|error| format!("not an address: {error}"))?;
    let query = url.query().unwrap_or_default();
    match split_login_path(url.path()) {
        Some((tenant, "oauth2/v2.0/authorize")) => at_authorize(state, (tenant, query), user, answer, now),
        Some((tenant, "v2.0/adminconsent")) => at_admin_consent(state, (tenant, query), user, answer, now),
        _ => Err(format!("{} is not a page that a person can answer", url.path())),
    }
}

fn stays(code: u32) -> String {
    format!("AADSTS{code}: the person stays on Microsoft's page, nothing comes back to the app")
}

fn at_authorize(
    state: &mut State,
    (tenant, query): (&str, &str),
    user: &str,
    answer: Answer,
    now: Timestamp,
) -> Result<String, String> {
    let session = state.user(user);
    let request = match begin(state, tenant, query, session, now) {
        Start::Page(code, text) => return Err(format!("{}: {text}", stays(code))),
        Start::Redirect(url) => return Ok(url),
        Start::Person(request) => request,
    };
    if answer == Answer::Cancel {
        return Ok(request.cancelled());
    }
    let user = request.account(state, user).map_err(stays)?;
    match (request.next(state, user), answer) {
        (Next::Page(code), _) => Err(stays(code)),
        (Next::Straight, Answer::Accept) => Ok(request.finish(state, user, None, now)),
        (Next::Consent { .. }, Answer::Accept) => Ok(request.finish(state, user, Some(false), now)),
        (Next::Consent { .. }, Answer::Decline) => Ok(request.declined(state, now)),
        (Next::Request, Answer::Request) => Ok(request.requested(state, user, now)),
        (Next::Request, _) => Err(stays(90095)),
        (Next::NeedAdmin, _) => Err(stays(90094)),
        (next @ (Next::Straight | Next::Consent { .. }), _) => {
            Err(format!("there is no {answer:?} on {next:?}"))
        }
    }
}

fn at_admin_consent(
    state: &mut State,
    (tenant, query): (&str, &str),
    user: &str,
    answer: Answer,
    now: Timestamp,
) -> Result<String, String> {
    let request = match AdminConsent::begin(state, tenant, query) {
        Err(Start::Page(code, text)) => return Err(format!("{}: {text}", stays(code))),
        Err(other) => return Err(format!("{other:?}")),
        Ok(request) => request,
    };
    if answer == Answer::Cancel {
        return Ok(request.cancelled());
    }
    let user = request.administrator(state, user).map_err(stays)?;
    match answer {
        Answer::Accept => Ok(request.accepted(state, user, now)),
        Answer::Decline => Ok(request.declined(state, now)),
        Answer::Cancel | Answer::Request => Err("an administrator has nobody to ask".to_owned()),
    }
}
