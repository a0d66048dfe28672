//! From a refused Connect to an approval for everybody, as the recruiter and the administrator see it.

use serde_json::json;

use super::chromium::in_chromium;
use super::page::Page;
use crate::approvals::{ask, managed, state};
use crate::world::{Person, World, minutes};

const ANA: &str = "button[value='ana@contoso.com']";
const ADMIN: &str = "button[value='admin@contoso.com']";

/// The user as whom the demo page acts.
async fn ana(world: &World) -> Person<'_> {
    world.person("ana", "acme", "ana@contoso.com").await
}

/// A picture of a page of few words.
async fn small(page: &Page, name: &str) {
    page.resize(720, 380).await;
    page.shot(name).await;
    page.resize(1280, 1600).await;
}

async fn is_connected(page: &Page) {
    page.sees("//body[contains(., 'Not Found')]").await;
    let address = page.address().await;
    assert!(address.contains("/done?status=connected"), "{address}");
}

/// R7, N1, N2, N3, N8: the request, what is pending, the approval, Connect pressed again by the first who asked, and
/// by everybody else without an approval. I10: who can approve, and that nobody else can.
#[tokio::test]
async fn r07_n01_n02_n03_n08_i10_from_a_request_to_an_approval_for_everybody() {
    in_chromium("approval", async |page| {
        the_whole_path(page).await;
        a_consent_that_is_not_known_everywhere_yet(page).await;
        the_link_by_itself(page).await;
    })
    .await;
}

async fn the_whole_path(page: &Page) {
    let world = managed(true).await;
    let ana = ana(&world).await;
    page.open(&world.stack.url).await;
    page.click("#connect").await;
    page.click(ANA).await;
    page.is_headed("Approval required").await;
    page.click("#request").await;
    page.is_headed("Request sent").await;
    page.click("#back").await;
    page.shows("returned", "You declined, or your company requires an approval.").await;
    page.shows("connection-state", "waiting for an approval").await;
    page.shows("connection-state", "After the approval press Connect again.").await;
    page.settled().await;
    assert_eq!(ana.status().await, "pending_approval");

    let asked = ask(&ana).await;
    page.visit(asked.str("/admin_url")).await;
    page.is_headed("Pick an account").await;
    page.click(ADMIN).await;
    page.is_headed("Permissions requested, review for your organization").await;
    page.sees("//main[contains(., 'all users of contoso.com')]").await;
    page.click("#accept").await;
    page.is_headed("The app is approved").await;
    page.sees("//p[contains(., 'press Connect again in the recruiting system')]").await;
    assert!(page.address().await.starts_with(&world.stack.url), "the end is a page of ours");
    small(page, "granted").await;
    let (granted, still) = (state(&ana, &asked).await, ana.status().await);
    assert_eq!((granted.as_str(), still.as_str()), ("granted", "pending_approval"));

    page.open(&world.stack.url).await;
    page.shows("connection-state", "waiting for an approval").await;
    page.click("#connect").await;
    page.click(ANA).await; // Signing in is all: there is no page of permissions any more.
    page.shows("returned", "Microsoft said yes.").await;
    page.shows("connection-state", "Connected").await;
    assert_eq!(ana.status().await, "connected");
    let ben = world.person("ben", "acme", "ben@contoso.com").await;
    page.visit(&ben.connect_link().await).await;
    page.click("button[value='ben@contoso.com']").await;
    is_connected(page).await;
}

/// The page that waits goes on by itself after some seconds; here the clock is put on and the page loaded again.
async fn a_consent_that_is_not_known_everywhere_yet(page: &Page) {
    let world = managed(false).await;
    world.switch("options", json!({ "consent_lag_seconds": 100 }));
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    page.visit(asked.str("/admin_url")).await;
    page.click(ADMIN).await;
    page.click("#accept").await;
    page.is_headed("Microsoft reports the approval").await;
    small(page, "reported").await;
    assert_eq!(state(&ana, &asked).await, "reported");

    page.visit(&ana.connect_link().await).await;
    page.click(ANA).await;
    page.is_headed("Microsoft is putting the approval into force").await;
    page.sees("//p[contains(., 'up to three minutes')]").await;
    small(page, "waits").await;
    world.pass_time(minutes(2));
    page.visit(&page.address().await).await;
    is_connected(page).await;
}

/// Whoever is no administrator approves nothing; a no can be thought over; how a request ended is told on its page.
async fn the_link_by_itself(page: &Page) {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    let link = asked.str("/admin_url");
    page.visit(link).await;
    page.type_account("ana@contoso.com").await;
    page.is_headed("Need admin approval").await;
    page.click("#cancel").await;
    page.is_headed("The app was not approved").await;

    page.visit(link).await;
    page.click("button[value='admin@fabrikam.com']").await;
    page.click("#accept").await;
    page.is_headed("An account of another organization signed in").await;
    page.sees("//p[contains(., 'account of the organization that was asked')]").await;

    page.visit(link).await;
    page.click(ADMIN).await;
    page.click("#decline").await;
    page.is_headed("The app was not approved").await;
    page.sees("//p[contains(., 'The same link can be opened again')]").await;
    assert_eq!(state(&ana, &asked).await, "denied");

    page.visit(link).await;
    page.click(ADMIN).await;
    page.click("#accept").await;
    page.is_headed("The app is approved").await;
    page.visit(link).await;
    page.is_headed("The app is approved").await;

    let (withdrawn, old) = (ask(&ana).await, ask(&ana).await);
    ana.post(&format!("/v1/approvals/{}/withdraw", withdrawn.str("/id")), json!({})).await;
    page.visit(withdrawn.str("/admin_url")).await;
    page.is_headed("This request was taken back").await;
    world.pass_time(minutes(31 * 24 * 60));
    page.visit(old.str("/admin_url")).await;
    page.is_headed("This request has expired").await;
    page.sees("//p[contains(., 'Whoever asked can send a new one')]").await;
    page.resize(360, 900).await;
    assert!(page.fits().await, "nothing sticks out of a phone's screen");
    page.visit(&format!("{}x", old.str("/admin_url"))).await;
    page.is_headed("This approval link does not open").await;
    page.sees("//p[contains(., 'ask the colleague who sent it for a new one')]").await;
    let words = page.texts("main p").await.join(" ");
    assert!(
        !words.contains("press Connect") && !words.contains("Press Connect"),
        "an administrator cannot: {words}"
    );
    assert!(page.fits().await, "nothing sticks out of a phone's screen");
    small(page, "broken-approval").await;
}
