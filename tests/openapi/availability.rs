//! Free and busy times: what is asked, what is answered, and a story that shows every member.

use serde_json::{Value, json};
use shared::domain::availability::{Admit, Counts, Kind, Reason, Status};
use shared::domain::features::Feature;
use shared::problem::Owner;

use super::answers::{page_of, whole, words};
use super::kinds::{
    at_most, boolean, date_time, email, integer, list, nullable, one_of, prefixed, reference, text,
};
use super::live::Live;
use super::requests::asked;
use super::stories::Told;
use crate::world::World;

fn number(meaning: &str, least: u64, most: u64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most, "description": meaning })
}

pub(super) fn requests() -> Vec<(&'static str, Value)> {
    let time = |which: &str| text(&format!("{which}: RFC 3339 with offset, or a local time in time_zone."));
    let counts = || words(json!([Counts::Busy, Counts::Free]));
    let admit = || words(json!([Admit::Exclude, Admit::Include]));
    let request = asked(
        &["duration_minutes", "windows"],
        json!({
            "people": at_most(100, email("Whose calendar is looked at, in order of preference.")),
            "rooms": at_most(100, email("A room mailbox, in order of preference.")),
            "duration_minutes": number("Length of a slot.", 5, 1440),
            "step_minutes": number("From one start to the next; 15 where it is left out.", 5, 1440),
            "windows": at_most(50, reference("Window")),
            "time_zone": text("IANA name: of local times, and of times in the answer; UTC where it is left out."),
            "need": reference("Need"), "buffers": reference("Buffers"),
            "rescheduling": prefixed("int_"), "policy": reference("PolicyInput"),
        }),
    );
    let need = asked(
        &[],
        json!({
            "people": number("So many of people; all where it is left out.", 0, 100),
            "rooms": number("1 where a room is named, unless it is left out.", 0, 1),
        }),
    );
    let buffers = asked(
        &[],
        json!({
            "before_minutes": number("Kept free before a slot, by everybody in it.", 0, 240),
            "after_minutes": number("Kept free behind it.", 0, 240),
        }),
    );
    let policy = asked(
        &[],
        json!({ "tentative": counts(), "working_elsewhere": counts(), "outside_working_hours": admit(),
            "unknown": admit() }),
    );
    vec![
        ("AvailabilityRequest", request),
        ("Window", asked(&["start", "end"], json!({ "start": time("Begin"), "end": time("End") }))),
        ("Need", need),
        ("Buffers", buffers),
        ("PolicyInput", policy),
    ]
}

pub(super) fn answers() -> Vec<(&'static str, Value)> {
    let statuses =
        [Status::Tentative, Status::Busy, Status::OutOfOffice, Status::WorkingElsewhere, Status::Unknown];
    let policy = whole(json!({
        "tentative": words(json!([Counts::Busy, Counts::Free])),
        "working_elsewhere": words(json!([Counts::Busy, Counts::Free])),
        "outside_working_hours": words(json!([Admit::Exclude, Admit::Include])),
        "unknown": words(json!([Admit::Exclude, Admit::Include])),
    }));
    let slot = whole(json!({
        "start": date_time("Begin."), "end": date_time("End."), "people": list(email("Takes part.")),
        "room": nullable(email("The room.")),
        "confidence": integer("0 to 100, the mean of all who take part: 100 free, 75 tentatively booked or outside of \
            working hours, 50 not known."),
    }));
    let schedule = whole(json!({
        "email": email("Whose."), "kind": words(json!([Kind::Person, Kind::Room])),
        "state": one_of(&["ok", "unknown"]), "reason": nullable(words(json!(Reason::ALL))),
        "detail": nullable(text("The reason in words.")), "fix": nullable(reference("ScheduleFix")),
        "busy": list(reference("BusyTime")),
        "busy_truncated_at": nullable(date_time("From here on busy times are not listed; slots take them into account. \
            Null where all are listed: an answer lists at most 20,000.")),
        "working_hours": nullable(reference("WorkingHours")),
    }));
    let owners = [
        Owner::Ats,
        Owner::Recruiter,
        Owner::CustomerAdmin,
        Owner::ItAdmin,
        Owner::Vendor,
        Owner::MicrosoftOrWait,
        Owner::Unknown,
    ];
    let fix = whole(json!({
        "owner": words(json!(owners)), "steps": list(text("What to do.")),
    }));
    let rescheduling = whole(json!({
        "state": one_of(&["present", "absent", "unknown"]),
        "start": nullable(date_time("Begin, as Outlook shows it now.")), "end": nullable(date_time("End.")),
    }));
    let missing = [
        "calendar_unknown",
        "working_hours_unknown",
        "rescheduling_unknown",
        "slots_truncated",
        "busy_truncated",
    ];
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours = whole(json!({
        "state": one_of(&["known", "unknown"]), "days": list(one_of(&days)),
        "start": nullable(text("`08:30`; null where it cannot be read.")),
        "end": nullable(text("`17:00`; not after start: on the next day.")),
        "time_zone": nullable(text("IANA name; null where Outlook keeps rules without a name, or in state `unknown`.")),
    }));
    let answer = whole(json!({
        "slots": list(reference("FreeSlot")), "schedules": list(reference("Schedule")),
        "complete": boolean("Every calendar was read, and everything is listed (at most 1,000 slots are)."),
        "incomplete": list(one_of(&missing)),
        "rescheduling": nullable(reference("RescheduledFrom")),
        "as_of": date_time("When the calendars were read."), "policy": reference("Policy"),
    }));
    let sources = [Feature::Rooms, Feature::RoomsDirectory, Feature::RoomsBasic];
    let room = whole(json!({
        "email": email("The room mailbox."), "name": text("Shown to people."),
        "capacity": nullable(integer("Seats, where somebody wrote them down.")),
        "building": nullable(text("Building, where somebody wrote it down.")), "source": words(json!(sources)),
    }));
    vec![
        ("Availability", answer),
        ("FreeSlot", slot),
        ("Schedule", schedule),
        ("ScheduleFix", fix),
        ("RescheduledFrom", rescheduling),
        (
            "BusyTime",
            whole(
                json!({ "start": date_time("Begin."), "end": date_time("End."), "status": words(json!(statuses)) }),
            ),
        ),
        ("WorkingHours", hours),
        ("Policy", policy),
        ("BookableRoom", room),
        ("RoomList", page_of("BookableRoom")),
    ]
}

