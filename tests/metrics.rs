//! What operators are shown in numbers: the log line of a request or tick, read as CloudWatch reads it.

mod faults;

use std::cell::Cell;
use std::collections::BTreeMap;

use local::Options;
use serde_json::{Value, json};
use shared::metrics::Metric;

use crate::world::{World, minutes};

/// A world whose lines can be told from those of the tests beside it.
struct Measured {
    world: World,
    namespace: String,
    from: Cell<usize>,
}

impl Measured {
    async fn start(name: &str) -> Self {
        Self::offering(name, "calendar").await
    }

    /// The same with other features.
    async fn offering(name: &str, features: &str) -> Self {
        let (namespace, from) = (format!("Convene/{name}"), Cell::new(crate::logs::begin()));
        let mut options = Options::default();
        for (setting, value) in [("METRICS_NAMESPACE", namespace.as_str()), ("FEATURES", features)] {
            options.settings.insert(setting.to_owned(), value.to_owned());
        }
        Self { world: World::with(options).await, namespace, from }
    }

    /// The documents since the last look, each held against the specification.
    fn documents(&self) -> Vec<Value> {
        let log = crate::logs::since(self.from.get());
        self.from.set(self.from.get() + log.len());
        let lines = String::from_utf8(log).expect("UTF-8");
        let documents = lines.lines().filter(|line| line.contains("\"_aws\""));
        let documents =
            documents.map(|line| serde_json::from_str(line).expect("a line is one JSON document"));
        documents.filter(|document| namespace(document) == self.namespace).inspect(is_sound).collect()
    }
}

fn namespace(document: &Value) -> &str {
    document["_aws"]["CloudWatchMetrics"][0]["Namespace"].as_str().expect("a namespace")
}

/// The rules of the embedded metric format specification, as far as we use it.
fn is_sound(document: &Value) {
    assert!(document["_aws"]["Timestamp"].is_u64(), "{document}");
    let directives = document["_aws"]["CloudWatchMetrics"].as_array().expect("directives");
    let mut told = BTreeMap::new();
    for directive in directives {
        for dimension in directive["Dimensions"][0].as_array().expect("one set of dimensions") {
            let name = dimension.as_str().expect("a name");
            assert!(document[name].as_str().is_some_and(|value| !value.is_empty()), "{name}: {document}");
        }
        let metrics = directive["Metrics"].as_array().expect("metrics");
        assert!((1..=100).contains(&metrics.len()), "{document}");
        for metric in metrics {
            let name = metric["Name"].as_str().expect("a name");
            let value = &document[name];
            let numbers = value.as_array().map_or(1, Vec::len);
            assert!((1..=100).contains(&numbers) && !value.is_null(), "{name}: {document}");
            assert!(told.insert(name.to_owned(), metric["Unit"].clone()).is_none(), "{name} twice");
        }
    }
    for metric in Metric::ALL {
        let known = told.remove(&metric.name());
        assert!(known.is_none_or(|unit| unit == metric.unit()), "{document}");
        assert_eq!(
            document[metric.name()].is_null(),
            !directives.iter().any(|d| names(d, metric)),
            "{document}"
        );
    }
    assert!(told.is_empty(), "metrics that nobody knows: {told:?}");
}

fn names(directive: &Value, metric: Metric) -> bool {
    directive["Metrics"].as_array().is_some_and(|all| all.iter().any(|one| one["Name"] == metric.name()))
}

/// The sum of a metric; of several values in one line, all.
fn sum(documents: &[Value], metric: Metric) -> i64 {
    let values = documents.iter().map(|document| &document[metric.name()]);
    let numbers = values.flat_map(|value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]));
    numbers.filter_map(|number| number.as_i64()).sum()
}

/// How many values there are.
fn values(documents: &[Value], metric: Metric) -> usize {
    let each = documents.iter().map(|document| &document[metric.name()]).filter(|value| !value.is_null());
    each.map(|value| value.as_array().map_or(1, Vec::len)).sum()
}

#[tokio::test]
async fn a_created_interview_is_one_line_with_its_ids_and_its_numbers() {
    let measured = Measured::start("create").await;
    let ana = measured.world.ana().await;
    measured.documents();
    let made = ana.schedule("key-measured").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let documents = measured.documents();
    let [line] = documents.as_slice() else { panic!("one line, not {documents:#?}") };
    assert_eq!(line["function"], "interviews");
    assert_eq!(line["status"], 201);
    assert_eq!(line["span"]["route"], "POST /v1/interviews");
    assert_eq!(line["span"]["request.id"].as_str(), made.header("request-id"));
    assert_eq!(values(&documents, Metric::Duration), 1);
    let graph = measured.world.journal().calls().iter().filter(|call| call.service == "graph").count();
    assert!(graph > 0);
    assert_eq!(values(&documents, Metric::GraphLatency), graph);
    assert_eq!(sum(&documents, Metric::KmsCalls), 1, "the customer's key, in a new container");
    for absent in
        [Metric::ServerErrors, Metric::GraphUnavailable, Metric::GraphThrottled, Metric::LoginLatency]
    {
        assert!(line[absent.name()].is_null(), "{absent:?}: what is zero is not sent");
    }
    let text = line.to_string();
    for personal in ["acme", "u-ana", "contoso", "dana", "key-measured", "con_", "Backend"] {
        assert!(!text.contains(personal), "{personal} is in {text}");
    }
    // The second finds the key where the first left it.
    assert_eq!(ana.schedule("key-measured-2").await.status, 201);
    assert_eq!(sum(&measured.documents(), Metric::KmsCalls), 0);
}

