//! How it stands with one company: what is granted against what is needed.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::customer::Customer;
use crate::domain::features::{Feature, SIGN_IN_SCOPES};
use crate::domain::permissions::explained;

/// A permission, old against new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Microsoft's name.
    pub scope: &'static str,
    /// What for.
    pub plain: &'static str,
    /// Whether the last proof had it.
    pub granted: bool,
}

/// A company, as its own administrators may read it. No person is named.
#[derive(Debug, Clone, Serialize)]
pub struct Standing<'a> {
    /// As its administrators named it.
    pub name: Option<&'a str>,
    /// The switch.
    pub enabled: bool,
    /// Whether only interviews are made, and nothing else is read.
    pub strict: bool,
    /// The pinned tenant.
    pub tenant: Option<String>,
    /// When a token last proved permissions; in UTC.
    pub proven_at: Option<String>,
    /// Every Graph permission that the features in force need.
    pub needed: Vec<Compared>,
    /// Granted, and needed by nothing that is in force.
    pub unneeded: Vec<&'a str>,
    /// Features that rest until what they need is granted.
    pub dark: Vec<&'static str>,
}

impl<'a> Standing<'a> {
    /// The company's, in a deployment with these features.
    pub fn of(customer: &'a Customer, deployment: &BTreeSet<Feature>) -> Self {
        let features = customer.features_for(None, deployment);
        let proven = customer.proven.as_ref();
        let has = |scope: &str| proven.is_some_and(|proven| proven.scopes.contains(scope));
        let of_graph = explained(&features).into_iter().filter(|p| !SIGN_IN_SCOPES.contains(&p.scope));
        let needed: Vec<Compared> =
            of_graph.map(|p| Compared { scope: p.scope, plain: p.plain, granted: has(p.scope) }).collect();
        let wanted = |scope: &&str| needed.iter().any(|n| n.scope.eq_ignore_ascii_case(scope));
        let lacks = |feature: &&Feature| !feature.graph_scopes().iter().all(|scope| has(scope));
        Self {
            name: customer.name.as_deref(),
            enabled: customer.enabled,
            strict: customer.strict,
            tenant: customer.tenant.map(|tenant| tenant.to_string()),
            proven_at: proven.map(|proven| proven.at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
            unneeded: proven
                .iter()
                .flat_map(|proven| proven.scopes.iter())
                .filter(|scope| !wanted(scope))
                .collect(),
            dark: features.iter().filter(lacks).map(|feature| feature.name()).collect(),
            needed,
        }
    }

    /// Whether something that was granted once is not enough any more.
    pub fn needs_more(&self) -> bool {
        self.proven_at.is_some() && !self.dark.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::customer::Proven;
    use crate::domain::features::ScopeSet;

    fn customer(scopes: Option<&str>) -> Customer {
        let at = "2026-11-24T08:00:00Z".parse().expect("a time");
        let proven = scopes.map(|scopes| Proven { scopes: ScopeSet::parse(scopes), at });
        Customer { features: BTreeSet::from([Feature::RoomsDirectory]), proven, ..Customer::default() }
    }

    #[test]
    fn an_upgrade_shows_old_against_new() {
        let deployment = BTreeSet::from([Feature::Calendar, Feature::RoomsDirectory]);
        let old = customer(Some("User.Read calendars.readwrite Mail.Send"));
        let standing = Standing::of(&old, &deployment);
        let granted: Vec<_> = standing.needed.iter().map(|n| (n.scope, n.granted)).collect();
        let expected = [("User.Read", true), ("Calendars.ReadWrite", true), ("Place.Read.All", false)];
        assert_eq!(granted, expected);
        assert_eq!(
            (standing.dark.as_slice(), standing.unneeded.as_slice()),
            (&["rooms_directory"][..], &["Mail.Send"][..])
        );
        assert!(standing.needs_more());
        assert_eq!(standing.proven_at.as_deref(), Some("2026-11-24 08:00 UTC"));
    }

    #[test]
    fn before_the_first_proof_nothing_is_said_to_be_granted() {
        let standing_of = customer(None);
        let standing = Standing::of(&standing_of, &BTreeSet::new());
        assert_eq!(standing.dark, ["calendar"]);
        assert!(!standing.needs_more() && standing.needed.iter().all(|n| !n.granted));
    }
}
