//! What stands in the way after an approval: assignment, an app that is switched off, an app that is gone. Microsoft's
//! page says a number and sends nobody back; the doctor page says who must act, and then it is over.

use serde_json::{Value, json};

use super::chromium::in_chromium;
use super::page::Page;
use crate::world::{Person, World, minutes};

/// R9, R11, R15: what stands in the way, read where a person reads it, and mended as the page says.
#[tokio::test]
async fn r09_r11_r15_what_stands_in_the_way_is_explained_by_the_doctor_and_mended() {
    in_chromium("refusals", async |page| {
        let world = World::start().await;
        world.switch("consent-policy", json!({ "tenant": "contoso.com", "policy": "managed" }));
        world.switch("grant-admin-consent", json!({ "tenant": "contoso.com" }));
        assignment_is_required(page, &world).await;
        the_app_is_switched_off(page, &world).await;
        the_app_is_gone(page, &world).await;
        the_page_of_a_problem(page, &world).await;
        an_unknown_number(page, &world).await;
    })
    .await;
}

/// Opens a new link and signs in.
async fn connect(page: &Page, person: &Person<'_>) {
    page.visit(&person.connect_link().await).await;
    page.click(&format!("button[value='{}']", person.email)).await;
}

async fn is_back(page: &Page, status: &str) {
    page.sees("//body[contains(., 'Not Found')]").await;
    let address = page.address().await;
    assert!(address.contains(&format!("/done?status={status}&")), "{address}");
}

/// Microsoft's page stays, with this number on it. Its text goes to the doctor page: who must act, and where.
async fn refused(page: &Page, world: &World, number: &str, told: [&str; 2]) {
    page.is_headed("Sorry, but we're having trouble signing you in").await;
    let text = page.seen("#error").await.expect("Microsoft's words");
    assert!(text.starts_with(number), "{text}");
    assert!(!page.address().await.starts_with(&world.stack.url), "nobody is sent back");
    page.visit(&format!("{}/doctor", world.stack.url)).await;
    page.write("text", &text).await;
    page.click("form button").await;
    page.sees(&format!("//dd/code[.='{number}']")).await;
    for words in told {
        page.sees(&format!("//section//*[contains(text(), \"{words}\")]")).await;
    }
}

async fn assignment_is_required(page: &Page, world: &World) {
    let require = |assigned: Value| {
        world.switch("require-assignment", json!({ "tenant": "contoso.com", "assigned": assigned }));
    };
    require(json!([]));
    let ana = world.person("ana", "acme", "ana@contoso.com").await;
    connect(page, &ana).await;
    let told = ["Microsoft 365 administrator", "Users and groups > Add user/group"];
    refused(page, world, "AADSTS50105", told).await;
    page.shot("doctor").await;
    page.resize(360, 900).await;
    assert!(page.fits().await, "nothing sticks out of a phone's screen");
    page.shot("doctor-phone").await;
    page.resize(1280, 1600).await;
    assert_eq!(ana.status().await, "not_connected");
    require(json!(["ana@contoso.com"]));
    connect(page, &ana).await;
    is_back(page, "connected").await;
    world.switch("require-assignment", json!({ "tenant": "contoso.com", "required": false }));
}

async fn the_app_is_switched_off(page: &Page, world: &World) {
    let disable = |disabled: bool| {
        world.switch("disable-app", json!({ "tenant": "contoso.com", "disabled": disabled }));
    };
    disable(true);
    let ben = world.person("ben", "acme", "ben@contoso.com").await;
    connect(page, &ben).await;
    let told = ["Microsoft 365 administrator", "Enabled for users to sign in to Yes"];
    refused(page, world, "AADSTS7000112", told).await;
    assert_eq!(ben.status().await, "not_connected");
    disable(false);
    connect(page, &ben).await;
    is_back(page, "connected").await;
}

/// The entry under Enterprise apps is deleted: tokens go, and Connect is where it was before the first approval.
async fn the_app_is_gone(page: &Page, world: &World) {
    let ana = world.person("ana", "acme", "ana@contoso.com").await;
    world.switch("delete-app", json!({ "tenant": "contoso.com" }));
    world.advance(minutes(60)).await;
    page.open(&world.stack.url).await;
    page.shows("connection-state", "Access revoked").await;
    page.shows("connection-state", "Approve it again by the approval link").await;
    page.shot("revoked").await;
    let place = ana.connection().await["problem"]["fix"]["action_url"].as_str().map(str::to_owned);
    assert_eq!(page.links("#connection-state a").await.first(), place.as_ref());
    page.visit(&place.expect("where to click")).await;
    page.sees("//h2[@id='approval'][.='Approval']").await;

    connect(page, &ana).await;
    page.is_headed("Need admin approval").await;
    page.click("#cancel").await;
    is_back(page, "pending_approval").await;
    assert_eq!(ana.status().await, "pending_approval");
    world.switch("grant-admin-consent", json!({ "tenant": "contoso.com" }));
    connect(page, &ana).await;
    is_back(page, "connected").await;
}

async fn the_page_of_a_problem(page: &Page, world: &World) {
    page.said_in_the_log().await; // The address that the recruiting system gave is nowhere here: 404.
    page.visit(&format!("{}/problems/user-not-assigned", world.stack.url)).await;
    page.is_headed("The user is not assigned to the app").await;
    page.sees("//li[contains(., 'Users and groups > Add user/group')]").await;
    page.shot("problem").await;
    page.resize(360, 900).await;
    assert!(page.fits().await, "nothing sticks out of a phone's screen");
    page.resize(1280, 1600).await;
    page.click("dd a[href='/it#check-assignment']").await;
    page.sees("//h3[@id='check-assignment']").await;
    assert_eq!(page.said_in_the_log().await, Vec::<String>::new());
}

async fn an_unknown_number(page: &Page, world: &World) {
    page.visit(&format!("{}/doctor", world.stack.url)).await;
    page.write("text", "AADSTS987654: brand new. Trace ID: 5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200").await;
    page.click("form button").await;
    page.sees("//section//dd[.='It is not known']").await;
    let links = page.links("section a").await;
    assert_eq!(links, ["https://login.microsoftonline.com/error?code=987654"]);
    assert!(page.texts("pre").await[0].contains("5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200"));
}
