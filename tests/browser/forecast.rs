//! What a recruiter sees at the first Connect, under every choice that an organization has: in the page for IT
//! administrators, in the table behind it, and at Microsoft. One table, so that the three cannot drift apart.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::domain::features::Feature;
use shared::domain::forecast::{Actor, Policy, Screen, Tenant, forecast};

use super::chromium::in_chromium;
use super::page::Page;
use crate::world::{Person, World, parameter};

const ANA: &str = "ana@contoso.com";

/// Policy, requests, assignment, and whether a permission is asked for that only an administrator can grant.
fn cases() -> Vec<(Tenant, Option<Feature>)> {
    let mut cases = Vec::new();
    for policy in Policy::ALL {
        for assignment_required in [false, true] {
            for workflow in [false, true] {
                cases.push((Tenant { policy, workflow, assignment_required }, None));
            }
        }
    }
    let legacy = |workflow| Tenant { policy: Policy::Legacy, workflow, assignment_required: false };
    cases.extend([false, true].map(|workflow| (legacy(workflow), Some(Feature::RoomsDirectory))));
    cases
}

/// N2, N3: who may not consent is led to Microsoft's "Approval required" or "Need admin approval" and comes back
/// pending, which is not connected.
#[tokio::test]
async fn n02_n03_recruiters_see_at_microsoft_what_the_page_forecasts() {
    in_chromium("forecast", async |page| {
        let mut told = BTreeMap::new();
        for (tenant, extra) in cases() {
            let features: BTreeSet<Feature> = [Feature::Calendar].into_iter().chain(extra).collect();
            let world = organization(tenant, &features).await;
            if let Entry::Vacant(unread) = told.entry(extra) {
                page.visit(&format!("{}/it#forecast", world.stack.url)).await;
                unread.insert(page.texts("#forecast ~ .scroll tbody tr > *").await);
            }
            let said = forecast(tenant, &features);
            assert_eq!(told[&extra][cell(tenant)], said.screen.words(), "{tenant:?} {features:?}");

            let ana = world.person("u-ana", "acme", ANA).await;
            if extra.is_some() {
                ana.patch("/v1/customer", json!({ "features": ["rooms_directory"] })).await;
            }
            page.visit(&ana.connect_link().await).await;
            page.is_headed("Pick an account").await;
            page.click(&format!("button[value='{ANA}']")).await;
            let status = at_microsoft(&world, page, said.screen).await;
            let connected = said.actor == Actor::Recruiter;
            assert_eq!(status, if connected { "connected" } else { "pending_approval" }, "{tenant:?}");
            ends(&ana, page, &status).await;
        }
    })
    .await;
}

async fn organization(tenant: Tenant, features: &BTreeSet<Feature>) -> World {
    let names: Vec<&str> = features.iter().map(|feature| feature.name()).collect();
    let world = World::with_setting("FEATURES", &names.join(",")).await;
    let policy = json!({ "tenant": "contoso.com", "policy": tenant.policy, "workflow": tenant.workflow });
    world.switch("consent-policy", policy);
    let required = json!({ "tenant": "contoso.com", "required": tenant.assignment_required, "assigned": [] });
    world.switch("require-assignment", required);
    world
}

/// Where in the page's table an organization reads what its recruiters will see.
fn cell(tenant: Tenant) -> usize {
    let policy = Policy::ALL.iter().position(|policy| *policy == tenant.policy).expect("a row");
    let row = 2 * policy + usize::from(tenant.assignment_required);
    4 * row + 2 + usize::from(tenant.workflow)
}

/// What is read at Microsoft, and the way back from there; the `status` that the recruiting system is told.
async fn at_microsoft(world: &World, page: &Page, screen: Screen) -> String {
    match screen {
        Screen::Consent => {
            page.is_headed("Permissions requested").await;
            page.sees("//li[contains(., 'Have full access to your calendars')]").await;
            page.click("#accept").await;
        }
        Screen::RequestForm => {
            page.is_headed("Approval required").await;
            page.sees("//p[contains(., 'needs permission that only an administrator can grant')]").await;
            page.click("#request").await;
            page.is_headed("Request sent").await;
            page.click("#back").await;
        }
        Screen::DeadEnd => {
            page.is_headed("Need admin approval").await;
            page.sees("//p[contains(., 'only an admin can grant')]").await;
            page.click("#cancel").await;
        }
    }
    page.sees("//body[contains(., 'Not Found')]").await;
    let requests = world.microsoft().snapshot()["tenants"][0]["approval_requests"].clone();
    let expected = usize::from(screen == Screen::RequestForm);
    assert_eq!(requests.as_array().map_or(0, Vec::len), expected, "{requests}");
    parameter(&page.address().await, "status").expect("a status")
}

/// The return goes to the address that the recruiting system gave, and the API says the same.
async fn ends(ana: &Person<'_>, page: &Page, status: &str) {
    let back = page.address().await;
    assert!(back.starts_with(&format!("{}/done?status={status}&session=cs_", ana.world.stack.url)), "{back}");
    let connection = ana.connection().await;
    assert_eq!(connection["status"], status);
    let code = if status == "connected" { Value::Null } else { json!("approval-pending") };
    assert_eq!(connection["problem"]["code"], code);
}
