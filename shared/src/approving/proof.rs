//! The proof of an approval: a token of the administrator, looked at and thrown away.

use super::{Approving, Ground, Step, TRIES};
use crate::access::store_problem;
use crate::domain::approval::State;
use crate::domain::customer::{Customer, Proven};
use crate::domain::features::ScopeSet;
use crate::domain::ids::TenantId;
use crate::domain::secret::{AuthorizationCode, CookieSecret};
use crate::microsoft::{Deadline, IdentityError, Redeem};
use crate::problem::{Code, Problem};
use crate::store::SaveError;
use crate::vault::browser;

impl Approving {
    /// Redeems the code of the silent sign-in. Whatever is not proven stays reported: a recruiter's token may prove
    /// it later.
    pub(super) async fn prove(
        &self,
        ground: Ground,
        tenant: TenantId,
        brought: (&CookieSecret, &AuthorizationCode),
        deadline: Deadline,
    ) -> Result<Step, Problem> {
        let domain = ground.approval.value.requester.email.domain();
        let pinned = ground.settings().and_then(|settings| settings.tenant);
        let (shown, of_domain) = tokio::join!(self.shown(tenant, brought, deadline), async {
            match pinned {
                Some(_) => Ok(None),
                None => self.parts.identity.tenant_of_domain(&domain, deadline).await,
            }
        });
        let reported = Ok(Step::Stands(State::Reported));
        let (Some((signed_in, scopes)), Ok(of_domain)) = (shown, of_domain) else { return reported };
        if pinned.or(of_domain) != Some(signed_in) {
            return Ok(Step::WrongTenant);
        }
        // Right after a grant a token may still lack what was granted.
        if !scopes.missing(&ground.approval.value.features).is_empty() {
            return reported;
        }
        self.pin(&ground, signed_in, scopes).await?;
        self.note(&ground.approval, State::Granted).await?;
        Ok(Step::Stands(State::Granted))
    }

    /// The tenant of whoever signed in and what his token may do; none if that cannot be said now.
    async fn shown(
        &self,
        tenant: TenantId,
        (secret, code): (&CookieSecret, &AuthorizationCode),
        deadline: Deadline,
    ) -> Option<(TenantId, ScopeSet)> {
        let authority = tenant.to_string();
        let credential = self.access.credential(&authority).await.ok()?;
        let verifier = browser::verifier(secret);
        // An answer that names no scope proves none here: what was asked for is not what an administrator granted.
        let asked = ScopeSet::default();
        let redeem = Redeem { authority: &authority, code, verifier: &verifier, asked: &asked };
        let (grant, id_token) = match self.parts.identity.redeem_code(&credential, redeem, deadline).await {
            Ok(redeemed) => redeemed,
            Err(IdentityError::Refused(refusal)) if refusal.is_our_credential() => {
                self.access.our_fault(&refusal).await;
                return None;
            }
            Err(_) => return None,
        };
        let nonce = browser::nonce(secret);
        let signed_in = self.parts.identity.verify_id_token(&id_token, &nonce, deadline).await.ok()?;
        Some((signed_in.tenant, grant.scopes))
    }

    /// Keeps what was proven, and pins the customer to the tenant if nobody has yet.
    async fn pin(&self, ground: &Ground, tenant: TenantId, scopes: ScopeSet) -> Result<(), Problem> {
        let (store, customer) = (&self.parts.store.customers, &ground.approval.value.customer);
        let proven = Proven { scopes, at: self.parts.clock.now() };
        let mut read = ground.customer.clone();
        for _ in 0..TRIES {
            let settings = read.as_ref().map(|read| read.value.clone()).unwrap_or_default();
            if settings.deleting.is_some() || settings.tenant.is_some_and(|pinned| pinned != tenant) {
                return Err(Code::VersionMismatch.into());
            }
            let next = Customer { tenant: Some(tenant), proven: Some(proven.clone()), ..settings };
            match store.save_if_unchanged(customer, read.as_ref(), &next).await {
                Ok(_) => return Ok(()),
                Err(SaveError::Store(error)) => return Err(store_problem(error)),
                Err(SaveError::Stale) => read = store.get(customer).await.map_err(store_problem)?,
            }
        }
        Err(Code::ServiceUnavailable.into())
    }
}
