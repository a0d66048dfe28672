//! Profile, calendar, calendar view, free/busy, and the rules that hold for every Graph call.

use crate::world::{SCOPES, World};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

#[tokio::test]
async fn a_call_needs_a_known_token_with_the_right_scope() {
    let world = World::new();
    let basic = world.microsoft.mint_connection("ana@contoso.com", "openid User.Read").0;
    assert_eq!(world.graph("GET", "/me", &basic, None).await.json()["mail"], "ana@contoso.com");
    let told = world.graph("GET", "/me/calendar", &basic, None).await;
    assert_eq!((told.status, told.code().as_str()), (403, "ErrorAccessDenied"));
    let told = world.graph("GET", "/me", "eyJ0eXAinonsense", None).await;
    assert_eq!((told.status, told.code().as_str()), (401, "InvalidAuthenticationToken"));
    assert!(told.json()["error"]["innerError"]["request-id"].is_string());
}

#[tokio::test]
async fn unknown_paths_and_missing_headers_are_violations() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    assert_eq!(world.graph("GET", "/me/messages", &token, None).await.status, 501);
    let bare = Request::get(format!("{}/v1.0/me/events", world.microsoft.graph_url()))
        .header("authorization", format!("Bearer {token}"));
    assert_eq!(world.send(bare.body(Body::empty()).unwrap()).await.status, 200);
    assert_eq!(
        world.journal.violations(),
        [
            "unknown Graph call GET /v1.0/me/messages",
            "GET /me/events without client-request-id",
            "GET /me/events without Prefer: IdType=\"ImmutableId\"",
        ]
    );
}

#[tokio::test]
async fn an_account_without_a_mailbox_gets_two_answers_in_turn() {
    let world = World::new();
    let token = world.access("nomail@contoso.com");
    let mut codes = Vec::new();
    for _ in 0..3 {
        let told = world.graph("GET", "/me/calendar", &token, None).await;
        assert_eq!(told.status, 404);
        codes.push(told.code());
    }
    assert_eq!(codes, ["MailboxNotEnabledForRESTAPI", "ResourceNotFound", "MailboxNotEnabledForRESTAPI"]);
    assert_eq!(world.graph("GET", "/me", &token, None).await.json()["mail"], Value::Null);
}

#[tokio::test]
async fn the_calendar_view_has_a_window_and_pages() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    for day in 1..=3 {
        let at = |hour| format!("2026-12-0{day}T{hour}:00:00Z");
        world.switch("busy", json!({"user": "ana@contoso.com", "start": at("10"), "end": at("11")}));
    }
    let path = "/me/calendarView?startDateTime=2026-12-01T10:30:00&endDateTime=2026-12-03T00:00:00Z&$top=1";
    let page = world.graph("GET", path, &token, None).await.json();
    assert_eq!(page["value"].as_array().unwrap().len(), 1);
    let next = page["@odata.nextLink"].as_str().unwrap();
    let rest = next.strip_prefix(&format!("{}/v1.0", world.microsoft.graph_url())).unwrap();
    let page = world.graph("GET", rest, &token, None).await.json();
    assert_eq!(page["value"][0]["start"]["dateTime"], "2026-12-02T10:00:00.0000000");
    assert!(page.get("@odata.nextLink").is_none());
    assert_eq!(world.graph("GET", "/me/calendarView", &token, None).await.code(), "ErrorInvalidParameter");
}

fn question(addresses: &[&str], end: &str) -> Value {
    json!({"schedules": addresses,
        "startTime": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Europe/Madrid"},
        "endTime": {"dateTime": end, "timeZone": "Europe/Madrid"}, "availabilityViewInterval": 30})
}

