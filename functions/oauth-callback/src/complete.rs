//! From the code to a stored connection: redeem, prove who signed in, probe the mailbox, seal and save.
//!
//! Every way out is an outcome, and every outcome is stored with the attempt.

use std::sync::Arc;
use std::time::Duration;

use shared::access::{store_problem, why_not_redeemed};
use shared::app::App;
use shared::domain::address::Address;
use shared::domain::connection::{Account, Connection, Teams};
use shared::domain::features::{ScopeSet, requested};
use shared::domain::grant::Grant;
use shared::domain::ids::ConnectionId;
use shared::domain::proof_log::{Ledger, Whose};
use shared::domain::secret::{AuthorizationCode, CookieSecret};
use shared::domain::sign_in::{Attempt, Outcome, OutcomeStatus, Said};
use shared::microsoft::{CalendarProbe, Deadline, GraphError, IdToken, IdentityError, Redeem};
use shared::problem::{Code, Microsoft, Problem};
use shared::signing_in::{account, customer_key, tenant_of_user, who_signed_in};
use shared::store::{Completion, Loaded, SaveError};
use shared::vault::{Binding, CustomerKey, TokenPair, browser, seal_tokens};

use crate::finish::because;
use crate::settling::{End, Stop, hold};
use shared::signing_in::end as keep;

/// Another sign-in of the same user may end at the same time: then the row is read again.
const TRIES: usize = 3;

/// What a browser brought back.
pub(crate) struct Brought {
    /// From its cookie.
    pub(crate) secret: CookieSecret,
    /// From Microsoft.
    pub(crate) code: AuthorizationCode,
}

/// Ends an attempt that came back with a code.
pub(crate) async fn complete(app: &App, attempt: &Attempt, brought: Brought, deadline: Deadline) -> End {
    let (session, ledger) = (&attempt.session, Ledger::default());
    let ended = connect(app, attempt, &brought, (&ledger, deadline)).await;
    // What was stored with a connection is not stored again.
    let whose = Whose { customer: &session.customer, user: &session.user, interview: None };
    app.access.record(&ledger, whose).await;
    match ended {
        Ok(stored) => End::Told(stored),
        Err(Stop::Ended(refused)) => End::Told(keep(app, attempt, refused).await),
        Err(Stop::TooEarly(refused)) => hold(app, attempt, refused).await,
    }
}

async fn connect(
    app: &App,
    attempt: &Attempt,
    brought: &Brought,
    (ledger, deadline): (&Ledger, Deadline),
) -> Result<Outcome, Stop> {
    let session = &attempt.session;
    let (redeemed, loaded, of_domain) = tokio::join!(
        redeem(app, attempt, brought, deadline),
        load(app, attempt),
        tenant_of_user(app, &attempt.session, deadline),
    );
    let ((grant, id_token), loaded) = (redeemed?, loaded?);
    let customer = loaded.customer.as_ref().map(|customer| &customer.value);
    let Some(customer) = customer.filter(|customer| customer.is_served()) else {
        return Err(failed(Code::IntegrationDisabled).into());
    };
    let signed_in = who_signed_in(app, &id_token, &brought.secret, deadline).await.map_err(failed)?;
    let of_domain = of_domain.map_err(failed)?;
    if !attempt.is_from(&signed_in, customer.tenant, of_domain) {
        let known = customer.tenant.or(session.tenant).or(of_domain).is_some();
        let code = if known { Code::WrongTenant } else { Code::OrganizationNotFound };
        return Err(because(code).into());
    }
    if !grant.scopes.contains("Calendars.ReadWrite") {
        return Err(Stop::TooEarly(failed(Code::ScopeMissing)));
    }
    if grant.refresh.is_none() {
        return Err(Stop::TooEarly(failed(Code::OfflineAccessMissing)));
    }
    let grant = Grant { access: grant.access.recorded_in(ledger), ..grant };
    let probe = probe(app, &grant, deadline).await?;
    let account = account(&signed_in, &probe, &session.email);
    let known: Vec<&Address> = [signed_in.username.as_ref(), signed_in.email.as_ref(), probe.owner.as_ref()]
        .into_iter()
        .flatten()
        .collect();
    if !customer.allowed_account.allows(&session.email, &known) {
        return Err(because(not_allowed(&account, loaded.connection.as_ref().map(|read| &read.value))).into());
    }
    let key = customer_key(app, &session.customer, loaded.key.as_ref()).await.map_err(failed)?;
    Ok(save(app, attempt, loaded, Connecting { grant, account, teams: probe.teams, key }).await?)
}

/// Whose address the rule does not allow: another account's, or the new one of the account that was connected.
fn not_allowed(account: &Account, before: Option<&Connection>) -> Code {
    let same = |known: &Account| (known.tenant, known.object) == (account.tenant, account.object);
    let renamed = before.and_then(|connection| connection.account.as_ref()).is_some_and(same);
    if renamed { Code::AccountRenamed } else { Code::WrongAccount }
}

