//! Threats 7, 8 and 31: another customer's ids, another person's address, and use after the end.

use reqwest::Method;
use serde_json::{Value, json};
use shared::function::split_key;
use sim::Answer::Accept;

use crate::world::{Forge, Person, Rows, World, ending, interview};

/// Every route that names something by its id, with an id of the right kind.
fn routes_with(id: &str, kind: &str) -> Vec<(Method, String)> {
    let functions = local::http_functions();
    let routes = functions.iter().flat_map(|function| function.routes);
    let named = routes
        .map(|route| split_key(route.key))
        .filter(|(_, path)| path.starts_with("/v1/") && path.contains("{id}"));
    named
        .filter(|(_, path)| path.contains(kind))
        .map(|(method, path)| (method, path.replace("{id}", id)))
        .collect()
}

/// A body that the route would take from the right person.
fn body(path: &str) -> Value {
    match path {
        path if path.ends_with("/reschedule") => {
            json!({ "start": "2026-12-02T10:00:00+01:00", "end": "2026-12-02T11:00:00+01:00" })
        }
        path if path.starts_with("/v1/interviews") && !path.ends_with("/cancel") => {
            json!({ "title": "Taken over" })
        }
        _ => json!({}),
    }
}

#[tokio::test]
async fn t07_on_every_route_the_ids_of_another_customer_do_not_exist() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-ana-1").await;
    let connection = ana.connection().await["id"].as_str().expect("an id").to_owned();
    let asked = ana.post("/v1/approvals", json!({})).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    let fay = world.person("u-ana", "other", "fay@fabrikam.com").await;
    assert_eq!(fay.connect().await, "connected", "a customer with a key and a connection of its own");
    let (mark, before) = (world.journal().last(), world.stack.aws.dump());
    let mut tried = 0;
    let ids = [
        (made.str("/id"), "/interviews/"),
        (&connection, "/connections/"),
        (asked.str("/id"), "/approvals/"),
    ];
    for (id, kind) in ids {
        for (method, path) in routes_with(id, kind) {
            let body = (method != Method::GET && method != Method::DELETE).then(|| body(&path));
            let key = format!("key-of-fay-{tried}");
            let answer = fay.call(method.clone(), &path, body.as_ref(), &[("idempotency-key", &key)]).await;
            assert_eq!(answer.problem(), (404, "not-found"), "{method} {path}: {}", answer.text);
            assert!(!answer.text.contains("contoso"), "{method} {path}");
            tried += 1;
        }
    }
    assert!(tried >= 8, "{tried}");
    assert!(world.graph_since(mark).is_empty());
    let own = |dump: &Value| {
        dump["convene"]
            .as_array()
            .expect("rows")
            .iter()
            .filter(|row| row.to_string().contains("C#acme"))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(own(&before), own(&world.stack.aws.dump()), "nothing of the other customer was touched");
}

#[tokio::test]
async fn t07_colleagues_see_neither_each_others_interviews_nor_connections() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-ana-1").await;
    let ben = json!({ "sub": "u-ben", "customer_id": "acme", "email": "ben@contoso.com", "scope": "connections interviews" });
    let ben = world.person_with(ben).await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    assert_eq!(ben.get(&path).await.problem(), (404, "not-found"));
    assert_eq!(
        ben.post_as("key-of-ben-1", &format!("{path}/cancel"), &json!({})).await.problem(),
        (404, "not-found")
    );
    assert_eq!(ben.get("/v1/interviews").await.json["data"], json!([]));
    assert_eq!(ben.get("/v1/connections").await.status, 403);
    assert_eq!(ben.status().await, "not_connected");
}

#[tokio::test]
async fn t07_ids_that_could_be_read_as_parts_of_a_key_stay_apart() {
    let world = World::start().await;
    let ids = [
        ("a", "U#b"),
        ("a#U", "b"),
        ("a#U#b", "c"),
        ("a", "b"),
        ("a%23U%23b", "c"),
        ("A", "b"),
        (" a", "b"),
        ("a/../a", "b"),
        ("ä", "b"),
    ];
    for (customer, user) in ids {
        let person = world.person(user, customer, "ana@contoso.com").await;
        assert_eq!(person.status().await, "not_connected", "{customer} {user}");
        assert_eq!(person.connect().await, "connected", "{customer} {user}");
    }
    assert_eq!(Rows::of(&world).with("S#").count(), ids.len());
    let ada = world.person("u-ada", "a", "ana@contoso.com").await;
    let list = ada.get("/v1/connections").await;
    let users: Vec<_> =
        list.json["data"].as_array().expect("a list").iter().map(|item| item["user"].clone()).collect();
    assert_eq!(users, [json!("U#b"), json!("b")]);
    assert_eq!(Rows::keys(&world), 8, "one key for each customer");
}

async fn comes_back_as(ana: &Person<'_>, change: impl FnOnce(&Forge<'_>, &mut Value)) -> String {
    let world = ana.world;
    world.switch("clear-faults", json!({}));
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let forge = Forge::published(world);
    let mut claims = forge.claims(&authorize, "fay@fabrikam.com");
    change(&forge, &mut claims);
    forge.answers("fay@fabrikam.com", &Forge::token(&claims));
    ending(&browser.open(&back).await)
}

