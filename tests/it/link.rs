//! A company's own page: the key, and what is granted against what is needed.

use serde_json::json;
use sim::Answer::Accept;

use super::between;
use crate::world::{Answer, Browser, Person, World, minutes, parameter};

async fn make(person: &Person<'_>) -> String {
    let made = person.post("/v1/customer/it-link", json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.str("/url").to_owned()
}

async fn open(world: &World, url: &str) -> Answer {
    let answer = Browser::new(world).open(url).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{url}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{url}");
    answer
}

#[tokio::test]
async fn a_new_key_ends_the_former_and_opens_its_own_company_only() {
    let world = World::start().await;
    let acme = world.person("u-ana", "acme", "ana@contoso.com").await;
    let other = world.person("u-fay", "other", "fay@fabrikam.com").await;
    let base = world.stack.url.clone();
    let (first, second, others) = (make(&acme).await, make(&acme).await, make(&other).await);
    let key = parameter(&second, "key").expect("a key");
    assert_eq!(key.len(), 43, "256 bits");
    assert!(second.starts_with(&format!("{base}/it/acme?key=")), "{second}");
    assert_eq!(open(&world, &second).await.status, 200);
    assert_eq!(open(&world, &others).await.status, 200);

    let closed = open(&world, &first).await;
    assert_eq!(closed.status, 404);
    let other_key = parameter(&others, "key").expect("a key");
    let nobody = "x".repeat(200);
    for wrong in [
        format!("{base}/it/acme?key={other_key}"),
        format!("{base}/it/other?key={key}"),
        format!("{base}/it/acme?key="),
        format!("{base}/it/acme"),
        format!("{base}/it/acme?key={key}0"),
        format!("{base}/it/unheard?key={key}"),
        format!("{base}/it/unheard"),
        format!("{base}/it/{nobody}?key={key}"),
    ] {
        let refused = open(&world, &wrong).await;
        assert_eq!((refused.status, &refused.text), (404, &closed.text), "the same for {wrong}");
    }
    for key in [&key, &other_key] {
        assert!(!world.is_stored(key), "stored as a hash only");
    }
}

#[tokio::test]
async fn only_an_administrator_of_the_company_makes_the_link() {
    let world = World::start().await;
    let weak = json!({ "sub": "u-ben", "customer_id": "acme", "scope": "connections interviews" });
    let ben = world.person_with(weak).await;
    assert_eq!(ben.post("/v1/customer/it-link", json!({})).await.status, 403);
    let odd = world.person("u-ana", "a c/m?e", "ana@contoso.com").await;
    let link = make(&odd).await;
    // API Gateway decodes the path before it routes: what is encoded by percent would be cut or not be found.
    assert!(link.contains("/it/a~20c~2Fm~3Fe?key="), "{link}");
    assert_eq!(open(&world, &link).await.status, 200);
    let closed = odd.delete("/v1/customer").await;
    assert_eq!(closed.status, 202, "{}", closed.text);
    assert_eq!(open(&world, &link).await.status, 404, "a deleted company has no page");
    let late = odd.post("/v1/customer/it-link", json!({})).await;
    assert_eq!(late.problem(), (409, "deletion-in-progress"));
}

/// Ids of companies are the ATS's own: whatever they hold, the link leads to that company and to no other.
#[tokio::test]
async fn the_link_opens_whatever_a_companys_id_holds() {
    let world = World::start().await;
    for id in ["a/b", "a?b", "a#b", "a%b", "a%2Fb", "a~2Fb", "a b", "a+b&c=d", "../it", "Müller & Söhne", "."]
    {
        let ana = world.person("u-ana", id, "ana@contoso.com").await;
        assert_eq!(
            ana.patch("/v1/customer", json!({ "name": format!("Company {}", id.len()) })).await.status,
            200
        );
        let link = make(&ana).await;
        let shown = open(&world, &link).await;
        assert_eq!(shown.status, 200, "{id}: {link}");
        assert!(shown.text.contains(&format!("Company {}", id.len())), "{id}");
        assert_eq!(open(&world, &link.replace("key=", "key=x")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn a_company_may_be_called_like_the_file_of_the_data() {
    let world = World::start().await;
    let odd = world.person("u-ana", "manifest.json", "ana@contoso.com").await;
    assert_eq!(odd.patch("/v1/customer", json!({ "name": "Odd Ltd" })).await.status, 200);
    let link = make(&odd).await;
    let shown = open(&world, &link).await;
    assert!(shown.status == 200 && shown.text.contains("Odd Ltd"), "{}", shown.text);
    assert!(shown.text.contains("0 connected"), "{}", shown.text);
    assert_eq!(open(&world, &link.replace("key=", "key=x")).await.status, 404);
    let data = super::manifest(&world).await;
    assert!(!data.text.contains("Odd Ltd"), "without a key it is the data, which names nobody");
}

#[tokio::test]
async fn settings_that_change_keep_the_link() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = make(&ana).await;
    assert_eq!(
        ana.patch("/v1/customer", json!({ "name": "Contoso <b>Ltd</b>", "strict": true })).await.status,
        200
    );
    let shown = open(&world, &link).await;
    assert_eq!(shown.status, 200);
    assert!(
        shown.text.contains("Contoso &#60;b&#62;Ltd") && !shown.text.contains("<b>Ltd"),
        "{}",
        shown.text
    );
    assert!(!ana.get("/v1/customer").await.text.contains("it_link"), "the hash is nobody's business");
}

/// I2, C3: what is switched on, the tenant and the proof are there to be read.
#[tokio::test]
async fn an_upgrade_that_needs_more_shows_old_against_new() {
    let world = World::with_setting("FEATURES", "calendar,availability,rooms_directory").await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = make(&ana).await;
    let before = open(&world, &link).await.text;
    assert!(before.contains(">Enabled</span>") && before.contains("None yet. It follows"), "{before}");
    assert!(before.contains("Not proven yet") && !before.contains("More is needed"), "{before}");

    assert_eq!(ana.connect_as("ana@contoso.com", Accept).await, "connected");
    world.advance(minutes(2)).await;
    let proven = open(&world, &link).await.text;
    assert!(proven.contains("<time>2026-11-24 08:0"), "{proven}");
    assert!(!proven.contains("Missing") && !proven.contains("Place.Read.All"), "{proven}");

    ana.patch("/v1/customer", json!({ "features": ["rooms_directory"] })).await;
    let upgraded = open(&world, &link).await.text;
    let table = between(&upgraded, "Granted against needed", "</table>");
    let row = |scope: &str| between(table, &format!("<code>{scope}</code>"), "</tr>");
    assert!(row("Place.Read.All").contains("Missing"), "{table}");
    assert!(row("Calendars.ReadWrite").contains(r#"<span class="good">Yes</span>"#), "{table}");
    let told = between(&upgraded, "More is needed than was granted.", "</p>");
    assert!(told.contains("rooms_directory") && told.contains("goes on working"), "{told}");
    assert_eq!(ana.status().await, "connected", "what worked goes on working");
    assert_eq!(ana.schedule("key-after-upgrade").await.status, 201);

    ana.patch(
        "/v1/customer",
        json!({ "enabled": false, "tenant_id": world.microsoft().tenant_id("contoso.com").as_str() }),
    )
    .await;
    let off = open(&world, &link).await.text;
    assert!(
        off.contains("Switched off") && off.contains(world.microsoft().tenant_id("contoso.com").as_str()),
        "{off}"
    );
    assert!(!off.contains("@contoso.com"), "no person is named");
}

/// N7: what was done is there to be read, beside what may be done.
#[tokio::test]
async fn the_page_tells_how_many_are_connected_and_which_calls_were_made_lately() {
    let world = World::start().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    let link = make(&ben).await;
    let told = async |name: &str| {
        let page = open(&world, &link).await.text;
        assert!(!page.contains("@contoso.com") && !page.contains("u-ben"), "no person is named");
        between(between(&page, &format!("<dt>{name}</dt>"), "\n"), "<dd>", "</dd>").to_owned()
    };
    assert_eq!(told("Connections").await, "0 connected, 0 in doubt, waiting or ended");
    assert!(told("Calls to Graph").await.starts_with("0 in the last 24 hours, 0 in the last 7 days."));

    assert_eq!(ben.connect().await, "connected");
    let ana = world.ana().await;
    world.pass_time(minutes(1));
    assert_eq!(ana.schedule("key-of-creation").await.status, 201);
    assert_eq!(told("Connections").await, "2 connected, 0 in doubt, waiting or ended");
    // Two mailboxes were looked at, two time zones asked for, and one interview was made.
    let calls = told("Calls to Graph").await;
    assert!(
        calls.starts_with("5 in the last 24 hours, 5 in the last 7 days, each of them one of"),
        "{calls}"
    );
    let last =
        r"<time>2026-11-24 08:03 UTC</time>, &ldquo;Make an interview; Outlook sends the invitations.&rdquo;";
    assert!(calls.contains(last), "{calls}");

    world.pass_time(minutes(25 * 60));
    assert!(told("Calls to Graph").await.starts_with("0 in the last 24 hours, 5 in the last 7 days"));
    world.switch("revoke-sessions", json!({ "user": "ben@contoso.com" }));
    world.advance(minutes(60)).await;
    assert_eq!(told("Connections").await, "1 connected, 1 in doubt, waiting or ended");
    assert!(
        !super::manifest(&world).await.text.contains("connected, "),
        "the data of the deployment knows no company"
    );

    world.fault(json!({ "service": "dynamodb", "operation": "Query", "kind": "reset", "times": 0 }));
    assert_eq!(told("Connections").await, "Cannot be counted at the moment.");
    assert_eq!(told("Calls to Graph").await, "Cannot be counted at the moment.");
}
