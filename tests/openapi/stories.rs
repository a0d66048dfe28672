//! What people do, once over every route, held against the page.

use serde_json::{Value, json};
use sim::Answer as Person;

use super::bodies;
use super::live::Live;
use crate::world::{self, Answer, Browser, World, minutes};

/// Somebody whose every exchange is checked.
pub(super) struct Told<'a> {
    pub(super) live: &'a Live,
    pub(super) person: world::Person<'a>,
}

impl Told<'_> {
    /// `target` fills the path's parameter and may carry a query behind a `?`.
    pub(super) async fn ask(
        &self,
        key: &str,
        target: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let (method, path) = key.split_once(' ').expect("a key");
        let (parameter, query) = target.split_once('?').unwrap_or((target, ""));
        let path =
            path.replace("{id}", parameter).replace("{code}", parameter).replace("{customer}", parameter);
        let path = if query.is_empty() { path } else { format!("{path}?{query}") };
        let answer = self.person.call(method.parse().expect("a method"), &path, body, headers).await;
        self.live.check(key, body, &answer);
        answer
    }

    pub(super) async fn get(&self, key: &str, target: &str) -> Answer {
        self.ask(key, target, None, &[]).await
    }

    /// A POST under an idempotency key.
    pub(super) async fn post(&self, key: &str, target: &str, body: &Value, name: &str) -> Answer {
        self.ask(key, target, Some(body), &[("idempotency-key", name)]).await
    }
}

const CREATE: &str = "POST /v1/interviews";
const MOVE: &str = "POST /v1/interviews/{id}/reschedule";
const CANCEL: &str = "POST /v1/interviews/{id}/cancel";
const PATCH: &str = "PATCH /v1/interviews/{id}";

pub(super) async fn pages(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    told.get("GET /healthz", "").await;
    told.get("GET /problems/{code}", "not-connected").await;
    told.get("GET /doctor", "").await;
    told.ask("POST /doctor", "", None, &[("content-type", "application/x-www-form-urlencoded")]).await;
    let body = json!({ "text": "AADSTS50173: revoked" });
    assert_eq!(told.ask("POST /v1/diagnoses", "", Some(&body), &[]).await.status, 200);
    assert_eq!(told.get("GET /problems/{code}", "never-heard").await.status, 404);
    assert_eq!(told.get("GET /api/auth/microsoft/connect", "?session=x").await.status, 400);
    assert_eq!(told.get("GET /api/auth/microsoft/callback", "?state=x").await.status, 400);
    assert_eq!(told.get("GET /api/auth/microsoft/admin-consent", "?approval=x").await.status, 400);
}

/// What IT administrators read, in general and of their own company.
pub(super) async fn it_pages(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    told.get("GET /it", "").await;
    told.get("GET /it/manifest.json", "").await;
    told.get("GET /.well-known/microsoft-identity-association.json", "").await;
    let made = told.ask("POST /v1/customer/it-link", "", None, &[]).await;
    let key = world::parameter(made.str("/url"), "key").expect("a key");
    assert_eq!(told.get("GET /it/{customer}", &format!("acme?key={key}")).await.status, 200);
    assert_eq!(told.get("GET /it/{customer}", "acme?key=other").await.status, 404);
}

pub(super) async fn customer(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    let read = told.get("GET /v1/customer", "").await;
    let tag = read.header("etag").expect("a tag").to_owned();
    let body = bodies::customer();
    let saved = told.ask("PATCH /v1/customer", "", Some(&body), &[("if-match", &tag)]).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let stale = told.ask("PATCH /v1/customer", "", Some(&body), &[("if-match", &tag)]).await;
    assert_eq!(stale.status, 412);
    told.get("GET /v1/customer", "").await;

    let weak =
        world.person_with(json!({ "sub": "u-ana", "customer_id": "acme", "scope": "connections" })).await;
    let weak = Told { live, person: weak };
    assert_eq!(weak.get("GET /v1/customer", "").await.status, 403);
    let nobody = Told { live, person: world::Person { token: "nonsense".to_owned(), ..told.person.clone() } };
    assert_eq!(nobody.get("GET /v1/customer", "").await.status, 401);
    let nameless = world.person_with(json!({ "customer_id": "acme", "scope": "connections" })).await;
    let nameless = Told { live, person: nameless };
    assert_eq!(nameless.get("GET /v1/connection", "").await.problem(), (403, "forbidden"));

    let leaver = Told { live, person: world.person("u-lea", "leaving", "lea@contoso.com").await };
    let receipt = leaver.get("DELETE /v1/customer", "").await;
    assert_eq!(receipt.status, 202);
    let late = leaver.ask("PATCH /v1/customer", "", Some(&body), &[]).await;
    assert_eq!(late.problem(), (409, "deletion-in-progress"));
}

