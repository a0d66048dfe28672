//! One redemption and what follows from it, for whoever asked: an API call, the sweep, follow-ups.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tracing::{error, warn};

use super::{Access, AccessError, open};
use crate::domain::connection::Connection;
use crate::domain::grant::Grant;
use crate::domain::guard::Guard;
use crate::domain::ids::TenantId;
use crate::domain::secret::AccessToken;
use crate::domain::verdict::{Refusal, Verdict};
use crate::microsoft::{Deadline, IdentityError};
use crate::settings::Persist;
use crate::store::{SaveError, Versioned};
use crate::vault::{Binding, CustomerKey, TokenPair, seal_tokens};

/// What a redemption is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The token will be used: it is stored, so that the next caller finds it.
    Use,
    /// To see whether access still stands: stored as the `PERSIST` setting says.
    Check,
}

/// A connection after a redemption that was answered.
#[derive(Debug)]
pub struct Verified {
    /// As it is stored now.
    pub connection: Versioned<Connection>,
    /// The new token; none if somebody else saved a newer state in between.
    pub token: Option<AccessToken>,
    /// Whether anything was written.
    pub stored: bool,
}

/// A cold connection is written at least this often.
const STORED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// A success is recorded this often, and only while somebody is in doubt.
const PROOF_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Remembers who is in doubt, and when this worker last proved that our registration is healthy.
#[derive(Default)]
pub(super) struct ProofOfHealth(Mutex<(Guard, Option<Timestamp>)>);

impl ProofOfHealth {
    fn doubt(&self, guard: &Guard) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = guard.clone();
    }

    /// The guard as known, if a success now should be recorded; notes that it is.
    fn due(&self, now: Timestamp) -> Option<Guard> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let in_doubt = known.0.suspects.len() > known.0.settled().len();
        let due = in_doubt && known.1.is_none_or(|last| now.duration_since(last) >= PROOF_EVERY);
        due.then(|| {
            known.1 = Some(now);
            known.0.clone()
        })
    }
}

impl Access {
    /// Tells this worker what the guard's row says; costs nothing.
    pub fn know(&self, guard: &Guard) {
        self.proof.doubt(guard);
    }

    /// Redeems the refresh token of a connection and stores what follows.
    ///
    /// A refusal is an answer: the connection in the result then says what it means. Errors are what left the
    /// connection as it was.
    pub async fn verify(
        &self,
        connection: Versioned<Connection>,
        key: &CustomerKey,
        why: Why,
        deadline: Deadline,
    ) -> Result<Verified, AccessError> {
        let pair = open(key, &connection.value)?;
        let Some(tenant) = connection.value.account.as_ref().map(|account| account.tenant) else {
            return Err(AccessError::Unserved(Box::new(connection.value)));
        };
        let credential = self.credential().await?;
        let identity = &self.parts.identity;
        let redeemed = match why {
            Why::Use => identity.refresh_patiently(credential, &tenant, &pair.refresh, deadline).await,
            Why::Check => identity.refresh(credential, &tenant, &pair.refresh, deadline).await,
        };
        match redeemed {
            Ok(grant) => self.granted(connection, key, (pair, grant), why).await,
            Err(IdentityError::Refused(refusal)) => self.refused(connection, tenant, refusal, why).await,
            Err(IdentityError::Throttled { wait }) => Err(AccessError::Throttled(wait)),
            Err(IdentityError::Unreachable { .. }) => Err(AccessError::Unreachable),
        }
    }

    async fn granted(
        &self,
        read: Versioned<Connection>,
        key: &CustomerKey,
        (old, grant): (TokenPair, Grant),
        why: Why,
    ) -> Result<Verified, AccessError> {
        let now = self.parts.clock.now();
        if let Some(guard) = self.proof.due(now) {
            self.parts.store.guard.record_success(&guard, now).await?;
        }
        let mut next = read.value.clone().verified(grant.scopes, now);
        let unchanged = next.health == read.value.health && next.granted == read.value.granted;
        if why == Why::Check && unchanged && !self.is_worth_storing(&read.value, now) {
            return Ok(Verified { connection: read, token: Some(grant.access), stored: false });
        }
        let pair = TokenPair { access: grant.access, refresh: grant.refresh.unwrap_or(old.refresh) };
        next.generation += 1;
        next.usable_until = Some(grant.usable_until);
        if why == Why::Use {
            next.last_used = Some(now);
        }
        next.tokens = Some(seal_tokens(key, &Binding::tokens(&next), &pair, self.parts.entropy.as_ref()));
        match self.parts.store.connections.save_if_unchanged(&read, &next).await {
            Ok(connection) => Ok(Verified { connection, token: Some(pair.access), stored: true }),
            Err(SaveError::Stale) => {
                Ok(Verified { connection: self.again(&read.value).await?, token: None, stored: false })
            }
            Err(SaveError::Store(error)) => Err(error.into()),
        }
    }

