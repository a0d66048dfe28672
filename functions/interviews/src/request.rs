//! Bodies of requests, parsed; every fault is told at once.

use shared::domain::address::Address;
use shared::domain::claim::{Command, Patch};
use shared::domain::html;
use shared::domain::interview::{Candidate, Details, Interviewer, Options, OrganizeAs, Warning};
use shared::domain::time::{Instant, When};
use shared::input::{Faults, Object};
use shared::problem::{Code, Fault, Problem};

/// A mailbox's events take 500 attendees; we take fewer.
const MOST_PEOPLE: usize = 100;
const MOST_ROOMS: usize = 20;
const LONGEST_TITLE: usize = 255;
const LONGEST_TEXT: usize = 32_000;
/// An interview and its answer stay well below the 400 KiB of a stored item.
const LONGEST_CLEAN: usize = 100_000;
const LONGEST_COMMENT: usize = 2_000;
const ORGANIZERS: [(&str, OrganizeAs); 2] =
    [("me", OrganizeAs::Me), ("scheduling_user", OrganizeAs::SchedulingUser)];

/// The body of `POST /v1/interviews`.
pub struct New {
    pub details: Details,
    pub when: When,
    pub options: Options,
    /// Why it is too late, if nothing else is wrong.
    pub past: Option<Problem>,
}

pub fn new_interview(body: &[u8], now: Instant) -> Result<New, Problem> {
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
    let (body_html, warnings) = body_html(&input).unzip();
    let details = Details {
        title: title.unwrap_or_default(),
        body_html,
        warnings: warnings.unwrap_or_default(),
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
    let past = past(&input, when.as_ref(), now);
    input.finish();
    beside(&past, faults)?;
    // Without faults there is a time.
    let when = when.ok_or(Code::InvalidRequest)?;
    Ok(New { details, when, options, past: too_late(past) })
}

/// What is over: an interview that has ended, or began before the minute that is running. `allow_past` takes it for an
/// interview that was held, or that is entered late.
fn past(input: &Object<'_>, when: Option<&When>, now: Instant) -> Vec<Fault> {
    let allowed = input.flag("allow_past", false);
    let Some(when) = when.filter(|_| !allowed) else { return Vec::new() };
    let minute = now.as_second() - now.as_second().rem_euclid(60);
    let over = [("start", when.start.as_second() < minute), ("end", when.end <= now)];
    over.into_iter()
        .filter(|(_, over)| *over)
        .map(|(name, _)| {
            Fault::at(input.at(name), "lies in the past: send allow_past: true if that is meant")
        })
        .collect()
}

/// All faults at once; the past alone waits until it is known whether this is a repeat.
fn beside(past: &[Fault], faults: Faults) -> Result<(), Problem> {
    if !faults.is_empty() {
        for fault in past {
            faults.add(Code::InvalidRequest, fault.clone());
        }
    }
    faults.into_result()
}

fn too_late(past: Vec<Fault>) -> Option<Problem> {
    (!past.is_empty()).then(|| Problem::invalid(Code::InvalidRequest, past))
}

fn options(input: &Object<'_>) -> Options {
    let teams = input.word("online_meeting", &[("teams", true), ("none", false)]);
    Options {
        external_id: input.exact_line("external_id", 255),
        teams: teams.unwrap_or(false),
        hide_attendees: input.flag("hide_attendees", false),
        hold_room: input.flag("hold_room", false),
        require_free: input.flag("require_free", false),
        organize_as: input.word("organize_as", &ORGANIZERS).unwrap_or_default(),
    }
}

/// The body of a reschedule.
pub fn new_time(body: &[u8], now: Instant) -> Result<(Command, Option<Problem>), Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let when = input.when();
    let comment = input.paragraph("comment", LONGEST_COMMENT);
    let require_free = input.flag("require_free", false);
    let past = past(&input, when.as_ref(), now);
    input.finish();
    beside(&past, faults)?;
    let when = when.ok_or(Code::InvalidRequest)?;
    Ok((Command::Reschedule { when, comment, require_free }, too_late(past)))
}

/// The body of a cancellation: a comment.
pub fn comment(body: &[u8]) -> Result<Option<String>, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let comment = input.paragraph("comment", LONGEST_COMMENT);
    input.finish();
    faults.into_result()?;
    Ok(comment)
}

/// The body of a PATCH.
pub fn patch(body: &[u8]) -> Result<Patch, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let (body_html, warnings) = body_html(&input).unzip();
    let patch = Patch {
        title: input.line("title", LONGEST_TITLE),
        body_html,
        warnings: warnings.unwrap_or_default(),
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

/// The text, cleaned, and what was left out of it.
fn body_html(input: &Object<'_>) -> Option<(String, Vec<Warning>)> {
    let text = input.text("body_html", LONGEST_TEXT)?;
    let clean = html::clean(&text);
    if clean.html.len() > LONGEST_CLEAN {
        input.fault(
            "body_html",
            format!("may have {LONGEST_CLEAN} bytes once its special characters are escaped"),
        );
        return None;
    }
    let pointer = input.at("body_html");
    let warnings = clean.dropped.into_iter().map(|message| Warning { pointer: pointer.clone(), message });
    Some((clean.html, warnings.collect()))
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
