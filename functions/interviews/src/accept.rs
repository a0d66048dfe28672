//! Accepts a request once per key, then carries it out.
//!
//! The claim is stored before Microsoft is asked. With the customer's key in memory that write goes beside the
//! read of everything else; without, the key must be read first. What turns out to be wrong after the claim was
//! stored gives the claim up again, so that the key is not burnt by a fault that can be repaired.

use std::sync::Arc;

use shared::access::{served, store_problem, unserved, vault_problem};
use shared::app::App;
use shared::domain::claim::{BUSY_FOR, Claim, ClaimKey, Command};
use shared::domain::connection::Health;
use shared::domain::customer::Customer;
use shared::domain::features::Feature;
use shared::domain::ids::{ClaimId, InterviewId};
use shared::domain::interview::Status;
use shared::domain::proof_log::Ledger;
use shared::function::{Caller, Request, Response};
use shared::problem::{Code, Fault, Problem};
use shared::scheduling::view::etag;
use shared::scheduling::{StoredForm, Work, check_active, check_hold, unserved_organizer};
use shared::store::{BestEffort, Claimed, Loaded, SaveError, Versioned};
use shared::vault::{Binding, CustomerKey, fingerprint, open_json, seal_json};

/// What a request asks for.
pub(crate) struct Asked {
    pub(crate) interview: InterviewId,
    pub(crate) key: ClaimKey,
    pub(crate) command: Command,
    pub(crate) is_new: bool,
    /// Times that are over. Only a first call is refused for them: a repeat is answered as the first call was, also
    /// when the interview's time has come meanwhile.
    pub(crate) past: Option<Problem>,
}

/// Carries a request out, or answers as its first call was answered.
pub(crate) async fn carry_out(
    app: &App,
    request: &Request,
    caller: &Caller,
    asked: Asked,
) -> Result<Response, Problem> {
    let if_match = request.if_match()?;
    let body = request.canonical_body()?;
    let (loaded, key, claimed) = accept(app, caller, &asked, (&request.path, &body)).await?;
    let (claim, command, repeated) = match claimed {
        Claimed::New(claim) => match asked.past {
            Some(past) => return give_up(app, &claim, false, past).await,
            None => (claim, asked.command, false),
        },
        Claimed::Existing(claim) => {
            if claim.value.fingerprint != fingerprint(&key, &request.path, body.as_bytes()) {
                return Err(Code::IdempotencyKeyReused.into());
            }
            if claim.value.settled {
                let answer = app.scheduling.stored_answer(&key, &claim.value)?;
                return Ok(answer.to_response().with("idempotent-replayed", "true"));
            }
            let (claim, command) = take_over(app, &key, claim).await?;
            (claim, command, true)
        }
    };
    let work = match gather(app, caller, loaded, (claim.clone(), command, key)).await {
        Ok(work) => work,
        Err(problem) => return give_up(app, &claim, repeated, problem).await,
    };
    if let (Some(interview), false) = (&work.interview, repeated)
        && let Err(problem) = if_match.check(&etag(&interview.value))
    {
        return give_up(app, &claim, repeated, problem).await;
    }
    let (answer, again) = app.scheduling.carry_out(work, request.deadline).await?.into_parts();
    let response = answer.to_response();
    Ok(again.map_or(response.clone(), |wait| response.retry_after(wait)))
}

/// Reads what is needed and stores the claim; both at once where the key is in memory.
async fn accept(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    sent: (&str, &str),
) -> Result<(Loaded, Arc<CustomerKey>, Claimed), Problem> {
    if let Some(key) = app.vault.cached(&caller.customer) {
        let claim = claim(app, asked, sent, &key);
        let (loaded, claimed) = tokio::join!(load(app, caller, asked), app.store.claims.claim(&claim));
        let claimed = claimed.map_err(store_problem)?;
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(problem) => {
                forget(app, &claimed).await;
                return Err(problem);
            }
        };
        let current = loaded.key.as_ref().is_some_and(|wrapped| wrapped.version == key.version());
        if current {
            return Ok((loaded, key, claimed));
        }
        // The key in memory is not the one in force: what was sealed under it must not stay.
        app.vault.forget(&caller.customer);
        if let Claimed::New(claim) = &claimed {
            app.store.claims.release(claim, None).await.map_err(|error| match error {
                SaveError::Stale => Code::ServiceUnavailable.into(),
                SaveError::Store(error) => store_problem(error),
            })?;
        }
    }
    let loaded = load(app, caller, asked).await?;
    let wrapped = loaded.key.as_ref().ok_or_else(|| keyless(&loaded))?;
    let key = app.vault.unwrap(&caller.customer, wrapped).await.map_err(vault_problem)?;
    let claim = claim(app, asked, sent, &key);
    let claimed = app.store.claims.claim(&claim).await.map_err(store_problem)?;
    Ok((loaded, key, claimed))
}

async fn load(app: &App, caller: &Caller, asked: &Asked) -> Result<Loaded, Problem> {
    let (customer, user) = (&caller.customer, &caller.user);
    let loaded = if asked.is_new {
        app.store.load(customer, user).await
    } else {
        app.store.load_for_change(customer, &asked.interview, user).await
    };
    loaded.map_err(store_problem)
}

