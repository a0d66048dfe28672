//! The management API: settings of a customer, connect links, and connections.

mod connection;
mod customer;
mod session;
mod settings;
mod view;

use shared::function::{Access, HttpFunction, Route};

const ADMIN: Access = Access::AnyOf(&["admin"]);
const OWN: Access = Access::AnyOf(&["connections"]);

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "connections",
    routes: &[
        Route { key: "GET /v1/customer", access: ADMIN, handle: |a, r| Box::pin(customer::read(a, r)) },
        Route { key: "PATCH /v1/customer", access: ADMIN, handle: |a, r| Box::pin(customer::change(a, r)) },
        Route { key: "DELETE /v1/customer", access: ADMIN, handle: |a, r| Box::pin(customer::delete(a, r)) },
        Route { key: "POST /v1/connect-sessions", access: OWN, handle: |a, r| Box::pin(session::open(a, r)) },
        Route { key: "GET /v1/connection", access: OWN, handle: |a, r| Box::pin(connection::own(a, r)) },
        Route {
            key: "DELETE /v1/connection",
            access: OWN,
            handle: |a, r| Box::pin(connection::end_own(a, r)),
        },
        Route {
            key: "POST /v1/connection/verify",
            access: OWN,
            handle: |a, r| Box::pin(connection::verify(a, r)),
        },
        Route { key: "GET /v1/connections", access: ADMIN, handle: |a, r| Box::pin(connection::list(a, r)) },
        Route {
            key: "GET /v1/connections/{id}",
            access: ADMIN,
            handle: |a, r| Box::pin(connection::any(a, r)),
        },
        Route {
            key: "DELETE /v1/connections/{id}",
            access: ADMIN,
            handle: |a, r| Box::pin(connection::end_any(a, r)),
        },
    ],
};
