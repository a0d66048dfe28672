//! An access token for a connection: opened, or redeemed when it is near its end, and kept.
//!
//! However many callers come at once, one redeems: it holds a lease on the row, the others wait for its result.
//! The version check on save decides who was first; a loser uses the winner's token.
//!
//! A token carries the record of what it was used for; whoever ends the operation stores it.

mod graph_trouble;
mod memory;
mod proof;
mod receipt;
mod record;
mod redeem;
mod renewal;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, Entropy};
use crate::domain::connection::{Connection, Status};
use crate::domain::ids::uuid_v7;
use crate::domain::proof_log::Ledger;
use crate::domain::secret::AccessToken;
use crate::microsoft::{ClientProof, Deadline, GraphError, Identity};
use crate::problem::Problem;
use crate::settings::{Persist, Settings};
use crate::store::{Store, Versioned};
use crate::vault::{Binding, CustomerKey, Vault, open_tokens};

pub use graph_trouble::graph_problem;
pub use receipt::{DestroyedTokens, destroyed_tokens};
pub use redeem::{Verified, Why};
pub use trouble::{
    AccessError, organizer_changed, served, store_problem, unserved, vault_problem, why_not_redeemed,
    why_not_signed_in,
};

/// A redemption takes less; after that the lease is free again.
const LEASE: SignedDuration = SignedDuration::from_secs(10);
/// How often a waiting caller looks.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What an access token is made with.
pub struct Access {
    parts: Parts,
    proofs: proof::Proofs,
    persist: Persist,
    /// How long the record of a call is kept.
    keep_for: SignedDuration,
    restored_at: Option<Timestamp>,
    memory: memory::Memory,
}

/// What [`Access`] works with.
#[derive(Clone)]
pub struct Parts {
    /// Connections and the guard.
    pub store: Store,
    /// Opens and seals.
    pub vault: Arc<Vault>,
    /// Redeems.
    pub identity: Arc<Identity>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Salts.
    pub entropy: Arc<dyn Entropy>,
}

/// A token that may be used now, and the connection as it is stored now.
#[derive(Debug)]
pub struct Usable {
    /// For Graph.
    pub token: AccessToken,
    /// The connection it belongs to.
    pub connection: Versioned<Connection>,
}

impl Usable {
    /// The same, whose use is recorded in this ledger.
    #[must_use]
    pub fn recorded_in(self, ledger: &Ledger) -> Self {
        Self { token: self.token.recorded_in(ledger), ..self }
    }
}

impl Access {
    /// Nothing is called before the first token is wanted.
    pub fn new(parts: Parts, settings: &Settings) -> Self {
        let Parts { vault, identity, clock, .. } = parts.clone();
        let proofs = proof::Proofs::new(settings.microsoft.credential.clone(), vault, identity, clock);
        let keep_for = SignedDuration::from_hours(24 * i64::from(settings.retention_days));
        let (persist, restored_at) = (settings.persist, settings.restored_at);
        Self { parts, proofs, persist, keep_for, restored_at, memory: memory::Memory::default() }
    }

    /// Our own credential for the token endpoint of this authority: `organizations`, or the GUID of a tenant.
    pub async fn credential(&self, authority: &str) -> Result<Arc<ClientProof>, AccessError> {
        self.proofs.for_authority(authority).await.map_err(AccessError::Vault)
    }

    /// Whole days until the certificate of the signing key ends; negative afterwards. None if the settings name no
    /// certificate, or one without its last day.
    pub fn certificate_days_left(&self) -> Option<i64> {
        let ends = self.proofs.certificate()?.ends?;
        let today = TimeZone::UTC.to_datetime(self.parts.clock.now()).date();
        Some(today.duration_until(ends).as_hours() / 24)
    }

    /// A token for the mailbox of `connection`; redeems if the stored one is near its end. Where Graph does not take it,
    /// it finds another one by itself.
    pub async fn token(
        self: &Arc<Self>,
        connection: Versioned<Connection>,
        key: &CustomerKey,
        deadline: Deadline,
    ) -> Result<Usable, AccessError> {
        let usable = match self.fresh(connection, key)? {
            Ok(usable) => usable,
            Err(stale) => self.renew(stale, key, None, deadline).await?,
        };
        Ok(self.renewable(usable, key))
    }

