//! Client authentication by a signed assertion (RFC 7523 section 3, microsoft.md A5), checked for real.

use super::aadsts::{Refusal, refusal};
use super::certificates::{Certificate, VendorSecret};
use super::tenant::{State, seconds};
use super::tokens::{Form, missing};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Whether the assertion of the form proves the app to the token endpoint at this address.
pub(super) fn check(state: &mut State, form: &Form, endpoint: &str, now: Timestamp) -> Result<(), Refusal> {
    let now = now + seconds(state.options.clock_ahead_seconds);
    if form.get("client_assertion_type").is_none_or(|kind| kind != KIND) {
        return Err(missing("client_assertion_type"));
    }
    let token = form.get("client_assertion").map(String::as_str).unwrap_or_default();
    let read = read(token).ok_or_else(|| refusal(50027))?;
    let certificate = certificate(state, &read.header)?;
    let signature = UnparsedPublicKey::new(read.algorithm, &certificate.key);
    if signature.verify(read.signed.as_bytes(), &read.signature).is_err() {
        return Err(refusal(700_027));
    }
    match state.vendor_secret {
        VendorSecret::Expired => return Err(refusal(7_000_222)),
        VendorSecret::Wrong => return Err(refusal(700_027)),
        VendorSecret::Ok if certificate.until <= now => return Err(refusal(7_000_222)),
        VendorSecret::Ok if certificate.from > now => return Err(refusal(700_027)),
        VendorSecret::Ok => {}
    }
    let claim = |name: &str| read.claims[name].as_str().unwrap_or_default();
    let client_id = form.get("client_id").map(String::as_str).unwrap_or_default();
    if claim("iss") != client_id || claim("sub") != client_id {
        return Err(refusal(700_021));
    }
    if claim("aud") != endpoint {
        return Err(refusal(700_023));
    }
    let time = |name: &str| read.claims[name].as_i64().and_then(|at| Timestamp::from_second(at).ok());
    let (Some(from), Some(until)) = (time("nbf"), time("exp")) else { return Err(refusal(700_024)) };
    if from > now || until <= now {
        return Err(refusal(700_024));
    }
    first_use(state, claim("jti"))
}

/// A JWT (RFC 7519) in its parts.
struct Read<'a> {
    signed: &'a str,
    algorithm: &'static RsaParameters,
    header: Value,
    claims: Value,
    signature: Vec<u8>,
}

fn read(token: &str) -> Option<Read<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let json = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let header = json(header)?;
    let algorithm = match header["alg"].as_str()? {
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        _ => return None,
    };
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    Some(Read { signed, algorithm, claims: json(claims)?, header, signature })
}

/// The certificate that the header names; the older SHA-1 name is for other apps.
fn certificate(state: &State, header: &Value) -> Result<Certificate, Refusal> {
    let named = header["x5t#S256"].as_str().unwrap_or_default();
    let found = state.certificates.uploaded.iter().find(|known| known.thumbprint == named);
    found.cloned().ok_or_else(|| {
        let mut refused = refusal(700_027);
        refused.text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. \
             [Reason - The key was not found., Thumbprint of key used by client: '{named}']"
        );
        refused
    })
}

/// RFC 7523 lets a server take each `jti` once. Entra does not say that it does; a switch makes it.
fn first_use(state: &mut State, jti: &str) -> Result<(), Refusal> {
    if jti.is_empty() {
        return Err(refusal(50027));
    }
    let seen = !state.certificates.used.insert(jti.to_owned());
    if seen && state.options.assertions_once { Err(refusal(700_027)) } else { Ok(()) }
}
