//! Threats 1 to 5: somebody else's state, cookie, code or issuer.

use futures::future::join_all;
use serde_json::json;
use sim::Answer::Accept;

use crate::world::{Browser, Forge, Person, Rows, World, back_with, ending, parameter};

/// One person at the moment of the return: state, code and cookie.
struct Return {
    state: String,
    code: String,
    cookie: (String, String),
}

async fn about_to_return(person: &Person<'_>) -> Return {
    let (browser, authorize) = person.begin().await;
    let back = person.world.microsoft().sign_in(&authorize, &person.email, Accept).expect("back");
    let field = |name| parameter(&back, name).expect("a field");
    Return { state: field("state"), code: field("code"), cookie: browser.cookies().remove(0) }
}

async fn come_back(
    world: &World,
    state: &str,
    code: &str,
    cookies: Vec<(String, String)>,
) -> crate::world::Answer {
    let browser = Browser::new(world);
    browser.set_cookies(cookies);
    browser.open(&format!("{}/api/auth/microsoft/callback?code={code}&state={state}", world.stack.url)).await
}

async fn pair(world: &World) -> (Person<'_>, Person<'_>) {
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    (ana, world.person("u-eve", "acme", "ben@contoso.com").await)
}

#[tokio::test]
async fn t01_of_all_pairs_of_state_and_cookie_only_those_of_one_attempt_pass() {
    let world = World::start().await;
    let (ana, eve) = pair(&world).await;
    let (a, b) = (about_to_return(&ana).await, about_to_return(&eve).await);
    let made_up = format!("{}.{}", a.state.split('.').next().expect("an id"), "A".repeat(43));
    let states = [("ana's", &a.state), ("eve's", &b.state), ("made up", &made_up)];
    // Each cookie is tried as it is and under the name that the state asks for.
    let cookies = [("ana's", Some(&a.cookie)), ("eve's", Some(&b.cookie)), ("none", None)];
    for (whose_state, state) in states {
        for (whose_cookie, cookie) in cookies {
            if whose_state == whose_cookie {
                continue;
            }
            let name = format!("__Host-convene-{}", state.split('.').next().expect("an id"));
            let renamed = cookie.map(|(_, value)| (name, value.clone()));
            for sent in [cookie.cloned().into_iter().collect(), renamed.into_iter().collect::<Vec<_>>()] {
                let refused = come_back(&world, state, &a.code, sent).await;
                assert_eq!(refused.status, 400, "{whose_state} state, {whose_cookie} cookie");
                assert_eq!(refused.header("location"), None);
            }
        }
    }
    assert!(world.microsoft().redemptions().is_empty(), "no code was even tried");
    for (person, own) in [(&ana, &a), (&eve, &b)] {
        let end = come_back(&world, &own.state, &own.code, vec![own.cookie.clone()]).await;
        assert_eq!(ending(&end), "connected", "{}", person.user);
    }
}

#[tokio::test]
async fn t01_a_victim_who_follows_the_attackers_way_back_connects_nothing() {
    let world = World::start().await;
    let (ana, eve) = pair(&world).await;
    let (browser, _) = ana.begin().await;
    let (_, hers) = eve.begin().await;
    let back = world.microsoft().sign_in(&hers, "ben@contoso.com", Accept).expect("back");
    assert_eq!(browser.open(&back).await.status, 400);
    assert_eq!(
        (ana.status().await, eve.status().await),
        ("not_connected".to_owned(), "not_connected".to_owned())
    );
}

#[tokio::test]
async fn t01_an_attacker_who_signs_in_through_the_victims_link_is_refused_by_the_account_rule() {
    let world = World::start().await;
    let (ana, _) = pair(&world).await;
    let link = ana.connect_link().await;
    let back = Browser::new(&world).sign_in(&link, "ben@contoso.com", Accept).await;
    assert_eq!(ending(&back), "wrong_account: wrong-account");
    assert_eq!(Rows::of(&world).sealed(), 0);
}

#[tokio::test]
async fn t01_cookies_of_other_names_or_sent_by_other_hosts_do_not_count() {
    let world = World::start().await;
    let (ana, _) = pair(&world).await;
    let own = about_to_return(&ana).await;
    let (name, value) = own.cookie.clone();
    let bare = name.trim_start_matches("__Host-").to_owned();
    for cookies in [
        vec![(bare, value.clone())],
        vec![(name.to_lowercase(), value.clone())],
        vec![(name.clone(), format!("{value}x"))],
        vec![(name.clone(), String::new())],
        vec![(name.clone(), "planted".to_owned()), (name.clone(), value.clone())],
    ] {
        let refused = come_back(&world, &own.state, &own.code, cookies).await;
        assert_eq!(refused.status, 400);
    }
    assert_eq!(ending(&come_back(&world, &own.state, &own.code, vec![own.cookie]).await), "connected");
}

