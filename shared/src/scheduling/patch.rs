//! Changes title, text, people or rooms, each only where the request changes it and Outlook does not show it yet.
//!
//! A body that is sent replaces the whole body, and with the Teams block goes the link. So everything from that
//! block on is kept, and where the block is not found nothing is written. Attendees are replaced as a whole, and
//! one who is left out gets a cancellation: they are sent only when people or rooms change, and then as Outlook's own
//! list with that change applied.

use super::create::{await_link, await_room};
use super::reschedule::{event_id, newest, superseded};
use super::{Outcome, Scheduling, Stop, Work};
use crate::access::Usable;
use crate::domain::attendees::{self, Invited};
use crate::domain::claim::{Command, Patch};
use crate::domain::html::replace_text;
use crate::domain::interview::{Details, Event, Interview, Look};
use crate::microsoft::{Deadline, EventChange, GraphError, Located, Target};
use crate::problem::{Code, Fault, Problem};

/// Somebody may change the event between our read and our write; then we read again.
const TRIES: usize = 3;

impl Scheduling {
    pub(super) async fn patch(
        &self,
        work: &Work,
        patch: &Patch,
        deadline: Deadline,
    ) -> Result<Outcome, Stop> {
        let (interview, mut before) = self.changeable(work)?;
        let after = patch.applied_to(&before);
        if after.candidates.is_empty() && after.interviewers.is_empty() {
            let fault = Fault::at("/candidates", "must name somebody, or interviewers must");
            return Err(Stop::Harmless(Problem::invalid(Code::InvalidRequest, vec![fault])));
        }
        event_id(&interview)?;
        let mut usable = self.token(work, deadline).await?;
        let mut read = self.located(&usable, work, Target::of(&interview), deadline).await;
        if matches!(read, Err(GraphError::Unauthorized(_))) {
            usable = self.another_token(usable, work, deadline).await?;
            read = self.located(&usable, work, Target::of(&interview), deadline).await;
        }
        let mut found = read?;
        for _ in 0..TRIES {
            let event = match found {
                Located::Present(event) => {
                    self.peopled(&usable, work, (&interview, &before, *event), deadline)
                }
                Located::Gone(proof) => return Err(self.vanished(interview, before, &proof)),
            };
            let event = event.await?;
            before.adopt(&event);
            let after = patch.applied_to(&before);
            let plan = match plan(work, patch, &event, (&before, &after)) {
                Plan::Write(plan) => plan,
                Plan::Nothing => return Ok(self.patched(work, interview, (&before, after), &event)),
                Plan::NoBlock => return Err(Stop::Harmless(Code::TeamsBlockNotFound.into())),
                Plan::NoPeople => return Err(Stop::Harmless(nobody_shown())),
                Plan::Superseded => return Err(superseded()),
            };
            let sent = plan.attendees.clone().unwrap_or_default();
            let doubt = match self
                .graph
                .change_event(&usable.token, &event.id, &plan.change(work, &event), deadline)
                .await
            {
                Ok(written) => {
                    let mut after = after;
                    after.aliases.adopt(&sent, &written);
                    let written = self.with_link(&usable, written, deadline).await;
                    return Ok(self.patched(work, interview, (&before, after), &written));
                }
                Err(GraphError::Stale(_)) => None,
                Err(GraphError::NotFound(evidence)) => Some(evidence),
                Err(other) => return Err(other.into()),
            };
            let target = Target { id: Some(&event.id), ..Target::of(&interview) };
            found = self.doubted(&usable, work, (target, doubt), deadline).await?;
        }
        Err(Stop::Unclear)
    }

    /// The event with its attendees, where people are to change. An answer without any of them is asked for again by
    /// another call: a list that is made from nothing would call everybody off.
    async fn peopled(
        &self,
        usable: &Usable,
        work: &Work,
        (interview, before, event): (&Interview, &Details, Event),
        deadline: Deadline,
    ) -> Result<Event, Stop> {
        let Command::Patch(patch) = &work.command else { return Ok(event) };
        if !event.attendees.is_empty() || before.attendees() == patch.applied_to(before).attendees() {
            return Ok(event);
        }
        let again = self.graph.find_tagged(&usable.token, Target::of(interview), deadline).await;
        let again = again.map_err(GraphError::of_a_look)?;
        Ok(again.filter(|again| !again.attendees.is_empty() && !again.is_cancelled).unwrap_or(event))
    }

