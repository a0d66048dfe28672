//! A customer of the ATS: the switch, and what its administrators chose.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::connection::{Connection, Health};
use super::features::Feature;
use super::ids::{ConnectionId, TenantId, UserId};
use super::sign_in::Hash;

/// Which Microsoft account a user may connect, once its tenant is proven.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowedAccount {
    /// The one whose address the ATS knows.
    #[default]
    SameEmail,
    /// Any whose address has the same domain.
    SameDomain,
    /// Any account of the tenant.
    AnyInTenant,
}

impl AllowedAccount {
    /// Whether an account with these addresses may serve the user with this e-mail.
    pub fn allows(self, user: &Address, account: &[&Address]) -> bool {
        match self {
            Self::SameEmail => account.contains(&user),
            Self::SameDomain => account.iter().any(|a| a.domain() == user.domain()),
            Self::AnyInTenant => true,
        }
    }
}

/// Which calendar interviews go to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarChoice {
    /// The default calendar: answers of people and rooms are tallied there.
    #[default]
    Primary,
    /// A calendar of our own.
    Scheduler,
}

/// A connected user who may organise for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulingUser {
    /// Who organises.
    pub user: UserId,
    /// For whom.
    pub allowed_users: Vec<UserId>,
}

/// A room in the customer's own list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// The room mailbox.
    pub email: Address,
    /// Shown to people.
    pub name: String,
    /// Seats.
    pub capacity: Option<u32>,
    /// Building.
    pub building: Option<String>,
}

/// The settings of a customer. Exists from its first change; [`Customer::default`] before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Shown to people.
    pub name: Option<String>,
    /// The switch. Off: no new sessions, nothing served, tokens kept and verified.
    pub enabled: bool,
    /// Features beyond the calendar.
    pub features: BTreeSet<Feature>,
    /// Ask Microsoft for nothing but what an interview needs.
    pub strict: bool,
    /// The tenant, once an administrator named or proved it. Never by a recruiter's sign-in.
    pub tenant: Option<TenantId>,
    /// Which account may connect.
    pub allowed_account: AllowedAccount,
    /// Which calendar interviews go to.
    pub calendar: CalendarChoice,
    /// A connected user who may organise for others.
    pub scheduling_user: Option<SchedulingUser>,
    /// The customer's own list of rooms.
    pub rooms: Vec<Room>,
    /// The connection that stands for all in the five-minute check.
    pub canary: Option<ConnectionId>,
    /// Permissions that were once proven to be granted, and when.
    pub proven: Option<Proven>,
    /// Set while a deletion is under way.
    pub deleting: Option<Deletion>,
    /// Hash of the key in the link to the customer's IT page.
    pub it_link: Option<Hash>,
}

/// What a token of this customer last proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// The scopes of the token.
    pub scopes: super::features::ScopeSet,
    /// When.
    pub at: Timestamp,
}

impl Proven {
    /// Whether everything that these features need was shown, and the user's own connection has not since told that
    /// consent or app are gone from the tenant.
    pub fn still_covers(&self, features: &BTreeSet<Feature>, own: Option<&Connection>) -> bool {
        let gone = own.and_then(|connection| match &connection.health {
            Health::Revoked(evidence) => Some(evidence.last),
            _ => None,
        });
        self.scopes.missing(features).is_empty() && gone.is_none_or(|gone| self.at > gone)
    }
}

/// A deletion under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// When it was asked for.
    pub at: Timestamp,
    /// That the keys are gone; none before.
    #[serde(default)]
    pub shredded: Option<Shredded>,
}

/// That the keys of a customer are gone, and how that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shredded {
    /// When the table of keys was seen to hold none.
    pub at: Timestamp,
    /// So many sealed values were then tried, as far as there were any.
    pub tried: u32,
}

impl Customer {
    /// The features in force: the calendar, and what deployment and customer both want.
    pub fn features_in_force(&self, deployment: &BTreeSet<Feature>) -> BTreeSet<Feature> {
        let mut features: BTreeSet<Feature> = self.features.intersection(deployment).copied().collect();
        features.insert(Feature::Calendar);
        features
    }

    /// Whether a feature beyond the calendar may be used: it is in force, and the customer is not strict.
    pub fn may_use(&self, feature: Feature, deployment: &BTreeSet<Feature>) -> bool {
        !self.strict && self.features_in_force(deployment).contains(&feature)
    }

    /// What to ask Microsoft for: of the features in force those that are wanted, or all; the calendar always, and
    /// nothing else of a strict customer.
    pub fn features_for(
        &self,
        wanted: Option<&BTreeSet<Feature>>,
        deployment: &BTreeSet<Feature>,
    ) -> BTreeSet<Feature> {
        let mut features = self.features_in_force(deployment);
        let asked = |f: &Feature| !self.strict && wanted.is_none_or(|wanted| wanted.contains(f));
        features.retain(|f| *f == Feature::Calendar || asked(f));
        features
    }

    /// Whether anything is served.
    pub fn is_served(&self) -> bool {
        self.enabled && self.deleting.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strict_customer_asks_for_the_calendar_alone() {
        let all = BTreeSet::from(Feature::ALL);
        let mut customer = Customer { features: all.clone(), ..Customer::default() };
        assert_eq!(customer.features_for(None, &all), all);
        customer.strict = true;
        assert_eq!(customer.features_for(None, &all), BTreeSet::from([Feature::Calendar]));
        assert_eq!(customer.features_for(Some(&all), &all), BTreeSet::from([Feature::Calendar]));
    }

    #[test]
    fn an_account_is_compared_by_the_rule_of_the_customer() {
        let ana: Address = "ana@contoso.com".parse().expect("address");
        let upper: Address = "Ana@Contoso.com".parse().expect("address");
        let ben: Address = "ben@contoso.com".parse().expect("address");
        let eve: Address = "ana@evil.example".parse().expect("address");
        assert!(AllowedAccount::SameEmail.allows(&ana, &[&ben, &upper]));
        assert!(!AllowedAccount::SameEmail.allows(&ana, &[&ben]));
        assert!(AllowedAccount::SameDomain.allows(&ana, &[&ben]));
        assert!(!AllowedAccount::SameDomain.allows(&ana, &[&eve]));
        assert!(AllowedAccount::AnyInTenant.allows(&ana, &[&eve]));
        assert!(!AllowedAccount::SameEmail.allows(&ana, &[]));
    }
}
