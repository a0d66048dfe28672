//! The promise: tokens are gone within the hour, whenever access was revoked.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::clock::{Entropy, SystemEntropy};
use shared::domain::connection::Health;
use shared::domain::time::seconds;
use sim::Hunt;

use super::PROMISE;
use crate::world::{Person, World, minutes};

/// A recruiter of a customer of his own, whose access is revoked so long after a verification.
struct Victim {
    name: String,
    after: SignedDuration,
    revoked: Option<Timestamp>,
    dropped: Option<SignedDuration>,
}

impl Victim {
    async fn begin(world: &World, after: SignedDuration) -> Self {
        let name = format!("v{}", after.as_secs());
        // The first of a customer is its canary; the victim is only found by the sweep.
        world.crowd(&name, &[format!("c-{name}@contoso.com"), format!("{name}@contoso.com")]).await;
        Self { name, after, revoked: None, dropped: None }
    }

    async fn look(&mut self, world: &World) {
        let email = format!("{}@contoso.com", self.name);
        if let Some(revoked) = self.revoked {
            if let Health::NeedsReauth(evidence) = world.stored(&self.name, &self.name).await.value.health {
                self.dropped.get_or_insert(evidence.last.duration_since(revoked));
            }
        } else if let Some((verified, 0)) = world.refreshes(&email, Timestamp::MIN).first()
            && world.now() >= *verified + self.after
        {
            world.switch("revoke-sessions", json!({ "user": email }));
            self.revoked = Some(world.now());
        }
    }
}

#[tokio::test]
async fn whenever_access_is_revoked_the_tokens_are_gone_within_55_minutes() {
    let world = World::start().await;
    let chance = u16::from_be_bytes((&SystemEntropy as &dyn Entropy).bytes());
    let random = i64::from(chance) % (45 * 60);
    let mut victims = Vec::new();
    for second in [0, 1, 59, 60, 13 * 60 + 30, 30 * 60, 43 * 60 + 59, 44 * 60 + 59, random] {
        victims.push(Victim::begin(&world, seconds(second)).await);
    }
    for minute in 0..150 {
        world.advance(minutes(1)).await;
        // Revocations, and now and then the schedule, do not keep to whole minutes.
        for second in if minute % 10 == 9 { &[0, 20, 39][..] } else { &[0] } {
            world.pass_time(seconds(*second));
            for victim in victims.iter_mut().filter(|victim| victim.dropped.is_none()) {
                victim.look(&world).await;
            }
        }
    }
    for Victim { after, dropped, .. } in &victims {
        let dropped = dropped.expect("dropped");
        println!("revoked {after:#} after a verification: dropped after {dropped:#}");
        assert!(dropped <= PROMISE, "{dropped:#}");
    }
    println!("worst: {:#}", victims.iter().filter_map(|victim| victim.dropped).max().unwrap_or_default());
}

#[tokio::test]
async fn nothing_is_left_of_the_tokens_and_the_calendar_stays_as_it_was() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    assert_eq!(ben.schedule("key-00001").await.status, 201);
    let events = world.meetings(&ben.email);
    assert_eq!(events.len(), 1);
    let blob = world.state(&ben).await.value.tokens.expect("tokens").0;
    assert_eq!(
        world.stack.aws.find(&Hunt::new([&blob])).len(),
        1,
        "the hunt finds the blob while it is there"
    );

    world.switch("revoke-sessions", json!({ "user": ben.email }));
    world.advance(minutes(60)).await;

    let state = world.state(&ben).await.value;
    assert!(state.tokens.is_none() && state.usable_until.is_none());
    let row = row(&world, "u-ben");
    assert!(row["blob"].is_null() && row["doc"]["S"].is_string(), "{row}");
    assert!(world.stack.aws.find(&Hunt::new([&blob])).is_empty());
    assert_eq!(world.meetings(&ben.email), events);
}

/// The stored row of a user's connection.
fn row(world: &World, user: &str) -> serde_json::Value {
    let tables = world.stack.aws.dump();
    let rows = tables["convene"].as_array().expect("rows").iter();
    let ends = |row: &&serde_json::Value| {
        row["sk"]["S"].as_str().is_some_and(|sk| sk.ends_with(&format!("#U#{user}")))
    };
    rows.clone().find(ends).cloned().expect("a row")
}

async fn evidence_is_shown(ben: &Person<'_>, status: &str, problem: &str, code: &str) {
    let connection = ben.connection().await;
    assert_eq!(connection["status"], status, "{connection}");
    assert_eq!(connection["problem"]["code"], problem);
    let create = ben.schedule("key-after").await;
    assert_eq!(create.problem(), (409, problem), "{}", create.text);
    for said in [&connection["problem"]["microsoft"], &create.json["microsoft"]] {
        assert_eq!(said["code"], code);
        for field in ["error", "trace_id", "correlation_id", "at"] {
            assert!(said[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {said}");
        }
    }
    // The receipt: both refusals, minutes apart, each with its own ids; the tokens went with the second.
    let receipt = &connection["tokens_destroyed"];
    let (first, last) = (&receipt["first_refusal"], &receipt["confirmed_by"]);
    assert_eq!((&receipt["reason"], &receipt["at"]), (&json!(status), &last["seen_at"]), "{receipt}");
    assert!(first["seen_at"].as_str() < last["seen_at"].as_str(), "{receipt}");
    assert_ne!(first["microsoft"]["trace_id"], last["microsoft"]["trace_id"], "{receipt}");
    assert_eq!(last["microsoft"], connection["problem"]["microsoft"]);
    assert_eq!(first["microsoft"]["code"], code);
}

#[tokio::test]
async fn a_revoked_session_asks_the_recruiter_to_sign_in_and_shows_what_microsoft_said() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    world.switch("revoke-sessions", json!({ "user": ben.email }));
    world.advance(minutes(60)).await;
    evidence_is_shown(&ben, "needs_reauth", "connection-needs-reauth", "AADSTS50173").await;
    assert_eq!(ana.status().await, "connected");
    assert_eq!(ben.connect().await, "connected", "signing in again repairs it");
    assert!(ben.connection().await["tokens_destroyed"].is_null(), "these tokens are there");
    assert_eq!(ben.schedule("key-again").await.status, 201);
}

#[tokio::test]
async fn withdrawn_consent_of_a_tenant_ends_as_revoked_and_another_tenant_is_not_touched() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    let fay = world.person("u-fay", "other", "fay@fabrikam.com").await;
    assert_eq!(fay.connect().await, "connected");
    world.advance(minutes(12)).await;
    world.switch("remove-consent", json!({ "tenant": "contoso.com" }));
    let before = world.state(&fay).await;
    world.advance(minutes(60)).await;
    evidence_is_shown(&ben, "revoked", "connection-revoked", "AADSTS65001").await;
    assert_eq!(ana.status().await, "revoked");
    assert_eq!(fay.status().await, "connected");
    assert_eq!(world.state(&fay).await.value.connected_at, before.value.connected_at);
    assert_eq!(fay.schedule("key-00001").await.status, 201);
}
