//! A claim: one accepted request to write to Outlook, from acceptance to its final answer.
//!
//! It is stored before Microsoft is asked and holds the whole request, sealed. So whoever comes next, a repeat
//! by the client or follow-ups, can finish it; and since its id is the event's `transactionId` and tag, finishing
//! twice makes one event.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::connection::Sealed;
use super::history::What;
use super::ids::{ClaimId, CustomerId, InterviewId, UserId};
use super::interview::{Asking, Details, Options};
use super::time::When;

/// Nobody else works on a claim for so long after someone took it.
pub const BUSY_FOR: SignedDuration = SignedDuration::from_secs(35);
/// Claims are kept so long for repeats.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a request holds one at a time; a box would only hide its size"
)]
pub enum Command {
    /// Make an event.
    Create {
        /// Sealed in the interview afterwards.
        details: Details,
        /// When.
        when: When,
        /// What else.
        options: Options,
    },
    /// Move it: start and end only.
    Reschedule {
        /// When.
        when: When,
        /// Put on top of the event's text: Graph has no comment on a change.
        comment: Option<String>,
        /// Only if everybody who is needed is free then.
        #[serde(default)]
        require_free: bool,
    },
    /// Call it off.
    Cancel {
        /// Goes into the cancellation.
        comment: Option<String>,
    },
    /// Change title, text, people or rooms.
    Patch(Patch),
}

/// What a PATCH names; what it leaves out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// New title.
    pub title: Option<String>,
    /// New text.
    pub body_html: Option<String>,
    /// New candidates.
    pub candidates: Option<Vec<super::interview::Candidate>>,
    /// New panel.
    pub interviewers: Option<Vec<super::interview::Interviewer>>,
    /// New rooms.
    pub rooms: Option<Vec<super::address::Address>>,
    /// What was left out of the new text.
    #[serde(default)]
    pub warnings: Vec<super::interview::Warning>,
}

impl Command {
    /// The step of an interview's history that it is.
    pub fn what(&self) -> What {
        match self {
            Self::Create { .. } => What::Create,
            Self::Reschedule { .. } => What::Reschedule,
            Self::Cancel { .. } => What::Cancel,
            Self::Patch(_) => What::Change,
        }
    }

    /// Whether availability is to be read before anything is written.
    pub fn requires_free(&self) -> bool {
        match self {
            Self::Create { options, .. } => options.require_free,
            Self::Reschedule { require_free, .. } => *require_free,
            Self::Cancel { .. } | Self::Patch(_) => false,
        }
    }
}

impl Patch {
    /// The details with the change applied.
    #[must_use]
    pub fn applied_to(&self, details: &Details) -> Details {
        let change = self.clone();
        let asking = match &change.rooms {
            // Another list is a new order of preference.
            Some(rooms) if *rooms != details.rooms => {
                Asking { told: details.asking.told.clone(), ..Asking::default() }
            }
            _ => details.asking.clone(),
        };
        let warnings = if change.body_html.is_some() { change.warnings } else { details.warnings.clone() };
        Details {
            title: change.title.unwrap_or_else(|| details.title.clone()),
            body_html: change.body_html.or_else(|| details.body_html.clone()),
            candidates: change.candidates.unwrap_or_else(|| details.candidates.clone()),
            interviewers: change.interviewers.unwrap_or_else(|| details.interviewers.clone()),
            rooms: change.rooms.unwrap_or_else(|| details.rooms.clone()),
            join_url: details.join_url.clone(),
            recruiter: details.recruiter.clone(),
            asking,
            warnings,
            aliases: details.aliases.clone(),
            seen_title: details.seen_title.clone(),
        }
    }
}

/// Which claims may collide: customer, user, route and the client's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimKey {
    /// The customer.
    pub customer: CustomerId,
    /// The acting user.
    pub user: UserId,
    /// The route, without its parameters.
    pub route: String,
    /// SHA-256 of the client's `Idempotency-Key`, hex.
    pub key_hash: String,
}

/// A stored claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Minted once and kept by whoever takes over.
    pub id: ClaimId,
    /// What it is stored under.
    pub key: ClaimKey,
    /// The interview it makes or changes.
    pub interview: InterviewId,
    /// Whose calendar it goes to.
    pub organizer: UserId,
    /// Keyed hash of path and body, hex: tells a repeat from another request under the same key.
    pub fingerprint: String,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Until when its holder works on it.
    pub busy_until: Timestamp,
    /// How often somebody took it.
    pub attempts: u32,
    /// Whether the final answer is stored.
    pub settled: bool,
    /// [`Command`] until settled, [`StoredAnswer`] afterwards; sealed. Kept in an attribute of its own.
    #[serde(skip)]
    pub sealed: Option<Sealed>,
}

/// The final answer, replayed to repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// The JSON body, as sent.
    pub body: String,
    /// `Content-Type`.
    pub content_type: String,
    /// `ETag`, if there was one.
    pub etag: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::address::Address;
    use super::super::interview::Candidate;
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().expect("an address")
    }

    fn details() -> Details {
        let dana = Candidate { email: address("dana@example.org"), name: None };
        Details {
            title: "Interview".to_owned(),
            body_html: Some("<p>Hello.</p>".to_owned()),
            candidates: vec![dana.clone()],
            interviewers: Vec::new(),
            rooms: vec![address("room7@contoso.com"), address("room8@contoso.com")],
            join_url: Some("https://teams.example/1".to_owned()),
            recruiter: Some(dana),
            asking: Asking { at: 1, from: 1, told: Some(address("room7@contoso.com")), missing: 0 },
            ..Details::default()
        }
    }

    #[test]
    fn a_change_touches_what_it_names_and_nothing_else() {
        let before = details();
        assert_eq!(Patch::default().applied_to(&before), before);
        let named = Patch { title: Some("Another".to_owned()), ..Patch::default() };
        assert_eq!(named.applied_to(&before), Details { title: "Another".to_owned(), ..before.clone() });
        let same_rooms = Patch { rooms: Some(before.rooms.clone()), ..Patch::default() };
        assert_eq!(same_rooms.applied_to(&before), before, "the same list goes on where it is");
    }

    #[test]
    fn another_list_of_rooms_begins_anew_and_remembers_what_people_were_told() {
        let before = details();
        let rooms = vec![address("room9@contoso.com")];
        let after = Patch { rooms: Some(rooms.clone()), ..Patch::default() }.applied_to(&before);
        let asking = Asking { told: before.asking.told.clone(), ..Asking::default() };
        assert_eq!(after, Details { rooms, asking, ..before });
    }

    #[test]
    fn calendars_are_read_first_only_where_the_request_wants_it() {
        let (start, zone) = (Timestamp::UNIX_EPOCH, "UTC".to_owned());
        let when = When { start, end: start, zone };
        let create = |require_free| Command::Create {
            details: details(),
            when: when.clone(),
            options: Options { require_free, ..Options::default() },
        };
        let move_it = |require_free| Command::Reschedule { when: when.clone(), comment: None, require_free };
        assert!(create(true).requires_free() && move_it(true).requires_free());
        assert!(!create(false).requires_free() && !move_it(false).requires_free());
        assert!(!Command::Cancel { comment: None }.requires_free());
        assert!(!Command::Patch(Patch::default()).requires_free());
    }
}
