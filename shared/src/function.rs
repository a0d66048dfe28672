//! A function is a value: its name and its routes. `main.rs`, the local gateway and the template's test read it.
//!
//! API Gateway routes; a function only looks the route key up. Errors never reach the Lambda runtime: a
//! [`Problem`] becomes a response, so the runtime's error metric means a bug.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use lambda_http::{RequestExt, http};
use lambda_runtime::LambdaEvent;
use tracing::{Instrument, error, info};

use crate::app::App;
use crate::microsoft::Deadline;
use crate::problem::{Code, Problem};
pub use crate::request::{Caller, Request};
pub use crate::response::{Response, with_query};

/// What a route's story is told by.
pub type Handle = for<'a> fn(&'a App, Request) -> BoxFuture<'a, Result<Response, Problem>>;
/// What a scheduled function does at each tick; it answers with its report.
pub type Tick = for<'a> fn(&'a App, Deadline) -> BoxFuture<'a, Report>;

/// What a scheduled function did.
pub type Report = serde_json::Value;

/// A report in the form in which it is logged and answered.
pub fn to_report<T: serde::Serialize>(report: &T) -> Report {
    serde_json::to_value(report).unwrap_or_default()
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever has a token with one of these scopes.
    AnyOf(&'static [&'static str]),
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// Method and path, as API Gateway writes them.
    pub key: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Its story.
    pub handle: Handle,
}

/// A function behind API Gateway.
#[derive(Clone, Copy)]
pub struct HttpFunction {
    /// Package and binary.
    pub name: &'static str,
    /// Its routes.
    pub routes: &'static [Route],
}

/// A function that EventBridge Scheduler starts.
#[derive(Clone, Copy)]
pub struct ScheduledFunction {
    /// Package and binary.
    pub name: &'static str,
    /// What it does.
    pub tick: Tick,
}

/// API Gateway gives up after 30 s; what is not settled by then is a 202.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);
/// Time kept from a request's Lambda deadline (29 s), to answer in.
const KEEP_TO_ANSWER: Duration = Duration::from_secs(4);
/// Time kept from a tick's Lambda deadline, to stop in.
const KEEP_TO_STOP: Duration = Duration::from_secs(30);

impl HttpFunction {
    /// Answers one event of API Gateway.
    pub async fn answer(
        &self,
        app: &App,
        event: lambda_http::Request,
    ) -> lambda_http::Response<lambda_http::Body> {
        let request = Request::read(app, &event);
        let (id, path, begun) = (request.id.clone(), request.path.clone(), app.clock.now());
        let key = request.route_key.clone();
        let span = tracing::info_span!("request", request.id = %id, function = self.name, route = %key);
        async {
            let result =
                AssertUnwindSafe(self.tell(app, request)).catch_unwind().await.unwrap_or_else(|_| {
                    error!("A handler panicked");
                    Err(Code::InternalError.into())
                });
            let (response, problem) = match result {
                Ok(response) => (response, ""),
                Err(problem) => {
                    (Response::problem(&problem, &app.settings.public_url, &id), problem.code.entry().code)
                }
            };
            let ms = app.clock.now().duration_since(begun).as_millis();
            info!(status = response.status, problem, ms, "Answered {key} with {}", response.status);
            response.send(&path, &id)
        }
        .instrument(span)
        .await
    }

    async fn tell(&self, app: &App, request: Request) -> Result<Response, Problem> {
        let route = self.routes.iter().find(|route| route.key == request.route_key);
        let route = route.ok_or(Code::NotFound)?;
        if let Access::AnyOf(scopes) = route.access {
            request.check_token(scopes)?;
        }
        request.check_body()?;
        (route.handle)(app, request).await
    }
}

/// Reads an API Gateway event (payload format 2.0) as Lambda would hand it over.
pub fn http_event(json: &str) -> Result<lambda_http::Request, serde_json::Error> {
    lambda_http::request::from_str(json)
}

/// When a request must be answered: 25 s from now, or 4 s before Lambda's own deadline.
pub(crate) fn answer_by(app: &App, event: &lambda_http::Request) -> Deadline {
    let lambda = event.lambda_context_ref().map(|context| context.deadline);
    within(app, lambda, ANSWER_WITHIN, KEEP_TO_ANSWER)
}

fn within(app: &App, lambda: Option<u64>, longest: Duration, keep: Duration) -> Deadline {
    let latest = app.clock.now().saturating_add(longest).unwrap_or(jiff::Timestamp::MAX);
    let lambda = lambda
        .and_then(|millis| jiff::Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok())
        .and_then(|end| end.checked_sub(keep).ok());
    Deadline(lambda.map_or(latest, |end| end.min(latest)))
}

/// Runs a function behind API Gateway until Lambda stops it.
pub async fn run_http(function: HttpFunction) -> Result<(), lambda_runtime::Error> {
    crate::telemetry::start();
    let app = Arc::new(App::from_env()?);
    lambda_http::run(lambda_http::service_fn(move |event: lambda_http::Request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, std::convert::Infallible>(function.answer(&app, event).await) }
    }))
    .await
}

/// A tick may take five minutes less the time to stop in.
const TICK_WITHIN: Duration = Duration::from_secs(270);

impl ScheduledFunction {
    /// One tick. `lambda_deadline` in milliseconds since the epoch.
    pub async fn run(&self, app: &App, lambda_deadline: Option<u64>) -> Report {
        let deadline = within(app, lambda_deadline, TICK_WITHIN, KEEP_TO_STOP);
        let span = tracing::info_span!("tick", function = self.name);
        async {
            let report =
                AssertUnwindSafe((self.tick)(app, deadline)).catch_unwind().await.unwrap_or_else(|_| {
                    error!("A tick panicked");
                    serde_json::json!({ "panicked": true })
                });
            info!(report = %report, "Finished a tick of {}", self.name);
            report
        }
        .instrument(span)
        .await
    }
}

/// Runs a scheduled function until Lambda stops it. Its keys may stay in memory longer: it serves nobody.
pub async fn run_scheduled(function: ScheduledFunction) -> Result<(), lambda_runtime::Error> {
    crate::telemetry::start();
    let app = Arc::new(App::from_env_keeping_keys_for(crate::app::SWEEP_KEY_LIFE)?);
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<serde_json::Value>| {
        let app = Arc::clone(&app);
        async move { Ok::<_, std::convert::Infallible>(function.run(&app, Some(event.context.deadline)).await) }
    }))
    .await
}

/// The method and path of a route key, for whoever must mount it elsewhere.
pub fn split_key(key: &str) -> (http::Method, &str) {
    let (method, path) = key.split_once(' ').unwrap_or(("GET", key));
    (method.parse().unwrap_or(http::Method::GET), path)
}
