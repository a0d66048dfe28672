//! Nobody listens where Microsoft should be: no call is ever sent, so nothing can have been done.

use jiff::SignedDuration;
use local::{Options, OtherMicrosoft};
use serde_json::json;
use shared::store::Shard;

use crate::world::{World, minutes};

/// An address at which a listener was a moment ago.
fn deserted() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_done_and_nobody_is_dropped() {
    let nobody = deserted();
    let microsoft = OtherMicrosoft {
        login_url: format!("{nobody}/login"),
        graph_url: format!("{nobody}/graph"),
        client_id: "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73".to_owned(),
        client_secret: "of-nobody".to_owned(),
    };
    let world = World::with(Options { microsoft: Some(microsoft), ..Options::default() }).await;
    let ana = world.person("ana", "acme", "ana@contoso.com").await;
    world.connected("acme", std::slice::from_ref(&ana.email), true).await;

    let verified = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!(verified.problem(), (503, "microsoft-unavailable"), "{}", verified.text);
    let made = ana.schedule("key-of-nobody").await;
    assert_eq!(made.problem(), (503, "microsoft-unavailable"), "{}", made.text);
    assert!(made.retry_after() > 0);
    world.tick("follow-ups").await;
    let shards = &world.app("follow-ups").store.shards;
    let shard = Shard::of(&"acme".parse().expect("an id"));
    shards.ensure(shard, world.now()).await.expect("the store answers");
    shards.make_due_now(shard, world.now()).await.expect("the store answers");
    let swept = world.tick("token-refresh").await;
    assert_eq!((&swept["postponed"], &swept["dropped"], &swept["shards"]), (&json!(1), &json!(0), &json!(1)));
    world.pass_time(minutes(6) + SignedDuration::from_secs(1));
    world.tick("follow-ups").await;
    assert_eq!(ana.status().await, "connected");
    assert_eq!(ana.get("/v1/interviews").await.json["data"], json!([]), "it came to nothing");
}
