//! Approval once, for everybody (N1–N4, N7–N9, R7, I10): from the request to the proof, and what cannot be forged.

use serde_json::{Value, json};
use sim::Answer as Said;

use crate::world::{Answer, Browser, Person, World, minutes};

/// A tenant whose users may not consent themselves, which is Microsoft's default; with `workflow` they can ask.
pub(crate) async fn managed(workflow: bool) -> World {
    let world = World::start().await;
    let policy = json!({ "tenant": "contoso.com", "policy": "managed", "workflow": workflow });
    world.switch("consent-policy", policy);
    world
}

async fn ana(world: &World) -> Person<'_> {
    world.person("u-ana", "acme", "ana@contoso.com").await
}

pub(crate) async fn ask(ana: &Person<'_>) -> Answer {
    let asked = ana.post("/v1/approvals", json!({ "justification": "Interviews in Outlook" })).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    asked
}

pub(crate) async fn state(ana: &Person<'_>, asked: &Answer) -> String {
    let read = ana.get(&format!("/v1/approvals/{}", asked.str("/id"))).await;
    assert!(read.json["admin_url"].is_null() && read.json["email"].is_null(), "shown once: {}", read.text);
    read.str("/state").to_owned()
}

/// The administrator's browser, through the consent page and the silent proof, as far as it goes.
async fn admin(world: &World, asked: &Answer, account: &str, said: Said) -> Answer {
    let browser = Browser::new(world);
    let mut answer = browser.open(asked.str("/admin_url")).await;
    let mut said = said;
    while answer.status == 302 {
        let page = answer.header("location").expect("a redirect").to_owned();
        let back = world.microsoft().sign_in(&page, account, said).expect("it sends back");
        said = Said::Accept;
        answer = browser.open(&back).await;
    }
    answer
}

#[tokio::test]
async fn n1_n8_one_accept_and_everybody_connects_without_approval() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    assert_eq!(ana.ends("ana@contoso.com", Said::Cancel).await, "pending_approval");
    let asked = ask(&ana).await;
    let done = admin(&world, &asked, "admin@contoso.com", Said::Accept).await;
    assert!(done.status == 200 && done.text.contains("The app is approved"), "{}", done.text);
    assert_eq!(state(&ana, &asked).await, "granted");
    assert_eq!(ana.connect().await, "connected");
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let customer = ana.get("/v1/customer").await;
    assert_eq!(
        customer.json["tenant_id"],
        world.microsoft().tenant_id("contoso.com").as_str(),
        "pinned by proof"
    );
    assert_eq!(customer.str("/consent/state"), "granted");
}

#[tokio::test]
async fn n2_n3_pending_is_not_connected_and_approval_alone_connects_nobody() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    ana.ends("ana@contoso.com", Said::Cancel).await;
    admin(&world, &ask(&ana).await, "admin@contoso.com", Said::Accept).await;
    assert_eq!(ana.status().await, "pending_approval");
    assert_eq!(ana.schedule("key-before-connect").await.problem(), (403, "approval-pending"));
    let steps = ana.connection().await["problem"]["fix"]["steps"].to_string();
    assert!(steps.contains("press Connect again"), "{steps}");
}

#[tokio::test]
async fn n4_n6_the_administrator_reads_who_asks_what_for_and_until_when() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    assert_eq!(asked.str("/requester/email"), "ana@contoso.com");
    assert_eq!(asked.str("/state"), "sent");
    let mail = asked.str("/email/text");
    for part in [
        asked.str("/admin_url"),
        "ana@contoso.com",
        "Interviews in Outlook",
        "Calendars.ReadWrite",
        "Cloud Application",
        "2026-11-24",
        "2026-12-24",
        "Admin consent requests",
    ] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
}

#[tokio::test]
async fn opening_the_link_changes_nothing_but_opened() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    let opened = Browser::new(&world).open(asked.str("/admin_url")).await;
    let page = opened.header("location").expect("a redirect");
    assert!(opened.status == 302 && page.contains("/v2.0/adminconsent?"), "{page}");
    assert!(
        page.contains("Calendars.ReadWrite") && page.contains("offline_access"),
        "the whole list: {page}"
    );
    assert_eq!(state(&ana, &asked).await, "opened");
    assert_eq!(ana.get("/v1/customer").await.json["tenant_id"], Value::Null);
}

#[tokio::test]
async fn a_no_is_denied_and_the_same_link_lets_think_again() {
    for no in [Said::Decline, Said::Cancel] {
        let world = managed(false).await;
        let ana = ana(&world).await;
        let asked = ask(&ana).await;
        let done = admin(&world, &asked, "admin@contoso.com", no).await;
        assert!(done.text.contains("was not approved"), "{}", done.text);
        assert_eq!(state(&ana, &asked).await, "denied");
        admin(&world, &asked, "admin@contoso.com", Said::Accept).await;
        assert_eq!(state(&ana, &asked).await, "granted");
    }
}

#[tokio::test]
async fn t17_a_forged_yes_is_a_report_at_most_and_proves_nothing() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    let browser = Browser::new(&world);
    let page = browser.open(asked.str("/admin_url")).await.header("location").expect("a redirect").to_owned();
    let sent = crate::world::parameter(&page, "state").expect("a state");
    let tenant = world.microsoft().tenant_id("contoso.com");
    let forged = format!(
        "{}/api/auth/microsoft/callback?admin_consent=True&tenant={tenant}&state={sent}",
        world.stack.url
    );
    let stranger = Browser::new(&world).open(&forged).await;
    assert_eq!(stranger.status, 400, "another browser has no visit");
    let silent = browser.open(&forged).await.header("location").expect("to the proof").to_owned();
    assert!(silent.contains("prompt=none"), "{silent}");
    let back =
        world.microsoft().sign_in(&silent, "admin@contoso.com", Said::Accept).expect("an error comes back");
    browser.open(&back).await;
    assert_eq!(state(&ana, &asked).await, "reported");
    let customer = ana.get("/v1/customer").await;
    assert_eq!((&customer.json["tenant_id"], customer.str("/consent/state")), (&Value::Null, "unknown"));
    let again = browser.open(&forged).await;
    assert_eq!(again.status, 400, "a state works once");
}

