//! Connecting Outlook, as recruiters and their administrators live it.

mod accounts;
mod approval;
mod expiry;
mod failures;
mod last_attempt;
mod microsoft_down;
mod outage;
mod repeats;
mod settling;
mod sign_in;

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_recruiter_connects_outlook_and_the_tokens_are_sealed() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.status().await, "not_connected");
    assert_eq!(ana.connect().await, "connected");
    let connection = ana.connection().await;
    assert_eq!(connection["status"], "connected");
    assert_eq!(connection["account"]["email"], "ana@contoso.com");
    assert_eq!(connection["granted_scopes"], json!(["Calendars.ReadWrite", "User.Read"]));
    assert_eq!(connection["missing_scopes"], json!([]));
    assert!(connection["problem"].is_null());
}
