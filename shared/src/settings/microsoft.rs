//! Where Microsoft is, and how we prove to it who we are.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::civil::Date;

use super::{BadSetting, base_url};
use crate::domain::cloud::Cloud;

/// Where Microsoft is. The prefixes are those of the cloud unless overridden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Microsoft {
    /// Where the app is registered and its users live.
    pub cloud: Cloud,
    /// Prefix before `/{tenant}`.
    pub login_url: String,
    /// Prefix before `/v1.0`.
    pub graph_url: String,
    /// The application's id.
    pub client_id: String,
    /// The application's credential.
    pub credential: Credential,
}

/// How the functions prove to Entra who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Assertions signed by KMS: nothing here is secret.
    SigningKey {
        /// Id or ARN of an `RSA_2048` key with usage `SIGN_VERIFY`.
        key_id: String,
        /// What Entra knows that key by.
        certificate: Certificate,
    },
    /// A client secret, encrypted by KMS under the context `purpose=client-secret`; base64 in the setting.
    SecretCiphertext(Vec<u8>),
}

/// The certificate of the signing key, as it was uploaded to the registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// base64url of SHA-256 over its DER, without padding: `x5t#S256` (RFC 7515 section 4.1.8).
    pub thumbprint: String,
    /// The day (UTC) on which it ends, if the setting says so.
    pub ends: Option<Date>,
}

const KEY: &str = "MICROSOFT_CLIENT_KEY_ID";
const CERTIFICATE: &str = "MICROSOFT_CLIENT_CERTIFICATE";
const CIPHERTEXT: &str = "MICROSOFT_CLIENT_SECRET_CIPHERTEXT";

