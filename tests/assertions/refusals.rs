//! What Entra refuses, number by number; and that no refusal of it is taken for a person's revocation.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::certificates::{OPERATOR, kms};
use super::{SIGNING_KEY, TOKEN};
use crate::world::{Rows, World, minutes};

/// A forger with our KMS key: an assertion that is right but for what he changes.
struct Draft {
    header: Value,
    claims: Value,
    endpoint: String,
    algorithm: SigningAlgorithmSpec,
}

impl Draft {
    fn of(world: &World) -> Self {
        let told = &world.stack.shared.environment;
        let (thumbprint, _) =
            told["MICROSOFT_CLIENT_CERTIFICATE"].split_once('@').expect("with its last day");
        let (client, now) = (&told["MICROSOFT_CLIENT_ID"], world.now().as_second());
        let endpoint = format!("{}/organizations/oauth2/v2.0/token", world.microsoft().login_url());
        Self {
            header: json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint }),
            claims: json!({ "aud": endpoint, "iss": client, "sub": client, "jti": "j", "nbf": now, "exp": now + 60 }),
            endpoint,
            algorithm: SigningAlgorithmSpec::RsassaPssSha256,
        }
    }

    async fn signed(&self, world: &World) -> String {
        let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let text = format!("{}.{}", part(&self.header), part(&self.claims));
        let answer = kms(world)
            .sign()
            .key_id(SIGNING_KEY)
            .message_type(MessageType::Raw)
            .message(Blob::new(text.as_bytes()))
            .signing_algorithm(self.algorithm.clone())
            .send()
            .await
            .expect("KMS signs");
        let signature = answer.signature.expect("a signature").into_inner();
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// The number with which Entra refuses it; 0 if it takes it.
    async fn shown(&self, world: &World, token: &str, kind: &str) -> u64 {
        let refresh = world.microsoft().mint_connection("ana@contoso.com", "offline_access User.Read").1;
        let client = &world.stack.shared.environment["MICROSOFT_CLIENT_ID"];
        let form = [
            ("client_id", client.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_assertion_type", kind),
            ("client_assertion", token),
        ];
        let answer = world.http.post(&self.endpoint).form(&form).send().await.expect("an answer");
        let (status, body) = (answer.status(), answer.json::<Value>().await.expect("JSON"));
        let number = body["error_codes"][0].as_u64().unwrap_or(0);
        assert_eq!(status.is_success(), number == 0, "{body}");
        let wanted = if number == 900_144 { "invalid_request" } else { "invalid_client" };
        assert!(number == 0 || body["error"] == wanted, "{body}");
        number
    }
}

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[tokio::test]
async fn a_wrong_assertion_is_refused_with_microsofts_number() {
    let world = World::start().await;
    let now = world.now().as_second();
    let other = format!("{}/contoso.com/oauth2/v2.0/token", world.microsoft().login_url());
    let changes: [(&str, Value, u64); 12] = [
        ("/claims/jti", json!("another"), 0),
        ("/claims/aud", json!(other), 700_023),
        ("/claims/aud", json!("https://login.microsoftonline.com/organizations/oauth2/v2.0/token"), 700_023),
        ("/claims/iss", json!("somebody"), 700_021),
        ("/claims/sub", json!("somebody"), 700_021),
        ("/claims/exp", json!(now), 700_024),
        ("/claims/nbf", json!(now + 1), 700_024),
        ("/claims/exp", Value::Null, 700_024),
        ("/claims/jti", Value::Null, 50027),
        ("/header/x5t#S256", json!("A1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1vW2xY3zA4b4"), 700_027),
        ("/header/alg", json!("RS256"), 700_027),
        ("/header/alg", json!("none"), 50027),
    ];
    for (pointer, value, number) in changes {
        let mut draft = Draft::of(&world);
        let part = if pointer.starts_with("/header") { &mut draft.header } else { &mut draft.claims };
        part[pointer.rsplit('/').next().expect("a name")] = value.clone();
        let token = draft.signed(&world).await;
        assert_eq!(draft.shown(&world, &token, KIND).await, number, "{pointer} = {value}");
    }
    let older = Draft {
        header: json!({ "alg": "RS256", "typ": "JWT", "x5t#S256": Draft::of(&world).header["x5t#S256"] }),
        algorithm: SigningAlgorithmSpec::RsassaPkcs1V15Sha256,
        ..Draft::of(&world)
    };
    let token = older.signed(&world).await;
    assert_eq!(older.shown(&world, &token, KIND).await, 0, "the older signature is still taken");
    assert_eq!(older.shown(&world, &token, "something else").await, 900_144);
    assert_eq!(older.shown(&world, "a.b", KIND).await, 50027);
    let mut parts: Vec<&str> = token.split('.').collect();
    let claims = BASE64_URL_SAFE_NO_PAD.encode(json!({ "aud": older.endpoint }).to_string());
    parts[1] = &claims;
    assert_eq!(
        older.shown(&world, &parts.join("."), KIND).await,
        700_027,
        "other claims under the signature"
    );
}

/// What happens to a connected recruiter when Entra does not take our assertion: the number that it says.
async fn refused(world: &World, spoil: impl FnOnce(&World)) -> u32 {
    let ana = world.ana().await;
    world.pass_time(minutes(90));
    spoil(world);
    assert_eq!(ana.schedule("key-while-refused").await.problem().1, "vendor-credential-invalid");
    let number = world.microsoft().redemptions().last().expect("one").code;
    let report = world.tick("token-refresh").await;
    assert_eq!((&report["breaker_open"], &report["dropped"]), (&json!(true), &json!(0)), "{report}");
    assert_eq!(Rows::of(world).with("S#").sealed(), 1, "the tokens are there");
    number
}

#[tokio::test]
async fn whatever_is_wrong_with_our_credential_opens_the_breaker_and_drops_nobody() {
    let world = World::start().await;
    let settings = world.stack.shared.environment["MICROSOFT_CLIENT_CERTIFICATE"].clone();
    let thumbprint = settings.split('@').next().unwrap_or_default().to_owned();
    let gone = |world: &World| drop(world.switch("remove-certificate", json!({ "thumbprint": thumbprint })));
    assert_eq!(refused(&world, gone).await, 700_027, "the certificate is not registered any more");

    let of = |state: &'static str| {
        move |world: &World| drop(world.switch("vendor-secret", json!({ "state": state })))
    };
    assert_eq!(refused(&World::start().await, of("expired")).await, 7_000_222);
    assert_eq!(refused(&World::start().await, of("wrong")).await, 700_027);

    let clock = |seconds: i64| {
        move |world: &World| drop(world.switch("options", json!({ "clock_ahead_seconds": seconds })))
    };
    assert_eq!(refused(&World::start().await, clock(-61)).await, 700_024);
    assert_eq!(refused(&World::start().await, clock(541)).await, 700_024);
}