/// Every member of a request.
pub(super) fn body() -> Value {
    json!({
        "people": ["carl@contoso.com", "stranger@fabrikam.com"], "rooms": ["room7@contoso.com"],
        "duration_minutes": 45, "step_minutes": 15,
        "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T18:00:00" }], "time_zone": "Europe/Paris",
        "need": { "people": 1, "rooms": 1 }, "buffers": { "before_minutes": 10, "after_minutes": 10 },
        "rescheduling": "int_01KCX0000000000000000000AA",
        "policy": { "tentative": "busy", "working_elsewhere": "free", "outside_working_hours": "exclude",
            "unknown": "exclude" },
    })
}

pub(super) async fn story(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    let ask = async |body: &Value| told.ask("POST /v1/availability", "", Some(body), &[]).await;
    let mut body = body();
    assert_eq!(ask(&body).await.problem(), (403, "feature-not-enabled"));
    let rooms = json!([{ "email": "room7@contoso.com", "name": "Room 7", "capacity": 8, "building": "Main" },
        { "email": "room8@contoso.com" }]);
    let patch = json!({ "features": ["availability", "rooms"], "strict": false, "rooms": rooms });
    assert_eq!(told.ask("PATCH /v1/customer", "", Some(&patch), &[]).await.status, 200);
    assert_eq!(ask(&body).await.problem(), (404, "not-found"));
    body["rescheduling"] = Value::Null;
    world.switch(
        "busy",
        json!({ "user": "carl@contoso.com", "start": "2026-12-01T10:00:00Z", "end": "2026-12-01T11:00:00Z" }),
    );
    let found = ask(&body).await;
    assert_eq!((found.status, &found.json["complete"]), (200, &json!(false)), "{}", found.text);
    let made = told.person.schedule("key-of-the-one-that-moves").await;
    assert_eq!(made.status, 201, "{}", made.text);
    body["rescheduling"] = json!(made.str("/id"));
    assert_eq!(ask(&body).await.str("/rescheduling/state"), "present");
    // More busy times than an answer lists.
    world.microsoft().options(|options| options.crowded_calendars = Some(16));
    let year = json!({
        "people": ["ana@contoso.com", "ben@contoso.com", "carl@contoso.com", "dora@contoso.com"],
        "duration_minutes": 60, "step_minutes": 1440,
        "windows": [{ "start": "2026-12-01T00:00:00Z", "end": "2027-11-30T00:00:00Z" }],
    });
    assert!(ask(&year).await.json["schedules"][0]["busy_truncated_at"].is_string());
    world.microsoft().options(|options| options.crowded_calendars = None);
    let page = told.ask("GET /v1/rooms", "?limit=1", None, &[]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    told.ask("GET /v1/rooms", &format!("?cursor={}", page.str("/next_cursor")), None, &[]).await;
    assert_eq!(told.ask("GET /v1/rooms", "?min_capacity=many", None, &[]).await.problem().0, 422);
}
