//! The edge of the API: each odd request is told as what it is, and one request is one request however it is written.

use reqwest::Method;
use serde_json::{Value, json};

use super::reschedule::tomorrow;
use crate::world::{Answer, Person, World, interview, minutes};

pub(super) async fn ask(person: &Person<'_>, key: &str, change: Value) -> Answer {
    let mut body = interview();
    body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    person.post_as(key, "/v1/interviews", &body).await
}

pub(super) async fn send(
    person: &Person<'_>,
    method: Method,
    path: &str,
    body: &[u8],
    headers: &[(&str, &str)],
) -> Answer {
    let world = person.world;
    let mut request =
        world.http.request(method, format!("{}{path}", world.stack.url)).bearer_auth(&person.token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::read(request.body(body.to_vec()).send().await.expect("an answer")).await
}

fn messages(answer: &Answer) -> String {
    answer.json["errors"].as_array().into_iter().flatten().map(|error| error["message"].to_string()).collect()
}

#[tokio::test]
async fn a_cursor_leads_on_in_its_own_list_only() {
    let world = World::start().await;
    let ana = world.ana().await;
    for n in 0..3 {
        assert_eq!(ask(&ana, &format!("key-of-number-{n}"), json!({})).await.status, 201);
    }
    let page = ana.get("/v1/interviews?limit=1").await;
    let cursor = page.str("/next_cursor").to_owned();
    assert_eq!(
        ana.get(&format!("/v1/interviews?limit=2&cursor={cursor}")).await.status,
        200,
        "another limit is fine"
    );
    let id = page.str("/data/0/id");
    let fay = world.person("u-ana", "globex", "fay@fabrikam.com").await;
    let weak = json!({ "sub": "u-ana", "customer_id": "acme", "scope": "interviews" });
    let not_admin = world.person_with(weak).await;
    for (who, path) in [
        (&ana, format!("/v1/interviews?cursor={id}")),
        (&ana, "/v1/interviews?cursor=abc".to_owned()),
        (&ana, format!("/v1/interviews?cursor={}", &cursor[1..])),
        (&ana, format!("/v1/approvals?cursor={cursor}")),
        (&ana, format!("/v1/connections?cursor={cursor}")),
        (&ana, format!("/v1/graph-calls?cursor={cursor}")),
        (&fay, format!("/v1/interviews?cursor={cursor}")),
        (&not_admin, format!("/v1/interviews?cursor={cursor}")),
    ] {
        let refused = who.get(&path).await;
        assert_eq!(refused.problem(), (422, "invalid-request"), "{path}: {}", refused.text);
        assert!(refused.str("/detail").contains("cursor"), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_query_parameter_that_a_route_does_not_know_is_refused_on_every_route() {
    let world = World::start().await;
    let ana = world.ana().await;
    for function in local::http_functions() {
        for route in function.routes {
            let (method, path) = shared::function::split_key(route.key);
            if !path.starts_with("/v1/") {
                continue;
            }
            let path = path.replace("{id}", "int_00000000000000000000000000");
            let refused = send(&ana, method.clone(), &format!("{path}?colour=red"), b"", &[]).await;
            // Not every scope is held here: then the gateway answers.
            assert!(
                refused.status == 403 || refused.problem() == (422, "unknown-field"),
                "{}: {}",
                route.key,
                refused.text
            );
            assert!(refused.status == 403 || refused.str("/detail").contains("colour"), "{}", refused.text);
        }
    }
    for query in ["limit=5&limit=5", "cursor=a&cursor=b"] {
        let refused = ana.get(&format!("/v1/interviews?{query}")).await;
        assert_eq!(refused.problem(), (422, "invalid-request"), "{query}");
        assert!(messages(&refused).contains("once"), "{}", refused.text);
    }
    // Microsoft and browsers add parameters of their own.
    assert_eq!(ana.get("/healthz?x=1").await.status, 200);
}

#[tokio::test]
async fn if_match_is_read_as_what_it_is() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let (path, etag) =
        (format!("/v1/interviews/{}", made.str("/id")), made.header("etag").expect("a tag").to_owned());
    let bare = etag.trim_matches('"').to_owned();
    let n = world.journal().last();
    for header in [bare.clone(), format!("W/{etag}"), String::new(), format!("{etag} {etag}")] {
        for (method, path, body) in [
            (Method::PATCH, path.clone(), json!({ "title": "x" })),
            (Method::POST, format!("{path}/cancel"), json!({})),
            (Method::PATCH, "/v1/customer".to_owned(), json!({ "name": "x" })),
        ] {
            let headers = [("if-match", header.as_str()), ("idempotency-key", "key-of-a-change")];
            let refused = ana.call(method, &path, Some(&body), &headers).await;
            assert_eq!(refused.problem(), (422, "invalid-request"), "{header}: {}", refused.text);
            assert!(refused.str("/detail").contains("If-Match"), "{}", refused.text);
        }
    }
    assert_eq!(world.journal().last(), n, "nothing is asked of anybody");
    let patch = async |header: &str, title: &str| {
        ana.call(Method::PATCH, &path, Some(&json!({ "title": title })), &[("if-match", header)]).await
    };
    assert_eq!(patch("\"99\"", "a").await.problem(), (412, "version-mismatch"));
    assert_eq!(patch("\"98\", \"99\"", "a").await.problem(), (412, "version-mismatch"));
    assert_eq!(patch(&format!("\"99\", {etag}"), "b").await.status, 200);
    assert_eq!(patch("*", "c").await.status, 200);
    assert_eq!(patch(&etag, "d").await.problem(), (412, "version-mismatch"), "it has changed since");
}

#[tokio::test]
async fn an_odd_time_is_told_as_what_it_is() {
    let world = World::start().await;
    let ana = world.ana().await;
    for (change, pointer, said) in [
        (json!({ "start": "2027-02-31T10:00:00" }), "/start", "does not exist"),
        (json!({ "start": "2027-02-28T25:00:00" }), "/start", "does not exist"),
        (json!({ "end": "2027-13-01T10:00:00+01:00" }), "/end", "does not exist"),
        (json!({ "start": "2026-12-01" }), "/start", "date without a time"),
        (json!({ "end": "2026-12-01" }), "/end", "date without a time"),
        (json!({ "start": "1999-12-31T10:00:00", "end": "1999-12-31T11:00:00" }), "/start", "2000 to 2100"),
        (json!({ "start": "2101-01-01T10:00:00", "end": "2101-01-01T11:00:00" }), "/start", "2000 to 2100"),
        (
            json!({ "start": "2026-12-01T10:00:00+05:00", "end": "2026-12-01T10:45:00+01:00" }),
            "/start",
            "+05:00",
        ),
        (
            json!({ "start": "2026-12-01T10:00:00+01:00", "end": "2026-12-01T10:45:00+02:00" }),
            "/end",
            "Europe/Paris has +01:00",
        ),
        (json!({ "start": "2026-12-01T10:00:00+00:00" }), "/start", "+00:00"),
        (json!({ "start": "2026-12-01T10:00:00+01:00[Europe/Paris]" }), "/start", "RFC 3339"),
        (json!({ "start": "next Tuesday" }), "/start", "RFC 3339"),
    ] {
        let refused = ask(&ana, "key-of-one-request", change.clone()).await;
        assert_eq!(refused.problem(), (422, "invalid-request"), "{change} {}", refused.text);
        let faults = refused.json["errors"].as_array().expect("errors");
        let told = faults.iter().any(|fault| {
            fault["pointer"] == pointer
                && fault["message"].as_str().is_some_and(|message| message.contains(said))
        });
        assert!(told, "{change}: {}", refused.text);
    }
    assert!(world.journal().calls().is_empty());
    // An instant in UTC contradicts no zone; fractions of a second are cut.
    let made = ask(
        &ana,
        "key-of-one-request",
        json!({ "start": "2026-12-01T09:00:00.999Z", "end": "2026-12-01T09:45:00.5Z" }),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(
        (made.str("/start"), made.str("/end")),
        ("2026-12-01T10:00:00+01:00", "2026-12-01T10:45:00+01:00")
    );
}

#[tokio::test]
async fn what_is_over_is_refused_unless_that_is_meant() {
    let world = World::start().await;
    let ana = world.ana().await;
    // It is 08:02 in London, 09:02 in Paris.
    let yesterday = json!({ "start": "2026-11-23T10:00:00", "end": "2026-11-23T10:45:00" });
    let running = json!({ "start": "2026-11-24T08:30:00", "end": "2026-11-24T09:30:00" });
    for (change, faults) in [(&yesterday, 2), (&running, 1)] {
        let refused = ask(&ana, "key-of-one-request", change.clone()).await;
        assert_eq!(refused.problem(), (422, "invalid-request"), "{}", refused.text);
        assert_eq!(refused.json["errors"].as_array().map(Vec::len), Some(faults), "{}", refused.text);
        assert!(refused.str("/detail").contains("allow_past"), "{}", refused.text);
    }
    let both = ask(
        &ana,
        "key-of-one-request",
        json!({ "start": "2026-11-23T10:00:00", "end": "2026-11-23T10:45:00", "title": " " }),
    )
    .await;
    assert_eq!(both.json["errors"].as_array().map(Vec::len), Some(3), "all faults at once: {}", both.text);
    let now = ask(
        &ana,
        "key-of-the-minute",
        json!({ "start": "2026-11-24T09:02:00", "end": "2026-11-24T09:30:00" }),
    )
    .await;
    assert_eq!(now.status, 201, "the minute that is running is not over: {}", now.text);
    let mut late = yesterday.clone();
    late["allow_past"] = json!(true);
    let made = ask(&ana, "key-of-one-request", late).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/v1/interviews/{}/reschedule", now.str("/id"));
    let mut back = json!({ "start": "2026-11-24T07:00:00Z", "end": "2026-11-24T07:30:00Z", "time_zone": "Europe/Paris" });
    let refused = ana.post_as("key-of-a-move", &path, &back).await;
    assert_eq!((refused.problem(), refused.str("/errors/0/pointer")), ((422, "invalid-request"), "/start"));
    back["allow_past"] = json!(true);
    assert_eq!(
        ana.post_as("key-of-a-move", &path, &back).await.status,
        200,
        "the refusal did not burn the key"
    );
}

/// A client that lost the answer repeats its request; by then the interview may be over.
#[tokio::test]
async fn a_repeat_is_answered_as_before_although_its_time_is_over() {
    let world = World::start().await;
    let ana = world.ana().await;
    let soon = json!({ "start": "2026-11-24T09:10:00", "end": "2026-11-24T09:20:00" });
    let first = ask(&ana, "key-of-one-request", soon.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text);
    world.pass_time(minutes(60));
    let again = ask(&ana, "key-of-one-request", soon.clone()).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(ask(&ana, "key-of-another-one", soon).await.problem(), (422, "invalid-request"));
}

#[tokio::test]
async fn the_same_request_written_anew_is_the_same_request() {
    let world = World::start().await;
    let ana = world.ana().await;
    let headers =
        [("idempotency-key", "key-of-one-request"), ("content-type", "application/json; charset=UTF-8")];
    let post = async |body: &str| send(&ana, Method::POST, "/v1/interviews", body.as_bytes(), &headers).await;
    let first = post(r#"{"title":"Café","start":"2026-12-01T10:00:00","end":"2026-12-01T10:45:00","time_zone":"Europe/Paris","candidates":[{"email":"dana@example.org","name":"Dana"}]}"#).await;
    assert_eq!(first.status, 201, "{}", first.text);
    for other in [
        "{ \"candidates\": [ {\"name\":\"Dana\", \"email\":\"dana@example.org\"} ],\n \"time_zone\": \"Europe/Paris\", \"end\": \"2026-12-01T10:45:00\", \"start\": \"2026-12-01T10:00:00\", \"title\": \"Caf\\u00e9\" }",
        "{\"title\":\"Caf\\u00E9\",\"body_html\":null,\"start\":\"2026-12-01T10:00:00\",\"end\":\"2026-12-01T10:45:00\",\"time_zone\":\"Europe/Paris\",\"candidates\":[{\"email\":\"dana\\u0040example.org\",\"name\":\"Dana\"}]}",
    ] {
        let again = post(other).await;
        assert_eq!((again.status, &again.text), (201, &first.text), "{other}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    let other = post(r#"{"title":"Cafe","start":"2026-12-01T10:00:00","end":"2026-12-01T10:45:00","time_zone":"Europe/Paris","candidates":[{"email":"dana@example.org","name":"Dana"}]}"#).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused"));
    assert_eq!(world.mails().len(), 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_used_is_told_why() {
    let world = World::start().await;
    let ana = world.ana().await;
    let body = interview();
    let detail = async |key: &str| ana.post_as(key, "/v1/interviews", &body).await.str("/detail").to_owned();
    let none = ana.post("/v1/interviews", body.clone()).await;
    assert_eq!(none.problem(), (400, "idempotency-key-missing"), "{}", none.text);
    assert_eq!(ana.post_as("1234567", "/v1/interviews", &body).await.problem(), (422, "invalid-request"));
    assert!(detail("1234567").await.contains("7 characters"));
    assert!(detail(&"x".repeat(256)).await.contains("256 characters"));
    assert!(detail("tab\there and there").await.contains("printable"));
    assert!(detail("käse-und-brot").await.contains("characters"));
    let text = serde_json::to_vec(&body).expect("JSON");
    let twice = async |one: &str, other: &str| {
        let headers =
            [("content-type", "application/json"), ("idempotency-key", one), ("idempotency-key", other)];
        send(&ana, Method::POST, "/v1/interviews", &text, &headers).await
    };
    let same = twice("key-number-one", "key-number-one").await;
    assert_eq!(same.status, 201, "{}", same.text);
    let once = ana.post_as("key-number-one", "/v1/interviews", &body).await;
    assert_eq!(once.header("idempotent-replayed"), Some("true"));
    // A comma is a printable character like any other.
    let comma = ana.post_as("order-1234,step-5678", "/v1/interviews", &body).await;
    assert_eq!((comma.status, comma.header("idempotent-replayed")), (201, None), "{}", comma.text);
}

#[tokio::test]
async fn the_detail_is_the_first_fault_in_words() {
    let world = World::start().await;
    let ana = world.ana().await;
    let one = ask(&ana, "key-of-one-request", json!({ "title": 5 })).await;
    assert_eq!(one.str("/detail"), "/title: must be a text.");
    let two = ask(&ana, "key-of-one-request", json!({ "title": 5, "rooms": ["x"] })).await;
    assert_eq!(two.str("/detail"), "/title: must be a text. One more fault is listed in errors.");
    let locale = json!({ "return_url": format!("{}/done", world.stack.url), "locale": "english please" });
    let refused = ana.post("/v1/connect-sessions", locale).await;
    assert_eq!((refused.problem(), refused.str("/errors/0/pointer")), ((422, "invalid-request"), "/locale"));
}

#[tokio::test]
async fn blanks_around_addresses_and_marks_that_show_nothing_are_left_out() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ask(&ana, "key-of-one-request", json!({
        "title": "\u{200f}ראיון\u{200e} Interview\u{202e}!\nDay\u{0}",
        "candidates": [{ "email": " dana@example.org\u{200b}\t", "name": "\u{200e}Dana\u{2060} \u{feff}" }],
        "interviewers": [{ "email": "\u{feff}carl@contoso.com " }],
    }))
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.str("/title"), "ראיון Interview! Day");
    assert_eq!(made.json["candidates"][0], json!({ "email": "dana@example.org", "name": "Dana" }));
    assert_eq!(made.str("/interviewers/0/email"), "carl@contoso.com");
    assert_eq!(world.meetings("ana@contoso.com").len(), 1);
}

#[tokio::test]
async fn what_editors_write_is_taken_and_what_is_left_out_is_told() {
    let world = World::start().await;
    let ana = world.ana().await;
    let text = "<div><h2>Agenda</h2><p><strong>Bring</strong> <em>your</em> <u>CV</u></p><blockquote>see you</blockquote><pre>x</pre></div>";
    let plain = ask(&ana, "key-of-a-plain-text", json!({ "body_html": text })).await;
    assert_eq!((plain.status, plain.str("/body_html")), (201, text), "{}", plain.text);
    assert_eq!(plain.json["warnings"], json!([]));
    let styled = "<p style=\"color:red\" onclick=\"x\">a</p><script>alert(1)</script><img src=x><a href=\"javascript:x\">b</a>";
    let made = ask(&ana, "key-of-a-styled-text", json!({ "body_html": styled })).await;
    assert_eq!((made.status, made.str("/body_html")), (201, "<p>a</p>b"), "{}", made.text);
    let warnings = made.json["warnings"].as_array().expect("warnings");
    assert!(warnings.iter().all(|warning| warning["pointer"] == "/body_html"), "{warnings:?}");
    for part in ["<script>", "<img>", "style", "onclick", "a link"] {
        assert!(
            warnings
                .iter()
                .any(|warning| warning["message"].as_str().is_some_and(|said| said.contains(part))),
            "{part}"
        );
    }
    let path = format!("/v1/interviews/{}", made.str("/id"));
    assert_eq!(ana.get(&path).await.json["warnings"], made.json["warnings"]);
    let changed = ana.patch(&path, json!({ "body_html": "<p>sound</p>" })).await;
    assert_eq!((changed.status, &changed.json["warnings"]), (200, &json!([])), "{}", changed.text);
}

#[tokio::test]
async fn a_move_and_a_cancellation_take_what_people_write() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = format!("/v1/interviews/{}", ana.schedule("key-of-one-request").await.str("/id"));
    let mut moved = tomorrow();
    moved["comment"] = json!("Sorry,\n\u{202e}see you\u{1b}[31m later");
    assert_eq!(ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &moved).await.status, 200);
    let cancelled =
        ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({ "comment": "No\u{202e}!" })).await;
    assert_eq!(cancelled.status, 200);
    let comments: Vec<String> = world.microsoft().mails().into_iter().map(|mail| mail.comment).collect();
    assert!(comments.iter().any(|comment| comment.contains("No!")), "{comments:?}");
}
