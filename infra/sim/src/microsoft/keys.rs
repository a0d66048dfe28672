//! The signing keys, their JWKS, the discovery document and the `id_token` (microsoft.md A9, A10; RFC 7517, 7519).
//!
//! RSA keys are made once per process, since tests start hundreds of Microsofts.

use super::tenant::{State, UserId};
use crate::der::{element, encoded};
use crate::random::sha256;
use aws_lc_rs::digest;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// An `id_token` lives about an hour.
const ID_TOKEN_SECONDS: i64 = 3900;

struct Signing {
    pair: KeyPair,
    kid: String,
    n: String,
    e: String,
    /// The certificate that `kid` and `x5t` are the thumbprint of.
    x5c: String,
}

/// The keys that rotation goes round.
static KEYS: [OnceLock<Signing>; 3] = [const { OnceLock::new() }; 3];

fn signing(index: usize) -> &'static Signing {
    KEYS[index % KEYS.len()].get_or_init(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made");
        let der = pair.public_key().as_ref();
        let (n, e) = integers(der).expect("a public key is two integers");
        let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
        let certificate = certificate(&pair);
        let kid = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate));
        Signing { kid, n, e, x5c: STANDARD.encode(certificate), pair }
    })
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 A.1.1): a sequence of two integers.
fn integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (0x30, sequence, _) = element(der)? else { return None };
    let (0x02, n, rest) = element(sequence)? else { return None };
    let (0x02, e, _) = element(rest)? else { return None };
    Some((n.strip_prefix(&[0]).unwrap_or(n), e))
}

/// The self-signed certificate (RFC 5280 4.1) that Entra publishes with a key; nobody is to check its dates.
fn certificate(pair: &KeyPair) -> Vec<u8> {
    const SHA256_WITH_RSA: &[u8] =
        &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
    let algorithm = encoded(0x30, &[SHA256_WITH_RSA]);
    let name = encoded(0x30, &[COMMON_NAME, &encoded(0x0c, &[b"accounts.accesscontrol.simulated"])]);
    let name = encoded(0x30, &[&encoded(0x31, &[&name])]);
    let time = |text: &[u8]| encoded(0x17, &[text]);
    let validity = encoded(0x30, &[&time(b"260101000000Z"), &time(b"360101000000Z")]);
    let key = encoded(0x03, &[&[0], pair.public_key().as_ref()]);
    let key = encoded(0x30, &[&encoded(0x30, &[RSA]), &key]);
    let version = encoded(0xa0, &[&[0x02, 0x01, 0x02]]);
    let signed = encoded(0x30, &[&version, &[0x02, 0x01, 0x01], &algorithm, &name, &validity, &name, &key]);
    let signature = encoded(0x03, &[&[0], &sign(pair, &signed)]);
    encoded(0x30, &[&signed, &algorithm, &signature])
}

fn sign(pair: &KeyPair, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &aws_lc_rs::rand::SystemRandom::new(), message, &mut signature)
        .expect("an RSA key signs");
    signature
}

/// The current key and the one before it.
pub(crate) fn jwks(state: &State) -> Value {
    let issuer = format!("{}/{{tenantid}}/v2.0", state.config.login_url());
    let mut indices = vec![state.signing_key];
    indices.extend(state.signing_key.checked_sub(1));
    let keys: Vec<Value> = indices
        .into_iter()
        .map(|index| {
            let key = signing(index);
            json!({"kty": "RSA", "use": "sig", "kid": key.kid, "x5t": key.kid, "n": key.n, "e": key.e,
                "x5c": [key.x5c], "cloud_instance_name": "microsoftonline.com", "issuer": issuer})
        })
        .collect();
    json!({"keys": keys})
}

/// `named` is the `{tenant}` of the path, `id` the GUID it stands for; `organizations` and `common` have none.
pub(crate) fn discovery(state: &State, named: &str, id: Option<&str>) -> Value {
    let login = state.config.login_url();
    let at = format!("{login}/{}", id.unwrap_or(named));
    json!({
        "token_endpoint": format!("{at}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{at}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{login}/{}/v2.0", id.unwrap_or("{tenantid}")),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{}/oidc/userinfo", state.config.graph_url()),
        "authorization_endpoint": format!("{at}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{at}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{at}/oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr", "nonce",
            "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"],
        "kerberos_endpoint": format!("{at}/kerberos"),
        "tenant_region_scope": null,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net"
    })
}

/// A signed `id_token` for this user.
pub(crate) fn id_token(state: &mut State, user: UserId, nonce: Option<&str>, now: Timestamp) -> String {
    let key = signing(state.signing_key);
    let uti = URL_SAFE_NO_PAD.encode(state.random.bytes16());
    let (person, tenant) = (&state.users[user], state.tenant_of(user));
    let at = now.as_second();
    let subject = sha256(&[state.config.client_id.as_bytes(), person.oid.as_bytes()]);
    let mut claims = json!({
        "aud": state.config.client_id,
        "iss": format!("{}/{}/v2.0", state.config.login_url(), tenant.id),
        "iat": at, "nbf": at, "exp": at + ID_TOKEN_SECONDS,
        "name": person.name, "preferred_username": person.email, "email": person.email,
        "oid": person.oid, "tid": tenant.id, "sub": URL_SAFE_NO_PAD.encode(subject),
        "uti": uti, "ver": "2.0"
    });
    if state.options.odd_id_tokens {
        claims["aud"] = json!([state.config.client_id]);
        claims["tid"] = tenant.id.to_uppercase().into();
        for time in ["iat", "nbf", "exp"] {
            claims[time] = claims[time].as_f64().map(|second| second + 0.5).into();
        }
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": key.kid}).to_string();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(sign(&key.pair, signed.as_bytes())))
}
