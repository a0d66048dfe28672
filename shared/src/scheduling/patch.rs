//! Changes title, text, people or rooms, each only where it differs from what Outlook shows now.
//!
//! A body that is sent replaces the whole body, and with the Teams block goes the link. So everything from that
//! block on is kept, and where the block is not found nothing is written. Attendees are replaced as a whole, and
//! whoever is left out gets a cancellation: the list is made from a fresh read, so people whom the recruiter
//! added in Outlook stay.

use super::create::await_room;
use super::reschedule::{event_id, gone};
use super::{Outcome, Scheduling, Stop, Work};
use crate::access::Usable;
use crate::domain::claim::Patch;
use crate::domain::html::replace_text;
use crate::domain::interview::{Attendee, Details, Event};
use crate::microsoft::{Deadline, EventChange, GraphError};
use crate::problem::Code;

/// Somebody may change the event between our read and our write; then we read again.
const TRIES: usize = 3;

impl Scheduling {
    pub(super) async fn patch(
        &self,
        work: &Work,
        patch: &Patch,
        deadline: Deadline,
    ) -> Result<Outcome, Stop> {
        let (interview, before) = self.changeable(work)?;
        let after = patch.applied_to(&before);
        let id = event_id(&interview)?;
        let mut usable = self.token(work, deadline).await?;
        let mut read = self.graph.event(&usable.token, &id, deadline).await;
        if matches!(read, Err(GraphError::Unauthorized(_))) {
            usable = self.another_token(usable, work, deadline).await?;
            read = self.graph.event(&usable.token, &id, deadline).await;
        }
        let mut event = read?.ok_or_else(|| Stop::Final(Code::EventMissing.into()))?;
        for _ in 0..TRIES {
            match self.write(&usable, &event, (&before, &after), deadline).await {
                Err(GraphError::Stale(_)) => {
                    let again = self.graph.event(&usable.token, &id, deadline).await?;
                    event = again.ok_or_else(|| Stop::Final(Code::EventMissing.into()))?;
                }
                Err(other) => return Err(gone(other)),
                Ok(None) => return Err(Stop::Harmless(Code::TeamsBlockNotFound.into())),
                Ok(Some(written)) => {
                    let written = self.with_link(&usable, written, deadline).await;
                    let mut outcome = self.seen_again(interview, after, &written);
                    outcome.details.join_url.clone_from(&written.join_url);
                    if before.room() != outcome.details.room() {
                        await_room(&mut outcome.interview, &outcome.details, self.parts.clock.now());
                    }
                    return Ok(outcome);
                }
            }
        }
        Err(Stop::Unclear)
    }

    /// Writes what differs; the event as it is where nothing does. `None`: the Teams block was not found.
    async fn write(
        &self,
        usable: &Usable,
        event: &Event,
        (before, after): (&Details, &Details),
        deadline: Deadline,
    ) -> Result<Option<Event>, GraphError> {
        let body = match changed_body(event, before, after) {
            Body::Same => None,
            Body::New(text) => Some(text),
            Body::NoBlock => return Ok(None),
        };
        let attendees = changed_attendees(event, before, after);
        let room = (before.room() != after.room()).then(|| after.room());
        let change = EventChange {
            when: None,
            subject: (event.subject != after.title).then_some(after.title.as_str()),
            body_html: body.as_deref(),
            attendees: attendees.as_deref(),
            room,
            if_match: event.etag.as_deref(),
        };
        if change.subject.is_none() && body.is_none() && attendees.is_none() && room.is_none() {
            return Ok(Some(event.clone()));
        }
        self.graph.change_event(&usable.token, &event.id, &change, deadline).await.map(Some)
    }
}

enum Body {
    Same,
    New(String),
    NoBlock,
}

fn changed_body(event: &Event, before: &Details, after: &Details) -> Body {
    if before.body_html == after.body_html {
        return Body::Same;
    }
    let text = after.body_html.clone().unwrap_or_default();
    match &event.join_url {
        None => Body::New(text),
        Some(join_url) => replace_text(&event.body_html, join_url, &text).map_or(Body::NoBlock, Body::New),
    }
}

/// The complete new list, if it differs: those in Outlook now, without the ones taken out, with the new ones.
fn changed_attendees(event: &Event, before: &Details, after: &Details) -> Option<Vec<Attendee>> {
    let (old, new) = (before.attendees(), after.attendees());
    let wanted = |email| new.iter().find(|a: &&Attendee| a.email == email);
    let kept = event.attendees.iter().map(|(now, _)| now).filter_map(|now| {
        let ours = old.iter().any(|a| a.email == now.email);
        match wanted(now.email.clone()) {
            Some(attendee) => Some(attendee.clone()),
            None => (!ours).then(|| now.clone()),
        }
    });
    let mut list: Vec<Attendee> = kept.collect();
    for attendee in &new {
        if !list.iter().any(|a| a.email == attendee.email) {
            list.push(attendee.clone());
        }
    }
    let same = list.len() == event.attendees.len()
        && list
            .iter()
            .all(|a| event.attendees.iter().any(|(now, _)| now.email == a.email && now.role == a.role));
    (!same).then_some(list)
}
