//! Ends without tokens: the person went back, declined, or Microsoft refused.

use shared::access::store_problem;
use shared::app::App;
use shared::domain::connection::{Connection, Health};
use shared::domain::features::ScopeSet;
use shared::domain::ids::ConnectionId;
use shared::domain::secret::AuthorizationCode;
use shared::domain::sign_in::{Attempt, Outcome, OutcomeStatus, redirect_outcome};
use shared::domain::verdict::{Refusal, Verdict};
use shared::function::Request;
use shared::microsoft::read_redirect_error;
use shared::problem::{Code, Problem};
use shared::store::{Completion, SaveError};

/// What the redirect carries.
pub(crate) enum Answer {
    /// RFC 6749 section 4.1.2.
    Code(AuthorizationCode),
    /// RFC 6749 section 4.1.2.1; an answer without code or error counts as one.
    Refused(Refusal),
}

impl Answer {
    /// `error` is looked at first: it may stand beside other fields.
    pub(crate) fn read(request: &Request) -> Self {
        let code = request.query("code").filter(|_| request.query("error").is_none());
        match code {
            Some(code) => Self::Code(AuthorizationCode::new(code.to_owned())),
            None => Self::Refused(read_redirect_error(request.query_pairs())),
        }
    }
}

/// Stores the end of an attempt that Microsoft sent back with an error.
pub(crate) async fn end_by_error(
    app: &App,
    attempt: &Attempt,
    refusal: &Refusal,
) -> Result<Outcome, Problem> {
    let session = &attempt.session;
    let loaded = app.store.load(&session.customer, &session.user).await.map_err(store_problem)?;
    let proven = loaded.customer.as_ref().and_then(|customer| customer.value.proven.as_ref());
    let was_proven = proven.is_some_and(|proven| proven.scopes.missing(&session.features).is_empty());
    let outcome = match redirect_outcome(refusal, was_proven) {
        Some(status) => Outcome::plain(status),
        None => Outcome::failed(reason(refusal).entry().code),
    };
    let pending = outcome.status == OutcomeStatus::PendingApproval;
    let unconnected = loaded.connection.as_ref().is_none_or(|read| read.value.tokens.is_none());
    if pending && unconnected {
        let connection = waiting_for_approval(app, attempt);
        let read = loaded.connection.map(|read| read.version);
        let end = Completion { connection: &connection, read, attempt, outcome: &outcome };
        match app.store.connections.complete(end).await {
            Ok(_) => return Ok(outcome),
            Err(SaveError::Store(error)) => return Err(store_problem(error)),
            // Another attempt of this user ended meanwhile: its state stands.
            Err(SaveError::Stale) => {}
        }
    }
    app.store.sign_ins.store_outcome(&attempt.state, &outcome).await.map_err(store_problem)?;
    Ok(outcome)
}

fn waiting_for_approval(app: &App, attempt: &Attempt) -> Connection {
    let (session, now) = (&attempt.session, app.clock.now());
    Connection {
        id: ConnectionId::mint(now, app.entropy.as_ref()),
        customer: session.customer.clone(),
        user: session.user.clone(),
        account: None,
        features: session.features.clone(),
        granted: ScopeSet::default(),
        teams: false,
        time_zone: session.time_zone.clone(),
        connected_at: now,
        health: Health::PendingApproval { since: now },
        verified_at: None,
        last_used: None,
        usable_until: None,
        generation: 0,
        canary: false,
        errand: None,
        tokens: None,
    }
}

/// The problem code that explains a refusal during sign-in.
pub(crate) fn reason(refusal: &Refusal) -> Code {
    if refusal.codes.contains(&50105) {
        return Code::UserNotAssigned;
    }
    if refusal.codes.contains(&7_000_112) {
        return Code::AppDisabledInTenant;
    }
    match refusal.verdict() {
        Verdict::ConsentGone => Code::AdminApprovalRequired,
        Verdict::Blocked => Code::BlockedByConditionalAccess,
        Verdict::OurFault => Code::VendorCredentialInvalid,
        Verdict::UserMustSignIn => Code::ConnectionNeedsReauth,
        Verdict::Keep | Verdict::UnknownGrant | Verdict::Unknown => Code::MicrosoftUnavailable,
    }
}
