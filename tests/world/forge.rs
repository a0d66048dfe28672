//! A signing key of the tests' own, which the simulated Microsoft can be made to publish: with it a test makes
//! any `id_token` it likes, and the token endpoint can be made to answer with it.

use std::sync::OnceLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

use super::{World, parameter};

/// The key's name in the published list.
pub(crate) const KID: &str = "forged";
const CLIENT: &str = "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73";
const SCOPE: &str = "openid profile email User.Read Calendars.ReadWrite";

/// Makes tokens.
pub(crate) struct Forge<'a> {
    world: &'a World,
}

fn pair() -> &'static KeyPair {
    static PAIR: OnceLock<KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made"))
}

fn part(text: &str) -> String {
    BASE64.encode(text)
}

impl<'a> Forge<'a> {
    /// From now on Microsoft's list of keys is this one key.
    pub(crate) fn published(world: &'a World) -> Self {
        Self::published_with(world, &json!({}))
    }

    /// The same with any fields of the entry changed.
    pub(crate) fn published_with(world: &'a World, fields: &Value) -> Self {
        let public = pair().public_key();
        let number = |bytes: &[u8]| BASE64.encode(bytes);
        let mut key = json!({
            "kty": "RSA", "use": "sig", "kid": KID, "issuer": format!("{}/{{tenantid}}/v2.0", world.microsoft().login_url()),
            "n": number(public.modulus().big_endian_without_leading_zero()),
            "e": number(public.exponent().big_endian_without_leading_zero()),
        });
        key.as_object_mut().expect("an object").extend(fields.as_object().cloned().unwrap_or_default());
        world.fault(json!({
            "service": "login", "operation": "GET /{tenant}/discovery/v2.0/keys", "times": 0,
            "kind": { "body": { "status": 200, "json": { "keys": [key] } } },
        }));
        Self { world }
    }

    /// `iss` of a tenant's tokens.
    pub(crate) fn issuer(&self, domain: &str) -> String {
        self.world.microsoft().issuer(domain)
    }

    /// What Entra would say of this person, in answer to this authorize URL.
    pub(crate) fn claims(&self, authorize: &str, email: &str) -> Value {
        let microsoft = self.world.microsoft();
        let (_, domain) = email.split_once('@').expect("an address");
        let tenant = microsoft.tenant_id(domain);
        let now = self.world.now().as_second();
        json!({
            "aud": CLIENT, "iss": microsoft.issuer(domain), "iat": now, "nbf": now, "exp": now + 3600,
            "name": "Somebody", "preferred_username": email, "email": email,
            "oid": microsoft.object_id(email), "tid": tenant, "sub": "subject", "ver": "2.0",
            "nonce": parameter(authorize, "nonce").expect("a nonce"),
        })
    }

    /// Header and payload, signed as they are.
    pub(crate) fn sign(header: &Value, payload: &str) -> String {
        let signed = format!("{}.{}", part(&header.to_string()), part(payload));
        let mut signature = vec![0; pair().public_modulus_len()];
        pair()
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("an RSA key signs");
        format!("{signed}.{}", BASE64.encode(signature))
    }

    /// The usual header, and these claims.
    pub(crate) fn token(claims: &Value) -> String {
        Self::sign(&json!({ "typ": "JWT", "alg": "RS256", "kid": KID }), &claims.to_string())
    }

    /// HS256 under the bytes of the public key, as an attacker would who hopes for a confused library.
    pub(crate) fn symmetric(claims: &Value) -> String {
        let header = json!({ "typ": "JWT", "alg": "HS256", "kid": KID });
        let signed = format!("{}.{}", part(&header.to_string()), part(&claims.to_string()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, pair().public_key().as_ref());
        format!("{signed}.{}", BASE64.encode(hmac::sign(&key, signed.as_bytes())))
    }

    /// The next redemption is answered with this `id_token`, beside tokens that are good for the mailbox of `email`.
    pub(crate) fn answers(&self, email: &str, id_token: &str) {
        self.answers_with(email, &json!({ "id_token": id_token }));
    }

    /// The same with any fields changed.
    pub(crate) fn answers_with(&self, email: &str, fields: &Value) {
        let (access, refresh, expires_in) = self.world.microsoft().mint_connection(email, SCOPE);
        let mut answer = json!({
            "token_type": "Bearer", "scope": SCOPE, "expires_in": expires_in,
            "access_token": access, "refresh_token": refresh,
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        answer.as_object_mut().expect("an object").extend(fields);
        self.world.fault(json!({
            "service": "login", "operation": "POST /{tenant}/oauth2/v2.0/token",
            "kind": { "body": { "status": 200, "json": answer } },
        }));
    }
}
