//! Interviews that are only made, or moved, if everybody who is needed is free.

use serde_json::{Value, json};

use super::{busy, open_world, unreadable};
use crate::world::{interview, minutes};

fn checked(rooms: &[&str]) -> Value {
    let mut body = interview();
    body["rooms"] = json!(rooms);
    body["require_free"] = json!(true);
    body
}

/// The same day, so many hours later.
fn at(hour: u32) -> Value {
    json!({ "start": format!("2026-12-01T{hour}:00:00"), "end": format!("2026-12-01T{hour}:45:00"),
        "time_zone": "Europe/Paris", "require_free": true })
}

#[tokio::test]
async fn a_time_that_is_taken_is_refused_with_who_and_why() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "carl@contoso.com", "09:30", "10:30", "oof");
    busy(&world, "ana@contoso.com", "09:00", "09:15", "busy");
    let refused = ana.post_as("key-of-one-request", "/v1/interviews", &checked(&["room7@contoso.com"])).await;
    assert_eq!(refused.problem(), (409, "slot-taken"), "{}", refused.text);
    assert_eq!(
        refused.json["errors"],
        json!([{ "pointer": "/interviewers/0", "message": "carl@contoso.com is out of office" },
            { "pointer": "", "message": "ana@contoso.com is busy" }])
    );
    assert_eq!(world.meetings("ana@contoso.com").len(), 1, "her own appointment, and no interview");
    assert!(world.mails().is_empty());
    // Nothing was written: the key may be used again, without the check too.
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &interview()).await;
    assert_eq!((made.status, &made.json["require_free"]), (201, &json!(false)), "{}", made.text);
}

#[tokio::test]
async fn what_is_not_known_is_refused_unless_something_is_taken_anyhow() {
    let world = open_world().await;
    let ana = world.ana().await;
    unreadable(&world, "carl@contoso.com", "ErrorNoFreeBusyAccess", "");
    let refused = ana.post_as("key-of-one-request", "/v1/interviews", &checked(&[])).await;
    assert_eq!(refused.problem(), (409, "availability-unknown"), "{}", refused.text);
    let why = refused.str("/errors/0/message");
    assert!(why.starts_with("carl@contoso.com is not known to be free: the calendar is not shown"), "{why}");
    let mut optional = checked(&[]);
    optional["interviewers"][0]["optional"] = json!(true);
    let made = ana.post_as("key-of-another", "/v1/interviews", &optional).await;
    assert_eq!(made.status, 201, "whoever need not come need not be free: {}", made.text);
}

#[tokio::test]
async fn the_first_free_room_is_asked() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "room7@contoso.com", "09:00", "10:00", "busy");
    let body = checked(&["room7@contoso.com", "room8@contoso.com"]);
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!((made.status, made.str("/room/email")), (201, "room8@contoso.com"), "{}", made.text);
    assert_eq!(
        world.meeting("ana@contoso.com")["attendees"][2]["emailAddress"]["address"],
        "room8@contoso.com"
    );
}

#[tokio::test]
async fn of_two_recruiters_who_want_the_last_room_one_gets_it() {
    let world = open_world().await;
    let (ana, ben) = (world.ana().await, world.person("u-ben", "acme", "ben@contoso.com").await);
    assert_eq!(ben.connect().await, "connected");
    let mut bens = checked(&["room7@contoso.com"]);
    bens["interviewers"] = json!([{ "email": "dora@contoso.com" }]);
    let asked = checked(&["room7@contoso.com"]);
    // Both look before either has written: both may write, and the room decides.
    let (first, second) = tokio::join!(
        ana.post_as("key-of-ana-1", "/v1/interviews", &asked),
        ben.post_as("key-of-ben-1", "/v1/interviews", &bens),
    );
    let made: Vec<_> =
        [(&ana, &first), (&ben, &second)].into_iter().filter(|(_, a)| a.status == 201).collect();
    assert!(!made.is_empty(), "{} {}", first.text, second.text);
    world.advance(minutes(2)).await;
    let mut states = Vec::new();
    for (person, answer) in &made {
        let read = person.get(&format!("/v1/interviews/{}", answer.str("/id"))).await;
        states.push(read.str("/room/state").to_owned());
    }
    assert_eq!(states.iter().filter(|state| *state == "accepted").count(), 1, "{states:?}");
    // Whoever comes later sees it.
    let mut later = bens;
    later["interviewers"] = json!([]);
    let late = ben.post_as("key-of-ben-2", "/v1/interviews", &later).await;
    assert_eq!(late.problem(), (409, "slot-taken"), "{}", late.text);
}

#[tokio::test]
async fn a_move_is_checked_without_the_interview_itself() {
    let world = open_world().await;
    let ana = world.ana().await;
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &checked(&["room7@contoso.com"])).await;
    assert_eq!(made.status, 201, "{}", made.text);
    world.advance(minutes(2)).await;
    busy(&world, "carl@contoso.com", "13:00", "14:00", "busy");
    let path = format!("/v1/interviews/{}/reschedule", made.str("/id"));
    // Half an hour later it still overlaps with itself.
    let mut half = at(10);
    half["start"] = json!("2026-12-01T10:30:00");
    half["end"] = json!("2026-12-01T11:15:00");
    let moved = ana.post_as("key-of-first-move", &path, &half).await;
    assert_eq!((moved.status, moved.str("/join_url")), (200, made.str("/join_url")), "{}", moved.text);
    let refused = ana.post_as("key-of-second-move", &path, &at(14)).await;
    assert_eq!(refused.problem(), (409, "slot-taken"), "{}", refused.text);
    assert_eq!(refused.str("/errors/0/message"), "carl@contoso.com is busy");
    let read = ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await;
    assert_eq!(read.str("/start"), "2026-12-01T10:30:00+01:00", "it stands where it stood");
    let mut unchecked = at(14);
    unchecked["require_free"] = json!(false);
    assert_eq!(ana.post_as("key-of-third-move", &path, &unchecked).await.status, 200);
}

#[tokio::test]
async fn without_the_feature_the_check_is_refused_by_name() {
    let world = open_world().await;
    let ana = world.ana().await;
    assert_eq!(ana.patch("/v1/customer", json!({ "strict": true })).await.status, 200);
    let n = world.journal().last();
    let refused = ana.post_as("key-of-one-request", "/v1/interviews", &checked(&[])).await;
    assert_eq!(refused.problem(), (403, "feature-not-enabled"));
    assert_eq!(refused.str("/errors/0/pointer"), "/require_free");
    assert!(world.graph_since(n).is_empty());
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201);
}
