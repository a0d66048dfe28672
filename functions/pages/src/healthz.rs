//! Says that the deployment answers, and which build it is.

use serde::Serialize;
use shared::function::Response;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    name: &'static str,
    version: &'static str,
}

pub(crate) fn answer() -> Response {
    let health = Health { status: "ok", name: "convene", version: env!("CARGO_PKG_VERSION") };
    Response::json(200, &health).with("cache-control", "no-store")
}
