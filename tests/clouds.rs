//! Microsoft's other clouds: the same stories with another cloud's names. That the addresses are right is a table test
//! in `domain::cloud`; here they are overridden, as for a private endpoint.

use std::collections::HashMap;

use local::Options;
use serde_json::json;
use shared::domain::cloud::Cloud;

use crate::world::{Browser, World, parameter};

impl World {
    /// A world in this cloud: the simulated Microsoft wants permissions with the address of its Graph in front.
    async fn in_cloud(cloud: Cloud) -> Self {
        let settings = HashMap::from([("MICROSOFT_CLOUD".to_owned(), cloud.name().to_owned())]);
        let world = Self::with(Options { settings, ..Options::default() }).await;
        world.switch("options", json!({ "graph_resource": cloud.graph() }));
        world
    }
}

#[tokio::test]
async fn in_every_cloud_a_recruiter_connects_and_an_administrator_approves() {
    for cloud in Cloud::ALL {
        let world = World::in_cloud(cloud).await;
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let authorize = Browser::new(&world).to_microsoft(&ana.connect_link().await).await;
        assert!(authorize.starts_with(&world.microsoft().login_url()), "the override wins: {authorize}");
        let scope = parameter(&authorize, "scope").expect("scopes");
        let wanted = cloud.permission("Calendars.ReadWrite").replace(':', "%3A").replace('/', "%2F");
        assert!(scope.split('+').any(|asked| asked == wanted), "{scope}");
        assert_eq!(ana.connect().await, "connected");
        assert_eq!(ana.schedule("key-of-the-cloud").await.status, 201);

        let asked = ana.post("/v1/approvals", json!({})).await;
        let approve = Browser::new(&world).open(asked.str("/admin_url")).await;
        let url = approve.header("location").expect("a redirect").to_owned();
        let wanted = cloud.full_permission("Calendars.ReadWrite").replace(':', "%3A").replace('/', "%2F");
        assert!(parameter(&url, "scope").expect("scopes").contains(&wanted), "{url}");
        assert!(
            asked.str("/email/text").contains(&format!(": {} >", cloud.admin_center())),
            "{}",
            asked.text
        );
    }
}

/// Connections live on in the cloud where they began: the sweep speaks to the same endpoints.
#[tokio::test]
async fn in_another_cloud_connections_are_verified_too() {
    let world = World::in_cloud(Cloud::UsGovernmentDod).await;
    let ana = world.ana().await;
    world.advance(crate::world::minutes(100)).await;
    assert_eq!(ana.status().await, "connected");
    assert!(world.microsoft().redemptions().len() >= 3);
}

#[tokio::test]
async fn every_page_names_the_admin_center_of_its_cloud() {
    for cloud in Cloud::ALL {
        let world = World::in_cloud(cloud).await;
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        assert_eq!(ana.get("/v1/customer").await.str("/cloud"), cloud.name());
        let browser = Browser::new(&world);
        let page = browser.open(&format!("{}/it", world.stack.url)).await.text;
        let data = browser.open(&format!("{}/it/manifest.json", world.stack.url)).await;
        assert_eq!(data.str("/operation/microsoft_cloud"), cloud.name());
        let limits: Vec<&str> = data.json["operation"]["cloud_limits"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|l| l.as_str())
            .collect();
        assert_eq!(limits, cloud.limits());
        let said = ana.post("/v1/diagnoses", json!({ "text": "AADSTS50105" })).await.text;
        let doctor =
            ana.world.http.post(format!("{}/doctor", world.stack.url)).form(&[("text", "AADSTS50105")]);
        let doctor = doctor.send().await.expect("an answer").text().await.expect("a page");
        for text in [&page, &data.text, &said, &doctor] {
            for other in Cloud::ALL {
                let named = text.contains(&format!("{} ", other.admin_center()))
                    || text.contains(&format!("{}:", other.admin_center()));
                assert_eq!(
                    named,
                    other.admin_center() == cloud.admin_center(),
                    "{other:?} in {cloud:?}: {text}"
                );
            }
        }
        assert!(limits.iter().all(|limit| page.contains(limit)), "{page}");
    }
}
