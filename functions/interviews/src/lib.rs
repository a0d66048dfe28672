//! Interviews: asked for, read, moved, changed and called off.

mod accept;
mod cancel;
mod change;
mod create;
mod key;
mod read;
mod request;
mod reschedule;

use shared::function::{Access, HttpFunction, Route};

const WRITE: Access = Access::AnyOf(&["interviews"]);
const ANY: Access = Access::AnyOf(&["interviews", "admin"]);

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "interviews",
    routes: &[
        Route { key: "POST /v1/interviews", access: WRITE, handle: |a, r| Box::pin(create::handle(a, r)) },
        Route { key: "GET /v1/interviews", access: ANY, handle: |a, r| Box::pin(read::list(a, r)) },
        Route { key: "GET /v1/interviews/{id}", access: ANY, handle: |a, r| Box::pin(read::one(a, r)) },
        Route {
            key: "PATCH /v1/interviews/{id}",
            access: ANY,
            handle: |a, r| Box::pin(change::handle(a, r)),
        },
        Route {
            key: "POST /v1/interviews/{id}/reschedule",
            access: ANY,
            handle: |a, r| Box::pin(reschedule::handle(a, r)),
        },
        Route {
            key: "POST /v1/interviews/{id}/cancel",
            access: ANY,
            handle: |a, r| Box::pin(cancel::handle(a, r)),
        },
    ],
};
