//! An event as Outlook holds it, as far as we look at it.

use jiff::Timestamp;

use super::address::Address;

/// How an attendee takes part (Graph `attendeeType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Must come.
    Required,
    /// May come.
    Optional,
    /// A room.
    Resource,
}

/// One attendee as we want or see him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// Where the invitation goes.
    pub email: Address,
    /// Shown in the invitation.
    pub name: Option<String>,
    /// How he takes part.
    pub role: Role,
}

/// The event as Graph shows it, as far as we look at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Immutable id.
    pub id: String,
    /// `@odata.etag`.
    pub etag: Option<String>,
    /// `iCalUId`.
    pub ical_uid: Option<String>,
    /// `webLink`.
    pub web_link: Option<String>,
    /// `start`, as an instant.
    pub start: Timestamp,
    /// `end`, as an instant.
    pub end: Timestamp,
    /// `subject`.
    pub subject: String,
    /// `body.content`.
    pub body_html: String,
    /// `isOnlineMeeting`: false means that no link will ever come.
    pub is_online: bool,
    /// `onlineMeeting.joinUrl`.
    pub join_url: Option<String>,
    /// `isCancelled`.
    pub is_cancelled: bool,
    /// The newest change of ours that says so on the event itself.
    pub changed_by: Option<String>,
    /// `attendees`, those without an address left out, with their answers.
    pub attendees: Vec<(Attendee, Answer)>,
}

/// An attendee's `status.response`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// None so far.
    None,
    /// Yes, or yes for now.
    Accepted,
    /// Perhaps (a room with a delegate).
    Tentative,
    /// No.
    Declined,
}

impl Event {
    /// The answer of the attendee with this address.
    pub fn answer_of(&self, email: &Address) -> Option<Answer> {
        self.attendees.iter().find(|(a, _)| a.email == *email).map(|(_, answer)| *answer)
    }
}
