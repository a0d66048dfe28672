//! The calendar of the signed-in user.

use super::catalog::Call;
use super::graph_send::{Ask, Failed, Sender};
use super::graph_wire;
use super::{CalendarProbe, Deadline, Endpoints, EventChange, GraphError, NewEvent, Wire, retry};
use crate::domain::address::Address;
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

    /// Makes an event, once: after an answer that was lost or makes no sense, the event is looked up by its tag
    /// before it is asked for again.
    pub async fn create_event(
        &self,
        token: &AccessToken,
        new: &NewEvent<'_>,
        deadline: Deadline,
    ) -> Result<Event, GraphError> {
        let call = if new.calendar.is_some() { Call::CreateEventIn } else { Call::CreateEvent };
        let ask = Ask::of(call).with_body(graph_wire::new_event(new)).within(new.calendar);
        let mut lost: Option<GraphError> = None;
        for tries in 1.. {
            let unclear = match self.sender.send(token, &ask, deadline, graph_wire::read_event).await {
                Ok(event) => return Ok(event),
                Err(Failed { error, existing: Some(id) }) => {
                    return self.made_before(token, new, &id, deadline).await?.ok_or(lost.unwrap_or(error));
                }
                Err(Failed { error: error @ GraphError::Unclear(_), .. }) => error,
                Err(Failed { error, .. }) => return Err(lost.unwrap_or(error)),
            };
            match self.find_by_claim(token, new.claim, new.calendar, deadline).await {
                Ok(Some(event)) => return Ok(event),
                Ok(None) if self.may_try_again(tries, deadline).await => lost = Some(unclear),
                Ok(None) | Err(_) => return Err(unclear),
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
    /// untouched (the etag is still the one of `if_match`) and then the change is sent again.
    pub async fn change_event(
        &self,
        token: &AccessToken,
        id: &str,
        change: &EventChange<'_>,
        deadline: Deadline,
    ) -> Result<Event, GraphError> {
        let ask = Ask::of(Call::ChangeEvent).of_event(id).with_body(graph_wire::change(change));
        let ask = ask.if_match(change.if_match);
        for tries in 1.. {
            let unclear = match self.sender.send(token, &ask, deadline, graph_wire::read_event).await {
                Ok(event) => return Ok(event),
                Err(Failed { error: error @ GraphError::Unclear(_), .. }) => error,
                Err(failed) => return Err(failed.error),
            };
            let Ok(Some(event)) = self.event(token, id, deadline).await else { return Err(unclear) };
            if change.shows_in(&event) {
                return Ok(event);
            }
            let untouched = change.if_match.is_some() && change.if_match == event.etag.as_deref();
            if !untouched || !self.may_try_again(tries, deadline).await {
                return Err(unclear);
            }
        }
        Err(GraphError::Unclear(None))
    }

    /// The user's own time zone, IANA name: from the working hours in his schedule, for reading the mailbox
    /// settings would need a further permission. None if it is a custom one, or not told.
    pub async fn own_time_zone(
        &self,
        token: &AccessToken,
        address: &Address,
        deadline: Deadline,
    ) -> Result<Option<String>, GraphError> {
        let now = self.sender.wire.clock.now();
        let ask = Ask::of(Call::OwnSchedule).with_body(graph_wire::own_schedule(address, now));
        let graph_wire::OwnZone(zone) =
            self.sender.send(token, &ask, deadline, graph_wire::read_own_zone).await?;
        Ok(zone)
    }

    /// Waits before another try; false if the time left does not allow one.
    pub(super) async fn may_try_again(&self, tries: u32, deadline: Deadline) -> bool {
        let wire = &self.sender.wire;
        let left = deadline.left(wire.clock.as_ref());
        let Some(wait) = retry::next_wait(tries, None, left, wire.entropy.fraction()) else { return false };
        wire.clock.sleep(wait).await;
        true
    }
}