/// An expired certificate, by the real calendar: nobody can connect, and nobody is told that it was his fault.
#[tokio::test]
async fn a_certificate_that_has_ended_is_the_vendors_fault() {
    let world = World::start().await;
    world.pass_time(minutes(24 * 60 * 365));
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.ends(&ana.email, sim::Answer::Accept).await, "failed: vendor-credential-invalid");
    assert_eq!(world.microsoft().redemptions().last().expect("one").code, 7_000_222);
}

/// Entra does not say that it takes an assertion once only. If it came to that: an alarm, and nobody dropped.
#[tokio::test]
async fn a_microsoft_that_took_each_assertion_once_would_trip_the_breaker_and_drop_nobody() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    world.switch("options", json!({ "assertions_once": true }));
    world.pass_time(minutes(90));
    assert_eq!(ana.schedule("key-of-the-first").await.status, 201, "a new assertion");
    assert_eq!(ben.schedule("key-of-the-second").await.problem().1, "vendor-credential-invalid");
    assert_eq!(world.microsoft().redemptions().last().expect("one").code, 700_027);
    assert_eq!(Rows::of(&world).with("S#").sealed(), 2, "the tokens are there");
}

/// The invariant of every world knows assertions: it would find one in a log line, a row or an answer.
#[tokio::test]
async fn an_assertion_counts_as_a_secret() {
    let world = World::start().await;
    let token = Draft::of(&world).signed(&world).await;
    let hunt = sim::Hunt::new(world.stack.aws.secrets());
    assert!(hunt.finds(&token), "as it travels");
    let calls = world.journal().calls();
    assert!(!hunt.finds(format!("{calls:?}")), "the journal of the stand-ins holds none either");
    assert!(calls.iter().all(|call| call.operation != TOKEN), "{OPERATOR} has shown it to nobody");
}
