//! Connections: the first look at a new one, another question about a suspect, the canary, and its successor.

use shared::access::{AccessError, Why, store_problem, vault_problem};
use shared::app::App;
use shared::domain::connection::{CANARY_EVERY, CONFIRM_BY, Connection, Errand, Status};
use shared::domain::customer::{Customer, Proven};
use shared::domain::proof_log::{Ledger, Whose};
use shared::domain::time::minutes;
use shared::domain::verdict::Verdict;
use shared::microsoft::Deadline;
use shared::problem::{Code, Problem};
use shared::store::{Loaded, SaveError, Shard, Versioned};

use crate::election::hand_over;
use crate::tick::Came;

/// A new shard is swept so long after its first connection, spread over its phase by its number.
const PHASES: i64 = 45;

pub(crate) async fn see_to(app: &App, seen: &Connection, deadline: Deadline) -> Result<Came, Problem> {
    let loaded = app.store.load(&seen.customer, &seen.user).await.map_err(store_problem)?;
    let Some(read) = loaded.connection.clone() else { return Ok(Came::Nothing) };
    match read.value.errand.filter(|(_, due)| *due <= app.clock.now()) {
        None => Ok(Came::Nothing),
        Some((Errand::FirstLook, _)) => first_look(app, loaded, read, deadline).await,
        Some((Errand::Confirm, _)) => ask_again(app, loaded, read, deadline).await.map(|(came, _)| came),
        Some((Errand::Canary, _)) => check_canary(app, loaded, read, deadline).await,
        Some((Errand::HandOver, _)) => hand_over(app, loaded, read).await,
    }
}

/// Whether seeing to it means to redeem.
pub(crate) fn asks_entra(seen: &Connection) -> bool {
    matches!(seen.errand, Some((Errand::Confirm | Errand::Canary, _)))
}

/// Puts the shard on the board, notes what was granted, makes the first connection the canary, and asks for the
/// time zone where nobody named one. The zone comes last: it may fail, the rest must not wait for it.
async fn first_look(
    app: &App,
    loaded: Loaded,
    read: Versioned<Connection>,
    deadline: Deadline,
) -> Result<Came, Problem> {
    let now = app.clock.now();
    let shard = Shard::of(&read.value.customer);
    let phase = i64::from(shard.number()) % PHASES;
    app.store.shards.ensure(shard, now + minutes(phase)).await.map_err(store_problem)?;
    let strict = loaded.customer.as_ref().is_some_and(|customer| customer.value.strict);
    let canary = introduce(app, loaded.customer.as_ref(), &read.value).await?;
    let (mut next, ledger) = (read.value.clone(), Ledger::default());
    if next.time_zone.is_none() && !strict {
        next.time_zone = time_zone(app, &loaded, (&read, &ledger), deadline).await;
    }
    next.looked_at(canary, now);
    let whose = Whose { customer: &next.customer, user: &next.user, interview: None };
    let proof = app.access.entry(&ledger, whose);
    let saved = app.store.connections.save_recorded(&read, &next, proof.as_ref()).await;
    match saved {
        Ok(_) => ledger.stored(proof.as_ref()),
        Err(_) => app.access.record(&ledger, whose).await,
    }
    came_of(saved.err(), Came::FirstLook)
}

/// Tells the customer's settings of a new connection. True: it is the canary from now on.
async fn introduce(
    app: &App,
    customer: Option<&Versioned<Customer>>,
    connection: &Connection,
) -> Result<bool, Problem> {
    let Some(read) = customer.filter(|read| read.value.deleting.is_none()) else { return Ok(false) };
    let mut next = read.value.clone();
    let shown = next.proven.as_ref();
    let known = shown.is_some_and(|proven| proven.scopes == connection.granted);
    // An approval that was only reported is granted by a proof that came later, be it of the same permissions.
    if !known || shown.is_some_and(|proven| proven.at < connection.connected_at) {
        next.proven = Some(Proven { scopes: connection.granted.clone(), at: connection.connected_at });
    }
    let canary = *next.canary.get_or_insert_with(|| connection.id.clone()) == connection.id;
    if next == read.value {
        return Ok(canary);
    }
    match app.store.customers.save_if_unchanged(&connection.customer, Some(read), &next).await {
        Ok(_) => Ok(canary),
        // Only the time of the proof is lost, and whoever saved meanwhile may well have brought a later one.
        Err(SaveError::Stale) if known && read.value.canary.is_some() => Ok(canary),
        Err(SaveError::Stale) => Err(Code::ServiceUnavailable.into()),
        Err(SaveError::Store(error)) => Err(store_problem(error)),
    }
}

