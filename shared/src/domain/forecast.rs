//! What a recruiter will see at Microsoft before an administrator has approved the app, and who must act then.
//!
//! One table, read from the top: the first row that fits decides. Sources: Microsoft's pages "Manage app consent
//! policies", "Configure how users consent", "Configure the admin consent workflow" and "Grant tenant-wide admin
//! consent", as of [`AS_OF`]; message center MC1097272, MC1163922, MC1304287.

use std::collections::BTreeSet;

use serde::Serialize;

use super::features::Feature;
pub use super::permissions::AS_OF;
use super::permissions::{Grantor, explained};

/// Where Microsoft says it.
pub const SOURCE: &str =
    "https://learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies";

/// Enterprise apps > Consent and permissions > User consent settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Let Microsoft manage your consent settings: the default.
    Managed,
    /// Allow user consent for apps from verified publishers, for selected permissions.
    Low,
    /// Allow user consent for apps: the legacy default.
    Legacy,
    /// Do not allow user consent.
    None,
}

impl Policy {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Managed, Self::Low, Self::Legacy, Self::None];

    /// As the Entra admin center words it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Managed => "Let Microsoft manage your consent settings (default)",
            Self::Low => "Allow for apps from verified publishers, for selected permissions",
            Self::Legacy => "Allow for all apps (legacy)",
            Self::None => "Do not allow user consent",
        }
    }
}

/// What an organization has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenant {
    /// Who may consent.
    pub policy: Policy,
    /// Whether users may send a request to reviewers.
    pub workflow: bool,
    /// Whether the app's property "Assignment required?" is Yes.
    pub assignment_required: bool,
}

/// What Microsoft shows at the first Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    /// The list of permissions, with Accept.
    Consent,
    /// "Approval required": a form that sends a request.
    RequestForm,
    /// "Need admin approval": no way on.
    DeadEnd,
}

/// Who must act before the recruiter is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The recruiter, alone.
    Recruiter,
    /// An administrator, once.
    ItAdmin,
}

impl Screen {
    /// What the recruiter sees and does, in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Consent => "The list of permissions. The recruiter presses Accept and is connected.",
            Self::RequestForm => {
                "\u{201c}Approval required\u{201d}. The recruiter may send a request; a reviewer with one of the roles above approves it."
            }
            Self::DeadEnd => {
                "\u{201c}Need admin approval\u{201d}. No request can be sent: an administrator opens the approval link."
            }
        }
    }

    /// Who must act.
    pub const fn actor(self) -> Actor {
        match self {
            Self::Consent => Actor::Recruiter,
            Self::RequestForm | Self::DeadEnd => Actor::ItAdmin,
        }
    }
}

/// One rule. `None` fits everything.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Rule {
    /// The organization's choice.
    pub policy: Option<Policy>,
    /// Assignment required.
    pub assignment_required: Option<bool>,
    /// The strictest permission that is asked for.
    pub strictest: Option<Grantor>,
    /// Whether the recruiter may consent for himself.
    pub user_may_consent: bool,
    /// Why.
    pub why: &'static str,
}

const fn rule(policy: Option<Policy>, strictest: Option<Grantor>, may: bool, why: &'static str) -> Rule {
    Rule { policy, assignment_required: None, strictest, user_may_consent: may, why }
}

/// The table.
pub const RULES: [Rule; 6] = [
    rule(
        None,
        Some(Grantor::AlwaysAdministrator),
        false,
        "A permission is asked for that only an administrator can grant, whatever the settings are.",
    ),
    Rule {
        policy: None,
        assignment_required: Some(true),
        strictest: None,
        user_may_consent: false,
        why: "Where an app requires assignment, only an administrator can consent to it.",
    },
    rule(
        Some(Policy::Managed),
        None,
        false,
        "Microsoft's managed policy excludes calendars, which this app always needs, since late 2025.",
    ),
    rule(
        Some(Policy::Low),
        None,
        false,
        "Only permissions that the organization has classified as low impact; calendars are not, unless somebody chose so.",
    ),
    rule(Some(Policy::Legacy), None, true, "Users may consent to whatever does not need an administrator."),
    rule(Some(Policy::None), None, false, "Nobody but an administrator may consent."),
];

