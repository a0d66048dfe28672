//! Interviews: asked for, read, moved, changed and called off.

mod accept;
mod cancel;
mod change;
mod create;
mod key;
mod read;
pub mod request;
mod reschedule;

use shared::function::{Access, HttpFunction, PAGING, Route};

const WRITE: Access = Access::AnyOf(&["interviews"]);
const ANY: Access = Access::AnyOf(&["interviews", "admin"]);

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "interviews",
    stores: true,
    routes: &[
        Route::new("POST /v1/interviews", WRITE, |a, r| Box::pin(create::handle(a, r))),
        Route::new("GET /v1/interviews", ANY, |a, r| Box::pin(read::list(a, r))).taking(PAGING),
        Route::new("GET /v1/interviews/{id}", ANY, |a, r| Box::pin(read::one(a, r))),
        Route::new("PATCH /v1/interviews/{id}", ANY, |a, r| Box::pin(change::handle(a, r))),
        Route::new("GET /v1/interviews/{id}/timeline", ANY, |a, r| Box::pin(read::timeline(a, r))),
        Route::new("POST /v1/interviews/{id}/reschedule", ANY, |a, r| Box::pin(reschedule::handle(a, r))),
        Route::new("POST /v1/interviews/{id}/cancel", ANY, |a, r| Box::pin(cancel::handle(a, r))),
    ],
};
