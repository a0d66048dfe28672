//! What can go wrong with Microsoft: one variant per thing that a caller would do about it.

use std::fmt;
use std::time::Duration;

use crate::domain::graph_code::Class;
use crate::domain::verdict::Refusal;

/// Why Entra gave no tokens.
#[derive(Debug)]
pub enum IdentityError {
    /// It said no; what that means is read from [`Refusal::verdict`].
    Refused(Refusal),
    /// It asks us to wait (HTTP 429).
    Throttled {
        /// For so long, if it said.
        wait: Option<Duration>,
    },
    /// No answer, or none that makes sense.
    Unreachable {
        /// The request may have been carried out: a code may be used up. A refresh token never is.
        may_have_had_effect: bool,
    },
}

/// Why an `id_token` is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenError {
    /// A personal Microsoft account.
    Personal,
    /// The token is not one that Entra made for this sign-in.
    Untrusted(Distrust),
    /// Microsoft's keys could not be read.
    KeysUnreachable,
}

/// Which rule an `id_token` broke; for the log. The rules: microsoft identity platform, "Validate tokens".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// Too big, not three parts, no JSON, a claim twice, or a claim missing.
    Malformed,
    /// Signed with anything but RS256 (RFC 8725 section 3.1), or with extensions we do not know.
    Algorithm,
    /// By a key that Entra does not publish.
    UnknownKey,
    /// The signature is wrong.
    Signature,
    /// `tid` is no GUID, or `iss` is not the issuer of `tid`, or the key belongs to another issuer.
    Issuer,
    /// For another client.
    Audience,
    /// Expired, or not valid yet.
    Time,
    /// Of another sign-in.
    Nonce,
}

/// What Graph said when it refused, without its prose: fit for logs and for the problem's `microsoft` part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GraphEvidence {
    /// HTTP status; 0 if nothing was sent.
    pub status: u16,
    /// `error.code`.
    pub code: Option<String>,
    /// Microsoft's id of the request.
    pub request_id: Option<String>,
    /// Ours.
    pub client_request_id: String,
    /// Microsoft's own time, as it wrote it.
    pub at: Option<String>,
    /// What that means.
    pub class: Class,
}

/// Why Graph did not do it: what is left to do about it. Whose fault it is says the evidence's [`Class`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphError {
    /// 401: the access token is not taken, and no other one can be had: the connection says why.
    Unauthorized(GraphEvidence),
    /// 403 and its kin: a permission, a policy or a limit stands in the way. Nothing was done.
    Forbidden(GraphEvidence),
    /// There is no mailbox that Graph could use, or it is full.
    MailboxUnavailable(GraphEvidence),
    /// The event is gone.
    NotFound(GraphEvidence),
    /// It changed since it was read: read again and decide again.
    Stale(GraphEvidence),
    /// Our request is at fault; a repeat would fail alike.
    Refused(GraphEvidence),
    /// It asks us to wait, longer than the time left. Nothing was done.
    Throttled {
        /// For so long.
        wait: Duration,
        /// What it said.
        evidence: GraphEvidence,
    },
    /// Nobody knows whether it was done.
    Unclear(Option<GraphEvidence>),
    /// Certainly not done: no connection, a read without an answer, or an outage said so.
    Unavailable(Option<GraphEvidence>),
}

impl GraphError {
    /// What Graph said, if it said anything.
    pub fn evidence(&self) -> Option<&GraphEvidence> {
        match self {
            Self::Unauthorized(evidence)
            | Self::Forbidden(evidence)
            | Self::MailboxUnavailable(evidence)
            | Self::NotFound(evidence)
            | Self::Stale(evidence)
            | Self::Refused(evidence)
            | Self::Throttled { evidence, .. } => Some(evidence),
            Self::Unclear(evidence) | Self::Unavailable(evidence) => evidence.as_ref(),
        }
    }
}

impl GraphError {
    /// The error that a final refusal of this class is.
    pub fn of(evidence: GraphEvidence) -> Self {
        match evidence.class {
            Class::TokenRefused => Self::Unauthorized(evidence),
            Class::NewTokenRefused
            | Class::ScopeMissing
            | Class::AccessDenied
            | Class::SendAsDenied
            | Class::AccountDisabled
            | Class::LogonFailed
            | Class::NotRemovable
            | Class::SendingLimit => Self::Forbidden(evidence),
            Class::NoMailbox | Class::MailboxFull => Self::MailboxUnavailable(evidence),
            Class::Missing => Self::NotFound(evidence),
            Class::Stale => Self::Stale(evidence),
            Class::Unsaid
            | Class::TooLarge
            | Class::BadRecipient
            | Class::UnknownZone
            | Class::UsedTransaction
            | Class::NoRooms
            | Class::Throttled
            | Class::TooEarly
            | Class::Moving
            | Class::Broken
            | Class::OurRequest
            | Class::Refused => Self::Refused(evidence),
        }
    }

    /// What it means; unsaid if nothing was said.
    pub fn class(&self) -> Class {
        self.evidence().map_or(Class::Unsaid, |evidence| evidence.class)
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => match refusal.code() {
                Some(code) => write!(f, "Entra refused: {} {code}", refusal.error),
                None => write!(f, "Entra refused: {}", refusal.error),
            },
            Self::Throttled { .. } => f.write_str("Entra asks us to wait"),
            Self::Unreachable { .. } => f.write_str("Entra gave no answer"),
        }
    }
}
impl std::error::Error for IdentityError {}

impl fmt::Display for IdTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personal => f.write_str("a personal Microsoft account signed in"),
            Self::Untrusted(rule) => write!(f, "the id_token is not believed: {rule:?}"),
            Self::KeysUnreachable => f.write_str("Entra's signing keys could not be read"),
        }
    }
}
impl std::error::Error for IdTokenError {}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Unauthorized(_) => "does not take the token",
            Self::Forbidden(_) => "denies access",
            Self::MailboxUnavailable(_) => "has no usable mailbox",
            Self::NotFound(_) => "does not find the event",
            Self::Stale(_) => "has a newer version",
            Self::Refused(_) => "does not take the request",
            Self::Throttled { .. } => "asks us to wait",
            Self::Unclear(_) => "left the outcome unknown",
            Self::Unavailable(_) => "is not available",
        };
        write!(f, "Graph {what}")?;
        match self.evidence() {
            Some(GraphEvidence { status, code: Some(code), .. }) => write!(f, " ({status} {code})"),
            Some(GraphEvidence { status, .. }) => write!(f, " ({status})"),
            None => Ok(()),
        }
    }
}
impl std::error::Error for GraphError {}
