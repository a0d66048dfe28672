//! Who may consent to what, and how an administrator lets the app in.

use crate::world::{CALLBACK, CLIENT, World, parameter};
use serde_json::json;
use sim::Answer;

fn admin_url(world: &World, tenant: &str) -> String {
    let scope = "https://graph.microsoft.com/Calendars.ReadWrite https://graph.microsoft.com/Place.Read.All offline_access openid profile email User.Read";
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", CLIENT),
            ("scope", scope),
            ("redirect_uri", CALLBACK),
            ("state", "ac_91d0"),
        ])
        .finish();
    format!("{}/{tenant}/v2.0/adminconsent?{query}", world.microsoft.login_url())
}

#[test]
fn under_the_managed_policy_a_recruiter_needs_an_administrator_for_the_calendar_only() {
    let world = World::new();
    world.switch("consent-policy", json!({"tenant": "contoso.com", "policy": "managed"}));
    let calendar = world.authorize_url(&[]);
    let refused = world.microsoft.sign_in(&calendar, "ana@contoso.com", Answer::Accept).unwrap_err();
    assert!(refused.contains("AADSTS90094"), "{refused}");
    let link = world.microsoft.sign_in(&calendar, "ana@contoso.com", Answer::Cancel).unwrap();
    assert!(link.contains("error_subcode=cancel"), "the link of the dead end is R1: {link}");
    let basic = world.authorize_url(&[("scope", Some("openid profile email User.Read"))]);
    assert!(world.microsoft.sign_in(&basic, "ana@contoso.com", Answer::Accept).is_ok());
}

#[tokio::test]
async fn with_the_workflow_on_the_recruiter_asks_and_comes_back_as_if_declined() {
    let world = World::new();
    world.switch("consent-policy", json!({"tenant": "contoso.com", "policy": "none", "workflow": true}));
    let url = world.authorize_url(&[]);
    assert!(world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Accept).is_err());
    let back = world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Request).unwrap();
    assert!(back.contains("error=access_denied&error_description=AADSTS65004"));
    let page = world.post_form(&url, &[("step", "account"), ("user", "ana@contoso.com")]).await;
    assert!(page.text.contains("Approval required"));
    let requests = world.microsoft.snapshot()["tenants"][0]["approval_requests"].clone();
    assert_eq!(requests[0]["user"], "ana@contoso.com");
    world.switch("grant-admin-consent", json!({"tenant": "contoso.com"}));
    assert!(world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Accept).is_ok());
}

#[tokio::test]
async fn the_low_policy_allows_signing_in_but_not_the_calendar() {
    let world = World::new();
    world.switch("consent-policy", json!({"tenant": "contoso.com", "policy": "low"}));
    let basic = world.authorize_url(&[("scope", Some("openid profile email User.Read"))]);
    assert!(world.microsoft.sign_in(&basic, "ana@contoso.com", Answer::Accept).is_ok());
    assert!(world.microsoft.sign_in(&world.authorize_url(&[]), "ana@contoso.com", Answer::Accept).is_err());
    let page =
        world.post_form(&world.authorize_url(&[]), &[("step", "account"), ("user", "ana@contoso.com")]).await;
    assert!(page.text.contains("Need admin approval"));
}

#[tokio::test]
async fn an_administrator_who_does_not_tick_the_box_consents_for_himself_only() {
    let world = World::new();
    world.switch("consent-policy", json!({"tenant": "contoso.com", "policy": "managed"}));
    let url = world.authorize_url(&[]);
    let page = world.post_form(&url, &[("step", "account"), ("user", "admin@contoso.com")]).await;
    assert!(page.text.contains("Consent on behalf of your organization"));
    assert!(world.microsoft.sign_in(&url, "admin@contoso.com", Answer::Accept).is_ok());
    assert!(world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Accept).is_err());
    // Once consented there is no page; `prompt=consent` shows it again.
    let url = world.authorize_url(&[("prompt", Some("consent"))]);
    let form = [("step", "consent"), ("user", "admin@contoso.com"), ("answer", "accept"), ("for_all", "on")];
    assert_eq!(world.post_form(&url, &form).await.status, 302);
    assert!(world.microsoft.sign_in(&world.authorize_url(&[]), "ana@contoso.com", Answer::Accept).is_ok());
}

#[test]
fn prompt_consent_stops_an_ordinary_user_even_where_the_administrator_consented() {
    let world = World::new();
    world.switch("consent-policy", json!({"tenant": "contoso.com", "policy": "managed"}));
    world.switch("grant-admin-consent", json!({"tenant": "contoso.com"}));
    let url = world.authorize_url(&[("prompt", Some("consent"))]);
    assert!(world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Accept).unwrap_err().contains("90094"));
}

#[test]
fn admin_consent_says_true_on_success_and_on_failure() {
    let world = World::new();
    let contoso = world.microsoft.tenant_id("contoso.com");
    let url = admin_url(&world, &contoso);
    let failed = world.microsoft.sign_in(&url, "admin@contoso.com", Answer::Decline).unwrap();
    let start = "?admin_consent=True&error=consent_required&error_description=AADSTS65004%3a+The+resource+owner+or+authorization+server+denied+the+request.%0d%0aTrace+ID";
    assert!(failed.starts_with(&format!("{CALLBACK}{start}")), "{failed}");
    assert_eq!(parameter(&failed, "tenant"), None);
    let done = world.microsoft.sign_in(&url, "admin@contoso.com", Answer::Accept).unwrap();
    assert!(done.starts_with(&format!("{CALLBACK}?admin_consent=True&tenant={contoso}&scope=")), "{done}");
    assert_eq!(parameter(&done, "state").as_deref(), Some("ac_91d0"));
    assert_eq!(parameter(&done, "code"), None);
    let grants = world.microsoft.snapshot()["tenants"][0]["grants"].clone();
    assert_eq!(grants[0]["consent_type"], "AllPrincipals");
}

#[test]
fn only_administrators_pass_the_admin_consent_page() {
    let world = World::new();
    let url = admin_url(&world, "organizations");
    assert!(world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Accept).unwrap_err().contains("90094"));
    assert!(
        world
            .microsoft
            .sign_in(&url, "ana@contoso.com", Answer::Cancel)
            .unwrap()
            .contains("error_subcode=cancel")
    );
    assert!(
        world.microsoft.sign_in(&admin_url(&world, "common"), "admin@contoso.com", Answer::Accept).is_err()
    );
    world.microsoft.add_user("appadmin@contoso.com", "Arno Appadmin");
    assert!(world.microsoft.sign_in(&url, "appadmin@contoso.com", Answer::Accept).is_ok());
}
