//! The corpus against the stand-in, and what a run against a real tenant does and never does, played on the stand-in.

use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::routing::post;
use conformance::{Credentials, Line, Pending, Place, SignedIn, Verdict, clean, corpus, run, sign_in};
use serde_json::{Value, json};
use sim::{Config, Microsoft, Stage};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

const CLIENT: &str = "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73";
const SECRET: &str = "secret-of-the-simulated-app";
const SCOPES: &str = "openid profile email offline_access User.Read Calendars.ReadWrite";
const ANA: &str = "ana@contoso.com";

/// A stand-in that listens until the test ends.
async fn stand_in() -> (Stage, Credentials, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let stage = Stage::new(Config {
        public_url: url.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        redirect_uris: vec!["https://ats.example/callback".to_owned()],
        app_name: "Convene".to_owned(),
    });
    tokio::spawn(sim::serve(listener, stage.router(), std::future::pending()));
    let at = Credentials {
        login: format!("{url}/login"),
        graph: format!("{url}/graph"),
        client_id: CLIENT.to_owned(),
        client_secret: Some(SECRET.to_owned()),
    };
    (stage, at, url)
}

async fn as_ana(stage: &Stage, at: &Credentials) -> Place {
    let (access_token, refresh, _) = stage.microsoft().mint_connection(ANA, SCOPES);
    Place::real(at.clone(), SignedIn { access_token, refresh_token: Some(refresh) }).await.expect("a profile")
}

fn pending() -> Pending {
    Pending::parse(include_str!("../pending")).expect("ids with reasons")
}

fn named(id: &str) -> Vec<Line> {
    let lines: Vec<Line> =
        corpus().expect("a sound corpus").into_iter().filter(|line| line.id == id).collect();
    assert_eq!(lines.len(), 1, "{id}");
    lines
}