#[tokio::test]
async fn two_requests_at_once_count_for_themselves() {
    let measured = Measured::start("two").await;
    let ana = measured.world.ana().await;
    measured.documents();
    let (made, listed) = tokio::join!(ana.schedule("key-at-once"), ana.get("/v1/interviews"));
    assert_eq!((made.status, listed.status), (201, 200));
    let documents = measured.documents();
    let of =
        |route: &str| documents.iter().find(|line| line["span"]["route"] == route).expect("a line").clone();
    assert!(values(&[of("POST /v1/interviews")], Metric::GraphLatency) > 0);
    assert_eq!(values(&[of("GET /v1/interviews")], Metric::GraphLatency), 0);
}

#[tokio::test]
async fn a_sweep_tells_that_it_was_there_what_it_found_and_how_old_the_oldest_is() {
    let measured = Measured::start("sweep").await;
    measured.world.ana().await;
    measured.world.advance(minutes(50)).await;
    measured.documents();
    let mut reports = Vec::new();
    for minute in 1..=46 {
        measured.world.pass_time(minutes(1));
        let report = measured.world.tick("token-refresh").await;
        let documents = measured.documents();
        let [line] = documents.as_slice() else { panic!("one line a tick, not {documents:#?}") };
        assert_eq!(
            (&line["function"], &line["Sweeps"]),
            (&json!("token-refresh"), &json!(1)),
            "minute {minute}"
        );
        let told = |name: &str| report[name].as_i64().unwrap_or_default();
        assert_eq!(sum(&documents, Metric::Verified), told("verified"));
        assert_eq!(sum(&documents, Metric::Stored), told("stored"));
        assert_eq!(line["OldestShard"], report["oldest_shard_seconds"]);
        assert_eq!(line["CertificateDaysLeft"], 365);
        assert!(told("oldest_shard_seconds") <= 46 * 60, "{report}");
        reports.push(report);
    }
    assert_eq!(reports.iter().filter_map(|report| report["verified"].as_i64()).sum::<i64>(), 1);
    assert!(reports.iter().any(|report| report["oldest_shard_seconds"].as_i64() >= Some(44 * 60)));
}

/// Time passes and nobody sweeps: the next tick tells how long it was.

#[tokio::test]
async fn a_shard_that_nobody_verified_grows_old() {
    let measured = Measured::start("old").await;
    measured.world.ana().await;
    measured.world.advance(minutes(50)).await;
    measured.world.pass_time(minutes(70));
    measured.documents();
    measured.world.tick("token-refresh").await;
    assert!(sum(&measured.documents(), Metric::OldestShard) >= 70 * 60);
}

#[tokio::test]
async fn a_tick_that_cannot_reach_the_store_is_no_sign_of_life() {
    let measured = Measured::start("store").await;
    measured.world.fault(json!({ "service": "dynamodb", "times": 0, "kind": { "status": {
        "status": 500, "body": "{\"__type\":\"InternalServerError\"}" } } }));
    measured.documents();
    for (function, metric) in [("token-refresh", Metric::Sweeps), ("follow-ups", Metric::FollowUps)] {
        measured.world.tick(function).await;
        let documents = measured.documents();
        assert_eq!((documents.len(), sum(&documents, metric)), (1, 0), "{function}");
        measured.world.switch("clear-faults", json!({}));
        measured.world.tick(function).await;
        assert_eq!(sum(&measured.documents(), metric), 1, "{function}");
        measured.world.fault(json!({ "service": "dynamodb", "times": 0, "kind": { "status": {
            "status": 500, "body": "{\"__type\":\"InternalServerError\"}" } } }));
    }
}

#[tokio::test]
async fn a_drop_is_counted_with_its_reason_whoever_notices() {
    let measured = Measured::start("drop").await;
    measured.world.ana().await;
    measured.documents();
    measured.world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
    measured.world.advance(minutes(60)).await;
    let documents = measured.documents();
    assert_eq!(sum(&documents, Metric::Dropped), 1);
    let told: Vec<_> = documents.iter().filter(|line| !line["drops"].is_null()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["drops"], json!({ "user_must_sign_in": 1 }));
}
