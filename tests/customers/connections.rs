//! Connections as their users and administrators see and end them.

use serde_json::{Value, json};

use crate::world::{Person, Rows, World, minutes};

async fn id_of(person: &Person<'_>) -> String {
    person.connection().await["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_user_ends_the_own_connection_and_its_tokens_are_gone_at_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    let gone = ana.delete("/v1/connection").await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert_eq!(Rows::of(&world).with("S#").sealed(), 0);
    let connection = ana.connection().await;
    assert_eq!(connection["status"], "disconnected");
    assert!(connection["problem"].is_null());
    let receipt = &connection["tokens_destroyed"];
    assert_eq!(receipt["reason"], "disconnected");
    assert_eq!((&receipt["first_refusal"], &receipt["confirmed_by"]), (&json!(null), &json!(null)));
    assert_eq!(ana.schedule("key-after-end").await.problem(), (409, "not-connected"));
    assert_eq!(ana.post("/v1/connection/verify", json!({})).await.problem(), (409, "not-connected"));
    world.pass_time(minutes(1));
    assert_eq!(ana.delete("/v1/connection").await.status, 204, "twice is fine");
    assert_eq!(ana.connection().await["tokens_destroyed"], *receipt, "what is gone is not destroyed again");
    world.advance(minutes(90)).await;
    assert_eq!(ana.status().await, "disconnected");
}

#[tokio::test]
async fn ending_what_is_not_there_is_fine() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    assert_eq!(ana.status().await, "not_connected");
    assert_eq!(ana.post("/v1/connection/verify", json!({})).await.problem(), (409, "not-connected"));
}

#[tokio::test]
async fn an_administrator_sees_and_ends_the_connections_of_all() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ada = world.person("u-ada", "acme", "admin@contoso.com").await;
    let id = id_of(&ana).await;
    let seen = ada.get(&format!("/v1/connections/{id}")).await;
    assert_eq!((seen.status, &seen.json), (200, &ana.connection().await));
    assert_eq!(ada.delete(&format!("/v1/connections/{id}")).await.status, 204);
    assert_eq!(ana.status().await, "disconnected");
    assert_eq!(Rows::of(&world).with("S#").sealed(), 0);
    assert_eq!(ada.delete(&format!("/v1/connections/{id}")).await.status, 204);
    assert_eq!(ada.status().await, "not_connected", "his own was none");
}

#[tokio::test]
async fn connections_of_other_customers_are_not_there() {
    let world = World::start().await;
    let ana = world.ana().await;
    let eve = world.person("u-ana", "other", "ana@contoso.com").await;
    let id = id_of(&ana).await;
    for id in
        [id.as_str(), "con_00000000000000000000000000", "con_", "x", "..", "%2e%2e", "con_%00", "CUSTOMER"]
    {
        let path = format!("/v1/connections/{id}");
        assert_eq!(eve.get(&path).await.status, 404, "{id}");
        assert_eq!(eve.delete(&path).await.status, 404, "{id}");
    }
    assert_eq!(eve.get("/v1/connections").await.json, json!({ "data": [], "next_cursor": null }));
    assert_eq!(eve.status().await, "not_connected");
    assert_eq!(ana.status().await, "connected");
}

