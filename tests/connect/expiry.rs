//! Links and attempts have an end, and say so on a page that leads nowhere.

use jiff::SignedDuration;
use sim::Answer::Accept;

use crate::world::{Answer, Browser, World, back_with, ending, minutes};

fn is_expired_page(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.header("location"), None);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(
        answer.header("content-security-policy").is_some_and(|csp| csp.starts_with("default-src 'none'"))
    );
    assert!(answer.text.contains("This sign-in has expired") && answer.text.contains("Press Connect again"));
    assert!(!answer.text.contains("refresh"), "the page stays");
}

#[tokio::test]
async fn a_link_is_good_for_an_hour() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = ana.connect_link().await;
    world.pass_time(minutes(60) - SignedDuration::from_secs(1));
    let browser = Browser::new(&world);
    let authorize = browser.to_microsoft(&link).await;
    world.pass_time(SignedDuration::from_secs(1));
    is_expired_page(&Browser::new(&world).open(&link).await);
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    assert_eq!(ending(&browser.open(&back).await), "connected", "who began in time may finish");
}

#[tokio::test]
async fn an_attempt_is_good_for_half_an_hour() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (in_time, first) = ana.begin().await;
    let (late, second) = ana.begin().await;
    world.pass_time(minutes(30) - SignedDuration::from_secs(1));
    let back = world.microsoft().sign_in(&first, "ana@contoso.com", Accept).expect("back");
    assert_eq!(ending(&in_time.open(&back).await), "connected");
    let back = world.microsoft().sign_in(&second, "ana@contoso.com", Accept).expect("back");
    world.pass_time(SignedDuration::from_secs(1));
    is_expired_page(&late.open(&back).await);
    let codes = world.microsoft().redemptions().len();
    assert_eq!(codes, 1, "the late code was not redeemed");
}

#[tokio::test]
async fn a_link_is_used_up_once_it_led_to_a_connection() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = ana.connect_link().await;
    let back = Browser::new(&world).sign_in(&link, "ana@contoso.com", Accept).await;
    assert_eq!(ending(&back), "connected");
    is_expired_page(&Browser::new(&world).open(&link).await);
}

#[tokio::test]
async fn a_link_is_nothing_without_its_key() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (link, other) = (ana.connect_link().await, ana.connect_link().await);
    let (bare, key) = link.split_once("&key=").expect("a key");
    let (_, other_key) = other.split_once("&key=").expect("a key");
    let connect = format!("{}/api/auth/microsoft/connect", world.stack.url);
    for url in [
        bare.to_owned(),
        format!("{bare}&key="),
        format!("{bare}&key={}", key.to_ascii_lowercase()),
        format!("{bare}&key={other_key}"),
        format!("{bare}&key={}", &key[1..]),
        format!("{connect}?key={key}"),
        format!("{connect}?session=cs_00000000000000000000000000&key={key}"),
        format!("{connect}?session=..%2f..%2fC%23acme&key={key}"),
        connect,
    ] {
        is_expired_page(&Browser::new(&world).open(&url).await);
    }
    Browser::new(&world).to_microsoft(&link).await;
}

#[tokio::test]
async fn a_way_back_without_an_attempt_of_this_browser_leads_nowhere() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (_, authorize) = ana.begin().await;
    let callback = format!("{}/api/auth/microsoft/callback", world.stack.url);
    for url in [
        back_with(&world, &authorize, &[("code", "x")]),
        format!("{callback}?code=x"),
        format!("{callback}?code=x&state="),
        format!("{callback}?code=x&state=att_00000000000000000000000000.x"),
        format!("{callback}?error=access_denied&state=%00"),
        format!("{callback}?state=https%3a%2f%2fevil.example"),
        callback,
    ] {
        is_expired_page(&Browser::new(&world).open(&url).await);
    }
    assert!(world.journal().calls().iter().all(|call| call.service != "login"));
}
