//! The plain state of the simulated Microsoft: tenants, people, grants, and what an administrator may switch.
//!
//! Entra and Graph are HTTP skins over this; nothing here knows HTTP.

use super::calendar::Calendar;
use super::certificates::{Certificates, VendorSecret};
use super::mail::Mail;
use super::rooms::{RoomRequest, RoomRules};
use super::scopes::Scopes;
use super::secrets::{Issued, Redemption};
use super::{Config, Options};
use crate::random::{Random, sha256};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) type UserId = usize;
pub(crate) type TenantId = usize;

/// Who may consent to what by himself (microsoft.md C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum UserPolicy {
    Managed,
    Low,
    Legacy,
    None,
}

/// Our app in a customer's tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum ServicePrincipal {
    Absent,
    Enabled,
    Disabled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum Role {
    Person,
    GlobalAdministrator,
    CloudApplicationAdministrator,
    Room,
}

/// An `oauth2PermissionGrant`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Consent {
    pub(crate) scopes: Scopes,
    pub(crate) since: Timestamp,
    pub(crate) removed: Option<Timestamp>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) domain: String,
    pub(crate) policy: UserPolicy,
    pub(crate) workflow: bool,
    pub(crate) assignment_required: bool,
    pub(crate) assigned: BTreeSet<UserId>,
    pub(crate) principal: ServicePrincipal,
    pub(crate) principal_since: Timestamp,
    /// By principal; `None` holds the tenant-wide ones.
    #[serde(with = "super::saved::pairs")]
    pub(crate) consents: BTreeMap<Option<UserId>, Vec<Consent>>,
    /// Approval requests by the admin consent workflow: who asked for what.
    pub(crate) requests: Vec<(UserId, Scopes)>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct User {
    pub(crate) tenant: TenantId,
    pub(crate) oid: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) mailbox: bool,
    pub(crate) teams: bool,
    /// Windows name, as Exchange keeps it; none = a custom zone.
    pub(crate) zone: Option<String>,
    pub(crate) disabled: Option<Timestamp>,
    pub(crate) deleted: Option<Timestamp>,
    /// Sign-in sessions below this number were revoked, at this time.
    pub(crate) revoked: Option<(u64, Timestamp)>,
    pub(crate) calendar: Calendar,
    pub(crate) room: RoomRules,
    /// Calls that found no mailbox: the two answers alternate.
    pub(crate) misses: u64,
    /// Graph calls that run at this moment.
    #[serde(skip)]
    pub(crate) running: u32,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) users: Vec<User>,
    pub(crate) by_email: HashMap<String, UserId>,
    pub(crate) issued: Issued,
    /// Browser sessions at the sign-in page, by cookie.
    pub(crate) browsers: HashMap<String, UserId>,
    pub(crate) mails: Vec<Mail>,
    /// Somebody works in Outlook at this moment.
    #[serde(skip)]
    pub(crate) by_hand: bool,
    pub(crate) room_requests: Vec<RoomRequest>,
    /// What free/busy shows with a lag, and since when.
    #[serde(default)]
    pub(crate) published: Vec<(Timestamp, Vec<(UserId, super::event::Event)>)>,
    pub(crate) answers: BTreeMap<String, super::refusals::RefreshAnswer>,
    pub(crate) redemptions: Vec<Redemption>,
    #[serde(skip)]
    pub(crate) recent: HashMap<[u8; 32], Vec<Timestamp>>,
    pub(crate) vendor_secret: VendorSecret,
    #[serde(default)]
    pub(crate) certificates: Certificates,
    pub(crate) signing_key: usize,
    pub(crate) options: Options,
    pub(crate) random: Random,
    /// One counter for etags, sessions and ids.
    pub(crate) counter: u64,
}