/// What is known of a connection before it is stored.
struct Connecting {
    grant: Grant,
    account: Account,
    teams: Teams,
    key: Arc<CustomerKey>,
}

fn failed(problem: impl Into<Problem>) -> Outcome {
    let Problem { code, microsoft, .. } = problem.into();
    let outcome = because(code);
    match microsoft {
        Some(Microsoft { error, code, trace_id, correlation_id, at }) => {
            outcome.with_microsoft(Said { error, code, trace_id, correlation_id, at })
        }
        None => outcome,
    }
}

async fn load(app: &App, attempt: &Attempt) -> Result<Loaded, Outcome> {
    let session = &attempt.session;
    app.store.load(&session.customer, &session.user).await.map_err(|error| failed(store_problem(error)))
}

async fn redeem(
    app: &App,
    attempt: &Attempt,
    brought: &Brought,
    deadline: Deadline,
) -> Result<(Grant, IdToken), Stop> {
    let credential = app.access.credential(&attempt.authority).await.map_err(failed)?;
    let verifier = browser::verifier(&brought.secret);
    let asked = ScopeSet::parse(&requested(&attempt.session.features).join(" "));
    let redeem =
        Redeem { authority: &attempt.authority, code: &brought.code, verifier: &verifier, asked: &asked };
    match app.identity.redeem_code(&credential, redeem, deadline).await {
        Ok(redeemed) => Ok(redeemed),
        Err(IdentityError::Refused(refusal)) => {
            if refusal.is_our_credential() {
                app.access.our_fault(&refusal).await;
            }
            let said = because(why_not_redeemed(&refusal)).with_microsoft((&refusal).into());
            let early = refusal.may_be_stale_after_consent();
            Err(if early { Stop::TooEarly(said) } else { Stop::Ended(said) })
        }
        Err(IdentityError::Throttled { .. }) => Err(failed(Code::MicrosoftThrottled).into()),
        Err(IdentityError::Unreachable { .. }) => Err(failed(Code::MicrosoftUnavailable).into()),
    }
}

/// A token that was issued a moment ago may not be known to every server of Graph yet.
const KNOWN_IN: Duration = Duration::from_secs(1);

async fn probe(app: &App, grant: &Grant, deadline: Deadline) -> Result<CalendarProbe, Outcome> {
    let mut probed = app.graph.probe_calendar(&grant.access, deadline).await;
    if matches!(probed, Err(GraphError::Unauthorized(_))) {
        app.clock.sleep(KNOWN_IN).await;
        probed = app.graph.probe_calendar(&grant.access, deadline).await;
    }
    probed.map_err(|error| match error {
        GraphError::NotFound(_) => failed(Code::MailboxUnavailable),
        GraphError::Unauthorized(_) => failed(Code::MailboxAccessDenied),
        other => failed(shared::access::graph_problem(&other)),
    })
}

async fn save(app: &App, attempt: &Attempt, loaded: Loaded, new: Connecting) -> Result<Outcome, Outcome> {
    // What the calendar cannot do is said now, not first when an interview is refused.
    let lacks = (new.teams != Teams::Yes).then(|| Code::TeamsNotAvailable.entry().code.to_owned());
    let outcome = Outcome { reason: lacks, ..Outcome::plain(OutcomeStatus::Connected) };
    let refresh = new.grant.refresh.ok_or_else(|| failed(Code::OfflineAccessMissing))?;
    let pair = TokenPair { access: new.grant.access, refresh };
    let whose = Whose { customer: &attempt.session.customer, user: &attempt.session.user, interview: None };
    let proof = app.access.entry(pair.access.ledger(), whose);
    let mut read = loaded.connection;
    for _ in 0..TRIES {
        let before = read.as_ref().map(|read| &read.value);
        let now = app.clock.now();
        let id = ConnectionId::mint(now, app.entropy.as_ref());
        let waiting = Connection::waiting(&attempt.session, before, id, now);
        let mut connection = waiting.connected(new.account.clone(), new.teams, now);
        connection.granted.clone_from(&new.grant.scopes);
        connection.usable_until = Some(new.grant.usable_until);
        let sealed = seal_tokens(&new.key, &Binding::tokens(&connection), &pair, app.entropy.as_ref());
        connection.tokens = Some(sealed);
        let version = read.as_ref().map(|read| read.version);
        let (connection, proof) = (&connection, proof.as_ref());
        let end = Completion { connection, read: version, attempt, outcome: &outcome, proof };
        match app.store.connections.complete(end).await {
            Ok(_) => {
                pair.access.ledger().stored(proof);
                return Ok(outcome);
            }
            Err(SaveError::Store(error)) => return Err(failed(store_problem(error))),
            Err(SaveError::Stale) => {
                let again =
                    app.store.connections.find(&attempt.session.customer, &attempt.session.user).await;
                read = again.map_err(|error| failed(store_problem(error)))?;
            }
        }
    }
    Err(failed(Code::ServiceUnavailable))
}
