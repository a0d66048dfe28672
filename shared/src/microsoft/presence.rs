//! Whether an event is there. One odd answer is no evidence: that an event is gone is said by [`Gone`] alone, which
//! [`Graph::locate`] alone makes, from two different calls that both succeeded in finding nothing, or from Outlook's own
//! word that the meeting is cancelled. No other code can conclude it.

use serde_json::json;

use super::catalog::Call;
use super::graph::{Graph, unclear};
use super::graph_class::Class;
use super::graph_send::Ask;
use super::graph_wire::{self, CHANGE_TAG, CLAIM_TAG};
use super::{Deadline, GraphError, GraphEvidence};
use crate::domain::customer::CalendarChoice;
use crate::domain::ids::{ClaimId, percent_encode};
use crate::domain::interview::{Event, Interview};
use crate::domain::secret::AccessToken;

/// Pages of a look-up at most: a filtered page may be empty and still have a next one.
const MOST_PAGES: u32 = 5;

/// An event, by all that it can be found by.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its id as last seen: a mailbox that is moved gives others. None if it was never seen.
    pub id: Option<&'a str>,
    /// Our tag, which stays.
    pub claim: &'a ClaimId,
    /// Where it was put.
    pub calendar: CalendarChoice,
}

impl<'a> Target<'a> {
    /// The event of an interview.
    pub fn of(interview: &'a Interview) -> Self {
        let id = interview.outlook.as_ref().map(|outlook| outlook.event_id.as_str());
        Self { id, claim: &interview.claim, calendar: interview.calendar }
    }
}

/// Proof that an event is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone(Option<GraphEvidence>);

impl Gone {
    /// Outlook's own word: it shows the meeting as cancelled.
    pub fn shown_by(event: &Event) -> Option<Self> {
        event.is_cancelled.then_some(Self(None))
    }