#[tokio::test]
async fn a_list_comes_in_pages_and_each_connection_once() {
    let world = World::start().await;
    let ada = world.person("u-ada", "acme", "admin@contoso.com").await;
    for user in ["a b", "u/1", "u-2", "ü", "u#3"] {
        let person = world.person(user, "acme", "ana@contoso.com").await;
        assert_eq!(person.connect().await, "connected", "{user}");
    }
    let mut users = Vec::new();
    let mut path = "/v1/connections?limit=2".to_owned();
    loop {
        let page = ada.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let data = page.json["data"].as_array().expect("a list").clone();
        assert!(data.len() <= 2);
        users.extend(data.iter().map(|item| item["user"].as_str().expect("a user").to_owned()));
        let Some(next) = page.json["next_cursor"].as_str() else { break };
        let url = reqwest::Url::parse_with_params("http://x/v1/connections?limit=2", [("cursor", next)])
            .expect("a URL");
        path = format!("{}?{}", url.path(), url.query().expect("a query"));
    }
    users.sort();
    assert_eq!(users, ["a b", "u#3", "u-2", "u/1", "ü"]);
    assert_eq!(ada.get("/v1/connections").await.json["data"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn a_page_that_makes_no_sense_is_refused_and_a_cursor_leads_to_no_other_customer() {
    let world = World::start().await;
    let ana = world.ana().await;
    let eve = world.person("u-eve", "acm", "eve@contoso.com").await;
    for query in ["limit=0", "limit=201", "limit=x", "limit=-1", "cursor=", "cursor=a%20b", "cursor=%00"] {
        let refused = eve.get(&format!("/v1/connections?{query}")).await;
        assert_eq!(refused.problem(), (422, "invalid-request"), "{query}");
    }
    for cursor in ["u-0", "%23U%23a", "..%2fC%23acme%23U%23", "~~~~", "0", "abc"] {
        let refused = eve.get(&format!("/v1/connections?cursor={cursor}")).await;
        assert_eq!(refused.problem(), (422, "invalid-request"), "{cursor}");
    }
    assert_eq!(ana.status().await, "connected");
}

#[tokio::test]
async fn asking_microsoft_right_now_shows_what_it_said() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.pass_time(minutes(7));
    let before = ana.connection().await;
    let verified = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!((verified.status, verified.str("/status")), (200, "connected"));
    assert_eq!(verified.str("/last_verified_at"), "2026-11-24T08:09:00Z");
    assert_ne!(verified.json["last_verified_at"], before["last_verified_at"]);

    world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
    let doubted = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!((doubted.status, doubted.str("/status")), (200, "checking"), "{}", doubted.text);
    assert_eq!(doubted.str("/problem/code"), "connection-checking");
    assert_eq!(doubted.str("/problem/microsoft/code"), "AADSTS50173");
    assert_eq!(ana.schedule("key-in-doubt").await.problem(), (409, "connection-checking"));
    world.pass_time(minutes(3));
    let ended = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!((ended.status, ended.str("/status")), (200, "needs_reauth"), "{}", ended.text);
    let again = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!(again.problem(), (409, "connection-needs-reauth"), "there is nothing left to ask with");
}

#[tokio::test]
async fn microsoft_out_of_reach_is_told_and_changes_nothing() {
    let world = World::start().await;
    let ana = world.ana().await;
    let token = "POST /{tenant}/oauth2/v2.0/token";
    for (kind, code) in [
        (json!("reset"), "microsoft-unavailable"),
        (json!({ "status": { "status": 503 } }), "microsoft-unavailable"),
        (json!({ "status": { "status": 429, "retry_after": "17" } }), "microsoft-throttled"),
    ] {
        let kind: Value = kind;
        world.fault(json!({ "service": "login", "operation": token, "kind": kind, "times": 0 }));
        let answer = ana.post("/v1/connection/verify", json!({})).await;
        assert_eq!(answer.problem(), (503, code), "{kind}");
        assert!(answer.retry_after() > 0);
        world.switch("clear-faults", json!({}));
        assert_eq!(ana.status().await, "connected");
    }
    world.switch("vendor-secret", json!({ "state": "expired" }));
    let answer = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!((answer.problem(), answer.str("/fix/owner")), ((503, "vendor-credential-invalid"), "vendor"));
    assert_eq!(ana.status().await, "connected");
}

#[tokio::test]
async fn the_store_or_the_key_service_out_of_reach_is_told_and_ends_nothing() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.pass_time(minutes(6)); // no key is in memory any more
    let id = id_of(&ana).await;
    for (service, operation, method, path) in [
        ("dynamodb", "BatchGetItem", "GET", "/v1/connection"),
        ("dynamodb", "Query", "GET", "/v1/connections"),
        ("dynamodb", "GetItem", "DELETE", "/v1/connection"),
        ("dynamodb", "UpdateItem", "DELETE", "/v1/connection"),
        ("dynamodb", "BatchGetItem", "POST", "/v1/connection/verify"),
        ("kms", "Decrypt", "POST", "/v1/connection/verify"),
        ("dynamodb", "GetItem", "GET", &format!("/v1/connections/{id}")),
        ("dynamodb", "GetItem", "PATCH", "/v1/customer"),
        ("dynamodb", "UpdateItem", "DELETE", "/v1/customer"),
    ] {
        world.fault(json!({ "service": service, "operation": operation, "kind": "reset", "times": 0 }));
        let answer = ana.call(method.parse().expect("a method"), path, None, &[]).await;
        assert_eq!(answer.problem(), (503, "service-unavailable"), "{method} {path}: {}", answer.text);
        assert_eq!(answer.retry_after(), 5);
        world.switch("clear-faults", json!({}));
        assert_eq!(ana.status().await, "connected", "{method} {path}");
    }
}
