//! Who we are, proved without a secret: assertions signed by a KMS key, and the certificates that stand for it.

mod certificates;
mod refusals;

use local::Options;
use serde_json::json;
use sim::KeyState;

use crate::world::{Person, Rows, World, minutes};

const SIGNING_KEY: &str = "alias/convene-signing";
const TOKEN: &str = "POST /{tenant}/oauth2/v2.0/token";

impl World {
    /// A world whose app has a client secret.
    pub(crate) async fn with_client_secret() -> Self {
        Self::with(Options { client_secret: true, ..Options::default() }).await
    }

    /// How often KMS was asked to do this since the journal was cleared.
    fn kms(&self, operation: &str) -> usize {
        self.journal()
            .calls()
            .iter()
            .filter(|call| call.service == "kms" && call.operation == operation)
            .count()
    }
}

async fn verified(person: &Person<'_>) {
    let answer = person.post("/v1/connection/verify", json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_secret_is_decrypted_once_and_an_assertion_signed_in_its_place() {
    for (world, decrypts) in [(World::start().await, 0), (World::with_client_secret().await, 1)] {
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        assert_eq!(ana.connect().await, "connected");
        let of_secret = world.journal().calls().iter().filter(|call| call.operation == "Decrypt").count();
        assert_eq!(
            (world.kms("Sign"), of_secret),
            (1 - decrypts, decrypts),
            "the customer's key was just made"
        );
        let told = &world.stack.shared.environment;
        assert_eq!(told.contains_key("MICROSOFT_CLIENT_SECRET_CIPHERTEXT"), decrypts == 1);
    }
}

/// `+1 Sign per token endpoint every 8 minutes`, whoever asks and however often.
#[tokio::test]
async fn one_assertion_per_tenant_serves_eight_minutes() {
    let world = World::start().await;
    let (ana, fay) = (
        world.person("u-ana", "acme", "ana@contoso.com").await,
        world.person("u-fay", "fabrikam", "fay@fabrikam.com").await,
    );
    for person in [&ana, &fay] {
        assert_eq!(person.connect().await, "connected");
    }
    world.journal().clear();
    verified(&ana).await;
    assert_eq!(world.kms("Sign"), 1, "another function, another container");
    verified(&ana).await;
    verified(&fay).await;
    assert_eq!(world.kms("Sign"), 2, "one more tenant");
    world.pass_time(minutes(8) - jiff::SignedDuration::from_secs(1));
    verified(&ana).await;
    assert_eq!(world.kms("Sign"), 2);
    world.pass_time(jiff::SignedDuration::from_secs(1));
    verified(&ana).await;
    assert_eq!(world.kms("Sign"), 3);
    verified(&fay).await;
    assert_eq!(world.kms("Sign"), 4);
}

#[tokio::test]
async fn callers_at_the_same_time_sign_once() {
    let world = World::start().await;
    let emails: Vec<String> = (0..40).map(|n| format!("p{n}@contoso.com")).collect();
    world.crowd("acme", &emails).await;
    world.until_swept("acme").await;
    world.pass_time(minutes(60));
    world.journal().clear();
    world.fault(
        json!({ "service": "kms", "operation": "Sign", "kind": { "latency": { "ms": 50 } }, "times": 0 }),
    );
    let report = world.tick("token-refresh").await;
    assert_eq!(report["verified"], 40, "{report}");
    assert_eq!(world.kms("Sign"), 1);
}

/// A minute of difference either way, over the whole life of an assertion.
#[tokio::test]
async fn a_clock_of_microsofts_that_is_a_minute_off_does_not_matter() {
    for ahead in [-60, 59] {
        let world = World::start().await;
        world.switch("options", json!({ "clock_ahead_seconds": ahead }));
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        assert_eq!(ana.connect().await, "connected", "{ahead} s");
        verified(&ana).await;
        world.pass_time(minutes(8) - jiff::SignedDuration::from_secs(1));
        verified(&ana).await;
        assert_eq!(ana.status().await, "connected", "{ahead} s");
    }
}

/// Nobody's tokens are to blame when KMS is: they stay, the caller is told, and later all is well.
#[tokio::test]
async fn where_kms_does_not_sign_nobody_is_dropped() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.pass_time(minutes(90));
    world.fault(json!({ "service": "kms", "operation": "Sign", "times": 0, "kind": { "status": {
        "status": 500, "body": "{\"__type\":\"KMSInternalException\"}" } } }));
    let refused = ana.schedule("key-while-down").await;
    assert_eq!(refused.problem(), (503, "service-unavailable"), "{}", refused.text);
    assert!(refused.retry_after() > 0);
    for _ in 0..5 {
        let report = world.tick("token-refresh").await;
        let told =
            [&report["dropped"], &report["suspect"], &report["verified"]].map(serde_json::Value::as_u64);
        assert_eq!(told, [Some(0); 3], "{report}");
        assert_eq!(report["breaker_open"], false, "{report}");
        world.pass_time(minutes(6));
    }
    assert_eq!(Rows::of(&world).with("S#").sealed(), 1, "the tokens are there");
    world.switch("clear-faults", json!({}));
    assert_eq!(ana.schedule("key-while-up").await.status, 201);
    assert_eq!(ana.status().await, "connected");
}

/// A key that somebody has switched off is an operator's fault, not an outage; still nobody is dropped.
#[tokio::test]
async fn a_signing_key_that_is_switched_off_is_told_and_drops_nobody() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.pass_time(minutes(90));
    world.stack.aws.set_key_state(SIGNING_KEY, KeyState::Disabled);
    assert_eq!(ana.schedule("key-while-off").await.problem(), (500, "internal-error"));
    assert_eq!(world.tick("token-refresh").await["dropped"], 0);
    world.stack.aws.set_key_state(SIGNING_KEY, KeyState::Enabled);
    assert_eq!(ana.schedule("key-while-on").await.status, 201);
}

/// The sweep tells how long the certificate is still good, for an alarm in time.
#[tokio::test]
async fn the_sweep_counts_the_days_of_the_certificate() {
    let world = World::start().await;
    assert_eq!(world.tick("token-refresh").await["certificate_days_left"], 365);
    world.pass_time(minutes(24 * 60 * 336));
    assert_eq!(world.tick("token-refresh").await["certificate_days_left"], 29);
    world.pass_time(minutes(24 * 60 * 30));
    assert_eq!(world.tick("token-refresh").await["certificate_days_left"], -1);
    let world = World::with_client_secret().await;
    assert!(world.tick("token-refresh").await["certificate_days_left"].is_null());
}
