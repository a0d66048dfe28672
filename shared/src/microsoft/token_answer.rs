//! What the token endpoint answers. Pure.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use oauth2::basic::BasicTokenType;
use oauth2::{ExtraTokenFields, StandardTokenResponse, TokenResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id_token::IdToken;
use super::unique::UniqueMap;
use super::wire::Reply;
use super::{IdentityError, retry};
use crate::domain::features::ScopeSet;
use crate::domain::grant::{Grant, usable_until};
use crate::domain::secret::{AccessToken, RefreshToken};
use crate::domain::verdict::Refusal;

/// If Entra should not say how long a token lives: the shortest life that a tenant can set.
const LIFE_IF_UNSAID: Duration = Duration::from_mins(10);

/// What Entra adds to RFC 6749 section 5.1.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Extra {
    #[serde(default, skip_serializing)]
    id_token: Option<String>,
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extra(…)")
    }
}
impl ExtraTokenFields for Extra {}

/// A success, as the `oauth2` crate reads it.
pub(super) type TokenAnswer = StandardTokenResponse<Extra, BasicTokenType>;

/// The answer as RFC 6749 section 5.1 wants it, where it means the same and is only spelled otherwise: `expires_in` as a
/// text or with a fraction, no `token_type`. Anything else is left as it is; a member that stands twice is no spelling.
pub(super) fn in_standard_form(body: Vec<u8>) -> Vec<u8> {
    let Ok(UniqueMap(mut members)) = serde_json::from_slice(&body) else { return body };
    let odd_life = members.get("expires_in").filter(|life| !life.is_u64()).and_then(seconds);
    let untyped =
        members.contains_key("access_token") && members.get("token_type").is_none_or(Value::is_null);
    if odd_life.is_none() && !untyped {
        return body;
    }
    if let Some(life) = odd_life {
        members.insert("expires_in".to_owned(), life.into());
    }
    if untyped {
        members.insert("token_type".to_owned(), "Bearer".into());
    }
    Value::Object(members).to_string().into_bytes()
}

/// Whole seconds of a number or of a text with one; none if it is no time that could be waited.
fn seconds(told: &Value) -> Option<u64> {
    let number = match told {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Duration::try_from_secs_f64(number).ok().map(|life| life.as_secs())
}

/// The tokens of a success. An answer that names no scope means the one that was asked for (RFC 6749 section 5.1).
pub(super) fn read_grant(
    answer: &TokenAnswer,
    asked: &ScopeSet,
    arrived: Timestamp,
) -> (Grant, Option<IdToken>) {
    let named = |scopes: &Vec<oauth2::Scope>| {
        ScopeSet::parse(&scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "))
    };
    let scopes = answer.scopes().map_or_else(|| asked.clone(), named);
    let grant = Grant {
        access: AccessToken::new(answer.access_token().secret().clone()).granted(&scopes),
        refresh: answer.refresh_token().map(|token| RefreshToken::new(token.secret().clone())),
        usable_until: usable_until(arrived, answer.expires_in().unwrap_or(LIFE_IF_UNSAID)),
        scopes,
    };
    let id_token = answer.extra_fields().id_token.clone().map(IdToken::new);
    (grant, id_token)
}

/// The refusal in an answer that is no success (RFC 6749 section 5.2, with Microsoft's additions).
pub(super) fn read_refusal(reply: &Reply, now: Timestamp) -> IdentityError {
    if reply.status == 429 {
        return IdentityError::Throttled { wait: retry::retry_after(reply.retry_after.as_deref(), now) };
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(&reply.body) else {
        return IdentityError::Unreachable { may_have_had_effect: true };
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let Some(error) = text("error") else {
        return IdentityError::Unreachable { may_have_had_effect: true };
    };
    let prose = Prose::new(text("error_description").unwrap_or_default());
    let listed = body.get("error_codes").and_then(Value::as_array).into_iter().flatten().filter_map(number);
    IdentityError::Refused(Refusal {
        status: reply.status,
        error: word(error),
        suberror: text("suberror").filter(|text| !text.is_empty()).map(word),
        codes: unique(listed.chain(prose.codes())),
        trace_id: text("trace_id").and_then(guid).or_else(|| prose.id("Trace ID")),
        correlation_id: text("correlation_id").and_then(guid).or_else(|| prose.id("Correlation ID")),
        at: text("timestamp").and_then(time).or_else(|| prose.time()),
    })
}

fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The numbers, each at its first place.
pub(super) fn unique(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut seen = BTreeSet::new();
    numbers.filter(|number| seen.insert(*number)).take(16).collect()
}

/// A word of the protocol; anything else is somebody's text, which we do not keep.
pub(super) fn word(text: &str) -> String {
    let sound = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    if sound { text.to_owned() } else { "unreadable".to_owned() }
}

/// A GUID; anything else is not an id of Microsoft's.
fn guid(text: &str) -> Option<String> {
    let sound = text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    sound.then(|| text.to_owned())
}

/// A time as Microsoft writes it.
fn time(text: &str) -> Option<String> {
    let sound =
        (10..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b" -:.TZ".contains(&b));
    sound.then(|| text.to_owned())
}

/// Microsoft's `error_description`: a sentence, then `Trace ID`, `Correlation ID` and `Timestamp`, parted by
/// line ends or blanks. We read numbers and ids out of it and forget the rest.
pub(super) struct Prose(String);

impl Prose {
    pub(super) fn new(text: &str) -> Self {
        let mut plain = text.replace('+', " ");
        for (escape, meant) in
            [("%0d", "\r"), ("%0D", "\r"), ("%0a", "\n"), ("%0A", "\n"), ("%3a", ":"), ("%3A", ":")]
        {
            plain = plain.replace(escape, meant);
        }
        Self(plain)
    }

    /// Every number behind `AADSTS`.
    pub(super) fn codes(&self) -> impl Iterator<Item = u32> {
        let digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
        self.0.split("AADSTS").skip(1).filter_map(move |rest| rest.get(..digits(rest))?.parse().ok())
    }

    /// The GUID behind a label.
    pub(super) fn id(&self, label: &str) -> Option<String> {
        self.behind(label).and_then(|rest| guid(rest.get(..36)?))
    }

    /// The time behind `Timestamp`.
    pub(super) fn time(&self) -> Option<String> {
        let line = self.behind("Timestamp")?.lines().next()?;
        time(line.trim_end())
    }

    fn behind(&self, label: &str) -> Option<&str> {
        let (_, rest) = self.0.split_once(label)?;
        Some(rest.trim_start_matches([':', ' ']))
    }
}

#[cfg(test)]
#[path = "token_answer_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "refusal_properties.rs"]
mod properties;
