//! Names of things. A text becomes an id once, at the edge; behind it no `String` stands for an id.
//!
//! Our own ids are a prefix and 26 characters of Crockford base 32 over a `UUIDv7` (RFC 9562), so they sort by
//! time. They are names, not secrets: whoever holds one has no right by it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Entropy;

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadId;

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id of this kind")
    }
}
impl std::error::Error for BadId {}

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new `UUIDv7` from our own clock and entropy.
pub fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &entropy.bytes::<10>()).into_uuid()
}

fn encode(prefix: &str, id: Uuid) -> String {
    let mut bits = id.as_u128();
    let mut body = [0u8; 26];
    for place in body.iter_mut().rev() {
        *place = CROCKFORD[usize::try_from(bits & 31).unwrap_or(0)];
        bits >>= 5;
    }
    format!("{prefix}{}", String::from_utf8_lossy(&body))
}

macro_rules! own_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new id, sorted by `now`.
            pub fn mint(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(encode($prefix, uuid_v7(now, entropy)))
            }

            /// The id as text, prefix included.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let body = text.strip_prefix($prefix).ok_or(BadId)?;
                let sound = body.len() == 26 && body.bytes().all(|b| CROCKFORD.contains(&b));
                sound.then(|| Self(text.to_owned())).ok_or(BadId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

own_ids! {
    /// A recruiter's connection to one Outlook mailbox.
    ConnectionId = "con_";
    /// A connect session: the link by which a recruiter starts to connect.
    SessionId = "cs_";
    /// One visit to a connect link.
    AttemptId = "att_";
    /// A request for an administrator's approval.
    ApprovalId = "apr_";
    /// An interview.
    InterviewId = "int_";
    /// One accepted request to write to Outlook; also Graph's `transactionId` and our tag on the event.
    ClaimId = "clm_";
}

macro_rules! ats_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as the ATS wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as it stands in a key: everything but `A–Z a–z 0–9 - . _ ~` percent-encoded.
            pub fn in_key(&self) -> String {
                percent_encode(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            /// 1–128 bytes, no control characters.
            fn from_str(text: &str) -> Result<Self, BadId> {
                let sound = (1..=128).contains(&text.len()) && !text.chars().any(char::is_control);
                sound.then(|| Self(text.to_owned())).ok_or(BadId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ats_ids! {
    /// A customer of the ATS, as the ATS's token names it.
    CustomerId;
    /// A user of the ATS, as the ATS's token names it (`sub`).
    UserId;
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
            out.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
        }
    }
    out
}

/// An id as one segment of a path. API Gateway's HTTP API decodes a path before it routes it, so percent-encoding does not
/// reach the function: `~` and two digits stand for what is not unreserved, for `~` itself, and for the dots of a name
/// of nothing but dots, which clients resolve.
pub fn path_encode(id: &str) -> String {
    let escaped = percent_encode(id).replace('~', "%7E").replace('%', "~");
    if id.bytes().all(|byte| byte == b'.') { escaped.replace('.', "~2E") } else { escaped }
}

/// The id of a segment that [`path_encode`] made; what holds no `~` is taken as it is.
pub fn path_decode(segment: &str) -> Option<String> {
    let mut bytes = segment.bytes();
    let mut out = Vec::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        if byte == b'~' {
            let (high, low) = (char::from(bytes.next()?), char::from(bytes.next()?));
            out.push(u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// Characters of a GUID with hyphens.
pub const GUID: usize = 36;

macro_rules! guids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Uuid);

        impl $name {
            /// As it is displayed, in a buffer of the caller's.
            pub fn encode(self, buffer: &mut [u8; GUID]) -> &str {
                self.0.hyphenated().encode_lower(buffer)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            /// A GUID with hyphens, 36 characters, either case.
            fn from_str(text: &str) -> Result<Self, BadId> {
                if text.len() != GUID {
                    return Err(BadId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| BadId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }
    )*};
}

guids! {
    /// A Microsoft Entra tenant (`tid`).
    TenantId;
    /// A user object within a tenant (`oid`).
    ObjectId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn an_own_id_reads_back_and_sorts_by_time() {
        let early = InterviewId::mint(Timestamp::from_second(1_000_000_000).expect("time"), &SystemEntropy);
        let late = InterviewId::mint(Timestamp::from_second(2_000_000_000).expect("time"), &SystemEntropy);
        assert_eq!(early.as_str().parse::<InterviewId>(), Ok(early.clone()));
        assert_eq!(early.as_str().len(), 30);
        assert!(early < late);
    }

    #[test]
    fn an_id_of_another_kind_or_shape_is_refused() {
        for text in ["", "int_", "con_00000000000000000000000000", "int_0000000000000000000000000U", "int_é"]
        {
            assert_eq!(text.parse::<InterviewId>(), Err(BadId), "{text}");
        }
    }

    #[test]
    fn ids_of_the_ats_are_bounded_and_cannot_break_out_of_a_key() {
        assert!("".parse::<UserId>().is_err());
        assert!("x".repeat(129).parse::<UserId>().is_err());
        assert!("a\nb".parse::<UserId>().is_err());
        let odd: UserId = "U#1/é".parse().expect("allowed");
        assert_eq!(odd.in_key(), "U%231%2F%C3%A9");
    }
}
