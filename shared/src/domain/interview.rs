//! An interview: what the ATS asked for, what stands in Outlook, and how the two relate.
//!
//! Times, ids and states are stored in the clear; title, text, people and the join URL are sealed ([`Details`]).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::address::Address;
pub use super::asking::Asking;
use super::attendees::Aliases;
use super::connection::Sealed;
use super::customer::CalendarChoice;
pub use super::event::{Answer, Attendee, Event, Role};
use super::history::History;
use super::ids::{ClaimId, ConnectionId, CustomerId, InterviewId, ObjectId, TenantId, UserId};
pub use super::seen::Look;
use super::time::When;

/// The state that the API shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Asked for; Microsoft's answer is not known yet.
    Scheduling,
    /// Microsoft confirmed it.
    Scheduled,
    /// Confirmed; the room has not answered.
    AwaitingRoom,
    /// Called off.
    Cancelled,
    /// Microsoft refused it.
    Failed,
}

/// The room's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomState {
    /// Asked.
    Pending,
    /// It said yes.
    Accepted,
    /// It said no.
    Declined,
    /// It never said, or can never say.
    Unknown,
}

/// Whether the event was there when Outlook was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// It was.
    Present,
    /// It was not.
    Absent,
}

/// The event as Outlook last showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Immutable id in the organiser's mailbox.
    pub event_id: String,
    /// One per meeting, over all mailboxes.
    pub ical_uid: Option<String>,
    /// Opens it in Outlook on the web.
    pub web_link: Option<String>,
    /// Changes with every change, answers included.
    pub etag: Option<String>,
    /// Start as it was last shown; none in rows that are older than this field.
    #[serde(default)]
    pub start: Option<Timestamp>,
    /// See `start`.
    #[serde(default)]
    pub end: Option<Timestamp>,
    /// It was made to last all day in Outlook.
    #[serde(default)]
    pub all_day: bool,
    /// There or not.
    pub state: EventState,
    /// When Outlook was last asked.
    pub checked_at: Timestamp,
}

/// Whose mailbox holds the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organizer {
    /// The user of the ATS.
    pub user: UserId,
    /// Through which connection.
    pub connection: ConnectionId,
    /// The Microsoft account then: another one cannot change the event.
    pub tenant: TenantId,
    /// See `tenant`.
    pub object: ObjectId,
    /// The mailbox.
    pub email: Address,
}

/// A candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Where the invitation goes.
    pub email: Address,
    /// Shown in the invitation.
    pub name: Option<String>,
}

/// An interviewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interviewer {
    /// Where the invitation goes.
    pub email: Address,
    /// Shown in the invitation.
    pub name: Option<String>,
    /// Need not come.
    pub optional: bool,
}

/// What is sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// One line.
    pub title: String,
    /// Checked HTML: `super::html`.
    pub body_html: Option<String>,
    /// At least one person in both lists together.
    pub candidates: Vec<Candidate>,
    /// See `candidates`.
    pub interviewers: Vec<Interviewer>,
    /// In order of preference.
    pub rooms: Vec<Address>,
    /// The Teams link.
    pub join_url: Option<String>,
    /// Who asked, where another one organises for him: he is invited too.
    #[serde(default)]
    pub recruiter: Option<Candidate>,
    /// Which of the rooms is asked.
    #[serde(default)]
    pub asking: Asking,
    /// What was left out of the request.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// Addresses that Outlook shows as other ones.
    #[serde(default)]
    pub aliases: Aliases,
    /// The title as Outlook last showed it.
    #[serde(default)]
    pub seen_title: Option<String>,
}

/// Something that was left out of a request that was carried out all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// JSON pointer into the body of the request.
    pub pointer: String,
    /// What was left out.
    pub message: String,
}

/// In whose calendar an interview is to stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganizeAs {
    /// In the acting user's own.
    #[default]
    Me,
    /// In that of the customer's scheduling user.
    SchedulingUser,
}

/// What is wanted beside [`Details`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of the request")]
pub struct Options {
    /// The ATS's own reference.
    pub external_id: Option<String>,
    /// A Teams meeting.
    pub teams: bool,
    /// Each person sees only himself.
    pub hide_attendees: bool,
    /// Nobody is told before a room has said yes.
    #[serde(default)]
    pub hold_room: bool,
    /// In whose calendar.
    #[serde(default)]
    pub organize_as: OrganizeAs,
    /// Only if everybody who is needed is free.
    #[serde(default)]
    pub require_free: bool,
}

/// A trouble that is shown on the interview itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Graph made the event without a Teams link.
    TeamsNotAvailable,
    /// The join URL is not the one it was.
    JoinUrlChanged,
    /// Every room said no.
    RoomDeclined,
    /// Another room took the place of the one that people were told of.
    RoomChanged,
    /// Microsoft refused the event.
    Refused,
    /// Outlook keeps other times than those that were written.
    TimeDiffers,
    /// Time, length or title were changed by hand in Outlook.
    ChangedInOutlook,
}

