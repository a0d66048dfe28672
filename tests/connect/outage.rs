//! Our own store or key service out of order, at each step of a sign-in.

use serde_json::json;
use sim::Answer::{Accept, Cancel};

use crate::world::{Answer, Browser, Rows, World, ending};

fn down(world: &World, service: &str, operation: &str, skip: u32, when: &str) {
    world.fault(json!({
        "service": service, "operation": operation, "skip": skip, "when": when, "kind": "reset", "times": 0,
    }));
}

fn up(world: &World) {
    world.switch("clear-faults", json!({}));
}

/// A problem for a browser: it says to come again, and nothing about what is behind.
fn is_unavailable(answer: &Answer) {
    assert_eq!(answer.problem(), (503, "service-unavailable"), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!((answer.retry_after(), answer.json["retryable"].as_bool()), (5, Some(true)));
    for inside in ["dynamo", "kms", "amazon", "convene-", "127.0.0.1", "SIGNIN"] {
        assert!(!answer.text.to_lowercase().contains(inside), "{inside}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_link_cannot_be_made_or_followed_without_the_store_and_works_afterwards() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let body = json!({ "return_url": format!("{}/done", world.stack.url) });
    for operation in ["GetItem", "PutItem"] {
        down(&world, "dynamodb", operation, 0, "before");
        is_unavailable(&ana.post("/v1/connect-sessions", body.clone()).await);
        up(&world);
    }
    let link = ana.connect_link().await;
    for operation in ["GetItem", "PutItem"] {
        down(&world, "dynamodb", operation, 0, "before");
        let browser = Browser::new(&world);
        let answer = browser.open(&link).await;
        is_unavailable(&answer);
        assert!(browser.cookies().is_empty());
        up(&world);
    }
    assert_eq!(ending(&Browser::new(&world).sign_in(&link, "ana@contoso.com", Accept).await), "connected");
}

#[tokio::test]
async fn a_return_that_could_not_be_taken_can_be_repeated() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    down(&world, "dynamodb", "UpdateItem", 0, "before");
    is_unavailable(&browser.open(&back).await);
    assert!(world.microsoft().redemptions().is_empty());
    up(&world);
    assert_eq!(ending(&browser.open(&back).await), "connected");
}

#[tokio::test]
async fn wherever_store_or_keys_fail_the_person_is_sent_back_and_nothing_is_half_stored() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for (service, operation) in [
        ("kms", "Sign"),
        ("dynamodb", "BatchGetItem"),
        ("kms", "GenerateDataKey"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "TransactWriteItems"),
    ] {
        let (browser, authorize) = ana.begin().await;
        let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
        down(&world, service, operation, 0, "before");
        let again = Browser::new(&world);
        again.set_cookies(browser.cookies());
        let end = browser.open(&back).await;
        assert_eq!(ending(&end), "failed: service-unavailable", "{operation}");
        up(&world);
        assert_eq!(ending(&again.open(&back).await), "failed: service-unavailable", "{operation}: a repeat");
        assert_eq!(Rows::of(&world).sealed(), 0, "{operation}");
        assert_eq!(ana.status().await, "not_connected", "{operation}");
    }
    assert_eq!(ana.connect().await, "connected");
    assert_eq!(Rows::keys(&world), 1);
}

#[tokio::test]
async fn a_kms_key_that_is_switched_off_stores_nothing() {
    for (world, operation) in [
        (World::start().await, "Sign"),
        (World::with_client_secret().await, "Decrypt"),
        (World::start().await, "GenerateDataKey"),
    ] {
        off(&world, operation).await;
    }
}

async fn off(world: &World, operation: &str) {
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let disabled = json!({ "__type": "DisabledException", "message": "arn:aws:kms:eu-west-1:000000000000:key/x is disabled." });
    let kind = json!({ "status": { "status": 400, "body": disabled } });
    world.fault(json!({ "service": "kms", "operation": operation, "times": 0, "kind": kind }));
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "failed: internal-error", "{operation}");
    assert_eq!((Rows::of(world).sealed(), Rows::keys(world)), (0, 0));
    up(world);
    assert_eq!(ana.connect().await, "connected");
}

#[tokio::test]
async fn a_connection_whose_last_answer_was_lost_is_connected_all_the_same() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    down(&world, "dynamodb", "TransactWriteItems", 0, "after");
    let end = ana.ends("ana@contoso.com", Accept).await;
    up(&world);
    assert_eq!((end.as_str(), ana.status().await.as_str()), ("connected", "connected"));
    assert_eq!(ana.schedule("key-after-it").await.status, 201);
}

#[tokio::test]
async fn a_refused_sign_in_ends_in_the_ats_even_if_the_store_is_down() {
    for operation in ["BatchGetItem", "TransactWriteItems"] {
        let world = World::start().await;
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        down(&world, "dynamodb", operation, 0, "before");
        assert_eq!(ana.ends("ana@contoso.com", Cancel).await, "failed: service-unavailable", "{operation}");
        up(&world);
        assert_eq!(ana.status().await, "not_connected");
    }
}

#[tokio::test]
async fn an_end_that_could_not_be_stored_is_a_failure_for_whoever_repeats_it() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ben@contoso.com", Accept).expect("back");
    let again = Browser::new(&world);
    again.set_cookies(browser.cookies());
    down(&world, "dynamodb", "UpdateItem", 1, "before");
    assert_eq!(ending(&browser.open(&back).await), "wrong_account: wrong-account");
    up(&world);
    assert_eq!(again.open(&back).await.status, 200, "it may still be running");
    world.pass_time(jiff::SignedDuration::from_secs(30));
    assert_eq!(ending(&again.open(&back).await), "failed: internal-error");
    assert_eq!(ana.status().await, "not_connected");
}
