//! A function is a value: its name and its routes. `main.rs`, the local gateway and the template's test read it.
//!
//! API Gateway routes; a function only looks the route key up. Errors never reach the Lambda runtime: a
//! [`Problem`] becomes a response, so the runtime's error metric means a bug.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use lambda_http::http;
use lambda_runtime::LambdaEvent;
use tracing::{Instrument, error, info, warn};

use crate::app::App;
use crate::clock::Clock;
use crate::deadlines;
use crate::metrics::{self, Metric, Tally};
use crate::microsoft::Deadline;
use crate::outbox::Outbox;
use crate::problem::{Code, Problem};
pub use crate::request::{Caller, Paging, Request};
pub use crate::response::{Response, STYLE, with_query};

/// What a route's story is told by.
pub type Handle = for<'a> fn(&'a App, Request) -> BoxFuture<'a, Result<Response, Problem>>;
/// What a scheduled function does at each tick; it answers with its report.
pub type Tick = for<'a> fn(&'a App, Deadline) -> BoxFuture<'a, Report>;

/// What a function does with an event of the stream it listens to; an error has all of it told again.
pub type Listen = for<'a> fn(&'a Outbox, Report) -> BoxFuture<'a, Result<Report, String>>;

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
    /// The query parameters that it takes; on `/v1` no others are let in.
    pub query: &'static [&'static str],
    /// Its story.
    pub handle: Handle,
}

/// The query parameters of every list.
pub const PAGING: &[&str] = &["limit", "cursor"];

impl Route {
    /// The route in one line.
    pub const fn new(key: &'static str, access: Access, handle: Handle) -> Self {
        Self { key, access, query: &[], handle }
    }

    /// With these query parameters.
    #[must_use]
    pub const fn taking(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }
}

/// A function behind API Gateway.
#[derive(Clone, Copy)]
pub struct HttpFunction {
    /// Package and binary.
    pub name: &'static str,
    /// Its routes.
    pub routes: &'static [Route],
    /// Whether its first request needs the store: the connection is then opened before there is a request.
    pub stores: bool,
}

/// A function that EventBridge Scheduler starts.
#[derive(Clone, Copy)]
pub struct ScheduledFunction {
    /// Package and binary.
    pub name: &'static str,
    /// What it does.
    pub tick: Tick,
}

/// A function that listens to the main table's stream.
#[derive(Clone, Copy)]
pub struct StreamFunction {
    /// Package and binary.
    pub name: &'static str,
    /// Which rows it hears of: the beginnings of their sort keys.
    pub rows: &'static [&'static str],
    /// What it does.
    pub handle: Listen,
}

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
            let (told, tally) = metrics::tallied(async {
                let (response, problem) = match self.tell_safely(app, request).await {
                    Ok(response) => (response, ""),
                    Err(problem) => (
                        Response::problem(&problem, &app.settings.public_url, &id),
                        problem.code.entry().code,
                    ),
                };
                metrics::count(Metric::ServerErrors, u32::from(response.status >= 500));
                metrics::note(Metric::Duration, milliseconds_since(begun, app.clock.as_ref()));
                (response, problem)
            })
            .await;
            let (response, problem) = told;
            let emf = document(&tally, &app.settings.metrics_namespace, app.clock.as_ref(), self.name);
            info!(status = response.status, problem, %emf, "Answered {key} with {}", response.status);
            response.send(&path, &id)
        }
        .instrument(span)
        .await
    }

    /// The story, cut short in real time before API Gateway does it; what was begun is finished by follow-ups.
    async fn tell_safely(&self, app: &App, request: Request) -> Result<Response, Problem> {
        let story = AssertUnwindSafe(self.tell(app, request)).catch_unwind();
        match tokio::time::timeout(deadlines::CUT, story).await {
            Ok(Ok(told)) => told,
            Ok(Err(_)) => {
                error!("A handler panicked");
                metrics::count(Metric::Panics, 1);
                Err(Code::InternalError.into())
            }
            Err(_) => {
                error!("A handler took too long");
                Err(Code::ServiceUnavailable.into())
            }
        }
    }

    async fn tell(&self, app: &App, request: Request) -> Result<Response, Problem> {
        let route = self.routes.iter().find(|route| route.key == request.route_key);
        let route = route.ok_or(Code::NotFound)?;
        if let Access::AnyOf(scopes) = route.access {
            request.check_token(scopes)?;
        }
        request.check_query(route.query)?;
        request.check_body()?;
        let response = (route.handle)(app, request).await?;
        if response.fits() { Ok(response) } else { Err(Code::AnswerTooLarge.into()) }
    }
}