#[tokio::test]
async fn t02_another_users_code_in_the_own_flow_is_refused_by_pkce() {
    let world = World::start().await;
    let (ana, eve) = pair(&world).await;
    let (a, b) = (about_to_return(&ana).await, about_to_return(&eve).await);
    let end = come_back(&world, &a.state, &b.code, vec![a.cookie]).await;
    assert_eq!(ending(&end), "failed: sign-in-expired");
    assert_eq!(world.microsoft().redemptions()[0].code, 501_481, "the verifier is not the one of that code");
    assert_eq!(Rows::of(&world).sealed(), 0);
    let end = come_back(&world, &b.state, &b.code, vec![b.cookie]).await;
    assert_eq!(ending(&end), "connected", "his code was not spent");
}

#[tokio::test]
async fn t02_even_an_identity_provider_without_pkce_would_be_found_out_by_the_nonce() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let (_, other) = ana.begin().await;
    let forge = Forge::published(&world);
    // The very same person, but of another attempt.
    forge.answers("ana@contoso.com", &Forge::token(&forge.claims(&other, "ana@contoso.com")));
    let end = browser.open(&back_with(&world, &authorize, &[("code", "of-another-attempt")])).await;
    assert_eq!(ending(&end), "failed: internal-error");
    assert_eq!((ana.status().await.as_str(), Rows::of(&world).sealed()), ("not_connected", 0));
}

#[tokio::test]
async fn t03_a_weakened_challenge_gets_no_code_and_connects_nothing() {
    let world = World::start().await;
    for (from, to) in [
        ("code_challenge_method=S256", "code_challenge_method=plain"),
        ("code_challenge_method=S256&", ""),
        ("code_challenge=", "c="),
    ] {
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let (browser, authorize) = ana.begin().await;
        let weakened = authorize.replacen(from, to, 1);
        assert_ne!(weakened, authorize, "{from}");
        let back = world.microsoft().sign_in(&weakened, "ana@contoso.com", Accept).expect("back");
        assert!(parameter(&back, "code").is_none(), "{from}");
        assert!(ending(&browser.open(&back).await).starts_with("failed"), "{from}");
    }
    assert_eq!(Rows::of(&world).sealed(), 0);
}

#[tokio::test]
async fn t03_a_code_for_a_challenge_of_the_attackers_own_is_of_no_use() {
    let world = World::start().await;
    let (ana, _) = pair(&world).await;
    let (browser, authorize) = ana.begin().await;
    let challenge = parameter(&authorize, "code_challenge").expect("a challenge");
    let replaced = authorize.replace(&challenge, &"A".repeat(43));
    let back = world.microsoft().sign_in(&replaced, "ana@contoso.com", Accept).expect("back");
    assert_eq!(ending(&browser.open(&back).await), "failed: sign-in-expired");
    assert_eq!(Rows::of(&world).sealed(), 0);
}

#[tokio::test]
async fn t04_a_replayed_return_changes_nothing_even_after_a_disconnection() {
    let world = World::start().await;
    let (ana, _) = pair(&world).await;
    let own = about_to_return(&ana).await;
    let first = come_back(&world, &own.state, &own.code, vec![own.cookie.clone()]).await;
    assert_eq!(ending(&first), "connected");
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    let replays =
        join_all((0..10).map(|_| come_back(&world, &own.state, &own.code, vec![own.cookie.clone()]))).await;
    for replay in replays {
        assert_eq!(replay.header("location"), first.header("location"));
    }
    assert_eq!(ana.status().await, "disconnected");
    assert_eq!((world.microsoft().redemptions().len(), Rows::of(&world).sealed()), (1, 0));
}

#[tokio::test]
async fn t05_a_way_back_that_names_another_issuer_is_refused_without_a_redemption() {
    let world = World::start().await;
    let login = world.microsoft().login_url();
    let tenant = world.microsoft().tenant_id("contoso.com");
    for issuer in [
        "https://evil.example/".to_owned(),
        format!("https://evil.example/{tenant}/v2.0"),
        format!("{login}.evil.example/{tenant}/v2.0"),
        format!("{login}/{tenant}"),
        format!("{login}/a/b/v2.0"),
        login.clone(),
        String::new(),
    ] {
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let own = about_to_return(&ana).await;
        let pairs = [("code", own.code.as_str()), ("state", &own.state), ("iss", &issuer)];
        let url = reqwest::Url::parse_with_params("http://x/", pairs).expect("a URL");
        let browser = Browser::new(&world);
        browser.set_cookies(vec![own.cookie]);
        let callback =
            format!("{}/api/auth/microsoft/callback?{}", world.stack.url, url.query().expect("a query"));
        assert_eq!(ending(&browser.open(&callback).await), "failed: internal-error", "{issuer}");
    }
    assert!(world.microsoft().redemptions().is_empty());
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let back = format!("{back}&iss={}", world.microsoft().issuer("contoso.com"));
    assert_eq!(ending(&browser.open(&back).await), "connected", "Entra's own name is welcome");
}

#[tokio::test]
async fn t05_tokens_go_to_entra_alone_whatever_an_answer_says() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let evil = json!({ "token_endpoint": "https://evil.example/contoso/oauth2/v2.0/token", "jwks_uri": "https://evil.example/keys" });
    world.fault(json!({ "service": "login", "operation": "GET /{tenant}/v2.0/.well-known/openid-configuration", "times": 0,
        "kind": { "body": { "status": 200, "json": evil } } }));
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "failed: microsoft-unavailable");
    assert_eq!(Rows::of(&world).sealed(), 0);
}
