//! What cannot be read is unknown, with its reason; who may not ask is told why.

use serde_json::{Value, json};

use super::{busy, day, open_world, reasons, search, starts, unreadable};
use crate::world::{World, minutes};

const SCHEDULE: &str = "POST /me/calendar/getSchedule";

#[tokio::test]
async fn each_mailbox_that_cannot_be_read_says_why() {
    let world = open_world().await;
    let ana = world.ana().await;
    let proxy =
        "Proxy web request failed. , inner exception: The request failed with HTTP status 401: Unauthorized.";
    unreadable(&world, "dora@contoso.com", "5016", proxy);
    unreadable(&world, "fay@fabrikam.com", "5016", proxy);
    unreadable(&world, "ben@contoso.com", "5006", "The result set contains too many calendar entries.");
    unreadable(&world, "admin@contoso.com", "ErrorServerBusy", "");
    let asked = day(
        &[
            "carl@contoso.com",
            "nomail@contoso.com",
            "dora@contoso.com",
            "fay@fabrikam.com",
            "guest@partner.example",
            "ben@contoso.com",
            "admin@contoso.com",
        ],
        &["nowhere@contoso.com"],
    );
    let found = search(&ana, asked).await;
    assert_eq!(
        reasons(&found),
        [
            "known",
            "mailbox_not_found",
            "on_premises",
            "outside_organization",
            "outside_organization",
            "too_many_events",
            "throttled",
            "mailbox_not_found"
        ]
    );
    assert_eq!((starts(&found).len(), &found.json["complete"]), (0, &json!(false)));
    let states: Vec<&Value> =
        found.json["schedules"].as_array().expect("a list").iter().map(|one| &one["state"]).collect();
    assert_eq!(states[..2], [&json!("ok"), &json!("unknown")]);
}

#[tokio::test]
async fn a_short_throttling_is_waited_for_and_a_long_one_is_told() {
    let world = open_world().await;
    let ana = world.ana().await;
    world.switch("throttle", json!({ "operation": SCHEDULE, "retry_after": "2.5", "times": 2 }));
    let found = search(&ana, day(&["carl@contoso.com"], &[])).await;
    assert_eq!((reasons(&found), &found.json["complete"]), (vec!["known"], &json!(true)));
    world.switch("throttle", json!({ "operation": SCHEDULE, "retry_after": 60 }));
    let found = search(&ana, day(&["carl@contoso.com"], &[])).await;
    assert_eq!((reasons(&found), starts(&found).len()), (vec!["throttled"], 0));
}

#[tokio::test]
async fn what_does_not_come_in_time_is_unknown_and_the_rest_is_told() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people: Vec<String> = (0..40).map(|n| format!("p{n:02}@contoso.com")).collect();
    for email in &people {
        world.microsoft().add_user(email, "Some Body");
    }
    let names: Vec<&str> = people.iter().map(String::as_str).collect();
    // Of two calls one gets through; the other never does, however often it is sent.
    world.fault(json!({ "service": "graph", "operation": SCHEDULE, "kind": "reset", "times": 0, "skip": 1 }));
    let begun = world.now();
    let mut asked = day(&names, &[]);
    asked["need"] = json!({ "people": 20 });
    let found = search(&ana, asked).await;
    let late = reasons(&found).iter().filter(|reason| **reason == "timed_out").count();
    assert_eq!((late, &found.json["complete"]), (20, &json!(false)), "{}", found.text);
    assert!(!starts(&found).is_empty(), "twenty are enough, and twenty are known");
    assert!(world.now().duration_since(begun).as_secs() <= 25, "within the time of a request");

    world.switch("clear-faults", json!({}));
    world.fault(json!({ "service": "graph", "operation": SCHEDULE, "kind": { "status": { "status": 500 } }, "times": 0 }));
    assert_eq!(reasons(&search(&ana, day(&["carl@contoso.com"], &[])).await), ["unavailable"]);
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_renewed_once() {
    let world = open_world().await;
    let ana = world.ana().await;
    let refuse = |times: u32| {
        let kind = json!({ "status": { "status": 401 } });
        world.fault(json!({ "service": "graph", "operation": SCHEDULE, "kind": kind, "times": times }));
    };
    refuse(1);
    let found = search(&ana, day(&["carl@contoso.com"], &[])).await;
    assert_eq!(reasons(&found), ["known"]);
    refuse(0);
    let refused = ana.post("/v1/availability", day(&["carl@contoso.com"], &[])).await;
    assert_eq!(refused.problem(), (403, "mailbox-access-denied"), "{}", refused.text);
    world.switch("clear-faults", json!({}));
    world
        .fault(json!({ "service": "graph", "operation": SCHEDULE, "kind": { "status": { "status": 403 } } }));
    let refused = ana.post("/v1/availability", day(&["carl@contoso.com"], &[])).await;
    assert_eq!(refused.problem(), (403, "mailbox-access-denied"));
}

