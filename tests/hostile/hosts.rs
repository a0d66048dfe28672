//! Where tokens could be lured to, and what could carry a secret out when something breaks.

use std::net::TcpListener;

use reqwest::Method;
use serde_json::{Value, json};
use shared::app::App;
use shared::domain::secret::{
    AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, CookieSecret, LinkKey, RefreshToken,
};
use shared::function::{Access, HttpFunction, Request, Response, Route, http_event};
use shared::microsoft::IdToken;
use shared::problem::Problem;
use shared::vault::TokenPair;

use crate::world::{World, minutes};

/// A host that nobody should call: it takes no connection, and can tell whether one came.
struct Evil(TcpListener);

impl Evil {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("it can be asked");
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }

    fn was_called(&self) -> bool {
        self.0.accept().is_ok()
    }
}

#[tokio::test]
async fn t15_a_next_page_on_another_host_is_not_asked_for() {
    let world = World::start().await;
    let (ana, evil) = (world.ana().await, Evil::new());
    let graph = world.microsoft().graph_url();
    let places = [
        format!("{}/v1.0/me/events?$skip=5", evil.url()),
        format!("{graph}@{}/v1.0/me/events", evil.url().trim_start_matches("http://")),
        format!("{graph}/v1.0/../../{}/v1.0/me/events", evil.url()),
        format!("//{}/v1.0/me/events", evil.url().trim_start_matches("http://")),
        format!("{graph}.evil.example/v1.0/me/events"),
        format!("{graph}/v1.0/me/messages"),
        format!("{graph}/beta/me/events"),
        "https://graph.microsoft.com/v1.0/me/events".to_owned(),
        "javascript:alert(1)".to_owned(),
        String::new(),
    ];
    for (n, place) in places.iter().enumerate() {
        world.switch("clear-faults", json!({}));
        // The answer to the create is lost, so the event is looked up.
        world.fault(json!({ "service": "graph", "operation": "POST /me/events", "kind": "reset" }));
        world.fault(json!({ "service": "graph", "operation": "GET /me/events", "times": 0,
            "kind": { "body": { "status": 200, "json": { "value": [], "@odata.nextLink": place } } } }));
        let mark = world.journal().last();
        let answer = ana.schedule(&format!("key-of-page-{n}")).await;
        assert!([201, 202, 503].contains(&answer.status), "{place}: {}", answer.text);
        assert!(!evil.was_called(), "{place}");
        let strange: Vec<String> = world
            .graph_since(mark)
            .into_iter()
            .filter(|call| !["POST /me/events", "GET /me/events"].contains(&call.as_str()))
            .collect();
        assert!(strange.is_empty(), "{place}: {strange:?}");
    }
}

#[tokio::test]
async fn t15_a_redirect_is_not_followed_with_a_token_or_a_secret() {
    let world = World::start().await;
    let (ana, evil) = (world.ana().await, Evil::new());
    for status in [301, 302, 303, 307, 308] {
        for (service, operation) in [
            ("graph", "POST /me/events"),
            ("graph", "GET /me/events"),
            ("login", "POST /{tenant}/oauth2/v2.0/token"),
        ] {
            let headers = [["location", &format!("{}/v1.0/me/events", evil.url())]];
            world.fault(json!({ "service": service, "operation": operation,
                "kind": { "raw": { "status": status, "headers": headers, "text": "" } } }));
        }
        let _ = ana.post("/v1/connection/verify", json!({})).await;
        let _ = ana.schedule(&format!("key-of-redirect-{status}")).await;
        assert!(!evil.was_called(), "{status}");
        world.switch("clear-faults", json!({}));
        world.advance(minutes(10)).await;
        assert_eq!(ana.status().await, "connected", "{status}: a redirect is not a refusal");
    }
}

