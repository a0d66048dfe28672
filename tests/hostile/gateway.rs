//! Who is let in: tokens, scopes, routes, and ids that look like something else.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Forge, Person, Rows, World};

fn claims() -> Value {
    json!({ "sub": "u-ana", "customer_id": "acme", "email": "ana@contoso.com", "scope": "connections admin" })
}

/// The usual claims with some changed.
fn with(fields: &Value) -> Value {
    let mut all = claims();
    all.as_object_mut().expect("an object").extend(fields.as_object().cloned().unwrap_or_default());
    all
}

async fn person_with(world: &World, token: String) -> Person<'_> {
    let mut person = world.person("u-ana", "acme", "ana@contoso.com").await;
    person.token = token;
    person
}

fn is_unauthorized(answer: &Answer, what: &str) {
    assert_eq!((answer.status, &answer.json), (401, &json!({ "message": "Unauthorized" })), "{what}");
    assert!(answer.header("apigw-requestid").is_some(), "the gateway answers by itself");
    assert!(answer.header("www-authenticate").is_some_and(|said| said.starts_with("Bearer")), "{what}");
}

#[tokio::test]
async fn a_call_without_a_sound_token_is_unauthorized() {
    let world = World::start().await;
    let now = world.now().as_second();
    let good = world.bare_token(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let part = |value: Value| BASE64.encode(value.to_string());
    let all =
        part(with(&json!({ "iss": world.stack.shared.issuer, "aud": local::AUDIENCE, "exp": now + 3600 })));
    let tokens = [
        ("empty", String::new()),
        ("garbage", "garbage".to_owned()),
        ("dots", "..".to_owned()),
        ("expired", world.bare_token(&with(&json!({ "exp": now })))),
        ("not yet", world.bare_token(&with(&json!({ "nbf": now + 60 })))),
        ("without end", world.bare_token(&with(&json!({ "exp": null })))),
        ("another audience", world.bare_token(&with(&json!({ "aud": "another" })))),
        ("no audience", world.bare_token(&with(&json!({ "aud": null })))),
        ("another issuer", world.bare_token(&with(&json!({ "iss": "https://evil.example" })))),
        ("alg none", format!("{}.{all}.", part(json!({ "alg": "none", "typ": "JWT" })))),
        ("alg none, signed", format!("{}.{all}.{}", part(json!({ "alg": "none" })), parts[2])),
        ("HS256", format!("{}.{all}.{}", part(json!({ "alg": "HS256" })), parts[2])),
        (
            "signed by another",
            Forge::token(&with(
                &json!({ "iss": world.stack.shared.issuer, "aud": local::AUDIENCE, "exp": now + 3600 }),
            )),
        ),
        ("other claims", format!("{}.{all}.{}", parts[0], parts[2])),
        ("cut", good[..good.len() - 5].to_owned()),
    ];
    for (what, token) in tokens {
        let person = person_with(&world, token).await;
        is_unauthorized(&person.get("/v1/connection").await, what);
    }
    for header in [None, Some("Basic dTpw"), Some("Bearer"), Some(good.as_str())] {
        let mut request = world.http.get(format!("{}/v1/connection", world.stack.url));
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = Answer::read(request.send().await.expect("an answer")).await;
        is_unauthorized(&answer, header.unwrap_or("no header"));
    }
    assert_eq!(person_with(&world, good).await.get("/v1/connection").await.status, 200);
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    world.pass_time(crate::world::minutes(12 * 60));
    is_unauthorized(&ana.get("/v1/connection").await, "after half a day");
}

#[tokio::test]
async fn every_route_wants_its_scope() {
    let world = World::start().await;
    for function in local::http_functions() {
        for route in function.routes {
            let shared::function::Access::AnyOf(scopes) = route.access else { continue };
            let (method, path) = shared::function::split_key(route.key);
            let path = path.replace("{id}", "con_00000000000000000000000000");
            let others: Vec<&str> = ["connections", "interviews", "availability", "mailbox", "admin"]
                .into_iter()
                .filter(|scope| !scopes.contains(scope))
                .collect();
            for scope in [
                others.join(" "),
                String::new(),
                format!("{}x", scopes[0]),
                scopes[0].to_uppercase(),
                scopes.join(","),
            ] {
                if scopes.len() == 1 && scope == scopes[0] {
                    continue;
                }
                let person = person_with(&world, world.bare_token(&with(&json!({ "scope": scope })))).await;
                let answer = person.call(method.clone(), &path, None, &[]).await;
                assert_eq!(
                    (answer.status, answer.str("/message")),
                    (403, "Forbidden"),
                    "{} with {scope:?}",
                    route.key
                );
            }
        }
    }
}

#[tokio::test]
async fn claims_may_be_texts_or_lists() {
    let world = World::start().await;
    for fields in [
        json!({ "scope": ["connections", "admin"] }),
        json!({ "scope": null, "scp": ["connections"] }),
        json!({ "scope": null, "scp": "openid connections" }),
        json!({ "scope": "connections", "roles": ["a", "b"], "groups": [["x"], 7, null], "nested": { "a": [1] }, "amr": true }),
        json!({ "sub": 4711 }),
        json!({ "customer_id": 12 }),
    ] {
        let mut all = with(&fields);
        all.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let person = person_with(&world, world.bare_token(&all)).await;
        let answer = person.get("/v1/connection").await;
        assert_eq!(
            (answer.status, answer.str("/status")),
            (200, "not_connected"),
            "{fields}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_token_that_names_no_customer_or_user_is_forbidden() {
    let world = World::start().await;
    for (fields, what) in [
        (json!({ "customer_id": "" }), "a customer"),
        (json!({ "customer_id": null }), "a customer"),
        (json!({ "customer_id": "x".repeat(129) }), "a customer"),
        (json!({ "customer_id": "é".repeat(65) }), "a customer"),
        (json!({ "customer_id": "a\nb" }), "a customer"),
        (json!({ "customer_id": "a\u{0}" }), "a customer"),
        (json!({ "sub": "" }), "a user"),
        (json!({ "sub": null }), "a user"),
        (json!({ "sub": "x".repeat(129) }), "a user"),
        (json!({ "sub": "a\tb" }), "a user"),
    ] {
        let mut all = with(&fields);
        all.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let person = person_with(&world, world.bare_token(&all)).await;
        let answer = person.get("/v1/connection").await;
        assert_eq!(answer.problem(), (403, "forbidden"), "{fields}");
        assert!(answer.str("/detail").contains(what), "{}", answer.text);
    }
}

#[tokio::test]
async fn ids_of_the_ats_may_be_odd_and_are_kept_encoded() {
    let world = World::start().await;
    let odd = [
        "x".repeat(128),
        "é".repeat(64),
        "a b/c#d?e%f&g=h".to_owned(),
        "../..".to_owned(),
        "CUSTOMER".to_owned(),
        "\u{202e}x".to_owned(),
        "'; DROP".to_owned(),
        "😀".to_owned(),
    ];
    for id in &odd {
        let person = world.person(id, id, "ana@contoso.com").await;
        assert_eq!(person.connect().await, "connected", "{id}");
        assert_eq!(person.connection().await["user"], id.as_str());
    }
    assert_eq!(Rows::of(&world).with("S#").count(), odd.len());
    for key in Rows::of(&world).partitions() {
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"#%-._~".contains(&byte)), "{key}");
    }
}

#[tokio::test]
async fn what_is_no_route_is_not_found() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for (method, path) in [
        (Method::GET, "/v1"),
        (Method::GET, "/v1/"),
        (Method::GET, "/v1/nothing"),
        (Method::GET, "/v1/connection/"),
        (Method::GET, "/V1/connection"),
        (Method::GET, "//v1/connection"),
        (Method::GET, "/v1/connections/a/b"),
        (Method::GET, "/v1/connections/"),
        (Method::PUT, "/v1/customer"),
        (Method::POST, "/v1/customer"),
        (Method::HEAD, "/v1/customer"),
        (Method::OPTIONS, "/v1/customer"),
        (Method::DELETE, "/v1/connections"),
        (Method::GET, "/v1/connect-sessions"),
        (Method::POST, "/api/auth/microsoft/callback"),
        (Method::GET, "/api/auth/microsoft"),
        (Method::GET, "/v1/connection;x=y"),
        (Method::GET, "/.env"),
    ] {
        let answer = ana.call(method.clone(), path, None, &[]).await;
        assert_eq!(answer.status, 404, "{method} {path}");
        assert!(method == Method::HEAD || answer.str("/message") == "Not Found", "{method} {path}");
    }
    // API Gateway decodes a path before it routes it.
    assert_eq!(ana.get("/v1/%63onnection").await.status, 200);
}

#[tokio::test]
async fn answers_of_functions_carry_their_headers_and_problems_their_members() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let fine = ana.get("/v1/connection").await;
    assert_eq!(fine.header("content-type"), Some("application/json"));
    let refused = ana.get("/v1/connections/con_x").await;
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    for answer in [&fine, &refused] {
        assert!(answer.header("request-id").is_some_and(|id| !id.is_empty()));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(refused.header("request-id"), Some(refused.str("/request_id")));
    assert_eq!(refused.str("/type"), format!("{}/problems/not-found", world.stack.url));
    assert_eq!((&refused.json["status"], &refused.json["retryable"]), (&json!(404), &json!(false)));
    assert!(refused.json["fix"]["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
}
