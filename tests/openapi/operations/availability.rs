//! Free and busy times, and rooms.

use shared::problem::Code::{
    AmbiguousLocalTime, FeatureNotEnabled, Forbidden, InvalidRequest, NotFound, OutlookRefused,
};

use super::groups::{ALWAYS, BODY, CONNECTION, CUSTOMER, MAILBOX, MICROSOFT};
use super::{Operation, json};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        key: "POST /v1/availability",
        id: "findSlots",
        summary: "Who is free when, and the slots that follow; what is not known is never free",
        request: Some(("AvailabilityRequest", true)),
        parameters: &[],
        problems: &[
            &[AmbiguousLocalTime, FeatureNotEnabled, Forbidden, NotFound],
            BODY,
            CUSTOMER,
            CONNECTION,
            MAILBOX,
            MICROSOFT,
            ALWAYS,
        ],
        successes: &[json(
            200,
            "Calendars that could not be read are `unknown`, with the reason.",
            "Availability",
            &[],
        )],
    },
    Operation {
        key: "GET /v1/rooms",
        id: "listRooms",
        summary: "The rooms that can be booked",
        request: None,
        parameters: &["limit", "cursor", "building", "min_capacity"],
        problems: &[
            &[FeatureNotEnabled, Forbidden, InvalidRequest, OutlookRefused],
            CUSTOMER,
            CONNECTION,
            MAILBOX,
            MICROSOFT,
            ALWAYS,
        ],
        successes: &[json(200, "A page.", "RoomList", &[])],
    },
];
