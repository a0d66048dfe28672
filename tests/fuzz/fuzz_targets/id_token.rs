//! An `id_token`: any text; and header and claims (parted by a zero byte) under a signature that holds, so that what
//! stands behind the signature is reached too.
#![no_main]

use fuzz::{Answer, Peer, token};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::microsoft::IdToken;

const NONCE: &str = "nonce-of-this-sign-in";

fuzz_target!(|data: &[u8]| {
    let peer = Peer::get();
    let verify = |text: String| {
        peer.call(Answer::default(), async |peer, deadline| {
            peer.identity.verify_id_token(&IdToken::new(text), NONCE, deadline).await
        })
    };
    assert!(verify(String::from_utf8_lossy(data).into_owned()).is_err(), "nobody signed this");
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let (Some(header), Some(claims)) = (parts.next(), parts.next()) else { return };
    // The port differs from run to run: the corpus names the issuer by a word.
    let claims = String::from_utf8_lossy(claims).replace("LOGIN", &peer.login);
    if let Ok(person) = verify(token::sign(header, claims.as_bytes())) {
        let claims: Value = serde_json::from_str(&claims).expect("what is believed is JSON");
        assert_eq!(claims["nonce"], NONCE);
        // A list of one says the same as its member.
        let audience = if claims["aud"].is_array() { &claims["aud"][0] } else { &claims["aud"] };
        assert_eq!(
            (audience, claims["aud"].as_array().map_or(1, Vec::len)),
            (&Value::from(fuzz::CLIENT_ID), 1)
        );
        // A GUID is the same in either case; all else of the issuer is compared to the letter.
        let tenant = claims["tid"].as_str().expect("a tenant");
        assert_eq!(tenant.parse().ok(), Some(person.tenant), "{tenant}");
        let issuer = claims["iss"].as_str().and_then(|issuer| issuer.strip_prefix(&peer.login));
        let issuer = issuer.and_then(|rest| rest.strip_prefix('/')?.strip_suffix("/v2.0"));
        assert_eq!(issuer.and_then(|issuer| issuer.parse().ok()), Some(person.tenant), "{issuer:?}");
    }
});