type Get<'a> = &'a dyn Fn(&'static str) -> Option<String>;

pub(super) fn read(get: Get<'_>) -> Result<Microsoft, BadSetting> {
    let need = |name| get(name).ok_or(BadSetting { name, must: "set" });
    let cloud = get("MICROSOFT_CLOUD").map_or(Some(Cloud::Global), |name| Cloud::named(name.trim()));
    let cloud = cloud.ok_or(BadSetting {
        name: "MICROSOFT_CLOUD",
        must: "global, us_government, us_government_dod or china",
    })?;
    let login = get("MICROSOFT_LOGIN_URL").unwrap_or_else(|| cloud.login().to_owned());
    let graph = get("MICROSOFT_GRAPH_URL").unwrap_or_else(|| cloud.graph().to_owned());
    Ok(Microsoft {
        cloud,
        login_url: base_url("MICROSOFT_LOGIN_URL", &login)?,
        graph_url: base_url("MICROSOFT_GRAPH_URL", &graph)?,
        client_id: need("MICROSOFT_CLIENT_ID")?,
        credential: credential(get)?,
    })
}

/// Exactly one of the two: with both, nobody could say which one still works.
fn credential(get: Get<'_>) -> Result<Credential, BadSetting> {
    match (get(KEY), get(CERTIFICATE), get(CIPHERTEXT)) {
        (Some(key_id), Some(named), None) => {
            let certificate = certificate(&named).ok_or(BadSetting {
                name: CERTIFICATE,
                must: "a SHA-256 thumbprint (base64url or hex), then @ and its last day, as in \u{2026}@2027-11-29",
            })?;
            Ok(Credential::SigningKey { key_id: key_id.trim().to_owned(), certificate })
        }
        (None, None, Some(ciphertext)) => BASE64_STANDARD
            .decode(ciphertext.trim())
            .map(Credential::SecretCiphertext)
            .map_err(|_| BadSetting { name: CIPHERTEXT, must: "base64" }),
        (None, None, None) => Err(BadSetting {
            name: KEY,
            must: "set, with MICROSOFT_CLIENT_CERTIFICATE; or MICROSOFT_CLIENT_SECRET_CIPHERTEXT in their place",
        }),
        (_, _, Some(_)) => Err(BadSetting {
            name: CIPHERTEXT,
            must: "unset where MICROSOFT_CLIENT_KEY_ID or MICROSOFT_CLIENT_CERTIFICATE is set: one credential, not two",
        }),
        (Some(_), None, None) => {
            Err(BadSetting { name: CERTIFICATE, must: "set: MICROSOFT_CLIENT_KEY_ID is" })
        }
        (None, Some(_), None) => Err(BadSetting { name: KEY, must: "set: MICROSOFT_CLIENT_CERTIFICATE is" }),
    }
}

/// `thumbprint` or `thumbprint@2027-11-29`. Hex may have colons, as some tools print it.
fn certificate(text: &str) -> Option<Certificate> {
    let (named, ends) = match text.trim().split_once('@') {
        Some((named, day)) => (named, Some(day.parse().ok()?)),
        None => (text.trim(), None),
    };
    let digest = BASE64_URL_SAFE_NO_PAD.decode(named.trim_end_matches('=')).ok();
    let digest = digest.filter(|bytes| bytes.len() == 32).or_else(|| hex(&named.replace(':', "")))?;
    Some(Certificate { thumbprint: BASE64_URL_SAFE_NO_PAD.encode(digest), ends })
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pair = |at| u8::from_str_radix(&text[at..at + 2], 16).ok();
    if digits { (0..64).step_by(2).map(pair).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THUMBPRINT: &str = "A1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1vW2xY3zA4b4";

    fn told(given: [Option<&str>; 3]) -> Result<Credential, BadSetting> {
        let names = [KEY, CERTIFICATE, CIPHERTEXT];
        credential(&|name| {
            let at = names.iter().position(|known| *known == name)?;
            given[at].map(str::to_owned)
        })
    }

    #[test]
    fn there_is_exactly_one_credential() {
        assert_eq!(told([None, None, Some("AAEC")]), Ok(Credential::SecretCiphertext(vec![0, 1, 2])));
        let signing = told([Some("key"), Some(THUMBPRINT), None]);
        assert!(matches!(signing, Ok(Credential::SigningKey { key_id, .. }) if key_id == "key"));
        for (given, name) in [
            ([None, None, None], KEY),
            ([Some("key"), Some(THUMBPRINT), Some("AAEC")], CIPHERTEXT),
            ([Some("key"), None, Some("AAEC")], CIPHERTEXT),
            ([None, Some(THUMBPRINT), Some("AAEC")], CIPHERTEXT),
            ([Some("key"), None, None], CERTIFICATE),
            ([None, Some(THUMBPRINT), None], KEY),
            ([None, None, Some("no base64!")], CIPHERTEXT),
        ] {
            let refused = told(given).expect_err("both or half");
            assert_eq!(refused.name, name, "{given:?}");
            assert!(!refused.to_string().contains(THUMBPRINT) && !refused.to_string().contains("AAEC"));
        }
        let none = told([None, None, None]).expect_err("none").to_string();
        assert!([KEY, CERTIFICATE, CIPHERTEXT].iter().all(|name| none.contains(name)), "{none}");
    }

    #[test]
    fn a_thumbprint_is_read_in_every_spelling_of_the_tools() {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(THUMBPRINT).expect("base64url");
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        for text in [THUMBPRINT.to_owned(), format!("{THUMBPRINT}="), pairs.concat(), pairs.join(":")] {
            let read = certificate(&text).expect("a thumbprint");
            assert_eq!((read.thumbprint.as_str(), read.ends), (THUMBPRINT, None), "{text}");
        }
        let dated = certificate(&format!(" {THUMBPRINT}@2027-11-29 ")).expect("with its last day");
        assert_eq!(dated.ends, Some(jiff::civil::date(2027, 11, 29)));
    }

    #[test]
    fn what_is_no_thumbprint_is_refused() {
        for text in ["", "abc", &THUMBPRINT[1..], "@2027-11-29", "\u{e9}\u{e9}", &"g".repeat(64)] {
            assert_eq!(certificate(text), None, "{text}");
        }
        for day in ["2027-02-30", "soon", ""] {
            assert_eq!(certificate(&format!("{THUMBPRINT}@{day}")), None, "{day}");
        }
    }
}
