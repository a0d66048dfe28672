//! Which tenant a mail domain belongs to, as Entra's public discovery document says.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::token_answer::read_refusal;
use super::wire::{LONGEST_CALL, Lost, Reply, Told};
use super::{Deadline, IdentityError, Wire, retry};
use crate::domain::ids::{TenantId, percent_encode};

/// A domain seldom moves to another tenant.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// That a domain is unknown may change while its administrator is at work.
const ABSENCE_KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Domains kept at most.
const MOST: usize = 1000;
const PATH: &str = "/{tenant}/v2.0/.well-known/openid-configuration";

/// AADSTS90002: no tenant has this domain.
const NO_SUCH_TENANT: u32 = 90002;

/// What Entra said of a domain, and until when that is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    tenant: Option<TenantId>,
    until: Timestamp,
}

/// Answers of the last day.
#[derive(Default)]
pub(super) struct TenantCache(Mutex<HashMap<String, Known>>);

impl TenantCache {
    /// The tenant of a domain; none if Entra knows none.
    pub(super) async fn find(
        &self,
        wire: &Wire,
        login: &str,
        domain: &str,
        deadline: Deadline,
    ) -> Result<Option<TenantId>, IdentityError> {
        let domain = domain.to_ascii_lowercase();
        if !is_a_domain(&domain) {
            return Ok(None);
        }
        let now = wire.clock.now();
        if let Some(known) = self.known(&domain, now) {
            return Ok(known.tenant);
        }
        let tenant = fetch(wire, login, &domain, deadline).await?;
        self.keep(domain, tenant, now);
        Ok(tenant)
    }

    fn known(&self, domain: &str, now: Timestamp) -> Option<Known> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(domain).copied().filter(|known| now < known.until)
    }

    fn keep(&self, domain: String, tenant: Option<TenantId>, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, known| now < known.until);
        }
        if kept.len() >= MOST {
            let first_to_go =
                kept.iter().min_by_key(|(_, known)| known.until).map(|(domain, _)| domain.clone());
            first_to_go.map(|domain| kept.remove(&domain));
        }
        let span = if tenant.is_some() { KEPT_FOR } else { ABSENCE_KEPT_FOR };
        kept.insert(domain, Known { tenant, until: now.saturating_add(span).unwrap_or(now) });
    }
}

/// `organizations` and `..` are no domains: the path must name a tenant.
fn is_a_domain(domain: &str) -> bool {
    domain.len() <= 253 && domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty())
}

async fn fetch(
    wire: &Wire,
    login: &str,
    domain: &str,
    deadline: Deadline,
) -> Result<Option<TenantId>, IdentityError> {
    let unreachable = |may_have_had_effect| IdentityError::Unreachable { may_have_had_effect };
    let url = format!("{login}/{}/v2.0/.well-known/openid-configuration", percent_encode(domain));
    let request = wire.http.get(url).build().map_err(|_| unreachable(false))?;
    let sent = wire
        .exchange(request, Told { host: "login", path: PATH, attempt: 1, longest: LONGEST_CALL }, deadline)
        .await;
    let reply = sent.map_err(|lost| unreachable(lost == Lost::Unclear))?;
    match reply.status {
        200 => read_tenant(&reply.body).map(Some).ok_or(unreachable(false)),
        400 | 404 if is_unknown(&reply, wire.clock.now()) => Ok(None),
        429 => Err(IdentityError::Throttled {
            wait: retry::retry_after(reply.retry_after.as_deref(), wire.clock.now()),
        }),
        _ => Err(unreachable(false)),
    }
}

/// Whether Entra itself says that no tenant has this domain. A proxy's page says nothing, and must not be kept.
fn is_unknown(reply: &Reply, now: Timestamp) -> bool {
    match read_refusal(reply, now) {
        IdentityError::Refused(refusal) => {
            refusal.error == "invalid_tenant" || refusal.codes.contains(&NO_SUCH_TENANT)
        }
        IdentityError::Throttled { .. } | IdentityError::Unreachable { .. } => false,
    }
}

/// The GUID in the `token_endpoint`.
fn read_tenant(body: &[u8]) -> Option<TenantId> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let (before, _) = document.get("token_endpoint")?.as_str()?.split_once("/oauth2/")?;
    before.rsplit('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("time")
    }

    #[test]
    fn the_tenant_is_read_from_the_token_endpoint() {
        let guid = "2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14";
        let document = |tenant| {
            format!(
                r#"{{"issuer":"x","token_endpoint":"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"}}"#
            )
        };
        assert_eq!(read_tenant(document(guid).as_bytes()), guid.parse().ok());
        assert_eq!(read_tenant(document("organizations").as_bytes()), None);
        assert_eq!(read_tenant(br#"{"token_endpoint":7}"#), None);
    }

    #[test]
    fn only_domains_are_looked_up() {
        assert!(is_a_domain("contoso.com") && is_a_domain("büro.example"));
        assert!(!is_a_domain("organizations") && !is_a_domain("..") && !is_a_domain("") && !is_a_domain("."));
    }

    #[test]
    fn answers_are_kept_for_a_day_and_absence_for_minutes() {
        let (cache, tenant) = (TenantCache::default(), "2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14".parse().ok());
        cache.keep("a.example".to_owned(), tenant, at(0));
        cache.keep("b.example".to_owned(), None, at(0));
        let known = |domain, second| cache.known(domain, at(second)).map(|known| known.tenant);
        assert_eq!(known("a.example", 86_399), Some(tenant));
        assert_eq!(known("a.example", 86_400), None);
        assert_eq!(known("b.example", 599), Some(None));
        assert_eq!(known("b.example", 600), None);
    }

    #[test]
    fn the_cache_does_not_grow_without_end() {
        let cache = TenantCache::default();
        for n in 0..2000 {
            cache.keep(format!("{n}.example"), None, at(0));
        }
        assert_eq!(cache.0.lock().expect("lock").len(), MOST);
    }
}
