//! The steps of an approval: an administrator's browser to Microsoft's consent page and back, and the proof.
//!
//! Opening the link changes nothing but `opened`. Microsoft's answer carries no token, and anybody could write it:
//! so it is only `reported`, until a silent sign-in of the same administrator, or later any recruiter's token,
//! proves tenant and permissions.

mod proof;

use std::sync::Arc;

use crate::access::{Access, Parts, store_problem};
use crate::domain::approval::{Aim, Approval, Link, State, VISIT_LIFE, Visit};
use crate::domain::customer::Customer;
use crate::domain::features::requested;
use crate::domain::ids::{ApprovalId, AttemptId, CustomerId, TenantId};
use crate::domain::secret::{AuthorizationCode, CookieSecret};
use crate::domain::verdict::Refusal;
use crate::microsoft::{Authorize, Deadline};
use crate::problem::{Code, Problem};
use crate::store::{SaveError, Versioned};
use crate::vault::browser;

/// In front of `state`: tells a visit of an administrator from a recruiter's sign-in.
pub const MARK: &str = "adm";
/// Where administrators of any organisation sign in.
const ANY_TENANT: &str = "organizations";
/// Somebody may save between our read and our write.
const TRIES: usize = 3;

/// What the steps are taken with.
pub struct Approving {
    parts: Parts,
    access: Arc<Access>,
}

/// Where the browser goes.
pub enum Step {
    /// To Microsoft; the secret belongs into a cookie of this visit.
    Go {
        /// Microsoft's page.
        url: String,
        /// Names the cookie.
        visit: AttemptId,
        /// The cookie.
        secret: CookieSecret,
    },
    /// Nowhere: this is how it stands.
    Stands(State),
    /// Nowhere: Microsoft refused, and this is what it said.
    Failed(Refusal),
    /// Nowhere: an administrator of another organisation answered.
    WrongTenant,
}

/// What Microsoft sent the browser back with.
pub enum Brought {
    /// Of the silent sign-in.
    Code(AuthorizationCode),
    /// A yes, and the tenant that it names.
    Consented(TenantId),
    /// Anything else.
    Refused(Refusal),
}

/// What a visit is about, read anew.
struct Ground {
    approval: Versioned<Approval>,
    customer: Option<Versioned<Customer>>,
}

impl Ground {
    fn settings(&self) -> Option<&Customer> {
        self.customer.as_ref().map(|read| &read.value)
    }
}

impl Approving {
    /// The steps with these parts.
    pub fn new(parts: Parts, access: Arc<Access>) -> Self {
        Self { parts, access }
    }

    /// Follows a link. `None`: there is no such link, or its time is over.
    pub async fn open(&self, id: &ApprovalId, key: &str) -> Result<Option<Step>, Problem> {
        let now = self.parts.clock.now();
        let link = self.parts.store.approvals.link(id, now).await.map_err(store_problem)?;
        let Some(Link { customer, .. }) = link.filter(|link| browser::matches(&link.key, key)) else {
            return Ok(None);
        };
        let Some(ground) = self.ground(&customer, id).await? else { return Ok(None) };
        let state = ground.approval.value.state_at(now, ground.settings());
        if !ground.approval.value.is_open(now, ground.settings()) {
            return Ok(Some(Step::Stands(ground.approval.value.state_at_link(now, ground.settings()))));
        }
        // A report is not taken back by looking at it again.
        if state != State::Reported {
            self.note(&ground.approval, State::Opened).await?;
        }
        let tenant = ground.settings().and_then(|settings| settings.tenant);
        let authority = tenant.map_or_else(|| ANY_TENANT.to_owned(), |tenant| tenant.to_string());
        self.visit(&ground.approval.value, Aim::Consent, &authority).await.map(Some)
    }

    /// Comes back from Microsoft. `None`: no visit of this browser, or its time is over.
    pub async fn back(
        &self,
        state: &str,
        secret: &CookieSecret,
        brought: Brought,
        deadline: Deadline,
    ) -> Result<Option<Step>, Problem> {
        let hashes = (browser::hash(state), browser::hash(secret.expose()));
        let now = self.parts.clock.now();
        let taken = self.parts.store.approvals.take_visit(&hashes.0, &hashes.1, now).await;
        let Some(visit) = taken.map_err(store_problem)? else { return Ok(None) };
        let Some(ground) = self.ground(&visit.customer, &visit.approval).await? else { return Ok(None) };
        if !ground.approval.value.is_open(now, ground.settings()) {
            return Ok(Some(Step::Stands(ground.approval.value.state_at(now, ground.settings()))));
        }
        let step = match (visit.aim, brought) {
            (Aim::Consent, Brought::Consented(tenant)) => self.reported(&ground, tenant).await?,
            (Aim::Consent, Brought::Refused(refusal)) => self.refused(&ground, refusal).await?,
            (Aim::Proof(tenant), Brought::Code(code)) => {
                self.prove(ground, tenant, (secret, &code), deadline).await?
            }
            // The silent sign-in needs a person: a recruiter's token will prove it.
            (Aim::Proof(_), _) | (Aim::Consent, Brought::Code(_)) => {
                Step::Stands(ground.approval.value.state)
            }
        };
        Ok(Some(step))
    }