/// The same name always gives the same GUID.
pub(crate) fn guid_of(kind: &str, name: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(&[kind.as_bytes(), b":", name.as_bytes()])[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

impl State {
    pub(crate) fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A tenant by GUID or domain.
    pub(crate) fn tenant(&self, named: &str) -> Option<TenantId> {
        let named = named.to_ascii_lowercase();
        self.tenants.iter().position(|tenant| tenant.id == named || tenant.domain == named)
    }

    pub(crate) fn user(&self, email: &str) -> Option<UserId> {
        self.by_email.get(&email.to_ascii_lowercase()).copied()
    }

    pub(crate) fn tenant_of(&self, user: UserId) -> &Tenant {
        &self.tenants[self.users[user].tenant]
    }

    pub(crate) fn add_tenant(&mut self, domain: &str, now: Timestamp) -> TenantId {
        if let Some(known) = self.tenant(domain) {
            return known;
        }
        let domain = domain.to_ascii_lowercase();
        self.tenants.push(Tenant {
            id: guid_of("tenant", &domain),
            domain,
            policy: UserPolicy::Legacy,
            workflow: false,
            assignment_required: false,
            assigned: BTreeSet::new(),
            principal: ServicePrincipal::Absent,
            principal_since: now,
            consents: BTreeMap::new(),
            requests: Vec::new(),
        });
        self.tenants.len() - 1
    }

    /// The tenant of the address comes into being with its first user.
    pub(crate) fn add_user(&mut self, email: &str, name: &str, role: Role, now: Timestamp) -> UserId {
        let email = email.to_ascii_lowercase();
        if let Some(known) = self.user(&email) {
            return known;
        }
        let domain = email.split_once('@').map_or("", |(_, domain)| domain).to_owned();
        let tenant = self.add_tenant(&domain, now);
        self.by_email.insert(email.clone(), self.users.len());
        self.users.push(User {
            tenant,
            oid: guid_of("user", &email),
            name: name.to_owned(),
            role,
            mailbox: true,
            teams: role != Role::Room,
            zone: Some("Romance Standard Time".to_owned()),
            disabled: None,
            deleted: None,
            revoked: None,
            calendar: Calendar::default(),
            room: RoomRules::default(),
            misses: 0,
            running: 0,
            email,
        });
        self.users.len() - 1
    }

    /// What a user has consented to, or his tenant for him, at this moment and without any lag.
    pub(crate) fn consented(&self, user: UserId) -> Scopes {
        self.consents(user).filter(|consent| consent.removed.is_none()).fold(Scopes::default(), union)
    }

    /// The same as the token endpoint sees it: fresh consents and removals reach it late (microsoft.md A8, A7).
    pub(crate) fn consented_at_token(&self, user: UserId, now: Timestamp) -> Scopes {
        let (consent_lag, revocation_lag) = (self.options.consent_lag(), self.options.revocation_lag());
        let seen = |consent: &&Consent| {
            consent.since + consent_lag <= now
                && consent.removed.is_none_or(|removed| now < removed + revocation_lag)
        };
        self.consents(user).filter(seen).fold(Scopes::default(), union)
    }

    fn consents(&self, user: UserId) -> impl Iterator<Item = &Consent> {
        let consents = &self.tenant_of(user).consents;
        [None, Some(user)].into_iter().filter_map(|principal| consents.get(&principal)).flatten()
    }

    /// Writes a consent down; the service principal comes into being with it.
    pub(crate) fn consent(
        &mut self,
        tenant: TenantId,
        principal: Option<UserId>,
        scopes: Scopes,
        now: Timestamp,
    ) {
        let tenant = &mut self.tenants[tenant];
        if tenant.principal == ServicePrincipal::Absent {
            tenant.principal = ServicePrincipal::Enabled;
            tenant.principal_since = now;
        }
        let list = tenant.consents.entry(principal).or_default();
        if principal.is_none() {
            // A new tenant-wide grant replaces the old one.
            for old in list.iter_mut() {
                old.removed.get_or_insert(now);
            }
        }
        list.push(Consent { scopes, since: now, removed: None });
    }

    /// Removes consents of one user or of the whole tenant, whole or some scopes; gives how many were touched.
    pub(crate) fn withdraw(
        &mut self,
        tenant: TenantId,
        of: Option<UserId>,
        scopes: Option<Scopes>,
        now: Timestamp,
    ) -> usize {
        let mut touched = 0;
        for (principal, list) in &mut self.tenants[tenant].consents {
            if of.is_some() && *principal != of {
                continue;
            }
            let mut kept = Vec::new();
            for consent in list.iter_mut().filter(|consent| consent.removed.is_none()) {
                touched += 1;
                consent.removed = Some(now);
                let rest = scopes.map(|gone| consent.scopes.without(gone)).unwrap_or_default();
                kept.push(Consent { scopes: rest, since: consent.since, removed: None });
            }
            list.extend(kept.into_iter().filter(|consent| !consent.scopes.is_empty()));
        }
        touched
    }
}

fn union(all: Scopes, one: &Consent) -> Scopes {
    all.union(one.scopes)
}

/// The tenants of the demo and of most tests (README).
pub(crate) fn populate(state: &mut State, now: Timestamp) {
    for (email, name, role) in [
        ("ana@contoso.com", "Ana Recruiter", Role::Person),
        ("ben@contoso.com", "Ben Recruiter", Role::Person),
        ("carl@contoso.com", "Carl Interviewer", Role::Person),
        ("dora@contoso.com", "Dora Interviewer", Role::Person),
        ("nomail@contoso.com", "Nora Nomail", Role::Person),
        ("noteams@contoso.com", "Tom Noteams", Role::Person),
        ("admin@contoso.com", "Alma Admin", Role::GlobalAdministrator),
        ("room7@contoso.com", "Room 7", Role::Room),
        ("room8@contoso.com", "Room 8", Role::Room),
        ("fay@fabrikam.com", "Fay Recruiter", Role::Person),
        ("admin@fabrikam.com", "Fritz Admin", Role::GlobalAdministrator),
        ("room1@fabrikam.com", "Room 1", Role::Room),
    ] {
        let user = state.add_user(email, name, role, now);
        let user = &mut state.users[user];
        user.mailbox = !email.starts_with("nomail@");
        user.teams &= !email.starts_with("noteams@");
    }
}

/// Whole seconds as a span that can be added to an instant.
pub(crate) fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}
