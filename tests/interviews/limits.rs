//! What API Gateway and Lambda take, each with the number that breaks it, and paths and bodies that are none of ours.

use reqwest::Method;
use serde_json::json;

use super::edge::{ask, send};
use crate::world::World;

#[tokio::test]
async fn bodies_types_and_paths_are_told_as_what_they_are() {
    let world = World::start().await;
    let ana = world.ana().await;
    let headers = |kind| [("idempotency-key", "key-of-one-request"), ("content-type", kind)];
    let json = headers("application/json");
    let twice = send(&ana, Method::POST, "/v1/interviews", br#"{"title":"a","title":"b"}"#, &json).await;
    assert_eq!(twice.problem(), (400, "malformed-json"));
    assert!(twice.str("/detail").contains("twice"), "{}", twice.text);
    let empty = send(&ana, Method::POST, "/v1/interviews", b"", &json).await;
    assert_eq!(empty.problem(), (422, "invalid-request"));
    for (kind, status) in [
        ("application/json;charset=utf-8", 422),
        ("Application/JSON; Charset=\"UTF-8\"", 422),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=iso-8859-1", 415),
        ("text/json", 415),
    ] {
        let answer = send(&ana, Method::POST, "/v1/interviews", b"{}", &headers(kind)).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.text);
    }
    for path in ["/v1/interviews/", "/v1//interviews", "/V1/interviews", "/v1/interviews%2F"] {
        let answer = send(&ana, Method::GET, path, b"", &[]).await;
        assert_eq!((answer.status, answer.str("/message")), (404, "Not Found"), "{path}");
    }
    assert_eq!(
        send(&ana, Method::HEAD, "/v1/interviews", b"", &[]).await.status,
        404,
        "there is no such route"
    );
    for id in ["a%20b", "a%23b", "a%3Fb", "%25", "int_%F0%9F%98%80"] {
        let answer = ana.get(&format!("/v1/interviews/{id}")).await;
        assert_eq!(answer.status, 404, "{id}: {}", answer.text);
    }
}

/// The request line and the headers have 10,240 bytes at API Gateway.
#[tokio::test]
async fn a_head_that_is_too_large_is_refused_by_the_gateway() {
    let world = World::start().await;
    let ana = world.ana().await;
    let answer = async |bytes: usize| {
        let padding = "x".repeat(bytes);
        send(&ana, Method::GET, "/v1/connection", b"", &[("x-padding", &padding)]).await.status
    };
    assert_eq!(answer(5_000).await, 200);
    assert_eq!(answer(10_240).await, 431);
}

/// Fifty texts of quotation marks are 6 MB as a function hands them over: the page ends before.
#[tokio::test]
async fn a_list_of_long_texts_ends_where_the_answer_would_be_too_large_and_goes_on_there() {
    let world = World::start().await;
    let ana = world.ana().await;
    let text = "\"".repeat(31_000);
    let mut made = Vec::new();
    for n in 0..60 {
        let answer =
            ask(&ana, &format!("key-of-number-{n}"), json!({ "body_html": text, "online_meeting": "none" }))
                .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        made.push(answer.str("/id").to_owned());
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = ana.get(&format!("/v1/interviews?limit=200{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.status);
        assert!(page.text.len() < 6 * 1024 * 1024);
        let ids = page.json["data"].as_array().expect("data").iter();
        seen.extend(ids.map(|item| item["id"].as_str().expect("an id").to_owned()));
        pages += 1;
        let Some(next) = page.json["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    // The clock stands, so the ids of one millisecond have no order among them.
    made.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, made, "nothing is left out");
    assert!(pages > 1);
}