    async fn ground(&self, customer: &CustomerId, id: &ApprovalId) -> Result<Option<Ground>, Problem> {
        let store = &self.parts.store;
        let (approval, customer) =
            tokio::join!(store.approvals.get(customer, id), store.customers.get(customer));
        let (approval, customer) = (approval.map_err(store_problem)?, customer.map_err(store_problem)?);
        let deleting = customer.as_ref().is_some_and(|read| read.value.deleting.is_some());
        Ok(approval.filter(|_| !deleting).map(|approval| Ground { approval, customer }))
    }

    /// A new visit, and the page of Microsoft's that it begins with.
    async fn visit(&self, approval: &Approval, aim: Aim, authority: &str) -> Result<Step, Problem> {
        let (now, entropy) = (self.parts.clock.now(), self.parts.entropy.as_ref());
        let secret = CookieSecret::new(browser::mint_secret(entropy));
        let id = AttemptId::mint(now, entropy);
        let state = format!("{MARK}.{id}.{}", browser::mint_secret(entropy));
        let visit = Visit {
            id: id.clone(),
            state: browser::hash(&state),
            cookie: browser::hash(secret.expose()),
            approval: approval.id.clone(),
            customer: approval.customer.clone(),
            aim,
            expires_at: now + VISIT_LIFE,
        };
        self.parts.store.approvals.put_visit(&visit).await.map_err(store_problem)?;
        let scopes = requested(&approval.features);
        let url = match aim {
            Aim::Consent => self.parts.identity.admin_consent_url(authority, &scopes, &state),
            Aim::Proof(_) => self.parts.identity.silent_authorize_url(&Authorize {
                authority,
                scopes: &scopes,
                state: &state,
                nonce: &browser::nonce(&secret),
                challenge: &browser::challenge(&browser::verifier(&secret)),
                login_hint: None,
                locale: None,
            }),
        };
        Ok(Step::Go { url, visit: id, secret })
    }

    /// Microsoft says yes. The tenant in that answer only says where to look for the proof.
    async fn reported(&self, ground: &Ground, tenant: TenantId) -> Result<Step, Problem> {
        let pinned = ground.settings().and_then(|settings| settings.tenant);
        if pinned.is_some_and(|pinned| pinned != tenant) {
            return Ok(Step::WrongTenant);
        }
        self.note(&ground.approval, State::Reported).await?;
        self.visit(&ground.approval.value, Aim::Proof(tenant), &tenant.to_string()).await
    }

    /// Microsoft says no, or had trouble of its own.
    async fn refused(&self, ground: &Ground, refusal: Refusal) -> Result<Step, Problem> {
        let no = matches!(refusal.error.as_str(), "access_denied" | "consent_required")
            && (refusal.codes.is_empty() || refusal.codes.contains(&65004));
        if !no {
            return Ok(Step::Failed(refusal));
        }
        self.note(&ground.approval, State::Denied).await?;
        Ok(Step::Stands(State::Denied))
    }

    /// Stores a step, unless the request has ended meanwhile.
    async fn note(&self, read: &Versioned<Approval>, state: State) -> Result<(), Problem> {
        let store = &self.parts.store.approvals;
        let mut read = read.clone();
        for _ in 0..TRIES {
            let next = read.value.clone().step(state, self.parts.clock.now());
            match store.save_if_unchanged(&read, &next).await {
                Ok(_) => return Ok(()),
                Err(SaveError::Store(error)) => return Err(store_problem(error)),
                Err(SaveError::Stale) => {}
            }
            let found = store.get(&read.value.customer, &read.value.id).await.map_err(store_problem)?;
            match found {
                Some(found) if !matches!(found.value.state, State::Granted | State::Withdrawn) => {
                    read = found;
                }
                _ => return Ok(()),
            }
        }
        Err(Code::ServiceUnavailable.into())
    }
}
