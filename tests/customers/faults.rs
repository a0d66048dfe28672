//! What a PATCH must not say, who may not send it, and that all its faults are told at once.

use serde_json::{Value, json};

use crate::world::{Answer, World};

/// Pointer and message of every fault.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let list = answer.json["errors"].as_array().cloned().unwrap_or_default();
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap_or_default().to_owned();
    list.iter().map(|fault| (text(fault, "pointer"), text(fault, "message"))).collect()
}

fn pointers(answer: &Answer) -> Vec<String> {
    let mut all: Vec<String> = faults(answer).into_iter().map(|(pointer, _)| pointer).collect();
    all.sort();
    all
}

#[tokio::test]
async fn all_faults_are_told_at_once_and_nothing_is_changed() {
    let world = World::start().await;
    let ada = world.person("u-ada", "acme", "ada@contoso.com").await;
    let before = ada.get("/v1/customer").await;
    let answer = ada
        .patch("/v1/customer", json!({
            "name": "", "enabled": "yes", "features": ["calendar", "teleport", 7], "strict": 1, "tenant_id": "contoso.com",
            "allowed_account": "anybody", "calendar": 5,
            "scheduling_user": { "allowed_users": ["u-1", "", 7], "colour": "red" },
            "rooms": [{ "name": "Room" }, { "email": "room", "capacity": 0, "building": "\u{202e}" }, "room7@contoso.com"],
            "cloud": "global", "tilde~and/slash": 1,
        }))
        .await;
    assert_eq!(answer.problem(), (422, "invalid-request"), "{}", answer.text);
    assert_eq!(
        pointers(&answer),
        [
            "/allowed_account",
            "/calendar",
            "/cloud",
            "/enabled",
            "/features/1",
            "/features/2",
            "/name",
            "/rooms/0/email",
            "/rooms/1/building",
            "/rooms/1/capacity",
            "/rooms/1/email",
            "/rooms/2",
            "/scheduling_user/allowed_users/1",
            "/scheduling_user/allowed_users/2",
            "/scheduling_user/colour",
            "/scheduling_user/user",
            "/strict",
            "/tenant_id",
            "/tilde~0and~1slash",
        ]
    );
    assert!(faults(&answer).iter().all(|(_, message)| !message.is_empty()));
    assert_eq!(ada.get("/v1/customer").await.json, before.json);
}

#[tokio::test]
async fn faults_of_one_kind_have_its_name() {
    let world = World::start().await;
    let ada = world.person("u-ada", "acme", "ada@contoso.com").await;
    let unknown = ada.patch("/v1/customer", json!({ "colour": "red", "size": 1, "consent": {} })).await;
    assert_eq!(unknown.problem(), (422, "unknown-field"));
    assert_eq!(pointers(&unknown), ["/colour", "/consent", "/size"]);
}

#[tokio::test]
async fn lists_and_texts_have_an_end() {
    let world = World::start().await;
    let ada = world.person("u-ada", "acme", "ada@contoso.com").await;
    let rooms: Vec<Value> = (0..501).map(|n| json!({ "email": format!("r{n}@x.io") })).collect();
    let users: Vec<String> = (0..501).map(|n| format!("u{n}")).collect();
    for (body, pointer) in [
        (json!({ "name": "x".repeat(201) }), "/name"),
        (json!({ "rooms": rooms }), "/rooms"),
        (
            json!({ "scheduling_user": { "user": "u-1", "allowed_users": users } }),
            "/scheduling_user/allowed_users",
        ),
        (json!({ "scheduling_user": { "user": "x".repeat(129) } }), "/scheduling_user/user"),
        (json!({ "features": vec!["calendar"; 8] }), "/features"),
        (json!({ "rooms": [{ "email": format!("{}@contoso.com", "x".repeat(65)) }] }), "/rooms/0/email"),
    ] {
        let answer = ada.patch("/v1/customer", body).await;
        assert_eq!(
            (answer.problem(), pointers(&answer)),
            ((422, "invalid-request"), vec![pointer.to_owned()])
        );
    }
    let most: Vec<Value> = (0..500).map(|n| json!({ "email": format!("r{n}@x.io") })).collect();
    assert_eq!(
        ada.patch("/v1/customer", json!({ "name": "ü".repeat(200), "rooms": most })).await.status,
        200
    );
}

#[tokio::test]
async fn a_link_wants_a_return_url_and_says_what_else_is_wrong() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let answer = ana
        .post("/v1/connect-sessions", json!({
            "features": "calendar", "time_zone": "Mars/Olympus", "locale": "x".repeat(36), "email": "eve@contoso.com",
        }))
        .await;
    assert_eq!(answer.problem(), (422, "invalid-request"));
    assert_eq!(pointers(&answer), ["/email", "/features", "/locale", "/return_url", "/time_zone"]);
}

#[tokio::test]
async fn settings_are_for_administrators_and_where_roles_are_known_for_some_of_them() {
    let world = World::with_setting("JWT_CLAIM_ROLES", "roles").await;
    let with_roles = async |roles: Value| {
        let claims =
            json!({ "sub": "u-ada", "customer_id": "acme", "scope": "admin connections", "roles": roles });
        world.person_with(claims).await
    };
    for roles in [
        json!(["owner"]),
        json!(["x", "it_manager"]),
        json!("admin"),
        json!("recruiter owner"),
        json!(["admin", 7]),
    ] {
        let ada = with_roles(roles.clone()).await;
        assert_eq!(ada.patch("/v1/customer", json!({ "name": "Acme" })).await.status, 200, "{roles}");
    }
    for roles in [
        json!([]),
        json!(["recruiter"]),
        json!("Owner"),
        json!("owners"),
        json!(["own er"]),
        json!(null),
        json!(["[owner]"]),
    ] {
        let eve = with_roles(roles.clone()).await;
        assert_eq!(
            eve.patch("/v1/customer", json!({ "name": "Eve" })).await.problem(),
            (403, "forbidden"),
            "{roles}"
        );
        assert_eq!(eve.delete("/v1/customer").await.problem(), (403, "forbidden"), "{roles}");
        assert_eq!(eve.get("/v1/customer").await.str("/name"), "Acme", "reading needs the scope alone");
    }
}

#[tokio::test]
async fn without_a_roles_claim_the_scope_decides() {
    let world = World::start().await;
    let ada = world.person_with(json!({ "sub": "u-ada", "customer_id": "acme", "scope": "admin" })).await;
    assert_eq!(ada.patch("/v1/customer", json!({ "name": "Acme" })).await.status, 200);
    let eve = json!({ "sub": "u-eve", "customer_id": "acme", "scope": "connections interviews", "roles": ["owner"] });
    let eve = world.person_with(eve).await;
    for answer in [
        eve.get("/v1/customer").await,
        eve.patch("/v1/customer", json!({ "name": "Eve" })).await,
        eve.delete("/v1/customer").await,
        eve.get("/v1/connections").await,
    ] {
        assert_eq!((answer.status, answer.str("/message")), (403, "Forbidden"));
    }
}
