//! Claims whose holder has gone: finished from what they hold.

use shared::access::{store_problem, vault_problem};
use shared::app::App;
use shared::domain::claim::{Claim, Command};
use shared::domain::proof_log::Ledger;
use shared::domain::time::{Span, minutes, seconds};
use shared::microsoft::Deadline;
use shared::problem::{Code, Problem};
use shared::scheduling::{Done, Work};
use shared::store::{BestEffort, SaveError, Versioned};
use shared::vault::{Binding, open_json};

use crate::tick::Came;

/// Each further attempt waits twice as long as the one before, up to this.
const LONGEST_WAIT: Span = minutes(5);
const FIRST_WAIT: i64 = 45;
/// One attempt takes no longer than this, which is less than the shortest wait.
const FIRST_ATTEMPT: Span = seconds(60);

pub(crate) async fn finish(app: &App, seen: &Claim, deadline: Deadline) -> Result<Came, Problem> {
    let now = app.clock.now();
    let found = app.store.claims.get(&seen.key).await.map_err(store_problem)?;
    let Some(read) = found.filter(|read| !read.value.settled && read.value.busy_until <= now) else {
        return Ok(Came::Nothing);
    };
    let wait = seconds(FIRST_WAIT << read.value.attempts.min(8)).min(LONGEST_WAIT);
    // Whoever comes after this wait may take the claim from us: so we stop before.
    let deadline = deadline.min(Deadline(now + FIRST_ATTEMPT));
    let claim = match app.store.claims.take_over(&read, now + wait).await {
        Ok(taken) => taken,
        Err(SaveError::Stale) => return Ok(Came::Nothing),
        Err(SaveError::Store(error)) => return Err(store_problem(error)),
    };
    let Some(work) = gather(app, claim).await? else { return Ok(Came::Nothing) };
    match app.scheduling.carry_out(work, deadline).await? {
        Done::Answered(_) => Ok(Came::Settled),
        Done::Later(_) => Ok(Came::Unsettled),
    }
}

/// Everything the steps need. `None`: the claim came to nothing, since what it needs is gone for good.
async fn gather(app: &App, claim: Versioned<Claim>) -> Result<Option<Work>, Problem> {
    let (customer, user) = (&claim.value.key.customer, &claim.value.key.user);
    let loaded =
        app.store.load_for_change(customer, &claim.value.interview, user).await.map_err(store_problem)?;
    let Some(wrapped) = &loaded.key else { return Ok(None) };
    let key = app.vault.unwrap(customer, wrapped).await.map_err(vault_problem)?;
    let sealed = claim.value.sealed.as_ref().ok_or(Code::InternalError)?;
    let command: Command =
        open_json(&key, &Binding::command(&claim.value), sealed).map_err(|_| Code::InternalError)?;
    let calendar = loaded.customer.as_ref().map(|read| read.value.calendar).unwrap_or_default();
    let interview = loaded.interview.clone();
    let stored = interview.as_ref().map(|read| &read.value);
    match app.scheduling.organizer(claim.clone(), &command, &loaded, stored).await {
        Ok((claim, connection)) => {
            Ok(Some(Work { claim, command, key, connection, interview, calendar, ledger: Ledger::default() }))
        }
        Err(problem) if matches!(problem.code, Code::ServiceUnavailable | Code::InternalError) => {
            Err(problem)
        }
        // Nobody ever connected, or nobody organises for this user: nothing can have been written.
        Err(_) => {
            app.store.claims.release(&claim, None).await.best_effort("release a claim that came to nothing");
            Ok(None)
        }
    }
}
