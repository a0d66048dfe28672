//! The permission proof log: what was asked of Microsoft is there to be read, call by call. That nothing is missing in
//! it and nothing stands there twice is checked at the end of every story, in `world/proof.rs`.

mod gaps;

use serde_json::{Value, json};
use shared::domain::time::seconds;

use crate::world::{Answer, Person, Rows, World, minutes};

const LOG: &str = "/v1/graph-calls";

/// Every page, of this size.
async fn pages(person: &Person<'_>, limit: usize) -> Vec<Vec<Value>> {
    let (mut pages, mut path) = (Vec::new(), format!("{LOG}?limit={limit}"));
    loop {
        let page = person.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        pages.push(page.json["data"].as_array().expect("a list").clone());
        let Some(next) = page.json["next_cursor"].as_str() else { return pages };
        assert!(next.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_~".contains(&b)), "{next}");
        path = format!("{LOG}?limit={limit}&cursor={next}");
    }
}

async fn log(person: &Person<'_>) -> Vec<Value> {
    pages(person, 200).await.concat()
}

/// Method, path and status of each.
fn told(calls: &[Value]) -> Vec<String> {
    let line = |call: &Value| {
        format!(
            "{} {} {}",
            call["method"].as_str().unwrap_or_default(),
            call["path"].as_str().unwrap_or_default(),
            call["status"]
        )
    };
    calls.iter().map(line).collect()
}

/// An interview that is made, moved, renamed and called off.
async fn whole_life(ana: &Person<'_>) -> Answer {
    let made = ana.schedule("key-of-creation").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/v1/interviews/{}", made.str("/id"));
    // The order of operations is that of their times.
    let later = || ana.world.pass_time(seconds(1));
    later();
    let when = json!({ "start": "2026-12-02T10:00:00+01:00", "end": "2026-12-02T11:00:00+01:00" });
    let moved = ana.post_as("key-of-the-move", &format!("{path}/reschedule"), &when).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    later();
    assert_eq!(ana.patch(&path, json!({ "title": "Another" })).await.status, 200);
    later();
    assert_eq!(ana.post_as("key-of-the-end", &format!("{path}/cancel"), &json!({})).await.status, 200);
    made
}

#[tokio::test]
async fn every_call_is_told_with_whose_it_was_and_what_for_the_newest_operation_first() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = whole_life(&ana).await;
    let calls = log(&ana).await;
    assert_eq!(
        told(&calls),
        [
            "POST /v1.0/me/events/{id}/cancel 202",
            "PATCH /v1.0/me/events/{id} 200",
            "GET /v1.0/me/events/{id} 200",
            "PATCH /v1.0/me/events/{id} 200",
            "POST /v1.0/me/events 201",
            "POST /v1.0/me/calendar/getSchedule 200",
            "GET /v1.0/me/calendar 200",
        ]
    );
    for (n, call) in calls.iter().enumerate() {
        assert_eq!((&call["user"], &call["feature"]), (&json!("u-ana"), &json!("calendar")));
        let interview = if n < 5 { json!(made.str("/id")) } else { Value::Null };
        assert_eq!(call["interview"], interview, "{call}");
        assert!(call["microsoft_request_id"].is_string(), "{call}");
        assert!(call["at"].as_str().is_some_and(|at| at.starts_with("2026-11-24T08:0")), "{call}");
        let members = call.as_object().expect("an object").keys().len();
        assert_eq!(members, 9, "no content: {call}");
    }
    // Nothing in it but templates and ids: whom an interview is with, or when, is not in the log.
    let text = json!(calls).to_string();
    for content in ["contoso", "dana", "Backend", "Another", "2026-12"] {
        assert!(!text.contains(content), "{content}");
    }
}

#[tokio::test]
async fn a_page_may_end_within_an_operation_and_each_call_is_told_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    whole_life(&ana).await;
    let all = log(&ana).await;
    for limit in 1..=all.len() {
        let pages = pages(&ana, limit).await;
        assert!(pages.iter().all(|page| page.len() <= limit), "{limit}");
        assert_eq!(pages.concat(), all, "{limit} at a time");
    }
    // What comes in between moves nothing of the pages behind it.
    let first = ana.get(&format!("{LOG}?limit=2")).await;
    world.pass_time(seconds(1));
    assert_eq!(ana.schedule("key-in-between").await.status, 201);
    let second = ana.get(&format!("{LOG}?limit=200&cursor={}", first.str("/next_cursor"))).await;
    assert_eq!(second.json["data"], json!(all[2..]));
}