    /// Whether a verified connection that did not change is written back.
    fn is_worth_storing(&self, connection: &Connection, now: Timestamp) -> bool {
        let old = connection.verified_at.is_none_or(|at| now.duration_since(at) >= STORED_WITHIN);
        // An errand is a row in the index: it must be moved on, or follow-ups come at every tick.
        let errand = connection.errand.is_some_and(|(_, due)| due <= now);
        old || errand
            || match self.persist {
                Persist::Always => true,
                Persist::Hot => connection.is_hot(now),
                Persist::Daily => false,
            }
    }

    async fn refused(
        &self,
        read: Versioned<Connection>,
        tenant: TenantId,
        refusal: Refusal,
        why: Why,
    ) -> Result<Verified, AccessError> {
        // Whoever saved since may hold a newer token: then this refusal says nothing about it.
        let newest = self.again(&read.value).await?;
        if newest.version != read.version {
            return Ok(Verified { connection: newest, token: None, stored: false });
        }
        let verdict = refusal.verdict();
        let forgiven = newest.value.forgives(&refusal, self.parts.clock.now());
        let held = !forgiven && self.note(tenant, &refusal, verdict).await?;
        let next = newest.value.clone().refused(refusal, self.parts.clock.now(), held);
        if next == newest.value {
            return match verdict {
                Verdict::OurFault => Err(AccessError::OurCredential),
                _ => Err(AccessError::Unreachable),
            };
        }
        let code = next.evidence().and_then(|e| e.refusal.code()).unwrap_or_default();
        let state = next.status();
        warn!(connection.id = %next.id, code, ?state, ?verdict, "Entra refused connection {}", next.id);
        match self.parts.store.connections.save_if_unchanged(&newest, &next).await {
            Ok(connection) => self.after_refusal(connection, verdict, why),
            Err(SaveError::Stale) => {
                Ok(Verified { connection: self.again(&next).await?, token: None, stored: false })
            }
            Err(SaveError::Store(error)) => Err(error.into()),
        }
    }

    fn after_refusal(
        &self,
        connection: Versioned<Connection>,
        verdict: Verdict,
        why: Why,
    ) -> Result<Verified, AccessError> {
        let passing = matches!(verdict, Verdict::Keep | Verdict::OurFault);
        match (passing, why) {
            (true, _) if verdict == Verdict::OurFault => Err(AccessError::OurCredential),
            (true, Why::Use) => Err(AccessError::Unreachable),
            (false, Why::Use) => Err(AccessError::Unserved(Box::new(connection.value))),
            (_, Why::Check) => Ok(Verified { connection, token: None, stored: true }),
        }
    }

    /// Records what concerns more than this connection. Answers whether drops are held.
    async fn note(&self, tenant: TenantId, refusal: &Refusal, verdict: Verdict) -> Result<bool, AccessError> {
        let (now, guard) = (self.parts.clock.now(), &self.parts.store.guard);
        match verdict {
            Verdict::OurFault => {
                let code = refusal.code().unwrap_or_default();
                error!(alarm = "vendor-credential", code, "Entra refused our own credential or registration");
                if refusal.is_our_credential() {
                    guard.open_breaker(now).await?;
                }
                Ok(false)
            }
            Verdict::Keep => Ok(false),
            Verdict::Blocked => Ok(false),
            Verdict::ConsentGone | Verdict::UserMustSignIn | Verdict::UnknownGrant | Verdict::Unknown => {
                if verdict == Verdict::Unknown {
                    error!(
                        alarm = "unknown-refusal",
                        error = refusal.error,
                        "Entra refused in an unknown way"
                    );
                }
                let mut known = guard.get().await?;
                guard.record_suspect(&known, tenant, now).await?;
                known.suspects.entry(tenant).or_insert(now);
                self.know(&known);
                if known.is_tripped() {
                    error!(alarm = "blast-guard", "Many tenants refuse at once; no connection is dropped");
                }
                Ok(known.is_tripped())
            }
        }
    }
}
