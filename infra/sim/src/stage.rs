//! A Microsoft that runs alone, with everything around it that a caller over HTTP needs to set a scene.
//!
//! `POST /switch/{name}` presses a switch; `/stage/reset` begins anew; `/stage/clock` moves the clock;
//! `/stage/tokens` signs a person in without clicking; `/stage/sign-in` plays the person at Microsoft's pages.

use crate::microsoft::{Answer, Config, Microsoft};
use crate::{Journal, Now};
use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

type Reply = (StatusCode, Json<Value>);

/// One Microsoft whose clock is the wall clock and as many seconds more as callers moved it.
#[derive(Clone)]
pub struct Stage {
    microsoft: Microsoft,
    journal: Journal,
    ahead: Arc<AtomicI64>,
    first: Arc<String>,
}

impl Stage {
    /// The tenants, people and rooms of [`Microsoft::new`].
    pub fn new(config: Config) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let hand = ahead.clone();
        let now: Now =
            Arc::new(move || wall_clock() + SignedDuration::from_secs(hand.load(Ordering::Relaxed)));
        let journal = Journal::new();
        let microsoft = Microsoft::new(config, journal.clone(), now);
        let first = Arc::new(microsoft.save());
        Self { microsoft, journal, ahead, first }
    }

    /// The Microsoft itself.
    pub fn microsoft(&self) -> &Microsoft {
        &self.microsoft
    }

    /// Entra under `/login`, Graph under `/graph`, and the ways to set a scene.
    pub fn router(&self) -> Router {
        let scene = Router::new()
            .route("/switch/{name}", post(switch))
            .route("/stage/reset", post(reset))
            .route("/stage/clock", post(clock))
            .route("/stage/tokens", post(tokens))
            .route("/stage/sign-in", post(sign_in))
            .with_state(self.clone());
        self.microsoft.router().merge(scene)
    }
}

#[expect(clippy::disallowed_methods, reason = "a stand-in that runs alone has no other clock to go by")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}

fn refused(why: impl Into<String>) -> Reply {
    (StatusCode::BAD_REQUEST, Json(json!({ "message": why.into() })))
}

fn done(answer: Value) -> Reply {
    (StatusCode::OK, Json(answer))
}

async fn switch(State(stage): State<Stage>, Path(name): Path<String>, Json(body): Json<Value>) -> Reply {
    stage.microsoft.switch(&name, body).map_or_else(refused, done)
}

/// Nothing has happened yet: no event, no consent, no fault, the clock as it is.
async fn reset(State(stage): State<Stage>) -> Reply {
    stage.microsoft.faults().clear();
    stage.journal.clear();
    stage.ahead.store(0, Ordering::Relaxed);
    stage.microsoft.restore(&stage.first).map_or_else(refused, |()| done(json!({})))
}

#[derive(Deserialize)]
struct Clock {
    advance_seconds: i64,
}

async fn clock(State(stage): State<Stage>, Json(body): Json<Clock>) -> Reply {
    stage.ahead.fetch_add(body.advance_seconds, Ordering::Relaxed);
    done(json!({}))
}

#[derive(Deserialize)]
struct Tokens {
    user: String,
    scopes: String,
}

/// A person who was not there before is added, with a tenant of their own if need be.
async fn tokens(State(stage): State<Stage>, Json(body): Json<Tokens>) -> Reply {
    stage.microsoft.add_user(&body.user, &body.user);
    match stage.microsoft.try_mint(&body.user, &body.scopes) {
        Ok((access, refresh, _)) => done(json!({ "access_token": access, "refresh_token": refresh })),
        Err(why) => refused(why),
    }
}

#[derive(Deserialize)]
struct SignIn {
    url: String,
    user: String,
    answer: Answer,
}

/// `location` is where the browser goes back to; `stays` says why it does not.
async fn sign_in(State(stage): State<Stage>, Json(body): Json<SignIn>) -> Reply {
    done(match stage.microsoft.sign_in(&body.url, &body.user, body.answer) {
        Ok(location) => json!({ "location": location }),
        Err(why) => json!({ "stays": why }),
    })
}