/// Ids of everything in this person's calendars.
fn events(microsoft: &Microsoft) -> Vec<String> {
    microsoft.events(ANA).iter().map(|event| event["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_stand_in_answers_as_the_corpus_says() {
    let (_stage, at, url) = stand_in().await;
    let lines = corpus().expect("a sound corpus");
    assert!(lines.len() >= 150, "the corpus has only {} lines", lines.len());
    assert_eq!(pending().unknown(&lines), [""; 0], "pending names lines that are not there");
    let report = run(&Place::stand_in(at, &url).expect("a client"), &lines, &pending()).await;
    println!("{}", report.summary());
    assert!(report.is_good(), "\n{report}");
    let skipped = report.outcomes.iter().filter(|one| matches!(one.verdict, Verdict::Skipped(_)));
    assert_eq!(skipped.map(|one| one.line.id.as_str()).collect::<Vec<_>>(), [""; 0], "every line runs here");
}

#[test]
fn the_page_says_of_every_belief_whether_a_run_settles_it() {
    let page = include_str!("../../README.md");
    let (settled, open) = page.split_once("**What it cannot settle**").expect("both lists");
    for line in corpus().expect("a sound corpus").iter().filter(|line| line.mark.is_belief()) {
        let list = if line.real { settled } else { open };
        assert!(
            list.contains(&format!("`{}`", line.id)),
            "{} is not on the page, or in the wrong list",
            line.id
        );
    }
}

#[tokio::test]
async fn a_wrong_stand_in_is_noticed() {
    let (stage, at, url) = stand_in().await;
    let place = Place::stand_in(at, &url).expect("a client");
    // Reset leaves the registration alone, so this app is unknown for the whole run.
    let lines = named("token-with-a-wrong-secret-is-401");
    assert!(run(&place, &lines, &Pending::default()).await.is_good());
    let mut wrong = lines.clone();
    wrong[0].answer.status = serde_json::from_value(json!(400)).expect("a status");
    let report = run(&place, &wrong, &Pending::default()).await;
    assert!(!report.is_good());
    assert!(report.to_string().contains("status: expected 400, seen 401"), "{report}");
    drop(stage);
}

#[tokio::test]
async fn a_pending_line_that_holds_is_a_failure() {
    let (_stage, at, url) = stand_in().await;
    let place = Place::stand_in(at, &url).expect("a client");
    let lines = named("deleting-is-204");
    let pending = Pending::parse("deleting-is-204 it was wrong once").expect("a reason");
    let report = run(&place, &lines, &pending).await;
    assert!(!report.is_good() && report.to_string().contains("HOLDS AGAIN"), "{report}");
}

#[tokio::test]
async fn a_run_as_one_person_invites_nobody_and_leaves_nothing() {
    let (stage, at, _) = stand_in().await;
    let microsoft = stage.microsoft();
    let busy = json!({"user": ANA, "start": "2099-01-01T10:00:00Z", "end": "2099-01-01T11:00:00Z"});
    microsoft.switch("busy", busy).expect("an event of her own");
    let before = events(microsoft);
    let place = as_ana(&stage, &at).await;
    assert_eq!(place.address(), ANA);
    let lines = corpus().expect("a sound corpus");
    let report = run(&place, &lines, &Pending::default()).await;
    clean(&place).await.expect("all is removed");
    let asked = report.outcomes.iter().filter(|one| !matches!(one.verdict, Verdict::Skipped(_))).count();
    assert!(asked >= 100, "only {asked} lines are for a real tenant\n{report}");
    assert_eq!(report.outcomes.iter().filter(|one| one.line.real).count(), asked, "{}", report.summary());
    let known = pending();
    let differs =
        |one: &&conformance::Outcome| matches!(one.verdict, Verdict::Differs(_)) && !known.has(&one.line.id);
    assert_eq!(report.outcomes.iter().filter(differs).count(), 0, "\n{report}");
    let mailed = microsoft.mails();
    assert!(mailed.iter().all(|mail| mail.to == ANA), "{mailed:?}");
    assert_eq!(events(microsoft), before, "her own event stays, and no other is left");
}

#[tokio::test]
async fn what_an_interrupted_run_made_is_found_by_its_tag() {
    let (stage, at, _) = stand_in().await;
    let place = as_ana(&stage, &at).await;
    let lines = named("a-made-event-is-201-with-the-whole-event");
    // The answer is lost after the event is there: its id is never learnt.
    let lost = json!({"service": "graph", "operation": "POST /me/events", "when": "after", "kind": "reset"});
    stage.microsoft().switch("fault", lost).expect("a fault");
    let report = run(&place, &lines, &Pending::default()).await;
    assert!(!report.is_good(), "the answer was lost");
    assert_eq!(events(stage.microsoft()).len(), 1);
    // Another run, another day: only the tag is left to go by.
    let next = as_ana(&stage, &at).await;
    assert_eq!(clean(&next).await, Ok(1));
    assert_eq!(events(stage.microsoft()).len(), 0);
}

#[tokio::test]
async fn a_run_that_is_interrupted_leaves_nothing() {
    let (stage, at, _) = stand_in().await;
    let place = as_ana(&stage, &at).await;
    let slow = json!({"service": "graph", "operation": "POST /me/events", "when": "after", "kind": {"latency": {"ms": 500}}});
    stage.microsoft().switch("fault", slow).expect("a fault");
    let lines = named("a-made-event-is-201-with-the-whole-event");
    let pending = Pending::default();
    let event_is_there = async {
        while events(stage.microsoft()).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        report = run(&place, &lines, &pending) => panic!("it ended by itself: {}", report.summary()),
        () = event_is_there => {}
    }
    assert_eq!(clean(&place).await, Ok(1));
    assert_eq!(events(stage.microsoft()).len(), 0);
}

#[tokio::test]
async fn what_cannot_be_removed_is_told_with_its_id() {
    let (stage, at, _) = stand_in().await;
    let place = as_ana(&stage, &at).await;
    for operation in ["DELETE /me/events/{id}", "POST /me/events/{id}/permanentDelete"] {
        let stuck = json!({"service": "graph", "operation": operation, "kind": {"status": {"status": 403}}, "times": 0});
        stage.microsoft().switch("fault", stuck).expect("a fault");
    }
    let report = run(&place, &named("a-made-event-is-201-with-the-whole-event"), &Pending::default()).await;
    assert!(!report.is_good());
    let left = clean(&place).await.expect_err("it is still there");
    assert!(left.contains(&events(stage.microsoft())[0]), "{left}");
}

#[tokio::test]
async fn a_refresh_token_is_enough_to_sign_in() {
    let (stage, at, _) = stand_in().await;
    let (_, refresh, _) = stage.microsoft().mint_connection(ANA, SCOPES);
    let person = sign_in(&at, "organizations", (None, Some(refresh)), |_| ()).await.expect("tokens");
    assert!(person.refresh_token.is_some());
    assert_eq!(Place::real(at.clone(), person).await.expect("a profile").address(), ANA);
    let refused = sign_in(&at, "organizations", (None, Some("1.AXkcut".to_owned())), |_| ()).await;
    assert!(refused.err().is_some_and(|why| why.contains("AADSTS9002313")));
}

/// An Entra that knows the device code flow only (RFC 8628 3.2, 3.5): the person needs two questions' time.
async fn devices(
    State(asked): State<Arc<AtomicUsize>>,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, String) {
    let answer = |status, body: Value| (status, body.to_string());
    if !form.contains_key("device_code") {
        assert_eq!(form["client_id"], CLIENT);
        return answer(
            StatusCode::OK,
            json!({"device_code": "d-1", "user_code": "F4CT", "interval": 0, "message": "open the page and type F4CT"}),
        );
    }
    match (form["device_code"].as_str(), asked.fetch_add(1, Ordering::Relaxed)) {
        ("d-1", 0 | 1) => answer(StatusCode::BAD_REQUEST, json!({"error": "authorization_pending"})),
        ("d-1", 2) => answer(StatusCode::OK, json!({"access_token": "a-1", "refresh_token": "r-1"})),
        _ => answer(
            StatusCode::BAD_REQUEST,
            json!({"error": "expired_token", "error_description": "AADSTS70020: too late"}),
        ),
    }
}

#[tokio::test]
async fn without_a_token_the_person_types_a_code_and_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let login = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().route("/{*path}", post(devices)).with_state(Arc::new(AtomicUsize::new(0)));
    tokio::spawn(sim::serve(listener, router, std::future::pending()));
    let at = Credentials { graph: login.clone(), login, client_id: CLIENT.to_owned(), client_secret: None };
    let shown = std::cell::RefCell::new(Vec::new());
    let show = |message: &str| shown.borrow_mut().push(message.to_owned());
    let person = sign_in(&at, "organizations", (None, None), show).await.expect("tokens");
    assert_eq!((person.access_token.as_str(), person.refresh_token.as_deref()), ("a-1", Some("r-1")));
    assert_eq!(*shown.borrow(), ["open the page and type F4CT"]);
    let late = sign_in(&at, "organizations", (None, None), |_| ()).await;
    assert!(late.err().is_some_and(|why| why.contains("AADSTS70020")));
}
