//! The management API: settings of a customer, connect links, and connections.

mod connection;
mod customer;
pub mod request;
mod session;
pub mod settings;
mod view;

use shared::function::{Access, HttpFunction, PAGING, Route};

const ADMIN: Access = Access::AnyOf(&["admin"]);
const OWN: Access = Access::AnyOf(&["connections"]);

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "connections",
    stores: true,
    routes: &[
        Route::new("GET /v1/customer", ADMIN, |a, r| Box::pin(customer::read(a, r))),
        Route::new("PATCH /v1/customer", ADMIN, |a, r| Box::pin(customer::change(a, r))),
        Route::new("DELETE /v1/customer", ADMIN, |a, r| Box::pin(customer::delete(a, r))),
        Route::new("POST /v1/connect-sessions", OWN, |a, r| Box::pin(session::open(a, r))),
        Route::new("GET /v1/connection", OWN, |a, r| Box::pin(connection::own(a, r))),
        Route::new("DELETE /v1/connection", OWN, |a, r| Box::pin(connection::end_own(a, r))),
        Route::new("POST /v1/connection/verify", OWN, |a, r| Box::pin(connection::verify(a, r))),
        Route::new("GET /v1/connections", ADMIN, |a, r| Box::pin(connection::list(a, r))).taking(PAGING),
        Route::new("GET /v1/connections/{id}", ADMIN, |a, r| Box::pin(connection::any(a, r))),
        Route::new("DELETE /v1/connections/{id}", ADMIN, |a, r| Box::pin(connection::end_any(a, r))),
    ],
};
