//! Who is free, and which rooms there are. Reads calendars and the list of rooms; writes nothing, keeps nothing.

mod answer;
mod moving;
mod ready;
pub mod request;
mod rooms;
mod search;

use shared::function::{Access, HttpFunction, Route};

const READ: Access = Access::AnyOf(&["availability"]);

const ROOMS: &[&str] = &["limit", "cursor", "building", "min_capacity"];

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "availability",
    stores: true,
    routes: &[
        Route::new("POST /v1/availability", READ, |a, r| Box::pin(search::handle(a, r))),
        Route::new("GET /v1/rooms", READ, |a, r| Box::pin(rooms::handle(a, r))).taking(ROOMS),
    ],
};
