//! The first state of a row: waiting for approval, or connected.

use jiff::Timestamp;

use super::{Account, Connection, Errand, Health, Teams};
use crate::domain::features::ScopeSet;
use crate::domain::ids::ConnectionId;
use crate::domain::sign_in::{FIRST_LOOK_AFTER, Session};

impl Connection {
    /// Waits for an administrator. The row keeps its id, its count of seals, and its part as a canary until another
    /// is elected; a new one gets `id`.
    pub fn waiting(session: &Session, before: Option<&Self>, id: ConnectionId, now: Timestamp) -> Self {
        Self {
            id: before.map_or(id, |connection| connection.id.clone()),
            customer: session.customer.clone(),
            user: session.user.clone(),
            account: None,
            features: session.features.clone(),
            granted: ScopeSet::default(),
            teams: Teams::Unknown,
            time_zone: session.time_zone.clone().or_else(|| before.and_then(|c| c.time_zone.clone())),
            connected_at: now,
            health: Health::PendingApproval { since: now },
            verified_at: None,
            last_used: None,
            usable_until: None,
            generation: before.map_or(0, |connection| connection.generation),
            destroyed: before.and_then(|connection| connection.destroyed.clone()),
            canary: before.is_some_and(|connection| connection.canary),
            errand: before.and_then(|connection| connection.errand),
            tokens: None,
            last_attempt: None,
        }
    }

    /// Is connected to this account. Its tokens are still to be sealed, under the next count.
    #[must_use]
    pub fn connected(self, account: Account, teams: Teams, now: Timestamp) -> Self {
        Self {
            account: Some(account),
            teams,
            health: Health::Live,
            verified_at: Some(now),
            last_used: Some(now),
            generation: self.generation + 1,
            destroyed: None,
            errand: Some((Errand::FirstLook, now + FIRST_LOOK_AFTER)),
            ..self
        }
    }
}
