//! What an IT administrator reads about the running deployment: one value, from which both the page `/it` and
//! `/it/manifest.json` are made, so that they cannot differ.
//!
//! Permissions and calls come from the tables by which authorize URLs and Graph calls are built; identity, region and
//! contact from the settings. The texts beside this file are data.

mod activity;
mod approval;
mod checks;
mod limits;
mod standing;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::cloud::Cloud;
use crate::domain::features::Feature;
use crate::domain::forecast::{self, Policy, Screen, Tenant, forecast};
use crate::domain::permissions::{AS_OF, Permission, explained};
use crate::microsoft::catalog::CATALOG;
use crate::settings::Settings;

pub use activity::{Activity, Count, Last};
pub use standing::{Compared, Standing};

/// Something to read or do.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Topic {
    /// Its anchor on the page.
    pub id: &'static str,
    /// Ids of the promises that it keeps (product.md); for the tests, not for people.
    #[serde(skip)]
    pub promises: &'static [&'static str],
    /// A heading.
    pub title: &'static str,
    /// A paragraph.
    pub text: &'static str,
    /// What to click, in order; or a list.
    pub steps: &'static [&'static str],
    /// Microsoft's page about it.
    pub link: &'static str,
}

/// A statement.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Fact {
    /// In few words.
    pub title: &'static str,
    /// In full.
    pub text: &'static str,
}

/// A tab of the Entra admin center.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Tab {
    /// Below the admin center > Entra ID.
    pub path: &'static str,
    /// What is found there.
    pub shows: &'static str,
}

/// Who the app is, for comparison with what Microsoft shows (I14).
#[derive(Debug, Clone, Serialize)]
pub struct Identity<'a> {
    /// Its name.
    pub name: &'a str,
    /// As the operator states it; Microsoft alone can confirm it.
    pub publisher_id: Option<&'a str>,
    /// Application (client) id.
    pub client_id: &'a str,
    /// The one redirect URI.
    pub redirect_uri: String,
    /// The file that ties the publisher's domain to the app.
    pub domain_file: String,
}

/// Where it runs and how long things are kept.
#[derive(Debug, Clone, Serialize)]
pub struct Operation<'a> {
    /// Microsoft's cloud.
    pub microsoft_cloud: Cloud,
    /// What Microsoft does not do in that cloud.
    pub cloud_limits: &'static [&'static str],
    /// The AWS region, where it is known.
    pub region: Option<&'a str>,
    /// Days that an interview is kept after its end.
    pub interview_retention_days: u16,
    /// Where people get help, if the operator has said so.
    pub contact: Option<&'a str>,
}

/// A feature that is switched on.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Offered {
    /// Its name in settings.
    pub name: &'static str,
    /// What it is for.
    pub explanation: &'static str,
    /// The Graph permissions that it needs.
    pub permissions: &'static [&'static str],
}

/// A call to Graph.
#[derive(Debug, Clone, Serialize)]
pub struct GraphCall {
    /// HTTP method.
    pub method: String,
    /// Version and path.
    pub path: String,
    /// What for.
    pub purpose: &'static str,
    /// The feature that makes it.
    pub feature: &'static str,
    /// Any one of these permissions is enough.
    pub permissions: &'static [&'static str],
}

/// A row of the forecast: what a recruiter sees before the approval.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Prospect {
    /// The organization's choice.
    pub policy: Policy,
    /// Whether the app requires assignment there.
    pub assignment_required: bool,
    /// Where users may not send requests.
    pub requests_off: Screen,
    /// Where they may.
    pub requests_on: Screen,
    /// Why.
    pub why: &'static str,
}

/// The forecast, with its date and source.
#[derive(Debug, Clone, Serialize)]
pub struct Prospects {
    /// When it was last held against Microsoft's pages.
    pub as_of: &'static str,
    /// Where Microsoft says it.
    pub source: &'static str,
    /// One row per choice.
    pub rows: Vec<Prospect>,
}

