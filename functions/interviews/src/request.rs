//! Bodies of requests, parsed; every fault is told at once.

use shared::domain::address::Address;
use shared::domain::claim::{Command, Patch};
use shared::domain::html;
use shared::domain::interview::{Candidate, Details, Interviewer, Options, OrganizeAs};
use shared::domain::time::When;
use shared::input::{Faults, Object};
use shared::problem::{Code, Fault, Problem};

/// A mailbox's events take 500 attendees; we take fewer.
const MOST_PEOPLE: usize = 100;
const MOST_ROOMS: usize = 20;
const LONGEST_TITLE: usize = 255;
const LONGEST_TEXT: usize = 32_000;
const LONGEST_COMMENT: usize = 2_000;
const ORGANIZERS: [(&str, OrganizeAs); 2] =
    [("me", OrganizeAs::Me), ("scheduling_user", OrganizeAs::SchedulingUser)];

/// The body of `POST /v1/interviews`.
pub fn new_interview(body: &[u8]) -> Result<(Details, When, Options), Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let title = input.line("title", LONGEST_TITLE);
    let title = input.need("title", title);
    let when = input.when();
    let options = options(&input);
    let rooms = input.addresses("rooms", MOST_ROOMS).unwrap_or_default();
    if options.hold_room && rooms.is_empty() {
        input.fault("hold_room", "needs a room in rooms");
    }
    let details = Details {
        title: title.unwrap_or_default(),
        body_html: body_html(&input),
        candidates: candidates(&input).unwrap_or_default(),
        interviewers: interviewers(&input).unwrap_or_default(),
        rooms,
        ..Details::default()
    };
    // Where a list was given, its own faults say why nobody is in it.
    let nobody = |name| input.value(name).is_none_or(|list| list.as_array().is_some_and(Vec::is_empty));
    if nobody("candidates") && nobody("interviewers") {
        input.fault("candidates", "must name somebody, or interviewers must");
    }
    input.finish();
    faults.into_result()?;
    // Without faults there is a time.
    when.map(|when| (details, when, options)).ok_or_else(|| Code::InvalidRequest.into())
}

fn options(input: &Object<'_>) -> Options {
    let teams = input.word("online_meeting", &[("teams", true), ("none", false)]);
    Options {
        external_id: input.line("external_id", 255),
        teams: teams.unwrap_or(false),
        hide_attendees: input.flag("hide_attendees", false),
        hold_room: input.flag("hold_room", false),
        require_free: input.flag("require_free", false),
        organize_as: input.word("organize_as", &ORGANIZERS).unwrap_or_default(),
    }
}

/// The body of a reschedule.
pub fn new_time(body: &[u8]) -> Result<Command, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let when = input.when();
    let comment = input.text("comment", LONGEST_COMMENT);
    let require_free = input.flag("require_free", false);
    input.finish();
    faults.into_result()?;
    let when = when.ok_or(Code::InvalidRequest)?;
    Ok(Command::Reschedule { when, comment, require_free })
}

/// The body of a cancellation: a comment.
pub fn comment(body: &[u8]) -> Result<Option<String>, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let comment = input.text("comment", LONGEST_COMMENT);
    input.finish();
    faults.into_result()?;
    Ok(comment)
}

/// The body of a PATCH.
pub fn patch(body: &[u8]) -> Result<Patch, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let patch = Patch {
        title: input.line("title", LONGEST_TITLE),
        body_html: body_html(&input),
        candidates: candidates(&input),
        interviewers: interviewers(&input),
        rooms: input.addresses("rooms", MOST_ROOMS),
    };
    for time in ["start", "end", "time_zone"] {
        if input.has(time) {
            input.fault(time, "is changed by reschedule");
        }
    }
    input.finish();
    faults.into_result()?;
    if patch == Patch::default() {
        let fault =
            Fault::at("", "must name at least one of title, body_html, candidates, interviewers, rooms");
        return Err(Problem::invalid(Code::InvalidRequest, vec![fault]));
    }
    Ok(patch)
}

fn body_html(input: &Object<'_>) -> Option<String> {
    let text = input.text("body_html", LONGEST_TEXT)?;
    match html::check(&text) {
        Ok(clean) => Some(clean),
        Err(found) => {
            for fault in found {
                input.fault("body_html", format!("at character {}: {}", fault.at, fault.what));
            }
            None
        }
    }
}

fn candidates(input: &Object<'_>) -> Option<Vec<Candidate>> {
    input.objects("candidates", MOST_PEOPLE, |person| {
        let (email, name) = person_of(person);
        Some(Candidate { email: email?, name })
    })
}

fn interviewers(input: &Object<'_>) -> Option<Vec<Interviewer>> {
    input.objects("interviewers", MOST_PEOPLE, |person| {
        let (email, name) = person_of(person);
        let optional = person.flag("optional", false);
        Some(Interviewer { email: email?, name, optional })
    })
}

fn person_of(person: &Object<'_>) -> (Option<Address>, Option<String>) {
    let email = person.address("email");
    (person.need("email", email), person.line("name", 200))
}
