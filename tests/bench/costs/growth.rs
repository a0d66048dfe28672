//! B11: what a sweep of cold connections asks of AWS and Microsoft, for ten times as many each time. Nothing may grow
//! faster than the number of connections.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use local::Stack;
use serde_json::Value;
use std::sync::atomic::Ordering::Relaxed;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::crowd::crowd;
use crate::entra::{Entra, size};
use crate::measure::float;
use crate::program::stack;
use crate::worker::{settings, sweep};

/// Connections of one customer.
const EACH: usize = 25;
/// No figure may grow faster than this power of the number of connections.
const STEEPEST: f64 = 1.01;

/// What AWS was asked for, by name.
type Counted = Arc<Mutex<BTreeMap<String, f64>>>;

pub(crate) fn run(threads: &Runtime, largest: usize) {
    let sizes: Vec<usize> =
        std::iter::successors(Some(1_000), |n| Some(n * 10)).take_while(|n| *n <= largest).collect();
    let rows: Vec<BTreeMap<String, f64>> = sizes.iter().map(|n| measure(threads, *n)).collect();
    let counts: Vec<String> = sizes.iter().map(|n| format!(" {n} connections |")).collect();
    let counts = counts.concat();
    println!("| |{counts} slope |\n|---|{}---|", "---|".repeat(sizes.len()));
    for name in rows[0].keys() {
        let figures: Vec<f64> = rows.iter().map(|row| row.get(name).copied().unwrap_or(0.0)).collect();
        let (first, last) = (figures[0], figures[figures.len() - 1]);
        let slope = (last / first).ln() / (float(largest) / float(sizes[0])).ln();
        let cells: Vec<String> = figures.iter().map(|figure| format!(" {figure:.1} |")).collect();
        let cells = cells.concat();
        println!("| {name} |{cells} {slope:.3} |");
        assert!(slope <= STEEPEST || last < 1.0, "{name} grows faster than the number of connections");
    }
    println!("\nUSD for a million cold probes: {:.2}", price(&rows[rows.len() - 1]));
}

/// By the prices of quality.md 1.5 (us-east-1, on demand), in USD per million probes. The worker's own time is a cent.
fn price(row: &BTreeMap<String, f64>) -> f64 {
    let of = |name: &str| row.get(name).copied().unwrap_or(0.0);
    let (reads, writes) = (of("DynamoDB read units"), of("DynamoDB write units"));
    let kms: f64 = row.iter().filter(|(name, _)| name.starts_with("kms")).map(|(_, calls)| calls).sum();
    let all = reads * 0.125 + writes * 0.625 + kms * 3.0 + of("bytes to Entra") / 1e9 * 0.09 * 1e6;
    all / of("redemptions")
}

fn measure(threads: &Runtime, connections: usize) -> BTreeMap<String, f64> {
    let stack = stack(threads);
    threads.block_on(crowd(&stack, connections / EACH, EACH, 256));
    let counted = Counted::default();
    let (entra, aws) =
        threads.block_on(async { (Entra::start(Duration::ZERO).await, counting(&stack, &counted).await) });
    let spent = sweep(settings(&stack, &[("MICROSOFT_LOGIN_URL", &entra.url), ("AWS_ENDPOINT_URL", &aws)]));
    assert_eq!((spent.verified, spent.stored), (connections, 0), "all are cold");
    let mut row = counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
    row.insert("redemptions".to_owned(), float(entra.seen.calls.load(Relaxed)));
    row.insert("bytes to Entra".to_owned(), float(entra.seen.bytes.load(Relaxed)));
    row
}

/// The stack's AWS behind a counter.
async fn counting(stack: &Stack, counted: &Counted) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/aws", listener.local_addr().expect("an address"));
    let router = Router::new()
        .nest_service("/aws", stack.aws.router())
        .layer(from_fn_with_state(Arc::clone(counted), count));
    tokio::spawn(sim::serve(listener, router, std::future::pending()));
    url
}

async fn count(State(counted): State<Counted>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let target = head.headers.get("x-amz-target").and_then(|name| name.to_str().ok()).unwrap_or_default();
    let (service, operation) = target.split_once('.').unwrap_or(("", target));
    let service = if service.starts_with("Dynamo") { "dynamodb" } else { "kms" };
    let (name, sent) = (format!("{service} {operation}"), size(&head.headers) + body.len());
    // The client does not ask what its calls cost; here they are asked for it.
    let mut asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if service == "dynamodb" {
        asked["ReturnConsumedCapacity"] = "TOTAL".into();
    }
    head.headers.remove("content-length");
    let answer = next.run(Request::from_parts(head, Body::from(asked.to_string()))).await;
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let told: Value = serde_json::from_slice(&body).unwrap_or_default();
    let units = match &told["ConsumedCapacity"] {
        Value::Array(all) => all.iter().filter_map(|one| one["CapacityUnits"].as_f64()).sum(),
        one => one["CapacityUnits"].as_f64().unwrap_or(0.0),
    };
    let kind = if name.contains("Query") || name.contains("Get") { "read" } else { "write" };
    let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
    let mut add = |name: &str, by: f64| *counted.entry(name.to_owned()).or_insert(0.0) += by;
    add(&name, 1.0);
    add("bytes to AWS", float(sent));
    if service == "dynamodb" {
        add(&format!("DynamoDB {kind} units"), units);
    }
    drop(counted);
    Response::from_parts(head, Body::from(body))
}
