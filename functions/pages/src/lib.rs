//! Pages that need no account and touch no table: is it up, what does a problem mean, what does an error mean.

mod doctor;
mod healthz;
mod owner;
mod problems;

use shared::function::{Access, HttpFunction, Route};

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "pages",
    routes: &[
        Route::new("GET /healthz", Access::Public, |_, _| Box::pin(async { Ok(healthz::answer()) })),
        Route::new("GET /problems/{code}", Access::Public, |app, request| {
            Box::pin(async move { problems::page(app, request.parameter("code")) })
        }),
        Route::new("GET /doctor", Access::Public, |app, _| Box::pin(async { doctor::empty(app) })),
        Route::new("POST /doctor", Access::Public, |app, request| {
            Box::pin(async move { doctor::answer(app, &request) })
        }),
    ],
};
