//! Rooms that say no, rooms that are held, the scheduler calendar, and the scheduling user.

mod crashes;
mod faults;
mod hold;
mod next;
mod organizer;
mod race;
mod scheduler;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sim::MailKind;

use crate::world::{Answer, Person, World, interview};

const ANA: &str = "ana@contoso.com";
const ROOM7: &str = "room7@contoso.com";
const ROOM8: &str = "room8@contoso.com";

/// The usual interview with these rooms, and whatever else is asked for.
#[expect(clippy::needless_pass_by_value, reason = "callers write the value where they hand it over")]
fn with_rooms(rooms: &[&str], more: Value) -> Value {
    let mut body = interview();
    body["rooms"] = json!(rooms);
    let all = body.as_object_mut().expect("an object");
    all.extend(more.as_object().expect("an object").clone());
    body
}

async fn create(person: &Person<'_>, key: &str, body: &Value) -> Answer {
    person.post_as(key, "/v1/interviews", body).await
}

fn path_of(answer: &Answer) -> String {
    let id = answer.str("/id");
    assert!(id.starts_with("int_"), "{answer:?}");
    format!("/v1/interviews/{id}")
}

/// A room answers so from now on.
fn answers(world: &World, room: &str, answer: &str) {
    world.switch("room-answer", json!({ "room": room, "answer": answer }));
}

/// What an interview shows: status, room, its state, and the code of a problem.
fn shows(answer: &Answer) -> (&str, &str, &str, &str) {
    (answer.str("/status"), answer.str("/room/email"), answer.str("/room/state"), answer.str("/problem/code"))
}

/// How often each kind of mail went to whom.
fn post(world: &World) -> BTreeMap<String, usize> {
    let mut post = BTreeMap::new();
    for (kind, to) in world.mails() {
        *post.entry(format!("{} {}", word(kind), to.split('@').next().unwrap_or_default())).or_insert(0) += 1;
    }
    post
}

fn word(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Invitation => "invites",
        MailKind::Update => "updates",
        MailKind::Cancellation => "cancels",
    }
}

/// Exactly these mails, each once.
fn once(mails: &[&str]) -> BTreeMap<String, usize> {
    mails.iter().map(|mail| ((*mail).to_owned(), 1)).collect()
}

fn attendees(event: &Value) -> Vec<&str> {
    let all = event["attendees"].as_array().expect("attendees").iter();
    all.map(|a| a["emailAddress"]["address"].as_str().expect("an address")).collect()
}
