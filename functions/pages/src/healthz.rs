//! Says that the deployment answers, and which build it is.

use serde::Serialize;
use shared::app::App;
use shared::function::{Request, Response};
use shared::problem::Problem;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    name: &'static str,
    version: &'static str,
}

pub(crate) async fn handle(_: &App, _: Request) -> Result<Response, Problem> {
    let health = Health { status: "ok", name: "convene", version: env!("CARGO_PKG_VERSION") };
    Ok(Response::json(200, &health).with("cache-control", "no-store"))
}