#[tokio::test]
async fn t08_an_address_in_a_foreign_tenants_token_proves_nothing() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for rule in ["same_email", "same_domain", "any_in_tenant"] {
        assert_eq!(ana.patch("/v1/customer", json!({ "allowed_account": rule })).await.status, 200);
        // The attacker's own tenant is free to put any address into any of these.
        let end = comes_back_as(&ana, |_, claims| {
            for name in ["preferred_username", "email", "upn", "unique_name"] {
                claims[name] = "ana@contoso.com".into();
            }
            claims["xms_edov"] = true.into();
        });
        assert_eq!(end.await, "wrong_tenant: wrong-tenant", "{rule}");
    }
    assert_eq!((ana.status().await.as_str(), Rows::of(&world).sealed()), ("not_connected", 0));
}

#[tokio::test]
async fn t08_a_token_that_names_no_person_or_no_tenant_proves_nobody() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let tenant = world.microsoft().tenant_id("contoso.com");
    for (name, value) in [
        ("oid", Value::Null),
        ("oid", json!("")),
        ("oid", json!("ana")),
        ("oid", json!(7)),
        ("tid", Value::Null),
        ("tid", json!("contoso.com")),
        ("tid", json!([tenant])),
    ] {
        let end = comes_back_as(&ana, |forge, claims| {
            claims["tid"] = json!(tenant);
            claims["iss"] = json!(forge.issuer("contoso.com"));
            claims[name] = value.clone();
        });
        assert_eq!(end.await, "failed: internal-error", "{name} {value}");
    }
    assert_eq!((ana.status().await.as_str(), Rows::of(&world).sealed()), ("not_connected", 0));
}

#[tokio::test]
async fn t08_a_person_whose_address_changed_stays_the_same_person() {
    let world = World::start().await;
    let ana = world.ana().await;
    let before = ana.connection().await["account"].clone();
    assert_eq!(ana.patch("/v1/customer", json!({ "allowed_account": "any_in_tenant" })).await.status, 200);
    world.switch("clear-faults", json!({}));
    world.pass_time(crate::world::minutes(2));
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let forge = Forge::published(&world);
    let mut claims = forge.claims(&authorize, "ana@contoso.com");
    claims["preferred_username"] = "ana.married@contoso.com".into();
    claims["email"] = Value::Null;
    forge.answers("ana@contoso.com", &Forge::token(&claims));
    assert_eq!(ending(&browser.open(&back).await), "connected");
    let after = ana.connection().await["account"].clone();
    assert_eq!((&after["object_id"], &after["tenant_id"]), (&before["object_id"], &before["tenant_id"]));
}

#[tokio::test]
async fn t31_after_its_end_a_connection_is_not_used_again() {
    let world = World::with_setting("FEATURES", "calendar,availability").await;
    let (ana, ada) = (world.ana().await, world.person("u-ada", "acme", "admin@contoso.com").await);
    let id = ana.connection().await["id"].as_str().expect("an id").to_owned();
    let ends: [(&str, u16, &str); 4] = [
        ("by the user", 409, "not-connected"),
        ("by an administrator", 409, "not-connected"),
        ("switched off", 403, "integration-disabled"),
        ("doubted", 409, "connection-checking"),
    ];
    for (n, (how, status, code)) in ends.into_iter().enumerate() {
        // The token is in use and fresh a moment before.
        let made = ana.schedule(&format!("key-before-{n}")).await;
        assert_eq!(made.status, 201, "{how}");
        match how {
            "by the user" => {
                assert_eq!(ana.delete("/v1/connection").await.status, 204);
            }
            "by an administrator" => {
                assert_eq!(ada.delete(&format!("/v1/connections/{id}")).await.status, 204);
            }
            "switched off" => {
                assert_eq!(ada.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
            }
            _ => {
                world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
                assert_eq!(ana.post("/v1/connection/verify", json!({})).await.str("/status"), "checking");
            }
        }
        let mark = world.journal().last();
        let refused = ana.post_as(&format!("key-after-{n}"), "/v1/interviews", &interview()).await;
        assert_eq!(refused.problem(), (status, code), "{how}");
        let window = json!({ "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T18:00:00Z" });
        let search = json!({ "people": ["carl@contoso.com"], "duration_minutes": 30, "windows": [window] });
        let looked = ana.post("/v1/availability", search).await;
        assert_eq!(looked.problem(), (status, code), "{how}");
        let path = format!("/v1/interviews/{}/reschedule", made.str("/id"));
        let moved = ana.post_as(&format!("key-moved-{n}"), &path, &body(&path)).await;
        assert_eq!(moved.problem(), (status, code), "{how}");
        assert!(world.graph_since(mark).is_empty(), "{how}");
        if how == "switched off" {
            assert_eq!(ada.patch("/v1/customer", json!({ "enabled": true })).await.status, 200);
        } else {
            assert_eq!(ana.connect().await, "connected", "{how}");
        }
    }
}
