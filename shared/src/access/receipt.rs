//! The receipt for destroyed tokens, as clients see it.

use serde::Serialize;

use crate::domain::connection::{Connection, Seen, Status};
use crate::domain::time::to_millisecond;
use crate::problem::Microsoft;

/// That tokens were destroyed, when and why.
#[derive(Debug, Clone, Serialize)]
pub struct DestroyedTokens {
    at: String,
    reason: Status,
    first_refusal: Option<Refused>,
    confirmed_by: Option<Refused>,
}

/// A refusal of Microsoft's.
#[derive(Debug, Clone, Serialize)]
struct Refused {
    seen_at: String,
    microsoft: Microsoft,
}

/// The receipt of a connection whose tokens were destroyed.
pub fn destroyed_tokens(connection: &Connection) -> Option<DestroyedTokens> {
    let refused =
        |seen: &Seen| Refused { seen_at: to_millisecond(seen.at), microsoft: Microsoft::from(&seen.refusal) };
    connection.destroyed.as_ref().map(|destroyed| DestroyedTokens {
        at: to_millisecond(destroyed.at),
        reason: destroyed.reason,
        first_refusal: destroyed.first.as_ref().map(refused),
        confirmed_by: destroyed.confirmed.as_ref().map(refused),
    })
}
