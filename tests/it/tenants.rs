//! The forecast on the page, held against what the simulated Microsoft does to a recruiter.

use serde_json::json;
use sim::Answer::Accept;

use super::manifest;
use crate::world::World;

#[tokio::test]
async fn c1_recruiters_see_what_the_forecast_says() {
    let world = World::start().await;
    let data = manifest(&world).await.json;
    let rows = data["forecast"]["rows"].as_array().expect("rows");
    assert_eq!((rows.len(), data["forecast"]["as_of"].as_str()), (8, Some("2026-11-20")));
    for row in rows {
        for (workflow, said) in [(false, &row["requests_off"]), (true, &row["requests_on"])] {
            let world = World::start().await;
            world.switch(
                "consent-policy",
                json!({ "tenant": "contoso.com", "policy": row["policy"], "workflow": workflow }),
            );
            let required = row["assignment_required"] == true;
            world.switch(
                "require-assignment",
                json!({ "tenant": "contoso.com", "required": required, "assigned": ["ana@contoso.com"] }),
            );
            let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
            let (browser, authorize) = ana.begin().await;
            let done = match world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept) {
                Ok(back) => crate::world::ending(&browser.open(&back).await),
                Err(_) => "stays at Microsoft".to_owned(),
            };
            let alone = said == "consent";
            assert_eq!(done == "connected", alone, "{row} workflow {workflow}: {done}");
        }
    }
}