    /// Why there is no other token for a connection whose token Graph does not take; or one after all.
    pub async fn renewed(
        self: &Arc<Self>,
        refused: &Usable,
        key: &CustomerKey,
        deadline: Deadline,
    ) -> Result<Usable, AccessError> {
        let usable = self.renew(refused.connection.clone(), key, None, deadline).await?;
        Ok(self.renewable(usable, key).recorded_in(refused.token.ledger()))
    }

    /// What a refusal by Graph means to the client. Where Entra gave no other token, the connection says why.
    pub async fn problem_of(&self, usable: &Usable, error: &GraphError) -> Problem {
        if matches!(error, GraphError::Unauthorized(_)) {
            match self.again(&usable.connection.value).await {
                Ok(now) if now.value.status() != Status::Connected => return unserved(&now.value),
                Ok(_) => {}
                Err(gone) => return gone.into(),
            }
        }
        graph_problem(error)
    }

    /// The stored token, if it is good for use; else the connection back.
    fn fresh(
        &self,
        connection: Versioned<Connection>,
        key: &CustomerKey,
    ) -> Result<Result<Usable, Versioned<Connection>>, AccessError> {
        if connection.value.status() != Status::Connected {
            return Err(AccessError::Unserved(Box::new(connection.value)));
        }
        let now = self.parts.clock.now();
        let has_ended = connection.value.usable_until.is_none_or(|until| until <= now);
        // What a restore brought back may have been revoked since it was stored: Entra is asked before it is used.
        let is_old = self.restored_at.is_some_and(|at| connection.value.proven_at() < at);
        if has_ended || is_old {
            return Ok(Err(connection));
        }
        let pair = open(key, &connection.value)?;
        Ok(Ok(Usable { token: pair.access.granted(&connection.value.granted), connection }))
    }

    /// Redeems under the row's lease, or waits for whoever holds it.
    async fn renew(
        &self,
        mut connection: Versioned<Connection>,
        key: &CustomerKey,
        claims: Option<&str>,
        deadline: Deadline,
    ) -> Result<Usable, AccessError> {
        let Parts { store, clock, entropy, .. } = &self.parts;
        let holder = uuid_v7(clock.now(), entropy.as_ref()).to_string();
        let generation = connection.value.generation;
        loop {
            if connection.value.status() != Status::Connected {
                return Err(AccessError::Unserved(Box::new(connection.value)));
            }
            if connection.value.generation != generation {
                match self.fresh(connection, key)? {
                    Ok(usable) => return Ok(usable),
                    Err(stale) => connection = stale,
                }
            }
            let until = clock.now() + LEASE;
            if store.connections.lease(&connection, &holder, clock.now(), until).await? {
                return self.redeem_and_keep(connection, key, claims, deadline).await;
            }
            if deadline.left(clock.as_ref()) < LOOK_AGAIN {
                return Err(AccessError::Unreachable);
            }
            clock.sleep(LOOK_AGAIN).await;
            connection = self.again(&connection.value).await?;
        }
    }

    async fn redeem_and_keep(
        &self,
        connection: Versioned<Connection>,
        key: &CustomerKey,
        claims: Option<&str>,
        deadline: Deadline,
    ) -> Result<Usable, AccessError> {
        let verified = self.verify_for(connection, key, (Why::Use, claims), deadline).await?;
        match verified.token {
            Some(token) => Ok(Usable { token, connection: verified.connection }),
            // Somebody saved in between: his token is the newer one.
            None => self.fresh(verified.connection, key)?.map_err(|_| AccessError::Unreachable),
        }
    }

    /// The connection as it is stored now.
    async fn again(&self, connection: &Connection) -> Result<Versioned<Connection>, AccessError> {
        let found = self.parts.store.connections.find(&connection.customer, &connection.user).await?;
        found.ok_or_else(|| AccessError::Unserved(Box::new(connection.clone())))
    }
}

/// Opens the tokens of a connection.
fn open(key: &CustomerKey, connection: &Connection) -> Result<crate::vault::TokenPair, AccessError> {
    let sealed =
        connection.tokens.as_ref().ok_or_else(|| AccessError::Unserved(Box::new(connection.clone())))?;
    open_tokens(key, &Binding::tokens(connection), sealed).map_err(AccessError::Sealed)
}
