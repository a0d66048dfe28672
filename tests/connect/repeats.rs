//! The same way back twice, fifty times, at the same moment, or after the first one died.

use std::sync::Arc;

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use sim::Answer::{Accept, Cancel};
use tokio::sync::Notify;

use crate::world::{Answer, Browser, World, ending};

const TOKEN: &str = "POST /{tenant}/oauth2/v2.0/token";

/// Ana at the moment at which Microsoft sends her browser back.
async fn about_to_return(world: &World) -> (Browser<'_>, String) {
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    (browser, back)
}

/// A second tab of the same browser.
fn tab<'a>(world: &'a World, browser: &Browser<'_>) -> Browser<'a> {
    let other = Browser::new(world);
    other.set_cookies(browser.cookies());
    other
}

fn redemptions(world: &World) -> usize {
    world.journal().calls().iter().filter(|call| call.operation == TOKEN).count()
}

/// Notifies when the next redemption has taken effect.
fn redeemed(world: &World) -> Arc<Notify> {
    let (notify, journal) = (Arc::new(Notify::new()), world.journal().clone());
    let tell = Arc::clone(&notify);
    world.journal().after_each(Arc::new(move |n| {
        if journal.calls().iter().any(|call| call.n == n && call.operation == TOKEN) {
            tell.notify_one();
        }
    }));
    notify
}

fn is_waiting_page(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.contains("<meta http-equiv=\"refresh\" content=\"2\">"), "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("set-cookie"), None, "the cookie is still needed");
}

#[tokio::test]
async fn a_repeat_gets_the_same_end_and_redeems_nothing() {
    let world = World::start().await;
    let (browser, back) = about_to_return(&world).await;
    let tabs: Vec<_> = (0..3).map(|_| tab(&world, &browser)).collect();
    let first = browser.open(&back).await;
    assert_eq!(ending(&first), "connected");
    for tab in tabs {
        let again = tab.open(&back).await;
        assert_eq!((again.status, again.header("location")), (303, first.header("location")));
        assert!(tab.cookies().is_empty());
    }
    assert_eq!(redemptions(&world), 1);
}

#[tokio::test]
async fn a_repeat_of_a_cancelled_sign_in_gets_the_same_end() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Cancel).expect("back");
    let again = tab(&world, &browser);
    let first = browser.open(&back).await;
    assert_eq!(again.open(&back).await.header("location"), first.header("location"));
}

#[tokio::test]
async fn a_repeat_with_another_code_gets_the_first_ones_end() {
    let world = World::start().await;
    let (browser, back) = about_to_return(&world).await;
    let again = tab(&world, &browser);
    let first = browser.open(&back).await;
    let (before, after) = back.split_once("code=").expect("a code");
    let (_, rest) = after.split_once('&').expect("more");
    for other in [format!("{before}code=another&{rest}"), format!("{before}error=access_denied&{rest}")] {
        let repeated = tab(&world, &again).open(&other).await;
        assert_eq!(repeated.header("location"), first.header("location"));
    }
    assert_eq!(redemptions(&world), 1);
}

#[tokio::test]
async fn of_fifty_returns_at_once_one_redeems_and_all_end_alike() {
    let world = World::start().await;
    let (browser, back) = about_to_return(&world).await;
    let tabs: Vec<_> = (0..50).map(|_| tab(&world, &browser)).collect();
    let answers = join_all(tabs.iter().map(|tab| tab.open(&back))).await;
    assert_eq!(redemptions(&world), 1);
    for (tab, answer) in tabs.iter().zip(answers) {
        // Whoever was asked to wait comes again, as his page does by itself.
        let end = if answer.status == 200 { tab.open(&back).await } else { answer };
        assert_eq!(ending(&end), "connected");
    }
    assert_eq!(redemptions(&world), 1);
}

#[tokio::test]
async fn while_the_first_runs_a_repeat_waits_on_a_page_that_loads_itself_again() {
    let world = World::start().await;
    let (browser, back) = about_to_return(&world).await;
    let again = tab(&world, &browser);
    let redeemed = redeemed(&world);
    world.fault(json!({ "service": "login", "operation": TOKEN, "when": "after", "kind": { "latency": { "ms": 300 } } }));
    let (first, second) = futures::join!(browser.open(&back), async {
        redeemed.notified().await;
        again.open(&back).await
    });
    is_waiting_page(&second);
    assert_eq!(ending(&first), "connected");
    assert_eq!(again.open(&back).await.header("location"), first.header("location"));
}

#[tokio::test]
async fn a_first_return_that_died_is_a_failure_after_half_a_minute() {
    let world = World::start().await;
    let (browser, back) = about_to_return(&world).await;
    let again = tab(&world, &browser);
    let redeemed = redeemed(&world);
    world.fault(json!({ "service": "login", "operation": TOKEN, "when": "after", "kind": { "latency": { "ms": 60_000 } } }));
    tokio::select! {
        _ = browser.open(&back) => panic!("it hangs"),
        () = redeemed.notified() => {}
    }
    is_waiting_page(&again.open(&back).await);
    world.pass_time(SignedDuration::from_secs(29));
    is_waiting_page(&again.open(&back).await);
    world.pass_time(SignedDuration::from_secs(1));
    assert_eq!(ending(&again.open(&back).await), "failed: internal-error");
    assert_eq!(redemptions(&world), 1);
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.status().await, "not_connected");
    assert_eq!(ana.connect().await, "connected", "a new link works");
}

#[tokio::test]
async fn a_repeat_that_meets_the_transaction_of_the_first_does_not_expire() {
    let world = World::start().await;
    let (browser, back) = about_to_return(&world).await;
    let again = tab(&world, &browser);
    let first = browser.open(&back).await;
    let conflict = json!({ "__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
        "message": "Transaction is ongoing for the item" });
    world.fault(json!({ "service": "dynamodb", "operation": "UpdateItem", "kind": { "status": { "status": 400, "body": conflict } } }));
    assert_eq!(again.open(&back).await.header("location"), first.header("location"));
}
