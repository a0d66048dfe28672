//! Getting Microsoft's consent and keeping it: requests to administrators, the link to their page, what an error
//! means, and the record of every call that was made with it.

mod approvals;
mod diagnosis;
mod graph_calls;
mod it_link;
mod letter;
pub mod request;

use shared::function::{Access, HttpFunction, PAGING, Route};

const ADMIN: Access = Access::AnyOf(&["admin"]);
const OWN: Access = Access::AnyOf(&["connections"]);
const EITHER: Access = Access::AnyOf(&["admin", "connections"]);

/// The function.
pub const FUNCTION: HttpFunction = HttpFunction {
    name: "consent",
    stores: true,
    routes: &[
        Route::new("POST /v1/approvals", EITHER, |a, r| Box::pin(approvals::ask(a, r))),
        Route::new("GET /v1/approvals", EITHER, |a, r| Box::pin(approvals::list(a, r))).taking(PAGING),
        Route::new("GET /v1/approvals/{id}", EITHER, |a, r| Box::pin(approvals::read(a, r))),
        Route::new("POST /v1/approvals/{id}/withdraw", EITHER, |a, r| Box::pin(approvals::withdraw(a, r))),
        Route::new("POST /v1/customer/it-link", ADMIN, |a, r| Box::pin(it_link::make(a, r))),
        Route::new("GET /v1/graph-calls", ADMIN, |a, r| Box::pin(graph_calls::list(a, r))).taking(PAGING),
        Route::new("POST /v1/diagnoses", OWN, |a, r| Box::pin(diagnosis::make(a, r))),
    ],
};
