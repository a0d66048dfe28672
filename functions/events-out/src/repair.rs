//! Tells the present state of everything that a customer has, for whoever missed some of what was told.
//!
//! An operator invokes the function with `{"repair": {"customer_id": "acme"}}`; while the answer holds a `next`, he
//! goes on with `{"repair": {"customer_id": "acme", "after": next}}`.

use serde::{Deserialize, Serialize};
use shared::domain::ids::CustomerId;
use shared::domain::outbound::{Face, Message};
use shared::function::{Report, to_report};
use shared::outbox::Outbox;
use shared::store::{Cursor, StoreError};

/// So much is told at a time: within the time that the function has.
const PAGE: usize = 200;
const CONNECTIONS: &str = "connections";
const INTERVIEWS: &str = "interviews";

/// What to repair.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repair {
    customer_id: CustomerId,
    /// Where the last answer ended.
    after: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    told: usize,
    next: Option<String>,
}

pub(crate) async fn tell(outbox: &Outbox, repair: &Repair) -> Result<Report, String> {
    let (list, cursor) = place(repair.after.as_deref())?;
    let read = match list {
        CONNECTIONS => connections(outbox, &repair.customer_id, cursor.as_ref()).await,
        _ => interviews(outbox, &repair.customer_id, cursor.as_ref()).await,
    };
    let (mut messages, next) = read.map_err(|error| error.to_string())?;
    outbox.mark_organizers(&mut messages).await.map_err(|error| error.to_string())?;
    outbox.tell(&messages).await.map_err(|_| "EventBridge did not take all of it; try again".to_owned())?;
    let next = match (next, list) {
        (Some(cursor), _) => Some(format!("{list} {cursor}")),
        (None, CONNECTIONS) => Some(INTERVIEWS.to_owned()),
        (None, _) => None,
    };
    Ok(to_report(&Answer { told: messages.len(), next }))
}

/// Which list, and where in it.
fn place(after: Option<&str>) -> Result<(&'static str, Option<Cursor>), String> {
    let after = after.unwrap_or(CONNECTIONS);
    let (list, cursor) = after.split_once(' ').map_or((after, None), |(list, cursor)| (list, Some(cursor)));
    let cursor =
        cursor.map(str::parse).transpose().map_err(|_| "`after` is no end of an answer".to_owned())?;
    match list {
        CONNECTIONS => Ok((CONNECTIONS, cursor)),
        INTERVIEWS => Ok((INTERVIEWS, cursor)),
        _ => Err("`after` is no end of an answer".to_owned()),
    }
}

/// The customer, and a page of its connections.
async fn connections(
    outbox: &Outbox,
    customer: &CustomerId,
    after: Option<&Cursor>,
) -> Result<(Vec<Message>, Option<Cursor>), StoreError> {
    let now = outbox.clock.now();
    let mut messages = Vec::new();
    if after.is_none()
        && let Some(read) = outbox.store.customers.get(customer).await?
    {
        messages.push(Face::of_customer(customer.clone(), &read.value, read.version).message(now));
    }
    let page = outbox.store.connections.list(customer, PAGE, after).await?;
    messages
        .extend(page.items.iter().map(|read| Face::of_connection(&read.value, read.version).message(now)));
    Ok((messages, page.next))
}

async fn interviews(
    outbox: &Outbox,
    customer: &CustomerId,
    after: Option<&Cursor>,
) -> Result<(Vec<Message>, Option<Cursor>), StoreError> {
    let now = outbox.clock.now();
    let page = outbox.store.interviews.list(customer, None, PAGE, after).await?;
    Ok((page.items.iter().map(|read| Face::of_interview(&read.value).message(now)).collect(), page.next))
}
