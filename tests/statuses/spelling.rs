//! Tokens and accounts, read tolerantly where nothing can be hurt by it.

use serde_json::json;

use super::{ANA, made, moved};
use crate::world::World;

#[tokio::test]
async fn answers_of_entra_are_read_in_the_spellings_that_mean_the_same() {
    let world = World::start().await;
    world.switch("options", json!({ "odd_token_answers": true, "odd_id_tokens": true }));
    let ana = world.ana().await;
    let connection = ana.connection().await;
    assert_eq!(connection["status"], "connected");
    assert_eq!(connection["granted_scopes"], json!(["Calendars.ReadWrite", "User.Read"]), "as asked for");
    world.advance(crate::world::minutes(120)).await;
    made(&ana).await;
    assert_eq!(ana.connection().await["missing_scopes"], json!([]));
}

#[tokio::test]
async fn an_organizer_who_was_renamed_is_the_same_one() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    world.switch("rename-user", json!({ "user": ANA, "email": "ana.new@contoso.com", "name": "Ana New" }));
    let verified = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!(verified.str("/account/email"), "ana.new@contoso.com", "{}", verified.text);
    assert_eq!(verified.str("/account/name"), "Ana New");
    assert_eq!(moved(&ana, &path).await.status, 200);
}

#[tokio::test]
async fn an_account_that_was_made_anew_is_told_as_such() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    world.switch("recreate-user", json!({ "user": ANA }));
    assert_eq!(ana.connect().await, "connected");
    let answer = moved(&ana, &path).await;
    assert_eq!(answer.problem(), (409, "organizer-changed"), "{}", answer.text);
    assert!(answer.str("/detail").contains("deleted and made anew"), "{}", answer.text);
}
