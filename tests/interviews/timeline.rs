//! "Why": what was asked, what was written to Outlook for it, and what was answered.

use serde_json::{Value, json};

use crate::world::{Person, World, interview, minutes};

async fn timeline(person: &Person<'_>, id: &str) -> Vec<Value> {
    let told = person.get(&format!("/v1/interviews/{id}/timeline")).await;
    assert_eq!((told.status, &told.json["next_cursor"]), (200, &Value::Null), "{}", told.text);
    told.json["data"].as_array().expect("a list").clone()
}

/// What each step was about, what was answered, the state after it, and the calls that it took.
fn story(steps: &[Value]) -> Vec<String> {
    let line = |step: &Value| {
        let calls = step["calls"].as_array().into_iter().flatten();
        let calls: Vec<String> = calls
            .map(|call| format!("{} {}", call["method"].as_str().unwrap_or_default(), call["status"]))
            .collect();
        let (what, status) = (step["what"].as_str(), step["status"].as_str());
        format!(
            "{} {} {} {} [{}]",
            what.unwrap_or_default(),
            step["answer"],
            status.unwrap_or_default(),
            step["version"],
            calls.join(", ")
        )
    };
    steps.iter().map(line).collect()
}

#[tokio::test]
async fn each_step_tells_who_asked_what_was_written_and_what_was_answered() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.schedule("key-of-creation").await.str("/id").to_owned();
    world.pass_time(minutes(1));
    let to = json!({ "start": "2026-12-02T10:00:00Z", "end": "2026-12-02T10:45:00Z" });
    assert_eq!(ana.post_as("key-of-move", &format!("/v1/interviews/{id}/reschedule"), &to).await.status, 200);
    let title = json!({ "title": "Interview: Head of Engineering" });
    assert_eq!(ana.patch(&format!("/v1/interviews/{id}"), title).await.status, 200);
    assert_eq!(
        ana.post_as("key-of-end", &format!("/v1/interviews/{id}/cancel"), &json!({})).await.status,
        200
    );
    let n = world.journal().last();
    let steps = timeline(&ana, &id).await;
    assert!(world.graph_since(n).is_empty(), "Outlook is not asked");
    assert_eq!(
        story(&steps),
        [
            "create 201 scheduled 1 [POST 201]",
            "reschedule 200 scheduled 2 [PATCH 200]",
            "change 200 scheduled 3 [GET 200, PATCH 200]",
            "cancel 200 cancelled 4 [POST 202]",
        ]
    );
    for step in &steps {
        assert_eq!(step["asked_by"], "u-ana", "{step}");
        assert!(step["asked_at"].as_str() <= step["at"].as_str(), "{step}");
    }
    let told = ana.get(&format!("/v1/interviews/{id}/timeline")).await;
    for private in ["Head of Engineering", "dana@example.org", "contoso.com", "teams.microsoft"] {
        assert!(!told.text.contains(private), "{private} is in the timeline");
    }
    let log = ana.get("/v1/graph-calls?limit=200").await;
    for call in steps.iter().flat_map(|step| step["calls"].as_array().expect("calls")) {
        assert!(
            log.text.contains(call["request_id"].as_str().expect("an id")),
            "{call} is not in the proof log"
        );
    }
}

#[tokio::test]
async fn an_outcome_that_was_unknown_is_told_as_such_and_then_as_it_was_found() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(json!({ "service": "graph", "kind": "reset", "when": "after", "times": 0 }));
    let asked = ana.schedule("key-of-creation").await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    let id = asked.str("/id").to_owned();
    let open = timeline(&ana, &id).await;
    assert_eq!((open.len(), &open[0]["answer"], &open[0]["status"]), (1, &json!(202), &json!("scheduling")));
    assert!(
        open[0]["calls"].as_array().is_some_and(|calls| calls.iter().all(|c| c["status"].is_null())),
        "{open:?}"
    );
    world.switch("clear-faults", json!({}));
    world.advance(minutes(3)).await;
    let steps = timeline(&ana, &id).await;
    assert_eq!(story(&steps)[1..], ["create 201 scheduled 2 [GET 200]"], "{steps:?}");
    assert_eq!(
        (&steps[1]["asked_by"], &steps[1]["asked_at"]),
        (&steps[0]["asked_by"], &steps[0]["asked_at"])
    );
}

#[tokio::test]
async fn what_follow_ups_see_is_a_step_that_nobody_asked_for() {
    let world = World::start().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["rooms"] = json!(["room7@contoso.com"]);
    let made = ana.post_as("key-of-creation", "/v1/interviews", &body).await;
    assert_eq!(made.str("/status"), "awaiting_room", "{}", made.text);
    world.advance(minutes(5)).await;
    let steps = timeline(&ana, made.str("/id")).await;
    assert_eq!(
        story(&steps),
        ["create 201 awaiting_room 1 [POST 201]", "look null scheduled 2 [GET 200]"],
        "looks that show nothing new are no steps"
    );
    assert_eq!((&steps[1]["asked_by"], &steps[1]["room_state"]), (&Value::Null, &json!("accepted")));
}

#[tokio::test]
async fn a_refusal_for_good_is_told_with_its_problem() {
    let world = World::start().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["rooms"] = json!(["room7@contoso.com"]);
    body["hold_room"] = json!(true);
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "declined" }));
    let made = ana.post_as("key-of-creation", "/v1/interviews", &body).await;
    world.advance(minutes(5)).await;
    let steps = timeline(&ana, made.str("/id")).await;
    let failed = steps.iter().find(|step| step["status"] == "failed").expect("a failed step");
    assert_eq!(
        (&failed["what"], &failed["problem"]),
        (&json!("create"), &json!("room-declined")),
        "{steps:?}"
    );
    assert_eq!(failed["asked_by"], "u-ana");
}

#[tokio::test]
async fn calls_that_are_no_longer_kept_are_not_told_as_none() {
    let world = World::with_setting("INTERVIEW_RETENTION_DAYS", "1").await;
    let ana = world.ana().await;
    let mut body = interview();
    (body["start"], body["end"]) = (json!("2026-12-20T10:00:00"), json!("2026-12-20T11:00:00"));
    let made = ana.post_as("key-of-creation", "/v1/interviews", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    world.pass_time(minutes(3 * 24 * 60));
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let steps = timeline(&ana, made.str("/id")).await;
    assert_eq!((steps.len(), &steps[0]["calls"]), (1, &Value::Null), "{steps:?}");
}

#[tokio::test]
async fn a_timeline_is_open_to_whom_the_interview_is_open() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.schedule("key-of-creation").await.str("/id").to_owned();
    let path = format!("/v1/interviews/{id}/timeline");
    let claims =
        json!({ "sub": "u-ben", "customer_id": "acme", "email": "ben@contoso.com", "scope": "interviews" });
    let ben = world.person_with(claims).await;
    assert_eq!(ben.get(&path).await.problem(), (404, "not-found"));
    let fay = world.person("u-ana", "globex", "fay@fabrikam.com").await;
    assert_eq!(fay.get(&path).await.problem(), (404, "not-found"));
    assert_eq!(ana.delete("/v1/customer").await.status, 202);
    assert_eq!(ana.get(&path).await.problem(), (404, "not-found"), "the keys are gone");
}
