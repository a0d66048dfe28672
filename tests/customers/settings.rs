//! `GET` and `PATCH /v1/customer`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Person, World};

/// An administrator of a customer whom nobody has switched on: his token is made before the customer exists.
async fn admin(world: &World) -> Person<'_> {
    let mut admin = world.person("u-ada", "fresh-token", "ada@contoso.com").await;
    let claims = json!({ "sub": "u-ada", "customer_id": "acme", "email": "ada@contoso.com", "scope": "admin connections interviews" });
    admin.token = world.bare_token(&claims);
    "acme".clone_into(&mut admin.customer);
    admin
}

async fn change(admin: &Person<'_>, body: Value) -> Value {
    let changed = admin.patch("/v1/customer", body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json, admin.get("/v1/customer").await.json, "the answer is what is stored");
    changed.json
}

fn defaults() -> Value {
    json!({
        "name": null, "enabled": false, "features": ["calendar"], "strict": false, "tenant_id": null, "cloud": "global",
        "allowed_account": "same_email", "calendar": "primary", "scheduling_user": null, "rooms": [],
        "consent": { "state": "unknown", "granted_scopes": [], "checked_at": null },
    })
}

#[tokio::test]
async fn before_the_first_change_the_defaults_are_shown_and_nothing_is_stored() {
    let world = World::start().await;
    let admin = admin(&world).await;
    let read = admin.get("/v1/customer").await;
    assert_eq!((read.status, &read.json), (200, &defaults()));
    assert_eq!(read.header("etag"), Some("\"0\""));
    assert_eq!(read.header("cache-control"), Some("no-store"));
    assert!(!world.stack.aws.dump().to_string().contains("C#acme"));
}

#[tokio::test]
async fn every_setting_can_be_changed_and_what_is_left_out_stays() {
    let world = World::with_setting("FEATURES", "calendar,availability,rooms,shared_calendars").await;
    let admin = admin(&world).await;
    let tenant = world.microsoft().tenant_id("contoso.com");
    let all = json!({
        "name": "Acme GmbH & Söhne", "enabled": true, "features": ["rooms", "availability"], "strict": true,
        "tenant_id": tenant, "allowed_account": "any_in_tenant", "calendar": "scheduler",
        "scheduling_user": { "user": "u-ana", "allowed_users": ["u-ben", "u-carl"] },
        "rooms": [{ "email": "room7@contoso.com", "name": "Room 7", "capacity": 8, "building": "North" },
                  { "email": "room8@contoso.com" }],
    });
    let changed = change(&admin, all).await;
    assert_eq!(changed["name"], "Acme GmbH & Söhne");
    assert_eq!(changed["enabled"], true);
    assert_eq!(changed["features"], json!(["calendar", "availability", "rooms"]));
    assert_eq!(changed["strict"], true);
    assert_eq!(changed["tenant_id"], tenant.as_str());
    assert_eq!(changed["allowed_account"], "any_in_tenant");
    assert_eq!(changed["calendar"], "scheduler");
    assert_eq!(changed["scheduling_user"], json!({ "user": "u-ana", "allowed_users": ["u-ben", "u-carl"] }));
    assert_eq!(
        changed["rooms"][0],
        json!({ "email": "room7@contoso.com", "name": "Room 7", "capacity": 8, "building": "North" })
    );
    assert_eq!(
        changed["rooms"][1]["name"], "room8@contoso.com",
        "a room without a name is shown by its address"
    );
    let after = change(&admin, json!({ "name": "Acme" })).await;
    let mut expected = changed.clone();
    expected["name"] = "Acme".into();
    assert_eq!(after, expected);
    assert_eq!(change(&admin, json!({})).await, expected);
}

