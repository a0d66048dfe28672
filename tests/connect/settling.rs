//! Right after a consent Entra gives codes that it does not redeem, or leaves permissions out, for up to three
//! minutes. The browser waits; nobody is told that an approval is lacking.

use jiff::SignedDuration;
use serde_json::json;
use sim::Answer::Accept;

use crate::world::{Answer, Browser, Person, Rows, World, back_with, ending, minutes};

/// What the page says while it waits.
const WAITS: &str = "Microsoft is putting the approval into force";

/// A world in which consents are known at the token endpoint after so many seconds only. Meanwhile tokens lack what
/// was granted, or there are none.
async fn slow(seconds: i64, narrows: bool) -> World {
    let world = World::start().await;
    world.switch("options", json!({ "consent_lag_seconds": seconds, "consent_lag_narrows": narrows }));
    world
}

/// A browser that loads the page again whenever it says so, at the standing clock.
struct Waiting<'a> {
    browser: Browser<'a>,
    at: String,
    loads: u32,
}

impl<'a> Waiting<'a> {
    async fn begin(ana: &Person<'a>) -> (Self, Answer) {
        let (browser, authorize) = ana.begin().await;
        let at = ana.world.microsoft().sign_in(&authorize, &ana.email, Accept).expect("a code");
        let answer = browser.open(&at).await;
        (Self { browser, at, loads: 0 }, answer)
    }

    /// Once more: where Microsoft's silent page leads to, and what came of it.
    async fn load(&mut self, world: &World, email: &str) -> Answer {
        self.loads += 1;
        let sent = self.browser.open(&self.at).await;
        assert_eq!(sent.status, 302, "{}", sent.text);
        let silent = sent.header("location").expect("to Microsoft").to_owned();
        assert!(silent.contains("prompt=none") && silent.contains("login_hint="), "{silent}");
        self.at = world.microsoft().sign_in(&silent, email, Accept).expect("it comes straight back");
        self.browser.open(&self.at).await
    }

