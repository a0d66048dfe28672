//! Which Microsoft account a user may connect.

use serde_json::json;
use sim::Answer::Accept;

use crate::world::{Forge, Person, Rows, World, ending, parameter};

async fn with_rule<'a>(world: &'a World, rule: &str) -> Person<'a> {
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.patch("/v1/customer", json!({ "allowed_account": rule })).await.status, 200);
    ana
}

async fn nothing_was_kept(world: &World, person: &Person<'_>) {
    assert_eq!(person.status().await, "not_connected");
    assert_eq!(Rows::of(world).sealed(), 0);
}

#[tokio::test]
async fn by_default_only_the_account_of_the_users_own_address_connects() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.ends("ben@contoso.com", Accept).await, "wrong_account: wrong-account");
    nothing_was_kept(&world, &ana).await;
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "connected");
}

#[tokio::test]
async fn an_address_is_the_same_whatever_its_case() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ANA@Contoso.COM").await;
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "connected");
}

#[tokio::test]
async fn with_same_domain_a_colleagues_account_connects_and_a_strangers_does_not() {
    let world = World::start().await;
    let ana = with_rule(&world, "same_domain").await;
    assert_eq!(ana.ends("fay@fabrikam.com", Accept).await, "wrong_tenant: wrong-tenant");
    nothing_was_kept(&world, &ana).await;
    assert_eq!(ana.ends("ben@contoso.com", Accept).await, "connected");
}

#[tokio::test]
async fn with_any_in_tenant_the_tenant_still_decides() {
    let world = World::start().await;
    let ana = with_rule(&world, "any_in_tenant").await;
    assert_eq!(ana.ends("fay@fabrikam.com", Accept).await, "wrong_tenant: wrong-tenant");
    nothing_was_kept(&world, &ana).await;
    assert_eq!(ana.ends("carl@contoso.com", Accept).await, "connected");
}

#[tokio::test]
async fn a_domain_that_entra_does_not_know_connects_to_no_tenant() {
    let world = World::start().await;
    let zoe = world.person("u-zoe", "acme", "zoe@unknown.example").await;
    // No account can be of the wrong organization where none is known: it is the address that must be corrected.
    assert_eq!(zoe.ends("ana@contoso.com", Accept).await, "failed: organization-not-found");
    nothing_was_kept(&world, &zoe).await;
}

#[tokio::test]
async fn a_pinned_tenant_is_where_people_sign_in_and_no_domain_is_asked_for() {
    let world = World::start().await;
    let zoe = world.person("u-zoe", "acme", "zoe@unknown.example").await;
    let tenant = world.microsoft().tenant_id("fabrikam.com");
    let settings = json!({ "tenant_id": tenant, "allowed_account": "any_in_tenant" });
    assert_eq!(zoe.patch("/v1/customer", settings).await.status, 200);
    let (browser, authorize) = zoe.begin().await;
    assert!(authorize.contains(&format!("/login/{tenant}/oauth2/")), "{authorize}");
    let stays = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept);
    assert!(stays.is_err_and(|why| why.contains("50020")), "Microsoft keeps other tenants' accounts");
    let back = world.microsoft().sign_in(&authorize, "fay@fabrikam.com", Accept).expect("back");
    assert_eq!(ending(&browser.open(&back).await), "connected");
    assert_eq!(zoe.connection().await["account"]["tenant_id"], tenant.as_str());
    let asked = world.journal().calls().iter().any(|call| call.operation.contains("openid-configuration"));
    assert!(!asked);
}

#[tokio::test]
async fn a_pin_binds_those_who_are_signing_in_already() {
    let world = World::start().await;
    let ana = with_rule(&world, "any_in_tenant").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let fabrikam = world.microsoft().tenant_id("fabrikam.com");
    assert_eq!(ana.patch("/v1/customer", json!({ "tenant_id": fabrikam })).await.status, 200);
    assert_eq!(ending(&browser.open(&back).await), "wrong_tenant: wrong-tenant");
    nothing_was_kept(&world, &ana).await;
}

#[tokio::test]
async fn a_recruiters_sign_in_never_pins_the_tenant() {
    let world = World::start().await;
    let ana = world.ana().await;
    assert!(ana.get("/v1/customer").await.json["tenant_id"].is_null());
}

#[tokio::test]
async fn a_personal_account_is_told_that_it_is_not_supported() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let forge = Forge::published(&world);
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let mut claims = forge.claims(&authorize, "ana@contoso.com");
    claims["tid"] = personal.into();
    claims["iss"] = format!("{}/{personal}/v2.0", world.microsoft().login_url()).into();
    forge.answers("ana@contoso.com", &Forge::token(&claims));
    assert_eq!(ending(&browser.open(&back).await), "failed: account-not-supported");
    nothing_was_kept(&world, &ana).await;
}

#[tokio::test]
async fn a_person_without_an_address_in_the_token_cannot_begin() {
    let world = World::start().await;
    let nobody = json!({ "sub": "u-x", "customer_id": "acme", "scope": "connections" });
    let nobody = world.person_with(nobody).await;
    let body = json!({ "return_url": format!("{}/done", world.stack.url) });
    let refused = nobody.post("/v1/connect-sessions", body).await;
    assert_eq!(refused.problem(), (403, "forbidden"));
    assert!(refused.str("/detail").contains("e-mail"));
}

#[tokio::test]
async fn the_expected_account_is_only_a_hint_and_is_escaped() {
    let world = World::start().await;
    let odd = world.person("u-odd", "acme", "o'neil+x&prompt=none@contoso.com").await;
    let (_, authorize) = odd.begin().await;
    assert_eq!(parameter(&authorize, "prompt"), None);
    assert_eq!(
        parameter(&authorize, "login_hint").as_deref(),
        Some("o%27neil%2Bx%26prompt%3Dnone%40contoso.com")
    );
}

/// The account's address changed in Microsoft 365 and not in the ATS: the token still has the old one.
#[tokio::test]
async fn a_renamed_account_is_told_as_such_and_its_connection_stays() {
    let world = World::start().await;
    let ana = world.ana().await;
    let before = ana.connection().await;
    world.switch("rename-user", json!({ "user": "ana@contoso.com", "email": "ana.new@contoso.com" }));
    assert_eq!(ana.ends("ana.new@contoso.com", Accept).await, "wrong_account: account-renamed");
    let after = ana.connection().await;
    assert_eq!((&after["id"], &after["status"]), (&before["id"], &json!("connected")), "{after}");
    let last = &after["last_attempt"];
    assert_eq!((&last["status"], &last["reason"]), (&json!("wrong_account"), &json!("account-renamed")));
    let page = ana.get("/problems/account-renamed").await.text;
    assert!(page.contains("allowed_account") && page.contains("new address"), "{page}");

    // Another account is still another account.
    assert_eq!(ana.ends("ben@contoso.com", Accept).await, "wrong_account: wrong-account");
    with_rule(&world, "same_domain").await;
    assert_eq!(ana.ends("ana.new@contoso.com", Accept).await, "connected");
    assert_eq!(ana.connection().await["account"]["email"], "ana.new@contoso.com");
}

/// By its ids it is another one, whatever its address was.
#[tokio::test]
async fn an_account_that_was_made_anew_under_another_address_was_not_renamed() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("recreate-user", json!({ "user": "ana@contoso.com" }));
    world.switch("rename-user", json!({ "user": "ana@contoso.com", "email": "ana.new@contoso.com" }));
    assert_eq!(ana.ends("ana.new@contoso.com", Accept).await, "wrong_account: wrong-account");
}
