//! Ends without tokens: the person went back, declined, or Microsoft refused.

use shared::access::{store_problem, why_not_signed_in};
use shared::app::App;
use shared::domain::connection::Connection;
use shared::domain::ids::ConnectionId;
use shared::domain::secret::AuthorizationCode;
use shared::domain::sign_in::{Attempt, Outcome, OutcomeStatus, redirect_outcome};
use shared::domain::verdict::Refusal;
use shared::function::Request;
use shared::microsoft::read_redirect_error;
use shared::problem::Code;
use shared::signing_in::end as keep;
use shared::store::{Completion, SaveError};

use crate::settling::{End, Stop, hold};

/// What the redirect carries.
pub(crate) enum Answer {
    /// RFC 6749 section 4.1.2.
    Code(AuthorizationCode),
    /// RFC 6749 section 4.1.2.1; an answer without code or error counts as one.
    Refused(Refusal),
    /// It names another issuer than Entra (RFC 9207 section 2.4): nothing in it is for us.
    Foreign,
}

impl Answer {
    /// `error` is looked at first: it may stand beside other fields.
    pub(crate) fn read(app: &App, request: &Request) -> Self {
        if request.query("iss").is_some_and(|issuer| !app.identity.is_issuer(issuer)) {
            return Self::Foreign;
        }
        let code = request.query("code").filter(|_| request.query("error").is_none());
        match code {
            Some(code) => Self::Code(AuthorizationCode::new(code.to_owned())),
            None => Self::Refused(read_redirect_error(request.query_pairs())),
        }
    }
}

/// Ends an attempt that Microsoft sent back with an error.
pub(crate) async fn end_by_error(app: &App, attempt: &Attempt, refusal: &Refusal) -> End {
    match by_error(app, attempt, refusal).await {
        Ok(stored) => End::Told(stored),
        Err(Stop::Ended(outcome)) => End::Told(keep(app, attempt, outcome).await),
        Err(Stop::TooEarly(outcome)) => hold(app, attempt, outcome).await,
    }
}

/// An end with a problem for a reason. Two of them have a status of their own.
pub(crate) fn because(code: Code) -> Outcome {
    let status = match code {
        Code::WrongAccount | Code::AccountRenamed => OutcomeStatus::WrongAccount,
        Code::WrongTenant => OutcomeStatus::WrongTenant,
        _ => OutcomeStatus::Failed,
    };
    Outcome { status, ..Outcome::failed(code.entry().code) }
}

/// `Ok`: the outcome is stored. `Err`: it is yet to be stored.
async fn by_error(app: &App, attempt: &Attempt, refusal: &Refusal) -> Result<Outcome, Stop> {
    let session = &attempt.session;
    let unreadable = |error| Outcome::failed(store_problem(error).code.entry().code);
    let loaded = app.store.load(&session.customer, &session.user).await.map_err(unreadable)?;
    let proven = loaded.customer.as_ref().and_then(|customer| customer.value.proven.as_ref());
    let own = loaded.connection.as_ref().map(|read| &read.value);
    let was_proven = proven.is_some_and(|proven| proven.still_covers(&session.features, own));
    let outcome = match redirect_outcome(refusal, was_proven) {
        Some(status) => Outcome::plain(status),
        None => because(why_not_signed_in(refusal)),
    };
    let outcome = outcome.with_microsoft(refusal.into());
    if attempt.is_asked_too_early(refusal, proven, app.clock.now()) {
        return Err(Stop::TooEarly(outcome));
    }
    let pending = outcome.status == OutcomeStatus::PendingApproval;
    let served = loaded.customer.as_ref().is_some_and(|customer| customer.value.is_served());
    let unconnected = own.is_none_or(|connection| connection.tokens.is_none());
    if pending && served && unconnected {
        let now = app.clock.now();
        let id = ConnectionId::mint(now, app.entropy.as_ref());
        let connection = Connection::waiting(session, own, id, now);
        let read = loaded.connection.as_ref().map(|read| read.version);
        let end = Completion { connection: &connection, read, attempt, outcome: &outcome, proof: None };
        match app.store.connections.complete(end).await {
            Ok(_) => return Ok(outcome),
            Err(SaveError::Store(error)) => return Err(unreadable(error).into()),
            // Another attempt of this user ended meanwhile: its state stands.
            Err(SaveError::Stale) => {}
        }
    }
    Err(outcome.into())
}
