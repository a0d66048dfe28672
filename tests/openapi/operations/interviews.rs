//! Interviews.

use shared::problem::Code::{
    AvailabilityUnknown, Forbidden, InvalidRequest, NotFound, RoomDeclined, SlotTaken, TeamsBlockNotFound,
    TeamsNotAvailable,
};

use super::groups::{ALWAYS, BODY, CHANGE, CONNECTION, CUSTOMER, KEY, MICROSOFT, OUTLOOK, TIMES};
use super::{Body, Operation, Success, json};

const PAGING: &[&str] = &["limit", "cursor"];
const WRITTEN: &[&str] = &["ETag", "Idempotent-Replayed?"];
const UNSETTLED: Success = Success {
    status: 202,
    means: "A room is held and has yet to answer, or the outcome is not known yet: repeat the request after Retry-After, or read the interview.",
    body: Body::Either("Interview", "Unsettled"),
    headers: &["Retry-After"],
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        key: "POST /v1/interviews",
        id: "createInterview",
        summary: "Schedules an interview on the acting user's own calendar",
        request: Some(("NewInterview", true)),
        parameters: &["Idempotency-Key"],
        problems: &[
            &[Forbidden, RoomDeclined, TeamsNotAvailable],
            BODY,
            TIMES,
            KEY,
            CUSTOMER,
            CONNECTION,
            OUTLOOK,
            MICROSOFT,
            ALWAYS,
        ],
        successes: &[json(201, "The event exists.", "Interview", WRITTEN), UNSETTLED],
    },
    Operation {
        key: "GET /v1/interviews",
        id: "listInterviews",
        summary: "The acting user's interviews; all of the customer for `admin`",
        request: None,
        parameters: PAGING,
        problems: &[&[Forbidden, InvalidRequest, NotFound], ALWAYS],
        successes: &[json(200, "A page.", "InterviewList", &[])],
    },
    Operation {
        key: "GET /v1/interviews/{id}",
        id: "readInterview",
        summary: "An interview, from the store; Outlook is not asked",
        request: None,
        parameters: &["int"],
        problems: &[&[Forbidden, NotFound], ALWAYS],
        successes: &[json(200, "It.", "Interview", &["ETag"])],
    },
    Operation {
        key: "GET /v1/interviews/{id}/timeline",
        id: "readTimeline",
        summary: "What was asked of an interview, written to Outlook for it, and answered; the oldest first",
        request: None,
        parameters: &["int"],
        problems: &[&[Forbidden, NotFound], ALWAYS],
        successes: &[json(
            200,
            "All steps, or of more than forty the first and the newest: there is no second page.",
            "StepList",
            &[],
        )],
    },
    Operation {
        key: "PATCH /v1/interviews/{id}",
        id: "changeInterview",
        summary: "Changes title, text, people or rooms; the Teams link stays",
        request: Some(("InterviewPatch", true)),
        parameters: &["int", "If-Match"],
        problems: &[
            &[Forbidden, TeamsBlockNotFound],
            BODY,
            CHANGE,
            CUSTOMER,
            CONNECTION,
            OUTLOOK,
            MICROSOFT,
            ALWAYS,
        ],
        successes: &[json(200, "As it is now.", "Interview", &["ETag"]), UNSETTLED],
    },
    Operation {
        key: "POST /v1/interviews/{id}/reschedule",
        id: "rescheduleInterview",
        summary: "Moves an interview: same event, same Teams link",
        request: Some(("NewTime", true)),
        parameters: &["int", "Idempotency-Key", "If-Match"],
        problems: &[
            &[AvailabilityUnknown, Forbidden, SlotTaken],
            BODY,
            TIMES,
            KEY,
            CHANGE,
            CUSTOMER,
            CONNECTION,
            OUTLOOK,
            MICROSOFT,
            ALWAYS,
        ],
        successes: &[json(200, "As it is now.", "Interview", WRITTEN), UNSETTLED],
    },
    Operation {
        key: "POST /v1/interviews/{id}/cancel",
        id: "cancelInterview",
        summary: "Calls an interview off; twice is fine, and so is an event that is already gone",
        request: Some(("Cancellation", false)),
        parameters: &["int", "Idempotency-Key", "If-Match"],
        problems: &[&[Forbidden], BODY, KEY, CHANGE, CUSTOMER, CONNECTION, OUTLOOK, MICROSOFT, ALWAYS],
        successes: &[json(200, "As it is now.", "Interview", WRITTEN), UNSETTLED],
    },
];