#[tokio::test]
async fn null_puts_a_setting_back_to_its_default() {
    let world = World::with_setting("FEATURES", "calendar,rooms").await;
    let admin = admin(&world).await;
    let some = json!({
        "name": "Acme", "enabled": true, "features": ["rooms"], "strict": true, "allowed_account": "same_domain",
        "tenant_id": world.microsoft().tenant_id("contoso.com"), "calendar": "scheduler",
        "scheduling_user": { "user": "u-ana" }, "rooms": [{ "email": "room7@contoso.com" }],
    });
    change(&admin, some.clone()).await;
    for name in some.as_object().expect("fields").keys() {
        let after = change(&admin, json!({ name: null })).await;
        assert_eq!(after[name], defaults()[name], "{name}");
    }
    assert_eq!(change(&admin, json!({})).await, defaults());
}

#[tokio::test]
async fn a_feature_that_the_deployment_lacks_is_not_in_force() {
    let world = World::with_setting("FEATURES", "calendar,availability").await;
    let admin = admin(&world).await;
    let changed = change(&admin, json!({ "features": ["mailbox", "availability"] })).await;
    assert_eq!(changed["features"], json!(["calendar", "availability"]));
}

#[tokio::test]
async fn a_change_names_the_version_it_was_made_from() {
    let world = World::start().await;
    let admin = admin(&world).await;
    let patch = async |tag: &str, name: &str| {
        admin.call(Method::PATCH, "/v1/customer", Some(&json!({ "name": name })), &[("if-match", tag)]).await
    };
    let first = patch("\"0\"", "one").await;
    assert_eq!((first.status, first.header("etag")), (200, Some("\"1\"")));
    let stale = patch("\"0\"", "two").await;
    assert_eq!(stale.problem(), (412, "version-mismatch"));
    assert_eq!(stale.header("etag"), Some("\"1\""), "the present version, to read again");
    assert_eq!(patch("\"7\", \"1\"", "three").await.status, 200, "one of a list");
    assert_eq!(patch("*", "four").await.status, 200);
    // RFC 9110 compares strongly, so a weak tag matches nothing; that nobody changed anything is said as well.
    let weak = patch("W/\"3\"", "five").await;
    assert_eq!(weak.problem(), (422, "invalid-request"));
    assert!(weak.str("/detail").contains("weak"), "{}", weak.text);
    assert_eq!(patch("3", "six").await.problem(), (422, "invalid-request"));
    let read = admin.get("/v1/customer").await;
    assert_eq!((read.str("/name"), read.header("etag")), ("four", Some("\"3\"")));
}

#[tokio::test]
async fn of_two_changes_at_once_without_a_version_neither_is_lost() {
    let world = World::start().await;
    let admin = admin(&world).await;
    change(&admin, json!({ "enabled": true })).await;
    let (name, strict) = futures::join!(
        admin.patch("/v1/customer", json!({ "name": "Acme" })),
        admin.patch("/v1/customer", json!({ "strict": true })),
    );
    assert_eq!((name.status, strict.status), (200, 200), "{} {}", name.text, strict.text);
    let read = admin.get("/v1/customer").await;
    assert_eq!((&read.json["name"], &read.json["strict"]), (&json!("Acme"), &json!(true)));
}

#[tokio::test]
async fn the_settings_of_a_customer_say_what_was_proven_to_be_granted() {
    let world = World::start().await;
    let ana = world.ana().await;
    let consent = ana.get("/v1/customer").await.json["consent"].clone();
    assert_eq!(consent["state"], "granted");
    assert_eq!(consent["granted_scopes"], json!(["Calendars.ReadWrite", "User.Read"]));
    assert_eq!(consent["checked_at"], crate::world::BEGIN);
}

#[tokio::test]
async fn settings_belong_to_the_customer_of_the_token() {
    let world = World::start().await;
    let acme = world.person("u-ada", "acme", "ada@contoso.com").await;
    let other = world.person("u-ada", "other", "ada@contoso.com").await;
    change(&acme, json!({ "name": "Acme" })).await;
    assert!(other.get("/v1/customer").await.json["name"].is_null());
}
