//! Bodies of requests, parsed; every fault is told at once.

use shared::domain::address::Address;
use shared::domain::claim::Patch;
use shared::domain::html;
use shared::domain::interview::{Candidate, Details, Interviewer, Options};
use shared::domain::time::When;
use shared::input::{Faults, Object};
use shared::problem::{Code, Fault, Problem};

/// A mailbox's events take 500 attendees; we take fewer.
const MOST_PEOPLE: usize = 100;
const MOST_ROOMS: usize = 20;
const LONGEST_TITLE: usize = 255;
const LONGEST_TEXT: usize = 32_000;
const LONGEST_COMMENT: usize = 2_000;

/// The body of `POST /v1/interviews`.
pub(crate) fn new_interview(body: &[u8]) -> Result<(Details, When, Options), Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let title = input.line("title", LONGEST_TITLE);
    let title = input.need("title", title);
    let when = input.when();
    let options = options(&input);
    let details = Details {
        title: title.unwrap_or_default(),
        body_html: body_html(&input),
        candidates: candidates(&input).unwrap_or_default(),
        interviewers: interviewers(&input).unwrap_or_default(),
        rooms: input.addresses("rooms", MOST_ROOMS).unwrap_or_default(),
        join_url: None,
    };
    // Where a list was given, its own faults say why nobody is in it.
    let nobody = |name| input.value(name).is_none_or(|list| list.as_array().is_some_and(Vec::is_empty));
    if nobody("candidates") && nobody("interviewers") {
        input.fault("candidates", "must name somebody, or interviewers must");
    }
    later_features(&input, &faults);
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
    }
}

/// What this version does not do yet is refused by name, not ignored.
fn later_features(input: &Object<'_>, faults: &Faults) {
    let refuse = |name: &str| {
        faults.add(Code::FeatureNotEnabled, Fault::at(format!("/{name}"), "is not switched on here"));
    };
    if input.flag("hold_room", false) {
        refuse("hold_room");
    }
    if input.flag("require_free", false) {
        refuse("require_free");
    }
    if input.word("organize_as", &[("me", false), ("scheduling_user", true)]) == Some(true) {
        refuse("organize_as");
    }
}

/// The body of a reschedule: a time and a comment.
pub(crate) fn new_time(body: &[u8]) -> Result<(When, Option<String>), Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let when = input.when();
    let comment = input.text("comment", LONGEST_COMMENT);
    if input.flag("require_free", false) {
        faults.add(Code::FeatureNotEnabled, Fault::at("/require_free", "is not switched on here"));
    }
    input.finish();
    faults.into_result()?;
    when.map(|when| (when, comment)).ok_or_else(|| Code::InvalidRequest.into())
}

/// The body of a cancellation: a comment.
pub(crate) fn comment(body: &[u8]) -> Result<Option<String>, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let comment = input.text("comment", LONGEST_COMMENT);
    input.finish();
    faults.into_result()?;
    Ok(comment)
}

/// The body of a PATCH.
pub(crate) fn patch(body: &[u8]) -> Result<Patch, Problem> {
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
