//! `/authorize`: what the page refuses, what goes back to the app, and how the pages look to a browser.

use crate::world::{CALLBACK, World, parameter};
use serde_json::json;
use sim::Answer;

#[tokio::test]
async fn a_wrong_client_redirect_uri_or_tenant_stays_on_the_page() {
    let world = World::new();
    for (change, number) in [
        (("client_id", Some("00000000-0000-0000-0000-000000000000")), "AADSTS700016"),
        (("redirect_uri", Some("http://evil.example/cb")), "AADSTS50011"),
        (("redirect_uri", None), "AADSTS900971"),
    ] {
        let told = world.get(&world.authorize_url(&[change])).await;
        assert!(told.status == 400 && told.text.contains(number), "{number}: {}", told.text);
        assert_eq!(told.header("location"), "");
    }
    let told = world.get(&world.authorize_url_at("nowhere.example", &[])).await;
    assert!(told.text.contains("AADSTS90002"));
}

#[tokio::test]
async fn a_request_without_pkce_or_state_is_sent_back_with_an_error() {
    let world = World::new();
    for change in [
        ("code_challenge", None),
        ("code_challenge_method", None),
        ("code_challenge_method", Some("plain")),
        ("response_type", Some("token")),
        ("response_mode", Some("fragment")),
        ("state", None),
        ("nonce", None),
        ("scope", None),
        ("scope", Some("openid Calendar.Write")),
        ("prompt", Some("admin_consent")),
    ] {
        let told = world.get(&world.authorize_url(&[change])).await;
        assert_eq!(told.status, 302, "{change:?}");
        let back = told.header("location");
        assert!(
            back.starts_with(CALLBACK) && back.contains("?error=") && back.contains("AADSTS"),
            "{change:?}: {back}"
        );
        assert!(!back.contains("code="), "error_uri is encoded and there is no code: {back}");
    }
}

#[tokio::test]
async fn clicking_through_the_pages_ends_with_a_code() {
    let world = World::new();
    let url = world.authorize_url(&[("login_hint", Some("ana@contoso.com"))]);
    let page = world.get(&url).await;
    assert!(page.text.contains("Simulated Microsoft") && page.text.contains("ana@contoso.com"));
    assert!(!page.text.contains("room7@"), "rooms do not sign in");
    let consent = world.post_form(&url, &[("step", "account"), ("user", "ana@contoso.com")]).await;
    assert!(consent.text.contains("Have full access to your calendars"));
    assert!(!consent.text.contains("on behalf of your organization"), "only administrators see the box");
    let done = world
        .post_form(&url, &[("step", "consent"), ("user", "ana@contoso.com"), ("answer", "accept")])
        .await;
    assert_eq!(done.status, 302);
    let back = done.header("location");
    assert!(back.starts_with(&format!("{CALLBACK}?code=1.AX")), "{back}");
    assert_eq!(parameter(back, "state").as_deref(), Some("st_7f3c"));
    assert!(parameter(back, "session_state").is_some());
    // The second time there is nothing to consent to.
    let again = world.post_form(&url, &[("step", "account"), ("user", "ana@contoso.com")]).await;
    assert_eq!(again.status, 302);
    // With the cookie of that sign-in `prompt=none` succeeds.
    let cookie = done.header("set-cookie").split(';').next().unwrap().to_owned();
    let silent =
        axum::http::Request::get(world.authorize_url(&[("prompt", Some("none"))])).header("cookie", cookie);
    let silent = world.send(silent.body(axum::body::Body::empty()).unwrap()).await;
    assert!(silent.header("location").contains("?code="));
}

#[tokio::test]
async fn prompt_none_without_a_session_is_login_required() {
    let world = World::new();
    let told = world.get(&world.authorize_url(&[("prompt", Some("none"))])).await;
    assert!(told.header("location").contains("error=login_required&error_description=AADSTS50058%3a+"));
    let back = world.microsoft.sign_in(
        &world.authorize_url(&[("prompt", Some("none"))]),
        "ana@contoso.com",
        Answer::Accept,
    );
    assert!(back.unwrap().contains("error=interaction_required&error_description=AADSTS65001%3a+"));
}

#[test]
fn cancel_is_shape_r1_and_decline_is_shape_r2() {
    let world = World::new();
    let url = world.authorize_url(&[]);
    let cancelled = world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Cancel).unwrap();
    assert_eq!(cancelled, format!("{CALLBACK}?error=access_denied&error_subcode=cancel&state=st_7f3c"));
    let declined = world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Decline).unwrap();
    let start = "?error=access_denied&error_description=AADSTS65004%3a+User+declined+to+consent+to+access+the+app.%0d%0aTrace+ID%3a+";
    assert!(declined.starts_with(&format!("{CALLBACK}{start}")), "{declined}");
    assert!(declined.contains("%0d%0aTimestamp%3a+2026-11-24+09%3a00%3a00Z&error_uri=http%3a%2f%2f127.0.0.1%3a8787%2fmicrosoft%2flogin%2ferror%3fcode%3d65004&state=st_7f3c"));
}

#[test]
fn an_account_of_another_tenant_or_a_disabled_one_never_comes_back() {
    let world = World::new();
    let contoso = world.microsoft.tenant_id("contoso.com");
    let url = world.authorize_url_at(&contoso, &[]);
    assert!(
        world
            .microsoft
            .sign_in(&url, "fay@fabrikam.com", Answer::Accept)
            .unwrap_err()
            .contains("AADSTS50020")
    );
    assert!(
        world.microsoft.sign_in(&url, "who@contoso.com", Answer::Accept).unwrap_err().contains("AADSTS50034")
    );
    world.switch("disable-user", json!({"user": "ana@contoso.com"}));
    assert!(
        world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Accept).unwrap_err().contains("AADSTS50057")
    );
    world.switch("disable-user", json!({"user": "ana@contoso.com", "disabled": false}));
    assert!(world.microsoft.sign_in(&url, "ana@contoso.com", Answer::Accept).is_ok());
}

#[tokio::test]
async fn pages_and_redirects_are_no_traffic_of_the_product() {
    let world = World::new();
    world.get(&world.authorize_url(&[])).await;
    assert!(world.journal.calls().is_empty());
    assert!(world.journal.violations().is_empty());
    world.get(&format!("{}/organizations/oauth2/v2.0/devicecode", world.microsoft.login_url())).await;
    assert_eq!(world.journal.violations().len(), 1);
}
