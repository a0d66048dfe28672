//! Gets an access token for the person who takes part: a given one, a refresh token, or the device code flow (RFC 8628).

use crate::http::{self, Request, Seen};
use crate::place::{Credentials, SignedIn};
use crate::request::escape;
use serde_json::Value;
use std::time::Duration;

const SCOPES: &str = "openid profile offline_access User.Read Calendars.ReadWrite";
/// Between two questions whether the person has signed in, where the server names no other time.
const INTERVAL_SECONDS: u64 = 5;

/// Signs a person in. `show` is handed what the person must read: an address and a code.
///
/// Tokens of `given` are taken as they are; without an access token the refresh token is redeemed, and without either the
/// person is asked.
pub async fn sign_in(
    at: &Credentials,
    tenant: &str,
    given: (Option<String>, Option<String>),
    show: impl Fn(&str),
) -> Result<SignedIn, String> {
    match given {
        (Some(access_token), refresh_token) => Ok(SignedIn { access_token, refresh_token }),
        (None, Some(refresh)) => {
            let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh), ("scope", SCOPES)];
            let seen = post(at, tenant, "token", &form).await?;
            tokens(&seen)
                .map(|person| SignedIn { refresh_token: person.refresh_token.or(Some(refresh)), ..person })
        }
        (None, None) => device_code(at, tenant, show).await,
    }
}

#[expect(clippy::disallowed_methods, reason = "the person needs real time to sign in")]
async fn device_code(at: &Credentials, tenant: &str, show: impl Fn(&str)) -> Result<SignedIn, String> {
    let begun = post(at, tenant, "devicecode", &[("scope", SCOPES)]).await?;
    let answer = begun.json();
    let code = answer["device_code"].as_str().ok_or_else(|| refused(&begun))?;
    show(answer["message"].as_str().unwrap_or_default());
    let mut wait = answer["interval"].as_u64().unwrap_or(INTERVAL_SECONDS);
    loop {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code)];
        let seen = post(at, tenant, "token", &form).await?;
        match seen.json()["error"].as_str() {
            Some("authorization_pending") => {}
            Some("slow_down") => wait += INTERVAL_SECONDS,
            Some(_) => return Err(refused(&seen)),
            None => return tokens(&seen),
        }
    }
}

async fn post(at: &Credentials, tenant: &str, what: &str, fields: &[(&str, &str)]) -> Result<Seen, String> {
    let mut fields: Vec<(&str, &str)> = fields.to_vec();
    fields.push(("client_id", &at.client_id));
    if let Some(secret) = at.client_secret.as_deref().filter(|_| what == "token") {
        fields.push(("client_secret", secret));
    }
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let request = Request {
        method: "POST".to_owned(),
        url: format!("{}/{tenant}/oauth2/v2.0/{what}", at.login),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: Some(pairs.join("&")),
    };
    http::send(&http::client()?, &request).await
}

fn tokens(seen: &Seen) -> Result<SignedIn, String> {
    let body = seen.json();
    let token = |name: &str| body[name].as_str().map(str::to_owned);
    match token("access_token") {
        Some(access_token) => Ok(SignedIn { access_token, refresh_token: token("refresh_token") }),
        None => Err(refused(seen)),
    }
}

/// Entra's own words; they hold no token.
fn refused(seen: &Seen) -> String {
    let body = seen.json();
    let words = body["error_description"].as_str().or(body["error"].as_str()).map(str::to_owned);
    format!("Entra answers {}: {}", seen.status, words.unwrap_or_else(|| Value::Null.to_string()))
}
