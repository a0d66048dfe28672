//! Interviews that wait for a room's answer or a Teams link: Outlook is asked.

use shared::access::{store_problem, vault_problem};
use shared::app::App;
use shared::domain::interview::Interview;
use shared::microsoft::Deadline;
use shared::problem::Problem;

use crate::tick::Came;

pub(crate) async fn look(app: &App, seen: &Interview, deadline: Deadline) -> Result<Came, Problem> {
    let (customer, organizer) = (&seen.customer, &seen.organizer.user);
    let loaded = app.store.load_for_change(customer, &seen.id, organizer).await.map_err(store_problem)?;
    let now = app.clock.now();
    let due = loaded.interview.filter(|found| found.value.errand.is_some_and(|(_, due, _)| due <= now));
    let (Some(read), Some(connection), Some(wrapped)) = (due, loaded.connection, loaded.key) else {
        return Ok(Came::Nothing);
    };
    let key = app.vault.unwrap(customer, &wrapped).await.map_err(vault_problem)?;
    app.scheduling.watch(&read, connection, &key, deadline).await?;
    Ok(Came::Looked)
}
