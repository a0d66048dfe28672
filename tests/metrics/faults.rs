//! What goes wrong is counted under its own name, and under no other.

use serde_json::json;
use shared::function::ScheduledFunction;
use shared::metrics::Metric;

use super::{Measured, sum, values};
use crate::world::{interview, minutes};

#[tokio::test]
async fn the_first_refusal_of_our_credential_is_counted() {
    let measured = Measured::start("credential").await;
    let ana = measured.world.ana().await;
    measured.world.pass_time(minutes(90));
    measured.world.switch("vendor-secret", json!({ "state": "expired" }));
    measured.documents();
    let refused = ana.schedule("key-refused").await;
    assert_eq!(refused.problem().1, "vendor-credential-invalid", "{}", refused.text);
    let documents = measured.documents();
    assert_eq!(sum(&documents, Metric::VendorCredentialRefused), 1);
    assert_eq!(sum(&documents, Metric::LoginRefused), 1);
    assert_eq!(values(&documents, Metric::LoginLatency), 1);
    assert_eq!(sum(&documents, Metric::ServerErrors), i64::from(refused.status >= 500));
}

#[tokio::test]
async fn an_answer_of_500_and_what_it_came_from_are_counted() {
    let measured = Measured::start("outage").await;
    let ana = measured.world.ana().await;
    measured.documents();
    measured.world.fault(
        json!({ "service": "graph", "times": 0, "kind": { "status": { "status": 503, "body": "" } } }),
    );
    let failed = ana.post_as("key-outage", "/v1/interviews", &interview()).await;
    let documents = measured.documents();
    assert!(sum(&documents, Metric::GraphUnavailable) > 0, "{documents:#?}");
    assert_eq!(sum(&documents, Metric::ServerErrors), i64::from(failed.status >= 500), "{}", failed.text);
    measured.world.switch("clear-faults", json!({}));
    measured.world.fault(json!({ "service": "dynamodb", "times": 0, "kind": { "status": {
        "status": 500, "body": "{\"__type\":\"InternalServerError\"}" } } }));
    let failed = ana.get("/v1/interviews").await;
    assert_eq!(failed.status, 503, "{}", failed.text);
    assert_eq!(sum(&measured.documents(), Metric::ServerErrors), 1);
}

#[tokio::test]
async fn a_guard_that_holds_drops_is_counted_at_every_tick() {
    let measured = Measured::start("guard").await;
    for n in 0..4 {
        measured.world.crowd(&format!("customer-{n}"), &[format!("canary@t{n}.example")]).await;
    }
    measured.world.advance(minutes(2)).await;
    for n in 0..4 {
        let refuse = json!({ "tenant": format!("t{n}.example"), "code": 50173 });
        measured.world.switch("refresh-answer", refuse);
    }
    measured.world.advance(minutes(60)).await;
    measured.documents();
    measured.world.tick("token-refresh").await;
    assert!(sum(&measured.documents(), Metric::GuardTripped) >= 1);
}

#[tokio::test]
async fn a_claim_that_stays_unsettled_is_counted_until_it_is_settled() {
    let measured = Measured::start("unsettled").await;
    let ana = measured.world.ana().await;
    for operation in ["POST /me/events", "GET /me/events"] {
        measured.world.fault(
            json!({ "service": "graph", "operation": operation, "when": "after", "kind": "reset", "times": 0 }),
        );
    }
    assert_eq!(ana.schedule("key-unsettled").await.status, 202);
    measured.world.advance(minutes(14)).await;
    assert_eq!(sum(&measured.documents(), Metric::UnsettledClaims), 0, "it may still end by itself");
    measured.world.advance(minutes(6)).await;
    assert!(sum(&measured.documents(), Metric::UnsettledClaims) > 0);
    measured.world.switch("clear-faults", json!({}));
    measured.world.advance(minutes(20)).await;
    measured.documents();
    measured.world.advance(minutes(5)).await;
    assert_eq!(sum(&measured.documents(), Metric::UnsettledClaims), 0, "it is settled");
}

#[tokio::test]
async fn a_gap_in_the_proof_log_is_counted() {
    let measured = Measured::offering("gap", "calendar,availability").await;
    let ana = measured.world.ana().await;
    measured.documents();

    measured
        .world
        .fault(json!({ "service": "dynamodb", "operation": "PutItem", "kind": "reset", "times": 0 }));
    let search = json!({
        "people": ["carl@contoso.com"], "duration_minutes": 45, "step_minutes": 15, "time_zone": "Europe/Paris",
        "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T18:00:00" }],
    });
    assert_eq!(ana.post("/v1/availability", search).await.status, 200);
    assert!(sum(&measured.documents(), Metric::ProofLogGaps) > 0);
    measured.world.switch("clear-faults", json!({}));
}

#[tokio::test]
async fn a_throttled_call_is_counted_as_that_and_as_no_other_fault() {
    let measured = Measured::start("throttled").await;
    let ana = measured.world.ana().await;
    measured.documents();
    measured
        .world
        .fault(json!({ "service": "graph", "operation": "POST /me/events", "times": 1, "kind": { "status": {
        "status": 429, "body": "" } } }));
    assert_eq!(ana.schedule("key-throttled").await.status, 201);
    let documents = measured.documents();
    assert_eq!(sum(&documents, Metric::GraphThrottled), 1);
    assert_eq!(sum(&documents, Metric::GraphUnavailable) + sum(&documents, Metric::GraphRefused), 0);
    assert_eq!(sum(&documents, Metric::ServerErrors), 0);
}

/// A handler's panic: `hostile::hosts`.
#[tokio::test]
async fn a_tick_that_panics_is_counted_and_ends_in_a_report() {
    const BROKEN: ScheduledFunction =
        ScheduledFunction { name: "broken", tick: |_, _| Box::pin(async { panic!("as a bug would") }) };
    let measured = Measured::start("panic").await;
    measured.documents();
    let report = BROKEN.run(measured.world.app("token-refresh"), None).await;
    assert_eq!(report, json!({ "panicked": true }));
    let documents = measured.documents();
    assert_eq!((documents.len(), sum(&documents, Metric::Panics)), (1, 1));
    assert_eq!(values(&documents, Metric::Duration), 1);
}