#[tokio::test]
async fn without_the_feature_nobody_is_asked() {
    let world = open_world().await;
    let ana = world.ana().await;
    let n = world.journal().last();
    for patch in [json!({ "strict": true }), json!({ "strict": false, "features": [] })] {
        assert_eq!(ana.patch("/v1/customer", patch).await.status, 200);
        let refused = ana.post("/v1/availability", day(&["carl@contoso.com"], &[])).await;
        assert_eq!(refused.problem(), (403, "feature-not-enabled"));
        assert_eq!(ana.get("/v1/rooms").await.problem(), (403, "feature-not-enabled"));
    }
    assert!(world.graph_since(n).is_empty());
    let plain = World::start().await;
    let refused = plain.ana().await.post("/v1/availability", day(&["carl@contoso.com"], &[])).await;
    assert_eq!(refused.problem(), (403, "feature-not-enabled"), "the deployment does not have it");
}

#[tokio::test]
async fn whoever_is_not_connected_or_may_not_ask_is_told() {
    let world = open_world().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    let asked = day(&["carl@contoso.com"], &[]);
    assert_eq!(ben.post("/v1/availability", asked.clone()).await.problem(), (409, "not-connected"));
    let claims = json!({ "sub": "u-ana", "customer_id": "acme", "scope": "interviews admin" });
    let weak = world.person_with(claims).await;
    assert_eq!(weak.post("/v1/availability", asked.clone()).await.status, 403);
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    assert_eq!(ana.post("/v1/availability", asked).await.problem(), (403, "integration-disabled"));
}

#[tokio::test]
async fn every_fault_of_a_search_is_told_at_once() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "carl@contoso.com", "09:00", "10:00", "busy");
    let wrong = json!({
        "people": ["carl@contoso.com", "Carl@Contoso.com"], "rooms": ["carl@contoso.com"], "duration_minutes": 2,
        "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T08:00:00Z" },
            { "start": "2026-12-02T09:00:00Z", "end": "2026-12-02T08:00:00Z" }],
        "need": { "people": 3, "rooms": 2 }, "policy": { "tentative": "maybe" }, "rescheduling": "x",
    });
    let refused = ana.post("/v1/availability", wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let mut pointers: Vec<&str> = refused.json["errors"]
        .as_array()
        .expect("faults")
        .iter()
        .filter_map(|fault| fault["pointer"].as_str())
        .collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/duration_minutes",
            "/need/people",
            "/need/rooms",
            "/people/1",
            "/policy/tentative",
            "/rescheduling",
            "/rooms/0",
            "/windows/0/start",
            "/windows/1/end"
        ]
    );
    for (body, pointer) in [
        (
            json!({ "duration_minutes": 30, "windows": [{ "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z" }] }),
            "/people",
        ),
        (json!({ "people": ["carl@contoso.com"], "duration_minutes": 30 }), "/windows"),
        (json!({ "people": ["carl@contoso.com"], "duration_minutes": 30, "windows": [] }), "/windows"),
        (
            json!({ "people": ["carl@contoso.com"], "duration_minutes": 30,
            "windows": [{ "start": "2026-12-01T09:00:00Z", "end": "2028-12-01T10:00:00Z" }] }),
            "/windows",
        ),
    ] {
        let refused = ana.post("/v1/availability", body).await;
        assert_eq!((refused.status, refused.str("/errors/0/pointer")), (422, pointer), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_search_renews_a_token_that_has_ended_once_for_all_and_hears_a_refusal() {
    let world = open_world().await;
    let ana = world.ana().await;
    world.pass_time(minutes(120));
    let ana = world.person(&ana.user, &ana.customer, &ana.email).await;
    let before = world.microsoft().redemptions().len();
    world.fault(json!({ "service": "login", "kind": { "latency": { "ms": 300 } } }));
    let (one, other) = tokio::join!(
        search(&ana, day(&["carl@contoso.com"], &[])),
        search(&ana, day(&["carl@contoso.com"], &[]))
    );
    assert_eq!((reasons(&one), reasons(&other)), (vec!["known"], vec!["known"]));
    assert_eq!(world.microsoft().redemptions().len(), before + 1);
    world.pass_time(minutes(120));
    let ana = world.person(&ana.user, &ana.customer, &ana.email).await;
    drop(world.switch("revoke-sessions", json!({ "user": ana.email })));
    let refused = ana.post("/v1/availability", day(&["carl@contoso.com"], &[])).await;
    assert_eq!(refused.problem(), (409, "connection-checking"), "{}", refused.text);
}
