//! Pages that need no account: is it up, what does a problem mean, what does an error mean, and what an IT
//! administrator asks. Only the page of one company reads the table.

mod doctor;
mod healthz;
mod it;
mod owner;
mod problems;

use shared::function::{Access, HttpFunction, Route};

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "pages",
    stores: false,
    routes: &[
        Route::new("GET /healthz", Access::Public, |_, _| Box::pin(async { Ok(healthz::answer()) })),
        Route::new("GET /problems/{code}", Access::Public, |app, request| {
            Box::pin(async move { problems::page(app, request.parameter("code")) })
        }),
        Route::new("GET /doctor", Access::Public, |app, _| Box::pin(async { doctor::empty(app) })),
        Route::new("POST /doctor", Access::Public, |app, request| {
            Box::pin(async move { doctor::answer(app, &request) })
        }),
        Route::new("GET /it", Access::Public, |app, _| Box::pin(async { it::public(app) })),
        Route::new("GET /it/manifest.json", Access::Public, |app, request| {
            Box::pin(it::manifest(app, request))
        }),
        Route::new("GET /it/{customer}", Access::Public, |app, request| {
            Box::pin(async move { it::of_customer(app, request.parameter("customer"), &request).await })
        }),
        Route::new("GET /.well-known/microsoft-identity-association.json", Access::Public, |app, _| {
            Box::pin(async { Ok(it::domain_file(app)) })
        }),
    ],
};