/// Everything.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest<'a> {
    /// Who the app is.
    pub app: Identity<'a>,
    /// Where it runs.
    pub operation: Operation<'a>,
    /// When facts about Microsoft were last checked.
    pub as_of: &'static str,
    /// What is switched on.
    pub features: Vec<Offered>,
    /// What is asked for, in the order of the authorize URL.
    pub permissions: Vec<Permission>,
    /// What is not asked for and cannot be done.
    pub not_asked: Vec<Fact>,
    /// Every call to Graph that these features can make.
    pub graph_calls: Vec<GraphCall>,
    /// Why approval is needed.
    pub why_approval: Topic,
    /// Who can approve.
    pub who_approves: Topic,
    /// How.
    pub how_to_approve: &'static [Topic],
    /// What recruiters see before.
    pub forecast: Prospects,
    /// How to take it back.
    pub how_to_revoke: &'static [Topic],
    /// Where tokens are.
    pub secrets: &'static [Fact],
    /// Whose the settings are.
    pub responsibility: &'static str,
    /// What to look at when something fails.
    pub checks: &'static [Topic],
    /// Where what is in Entra.
    pub tabs: &'static [Tab],
}

impl<'a> Manifest<'a> {
    /// What this deployment does with these features; the calendar is always one of them.
    pub fn new(settings: &'a Settings, features: &BTreeSet<Feature>) -> Self {
        let named = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        let mut features = features.clone();
        features.insert(Feature::Calendar);
        Self {
            app: Identity {
                name: &settings.app_name,
                publisher_id: named(&settings.publisher_id),
                client_id: &settings.microsoft.client_id,
                redirect_uri: settings.redirect_uri(),
                domain_file: format!("{}{DOMAIN_FILE}", settings.public_url),
            },
            operation: Operation {
                microsoft_cloud: settings.microsoft.cloud,
                cloud_limits: settings.microsoft.cloud.limits(),
                region: named(&settings.region),
                interview_retention_days: settings.retention_days,
                contact: named(&settings.support_contact),
            },
            as_of: AS_OF,
            features: features.iter().copied().map(offered).collect(),
            permissions: explained(&features),
            not_asked: limits::not_asked(&features),
            graph_calls: calls(&features),
            why_approval: approval::WHY,
            who_approves: approval::WHO,
            how_to_approve: &approval::HOW,
            forecast: prospects(&features),
            how_to_revoke: &approval::REVOKE,
            secrets: &limits::SECRETS,
            responsibility: checks::RESPONSIBILITY,
            checks: &checks::CHECKS,
            tabs: &checks::TABS,
        }
    }
}

/// Where Microsoft looks for the proof that a domain belongs to an app.
const DOMAIN_FILE: &str = "/.well-known/microsoft-identity-association.json";

/// What stands there (Microsoft's page "Configure an application's publisher domain").
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainFile<'a> {
    associated_applications: [Associated<'a>; 1],
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Associated<'a> {
    application_id: &'a str,
}

impl<'a> DomainFile<'a> {
    /// For the application with this id.
    pub fn of(client_id: &'a str) -> Self {
        Self { associated_applications: [Associated { application_id: client_id }] }
    }
}

fn offered(feature: Feature) -> Offered {
    Offered { name: feature.name(), explanation: feature.explanation(), permissions: feature.graph_scopes() }
}

fn calls(features: &BTreeSet<Feature>) -> Vec<GraphCall> {
    let made = CATALOG.into_iter().filter(|entry| features.contains(&entry.feature));
    made.map(|entry| GraphCall {
        method: entry.method.to_string(),
        path: entry.full_path(),
        purpose: entry.call.purpose(),
        feature: entry.feature.name(),
        permissions: entry.scopes,
    })
    .collect()
}

fn prospects(features: &BTreeSet<Feature>) -> Prospects {
    let row = |policy, assignment_required| {
        let at = |workflow| forecast(Tenant { policy, workflow, assignment_required }, features);
        let (off, on) = (at(false), at(true));
        Prospect {
            policy,
            assignment_required,
            requests_off: off.screen,
            requests_on: on.screen,
            why: off.why,
        }
    };
    let rows = Policy::ALL.into_iter().flat_map(|policy| [row(policy, false), row(policy, true)]).collect();
    Prospects { as_of: forecast::AS_OF, source: forecast::SOURCE, rows }
}