/// Reads an API Gateway event (payload format 2.0) as Lambda would hand it over.
pub fn http_event(json: &str) -> Result<lambda_http::Request, serde_json::Error> {
    lambda_http::request::from_str(json)
}

/// Runs a function behind API Gateway until Lambda stops it.
pub async fn run_http(function: HttpFunction) -> Result<(), lambda_runtime::Error> {
    crate::telemetry::start();
    let app = Arc::new(App::from_env()?);
    if function.stores {
        // While a container starts it has a whole processor, and nobody waits: TLS costs less here than in a request.
        if !matches!(tokio::time::timeout(deadlines::START, app.store.open_connection()).await, Ok(Ok(()))) {
            warn!("The store did not answer at the start; the first request opens the connection");
        }
    }
    lambda_http::run(lambda_http::service_fn(move |event: lambda_http::Request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, std::convert::Infallible>(function.answer(&app, event).await) }
    }))
    .await
}

impl ScheduledFunction {
    /// One tick. `lambda_deadline` in milliseconds since the epoch.
    pub async fn run(&self, app: &App, lambda_deadline: Option<u64>) -> Report {
        let deadline = deadlines::of_tick(app, lambda_deadline);
        let span = tracing::info_span!("tick", function = self.name);
        async {
            let begun = app.clock.now();
            let (report, tally) = metrics::tallied(async {
                let told = AssertUnwindSafe((self.tick)(app, deadline)).catch_unwind().await;
                metrics::note(Metric::Duration, milliseconds_since(begun, app.clock.as_ref()));
                told.unwrap_or_else(|_| {
                    error!("A tick panicked");
                    metrics::count(Metric::Panics, 1);
                    serde_json::json!({ "panicked": true })
                })
            })
            .await;
            let emf = document(&tally, &app.settings.metrics_namespace, app.clock.as_ref(), self.name);
            info!(report = %report, %emf, "Finished a tick of {}", self.name);
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

impl StreamFunction {
    /// One event.
    pub async fn hear(&self, outbox: &Outbox, event: Report) -> Result<Report, String> {
        let span = tracing::info_span!("stream", function = self.name);
        async {
            let clock = outbox.clock.as_ref();
            let begun = clock.now();
            let (done, tally) = metrics::tallied(async {
                let done = AssertUnwindSafe((self.handle)(outbox, event)).catch_unwind().await;
                metrics::note(Metric::Duration, milliseconds_since(begun, clock));
                done.unwrap_or_else(|_| {
                    metrics::count(Metric::Panics, 1);
                    Err("it panicked".to_owned())
                })
            })
            .await;
            let emf = document(&tally, &outbox.metrics_namespace, clock, self.name);
            match &done {
                Ok(report) => info!(report = %report, %emf, "Heard the stream"),
                Err(why) => error!(%emf, "Did not hear the stream: {why}"),
            }
            done
        }
        .instrument(span)
        .await
    }
}

/// Runs a function that listens to the stream until Lambda stops it.
pub async fn run_stream(function: StreamFunction) -> Result<(), lambda_runtime::Error> {
    crate::telemetry::start();
    let outbox = Arc::new(Outbox::from_env()?);
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<serde_json::Value>| {
        let outbox = Arc::clone(&outbox);
        async move { function.hear(&outbox, event.payload).await }
    }))
    .await
}

fn milliseconds_since(begun: jiff::Timestamp, clock: &dyn Clock) -> i64 {
    i64::try_from(clock.now().duration_since(begun).as_millis()).unwrap_or(i64::MAX)
}

fn document(tally: &Tally, namespace: &str, clock: &dyn Clock, function: &str) -> Report {
    tally.document(namespace, function, clock.now().as_millisecond())
}

/// The method and path of a route key, for whoever must mount it elsewhere.
pub fn split_key(key: &str) -> (http::Method, &str) {
    let (method, path) = key.split_once(' ').unwrap_or(("GET", key));
    (method.parse().unwrap_or(http::Method::GET), path)
}
