//! The mails that Exchange sends by itself: invitations, updates, cancellations (microsoft.md E5, E6).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Somebody was added to a meeting.
    Invitation,
    /// Something that matters has changed.
    Update,
    /// Removed from the meeting, or the meeting is off.
    Cancellation,
}

/// One mail of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Address of the attendee; rooms get mails like people.
    pub to: String,
    /// Address of the organizer.
    pub from: String,
    /// What it is about.
    pub kind: MailKind,
    /// Subject line of the event.
    pub subject: String,
    /// `iCalUId` of the meeting, the same in every mailbox.
    pub ical_uid: String,
    /// The organizer's words on a cancellation.
    pub comment: String,
    /// When, by the manual clock.
    pub at: Timestamp,
    /// `transactionId` of the event, by which the one who made it is told.
    #[serde(default)]
    pub transaction: Option<String>,
    /// It follows from a change that was made by hand in Outlook, not through Graph.
    #[serde(default)]
    pub by_hand: bool,
}