    /// Until it leads somewhere.
    async fn through(&mut self, ana: &Person<'_>, mut answer: Answer) -> String {
        let sealed = Rows::of(ana.world).sealed();
        while answer.status == 200 {
            assert!(answer.text.contains(WAITS) && !answer.text.contains("dministrator"), "{}", answer.text);
            assert!(answer.text.contains(r#"http-equiv="refresh" content="10""#), "{}", answer.text);
            assert_eq!(ana.status().await, "not_connected", "nothing is said to be lacking meanwhile");
            assert_eq!(Rows::of(ana.world).sealed(), sealed);
            ana.world.pass_time(SignedDuration::from_secs(10));
            answer = self.load(ana.world, &ana.email).await;
        }
        assert!(self.browser.cookies().is_empty(), "no attempt is left behind");
        ending(&answer)
    }
}

async fn ana(world: &World) -> Person<'_> {
    world.person("u-ana", "acme", "ana@contoso.com").await
}

#[tokio::test]
async fn a_consent_that_takes_minutes_to_be_known_connects_all_the_same() {
    for (lag, narrows) in [(20, false), (20, true), (179, false), (179, true)] {
        let world = slow(lag, narrows).await;
        let ana = ana(&world).await;
        let (mut waiting, first) = Waiting::begin(&ana).await;
        assert_eq!(waiting.through(&ana, first).await, "connected", "{lag} {narrows}");
        assert_eq!(i64::from(waiting.loads), (lag + 9) / 10, "{lag} {narrows}");
        assert_eq!(ana.status().await, "connected");
        assert_eq!(ana.schedule("key-after-the-wait").await.status, 201);
    }
}

#[tokio::test]
async fn after_three_minutes_microsoft_is_believed() {
    for (narrows, end) in [(false, "failed: admin-approval-required"), (true, "failed: scope-missing")] {
        let world = slow(3600, narrows).await;
        let ana = ana(&world).await;
        let (mut waiting, first) = Waiting::begin(&ana).await;
        assert_eq!(waiting.through(&ana, first).await, end);
        assert_eq!(waiting.loads, 18, "three minutes, at ten seconds each");
        assert_eq!(Rows::of(&world).sealed(), 0, "nothing is half stored");
    }
}

#[tokio::test]
async fn a_consent_that_was_taken_back_before_the_code_is_redeemed_is_told_after_the_wait() {
    let world = World::start().await;
    let ana = ana(&world).await;
    let (browser, authorize) = ana.begin().await;
    let at = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("a code");
    world.switch("remove-consent", json!({ "tenant": "contoso.com" }));
    let first = browser.open(&at).await;
    let mut waiting = Waiting { browser, at, loads: 0 };
    assert_eq!(waiting.through(&ana, first).await, "failed: admin-approval-required");
}

/// 65001 or "Need admin approval" on the way back, although a token has just shown the consent.
#[tokio::test]
async fn a_denial_right_after_the_proof_is_waited_out_too() {
    for code in [65001, 90094] {
        let world = World::start().await;
        world.switch("consent-policy", json!({ "tenant": "contoso.com", "policy": "managed" }));
        world.switch("grant-admin-consent", json!({ "tenant": "contoso.com" }));
        world.ana().await;
        let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
        let text = format!("AADSTS{code}: Some words of Microsoft's.");
        let denied = [("error", "access_denied"), ("error_description", text.as_str())];
        let (browser, authorize) = ben.begin().await;
        let at = back_with(&world, &authorize, &denied);
        let first = browser.open(&at).await;
        let mut waiting = Waiting { browser, at, loads: 0 };
        assert_eq!(waiting.through(&ben, first).await, "connected", "{code}");

        world.pass_time(minutes(3));
        let cay = world.person("u-cay", "acme", "carl@contoso.com").await;
        let (browser, authorize) = cay.begin().await;
        let late = browser.open(&back_with(&world, &authorize, &denied)).await;
        let end = if code == 65001 { "failed: admin-approval-required" } else { "pending_approval" };
        assert_eq!(ending(&late), end, "{code}: three minutes after the proof it is the truth");
    }
}

#[tokio::test]
async fn whoever_is_no_longer_signed_in_at_microsoft_is_asked_to_press_connect() {
    let world = slow(3600, false).await;
    let ana = ana(&world).await;
    let (waiting, _) = Waiting::begin(&ana).await;
    let silent = waiting.browser.to_microsoft(&waiting.at).await;
    let text = "AADSTS50058: A silent sign-in request was sent but no user is signed in.";
    let fields = [("error", "login_required"), ("error_description", text)];
    let back = waiting.browser.open(&back_with(&world, &silent, &fields)).await;
    assert_eq!(ending(&back), "failed: connection-needs-reauth");
}

#[tokio::test]
async fn a_page_that_waits_is_the_browsers_own_and_half_an_hour_old_at_most() {
    let world = slow(3600, false).await;
    let ana = ana(&world).await;
    let (waiting, _) = Waiting::begin(&ana).await;
    assert_eq!(Browser::new(&world).open(&waiting.at).await.status, 400, "another browser waits for nothing");
    world.pass_time(minutes(30));
    assert_eq!(waiting.browser.open(&waiting.at).await.status, 400);
}

/// N1, N8: the approval that Microsoft only reports is proven by the recruiter who waited.
#[tokio::test]
async fn n01_n08_an_approval_that_is_not_known_everywhere_is_reported_and_then_proven() {
    let world = slow(120, false).await;
    world.switch("consent-policy", json!({ "tenant": "contoso.com", "policy": "managed" }));
    let ana = ana(&world).await;
    let asked = ana.post("/v1/approvals", json!({})).await;
    let admin = Browser::new(&world);
    let mut answer = admin.open(asked.str("/admin_url")).await;
    while answer.status == 302 {
        let page = answer.header("location").expect("a redirect").to_owned();
        let back = world.microsoft().sign_in(&page, "admin@contoso.com", Accept).expect("it sends back");
        answer = admin.open(&back).await;
    }
    assert!(answer.text.contains("Microsoft reports the approval"), "{}", answer.text);
    let (mut waiting, first) = Waiting::begin(&ana).await;
    assert_eq!(waiting.through(&ana, first).await, "connected");
    world.advance(minutes(2)).await;
    let state = ana.get(&format!("/v1/approvals/{}", asked.str("/id"))).await;
    assert_eq!(state.str("/state"), "granted");
}

/// What follows the callback within minutes: a 65001 then is an outage of Microsoft's, not a lost approval.
#[tokio::test]
async fn shortly_after_connecting_a_missing_consent_is_asked_again_and_not_reported() {
    let world = World::start().await;
    let ana = ana(&world).await;
    assert_eq!(ana.connect().await, "connected");
    world.switch("refresh-answer", json!({ "user": "ana@contoso.com", "code": 65001 }));
    for _ in 0..2 {
        let again = ana.post("/v1/connection/verify", json!({})).await;
        assert_eq!(again.problem(), (503, "microsoft-unavailable"), "{}", again.text);
        world.advance(minutes(2)).await;
        assert_eq!(ana.status().await, "connected");
    }
}

#[tokio::test]
async fn a_grant_without_a_refresh_token_waits_too() {
    let world = World::start().await;
    world.switch("options", json!({ "withhold_refresh_token": true }));
    let ana = ana(&world).await;
    let (mut waiting, first) = Waiting::begin(&ana).await;
    assert!(first.status == 200 && first.text.contains(WAITS), "{}", first.text);
    world.switch("options", json!({ "withhold_refresh_token": false }));
    assert_eq!(waiting.through(&ana, first).await, "connected");
}

#[tokio::test]
async fn a_grant_that_stays_without_a_refresh_token_says_that_offline_access_was_not_granted() {
    let world = World::start().await;
    world.switch("options", json!({ "withhold_refresh_token": true }));
    let ana = ana(&world).await;
    let (mut waiting, first) = Waiting::begin(&ana).await;
    world.pass_time(minutes(4));
    assert_eq!(waiting.through(&ana, first).await, "failed: offline-access-missing");
    assert_eq!(Rows::of(&world).sealed(), 0, "nothing is half stored");
}