/// What follow-ups should see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// Ask Outlook for the room's answer.
    Room,
    /// Ask Outlook for the Teams link.
    Link,
    /// Remove the event of an interview that came to nothing: a room is still held by it, or nobody knows whether
    /// there is one.
    Release,
}

/// Microsoft shows in free/busy times for so long what has changed meanwhile (Microsoft Q&A 5785202: minutes).
pub const FREE_BUSY_LAG: SignedDuration = SignedDuration::from_mins(15);

/// A time that an interview was moved away from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vacated {
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// When it was moved.
    pub at: Timestamp,
}

/// A stored interview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interview {
    /// Its id.
    pub id: InterviewId,
    /// The claim that made it: the event's tag.
    pub claim: ClaimId,
    /// The customer.
    pub customer: CustomerId,
    /// Who asked.
    pub requested_by: UserId,
    /// Whose calendar.
    pub organizer: Organizer,
    /// When it is.
    pub when: When,
    /// What else was asked.
    pub options: Options,
    /// The state.
    pub status: Status,
    /// In which calendar the event lies.
    #[serde(default)]
    pub calendar: CalendarChoice,
    /// The answer of [`Details::room`].
    pub room: Option<RoomState>,
    /// The event stands with the room alone: nobody is invited before it says yes.
    #[serde(default)]
    pub holding: bool,
    /// What went wrong, if the interview stands all the same.
    pub trouble: Option<Trouble>,
    /// How the event differs from what was asked for, as last seen: [`Trouble::TimeDiffers`] or
    /// [`Trouble::ChangedInOutlook`].
    #[serde(default)]
    pub difference: Option<Trouble>,
    /// The event; none until Microsoft confirmed one.
    pub outlook: Option<Outlook>,
    /// Counts what clients can see change.
    pub version: u64,
    /// First settled.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// What follow-ups should see to, when, and how often they did.
    pub errand: Option<(Errand, Timestamp, u32)>,
    /// The newest reschedule that was settled: an older one that is taken up late must not undo it.
    #[serde(default)]
    pub moved_by: Option<ClaimId>,
    /// Times that it stood at until a few minutes ago: calendars of other people may still show them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vacated: Vec<Vacated>,
    /// The newest PATCH that was settled.
    #[serde(default)]
    pub edited_by: Option<ClaimId>,
    /// What became of it, step by step.
    #[serde(default)]
    pub history: History,
    /// Counts the seals of the details; part of their binding.
    pub generation: u64,
    /// [`Details`], sealed. Kept in an attribute of its own.
    #[serde(skip)]
    pub sealed: Option<Sealed>,
}

impl Interview {
    /// Who may read and change it; others are told that it does not exist.
    pub fn is_open_to(&self, user: &UserId, admin: bool) -> bool {
        admin || self.requested_by == *user || self.organizer.user == *user
    }

    /// It came to nothing; what stands of it in Outlook is removed at that time. Without proof that nothing was made,
    /// it is looked for.
    pub fn fail(&mut self, trouble: Trouble, remove_at: Timestamp, nothing_made: bool) {
        let stands = match &self.outlook {
            Some(outlook) => outlook.state == EventState::Present,
            None => !nothing_made,
        };
        (self.status, self.trouble, self.holding) = (Status::Failed, Some(trouble), false);
        self.errand = stands.then_some((Errand::Release, remove_at, 0));
    }

    /// Moves it, and keeps for some minutes where it stood.
    pub fn move_to(&mut self, when: &When, now: Timestamp) {
        self.vacated.retain(|left| now.duration_since(left.at) < FREE_BUSY_LAG);
        if (self.when.start, self.when.end) != (when.start, when.end) {
            self.vacated.push(Vacated { start: self.when.start, end: self.when.end, at: now });
        }
        self.when = when.clone();
    }

    /// Counts a change that clients can see.
    pub fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated_at = now;
    }
}

impl Details {
    /// The room alone.
    pub fn room_only(&self) -> Vec<Attendee> {
        let room = self.room().cloned().map(|email| Attendee { email, name: None, role: Role::Resource });
        room.into_iter().collect()
    }

    /// Everybody to invite, candidates first, each address once.
    pub fn attendees(&self) -> Vec<Attendee> {
        let candidates = self.candidates.iter().map(|c| (&c.email, &c.name, Role::Required));
        let panel = self
            .interviewers
            .iter()
            .map(|i| (&i.email, &i.name, if i.optional { Role::Optional } else { Role::Required }));
        let recruiter = self.recruiter.iter().map(|r| (&r.email, &r.name, Role::Required));
        let mut all: Vec<Attendee> = Vec::new();
        for (email, name, role) in candidates.chain(panel).chain(recruiter) {
            if !all.iter().any(|a| a.email == *email) {
                all.push(Attendee { email: email.clone(), name: name.clone(), role });
            }
        }
        let room = self.room_only();
        all.extend(
            room.into_iter().filter(|room| !all.iter().any(|a| a.email == room.email)).collect::<Vec<_>>(),
        );
        all
    }
}
