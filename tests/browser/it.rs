//! The page for IT administrators, as a person reads it: on a desk, on a phone, by keyboard.

use super::chromium::in_chromium;
use super::stack;

/// Names of the page's parts, in the order in which they are read.
const PARTS: [&str; 10] = [
    "permissions",
    "not-asked",
    "calls",
    "approval",
    "forecast",
    "revoke",
    "data",
    "troubleshooting",
    "map",
    "check-verified",
];

#[tokio::test]
async fn an_it_administrator_reads_the_page_on_a_desk_and_on_a_phone() {
    let stack = stack().await;
    in_chromium("it", async |page| {
        page.visit(&format!("{}/it", stack.url)).await;
        page.sees("//h1[contains(., 'for IT administrators')]").await;
        for part in PARTS {
            page.sees(&format!("//*[@id='{part}']")).await;
        }
        assert_eq!(
            page.said_in_the_log().await,
            Vec::<String>::new(),
            "the policy forbids nothing that is there"
        );
        assert_eq!(page.style_of("h2", "border-top-style").await, "solid", "the stylesheet is applied");
        page.shot("desk").await;

        let stops = page.link_stops().await;
        assert!(stops.len() > 40, "{stops:?}");
        assert!(
            stops.first().is_some_and(|first| first.ends_with("#main")),
            "first past the list: {stops:?}"
        );
        for part in ["#permissions", "#revoke", "/doctor", "/it/manifest.json"] {
            assert!(stops.iter().any(|stop| stop.ends_with(part)), "no Tab reaches {part}: {stops:?}");
        }

        page.resize(360, 900).await;
        assert!(page.fits().await, "nothing sticks out of a phone's screen");
        page.shot("phone").await;
        page.visit(&format!("{}/it#permissions", stack.url)).await;
        page.shot("phone-permissions").await;
        page.visit(&format!("{}/it#troubleshooting", stack.url)).await;
        page.shot("phone-checks").await;
        page.resize(1280, 1600).await;
        page.visit(&format!("{}/it#approval", stack.url)).await;
        page.shot("desk-approval").await;
        page.visit(&format!("{}/it#forecast", stack.url)).await;
        page.shot("desk-forecast").await;

        page.visit(&format!("{}/it", stack.url)).await;
        let paper = page.print("paper").await;
        assert!((6..=14).contains(&paper), "{paper} sheets of A4");
    })
    .await;
    assert_eq!(stack.journal.violations(), Vec::<String>::new());
}
