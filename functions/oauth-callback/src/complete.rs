//! From the code to a stored connection: redeem, prove who signed in, probe the mailbox, seal and save.
//!
//! Every way out is an outcome, and every outcome is stored with the attempt.

use std::sync::Arc;

use shared::access::{store_problem, why_not_redeemed};
use shared::app::App;
use shared::domain::address::Address;
use shared::domain::connection::{Account, Connection};
use shared::domain::grant::{Grant, SignedIn};
use shared::domain::ids::{ConnectionId, TenantId};
use shared::domain::proof_log::{Ledger, Whose};
use shared::domain::secret::{AuthorizationCode, CookieSecret};
use shared::domain::sign_in::{Attempt, Outcome, OutcomeStatus};
use shared::microsoft::{CalendarProbe, Deadline, GraphError, IdToken, IdTokenError, IdentityError, Redeem};
use shared::problem::{Code, Problem};
use shared::store::{Completion, Loaded, SaveError};
use shared::vault::{Binding, CustomerKey, TokenPair, browser, seal_tokens};

use crate::finish::keep;

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
pub(crate) async fn complete(app: &App, attempt: &Attempt, brought: Brought, deadline: Deadline) -> Outcome {
    let (session, ledger) = (&attempt.session, Ledger::default());
    let ended = connect(app, attempt, &brought, (&ledger, deadline)).await;
    // What was stored with a connection is not stored again.
    let whose = Whose { customer: &session.customer, user: &session.user, interview: None };
    app.access.record(&ledger, whose).await;
    match ended {
        Ok(stored) => stored,
        Err(refused) => keep(app, attempt, refused).await,
    }
}

async fn connect(
    app: &App,
    attempt: &Attempt,
    brought: &Brought,
    (ledger, deadline): (&Ledger, Deadline),
) -> Result<Outcome, Outcome> {
    let session = &attempt.session;
    let (redeemed, loaded, of_domain) = tokio::join!(
        redeem(app, attempt, brought, deadline),
        load(app, attempt),
        tenant_of_user(app, attempt, deadline),
    );
    let ((grant, id_token), loaded) = (redeemed?, loaded?);
    let customer = loaded.customer.as_ref().map(|customer| &customer.value);
    let Some(customer) = customer.filter(|customer| customer.is_served()) else {
        return Err(Outcome::failed(Code::IntegrationDisabled.entry().code));
    };
    let signed_in = prove(app, &id_token, &brought.secret, deadline).await?;
    if !attempt.is_from(&signed_in, customer.tenant, of_domain?) {
        return Err(Outcome { status: OutcomeStatus::WrongTenant, reason: Some("wrong-tenant".to_owned()) });
    }
    if !grant.scopes.contains("Calendars.ReadWrite") {
        return Err(Outcome::failed(Code::ScopeMissing.entry().code));
    }
    let grant = Grant { access: grant.access.recorded_in(ledger), ..grant };
    let probe = probe(app, &grant, deadline).await?;
    let account = account(&signed_in, &probe, &session.email);
    let known: Vec<&Address> = [signed_in.username.as_ref(), signed_in.email.as_ref(), probe.owner.as_ref()]
        .into_iter()
        .flatten()
        .collect();
    if !customer.allowed_account.allows(&session.email, &known) {
        return Err(Outcome {
            status: OutcomeStatus::WrongAccount,
            reason: Some("wrong-account".to_owned()),
        });
    }
    let key = customer_key(app, attempt, &loaded).await?;
    save(app, attempt, loaded, Connecting { grant, account, teams: probe.teams, key }).await
}

/// What is known of a connection before it is stored.
struct Connecting {
    grant: Grant,
    account: Account,
    teams: bool,
    key: Arc<CustomerKey>,
}

fn failed(problem: &Problem) -> Outcome {
    Outcome::failed(problem.code.entry().code)
}

async fn load(app: &App, attempt: &Attempt) -> Result<Loaded, Outcome> {
    let session = &attempt.session;
    app.store.load(&session.customer, &session.user).await.map_err(|error| failed(&store_problem(error)))
}