async fn time_zone(
    app: &App,
    loaded: &Loaded,
    (read, ledger): (&Versioned<Connection>, &Ledger),
    deadline: Deadline,
) -> Option<String> {
    let email = read.value.account.as_ref()?.email.clone();
    let key = app.vault.unwrap(&read.value.customer, loaded.key.as_ref()?).await.ok()?;
    let usable = app.access.token(read.clone(), &key, deadline).await.ok()?.recorded_in(ledger);
    app.graph.own_time_zone(&usable.token, &email, deadline).await.ok()?
}

/// Asks Entra again; what came of it, and what a refusal meant.
async fn ask_again(
    app: &App,
    loaded: Loaded,
    read: Versioned<Connection>,
    deadline: Deadline,
) -> Result<(Came, Option<Verdict>), Problem> {
    let Some(wrapped) = &loaded.key else { return Ok((Came::Nothing, None)) };
    let key = app.vault.unwrap(&read.value.customer, wrapped).await.map_err(vault_problem)?;
    match app.access.verify(read.clone(), &key, Why::Check, deadline).await {
        Ok(verified) => {
            let now = &verified.connection.value;
            let came = match now.status() {
                Status::NeedsReauth | Status::Revoked => Came::Dropped,
                Status::Connected => Came::Sound,
                Status::NotConnected | Status::PendingApproval | Status::Disconnected => Came::Nothing,
                Status::Checking | Status::Blocked => Came::InDoubt,
            };
            Ok((came, now.evidence().map(|evidence| evidence.verdict)))
        }
        Err(error) => Ok((later(app, &read, error).await?, None)),
    }
}

/// An inconclusive answer: the same question again after the usual time, not at every tick. What our own store,
/// keys or credential stand in the way of stays due: it is asked as soon as they are sound.
async fn later(app: &App, read: &Versioned<Connection>, error: AccessError) -> Result<Came, Problem> {
    if matches!(error, AccessError::Store(_) | AccessError::Vault(_) | AccessError::OurCredential) {
        return Err(error.into());
    }
    let mut next = read.value.clone();
    let wait = if next.status() == Status::Checking { CONFIRM_BY } else { CANARY_EVERY };
    next.errand = next.errand.map(|(errand, _)| (errand, app.clock.now() + wait));
    save(app, read, &next, Came::InDoubt).await
}

/// The canary stands for all of its customer: if the application is refused there, everybody is asked at once.
async fn check_canary(
    app: &App,
    loaded: Loaded,
    read: Versioned<Connection>,
    deadline: Deadline,
) -> Result<Came, Problem> {
    let shard = Shard::of(&read.value.customer);
    let (came, verdict) = ask_again(app, loaded, read, deadline).await?;
    if verdict == Some(Verdict::ConsentGone) {
        app.store.shards.make_due_now(shard, app.clock.now()).await.map_err(store_problem)?;
    }
    Ok(came)
}

pub(crate) async fn save(
    app: &App,
    read: &Versioned<Connection>,
    next: &Connection,
    came: Came,
) -> Result<Came, Problem> {
    came_of(app.store.connections.save_if_unchanged(read, next).await.err(), came)
}

fn came_of(failed: Option<SaveError>, came: Came) -> Result<Came, Problem> {
    match failed {
        None => Ok(came),
        // Whoever saved in between has set the next errand himself, or has left this one due.
        Some(SaveError::Stale) => Ok(Came::Nothing),
        Some(SaveError::Store(error)) => Err(store_problem(error)),
    }
}
