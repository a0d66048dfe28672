//! Threat 6: where the browser is sent afterwards.

use serde_json::json;
use sim::Answer::Accept;

use crate::world::{Browser, Person, World};

async fn ask(ana: &Person<'_>, url: &str) -> crate::world::Answer {
    ana.post("/v1/connect-sessions", json!({ "return_url": url })).await
}

/// Whatever is taken leads to our own origin, and nowhere else.
async fn leads_home(ana: &Person<'_>, url: &str) {
    let world = ana.world;
    let answer = ask(ana, url).await;
    if answer.status == 422 {
        assert_eq!(answer.str("/errors/0/pointer"), "/return_url", "{url:?}");
        return;
    }
    assert_eq!(answer.status, 201, "{url:?}: {}", answer.text);
    let back = Browser::new(world).sign_in(answer.str("/url"), "ana@contoso.com", Accept).await;
    let location = back.header("location").expect("a way back");
    let ours = format!("{}/", world.stack.url);
    assert!(back.status == 303 && location.starts_with(&ours), "{url:?} led to {location}");
    assert!(location.contains("status=connected"), "{location}");
    assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{location:?}");
}

#[tokio::test]
async fn t06_a_return_url_of_another_origin_is_refused() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let ours = world.stack.url.clone();
    let host = ours.trim_start_matches("http://").to_owned();
    let other_port = "http://localhost:1/".to_owned();
    for url in [
        "https://evil.example/".to_owned(),
        "//evil.example".to_owned(),
        "\\\\evil.example".to_owned(),
        "/done".to_owned(),
        "done".to_owned(),
        String::new(),
        " ".to_owned(),
        "javascript:alert(1)".to_owned(),
        "data:text/html,x".to_owned(),
        format!("blob:{ours}/x"),
        format!("ftp://{host}/"),
        format!("https://{host}/"),
        other_port,
        "http://localhost/".to_owned(),
        format!("http://evil.example@{host}/"),
        format!("http://{host}@evil.example/"),
        format!("http://u:p@{host}/"),
        format!("http://:p@{host}/"),
        format!("{ours}@evil.example/"),
        format!("{ours}.evil.example/"),
        format!("{ours}\\@evil.example/"),
        format!("http:\\\\{host}\\done"),
        format!("http://evil.example\\@{host}/"),
        format!("http://evil.example#{ours}/"),
        format!("http://evil.example?{ours}/"),
        format!("{ours}/#token"),
        format!("http://evil.example%2f@{host}/"),
        format!("http://127.0.0.1:{}/", host.split(':').next_back().expect("a port")),
        format!("http://localhost.:{}/", host.split(':').next_back().expect("a port")),
        "http://\u{ff4c}ocalhost.evil.example/".to_owned(),
        format!("{ours}/a\u{202e}b"),
        format!("{ours}/a\u{2066}b"),
        format!("{ours}/a\r\nSet-Cookie: x=y"),
        format!("{ours}/a\tb"),
        format!("{ours}/a b"),
        format!("{ours}/\u{0}"),
        format!("{ours}/\u{7f}"),
        format!("ht\ntp://{host}/"),
        format!("{ours}/{}", "x".repeat(2000)),
    ] {
        let refused = ask(&ana, &url).await;
        assert_eq!(refused.problem(), (422, "invalid-request"), "{url:?}");
        assert_eq!(refused.str("/errors/0/pointer"), "/return_url", "{url:?}");
    }
}

#[tokio::test]
async fn t06_whatever_is_taken_leads_to_an_allowed_origin() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let ours = world.stack.url.clone();
    let host = ours.trim_start_matches("http://");
    for url in [
        ours.clone(),
        format!("HTTP://{}/Done", host.to_uppercase()),
        format!("http:{host}/x"),
        format!("http:/{host}/x"),
        format!("http:///{host}/x"),
        format!("{ours}//evil.example/x"),
        format!("{ours}/%2f%2fevil.example"),
        format!("{ours}/..//evil.example"),
        format!("{ours}/@evil.example"),
        format!("{ours}/?next=https://evil.example"),
        format!("{ours}/?status=failed&session=x"),
        format!("{ours}/é?ü=ñ"),
        format!("{ours}/%0d%0aSet-Cookie:%20x=y"),
        format!("{ours}/?a=%00"),
        format!("  {ours}/trimmed  "),
        format!("{ours}/\u{200b}"),
        format!("{ours}/\u{2028}"),
    ] {
        leads_home(&ana, &url).await;
    }
}

#[tokio::test]
async fn t06_random_mixtures_of_dangerous_pieces_never_lead_away() {
    const PIECES: [&str; 22] = [
        "http:",
        "https:",
        "/",
        "//",
        "\\",
        "@",
        ":",
        "#",
        "?",
        "%2f",
        "%5c",
        "%40",
        "%00",
        "\u{202e}",
        "\t",
        "\n",
        ".",
        "..",
        "evil.example",
        "localhost",
        ";",
        "\u{ff0f}",
    ];
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let mut seed: u64 = 20_261_124;
    let mut taken = 0;
    for round in 0..300 {
        let mut url = if round % 2 == 0 { format!("{}/", world.stack.url) } else { String::new() };
        for _ in 0..=round % 6 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            url.push_str(PIECES[usize::try_from(seed >> 33).expect("fits") % PIECES.len()]);
        }
        let answer = ask(&ana, &url).await;
        if answer.status == 201 {
            taken += 1;
            // Only the first ones go all the way; the others are judged by a browser's own parser.
            if taken <= 10 {
                leads_home(&ana, &url).await;
            }
            let parsed = reqwest::Url::parse(&url).expect("what is taken is a URL");
            assert_eq!(parsed.origin().ascii_serialization(), world.stack.url, "{url:?}");
            assert!(!url.contains('\\'), "{url:?}");
        } else {
            assert_eq!(answer.problem(), (422, "invalid-request"), "{url:?}");
        }
    }
    assert!(taken > 20, "the mixtures are not all refused: {taken}");
}

#[tokio::test]
async fn t06_the_way_back_is_not_taken_from_the_callback() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let back = format!(
        "{back}&return_url=https://evil.example&redirect_uri=https://evil.example&RelayState=//evil.example"
    );
    let location = browser.open(&back).await.header("location").expect("a way back").to_owned();
    assert!(
        location.starts_with(&format!("{}/done?status=connected&session=cs_", world.stack.url)),
        "{location}"
    );
}
