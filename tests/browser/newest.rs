//! Only the newest state is shown: no old good news above a new problem, and no sum of what is no count.

use serde_json::json;

use super::chromium::in_chromium;
use super::page::Page;
use super::{connect, open, stack};

const REVOKE: &str = "[data-path='microsoft/revoke-sessions']";
const AN_HOUR: &str = "[data-path=clock][data-body*='3600']";
const TEN_MINUTES: &str = "[data-path=clock][data-body*='600}']";

#[tokio::test]
async fn after_a_revocation_and_an_hour_only_the_newest_state_is_shown() {
    let stack = stack().await;
    in_chromium("newest", async |page| {
        open(&stack, page).await;
        connect(&stack, page).await;
        page.click(REVOKE).await;
        page.shows("said", "Done: Revoke sessions.").await;
        page.settled().await;
        page.click(AN_HOUR).await;
        page.shows("connection-state", "Must be connected again").await;
        page.settled().await;
        assert_eq!(page.texts("#connection .notice, #connection .tag.good").await, Vec::<String>::new());
        assert_eq!(
            page.texts("#connection .problem h4").await.len(),
            1,
            "one problem, and nothing beside it"
        );
        page.shot("revoked").await;

        // Connected again, the problem is what is old.
        page.click("#connect").await;
        page.is_headed("Pick an account").await;
        page.click("button[value='ana@contoso.com']").await;
        page.shows("connection-state", "Connected").await;
        page.settled().await;
        assert_eq!(page.texts("#connection .problem").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn of_a_gauge_the_newest_value_is_shown_and_no_sum() {
    let stack = stack().await;
    in_chromium("gauges", async |page| {
        open(&stack, page).await;
        page.click(TEN_MINUTES).await;
        page.shows("ticks", "in 10 minutes").await;
        page.settled().await;
        let before = days_left(page).await;
        assert!((364..=365).contains(&before), "{before}: the certificate is one for a year");
        page.click(AN_HOUR).await;
        page.shows("ticks", "in 60 minutes").await;
        page.settled().await;
        let after = days_left(page).await;
        assert!((before - 1..=before).contains(&after), "{before} days and an hour later {after}");

        let tick = |days: i64, oldest: i64, doubt: i64, kept: i64| {
            let sweep = json!({
                "certificate_days_left": days, "oldest_shard_seconds": oldest, "in_doubt": doubt, "kept": kept,
            });
            json!({ "reports": { "token-refresh": sweep } })
        };
        let ticks = json!([tick(30, 90, 2, 4), tick(30, 30, 1, 0), tick(29, 60, 0, 5)]);
        page.run("demo.showTicks(arguments[0])", vec![ticks]).await;
        let mut lines = page.texts("#ticks li").await;
        lines.sort();
        let wanted = ["certificate days left 29", "kept 9", "oldest shard seconds 60"];
        assert_eq!(lines, wanted.map(|line| format!("token-refresh: {line}")), "a doubt that is over is none");
    })
    .await;
}

/// What the page shows of the certificate.
async fn days_left(page: &Page) -> i64 {
    let lines = page.texts("#ticks li").await;
    let shown = lines.iter().find_map(|line| line.strip_prefix("token-refresh: certificate days left "));
    shown.and_then(|days| days.parse().ok()).unwrap_or_else(|| panic!("no days in {lines:?}"))
}
