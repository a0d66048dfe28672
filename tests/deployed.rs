//! The stories that hold for a deployed stack too: release binaries behind the real authorizer, their own roles,
//! tables and keys. `tests/deployed/run` deploys to an emulator and calls these; by themselves they are skipped.

use futures::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};
use sim::Answer;

use crate::world::{Browser, Person, Told, World, ending, interview};

/// Where the stories happen.
struct There<'a> {
    told: &'a Told,
    world: &'a World,
    ana: Person<'a>,
}

type Story = for<'a> fn(&'a There<'a>) -> BoxFuture<'a, ()>;

/// A story by its name; they are told in this order, each on the ground of those before.
macro_rules! stories {
    ($($name:ident),* $(,)?) => { [$((stringify!($name), (|there| Box::pin($name(there))) as Story)),*] };
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deployed_stack_tells_the_stories() {
    let Some(told) = Told::read() else {
        println!("SKIPPED: nothing is deployed; tests/deployed/run deploys and then tells these stories");
        return;
    };
    let world = told.world().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let there = There { told: &told, world: &world, ana };
    let stories = stories![
        the_build_is_told_to_everybody,
        a_route_that_is_not_there_is_unknown,
        without_a_token_nothing_is_answered,
        a_token_for_somebody_else_is_refused,
        a_token_without_the_scope_is_refused,
        a_customer_is_off_until_an_administrator_switches_it_on,
        a_foreign_account_is_not_connected,
        a_recruiter_connects,
        an_interview_is_made_once,
        a_repeat_gets_the_same_answer,
        another_body_under_the_same_key_is_refused,
        a_stranger_does_not_see_the_interview,
        an_interview_moves_and_keeps_its_link,
        an_interview_changes,
        the_timeline_tells_why,
        free_times_are_found,
        an_interview_is_cancelled,
        an_approval_is_asked_for,
        the_page_for_it_is_shown,
        the_sweep_verifies,
        follow_ups_run,
        revoked_sessions_are_noticed,
        no_secret_lies_in_the_tables,
        a_customer_is_deleted,
        what_happened_was_told,
    ];
    for (name, story) in stories {
        story(&there).await;
        println!("story: {}", name.replace('_', " "));
    }
    println!("{} stories passed against the deployed stack", stories.len());
}

async fn the_build_is_told_to_everybody(there: &There<'_>) {
    let answer = Browser::new(there.world).open(&format!("{}/healthz", there.world.stack.url)).await;
    assert_eq!((answer.status, answer.str("/status")), (200, "ok"), "{}", answer.text);
}

async fn a_route_that_is_not_there_is_unknown(there: &There<'_>) {
    assert_eq!(there.ana.get("/v1/nothing").await.status, 404);
}

/// The status of a call with this token.
async fn status_with(there: &There<'_>, token: String) -> u16 {
    let person = Person { token, ..there.ana.clone() };
    person.get("/v1/connection").await.status
}

async fn without_a_token_nothing_is_answered(there: &There<'_>) {
    let url = format!("{}/v1/connection", there.world.stack.url);
    let answer = there.world.http.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 401);
    assert_eq!(status_with(there, "no.token.atall".to_owned()).await, 401);
}

async fn a_token_for_somebody_else_is_refused(there: &There<'_>) {
    let claims =
        json!({ "sub": "u-ana", "customer_id": "acme", "scope": "connections", "aud": "somebody-else" });
    assert_eq!(status_with(there, there.world.bare_token(&claims)).await, 401);
}

async fn a_token_without_the_scope_is_refused(there: &There<'_>) {
    let claims = json!({ "sub": "u-ana", "customer_id": "acme", "scope": "interviews" });
    assert_eq!(status_with(there, there.world.bare_token(&claims)).await, 403);
}