#[tokio::test]
async fn t26_what_graph_calls_a_version_cannot_become_a_header() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-ana-1").await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    for (n, etag) in ["W/\"x\"\r\nx-evil: 1", "\0", "é\u{202e}", "\n"].iter().enumerate() {
        let mut event = world.meeting(&ana.email);
        event["@odata.etag"] = json!(etag);
        world.fault(json!({ "service": "graph", "operation": "GET /me/events/{id}", "times": 0,
            "kind": { "body": { "status": 200, "json": event } } }));
        let change = json!({ "title": format!("Another title {n}") });
        let answer = ana.call(Method::PATCH, &path, Some(&change), &[]).await;
        assert!(answer.status < 500 || answer.status == 503, "{etag:?}: {}", answer.text);
        assert!(!format!("{:?}", answer.headers).contains("x-evil"), "{etag:?}");
        world.switch("clear-faults", json!({}));
    }
    world.advance(minutes(5)).await;
    assert_eq!(ana.get(&path).await.status, 200);
}

#[expect(clippy::needless_pass_by_value, reason = "the type of every handler")]
fn breaks(_: &App, request: Request) -> futures::future::BoxFuture<'_, Result<Response, Problem>> {
    let secret = String::from_utf8_lossy(request.body()).into_owned();
    Box::pin(async move {
        let token = AccessToken::new(secret);
        let held: Result<Response, AccessToken> = std::hint::black_box(Err(token));
        Ok(held.expect("as when somebody expects too much of a value that holds a secret"))
    })
}

#[tokio::test]
async fn t14_a_handler_that_panics_answers_without_what_it_held() {
    const BROKEN: HttpFunction = HttpFunction {
        name: "broken",
        stores: false,
        routes: &[Route::new("POST /v1/broken", Access::Public, breaks)],
    };
    let log = crate::logs::begin();
    let world = World::start().await;
    let canary = "canary-5e1f7c3a90b24d68";
    let event = json!({
        "version": "2.0", "routeKey": "POST /v1/broken", "rawPath": "/v1/broken", "rawQueryString": "",
        "headers": { "content-type": "application/json" }, "body": canary, "isBase64Encoded": false,
        "requestContext": { "accountId": "0", "apiId": "local", "domainName": "localhost", "requestId": "r-1",
            "routeKey": "POST /v1/broken", "stage": "$default", "time": "", "timeEpoch": 0,
            "http": { "method": "POST", "path": "/v1/broken", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "" } },
    });
    let event = http_event(&event.to_string()).expect("an event");
    let answer = BROKEN.answer(world.app("interviews"), event).await;
    let body: Value = serde_json::from_slice(answer.body().as_ref()).expect("JSON");
    assert_eq!((answer.status().as_u16(), body["code"].as_str()), (500, Some("internal-error")));
    assert!(!body.to_string().contains(canary));
    let log = crate::logs::since(log);
    let text = String::from_utf8_lossy(&log);
    assert!(text.contains("A handler panicked"));
    assert!(text.lines().any(|line| line.contains("/v1/broken") && line.contains(r#""Panics":1"#)), "{text}");
    assert!(!sim::Hunt::new([canary]).finds(&log));
}

/// What a panic prints of a value is its `Debug` form.
#[test]
fn t14_no_secret_prints_itself() {
    let canary = "canary-1b7e55d0c9a34f21";
    let text = || canary.to_owned();
    let printed = [
        format!("{:?}", AccessToken::new(text())),
        format!("{:?}", RefreshToken::new(text())),
        format!("{:?}", AuthorizationCode::new(text())),
        format!("{:?}", ClientSecret::new(text())),
        format!("{:?}", CodeVerifier::new(text())),
        format!("{:?}", CookieSecret::new(text())),
        format!("{:?}", LinkKey::new(text())),
        format!("{:?}", IdToken::new(text())),
        format!("{:?}", TokenPair { access: AccessToken::new(text()), refresh: RefreshToken::new(text()) }),
    ];
    for form in printed {
        assert!(!form.contains(canary) && form.contains('…'), "{form}");
    }
}
