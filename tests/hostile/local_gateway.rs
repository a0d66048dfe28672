//! The local stack on a developer's machine, visited by pages of other sites.

use serde_json::json;

use crate::world::{Answer, World};

async fn send(world: &World, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
    let url = format!("{}{path}", world.stack.url);
    let mut request = match body {
        Some(body) => world.http.post(url).body(body.to_owned()),
        None => world.http.get(url),
    };
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::read(request.send().await.expect("the stack answers")).await
}

#[tokio::test]
async fn another_host_is_not_served() {
    let world = World::start().await;
    let port = world.stack.url.rsplit(':').next().expect("a port").to_owned();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "localhost".to_owned(),
        format!("localhost.evil.example:{port}"),
        format!("localhost:{port}.evil.example"),
        format!("LOCALHOST:{port}"),
        format!("[::1]:{port}"),
        format!("127.0.0.2:{port}"),
        format!("user@localhost:{port}"),
        "localhost:1".to_owned(),
    ] {
        for path in
            ["/v1/connection", "/healthz", "/", "/_local/state", "/api/auth/microsoft/callback?state=x"]
        {
            let answer = send(&world, path, &[("host", &host)], None).await;
            assert_eq!(answer.status, 403, "{host} {path}: {}", answer.text);
            assert_eq!(answer.header("location"), None);
        }
    }
    assert_eq!(send(&world, "/healthz", &[("host", &format!("127.0.0.1:{port}"))], None).await.status, 200);
}

#[tokio::test]
async fn a_page_of_another_origin_is_not_served_and_gets_no_permission_to_read() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let bearer = format!("Bearer {}", ana.token);
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost",
        "http://localhost:1",
        "file://",
        "http://127.0.0.1:1",
        "",
    ] {
        for path in ["/v1/connection", "/_local/state", "/healthz"] {
            let answer = send(&world, path, &[("origin", origin), ("authorization", &bearer)], None).await;
            assert_eq!(answer.status, 403, "{origin} {path}");
        }
    }
    let own = world.stack.url.clone();
    let answer = send(&world, "/v1/connection", &[("origin", &own), ("authorization", &bearer)], None).await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control-")));
}

#[tokio::test]
async fn switches_take_json_only_which_no_form_of_another_site_can_send() {
    let world = World::start().await;
    let before = world.now();
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("text/plain; application/json"),
    ] {
        for path in [
            "/_local/clock",
            "/_local/token",
            "/_local/run/token-refresh",
            "/_local/microsoft/revoke-sessions",
        ] {
            let headers: Vec<(&str, &str)> = kind.map(|kind| ("content-type", kind)).into_iter().collect();
            let answer = send(&world, path, &headers, Some("{\"advance_seconds\":60}")).await;
            assert_eq!(answer.status, 415, "{kind:?} {path}");
        }
    }
    assert_eq!(world.now(), before, "nothing was switched");
}

#[tokio::test]
async fn a_switch_with_nonsense_in_it_says_so() {
    let world = World::start().await;
    for body in [
        json!({}),
        json!({ "advance_seconds": -1 }),
        json!({ "advance_seconds": "60" }),
        json!({ "advance_seconds": 1e18 }),
    ] {
        let answer = world.local("clock", &body).await;
        assert!(
            answer["message"].as_str().is_some_and(|text| text.contains("advance_seconds")),
            "{body}: {answer}"
        );
    }
    let answer = world.local("microsoft/no-such-switch", &json!({})).await;
    assert!(answer["message"].as_str().is_some_and(|text| text.contains("no-such-switch")), "{answer}");
}

#[tokio::test]
async fn sign_in_begins_on_the_host_on_which_its_cookie_lives() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = ana.connect_link().await;
    let by_number = link.replace("http://localhost", "http://127.0.0.1");
    let answer = Answer::read(world.http.get(&by_number).send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.header("location")), (307, Some(link.as_str())));
    assert_eq!(answer.header("set-cookie"), None);
}
