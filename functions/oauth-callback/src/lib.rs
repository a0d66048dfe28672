//! The browser's way: from a connect link to Microsoft and back, until tokens are stored.

mod admin;
mod callback;
mod complete;
mod connect;
mod cookie;
mod finish;
mod settling;
mod waiting;

use shared::function::{Access, HttpFunction, Route};

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "oauth-callback",
    stores: true,
    routes: &[
        Route::new("GET /api/auth/microsoft/connect", Access::Public, |app, request| {
            Box::pin(connect::handle(app, request))
        }),
        Route::new("GET /api/auth/microsoft/callback", Access::Public, |app, request| {
            Box::pin(callback::handle(app, request))
        }),
        Route::new("GET /api/auth/microsoft/admin-consent", Access::Public, |app, request| {
            Box::pin(admin::open(app, request))
        }),
    ],
};
