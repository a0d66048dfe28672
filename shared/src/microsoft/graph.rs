//! The calendar of the signed-in user.

use super::catalog::Call;
use super::graph_send::{Ask, Failed, Sender};
use super::graph_wire;
use super::{CalendarProbe, Deadline, Endpoints, EventChange, GraphError, NewEvent, Wire, retry};
use crate::domain::graph_code::Class;
use crate::domain::interview::Event;
use crate::domain::secret::AccessToken;

/// Microsoft Graph, as far as the catalog goes.
pub struct Graph {
    pub(super) sender: Sender,
}

const PROBED: &str = "id,name,canEdit,owner,isDefaultCalendar,allowedOnlineMeetingProviders,\
                      defaultOnlineMeetingProvider,isTallyingResponses";

impl Graph {
    /// Graph at these endpoints.
    pub fn new(wire: Wire, endpoints: &Endpoints) -> Self {
        Self { sender: Sender { wire, base: format!("{}/v1.0", endpoints.graph) } }
    }

    /// Whether there is a calendar, whose it is, and what it allows.
    pub async fn probe_calendar(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<CalendarProbe, GraphError> {
        let ask = Ask::of(Call::ProbeCalendar).with_query(format!("$select={PROBED}"));
        Ok(self.sender.send(token, &ask, deadline, graph_wire::read_probe).await?)
    }

    /// Makes an event, once: after an answer that was lost or makes no sense, and after a refusal that does not prove
    /// that nothing was made, the event is looked up by its tag before it is asked for again or given up. A server that
    /// does not know the zone is given the same instants in UTC.
    pub async fn create_event(
        &self,
        token: &AccessToken,
        new: &NewEvent<'_>,
        deadline: Deadline,
    ) -> Result<Event, GraphError> {
        let call = if new.calendar.is_some() { Call::CreateEventIn } else { Call::CreateEvent };
        let (mut body, mut in_utc) = (graph_wire::new_event(new), false);
        let mut lost: Option<GraphError> = None;
        for tries in 1.. {
            let ask = Ask::of(call).with_body(body.clone()).within(new.calendar);
            let sent = self.sender.send(token, &ask, deadline, graph_wire::read_event).await;
            let error = match sent {
                Ok(event) => return Ok(event),
                Err(Failed { error, existing: Some(id) }) => {
                    return self.made_before(token, new, &id, deadline).await?.ok_or(lost.unwrap_or(error));
                }
                Err(Failed { error, .. }) => error,
            };
            if error.class() == Class::UnknownZone && !in_utc {
                graph_wire::put_in_utc(&mut body, new.when);
                in_utc = true;
                continue;
            }
            let passes = matches!(error, GraphError::Unclear(_) | GraphError::Stale(_));
            if !passes && error.class().proves_nothing_done() {
                return Err(lost.unwrap_or(error));
            }
            match self.find_by_claim(token, new.claim, new.calendar, deadline).await {
                Ok(Some(event)) => return Ok(event),
                Ok(None) if !passes => return Err(lost.unwrap_or(error)),
                Ok(None) if self.may_try_again(tries, &error, deadline).await => lost = Some(unclear(error)),
                Ok(None) | Err(_) => return Err(unclear(error)),
            }
        }
        Err(GraphError::Unclear(None))
    }

    /// The event that an earlier use of the same `transactionId` made.
    async fn made_before(
        &self,
        token: &AccessToken,
        new: &NewEvent<'_>,
        id: &str,
        deadline: Deadline,
    ) -> Result<Option<Event>, GraphError> {
        match self.event(token, id, deadline).await {
            Ok(Some(event)) => Ok(Some(event)),
            Ok(None) | Err(GraphError::Refused(_)) => {
                let found = self.find_by_claim(token, new.claim, new.calendar, deadline).await;
                found.map_err(GraphError::of_a_look)
            }
            Err(error) => Err(error.of_a_look()),
        }
    }

    /// Changes what `change` names. After a lost answer the event is read: it may show the change, or be
    /// untouched (the etag is still the one of `if_match`, or the server said that it did not get to it) and then the
    /// change is sent again. Where the event was just being changed, the change is sent again after a while; with `if_match` it is the caller who reads and decides
    /// again, after that while.
    pub async fn change_event(
        &self,
        token: &AccessToken,
        id: &str,
        change: &EventChange<'_>,
        deadline: Deadline,
    ) -> Result<Event, GraphError> {
        let (mut body, mut in_utc) = (graph_wire::change(change), false);
        for tries in 1.. {
            let ask =
                Ask::of(Call::ChangeEvent).of_event(id).with_body(body.clone()).if_match(change.if_match);
            let sent = self.sender.send(token, &ask, deadline, graph_wire::read_event).await;
            let error = match sent {
                Ok(event) => return Ok(event),
                Err(failed) => failed.error,
            };
            if error.class() == Class::UnknownZone
                && !in_utc
                && let Some(when) = change.when
            {
                graph_wire::put_in_utc(&mut body, when);
                in_utc = true;
                continue;
            }
            let stale = matches!(error, GraphError::Stale(_));
            if !stale && !matches!(error, GraphError::Unclear(_)) {
                return Err(error);
            }
            if stale && change.if_match.is_some() {
                self.may_try_again(tries, &error, deadline).await;
                return Err(error);
            }
            let Ok(Some(event)) = self.event(token, id, deadline).await else { return Err(error) };
            if change.shows_in(&event) {
                return Ok(event);
            }
            let untouched = change.if_match.is_some() && change.if_match == event.etag.as_deref();
            if !(untouched || stale || said_not_yet(&error))
                || !self.may_try_again(tries, &error, deadline).await
            {
                return Err(error);
            }
        }
        Err(GraphError::Unclear(None))
    }

    /// Waits before another try; false if the time left does not allow one.
    pub(super) async fn may_try_again(&self, tries: u32, after: &GraphError, deadline: Deadline) -> bool {
        let wire = &self.sender.wire;
        let (left, jitter) = (deadline.left(wire.clock.as_ref()), wire.entropy.fraction());
        let wait = match after {
            GraphError::Stale(_) => retry::settle_wait(tries, left, jitter),
            _ => retry::next_wait(tries, None, left, jitter),
        };
        let Some(wait) = wait else { return false };
        wire.clock.sleep(wait).await;
        true
    }
}

/// A server that gave up waiting, is locked or full, or does not hold the mailbox any more said so instead of doing it.
/// Of an outage behind it, and of silence, that is not known: the request may still be on its way.
fn said_not_yet(error: &GraphError) -> bool {
    error.class() == Class::Moving || error.evidence().is_some_and(|told| matches!(told.status, 408 | 503))
}

/// Nobody knows what became of it.
pub(super) fn unclear(error: GraphError) -> GraphError {
    match error {
        error @ (GraphError::Unclear(_) | GraphError::Unavailable(_)) => error,
        error => GraphError::Unclear(error.evidence().cloned()),
    }
}
