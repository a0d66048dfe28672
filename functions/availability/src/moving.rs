//! The interview that is to be moved: it is no conflict with itself. Where it stands, Outlook says; where it was
//! stored another appointment may stand by now.

use shared::access::Usable;
use shared::app::App;
use shared::domain::connection::Health;
use shared::domain::interview::{EventState, Interview};
use shared::domain::time::Instant;
use shared::function::Caller;
use shared::microsoft::{Deadline, GraphError};
use shared::problem::{Code, Problem};
use shared::store::{BestEffort, Loaded};
use shared::vault::CustomerKey;

use crate::request::Wanted;

/// Where the interview stands that is to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moving {
    /// None is to be moved.
    Nothing,
    /// Outlook shows no event of it.
    Nowhere,
    /// At these times.
    At(Instant, Instant),
    /// Outlook could not be asked: its own time counts as taken.
    Unknown,
}

impl Moving {
    /// What is taken out of the calendars.
    pub(crate) fn own(self) -> Vec<(Instant, Instant)> {
        match self {
            Self::At(start, end) => vec![(start, end)],
            Self::Nothing | Self::Nowhere | Self::Unknown => Vec::new(),
        }
    }
}

/// The interview that the request names, if the caller may see it.
pub(crate) fn interview<'a>(
    wanted: &Wanted,
    loaded: &'a Loaded,
    caller: &Caller,
) -> Result<Option<&'a Interview>, Problem> {
    if wanted.rescheduling.is_none() {
        return Ok(None);
    }
    let open = |interview: &&Interview| interview.is_open_to(&caller.user, caller.is_admin());
    Ok(Some(loaded.interview.as_ref().map(|read| &read.value).filter(open).ok_or(Code::NotFound)?))
}

/// Asks Outlook, in the name of the organizer.
pub(crate) async fn times(
    app: &App,
    interview: Option<&Interview>,
    usable: &Usable,
    key: &CustomerKey,
    deadline: Deadline,
) -> Moving {
    let Some(interview) = interview else { return Moving::Nothing };
    let outlook = interview.outlook.as_ref().filter(|outlook| outlook.state == EventState::Present);
    let Some(outlook) = outlook else { return Moving::Nowhere };
    let seen = if usable.connection.value.user == interview.organizer.user {
        seen(app, usable, key, &outlook.event_id, deadline).await
    } else {
        let Some(organizer) = organizer(app, interview, usable, key, deadline).await else {
            return Moving::Unknown;
        };
        let seen = seen(app, &organizer, key, &outlook.event_id, deadline).await;
        app.access.record_use(&organizer).await;
        seen
    };
    match seen {
        Ok(Some(event)) if !event.is_cancelled => Moving::At(event.start, event.end),
        Ok(_) => Moving::Nowhere,
        Err(_) => Moving::Unknown,
    }
}

async fn seen(
    app: &App,
    usable: &Usable,
    key: &CustomerKey,
    id: &str,
    deadline: Deadline,
) -> Result<Option<shared::domain::interview::Event>, GraphError> {
    match app.graph.event(&usable.token, id, deadline).await {
        Err(GraphError::Unauthorized(evidence)) => match app.access.renewed(usable, key, deadline).await {
            Ok(again) => app.graph.event(&again.token, id, deadline).await,
            Err(_) => Err(GraphError::Unauthorized(evidence)),
        },
        other => other,
    }
}

/// A token for another organizer's mailbox; none if there is none, or the account is another one by now.
async fn organizer(
    app: &App,
    interview: &Interview,
    usable: &Usable,
    key: &CustomerKey,
    deadline: Deadline,
) -> Option<Usable> {
    let customer = &usable.connection.value.customer;
    let found = app.store.connections.find(customer, &interview.organizer.user).await;
    let found = found.or_counted("find the organizer's connection")??;
    let account = found.value.account.as_ref()?;
    let same = account.tenant == interview.organizer.tenant && account.object == interview.organizer.object;
    if !same || !matches!(found.value.health, Health::Live) {
        return None;
    }
    app.access.token(found, key, deadline).await.ok()
}