#[tokio::test]
async fn t07_an_administrator_of_another_organisation_approves_nothing_here() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    let done = admin(&world, &asked, "admin@fabrikam.com", Said::Accept).await;
    assert!(done.text.contains("another organization"), "{}", done.text);
    assert_ne!(state(&ana, &asked).await, "granted");
    assert_eq!(ana.get("/v1/customer").await.json["tenant_id"], Value::Null);
}

#[tokio::test]
async fn where_the_silent_proof_fails_the_first_recruiter_proves_it() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    let browser = Browser::new(&world);
    let page = browser.open(asked.str("/admin_url")).await.header("location").expect("a redirect").to_owned();
    let back = world.microsoft().sign_in(&page, "admin@contoso.com", Said::Accept).expect("a yes");
    let silent = browser.open(&back).await.header("location").expect("to the proof").to_owned();
    let failed = crate::world::back_with(&world, &silent, &[("error", "interaction_required")]);
    let told = browser.open(&failed).await;
    assert!(told.text.contains("first recruiter"), "{}", told.text);
    assert_eq!(state(&ana, &asked).await, "reported");
    assert_eq!(ana.connect().await, "connected");
    world.advance(minutes(2)).await;
    assert_eq!(state(&ana, &asked).await, "granted");
}

#[tokio::test]
async fn what_nobody_decides_expires_and_what_is_withdrawn_leads_nowhere() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let old = ana.post("/v1/approvals", json!({ "expires_in_days": 1 })).await;
    world.pass_time(minutes(24 * 60));
    let ana = self::ana(&world).await;
    assert_eq!(state(&ana, &old).await, "expired");
    let late = Browser::new(&world).open(old.str("/admin_url")).await;
    assert!(late.status == 200 && late.text.contains("This request has expired"), "{}", late.text);
    let asked = ask(&ana).await;
    let path = format!("/v1/approvals/{}/withdraw", asked.str("/id"));
    for _ in 0..2 {
        assert_eq!(ana.post(&path, json!({})).await.str("/state"), "withdrawn");
    }
    let opened = Browser::new(&world).open(asked.str("/admin_url")).await;
    assert!(opened.status == 200 && opened.text.contains("taken back"), "{}", opened.text);
    world.pass_time(minutes(31 * 24 * 60));
    let forgotten = Browser::new(&world).open(old.str("/admin_url")).await;
    assert_eq!(forgotten.status, 400, "a month later the link says nothing any more");
}

#[tokio::test]
async fn requests_belong_to_whoever_asked_and_to_administrators() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    let path = format!("/v1/approvals/{}", asked.str("/id"));
    let claims = |user: &str, customer: &str| json!({ "sub": user, "customer_id": customer, "email": "ben@contoso.com", "scope": "connections" });
    let ben = world.person_with(claims("u-ben", "acme")).await;
    assert_eq!(ben.get(&path).await.status, 404);
    assert_eq!(ben.get("/v1/approvals").await.json["data"], json!([]));
    let other = world.person("u-ana", "other", "ana@contoso.com").await;
    assert_eq!(other.get(&path).await.status, 404);
    let boss = world.person("u-ada", "acme", "ada@contoso.com").await;
    assert_eq!(boss.get("/v1/approvals").await.json["data"][0]["id"], asked.json["id"]);
    let key = asked.str("/admin_url").rsplit_once("key=").expect("a key").1;
    assert!(!world.is_stored(key), "the key of the link is kept as a hash only");
    let wrong = asked.str("/admin_url").replace(key, "guess");
    assert_eq!(Browser::new(&world).open(&wrong).await.status, 400);
}

#[tokio::test]
async fn a_broken_approval_link_speaks_to_the_administrator() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let asked = ask(&ana).await;
    let base = world.stack.url.clone();
    for link in [
        format!("{}x", asked.str("/admin_url")),
        format!("{base}/api/auth/microsoft/admin-consent"),
        format!("{base}/api/auth/microsoft/admin-consent?approval=apr_nonsense&key=x"),
    ] {
        let page = Browser::new(&world).open(&link).await;
        assert_eq!(page.status, 400, "{link}");
        assert!(page.text.contains("This approval link does not open"), "{}", page.text);
        assert!(!page.text.to_lowercase().contains("press connect"), "{}", page.text);
    }
}

#[tokio::test]
async fn letter_page_problem_and_doctor_name_the_same_roles() {
    let world = managed(false).await;
    let ana = ana(&world).await;
    let letter = ask(&ana).await.str("/email/text").to_owned();
    let page = ana.get("/it").await.text;
    let problem = ana.get("/problems/admin-approval-required").await.text;
    let pending = ana.get("/problems/approval-pending").await.text;
    let doctor = ana.post("/v1/diagnoses", json!({ "text": "AADSTS65001" })).await.text;
    for role in shared::domain::roles::APPROVERS {
        for (name, text) in [
            ("letter", &letter),
            ("page", &page),
            ("problem", &problem),
            ("pending", &pending),
            ("doctor", &doctor),
        ] {
            assert!(text.contains(role), "{role} is not in the {name}: {text}");
        }
    }
}