    /// What Graph said when it did not find the event; none where Outlook showed it as cancelled.
    pub fn evidence(&self) -> Option<&GraphEvidence> {
        self.0.as_ref()
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Located {
    /// The event, possibly under another id than before.
    Present(Box<Event>),
    Gone(Gone),
}

impl GraphError {
    /// The same for a look at what became of a write: as long as no look has succeeded, nobody knows. Only a token that
    /// is not taken can be replaced at once.
    #[must_use]
    pub fn of_a_look(self) -> Self {
        match self {
            Self::Unauthorized(_) => self,
            other => Self::Unclear(other.evidence().cloned()),
        }
    }

    /// The same for a read before anything is written: what Graph does not take, or does not find, says nothing about
    /// the event.
    fn of_a_read(self) -> Self {
        match self {
            Self::NotFound(said) | Self::Refused(said) => Self::Unavailable(Some(said)),
            other => other,
        }
    }
}

impl Graph {
    /// Looks for an event by its id, and by our tag where the id does not lead to it. `doubt` is what a call to that id
    /// was answered if it did not find the event: then an id that can be read is not enough, for it leads into Deleted
    /// Items as well. An error says nothing about the event, and is
    /// neither [`GraphError::NotFound`] nor [`GraphError::Refused`].
    pub async fn locate(
        &self,
        token: &AccessToken,
        target: Target<'_>,
        doubt: Option<GraphEvidence>,
        deadline: Deadline,
    ) -> Result<Located, GraphError> {
        let mut evidence = doubt.clone();
        if let Some(id) = target.id {
            match self.read_event(token, id, deadline).await {
                Ok(event) if event.is_cancelled => return Ok(Located::Gone(Gone(evidence))),
                Ok(event) if doubt.is_none() => return Ok(Located::Present(Box::new(event))),
                Ok(_) => {}
                Err(GraphError::NotFound(said)) => evidence = Some(said),
                Err(error) => return Err(error.of_a_read()),
            }
        }
        match self.find_tagged(token, target, deadline).await {
            Ok(Some(event)) if !event.is_cancelled => Ok(Located::Present(Box::new(event))),
            Ok(_) => Ok(Located::Gone(Gone(evidence))),
            Err(error) => Err(error.of_a_read()),
        }
    }

    /// The event by our tag, in the calendar where it was put first and then in the other one: people move events.
    pub async fn find_tagged(
        &self,
        token: &AccessToken,
        target: Target<'_>,
        deadline: Deadline,
    ) -> Result<Option<Event>, GraphError> {
        if target.calendar == CalendarChoice::Scheduler
            && let Some(calendar) = self.scheduler_calendar(token, deadline).await?
            && let Some(event) = self.find_by_claim(token, target.claim, Some(&calendar), deadline).await?
        {
            return Ok(Some(event));
        }
        self.find_by_claim(token, target.claim, None, deadline).await
    }

    async fn read_event(
        &self,
        token: &AccessToken,
        id: &str,
        deadline: Deadline,
    ) -> Result<Event, GraphError> {
        let ask = Ask::of(Call::ReadEvent).of_event(id).with_query(format!("$expand={}", mark()));
        Ok(self.sender.send(token, &ask, deadline, graph_wire::read_event).await?)
    }

    /// The event of that id; none if that id leads to none, which is no proof that the event is gone.
    pub async fn event(
        &self,
        token: &AccessToken,
        id: &str,
        deadline: Deadline,
    ) -> Result<Option<Event>, GraphError> {
        match self.read_event(token, id, deadline).await {
            Ok(event) => Ok(Some(event)),
            Err(GraphError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The event that carries our tag, in the default calendar or in that with this id.
    pub async fn find_by_claim(
        &self,
        token: &AccessToken,
        claim: &ClaimId,
        calendar: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<Event>, GraphError> {
        let tag = format!("ep/id eq '{CLAIM_TAG}' and ep/value eq '{claim}'");
        let filter = percent_encode(&format!("singleValueExtendedProperties/Any(ep: {tag})"));
        let call = if calendar.is_some() { Call::FindEventIn } else { Call::FindEvent };
        let with =
            |more: &str| Ask::of(call).within(calendar).with_query(format!("$filter={filter}{more}&$top=5"));
        // No source says whether a list may be filtered by one property and expanded by another. Where it may not, the
        // event that the filter finds is read by its id.
        let (mut ask, mut bare) = (with(&format!("&$expand={}", mark())).or_another_way(), false);
        let mut pages = 0;
        while pages < MOST_PAGES {
            let page = match self.sender.send(token, &ask, deadline, graph_wire::read_page).await {
                Err(failed) if failed.error.class() == Class::OurRequest && !bare => {
                    (ask, bare) = (with(""), true);
                    continue;
                }
                sent => sent?,
            };
            pages += 1;
            match (page.events.into_iter().next(), page.next) {
                (Some(event), _) if bare => {
                    let read = self.read_event(token, &event.id, deadline).await;
                    return read.map(Some).map_err(GraphError::of_a_read);
                }
                (Some(event), _) => return Ok(Some(event)),
                (None, None) => return Ok(None),
                (None, Some(next)) => ask = self.sender.next_page(call, &next)?.within(calendar),
            }
        }
        Err(GraphError::Unavailable(None))
    }

    /// Calls an event off; gives the id under which it stood, if it was seen. Gone already is a success, if that is
    /// proven. After a lost answer, a conflict, and a 404 as well, the event is looked for, and where it still stands,
    /// be it under another id, it is called off again: a 404 that errs would leave people waiting for an interview that
    /// we call cancelled.
    ///
    /// Where Outlook refuses because of an address that it does not send to, the event is removed: that tells all
    /// others, too, though without the comment (event-delete).
    pub async fn cancel_event(
        &self,
        token: &AccessToken,
        target: Target<'_>,
        comment: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<String>, GraphError> {
        let body = comment.map_or_else(|| json!({}), |comment| json!({ "comment": comment }));
        let mut known = target.id.map(str::to_owned);
        if known.is_none() {
            match self.locate(token, target, None, deadline).await? {
                Located::Present(event) => known = Some(event.id),
                Located::Gone(_) => return Ok(None),
            }
        }
        let mut id = known.unwrap_or_default();
        let mut deleting = false;
        for tries in 1.. {
            let ask = if deleting {
                Ask::of(Call::DeleteEvent).of_event(&id).until(204)
            } else {
                Ask::of(Call::CancelEvent).of_event(&id).with_body(body.clone()).until(202)
            };
            let error = match self.sender.send(token, &ask, deadline, |_| Some(())).await {
                Ok(()) => return Ok(Some(id)),
                Err(failed) => failed.error,
            };
            let (error, doubt) = match error {
                GraphError::NotFound(said) => (GraphError::Unclear(Some(said.clone())), Some(said)),
                error if error.class() == Class::BadRecipient && !deleting => {
                    deleting = true;
                    (error, None)
                }
                error @ (GraphError::Unclear(_) | GraphError::Stale(_)) => (error, None),
                error => return Err(error),
            };
            let again = Target { id: Some(&id), ..target };
            match self.locate(token, again, doubt, deadline).await {
                Ok(Located::Gone(_)) => return Ok(Some(id)),
                Ok(Located::Present(event)) if self.may_try_again(tries, &error, deadline).await => {
                    id = event.id;
                }
                Ok(Located::Present(_)) | Err(_) => return Err(unclear(error)),
            }
        }
        Err(GraphError::Unclear(None))
    }
}

fn mark() -> String {
    percent_encode(&format!("singleValueExtendedProperties($filter=id eq '{CHANGE_TAG}')"))
}
