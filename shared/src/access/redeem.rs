//! One redemption and what follows from it, for whoever asked: an API call, the sweep, follow-ups.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, warn};

use super::{Access, AccessError, open};
use crate::domain::connection::Connection;
use crate::domain::grant::Grant;
use crate::domain::guard::Guard;
use crate::domain::ids::TenantId;
use crate::domain::secret::AccessToken;
use crate::domain::verdict::{Refusal, Verdict};
use crate::metrics::{self, Metric};
use crate::microsoft::{Deadline, IdentityError, Refresh};
use crate::settings::Persist;
use crate::store::{BestEffort, SaveError, Versioned};
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

impl Access {
    /// Tells this worker what the guard's row says; costs nothing.
    pub fn know(&self, guard: &Guard) {
        self.memory.learn(guard);
    }

    /// Whether our own credential is refused, as far as this worker knows.
    pub fn breaker_is_open(&self) -> bool {
        self.memory.breaker_is_open()
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
        self.verify_for(connection, key, (why, None), deadline).await
    }

    /// The same, with the claims that Graph asked for (claims challenge), if it did.
    pub(super) async fn verify_for(
        &self,
        connection: Versioned<Connection>,
        key: &CustomerKey,
        (why, claims): (Why, Option<&str>),
        deadline: Deadline,
    ) -> Result<Verified, AccessError> {
        let pair = open(key, &connection.value)?;
        let Some(tenant) = connection.value.account.as_ref().map(|account| account.tenant) else {
            return Err(AccessError::Unserved(Box::new(connection.value)));
        };
        let credential = self.credential(&tenant.to_string()).await?;
        let identity = &self.parts.identity;
        let granted = connection.value.granted.clone();
        let redeem = Refresh { tenant: &tenant, token: &pair.refresh, granted: &granted, claims };
        let redeemed = match why {
            Why::Use => identity.refresh_patiently(&credential, redeem, deadline).await,
            Why::Check => {
                if let Some(wait) = self.memory.wait_for(tenant, self.parts.clock.now()) {
                    return Err(AccessError::Throttled(Some(wait)));
                }
                identity.refresh(&credential, redeem, deadline).await
            }
        };
        match redeemed {
            Ok(grant) => {
                self.close_breaker().await;
                self.granted(connection, key, (pair, grant), why).await
            }
            Err(IdentityError::Refused(refusal)) => self.refused(connection, tenant, refusal, why).await,
            Err(IdentityError::Throttled { wait }) => {
                self.memory.throttled(tenant, wait, self.parts.clock.now());
                Err(AccessError::Throttled(wait))
            }
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
        if let Some(guard) = self.memory.proof_due(now) {
            let recorded = self.parts.store.guard.record_success(&guard, now).await;
            if !recorded.best_effort("record that a redemption succeeded") {
                self.memory.proof_failed();
            }
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
        let verdict = refusal.verdict();
        match verdict {
            Verdict::OurFault => return Err(self.our_fault(&refusal).await),
            Verdict::Keep => return Err(AccessError::Unreachable),
            Verdict::ConsentGone
            | Verdict::UserMustSignIn
            | Verdict::Blocked
            | Verdict::UnknownGrant
            | Verdict::Unknown => self.close_breaker().await,
        }
        // Whoever redeemed or ended it since has the last word: this refusal is about tokens that are gone.
        let newest = self.again(&read.value).await?;
        if newest.value.generation != read.value.generation {
            return Ok(Verified { connection: newest, token: None, stored: false });
        }
        let now = self.parts.clock.now();
        if newest.value.forgives(&refusal, now) {
            return Err(AccessError::Unreachable);
        }
        let since = newest.value.refused_since(verdict, now);
        let held = verdict != Verdict::Blocked && self.doubt(tenant, &refusal, since).await?;
        let next = newest.value.clone().refused(refusal, now, held);
        let code = next.evidence().and_then(|e| e.refusal.code()).unwrap_or_default();
        let state = next.status();
        warn!(connection.id = %next.id, code, ?state, ?verdict, "Entra refused connection {}", next.id);
        let saved = self.parts.store.connections.save_if_unchanged(&newest, &next).await;
        if saved.is_ok() && newest.value.tokens.is_some() && next.tokens.is_none() {
            metrics::dropped(verdict.name());
        }
        match saved {
            Ok(connection) if why == Why::Use => Err(AccessError::Unserved(Box::new(connection.value))),
            Ok(connection) => Ok(Verified { connection, token: None, stored: true }),
            Err(SaveError::Stale) => {
                Ok(Verified { connection: self.again(&next).await?, token: None, stored: false })
            }
            Err(SaveError::Store(error)) => Err(error.into()),
        }
    }

    /// Nobody's token is to blame. If it is our credential, no redemption can succeed: the breaker opens.
    pub async fn our_fault(&self, refusal: &Refusal) -> AccessError {
        let code = refusal.code().unwrap_or_default();
        metrics::count(Metric::VendorCredentialRefused, 1);
        error!(alarm = "vendor-credential", code, "Entra refused our own credential or registration");
        if !refusal.is_our_credential() {
            return AccessError::OurFault(Box::new(refusal.clone()));
        }
        let now = self.parts.clock.now();
        self.memory.breaker_opened(now);
        // If it is not written now, the next refusal writes it.
        self.parts.store.guard.open_breaker(now).await.best_effort("open the breaker");
        AccessError::OurCredential
    }

    /// Entra spoke of a token, so it took our credential.
    async fn close_breaker(&self) {
        if self.memory.breaker_is_open()
            && self.parts.store.guard.close_breaker().await.best_effort("close the breaker")
        {
            self.memory.breaker_closed();
        }
    }

    /// Records that a tenant has been in doubt since then. Answers whether drops are held.
    async fn doubt(
        &self,
        tenant: TenantId,
        refusal: &Refusal,
        since: Timestamp,
    ) -> Result<bool, AccessError> {
        if refusal.verdict() == Verdict::Unknown {
            metrics::count(Metric::UnknownRefusals, 1);
            error!(alarm = "unknown-refusal", error = refusal.error, "Entra refused in an unknown way");
        }
        let guard = &self.parts.store.guard;
        let mut known = guard.get().await?;
        if known.should_note(tenant, since) {
            guard.record_suspect(&known, tenant, since).await?;
            known.suspects.insert(tenant, since);
        }
        self.know(&known);
        if known.is_tripped() {
            metrics::count(Metric::GuardTripped, 1);
            error!(alarm = "blast-guard", "Many tenants refuse at once; no connection is dropped");
        }
        Ok(known.is_tripped())
    }
}
