//! A restored table: what it says of a connection may no longer hold, so Entra is asked before it is used.

use serde_json::json;

use crate::world::{World, minutes};

/// Ten minutes after every world begins.
const RESTORED_AT: &str = "2026-11-24T08:10:00Z";

#[tokio::test]
async fn access_that_was_revoked_since_is_not_used_after_a_restore() {
    let world = World::with_setting("RESTORED_AT", RESTORED_AT).await;
    let ana = world.ana().await;
    world.pass_time(minutes(15));
    drop(world.switch("revoke-sessions", json!({ "user": ana.email })));
    let refused = ana.schedule("key-of-creation").await;
    assert_eq!(refused.problem(), (409, "connection-checking"), "{}", refused.text);
    assert!(world.microsoft().events(&ana.email).is_empty(), "the stored access token would have made it");
}

#[tokio::test]
async fn access_that_stands_is_asked_for_once_and_then_served_as_ever() {
    let world = World::with_setting("RESTORED_AT", RESTORED_AT).await;
    let ana = world.ana().await;
    let before = world.microsoft().redemptions().len();
    world.pass_time(minutes(15));
    for key in ["key-of-creation-1", "key-of-creation-2"] {
        assert_eq!(ana.schedule(key).await.status, 201);
    }
    assert_eq!(world.microsoft().redemptions().len(), before + 1);
}
