//! `/_local`: what a developer or a test may do to the stack that nobody may do to a deployment.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use shared::domain::features::Feature;

use crate::stack::Shared;
use crate::{jwt, schedule, stream};

type Answer = (StatusCode, Json<Value>);

fn ok(value: Value) -> Answer {
    (StatusCode::OK, Json(value))
}

fn refused(why: impl std::fmt::Display) -> Answer {
    (StatusCode::BAD_REQUEST, Json(json!({ "message": why.to_string() })))
}

/// The routes below `/_local`.
pub fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/token", post(token))
        .route("/.well-known/openid-configuration", get(issuer))
        .route("/jwks", get(jwks))
        .route("/clock", get(clock).post(advance))
        .route("/run/{function}", post(run))
        .route("/state", get(state))
        .route("/events", get(events))
        .route("/run/events-out", post(repair))
        .route("/microsoft", get(microsoft))
        .route("/microsoft/sign-in", post(sign_in))
        .route("/microsoft/{switch}", post(switch))
}

/// A token of the ATS. The customer is switched on at its first one, unless it was set otherwise.
async fn token(State(stack): State<Arc<Shared>>, Json(claims): Json<Map<String, Value>>) -> Answer {
    let customer = claims.get("customer_id").and_then(Value::as_str).unwrap_or_default();
    // The rows of a deployed stack are not ours to write: there an administrator switches it on.
    if stack.deployed.is_none()
        && let Err(why) = switch_on(&stack, customer).await
    {
        return refused(why);
    }
    ok(json!({ "token": jwt::issue(&stack.issuer, claims, stack.now()) }))
}

/// What an authorizer reads about the issuer of these tokens (`OpenID` Connect Discovery 1.0).
async fn issuer(State(stack): State<Arc<Shared>>) -> Answer {
    ok(json!({ "issuer": stack.issuer, "jwks_uri": format!("{}/jwks", stack.issuer) }))
}

async fn jwks() -> Answer {
    ok(jwt::jwks())
}

async fn switch_on(stack: &Shared, customer: &str) -> Result<(), String> {
    // A token without a sound customer id is of use to tests; there is nothing to switch on.
    let Ok(customer) = customer.parse() else { return Ok(()) };
    let app = stack.app("connections").ok_or("there is no function of that name")?;
    // What needs no further permission; in force as far as the stack's FEATURES go.
    let features = [Feature::Availability, Feature::Rooms].into();
    let enabled = shared::domain::customer::Customer { enabled: true, features, ..Default::default() };
    match app.store.customers.get(&customer).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => match app.store.customers.save_if_unchanged(&customer, None, &enabled).await {
            Ok(_) | Err(shared::store::SaveError::Stale) => Ok(()),
            Err(why) => Err(format!("{why:?}")),
        },
        Err(why) => Err(format!("{why:?}")),
    }
}

async fn clock(State(stack): State<Arc<Shared>>) -> Answer {
    ok(json!({ "now": stack.now().to_string() }))
}

async fn advance(State(stack): State<Arc<Shared>>, Json(body): Json<Value>) -> Answer {
    let Some(seconds) = body["advance_seconds"].as_u64().filter(|s| *s <= 400 * 24 * 3600) else {
        return refused("advance_seconds must be a number of seconds, at most 400 days");
    };
    let ticks = schedule::advance(&stack, seconds).await;
    ok(json!({ "now": stack.now().to_string(), "ticks": ticks }))
}

async fn run(State(stack): State<Arc<Shared>>, Path(function): Path<String>) -> Answer {
    match schedule::run(&stack, &function).await {
        Some(report) => ok(report),
        None => {
            (StatusCode::NOT_FOUND, Json(json!({ "message": "there is no scheduled function of that name" })))
        }
    }
}

async fn state(State(stack): State<Arc<Shared>>) -> Answer {
    ok(stack.aws.dump())
}

/// What the ATS would have been told by now, the oldest first.
async fn events(State(stack): State<Arc<Shared>>) -> Answer {
    stream::hand_over(&stack).await;
    let shown = |event: &sim::BusEvent| json!({ "kind": event.detail_type, "detail": event.detail });
    ok(stack.aws.events().iter().map(shown).collect())
}

/// As an operator invokes the function, to have everything of a customer told again.
async fn repair(State(stack): State<Arc<Shared>>, Json(event): Json<Value>) -> Answer {
    let Some(listener) = &stack.listener else { return refused("the stream is elsewhere") };
    match listener.hear(event).await {
        Ok(report) => ok(report),
        Err(why) => refused(why),
    }
}

async fn microsoft(State(stack): State<Arc<Shared>>) -> Answer {
    ok(stack.microsoft.snapshot())
}

async fn sign_in(State(stack): State<Arc<Shared>>, Json(body): Json<Value>) -> Answer {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let answer = match text("answer") {
        "" | "accept" => sim::Answer::Accept,
        "decline" => sim::Answer::Decline,
        "cancel" => sim::Answer::Cancel,
        "request" => sim::Answer::Request,
        _ => return refused("answer must be accept, decline, cancel or request"),
    };
    match stack.microsoft.sign_in(text("authorize_url"), text("user"), answer) {
        Ok(callback_url) => ok(json!({ "callback_url": callback_url })),
        Err(why) => refused(why),
    }
}

async fn switch(
    State(stack): State<Arc<Shared>>,
    Path(switch): Path<String>,
    body: Option<Json<Value>>,
) -> Answer {
    let body = body.map_or_else(|| json!({}), |Json(body)| body);
    match stack.microsoft.switch(&switch, body) {
        Ok(answer) => ok(answer),
        Err(why) => refused(why),
    }
}