async fn a_customer_is_off_until_an_administrator_switches_it_on(there: &There<'_>) {
    let body = json!({ "return_url": format!("{}/done", there.world.stack.url) });
    let refused = there.ana.post("/v1/connect-sessions", body).await;
    assert_eq!((refused.status, refused.str("/code")), (403, "integration-disabled"), "{}", refused.text);
    let on = json!({ "enabled": true, "features": ["calendar", "availability", "rooms"] });
    let changed = there.ana.patch("/v1/customer", on).await;
    assert_eq!((changed.status, &changed.json["enabled"]), (200, &json!(true)), "{}", changed.text);
}

async fn a_foreign_account_is_not_connected(there: &There<'_>) {
    let link = there.ana.connect_link().await;
    let back = Browser::new(there.world).sign_in(&link, "carl@contoso.com", Answer::Accept).await;
    assert!(ending(&back).starts_with("wrong_account"), "{}", ending(&back));
}

async fn a_recruiter_connects(there: &There<'_>) {
    assert_eq!(there.ana.connect().await, "connected");
    assert_eq!(there.ana.status().await, "connected");
}

/// The one interview of these stories.
async fn made(there: &There<'_>) -> Value {
    let list = there.ana.get("/v1/interviews").await;
    assert_eq!((list.status, list.json["data"].as_array().map(Vec::len)), (200, Some(1)), "{}", list.text);
    list.json["data"][0].clone()
}

async fn path(there: &There<'_>) -> String {
    format!("/v1/interviews/{}", made(there).await["id"].as_str().expect("an id"))
}

async fn an_interview_is_made_once(there: &There<'_>) {
    let made = there.ana.schedule("key-of-creation").await;
    assert_eq!((made.status, made.str("/status")), (201, "scheduled"), "{}", made.text);
    assert!(made.str("/join_url").starts_with("https://teams"), "{}", made.text);
    assert_eq!(there.world.microsoft().events("ana@contoso.com").len(), 1);
    assert_eq!(there.world.microsoft().mails().len(), 2);
}

async fn a_repeat_gets_the_same_answer(there: &There<'_>) {
    let again = there.ana.schedule("key-of-creation").await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")), "{}", again.text);
    assert_eq!(there.world.microsoft().events("ana@contoso.com").len(), 1);
    assert_eq!(there.world.microsoft().mails().len(), 2);
}

async fn another_body_under_the_same_key_is_refused(there: &There<'_>) {
    let mut other = interview();
    other["title"] = json!("Another one");
    let refused = there.ana.post_as("key-of-creation", "/v1/interviews", &other).await;
    assert_eq!((refused.status, refused.str("/code")), (422, "idempotency-key-reused"), "{}", refused.text);
}

async fn a_stranger_does_not_see_the_interview(there: &There<'_>) {
    let stranger = there.world.person("u-ana", "other", "ana@contoso.com").await;
    assert_eq!(stranger.get(&path(there).await).await.status, 404);
}

async fn an_interview_moves_and_keeps_its_link(there: &There<'_>) {
    let before = made(there).await;
    let to = json!({ "start": "2026-12-01T15:00:00+01:00", "end": "2026-12-01T15:45:00+01:00" });
    let moved = there.ana.post_as("key-of-move", &format!("{}/reschedule", path(there).await), &to).await;
    assert_eq!((moved.status, &moved.json["join_url"]), (200, &before["join_url"]), "{}", moved.text);
}

async fn an_interview_changes(there: &There<'_>) {
    let changed =
        there.ana.patch(&path(there).await, json!({ "title": "Interview: Head of Engineering" })).await;
    let title = changed.json["title"].as_str();
    assert_eq!((changed.status, title), (200, Some("Interview: Head of Engineering")), "{}", changed.text);
}

async fn the_timeline_tells_why(there: &There<'_>) {
    let told = there.ana.get(&format!("{}/timeline", path(there).await)).await;
    let steps = told.json["data"].as_array().cloned().unwrap_or_default();
    let what: Vec<&str> = steps.iter().filter_map(|step| step["what"].as_str()).collect();
    assert_eq!((told.status, what), (200, vec!["create", "reschedule", "change"]), "{}", told.text);
    assert!(
        steps.iter().all(|step| step["calls"].as_array().is_some_and(|calls| !calls.is_empty())),
        "{}",
        told.text
    );
}

