//! The end of a customer: unreadable at once, gone within minutes, and no obstacle to a new beginning.

use jiff::SignedDuration;
use serde_json::json;
use sim::Answer::Accept;

use crate::world::{Answer, Person, Rows, World, ending, minutes};

async fn shows_defaults(ana: &Person<'_>) {
    let customer = ana.get("/v1/customer").await.json;
    assert_eq!((&customer["enabled"], &customer["tenant_id"]), (&json!(false), &json!(null)));
    assert_eq!((&customer["rooms"], &customer["consent"]["state"]), (&json!([]), &json!("unknown")));
}

async fn nothing_is_served(ana: &Person<'_>, made: &Answer) {
    assert_eq!(ana.status().await, "not_connected");
    assert_eq!(ana.get("/v1/connections").await.json, json!({ "data": [], "next_cursor": null }));
    assert_eq!(ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await.status, 404);
    let list = ana.get("/v1/interviews").await;
    assert!(list.status == 404 || list.json["data"] == json!([]), "{}", list.text);
    let refused = ana.schedule("key-after-the-end").await;
    assert!([403, 409].contains(&refused.status), "{}", refused.text);
    assert_eq!(ana.post("/v1/connection/verify", json!({})).await.status, 409);
}

#[tokio::test]
async fn a_deleted_customer_is_unreadable_at_once_and_gone_within_minutes() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-before-end").await;
    assert_eq!(made.status, 201);
    assert!(Rows::of(&world).with("C#acme").sealed() > 0);
    assert_eq!(Rows::keys(&world), 1);

    let receipt = ana.delete("/v1/customer").await;
    assert_eq!(receipt.status, 202);
    let now = world.now();
    let later =
        |minutes: i64| (now + SignedDuration::from_mins(minutes)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(
        receipt.json,
        json!({
            "requested_at": later(0), "keys_destroyed": true, "keys_destroyed_at": later(0),
            "irrecoverable_after": later(24 * 60 + 15), "access_tokens_end_by": later(90),
            // Her tokens and her interview.
            "checked": { "key_versions_left": 0, "sealed_values_tried": 2, "sealed_values_opened": 0 },
        })
    );
    assert_eq!(Rows::keys(&world), 0);
    shows_defaults(&ana).await;
    nothing_is_served(&ana, &made).await;
    for answer in [
        ana.patch("/v1/customer", json!({ "enabled": true })).await,
        ana.post("/v1/connect-sessions", json!({ "return_url": format!("{}/done", world.stack.url) })).await,
        ana.schedule("key-meanwhile").await,
    ] {
        assert_eq!(answer.problem(), (409, "deletion-in-progress"), "{}", answer.text);
        assert_eq!(answer.retry_after(), 60);
    }
    let again = ana.delete("/v1/customer").await;
    assert_eq!((again.status, &again.json), (202, &receipt.json), "twice is one deletion");

    world.advance(minutes(2)).await;
    assert_eq!((Rows::of(&world).with("C#").count(), Rows::of(&world).with("S#").count()), (0, 0));
    shows_defaults(&ana).await;
    nothing_is_served(&ana, &made).await;
    assert_eq!(world.meetings("ana@contoso.com").len(), 1, "Outlook is not touched");
}

#[tokio::test]
async fn after_a_deletion_the_customer_can_begin_anew() {
    let world = World::start().await;
    let ana = world.ana().await;
    let before = ana.connection().await["id"].clone();
    assert_eq!(ana.delete("/v1/customer").await.status, 202);
    world.advance(minutes(2)).await;
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": true })).await.status, 200);
    assert_eq!(ana.connect().await, "connected");
    assert_ne!(ana.connection().await["id"], before);
    assert_eq!(ana.schedule("key-anew").await.status, 201);
    world.advance(minutes(50)).await;
    assert_eq!(ana.status().await, "connected");
}

#[tokio::test]
async fn only_the_customer_itself_is_deleted() {
    let world = World::start().await;
    let ana = world.ana().await;
    for other in ["acm", "acme2", "acme#U#"] {
        let fay = world.person("u-fay", other, "fay@fabrikam.com").await;
        assert_eq!(fay.connect().await, "connected", "{other}");
    }
    assert_eq!(ana.delete("/v1/customer").await.status, 202);
    world.advance(minutes(3)).await;
    for other in ["acm", "acme2", "acme#U#"] {
        let fay = world.person("u-fay", other, "fay@fabrikam.com").await;
        assert_eq!(fay.schedule("key-of-another").await.status, 201, "{other}");
    }
}

#[tokio::test]
async fn a_deletion_that_died_half_way_is_finished() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(json!({ "service": "dynamodb", "operation": "DeleteItem", "kind": "reset", "times": 0 }));
    assert_eq!(ana.delete("/v1/customer").await.problem(), (503, "service-unavailable"));
    assert_eq!(Rows::keys(&world), 1, "it died before the key was gone");
    assert_eq!(ana.status().await, "not_connected", "and yet nothing is served");
    assert_eq!(ana.schedule("key-half-way").await.problem(), (409, "deletion-in-progress"));
    world.advance(minutes(2)).await;
    assert!(Rows::of(&world).with("C#acme").count() > 0, "still no delete gets through");
    world.switch("clear-faults", json!({}));
    world.advance(minutes(1)).await;
    assert_eq!(Rows::keys(&world), 0);
    assert_eq!((Rows::of(&world).with("C#").count(), Rows::of(&world).with("S#").count()), (0, 0));
}

#[tokio::test]
async fn rows_without_number_are_removed() {
    let world = World::start().await;
    let ana = world.ana().await;
    for n in 0..30 {
        assert_eq!(ana.schedule(&format!("key-number-{n}")).await.status, 201);
    }
    assert!(Rows::of(&world).with("C#acme").count() > 60);
    assert_eq!(ana.delete("/v1/customer").await.status, 202);
    world.advance(minutes(2)).await;
    assert_eq!(Rows::of(&world).with("C#").count(), 0);
}

#[tokio::test]
async fn a_sign_in_that_ends_after_the_deletion_leaves_nothing_behind() {
    let world = World::start().await;
    world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    let (browser, authorize) = ben.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ben@contoso.com", Accept).expect("back");
    assert_eq!(ben.delete("/v1/customer").await.status, 202);
    assert_eq!(ending(&browser.open(&back).await), "failed: integration-disabled");
    world.advance(minutes(2)).await;
    assert_eq!((Rows::of(&world).with("C#").count(), Rows::of(&world).with("S#").count()), (0, 0));
}

#[tokio::test]
async fn a_sign_in_that_began_to_store_before_the_deletion_goes_with_it() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    // The callback has read that the customer is served, and hangs at the mailbox while the deletion is carried out.
    world.fault(
        json!({ "service": "graph", "operation": "GET /me/calendar", "kind": { "latency": { "ms": 1500 } } }),
    );
    let (end, ()) = futures::join!(browser.open(&back), async {
        while !world.journal().calls().iter().any(|call| call.service == "graph") {
            tokio::task::yield_now().await;
        }
        assert_eq!(ana.delete("/v1/customer").await.status, 202);
        world.tick("follow-ups").await;
    });
    assert_eq!(ending(&end), "connected", "the race is lost");
    assert_eq!(ana.status().await, "not_connected");
    world.advance(minutes(2)).await;
    assert_eq!(Rows::keys(&world), 0);
    assert_eq!((Rows::of(&world).with("C#").count(), Rows::of(&world).with("S#").count()), (0, 0));
}