async fn redeem(
    app: &App,
    attempt: &Attempt,
    brought: &Brought,
    deadline: Deadline,
) -> Result<(Grant, IdToken), Outcome> {
    let credential = app.access.credential(&attempt.authority).await;
    let credential = credential.map_err(|error| failed(&error.into()))?;
    let verifier = browser::verifier(&brought.secret);
    let redeem = Redeem { authority: &attempt.authority, code: &brought.code, verifier: &verifier };
    match app.identity.redeem_code(&credential, redeem, deadline).await {
        Ok(redeemed) => Ok(redeemed),
        Err(IdentityError::Refused(refusal)) => {
            if refusal.is_our_credential() {
                app.access.our_fault(&refusal).await;
            }
            Err(Outcome::failed(why_not_redeemed(&refusal).entry().code))
        }
        Err(IdentityError::Throttled { .. }) => Err(failed(&Code::MicrosoftThrottled.into())),
        Err(IdentityError::Unreachable { .. }) => Err(failed(&Code::MicrosoftUnavailable.into())),
    }
}

/// The tenant that Entra names for the domain of the user's address; not asked where one is pinned.
async fn tenant_of_user(
    app: &App,
    attempt: &Attempt,
    deadline: Deadline,
) -> Result<Option<TenantId>, Outcome> {
    if attempt.session.tenant.is_some() {
        return Ok(None);
    }
    let found = app.identity.tenant_of_domain(&attempt.session.email.domain(), deadline).await;
    found.map_err(|_| failed(&Code::MicrosoftUnavailable.into()))
}

async fn prove(
    app: &App,
    id_token: &IdToken,
    secret: &CookieSecret,
    deadline: Deadline,
) -> Result<SignedIn, Outcome> {
    let checked = app.identity.verify_id_token(id_token, &browser::nonce(secret), deadline).await;
    checked.map_err(|error| match error {
        IdTokenError::Personal => failed(&Code::AccountNotSupported.into()),
        IdTokenError::Untrusted(_) => failed(&Code::InternalError.into()),
        IdTokenError::KeysUnreachable => failed(&Code::MicrosoftUnavailable.into()),
    })
}

async fn probe(app: &App, grant: &Grant, deadline: Deadline) -> Result<CalendarProbe, Outcome> {
    app.graph.probe_calendar(&grant.access, deadline).await.map_err(|error| match error {
        GraphError::MailboxUnavailable(_) | GraphError::NotFound(_) => {
            failed(&Code::MailboxUnavailable.into())
        }
        other => failed(&shared::scheduling::graph_problem(&other)),
    })
}

fn account(signed_in: &SignedIn, probe: &CalendarProbe, expected: &Address) -> Account {
    let known = [&probe.owner, &signed_in.username, &signed_in.email].into_iter().flatten().next();
    Account {
        tenant: signed_in.tenant,
        object: signed_in.object,
        email: known.unwrap_or(expected).clone(),
        name: signed_in.name.clone().or_else(|| probe.owner_name.clone()),
    }
}

/// The customer's key; its first connection makes it.
async fn customer_key(app: &App, attempt: &Attempt, loaded: &Loaded) -> Result<Arc<CustomerKey>, Outcome> {
    let customer = &attempt.session.customer;
    let unusable = |error| failed(&shared::access::vault_problem(error));
    if let Some(wrapped) = &loaded.key {
        return app.vault.unwrap(customer, wrapped).await.map_err(unusable);
    }
    let (minted, wrapped) = app.vault.mint(customer).await.map_err(unusable)?;
    let stored = app.store.keys.put_first(customer, &wrapped).await;
    let stored = stored.map_err(|error| failed(&store_problem(error)))?;
    app.vault.adopt(customer, minted, &stored).await.map_err(unusable)
}

async fn save(app: &App, attempt: &Attempt, loaded: Loaded, new: Connecting) -> Result<Outcome, Outcome> {
    let outcome = Outcome::plain(OutcomeStatus::Connected);
    let refresh = new.grant.refresh.ok_or_else(|| failed(&Code::ScopeMissing.into()))?;
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
            Err(SaveError::Store(error)) => return Err(failed(&store_problem(error))),
            Err(SaveError::Stale) => {
                let again =
                    app.store.connections.find(&attempt.session.customer, &attempt.session.user).await;
                read = again.map_err(|error| failed(&store_problem(error)))?;
            }
        }
    }
    Err(failed(&Code::ServiceUnavailable.into()))
}