/// What will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// What Microsoft shows.
    pub screen: Screen,
    /// Who must act.
    pub actor: Actor,
    /// Why.
    pub why: &'static str,
}

/// What a recruiter of such an organization sees who asks for these features.
pub fn forecast(tenant: Tenant, features: &BTreeSet<Feature>) -> Forecast {
    let asked: Vec<Grantor> = explained(features).iter().map(|permission| permission.grantor).collect();
    let strictest = [Grantor::AlwaysAdministrator, Grantor::Administrator, Grantor::User];
    let strictest = strictest.into_iter().find(|grantor| asked.contains(grantor)).unwrap_or(Grantor::User);
    let fits = |rule: &&Rule| {
        rule.policy.is_none_or(|policy| policy == tenant.policy)
            && rule.assignment_required.is_none_or(|required| required == tenant.assignment_required)
            && rule.strictest.is_none_or(|grantor| grantor == strictest)
    };
    let (may, why) = RULES.iter().find(fits).map_or((false, ""), |rule| (rule.user_may_consent, rule.why));
    let screen = match (may, tenant.workflow) {
        (true, _) => Screen::Consent,
        (false, true) => Screen::RequestForm,
        (false, false) => Screen::DeadEnd,
    };
    Forecast { screen, actor: screen.actor(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Microsoft's pages, row by row: policy, assignment required, features, whether users may consent.
    const FACTS: [(Policy, bool, &[Feature], bool); 18] = [
        (Policy::Managed, false, &[], false),
        (Policy::Managed, false, &[Feature::Availability, Feature::Rooms], false),
        (Policy::Managed, false, &[Feature::RoomsDirectory], false),
        (Policy::Managed, false, &[Feature::SharedCalendars], false),
        (Policy::Managed, true, &[], false),
        (Policy::Low, false, &[], false),
        (Policy::Low, true, &[], false),
        (Policy::Low, false, &[Feature::RoomsDirectory], false),
        (Policy::Legacy, false, &[], true),
        (Policy::Legacy, false, &[Feature::Availability, Feature::Rooms], true),
        (Policy::Legacy, false, &[Feature::RoomsBasic], true),
        (Policy::Legacy, false, &[Feature::SharedCalendars, Feature::Mailbox], true),
        (Policy::Legacy, false, &[Feature::RoomsDirectory], false),
        (Policy::Legacy, true, &[], false),
        (Policy::Legacy, true, &[Feature::RoomsDirectory], false),
        (Policy::None, false, &[], false),
        (Policy::None, true, &[], false),
        (Policy::None, false, &[Feature::RoomsDirectory], false),
    ];

    #[test]
    fn every_row_says_what_microsofts_pages_say() {
        for (policy, assignment_required, features, may) in FACTS {
            for workflow in [false, true] {
                let tenant = Tenant { policy, workflow, assignment_required };
                let said = forecast(tenant, &features.iter().copied().collect());
                let expected = match (may, workflow) {
                    (true, _) => (Screen::Consent, Actor::Recruiter),
                    (false, true) => (Screen::RequestForm, Actor::ItAdmin),
                    (false, false) => (Screen::DeadEnd, Actor::ItAdmin),
                };
                assert_eq!((said.screen, said.actor), expected, "{tenant:?} {features:?}");
                assert!(!said.why.is_empty());
            }
        }
    }

    #[test]
    fn every_case_is_decided_by_a_rule_and_every_rule_decides_a_case() {
        let mut decided = BTreeSet::new();
        for policy in Policy::ALL {
            for assignment_required in [false, true] {
                for features in [BTreeSet::new(), BTreeSet::from([Feature::RoomsDirectory])] {
                    let tenant = Tenant { policy, workflow: false, assignment_required };
                    decided.insert(forecast(tenant, &features).why);
                }
            }
        }
        assert!(!decided.contains(""));
        assert_eq!(decided.len(), RULES.len());
    }
}
