//! Which event in the customer's tenant gives which answer on refresh (microsoft.md A7).

use crate::world::{SCOPES, World};
use serde_json::{Value, json};

async fn after(name: &str, body: Value) -> (World, String, Vec<u64>) {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    assert_eq!(world.refresh(&refresh).await.status, 200);
    world.switch(name, body);
    let numbers = world.refresh(&refresh).await.numbers();
    (world, refresh, numbers)
}

#[tokio::test]
async fn each_event_has_its_number() {
    let ana = json!({"user": "ana@contoso.com"});
    let contoso = json!({"tenant": "contoso.com"});
    for (name, body, number) in [
        ("revoke-sessions", ana.clone(), 50173),
        ("disable-user", ana.clone(), 50057),
        ("delete-user", ana.clone(), 50034),
        ("remove-consent", ana.clone(), 65001),
        ("remove-consent", contoso.clone(), 65001),
        ("disable-app", contoso.clone(), 7_000_112),
        ("delete-app", contoso, 700_016),
        (
            "require-assignment",
            json!({"tenant": "contoso.com", "required": true, "assigned": ["ben@contoso.com"]}),
            50105,
        ),
        ("vendor-secret", json!({"state": "wrong"}), 7_000_215),
        ("refresh-answer", json!({"user": "ana@contoso.com", "code": 53003}), 53003),
        ("refresh-answer", json!({"tenant": "contoso.com", "code": 50076}), 50076),
        ("refresh-answer", json!({"code": 70043}), 70043),
    ] {
        assert_eq!(after(name, body.clone()).await.2, [number], "{name} {body}");
    }
}

#[tokio::test]
async fn revoking_sessions_ends_descendants_but_not_a_new_sign_in() {
    let (world, refresh, numbers) = after("revoke-sessions", json!({"user": "ana@contoso.com"})).await;
    assert_eq!(numbers, [50173]);
    let fresh = world.redeem(&world.code_for("ana@contoso.com")).await;
    assert_eq!(fresh.status, 200, "{}", fresh.text);
    assert_eq!(world.refresh(&refresh).await.numbers(), [50173]);
    assert_eq!(world.refresh(fresh.json()["refresh_token"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_code_obtained_before_the_revocation_is_refused_too() {
    let world = World::new();
    let code = world.code_for("ana@contoso.com");
    world.switch("revoke-sessions", json!({"user": "ana@contoso.com"}));
    assert_eq!(world.redeem(&code).await.numbers(), [50173]);
}

#[tokio::test]
async fn an_access_token_survives_the_revocation_until_it_expires() {
    let world = World::new();
    let (access, _, life) = world.microsoft.mint_connection("ana@contoso.com", SCOPES);
    world.switch("revoke-sessions", json!({"user": "ana@contoso.com"}));
    assert_eq!(world.graph("GET", "/me", &access, None).await.status, 200);
    world.advance(i64::try_from(life).unwrap());
    let told = world.graph("GET", "/me", &access, None).await;
    assert_eq!((told.status, told.code().as_str()), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn removing_one_scope_leaves_a_working_token_with_fewer_scopes() {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    let left =
        world.switch("remove-consent", json!({"user": "ana@contoso.com", "scopes": "Calendars.ReadWrite"}));
    assert_eq!(left["removed"], 1);
    let told = world.refresh(&refresh).await;
    assert_eq!(told.status, 200);
    assert!(!told.json()["scope"].as_str().unwrap().contains("Calendars"));
    let access = told.json()["access_token"].as_str().unwrap().to_owned();
    let told = world.graph("GET", "/me/calendar", &access, None).await;
    assert_eq!((told.status, told.code().as_str()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn consents_and_revocations_can_reach_the_token_endpoint_late() {
    let world = World::new();
    world.switch("options", json!({"consent_lag_seconds": 120, "revocation_lag_seconds": 300}));
    let code = world.code_for("ana@contoso.com");
    assert_eq!(world.redeem(&code).await.numbers(), [65001]);
    world.advance(120);
    let refresh = world.redeem(&code).await.json()["refresh_token"].as_str().unwrap().to_owned();
    world.switch("revoke-sessions", json!({"user": "ana@contoso.com"}));
    let late = world.refresh(&refresh).await.json()["refresh_token"].as_str().unwrap().to_owned();
    world.advance(300);
    assert_eq!(world.refresh(&refresh).await.numbers(), [50173]);
    assert_eq!(
        world.refresh(&late).await.numbers(),
        [50173],
        "what was issued during the lag descends from it"
    );
}

#[tokio::test]
async fn a_fresh_consent_may_be_left_out_of_tokens_instead() {
    let world = World::new();
    world.switch("options", json!({"consent_lag_seconds": 120, "consent_lag_narrows": true}));
    let early = world.redeem(&world.code_for("ana@contoso.com")).await;
    assert_eq!(early.status, 200);
    let scope = early.json()["scope"].as_str().unwrap().to_owned();
    assert!(scope.contains("openid") && !scope.contains("Calendars"), "{scope}");
    world.advance(120);
    let later = world.redeem(&world.code_for("ana@contoso.com")).await;
    assert!(later.json()["scope"].as_str().unwrap().contains("Calendars.ReadWrite"));
}

#[tokio::test]
async fn a_deleted_app_may_be_told_in_other_numbers_and_comes_back_with_a_consent() {
    let (world, _, _) = after("delete-app", json!({"tenant": "contoso.com"})).await;
    let refresh = world.microsoft.mint_connection("ben@contoso.com", SCOPES).1;
    assert_eq!(world.refresh(&refresh).await.status, 200, "a new consent makes a new service principal");
    world.switch("delete-app", json!({"tenant": "contoso.com"}));
    for number in [700_016_u64, 65001, 7_000_229] {
        world.switch("options", json!({"deleted_app_code": number}));
        assert_eq!(world.refresh(&refresh).await.numbers(), [number]);
    }
    assert_eq!(world.microsoft.snapshot()["tenants"][0]["service_principal"], "absent");
}

#[tokio::test]
async fn a_forced_answer_may_have_any_status_and_error_and_ends_with_null() {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    world.switch(
        "refresh-answer",
        json!({"user": "ana@contoso.com", "code": 999_999, "http_status": 503, "error": "server_error"}),
    );
    let told = world.refresh(&refresh).await;
    assert_eq!((told.status, told.numbers()), (503, vec![999_999]));
    assert_eq!(told.json()["error"], "server_error");
    world.switch("refresh-answer", json!({"user": "ana@contoso.com", "code": null}));
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn refusals_vary_in_form_but_never_in_number() {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    world.switch("refresh-answer", json!({"code": 53003}));
    let (mut with_lines, mut with_blanks, mut without_uri) = (false, false, false);
    for _ in 0..25 {
        let told = world.refresh(&refresh).await;
        let body = told.json();
        let text = body["error_description"].as_str().unwrap();
        assert!(
            text.starts_with("AADSTS53003: ") && text.ends_with("Timestamp: 2026-11-24 09:00:00Z"),
            "{text}"
        );
        with_lines |= text.contains("\r\nTrace ID: ");
        with_blanks |= text.contains(" Trace ID: ");
        without_uri |= body.get("error_uri").is_none();
        assert_eq!(told.header("x-ms-request-id"), body["trace_id"].as_str().unwrap());
        assert!(
            serde_json::from_str::<Value>(body["claims"].as_str().unwrap()).is_ok(),
            "claims are a string of JSON"
        );
    }
    assert!(with_lines && with_blanks && without_uri);
}
