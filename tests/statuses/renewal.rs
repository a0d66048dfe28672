//! 401: the token is renewed whatever was asked, and a refusal that stays is put to Entra at once.

use serde_json::json;

use super::{ANA, CANCEL, CHANGE, CREATE, cancelled, fault, made, moved, redemptions};
use crate::world::{Person, World, interview};

fn no_token() -> serde_json::Value {
    json!({ "status": { "status": 401 } })
}

async fn one(ana: &Person<'_>, operation: &str) -> u16 {
    match operation {
        CREATE => ana.schedule("key-of-one-request").await.status,
        CANCEL => cancelled(ana, &made(ana).await).await.status,
        _ => unreachable!("{operation}"),
    }
}

#[tokio::test]
async fn a_401_on_a_write_after_a_good_read_is_renewed() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    fault(&world, CHANGE, &no_token(), 1);
    let n = world.journal().last();
    let answer = ana.patch(&path, json!({ "title": "Interview: Platform engineer" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(redemptions(&world, n), 1);
    assert_eq!(world.graph_since(n), ["GET /me/events/{id}", CHANGE, CHANGE]);
    assert_eq!(world.meeting(ANA)["subject"], "Interview: Platform engineer");
}

#[tokio::test]
async fn a_401_is_renewed_at_every_kind_of_call() {
    for operation in [CREATE, CANCEL] {
        let world = World::start().await;
        let ana = world.ana().await;
        fault(&world, operation, &no_token(), 1);
        assert!(matches!(one(&ana, operation).await, 200 | 201), "{operation}");
    }
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    fault(&world, CHANGE, &no_token(), 1);
    assert_eq!(moved(&ana, &path).await.status, 200);
    assert_eq!(world.mails().len(), 4, "two invitations and two updates");
}

#[tokio::test]
async fn a_401_that_stays_is_put_to_entra_at_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    fault(&world, CREATE, &no_token(), 0);
    let n = world.journal().last();
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.problem(), (403, "mailbox-access-denied"), "{}", answer.text);
    assert_eq!(answer.str("/fix/owner"), "it_admin");
    assert!(answer.str("/detail").contains("just renewed"), "{}", answer.text);
    assert_eq!(redemptions(&world, n), 2, "renewed once, and verified");
    assert_eq!(ana.status().await, "connected", "Entra says that access stands: nobody is dropped");
    world.switch("clear-faults", json!({}));
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201, "the key was not burnt");
}

#[tokio::test]
async fn where_entra_gives_no_other_token_the_connection_says_why() {
    for (code, problem, status) in [
        (50173, (409, "connection-checking"), "checking"),
        (53003, (403, "blocked-by-conditional-access"), "blocked"),
    ] {
        let world = World::start().await;
        let ana = world.ana().await;
        let path = made(&ana).await;
        world.switch("refresh-answer", json!({ "user": ANA, "code": code }));
        fault(&world, CHANGE, &no_token(), 0);
        let answer = moved(&ana, &path).await;
        assert_eq!(answer.problem(), problem, "{}", answer.text);
        assert_eq!(ana.status().await, status);
    }
    // After a read that went well, too.
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    world.switch("refresh-answer", json!({ "user": ANA, "code": 53003 }));
    fault(&world, CHANGE, &no_token(), 0);
    let answer = ana.patch(&path, json!({ "title": "Another" })).await;
    assert_eq!(answer.problem(), (403, "blocked-by-conditional-access"), "{}", answer.text);
}

#[tokio::test]
async fn what_a_challenge_asks_for_is_asked_of_entra() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| options.challenged.extend([ANA.to_owned()]));
    let n = world.journal().last();
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(redemptions(&world, n), 1);
    let n = world.journal().last();
    let again = ana.post_as("key-of-another", "/v1/interviews", &interview()).await;
    assert_eq!((again.status, redemptions(&world, n)), (201, 0), "the new token is the stored one");
}

#[tokio::test]
async fn a_token_that_is_refused_at_the_end_of_a_sign_in_is_tried_again_and_then_told() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", ANA).await;
    fault(&world, "GET /me/calendar", &no_token(), 1);
    assert_eq!(ana.connect().await, "connected");
    fault(&world, "GET /me/calendar", &no_token(), 0);
    assert_eq!(ana.ends(ANA, sim::Answer::Accept).await, "failed: mailbox-access-denied");
}