/// Threat 7, N7.
#[tokio::test]
async fn the_log_is_for_administrators_of_its_own_customer() {
    let world = World::start().await;
    let ana = world.ana().await;
    let fay = world.person("u-ana", "other", "fay@fabrikam.com").await;
    assert_eq!(
        (fay.get(LOG).await.json, fay.get(LOG).await.status),
        (json!({ "data": [], "next_cursor": null }), 200)
    );
    assert_eq!(fay.connect().await, "connected");
    let (own, others) = (log(&ana).await, log(&fay).await);
    assert_eq!((own.len(), others.len()), (2, 1));
    assert!(!own.contains(&others[0]));
    // A cursor of another customer's list is none of one's own.
    let cursor = ana.get(&format!("{LOG}?limit=1")).await.str("/next_cursor").to_owned();
    for cursor in [cursor.as_str(), "CUSTOMER", "~", "~9", "20261124_x~x", "%23", "..%2f", "zzz~0"] {
        let page = fay.get(&format!("{LOG}?cursor={cursor}")).await;
        assert_eq!(page.problem(), (422, "invalid-request"), "{cursor}: {}", page.text);
    }
    let weak =
        json!({ "sub": "u-ana", "customer_id": "acme", "scope": "connections interviews availability" });
    let refused = world.person_with(weak).await.get(LOG).await;
    assert_eq!((refused.status, refused.str("/message")), (403, "Forbidden"));
}

#[tokio::test]
async fn who_organises_for_another_is_named_for_it_was_his_token() {
    let world = World::start().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let ana = world.ana().await;
    let setting = json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-ana"] } });
    assert_eq!(ana.patch("/v1/customer", setting).await.status, 200);
    let mut body = crate::world::interview();
    body["organize_as"] = json!("scheduling_user");
    world.pass_time(seconds(1));
    assert_eq!(ana.post_as("key-through-ben", "/v1/interviews", &body).await.status, 201);
    let newest = &log(&ana).await[0];
    assert_eq!((&newest["path"], &newest["user"]), (&json!("/v1.0/me/events"), &json!("u-ben")));
}

#[tokio::test]
async fn searches_and_lists_of_rooms_stand_there_and_so_does_what_a_refusal_rests_on() {
    let world = World::with_setting("FEATURES", "calendar,availability,rooms_basic").await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let wanted = json!({ "features": ["availability", "rooms_basic"] });
    assert_eq!(ana.patch("/v1/customer", wanted).await.status, 200);
    let scopes = "openid profile email offline_access User.Read Calendars.ReadWrite User.ReadBasic.All";
    world.switch("grant-admin-consent", json!({ "tenant": "contoso.com", "scopes": scopes }));
    assert_eq!(ana.connect().await, "connected");
    world.pass_time(seconds(1));
    let search = json!({
        "people": ["carl@contoso.com"], "duration_minutes": 45, "step_minutes": 15, "time_zone": "Europe/Paris",
        "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T18:00:00" }],
    });
    assert_eq!(ana.post("/v1/availability", search).await.status, 200);
    world.pass_time(seconds(1));
    assert_eq!(ana.get("/v1/rooms").await.status, 200);
    world.pass_time(seconds(1));
    let busy =
        json!({ "user": "carl@contoso.com", "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z" });
    world.switch("busy", busy);
    let mut body = crate::world::interview();
    body["require_free"] = json!(true);
    let taken = ana.post_as("key-of-a-taken-slot", "/v1/interviews", &body).await;
    assert_eq!(taken.problem(), (409, "slot-taken"), "{}", taken.text);
    let calls = log(&ana).await;
    assert_eq!(
        told(&calls)[..3],
        [
            "POST /v1.0/me/calendar/getSchedule 200",
            "GET /beta/me/findRooms 200",
            "POST /v1.0/me/calendar/getSchedule 200",
        ]
    );
    let features: Vec<&Value> = calls[..3].iter().map(|call| &call["feature"]).collect();
    assert_eq!(features, ["availability", "rooms_basic", "availability"]);
    assert!(calls[0]["interview"].is_null(), "an interview that was refused is none");
}

#[tokio::test]
async fn a_call_is_kept_as_long_as_the_setting_says_and_goes_with_its_customer() {
    let world = World::with_setting("INTERVIEW_RETENTION_DAYS", "7").await;
    let ana = world.ana().await;
    assert_eq!(log(&ana).await.len(), 2);
    world.pass_time(minutes(7 * 24 * 60 - 5));
    let again = || world.person("u-ana", "acme", "ana@contoso.com");
    assert_eq!(log(&again().await).await.len(), 2);
    world.pass_time(minutes(10));
    assert_eq!(
        log(&again().await).await,
        Vec::<Value>::new(),
        "expired, whether DynamoDB has removed it or not"
    );

    let world = World::start().await;
    let ana = world.ana().await;
    assert_eq!(ana.delete("/v1/customer").await.status, 202);
    assert_eq!(log(&ana).await, Vec::<Value>::new(), "at once");
    world.advance(minutes(2)).await;
    assert_eq!(Rows::of(&world).under("CALL#").count(), 0);
}
