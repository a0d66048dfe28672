//! What is written at a verification, and that a recruiter's call finds a fresh token.

use shared::domain::connection::Connection;

use crate::world::{World, minutes};

/// Whether Ben's row was written by the next verification.
async fn is_written(world: &World, user: &str, email: &str) -> bool {
    let before = world.stored("acme", user).await;
    world.until_verified(email).await;
    let after = world.stored("acme", user).await;
    assert_eq!(before.version == after.version, before.value.tokens == after.value.tokens);
    after.version > before.version
}

async fn crowd(setting: &str) -> World {
    let world = World::with_setting("PERSIST", setting).await;
    let crowd = ["canary@contoso.com", "cold@contoso.com", "hot@contoso.com"].map(str::to_owned);
    world.crowd("acme", &crowd).await;
    let store = &world.app("connections").store.connections;
    let (customer, user) = ("acme".parse().expect("an id"), "hot".parse().expect("an id"));
    store.mark_used(&customer, &user, world.now()).await.expect("noted");
    world
}

#[tokio::test]
async fn persist_hot_writes_whoever_was_used_lately_and_others_once_a_day() {
    let world = crowd("hot").await;
    assert!(is_written(&world, "hot", "hot@contoso.com").await);
    assert!(!is_written(&world, "cold", "cold@contoso.com").await);
    // The day of the first write comes round.
    world.pass_time(minutes(24 * 60));
    assert!(is_written(&world, "cold", "cold@contoso.com").await);
    assert!(!is_written(&world, "cold", "cold@contoso.com").await);
    assert!(is_written(&world, "hot", "hot@contoso.com").await, "the note of the use may be a day late");
    world.pass_time(minutes(24 * 60));
    assert!(is_written(&world, "hot", "hot@contoso.com").await, "once a day, like the others");
    assert!(!is_written(&world, "hot", "hot@contoso.com").await, "it has grown cold");
}

#[tokio::test]
async fn persist_always_writes_everybody() {
    let world = crowd("always").await;
    for user in ["cold", "hot", "cold", "hot"] {
        assert!(is_written(&world, user, &format!("{user}@contoso.com")).await, "{user}");
    }
}

#[tokio::test]
async fn persist_daily_writes_everybody_once_a_day() {
    let world = crowd("daily").await;
    for user in ["cold", "hot"] {
        assert!(!is_written(&world, user, &format!("{user}@contoso.com")).await, "{user}");
    }
    world.pass_time(minutes(24 * 60));
    assert!(is_written(&world, "hot", "hot@contoso.com").await);
    assert!(!is_written(&world, "hot", "hot@contoso.com").await);
}

#[tokio::test]
async fn the_call_of_whoever_schedules_every_day_never_redeems() {
    let world = World::start().await;
    world.ana_and_ben().await;
    // Three days; from call to call less than 24 hours, so that no note of a use is ever due at the time of a call.
    for day in 0..3 {
        let (_ana, ben) = world.ana_and_ben_again().await;
        let fresh: Connection = world.state(&ben).await.value;
        assert!(fresh.usable_until.is_some_and(|until| until > world.now()), "day {day}");
        let before = world.now();
        assert_eq!(ben.schedule(&format!("key-day-{day}")).await.status, 201);
        assert!(world.refreshes(&ben.email, before).is_empty(), "day {day}: the call redeemed");
        world.pass_time(minutes(22 * 60));
        for _ in 0..2 {
            world.until_swept("acme").await;
        }
        world.pass_time(minutes(40));
    }
}
