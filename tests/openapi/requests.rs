//! What is asked, as JSON Schema. Unknown fields are refused; a field that may be left out may also be null.

use serde_json::{Map, Value, json};

use super::answers::{allowed_account, calendar, features};
use super::kinds::{at_most, boolean, closed, email, nullable, one_of, reference, short, text, uuid};

/// Some members, and which of them must be there; the others may be null.
pub(super) fn asked(needed: &[&str], mut members: Value) -> Value {
    for (name, schema) in members.as_object_mut().expect("members") {
        if !needed.contains(&name.as_str()) {
            *schema = nullable(schema.take());
        }
    }
    let mut schema = closed(members);
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    schema
}

pub(super) fn schemas() -> Map<String, Value> {
    let mut all = Map::new();
    for (name, schema) in
        people().into_iter().chain(interviews()).chain(settings()).chain(super::availability::requests())
    {
        all.insert(name.to_owned(), schema);
    }
    all
}

fn people() -> Vec<(&'static str, Value)> {
    let name = short("Shown in the invitation.", 200);
    vec![
        ("CandidateInput", asked(&["email"], json!({ "email": email("Is invited."), "name": name.clone() }))),
        (
            "InterviewerInput",
            asked(
                &["email"],
                json!({ "email": email("Is invited."), "name": name, "optional": boolean("Need not come.") }),
            ),
        ),
    ]
}

fn interviews() -> Vec<(&'static str, Value)> {
    let time = |which: &str| {
        text(&format!(
            "{which}: RFC 3339 with offset, which must be that of time_zone if both are given, or a local time such as 2026-12-01T10:00:00 in time_zone. From 2000 to 2100, and not in the past without allow_past. Fractions of a second are cut."
        ))
    };
    let zone = text("IANA name, such as Europe/Paris; needed for local times.");
    let html = short(
        "p br div b strong i em u s ul ol li a[https, mailto] blockquote h1 h2 h3 h4 code pre. Anything else is left out and told in `warnings` of the answer.",
        32_000,
    );
    let past = || boolean("Takes a time that is over, for an interview that is entered late.");
    let comment = short("For the people who are invited.", 2000);
    let candidates = at_most(100, reference("CandidateInput"));
    let interviewers = at_most(100, reference("InterviewerInput"));
    let rooms = at_most(
        20,
        email("A room mailbox, in order of preference: the next one is asked when one declines."),
    );
    let free = || {
        boolean(
            "Reads the calendars first: 409 `slot-taken` or `availability-unknown` unless all who are needed are free.",
        )
    };
    let new = asked(
        &["title", "start", "end"],
        json!({
            "external_id": short("The ATS's own reference.", 255), "title": short("One line.", 255),
            "body_html": html.clone(), "start": time("Begin"), "end": time("End, within 24 hours"),
            "time_zone": zone.clone(), "candidates": candidates.clone(), "interviewers": interviewers.clone(),
            "online_meeting": one_of(&["teams", "none"]), "rooms": rooms.clone(),
            "hold_room": boolean("Invite nobody before a room has accepted: 202, then read. Not with the scheduler calendar."),
            "require_free": free(), "allow_past": past(),
            "hide_attendees": boolean("Each person sees only himself."),
            "organize_as": one_of(&["me", "scheduling_user"]),
        }),
    );
    let patch = asked(
        &[],
        json!({
            "title": short("One line.", 255), "body_html": html, "candidates": candidates,
            "interviewers": interviewers, "rooms": rooms,
        }),
    );
    let time = asked(
        &["start", "end"],
        json!({
            "start": time("Begin"), "end": time("End, within 24 hours"), "time_zone": zone,
            "comment": short("For the people who are invited: becomes the first paragraph of the event's text.", 2000),
            "require_free": free(), "allow_past": past(),
        }),
    );
    vec![
        ("NewInterview", new),
        ("InterviewPatch", patch),
        ("NewTime", time),
        ("Cancellation", asked(&[], json!({ "comment": comment }))),
    ]
}

fn settings() -> Vec<(&'static str, Value)> {
    let room = asked(
        &["email"],
        json!({
            "email": email("The room mailbox."), "name": short("Shown to people.", 200),
            "capacity": { "type": "integer", "minimum": 1, "maximum": 10_000 },
            "building": short("Building.", 200),
        }),
    );
    let user =
        || json!({ "type": "string", "minLength": 1, "maxLength": 128, "description": "A user of the ATS." });
    let scheduling_user = asked(&["user"], json!({ "user": user(), "allowed_users": at_most(500, user()) }));
    let patch = asked(
        &[],
        json!({
            "name": short("Shown to people.", 200), "enabled": boolean("The switch."), "features": features(),
            "strict": boolean("Ask Microsoft for nothing but what an interview needs."),
            "tenant_id": uuid("Pins the Microsoft Entra tenant."), "allowed_account": allowed_account(),
            "calendar": calendar(), "scheduling_user": reference("SchedulingUserInput"),
            "rooms": at_most(500, reference("CustomerRoomInput")),
        }),
    );
    let session = asked(
        &["return_url"],
        json!({
            "return_url": { "type": "string", "format": "uri", "maxLength": 2000,
                "description": "Its origin is one of the deployment's RETURN_ORIGINS." },
            "features": features(), "time_zone": text("IANA name."), "locale": short("BCP 47.", 35),
        }),
    );
    vec![
        ("CustomerRoomInput", room),
        ("SchedulingUserInput", scheduling_user),
        ("CustomerPatch", patch),
        ("ConnectSessionRequest", session),
        (
            "ApprovalRequest",
            asked(
                &[],
                json!({
                    "justification": short("Why, in the requester's words.", 500),
                    "organization": short("Shown to the administrator; else the customer's name.", 200),
                    "features": features(),
                    "expires_in_days": { "type": "integer", "minimum": 1, "maximum": 90, "default": 30 },
                }),
            ),
        ),
        (
            "DiagnosisRequest",
            asked(
                &[],
                json!({
                    "text": short("Whatever was shown or logged; this or `connection_id`.", 60_000),
                    "connection_id": text("The caller's own, or any of the customer for administrators."),
                }),
            ),
        ),
    ]
}