    fn patched(
        &self,
        work: &Work,
        interview: Interview,
        (before, after): (&Details, Details),
        event: &Event,
    ) -> Outcome {
        let now = self.parts.clock.now();
        let told = tells_room(work, before, &after).then(|| after.room().cloned());
        let mut outcome = self.seen_again(interview, after, event, Look::Other);
        if let Some(room) = told {
            outcome.details.asking.told = room;
        }
        if before.room() != outcome.details.room() {
            await_room(&mut outcome.interview, &outcome.details, now);
        }
        await_link(&mut outcome.interview, event, now);
        outcome.interview.edited_by = Some(newest(outcome.interview.edited_by, &work.claim.value.id));
        outcome
    }
}

fn nobody_shown() -> Problem {
    let why = "Outlook shows nobody in the event, although people were invited. Nothing was written, for that would \
               have called everybody off.";
    Problem::from(Code::ChangedInOutlook).because(why)
}

/// What is to be written.
struct Written<'a> {
    subject: Option<&'a str>,
    body: Option<String>,
    attendees: Option<Vec<Invited>>,
    rooms: bool,
    after: &'a Details,
}

enum Plan<'a> {
    Write(Written<'a>),
    /// Outlook shows it all, or did when this change was written before.
    Nothing,
    /// The Teams block is not where a text could be put before it.
    NoBlock,
    /// Outlook shows nobody of those whom the list would be made of.
    NoPeople,
    /// A newer change was made since this one was left open.
    Superseded,
}

/// Compares what is asked with what Outlook shows.
fn plan<'a>(work: &Work, patch: &Patch, event: &Event, (before, after): (&Details, &'a Details)) -> Plan<'a> {
    let claim = &work.claim.value.id;
    if event.changed_by.as_deref() == Some(claim.as_str()) {
        return Plan::Nothing;
    }
    let body = match changed_body(event, before, after) {
        Body::Same => None,
        Body::New(text) => Some(text),
        Body::NoBlock => return Plan::NoBlock,
    };
    let people = (before.attendees(), after.attendees());
    if event.attendees.is_empty() && people.0 != people.1 {
        return Plan::NoPeople;
    }
    let written = Written {
        subject: (patch.title.is_some() && event.subject != after.title).then_some(after.title.as_str()),
        body,
        attendees: attendees::changed(event, &before.aliases, (&people.0, &people.1)),
        rooms: tells_room(work, before, after),
        after,
    };
    let last = work.interview.as_ref().and_then(|found| found.value.edited_by.as_ref());
    if written.is_nothing() {
        Plan::Nothing
    } else if work.is_begun() && last.is_some_and(|last| last > claim) {
        Plan::Superseded
    } else {
        Plan::Write(written)
    }
}

/// Whether the location is written: where the room is what was asked to change, or everybody is mailed anyhow.
fn tells_room(work: &Work, before: &Details, after: &Details) -> bool {
    let Command::Patch(patch) = &work.command else { return false };
    let mails = before.title != after.title || before.body_html != after.body_html;
    after.asking.told.as_ref() != after.room() && (patch.rooms.is_some() || mails)
}

impl Written<'_> {
    fn is_nothing(&self) -> bool {
        self.subject.is_none() && self.body.is_none() && self.attendees.is_none() && !self.rooms
    }

    fn change<'a>(&'a self, work: &'a Work, event: &'a Event) -> EventChange<'a> {
        EventChange {
            when: None,
            subject: self.subject,
            body_html: self.body.as_deref(),
            attendees: self.attendees.as_deref(),
            room: self.rooms.then(|| self.after.room()),
            if_match: event.etag.as_deref(),
            // What can be compared needs no mark.
            claim: (self.body.is_some() || self.rooms).then_some(&work.claim.value.id),
        }
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
    let replaced = |join_url: &String| replace_text(&event.body_html, join_url, &text);
    match &event.join_url {
        // A meeting whose link is not there, or no longer: its block cannot be told apart.
        None if event.is_online || before.join_url.is_some() => Body::NoBlock,
        None => Body::New(text),
        Some(join_url) => replaced(join_url).map_or(Body::NoBlock, Body::New),
    }
}