#[tokio::test]
async fn free_busy_shows_times_of_others_and_subjects_of_oneself() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    world.create(&token, json!({})).await;
    world.advance(5);
    let asked =
        question(&["ana@contoso.com", "room7@contoso.com", "fay@fabrikam.com"], "2026-12-01T12:00:00");
    let told = world.graph("POST", "/me/calendar/getSchedule", &token, Some(asked)).await;
    let value = told.json()["value"].clone();
    assert_eq!(value[0]["availabilityView"], "002200");
    assert_eq!(value[0]["scheduleItems"][0]["subject"], "Interview: Backend engineer");
    assert_eq!(value[0]["workingHours"]["timeZone"]["name"], "Romance Standard Time");
    assert_eq!(value[1]["availabilityView"], "002200");
    assert!(value[1]["scheduleItems"][0].get("subject").is_none() && value[1].get("workingHours").is_none());
    assert_eq!(value[2]["error"]["responseCode"], "5009");
}

#[tokio::test]
async fn free_busy_has_limits() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let many = vec!["ana@contoso.com"; 21];
    for (asked, code) in [
        (question(&many, "2026-12-01T12:00:00"), "ErrorMailboxDataArrayTooBig"),
        (question(&["ana@contoso.com"], "2027-02-01T09:00:00"), "ErrorInvalidTimeInterval"),
        (question(&["ana@contoso.com"], "2026-12-01T09:00:00"), "ErrorInvalidTimeInterval"),
    ] {
        let told = world.graph("POST", "/me/calendar/getSchedule", &token, Some(asked)).await;
        assert_eq!((told.status, told.code().as_str()), (400, code));
    }
    let asked = question(&["ana@contoso.com"], "2027-01-31T09:00:00");
    assert_eq!(world.graph("POST", "/me/calendar/getSchedule", &token, Some(asked)).await.status, 200);
}

/// 5 <= interval <= 1440, and never above the window; equal passes. `null` is a 500, and the default is 30.
#[tokio::test]
async fn the_interval_is_judged_against_the_window() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let ask = async |end: &str, interval: Option<Value>| {
        let mut asked = question(&["ana@contoso.com"], end);
        asked.as_object_mut().unwrap().remove("availabilityViewInterval");
        asked
            .as_object_mut()
            .unwrap()
            .extend(interval.map(|given| ("availabilityViewInterval".to_owned(), given)));
        let told = world.graph("POST", "/me/calendar/getSchedule", &token, Some(asked)).await;
        (told.status, if told.status == 200 { String::new() } else { told.code() })
    };
    let (hour, day, quarter) = ("2026-12-01T10:00:00", "2026-12-02T09:00:00", "2026-12-01T09:15:00");
    let fine = (200, String::new());
    let refused = (400, "ErrorInvalidMergedFreeBusyInterval".to_owned());
    for minutes in [5, 30, 60] {
        assert_eq!(ask(hour, Some(json!(minutes))).await, fine, "{minutes}");
    }
    for minutes in [-5, 0, 4, 61, 1440, 1441] {
        assert_eq!(ask(hour, Some(json!(minutes))).await, refused, "{minutes}");
    }
    assert_eq!(ask(day, Some(json!(1440))).await, fine);
    assert_eq!(ask(hour, None).await, fine);
    assert_eq!(ask(quarter, None).await, refused, "the default of 30 is too long for 15 minutes");
    assert_eq!(ask(hour, Some(Value::Null)).await, (500, "ErrorInternalServerError".to_owned()));
    assert_eq!(ask(hour, Some(json!("5"))).await.0, 400);
}

