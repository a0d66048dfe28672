//! Threat 25: bodies that are big, deep, doubled or not JSON at all.

use reqwest::Method;
use serde_json::json;

use crate::world::{Answer, Person, World};

async fn send(person: &Person<'_>, method: Method, path: &str, kind: Option<&str>, body: Vec<u8>) -> Answer {
    let mut request = person.world.http.request(method, format!("{}{path}", person.world.stack.url));
    request = request.bearer_auth(&person.token).header("idempotency-key", "key-of-body-tests").body(body);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    Answer::read(request.send().await.expect("the stack answers")).await
}

/// Every route that must be given a body.
fn routes() -> [(Method, &'static str); 8] {
    [
        (Method::PATCH, "/v1/customer"),
        (Method::POST, "/v1/connect-sessions"),
        (Method::POST, "/v1/interviews"),
        (Method::PATCH, "/v1/interviews/int_00000000000000000000000000"),
        (Method::POST, "/v1/interviews/int_00000000000000000000000000/reschedule"),
        (Method::POST, "/v1/availability"),
        (Method::POST, "/v1/approvals"),
        (Method::POST, "/v1/diagnoses"),
    ]
}

#[tokio::test]
async fn t25_a_body_that_is_not_one_json_object_is_malformed() {
    let world = World::start().await;
    let ana = world.ana().await;
    let deep =
        |open: &str, close: &str, n: usize| format!("{{\"name\":{}{}}}", open.repeat(n), close.repeat(n));
    let bodies: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"\"x\"".to_vec(),
        b"7".to_vec(),
        b"{} {}".to_vec(),
        b"{}x".to_vec(),
        b"{\"name\":NaN}".to_vec(),
        b"{\"name\":'x'}".to_vec(),
        b"{name:1}".to_vec(),
        b"{\"name\":1,}".to_vec(),
        b"{\"name\":\"x\",\"name\":\"y\"}".to_vec(),
        b"{\"name\":\"x\",\"n\\u0061me\":\"y\"}".to_vec(),
        b"{\"rooms\":[{\"email\":\"a@b.io\",\"email\":\"c@d.io\"}]}".to_vec(),
        b"{\"name\":\"\\ud800\"}".to_vec(),
        b"{\"name\":\"\xff\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"\xff\xfe{\x00}\x00".to_vec(),
        b"{\"name\":1e999}".to_vec(),
        b"\0".to_vec(),
        b" ".to_vec(),
        b"{\"name\":\"a\nb\"}".to_vec(),
        deep("[", "]", 33).into_bytes(),
        deep("[", "]", 30_000).into_bytes(),
        deep("{\"a\":", "}", 33).into_bytes(),
    ];
    for (method, path) in routes() {
        for body in &bodies {
            let answer = send(&ana, method.clone(), path, Some("application/json"), body.clone()).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            assert_eq!(answer.problem(), (400, "malformed-json"), "{method} {path} {shown}: {}", answer.text);
            assert!(answer.text.len() < 1500, "the body is not sent back");
        }
    }
    assert_eq!(ana.get("/v1/customer").await.json["name"], json!(null));
}

#[tokio::test]
async fn t25_depth_within_bounds_is_a_matter_of_fields() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let body = format!("{{\"name\":{}{}}}", "[".repeat(31), "]".repeat(31));
    let answer = send(&ana, Method::PATCH, "/v1/customer", Some("application/json"), body.into_bytes()).await;
    assert_eq!(answer.problem(), (422, "invalid-request"));
}

#[tokio::test]
async fn t25_a_body_over_64_kib_is_too_large() {
    let world = World::start().await;
    let ana = world.ana().await;
    let sized = |size: usize| {
        let frame = "{\"name\":\"\"}".len();
        format!("{{\"name\":\"{}\"}}", "x".repeat(size - frame)).into_bytes()
    };
    for (method, path) in routes() {
        let most = send(&ana, method.clone(), path, Some("application/json"), sized(64 * 1024)).await;
        assert_eq!(most.status, 422, "{method} {path}: {}", most.text);
        for size in [64 * 1024 + 1, 5 * 1024 * 1024] {
            let over = send(&ana, method.clone(), path, Some("application/json"), sized(size)).await;
            assert_eq!(over.problem(), (413, "payload-too-large"), "{method} {path}");
        }
    }
    let beyond =
        send(&ana, Method::PATCH, "/v1/customer", Some("application/json"), sized(10 * 1024 * 1024 + 1))
            .await;
    assert_eq!(
        (beyond.status, beyond.str("/message")),
        (413, "Request Entity Too Large"),
        "the gateway's own limit"
    );
}

#[tokio::test]
async fn t25_a_body_is_json_by_its_content_type() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let body = || b"{\"name\":\"Acme\"}".to_vec();
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonp"),
        Some("application"),
        Some("application/problem+json"),
        Some("multipart/form-data; boundary=application/json"),
        Some("text/json"),
        Some(""),
    ] {
        let answer = send(&ana, Method::PATCH, "/v1/customer", kind, body()).await;
        assert_eq!(answer.problem(), (415, "unsupported-media-type"), "{kind:?}");
    }
    for kind in
        ["application/json", "Application/JSON", "application/json; charset=utf-8", " application/json ;x=y"]
    {
        let answer = send(&ana, Method::PATCH, "/v1/customer", Some(kind), body()).await;
        assert_eq!(answer.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn t25_compressed_bodies_are_not_unpacked() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let url = format!("{}/v1/customer", world.stack.url);
    let request = world.http.patch(url).bearer_auth(&ana.token).header("content-type", "application/json");
    let request = request
        .header("content-encoding", "gzip")
        .body(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0C\xbf\xa6\xa3\x02\0\0\0".to_vec());
    let answer = Answer::read(request.send().await.expect("an answer")).await;
    assert_eq!(answer.problem(), (400, "malformed-json"));
}

#[tokio::test]
async fn t25_bodies_of_strangers_are_not_even_measured() {
    let world = World::start().await;
    let mut eve = world.person("u-eve", "acme", "eve@contoso.com").await;
    "not-a-token".clone_into(&mut eve.token);
    let mark = world.journal().last();
    let answer = send(&eve, Method::PATCH, "/v1/customer", Some("text/plain"), vec![b'x'; 100 * 1024]).await;
    assert_eq!(answer.status, 401);
    assert!(world.journal().since(mark).is_empty(), "no call for anybody unknown");
}