/// Connects Ana, with a repeat of the callback while the first still runs.
pub(super) async fn connect(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    assert_eq!(told.get("GET /v1/connection", "").await.str("/status"), "not_connected");
    let refused = told.ask("POST /v1/connection/verify", "", None, &[]).await;
    assert_eq!(refused.problem(), (409, "not-connected"));
    let body = bodies::session(&world.stack.url);
    let link = told.ask("POST /v1/connect-sessions", "", Some(&body), &[]).await.str("/url").to_owned();
    let browser = Browser::new(world);
    let out = browser.open(&link).await;
    live.check("GET /api/auth/microsoft/connect", None, &out);
    let authorize = out.header("location").expect("a redirect").to_owned();
    let back =
        world.microsoft().sign_in(&authorize, "ana@contoso.com", Person::Accept).expect("it sends back");
    world.fault(json!({ "service": "login", "kind": { "latency": { "ms": 700 } } }));
    let (first, second) = tokio::join!(browser.open(&back), browser.open(&back));
    for answer in [&first, &second] {
        live.check("GET /api/auth/microsoft/callback", None, answer);
    }
    let both = [first.status, second.status];
    assert!(both.contains(&303) && both.contains(&200), "{both:?}");
    world.advance(minutes(2)).await;
}

/// A request for approval, taken back, and another that is granted.
pub(super) async fn approvals(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    let body = json!({ "justification": "Interviews", "expires_in_days": 2, "organization": "Contoso" });
    let asked = told.ask("POST /v1/approvals", "", Some(&body), &[]).await;
    told.ask("POST /v1/approvals", "", Some(&body), &[]).await;
    let browser = Browser::new(world);
    let out = browser.open(asked.str("/admin_url")).await;
    live.check("GET /api/auth/microsoft/admin-consent", None, &out);
    let mut page = out.header("location").expect("a redirect").to_owned();
    for _ in 0..2 {
        let back =
            world.microsoft().sign_in(&page, "admin@contoso.com", Person::Accept).expect("it sends back");
        let answer = browser.open(&back).await;
        live.check("GET /api/auth/microsoft/callback", None, &answer);
        answer.header("location").unwrap_or_default().clone_into(&mut page);
    }
    let ended = browser.open(asked.str("/admin_url")).await;
    live.check("GET /api/auth/microsoft/admin-consent", None, &ended);
    told.get("GET /v1/approvals/{id}", asked.str("/id")).await;
    told.get("GET /v1/approvals/{id}", "apr_x").await;
    let first = told.get("GET /v1/approvals", "?limit=1").await;
    told.get("GET /v1/approvals", &format!("?cursor={}", first.str("/next_cursor"))).await;
    told.ask("POST /v1/approvals/{id}/withdraw", asked.str("/id"), None, &[]).await;
}

pub(super) async fn connections(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    let own = told.get("GET /v1/connection", "").await;
    assert_eq!(own.str("/status"), "connected");
    told.ask("POST /v1/connection/verify", "", None, &[]).await;
    assert_eq!(told.get("GET /v1/customer", "").await.str("/consent/state"), "granted");
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let page = told.get("GET /v1/connections", "?limit=1").await;
    told.get("GET /v1/connections", &format!("?cursor={}", page.str("/next_cursor"))).await;
    assert_eq!(told.get("GET /v1/connections", "?limit=none").await.problem(), (422, "invalid-request"));
    told.get("GET /v1/connections/{id}", own.str("/id")).await;
    assert_eq!(told.get("GET /v1/connections/{id}", "con_x").await.status, 404);
    let bens = ben.connection().await;
    told.get("DELETE /v1/connections/{id}", bens["id"].as_str().expect("an id")).await;
}

pub(super) async fn interviews(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    let body = bodies::interview();
    let made = told.post(CREATE, "", &body, "key-1-of-ana").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let again = told.post(CREATE, "", &body, "key-1-of-ana").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = told.post(CREATE, "", &bodies::time(), "key-1-of-ana").await;
    assert_eq!(other.status, 422);
    let (id, tag) = (made.str("/id"), made.header("etag").expect("a tag"));
    told.get("GET /v1/interviews/{id}", id).await;
    assert_eq!(told.get("GET /v1/interviews/{id}", "int_x").await.status, 404);
    let steps = told.get("GET /v1/interviews/{id}/timeline", id).await;
    assert_eq!(steps.json["data"].as_array().map(Vec::len), Some(1), "{}", steps.text);
    assert_eq!(told.get("GET /v1/interviews/{id}/timeline", "int_x").await.status, 404);
    let changed = told.ask(PATCH, id, Some(&bodies::patch()), &[("if-match", tag)]).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let stale = told.ask(PATCH, id, Some(&bodies::patch()), &[("if-match", tag)]).await;
    assert_eq!(stale.problem(), (412, "version-mismatch"));
    let moved = told.post(MOVE, id, &bodies::time(), "key-2-of-ana").await;
    assert_eq!((moved.status, moved.str("/join_url")), (200, made.str("/join_url")), "{}", moved.text);
    unsettled(world, &told, id).await;
    told.post(
        CREATE,
        "",
        &json!({ "title": "A second", "start": "2026-12-02T10:00:00Z", "end": "2026-12-02T11:00:00Z",
        "candidates": [{ "email": "dana@example.org" }] }),
        "key-3-of-ana",
    )
    .await;
    world.switch("teams", json!({ "user": "ana@contoso.com", "allowed": false }));
    let mut styled = bodies::interview();
    styled["body_html"] = json!("<p style=\"x\">Bring your questions.</p>");
    let bare = told.post(CREATE, "", &styled, "key-of-no-teams").await;
    assert_eq!((bare.status, bare.str("/problem/code")), (201, "teams-not-available"));
    world.switch("teams", json!({ "user": "ana@contoso.com" }));
    let page = told.get("GET /v1/interviews", "?limit=1").await;
    told.get("GET /v1/interviews", &format!("?cursor={}", page.str("/next_cursor"))).await;
    let gone = told.post(CANCEL, id, &json!({ "comment": "The position is filled." }), "key-4-of-ana").await;
    assert_eq!((gone.status, gone.str("/status")), (200, "cancelled"), "{}", gone.text);
}

