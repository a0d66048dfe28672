//! Pages that need no account and touch no table: is it up, and what does a problem mean.

mod healthz;
mod problems;

use shared::function::{Access, HttpFunction, Route};

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "pages",
    routes: &[
        Route {
            key: "GET /healthz",
            access: Access::Public,
            handle: |_, _| Box::pin(async { Ok(healthz::answer()) }),
        },
        Route {
            key: "GET /problems/{code}",
            access: Access::Public,
            handle: |app, request| Box::pin(async move { problems::page(app, request.parameter("code")) }),
        },
    ],
};
