//! Threats 17, 18, 19, 22 and 23: workers that meet, come back or are off in time, and clients that repeat themselves.

use futures::future::join_all;
use serde_json::json;

use crate::world::{Forge, Person, World, ending, interview, minutes};

/// How often tokens were asked for with a refresh token.
fn refreshes(world: &World) -> usize {
    world.microsoft().redemptions().iter().filter(|one| one.grant == sim::Grant::RefreshToken).count()
}

#[tokio::test]
async fn t17_however_many_refresh_at_once_the_stored_token_is_good() {
    let world = World::start().await;
    let ana = world.ana().await;
    for round in 0..3 {
        world.pass_time(minutes(50));
        let verify = || async { ana.post("/v1/connection/verify", json!({})).await.status };
        let create = |n: usize| {
            let (ana, key) = (&ana, format!("key-of-round-{round}-{n}"));
            async move { ana.schedule(&key).await.status }
        };
        let sweep = async { world.tick("token-refresh").await };
        let (verified, created, _) =
            futures::join!(join_all((0..4).map(|_| verify())), join_all((0..4).map(create)), sweep);
        assert_eq!((verified, created), (vec![200; 4], vec![201; 4]), "round {round}");
        // Nothing is in use any more but what is stored.
        world.pass_time(minutes(120));
        let before = refreshes(&world);
        assert_eq!(ana.schedule(&format!("key-of-round-{round}-later")).await.status, 201);
        assert_eq!(refreshes(&world), before + 1, "the stored refresh token was taken at once");
    }
    assert_eq!(ana.status().await, "connected");
}

#[tokio::test]
async fn t18_an_event_whose_answers_are_lost_is_recorded_in_the_end() {
    let world = World::start().await;
    let ana = world.ana().await;
    for (n, kind) in [json!("reset"), json!("truncated"), json!("empty")].iter().enumerate() {
        for operation in ["POST /me/events", "GET /me/events"] {
            world.fault(json!({ "service": "graph", "operation": operation, "when": "after", "times": 0, "kind": kind }));
        }
        let answer = ana.schedule(&format!("key-of-loss-{n}")).await;
        assert_eq!(answer.status, 202, "{kind}: {}", answer.text);
        world.switch("clear-faults", json!({}));
        world.advance(minutes(5)).await;
        let read = ana.get(&format!("/v1/interviews/{}", answer.str("/id"))).await;
        assert_eq!((read.status, read.str("/status")), (200, "scheduled"), "{kind}: {}", read.text);
        let meetings = world.meetings(&ana.email);
        assert_eq!(meetings.len(), n + 1, "{kind}: one event for each");
        assert!(meetings.iter().any(|event| event["id"] == read.json["outlook"]["event_id"]), "{kind}");
    }
}

#[tokio::test]
async fn t19_a_key_belongs_to_its_user_its_route_and_its_body() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let key = "the-very-same-key";
    let made = ana.schedule(key).await;
    assert_eq!(made.status, 201);
    let again = join_all((0..20).map(|_| ana.schedule(key))).await;
    for repeat in &again {
        assert_eq!((repeat.status, &repeat.json), (201, &made.json));
        assert_eq!(repeat.header("idempotent-replayed"), Some("true"));
    }
    let mut other = interview();
    other["title"] = json!("Another interview");
    let refused = ana.post_as(key, "/v1/interviews", &other).await;
    assert_eq!(refused.problem(), (422, "idempotency-key-reused"));
    let bens = ben.schedule(key).await;
    assert_eq!((bens.status, bens.header("idempotent-replayed")), (201, None), "a key of his own");
    assert_ne!(bens.str("/id"), made.str("/id"));
    let path = format!("/v1/interviews/{}/cancel", made.str("/id"));
    assert_eq!(ana.post_as(key, &path, &json!({})).await.status, 200, "another route");
    let bens_path = format!("/v1/interviews/{}/cancel", bens.str("/id"));
    let eve =
        json!({ "sub": "u-eve", "customer_id": "acme", "email": "eve@contoso.com", "scope": "interviews" });
    let foreign = world.person_with(eve).await.post_as(key, &bens_path, &json!({})).await;
    assert_eq!(foreign.problem(), (404, "not-found"));
    assert_eq!((world.meetings(&ana.email).len(), world.meetings(&ben.email).len()), (0, 1));
}

#[tokio::test]
async fn t22_a_schedule_that_fires_twice_asks_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.until_swept("acme").await;
    world.skip_to_the_sweep("acme").await;
    world.pass_time(minutes(1));
    let before = refreshes(&world);
    let ticks = join_all((0..4).map(|_| world.tick("token-refresh"))).await;
    assert_eq!(refreshes(&world), before + 1, "{ticks:?}");
    assert_eq!(ticks.iter().filter_map(|report| report["verified"].as_u64()).sum::<u64>(), 1, "{ticks:?}");
    assert_eq!(ana.status().await, "connected");
}

/// A token that lives for `expires_in`, for a person who has just signed in.
async fn with_life(ana: &Person<'_>, expires_in: serde_json::Value) -> String {
    let world = ana.world;
    world.switch("clear-faults", json!({}));
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, &ana.email, sim::Answer::Accept).expect("back");
    let forge = Forge::published(world);
    let id_token = Forge::token(&forge.claims(&authorize, &ana.email));
    forge.answers_with(&ana.email, &json!({ "id_token": id_token, "expires_in": expires_in }));
    ending(&browser.open(&back).await)
}

#[tokio::test]
async fn t23_a_token_is_not_used_in_its_last_minutes() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(with_life(&ana, json!(3600)).await, "connected");
    world.pass_time(minutes(53));
    let before = refreshes(&world);
    assert_eq!(ana.schedule("key-of-ana-1").await.status, 201);
    assert_eq!(refreshes(&world), before, "a tenth of its life is left: it is used");
    world.pass_time(minutes(2));
    assert_eq!(ana.schedule("key-of-ana-2").await.status, 201);
    assert_eq!(refreshes(&world), before + 1, "less: another one is asked for first");
}

#[tokio::test]
async fn t23_a_life_that_makes_no_sense_keeps_nobody_from_working() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for (n, life) in
        [json!(0), json!(1), json!(299), json!(86_400), json!(4_000_000_000_u64), json!(u64::MAX)]
            .into_iter()
            .enumerate()
    {
        assert_eq!(with_life(&ana, life.clone()).await, "connected", "{life}");
        world.switch("clear-faults", json!({}));
        assert_eq!(ana.schedule(&format!("key-of-life-{n}")).await.status, 201, "{life}");
        world.pass_time(minutes(3));
    }
}

#[tokio::test]
async fn t23_a_clock_that_jumps_harms_nobody() {
    let world = World::start().await;
    world.ana().await;
    for (n, jump) in [10, -10, -10, 10, -60, 60].into_iter().enumerate() {
        world.pass_time(minutes(jump));
        // The ATS's own token is of this time too.
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        assert_eq!(ana.schedule(&format!("key-of-jump-{n}")).await.status, 201, "{jump} minutes");
        let again = ana.schedule(&format!("key-of-jump-{n}")).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{jump} minutes");
        world.tick("token-refresh").await;
        world.tick("follow-ups").await;
        assert_eq!(ana.status().await, "connected", "{jump} minutes");
    }
    world.advance(minutes(60)).await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.status().await, "connected");
    assert_eq!(world.meetings(&ana.email).len(), 6);
}