/// Microsoft does as it is told, but no answer comes back.
async fn unsettled(world: &World, told: &Told<'_>, id: &str) {
    let lost = || world.fault(json!({ "service": "graph", "kind": "reset", "times": 0 }));
    let heal = || drop(world.switch("clear-faults", json!({})));
    lost();
    let asked = told.post(CREATE, "", &bodies::interview(), "key-5-of-ana").await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    let busy = told.post(CREATE, "", &bodies::interview(), "key-5-of-ana").await;
    assert_eq!(busy.problem(), (409, "idempotency-key-in-progress"));
    heal();
    world.advance(minutes(3)).await;
    // Refused, and our own store cannot take that down: there is no interview to show.
    world.fault(json!({ "service": "graph", "kind": { "status": { "status": 400 } } }));
    world.fault(
        json!({ "service": "dynamodb", "operation": "TransactWriteItems", "kind": "reset", "times": 0 }),
    );
    let asked = told.post(CREATE, "", &bodies::interview(), "key-of-refusal").await;
    assert_eq!(
        (asked.status, asked.json.as_object().map(serde_json::Map::len)),
        (202, Some(2)),
        "{}",
        asked.text
    );
    heal();
    world.advance(minutes(3)).await;
    lost();
    // With a comment the event is read first; without, the write itself is what is lost.
    let mut time = bodies::time();
    drop(time.as_object_mut().expect("an object").remove("comment"));
    assert_eq!(told.post(MOVE, id, &time, "key-6-of-ana").await.status, 202);
    heal();
    world.advance(minutes(3)).await;
    // These two read again, or may be repeated at will; so it is our own store whose answer is lost.
    let forget = || {
        let lost =
            json!({ "service": "dynamodb", "operation": "TransactWriteItems", "kind": "reset", "times": 0 });
        world.fault(lost);
    };
    forget();
    assert_eq!(told.ask(PATCH, id, Some(&json!({ "title": "Third" })), &[]).await.status, 202);
    heal();
    world.advance(minutes(3)).await;
    forget();
    assert_eq!(told.post(CANCEL, id, &json!({}), "key-7-of-ana").await.status, 202);
    heal();
    world.advance(minutes(3)).await;
}

/// Refusals, each with the problem that the page lists.
pub(super) async fn refusals(live: &Live, world: &World) {
    let ana = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    let with = |name: &str, value: Value| {
        let mut body = bodies::interview();
        body[name] = value;
        body
    };
    for (body, code) in [
        (with("unheard", json!(1)), "unknown-field"),
        (with("start", json!("2026-10-25T02:30:00")), "ambiguous-local-time"),
        (with("title", json!(null)), "invalid-request"),
    ] {
        let refused = ana.post(CREATE, "", &body, "key-8-of-ana").await;
        assert_eq!(refused.problem().1, code, "{}", refused.text);
    }
    assert_eq!(ana.ask(CREATE, "", Some(&bodies::interview()), &[]).await.problem().0, 400);
    let large = with("body_html", json!("x".repeat(70_000)));
    assert_eq!(ana.post(CREATE, "", &large, "key-8-of-ana").await.status, 413);
    let text = [("idempotency-key", "key-8-of-ana"), ("content-type", "text/plain")];
    assert_eq!(ana.ask(CREATE, "", Some(&bodies::interview()), &text).await.status, 415);
    world.switch("throttle", json!({ "times": 9, "retry_after": 60 }));
    assert_eq!(ana.post(CREATE, "", &bodies::interview(), "key-8-of-ana").await.status, 503);
    world.switch("clear-faults", json!({}));
    world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
    assert_eq!(ana.ask("POST /v1/connection/verify", "", None, &[]).await.str("/status"), "checking");
    world.advance(minutes(8)).await;
    let dropped = ana.get("GET /v1/connection", "").await;
    assert_eq!(dropped.str("/status"), "needs_reauth");
    let refused = ana.post(CREATE, "", &bodies::interview(), "key-9-of-ana").await;
    assert_eq!(refused.problem(), (409, "connection-needs-reauth"));
    ana.get("DELETE /v1/connection", "").await;
    let nora = Told { live, person: world.person("u-nora", "acme", "nomail@contoso.com").await };
    assert_eq!(nora.person.connect().await, "failed");
    let never = nora.get("GET /v1/connection", "").await;
    assert_eq!(never.str("/last_attempt/reason"), "mailbox-unavailable");
}
