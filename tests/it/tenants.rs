//! The forecast on the page, held against what the simulated Microsoft shows a recruiter. Where there is a browser,
//! `browser/forecast.rs` walks the whole way; this needs none.

use serde_json::{Value, json};
use shared::domain::features::Feature;

use super::manifest;
use crate::world::World;

#[tokio::test]
async fn recruiters_are_shown_the_screen_that_the_forecast_says() {
    for extra in ["", ",rooms_basic", ",rooms_directory", ",shared_calendars,mailbox"] {
        let features = format!("{}{extra}", Feature::Calendar.name());
        let world = World::with_setting("FEATURES", &features).await;
        let data = manifest(&world).await.json;
        let rows = data["forecast"]["rows"].as_array().expect("rows");
        assert_eq!((rows.len(), data["forecast"]["as_of"].as_str()), (8, Some("2026-11-20")));
        for row in rows {
            for (workflow, said) in [(false, &row["requests_off"]), (true, &row["requests_on"])] {
                let seen = heading(&features, row, workflow).await;
                let expected = match said.as_str() {
                    Some("consent") => "Permissions requested",
                    Some("request_form") => "Approval required",
                    _ => "Need admin approval",
                };
                assert_eq!(seen, expected, "{features}, requests {workflow}: {row}");
            }
        }
    }
}

/// The heading of the page that Microsoft shows once Ana has signed in.
async fn heading(features: &str, row: &Value, workflow: bool) -> String {
    let world = World::with_setting("FEATURES", features).await;
    let policy = json!({ "tenant": "contoso.com", "policy": row["policy"], "workflow": workflow });
    world.switch("consent-policy", policy);
    let required = json!({ "tenant": "contoso.com", "required": row["assignment_required"] });
    world.switch("require-assignment", required);
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let wanted: Vec<&str> = features.split(',').filter(|name| *name != "calendar").collect();
    assert_eq!(ana.patch("/v1/customer", json!({ "features": wanted })).await.status, 200);
    let (_, authorize) = ana.begin().await;
    let form = [("step", "account"), ("user", "ana@contoso.com")];
    let shown = world.http.post(&authorize).form(&form).send().await.expect("Microsoft answers");
    super::between(&shown.text().await.expect("a page"), "<h1>", "</h1>").to_owned()
}