/// Gives a claim up that we have just made. Should this fail, it is free again after its time.
async fn forget(app: &App, claimed: &Claimed) {
    if let Claimed::New(claim) = claimed {
        app.store.claims.release(claim, None).await.best_effort("release a claim that was not used");
    }
}

/// A customer without a key has never connected, or is being deleted.
fn keyless(loaded: &Loaded) -> Problem {
    let connection = loaded.connection.as_ref().map(|connection| &connection.value);
    let customer = served(loaded.customer.as_ref().map(|customer| &customer.value));
    customer.err().unwrap_or_else(|| connection.map_or_else(|| Code::NotConnected.into(), unserved))
}

/// `sent`: the path, and the body in its canonical spelling.
fn claim(app: &App, asked: &Asked, (path, body): (&str, &str), key: &CustomerKey) -> Claim {
    let now = app.clock.now();
    let mut claim = Claim {
        id: ClaimId::mint(now, app.entropy.as_ref()),
        key: asked.key.clone(),
        interview: asked.interview.clone(),
        organizer: asked.key.user.clone(),
        fingerprint: fingerprint(key, path, body.as_bytes()),
        accepted_at: now,
        busy_until: now + BUSY_FOR,
        attempts: 1,
        settled: false,
        sealed: None,
    };
    claim.sealed = Some(seal_json(key, &Binding::command(&claim), &asked.command, app.entropy.as_ref()));
    claim
}

/// Takes a claim whose holder has gone; 409 while he may still work on it.
async fn take_over(
    app: &App,
    key: &CustomerKey,
    claim: Versioned<Claim>,
) -> Result<(Versioned<Claim>, Command), Problem> {
    let (now, busy_until) = (app.clock.now(), claim.value.busy_until);
    let in_progress = |wait| Problem::from(Code::IdempotencyKeyInProgress).again_in(wait);
    if busy_until > now {
        return Err(in_progress(busy_until.duration_since(now).unsigned_abs()));
    }
    let sealed = claim.value.sealed.as_ref().ok_or(Code::InternalError)?;
    let command = open_json(key, &Binding::command(&claim.value), sealed).map_err(|_| Code::InternalError)?;
    match app.store.claims.take_over(&claim, now + BUSY_FOR).await {
        Ok(taken) => Ok((taken, command)),
        Err(SaveError::Stale) => Err(in_progress(std::time::Duration::from_secs(1))),
        Err(SaveError::Store(error)) => Err(store_problem(error)),
    }
}

/// Everything the steps need; refuses what the acting user may not do.
async fn gather(
    app: &App,
    caller: &Caller,
    loaded: Loaded,
    (claim, command, key): (Versioned<Claim>, Command, Arc<CustomerKey>),
) -> Result<Work, Problem> {
    let customer = served(loaded.customer.as_ref().map(|customer| &customer.value))?;
    let is_new = matches!(command, Command::Create { .. });
    let interview = match &loaded.interview {
        Some(found) if found.value.is_open_to(&caller.user, caller.is_admin()) => Some(found.clone()),
        // Whoever held the claim before may have stored the interview already.
        _ if is_new && claim.value.attempts > 1 => {
            let stored = app.store.interviews.get(&caller.customer, &claim.value.interview).await;
            stored.map_err(store_problem)?
        }
        _ if is_new => None,
        _ => return Err(Code::NotFound.into()),
    };
    let calendar = customer.calendar;
    check_hold(&command, calendar)?;
    check_may_ask(app, customer, &command)?;
    let stored = interview.as_ref().map(|found| &found.value);
    if claim.value.attempts == 1 {
        check_active(&command, stored)?;
    }
    let (claim, connection) = app.scheduling.organizer(claim, &command, &loaded, stored).await?;
    // What is called off already needs no connection to be called off again.
    let off = matches!(command, Command::Cancel { .. })
        && stored.is_some_and(|interview| interview.status == Status::Cancelled);
    if !off && !matches!(connection.value.health, Health::Live) {
        let organize_as = stored.map(|interview| interview.options.organize_as).unwrap_or_default();
        return Err(unserved_organizer(&connection.value, &caller.user, organize_as, stored));
    }
    Ok(Work { claim, command, key, connection, interview, calendar, ledger: Ledger::default() })
}

/// Whether the calendars of others may be asked for, where the request wants that.
fn check_may_ask(app: &App, customer: &Customer, command: &Command) -> Result<(), Problem> {
    if !command.requires_free() || customer.may_use(Feature::Availability, &app.settings.features) {
        return Ok(());
    }
    let fault = Fault::at("/require_free", "needs the feature availability, which is not switched on");
    Err(Problem::invalid(Code::FeatureNotEnabled, vec![fault]))
}

/// Something is wrong before Microsoft was asked. A new claim is given up; one that was begun stays for
/// follow-ups, which know whether anything was written.
async fn give_up(
    app: &App,
    claim: &Versioned<Claim>,
    begun: bool,
    problem: Problem,
) -> Result<Response, Problem> {
    if !begun {
        // Should this fail, the claim is free again after its time, and follow-ups end it.
        app.store.claims.release(claim, None).await.best_effort("release a claim that was given up");
    }
    Err(problem)
}
