//! What is asked of a calendar and what it answers, in our own words.

use crate::domain::address::Address;
use crate::domain::attendees::{self, Invited};
use crate::domain::connection::Teams;
use crate::domain::ids::ClaimId;
use crate::domain::interview::{Details, Event, Options};
use crate::domain::time::When;

/// What the probe of a calendar found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarProbe {
    /// The mailbox it belongs to.
    pub owner: Option<Address>,
    /// Its owner's name.
    pub owner_name: Option<String>,
    /// Whether events may get a Teams link.
    pub teams: Teams,
    /// Whether events may be written.
    pub can_edit: bool,
}

/// An event to make.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// Graph's `transactionId` and our tag: making it twice makes one event.
    pub claim: &'a ClaimId,
    /// What and who.
    pub details: &'a Details,
    /// When.
    pub when: &'a When,
    /// What else.
    pub options: &'a Options,
    /// Nobody but the room is invited for now.
    pub room_only: bool,
    /// Id of a calendar beside the default one.
    pub calendar: Option<&'a str>,
}

/// What to change about an event; what is `None` is not sent and stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventChange<'a> {
    /// Start and end.
    pub when: Option<&'a When>,
    /// The title.
    pub subject: Option<&'a str>,
    /// The whole body: whoever sends it must have kept the Teams block in it.
    pub body_html: Option<&'a str>,
    /// The complete list: whoever is left out gets a cancellation.
    pub attendees: Option<&'a [Invited]>,
    /// The location: a room, or none any more.
    pub room: Option<Option<&'a Address>>,
    /// The etag that the event must still have.
    pub if_match: Option<&'a str>,
    /// Whose change this is, if that is to be noted on the event: see [`Self::mark`].
    pub claim: Option<&'a ClaimId>,
}

impl<'a> EventChange<'a> {
    /// The mark to leave on the event. A body comes back rewritten, a location too, and people under other addresses:
    /// whether they were changed shows in nothing but a mark of our own.
    pub fn mark(&self) -> Option<&'a ClaimId> {
        self.claim
    }

    /// Whether the event shows every change asked for.
    pub fn shows_in(&self, event: &Event) -> bool {
        if let Some(mark) = self.mark() {
            return event.changed_by.as_deref() == Some(mark.as_str());
        }
        let at = |when: &When| when.start == event.start && when.end == event.end && !event.all_day;
        let time = self.when.is_none_or(at);
        let subject = self.subject.is_none_or(|subject| subject == event.subject);
        let people = self.attendees.is_none_or(|sent| attendees::shows(event, sent));
        time && subject && people
    }
}
