//! Faults over a real socket: the caller sees what a broken peer shows, before or after the effect.

use crate::world::{World, event};
use serde_json::json;
use sim::{Fault, Kind, When, serve};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn fault(when: When, kind: Kind) -> Fault {
    Fault { service: "graph".into(), operation: None, user: None, when, kind, times: 1, skip: 0 }
}

/// Sends `GET /me` over a socket of its own and gives everything that comes back.
async fn over_a_socket(world: &World, token: &str, times: usize) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let router = axum::Router::new().nest("/microsoft", world.microsoft.router());
    let server = tokio::spawn(serve(listener, router, async move { _ = stopped.await }));
    let mut answers = Vec::new();
    for _ in 0..times {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /microsoft/graph/v1.0/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nclient-request-id: a\r\nConnection: close\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        _ = socket.read_to_end(&mut answer).await;
        answers.push(String::from_utf8_lossy(&answer).into_owned());
    }
    stop.send(()).unwrap();
    server.await.unwrap();
    answers
}

#[tokio::test]
async fn a_dropped_connection_sends_no_byte_and_the_next_call_is_fine() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    world.microsoft.faults().add(fault(When::Before, Kind::Reset));
    let answers = over_a_socket(&world, &token, 2).await;
    assert_eq!(answers[0], "");
    assert!(answers[1].starts_with("HTTP/1.1 200 OK"));
    let statuses: Vec<u16> = world.journal.calls().iter().map(|call| call.status).collect();
    assert_eq!(statuses, [0, 200]);
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    world.microsoft.faults().add(fault(When::After, Kind::Truncated));
    let answer = &over_a_socket(&world, &token, 1).await[0];
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let promised: usize = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length: ").map(|n| n.parse().unwrap())
        })
        .unwrap();
    assert!(!body.is_empty() && body.len() < promised, "{} of {promised}", body.len());
}

#[tokio::test]
async fn a_fault_after_the_effect_loses_the_answer_only() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    for (when, kind, events) in [
        (When::Before, Kind::Status { status: 503, retry_after: Some("1".into()), body: None }, 0),
        (When::After, Kind::Status { status: 504, retry_after: None, body: None }, 1),
        (When::After, Kind::Malformed, 2),
        (When::After, Kind::Empty, 3),
        (When::After, Kind::Body { status: 200, json: json!([1]) }, 4),
    ] {
        world.microsoft.faults().add(fault(when, kind.clone()));
        let told = world.graph("POST", "/me/events", &token, Some(event(json!({})))).await;
        assert_ne!(told.status, 201, "{kind:?}");
        assert_eq!(world.microsoft.events("ana@contoso.com").len(), events, "{kind:?}");
    }
    assert!(world.microsoft.faults().list().is_empty());
}

#[tokio::test]
async fn a_fault_strikes_the_named_calls_after_the_skipped_ones() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    world.switch(
        "fault",
        json!({"service": "graph", "operation": "GET /me/events/{id}", "user": "ana@contoso.com", "skip": 1,
            "kind": {"status": {"status": 500}}, "times": 1}),
    );
    let made = world.create(&token, json!({})).await;
    let path = format!("/me/events/{}", made["id"].as_str().unwrap());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(world.graph("GET", &path, &token, None).await.status);
    }
    assert_eq!(statuses, [200, 500, 200]);
    assert!(world.microsoft.switch("fault", json!({"service": "graph", "kind": "explode"})).is_err());
}

#[tokio::test]
async fn the_hook_runs_after_the_effect_and_before_the_answer() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let seen: Arc<Mutex<Vec<(u64, usize)>>> = Arc::default();
    let (into, microsoft) = (seen.clone(), world.microsoft.clone());
    world.journal.after_each(Arc::new(move |n| {
        into.lock().unwrap().push((n, microsoft.events("ana@contoso.com").len()));
    }));
    world.create(&token, json!({})).await;
    let mark = world.journal.last();
    world.create(&token, json!({})).await;
    assert_eq!(*seen.lock().unwrap(), [(1, 1), (2, 2)]);
    assert_eq!(world.journal.since(mark).len(), 1);
    world.journal.clear();
    assert!(world.journal.calls().is_empty() && world.journal.last() == 2);
}

#[tokio::test]
async fn a_raw_fault_has_any_header() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let challenge =
        ("www-authenticate".to_owned(), "Bearer error=\"insufficient_claims\", claims=\"e30=\"".to_owned());
    world.microsoft.faults().add(fault(
        When::Before,
        Kind::Raw { status: 401, headers: vec![challenge.clone()], text: "<html>".into() },
    ));
    let told = world.graph("GET", "/me", &token, None).await;
    assert_eq!(
        (told.status, told.header("www-authenticate"), told.text.as_str()),
        (401, challenge.1.as_str(), "<html>")
    );
}
