//! An interview as clients see it.

use serde::Serialize;

use crate::domain::address::Address;
use crate::domain::claim::StoredAnswer;
use crate::domain::ids::{InterviewId, UserId};
use crate::domain::interview::{
    Candidate, Details, EventState, Interview, Interviewer, OrganizeAs, RoomState, Status, Trouble, Warning,
};
use crate::domain::time::rfc3339;
use crate::problem::{Code, Problem, Summary};

/// The members of an interview; see the API contract.
#[derive(Debug, Serialize)]
pub struct View<'a> {
    pub id: &'a InterviewId,
    pub external_id: Option<&'a str>,
    pub title: &'a str,
    pub body_html: Option<&'a str>,
    pub start: String,
    pub end: String,
    pub time_zone: &'a str,
    pub candidates: &'a [Candidate],
    pub interviewers: &'a [Interviewer],
    pub online_meeting: &'static str,
    pub rooms: &'a [Address],
    pub hold_room: bool,
    pub require_free: bool,
    pub hide_attendees: bool,
    pub organize_as: OrganizeAs,
    pub status: Status,
    pub requested_by: &'a UserId,
    pub organizer: Organizer<'a>,
    pub join_url: Option<&'a str>,
    pub problem: Option<Summary>,
    pub room: Option<Room<'a>>,
    pub outlook: Option<Outlook<'a>>,
    pub warnings: &'a [Warning],
    pub version: u64,
    pub created_at: String,
    pub updated_at: String,
}

/// Whose calendar.
#[derive(Debug, Serialize)]
pub struct Organizer<'a> {
    pub user: &'a UserId,
    pub email: &'a Address,
}

/// The invited room.
#[derive(Debug, Serialize)]
pub struct Room<'a> {
    pub email: &'a Address,
    pub state: RoomState,
}

/// The event.
#[derive(Debug, Serialize)]
pub struct Outlook<'a> {
    pub event_id: &'a str,
    pub ical_uid: Option<&'a str>,
    pub web_link: Option<&'a str>,
    pub etag: Option<&'a str>,
    /// Start, end and title as Outlook last showed them; null in interviews of before they were kept.
    pub start: Option<String>,
    pub end: Option<String>,
    pub all_day: bool,
    pub title: Option<&'a str>,
    pub state: EventState,
    pub checked_at: String,
}

/// The problem of an interview that stands all the same.
fn problem_of(trouble: Trouble) -> Problem {
    match trouble {
        Trouble::TeamsNotAvailable => Code::TeamsNotAvailable.into(),
        Trouble::JoinUrlChanged => Code::JoinUrlChanged.into(),
        Trouble::RoomDeclined => Code::RoomDeclined.into(),
        Trouble::RoomChanged => Code::RoomChanged.into(),
        Trouble::Refused => Code::OutlookRefused.into(),
        Trouble::TimeDiffers => Code::TimeDiffers.into(),
        Trouble::ChangedInOutlook => Code::ChangedInOutlook.into(),
    }
}

/// What is wrong with it: first that it is not when or what it was meant to be, last that people were told of another
/// room than the one that has it now.
fn trouble_of(interview: &Interview, details: &Details) -> Option<Trouble> {
    let stands = matches!(interview.status, Status::Scheduled | Status::AwaitingRoom);
    let told_otherwise = stands && details.room().is_some() && details.is_told_otherwise();
    let difference = interview.difference.filter(|_| stands);
    difference.or(interview.trouble).or(told_otherwise.then_some(Trouble::RoomChanged))
}

/// The interview as clients see it.
pub fn view<'a>(interview: &'a Interview, details: &'a Details, public_url: &str) -> View<'a> {
    let zone = interview.when.time_zone();
    View {
        id: &interview.id,
        external_id: interview.options.external_id.as_deref(),
        title: &details.title,
        body_html: details.body_html.as_deref(),
        start: rfc3339(interview.when.start, &zone),
        end: rfc3339(interview.when.end, &zone),
        time_zone: &interview.when.zone,
        candidates: &details.candidates,
        interviewers: &details.interviewers,
        online_meeting: if interview.options.teams { "teams" } else { "none" },
        rooms: &details.rooms,
        hold_room: interview.options.hold_room,
        require_free: interview.options.require_free,
        hide_attendees: interview.options.hide_attendees,
        organize_as: interview.options.organize_as,
        status: interview.status,
        requested_by: &interview.requested_by,
        organizer: Organizer { user: &interview.organizer.user, email: &interview.organizer.email },
        join_url: details.join_url.as_deref(),
        problem: trouble_of(interview, details).map(|trouble| problem_of(trouble).summary(public_url)),
        room: details.room().zip(interview.room).map(|(email, state)| Room { email, state }),
        outlook: interview.outlook.as_ref().map(|outlook| Outlook {
            event_id: &outlook.event_id,
            ical_uid: outlook.ical_uid.as_deref(),
            web_link: outlook.web_link.as_deref(),
            etag: outlook.etag.as_deref(),
            start: outlook.start.map(|start| rfc3339(start, &zone)),
            end: outlook.end.map(|end| rfc3339(end, &zone)),
            all_day: outlook.all_day,
            title: details.seen_title.as_deref(),
            state: outlook.state,
            checked_at: seconds(outlook.checked_at),
        }),
        warnings: &details.warnings,
        version: interview.version,
        created_at: seconds(interview.created_at),
        updated_at: seconds(interview.updated_at),
    }
}

/// An instant in UTC, to the second.
pub fn seconds(instant: jiff::Timestamp) -> String {
    rfc3339(instant, &jiff::tz::TimeZone::UTC).replace("+00:00", "Z")
}

/// The `ETag` of an interview: its version.
pub fn etag(interview: &Interview) -> String {
    format!("\"{}\"", interview.version)
}

/// An interview as an answer to store.
pub fn answer(status: u16, interview: &Interview, details: &Details, public_url: &str) -> StoredAnswer {
    StoredAnswer {
        status,
        body: serde_json::to_string(&view(interview, details, public_url)).unwrap_or_default(),
        content_type: "application/json".to_owned(),
        etag: Some(etag(interview)),
    }
}