#[tokio::test]
async fn a_view_is_all_there_is_of_lists_and_of_other_forests() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    world.create(&token, json!({})).await;
    let ask = async |address: &str| {
        let asked = question(&[address], "2026-12-01T12:00:00");
        let told = world.graph("POST", "/me/calendar/getSchedule", &token, Some(asked)).await;
        if told.status == 200 { told.json()["value"][0].clone() } else { json!(told.code()) }
    };
    let members = |count: usize| vec!["ana@contoso.com".to_owned(); count];
    world.microsoft.options(|options| {
        options.merged_only.insert("ana@contoso.com".to_owned());
        options.distribution_lists.insert("few@contoso.com".to_owned(), members(2));
        options.distribution_lists.insert("many@contoso.com".to_owned(), members(25));
        options.schedule_aliases.insert("a@contoso.com".to_owned(), "ana@contoso.com".to_owned());
    });
    let view = ask("ana@contoso.com").await;
    assert_eq!((&view["availabilityView"], view.get("scheduleItems")), (&json!("002200"), None));
    assert_eq!(ask("few@contoso.com").await["availabilityView"], "002200");
    assert_eq!(ask("many@contoso.com").await, "ErrorMailboxDataArrayTooBig");
    world.microsoft.options(|options| options.large_lists = sim::LargeLists::Reported);
    assert_eq!(ask("many@contoso.com").await["error"]["responseCode"], "5043");
    assert_eq!(ask("a@contoso.com").await["scheduleId"], "ana@contoso.com", "under the primary address");
}

#[tokio::test]
async fn free_busy_may_be_minutes_old() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let view = async || {
        let asked = question(&["ana@contoso.com"], "2026-12-01T12:00:00");
        let told = world.graph("POST", "/me/calendar/getSchedule", &token, Some(asked)).await;
        told.json()["value"][0]["availabilityView"].as_str().unwrap_or_default().to_owned()
    };
    world.switch("options", json!({"free_busy_lag_minutes": 10}));
    world.create(&token, json!({})).await;
    assert_eq!(view().await, "000000", "made, and not shown yet");
    world.advance(9 * 60);
    assert_eq!(view().await, "000000");
    world.advance(61);
    assert_eq!(view().await, "002200");
    world.switch("options", json!({"free_busy_lag_minutes": 0}));
    assert_eq!(view().await, "002200");
}

#[tokio::test]
async fn a_user_can_be_throttled_and_others_go_on() {
    let world = World::new();
    let (ana, ben) = (world.access("ana@contoso.com"), world.access("ben@contoso.com"));
    world.switch(
        "throttle",
        json!({"user": "ana@contoso.com", "operation": "GET /me", "retry_after": "2.128", "times": 2}),
    );
    for _ in 0..2 {
        let told = world.graph("GET", "/me", &ana, None).await;
        assert_eq!(
            (told.status, told.header("retry-after"), told.code().as_str()),
            (429, "2.128", "TooManyRequests")
        );
    }
    assert_eq!(world.graph("GET", "/me", &ana, None).await.status, 200);
    assert_eq!(world.graph("GET", "/me", &ben, None).await.status, 200);
}

#[tokio::test]
async fn a_fifth_call_at_a_time_is_over_the_limit_of_the_mailbox() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    world.microsoft.options(|options| options.mailbox_concurrency = Some(4));
    world.switch("fault", json!({"service": "graph", "kind": {"latency": {"ms": 20}}, "times": 0}));
    let calls = (0..5).map(|_| world.graph("GET", "/me", &token, None));
    let mut statuses: Vec<u16> =
        futures::future::join_all(calls).await.iter().map(|told| told.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 429]);
    assert_eq!(world.graph("GET", "/me", &token, None).await.status, 200);
}

#[test]
fn tenants_and_users_are_data_and_the_snapshot_holds_no_secret() {
    let world = World::new();
    for tenant in 0..10 {
        for user in 0..100 {
            world.microsoft.add_user(&format!("u{user}@tenant{tenant}.example"), "Some Body");
        }
    }
    let (access, refresh, _) = world.microsoft.mint_connection("u99@tenant9.example", SCOPES);
    world.code_for("ana@contoso.com");
    let secrets = world.microsoft.secrets();
    assert!(secrets.contains(&access) && secrets.contains(&refresh) && secrets.len() == 4);
    let snapshot = world.microsoft.snapshot().to_string();
    assert!(secrets.iter().all(|secret| !snapshot.contains(secret)));
    assert_eq!(world.microsoft.tenant_id("contoso.com"), World::new().microsoft.tenant_id("contoso.com"));
}
