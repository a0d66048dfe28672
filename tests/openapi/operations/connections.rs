//! Customer, connect sessions and connections.

use shared::problem::Code::{
    DeletionInProgress, Forbidden, InvalidRequest, NotFound, UnmappedTimeZone, VersionMismatch,
};

use super::groups::{ALWAYS, BODY, CONNECTION, CUSTOMER, MICROSOFT};
use super::{Operation, bare, json};

const PAGING: &[&str] = &["limit", "cursor"];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        key: "GET /v1/customer",
        id: "readCustomer",
        summary: "The settings of the customer",
        request: None,
        parameters: &[],
        problems: &[&[Forbidden], ALWAYS],
        successes: &[json(200, "Before the first change: the defaults.", "Customer", &["ETag"])],
    },
    Operation {
        key: "PATCH /v1/customer",
        id: "changeCustomer",
        summary: "Changes what is named; null goes back to the default",
        request: Some(("CustomerPatch", true)),
        parameters: &["If-Match"],
        problems: &[&[Forbidden, DeletionInProgress, VersionMismatch], BODY, ALWAYS],
        successes: &[json(200, "As it is now.", "Customer", &["ETag"])],
    },
    Operation {
        key: "DELETE /v1/customer",
        id: "deleteCustomer",
        summary: "Destroys the customer's keys at once and removes what they sealed",
        request: None,
        parameters: &[],
        problems: &[&[Forbidden, VersionMismatch], ALWAYS],
        successes: &[json(202, "The receipt.", "DeletionReceipt", &[])],
    },
    Operation {
        key: "POST /v1/connect-sessions",
        id: "openConnectSession",
        summary: "A link by which the acting user connects Outlook",
        request: Some(("ConnectSessionRequest", true)),
        parameters: &[],
        problems: &[&[Forbidden, UnmappedTimeZone], CUSTOMER, BODY, ALWAYS],
        successes: &[json(201, "The link.", "ConnectSession", &[])],
    },
    Operation {
        key: "GET /v1/connection",
        id: "readOwnConnection",
        summary: "The acting user's connection",
        request: None,
        parameters: &[],
        problems: &[&[Forbidden], ALWAYS],
        successes: &[json(200, "Also where there is none: `not_connected`.", "Connection", &[])],
    },
    Operation {
        key: "DELETE /v1/connection",
        id: "endOwnConnection",
        summary: "Ends the acting user's connection; twice is fine",
        request: None,
        parameters: &[],
        problems: &[&[Forbidden], ALWAYS],
        successes: &[bare(204, "The tokens are destroyed.", &[])],
    },
    Operation {
        key: "POST /v1/connection/verify",
        id: "verifyOwnConnection",
        summary: "Asks Microsoft now",
        request: None,
        parameters: &[],
        problems: &[&[Forbidden], CONNECTION, MICROSOFT, ALWAYS],
        successes: &[json(200, "The connection as it stands now.", "Connection", &[])],
    },
    Operation {
        key: "GET /v1/connections",
        id: "listConnections",
        summary: "The connections of the customer",
        request: None,
        parameters: PAGING,
        problems: &[&[Forbidden, InvalidRequest], ALWAYS],
        successes: &[json(200, "A page.", "ConnectionList", &[])],
    },
    Operation {
        key: "GET /v1/connections/{id}",
        id: "readConnection",
        summary: "A connection of the customer",
        request: None,
        parameters: &["con"],
        problems: &[&[Forbidden, NotFound], ALWAYS],
        successes: &[json(200, "It.", "Connection", &[])],
    },
    Operation {
        key: "DELETE /v1/connections/{id}",
        id: "endConnection",
        summary: "Ends a connection of the customer; twice is fine",
        request: None,
        parameters: &["con"],
        problems: &[&[Forbidden, NotFound], ALWAYS],
        successes: &[bare(204, "The tokens are destroyed.", &[])],
    },
];