async fn free_times_are_found(there: &There<'_>) {
    let search = json!({ "people": ["carl@contoso.com"], "duration_minutes": 45, "windows":
        [{ "start": "2027-03-01T08:00:00Z", "end": "2027-03-05T17:00:00Z" }] });
    let found = there.ana.post("/v1/availability", search).await;
    assert_eq!((found.status, &found.json["complete"]), (200, &json!(true)), "{}", found.text);
    assert!(found.json["slots"].as_array().is_some_and(|slots| !slots.is_empty()), "{}", found.text);
}

async fn an_interview_is_cancelled(there: &There<'_>) {
    let cancel = format!("{}/cancel", path(there).await);
    let gone = there.ana.post_as("key-of-end", &cancel, &json!({})).await;
    assert_eq!((gone.status, gone.str("/status")), (200, "cancelled"), "{}", gone.text);
    assert!(there.world.microsoft().events("ana@contoso.com").is_empty());
}

async fn an_approval_is_asked_for(there: &There<'_>) {
    let body = json!({ "organization": "Contoso", "justification": "Interviews." });
    let asked = there.ana.post("/v1/approvals", body).await;
    assert_eq!((asked.status, asked.str("/state")), (201, "sent"), "{}", asked.text);
    assert!(asked.str("/admin_url").starts_with(&there.world.stack.url), "{}", asked.text);
}

async fn the_page_for_it_is_shown(there: &There<'_>) {
    let page = Browser::new(there.world).open(&format!("{}/it", there.world.stack.url)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Calendars.ReadWrite"), "{}", page.text);
}

async fn the_sweep_verifies(there: &There<'_>) {
    let before = there.world.microsoft().redemptions().len();
    let report = there.told.tick(there.world, "token-refresh").await;
    assert!(report["shards"].is_number(), "{report}");
    let verified = there.ana.call(Method::POST, "/v1/connection/verify", Some(&json!({})), &[]).await;
    assert_eq!((verified.status, verified.str("/status")), (200, "connected"), "{}", verified.text);
    assert!(there.world.microsoft().redemptions().len() > before);
}

async fn follow_ups_run(there: &There<'_>) {
    let report = there.told.tick(there.world, "follow-ups").await;
    assert!(report.is_object() && report.get("errorMessage").is_none(), "{report}");
}

async fn revoked_sessions_are_noticed(there: &There<'_>) {
    drop(there.world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" })));
    let verified = there.ana.call(Method::POST, "/v1/connection/verify", Some(&json!({})), &[]).await;
    assert_eq!((verified.status, verified.str("/status")), (200, "checking"), "{}", verified.text);
}

async fn no_secret_lies_in_the_tables(there: &There<'_>) {
    assert_eq!(there.told.tables.len(), 2);
    for table in &there.told.tables {
        let rows = there.told.rows(there.world, table).await;
        assert!(rows.contains("acme"), "{table} is empty: {rows}");
        assert!(!there.told.is_secret_in(there.world, table).await, "a secret lies in {table}");
    }
}

async fn a_customer_is_deleted(there: &There<'_>) {
    let receipt = there.ana.delete("/v1/customer").await;
    assert_eq!((receipt.status, &receipt.json["keys_destroyed"]), (202, &json!(true)), "{}", receipt.text);
    assert_eq!(there.ana.get("/v1/customer").await.json["enabled"], false);
}

/// All the way: table, stream, function, bus, rule.
async fn what_happened_was_told(there: &There<'_>) {
    let wanted = [
        "customer.enabled",
        "connection.connected",
        "interview.scheduled",
        "interview.changed",
        "interview.cancelled",
        "connection.checking",
        "customer.deleting",
    ];
    let mut heard: Vec<String> = Vec::new();
    while !wanted.iter().all(|kind| heard.iter().any(|one| one == kind)) {
        let events = there.told.next_events(there.world).await;
        assert!(!events.is_empty(), "only {heard:?} was told");
        heard.extend(events.iter().filter_map(|event| event["detail-type"].as_str().map(str::to_owned)));
    }
}
