//! One body per request schema with every member in it.

use serde_json::{Value, json};

/// Route, schema and body. `rooms` may be booked, so that the answer shows them.
pub(super) fn full(url: &str) -> [(&'static str, &'static str, Value); 7] {
    [
        ("POST /v1/availability", "AvailabilityRequest", super::availability::body()),
        ("PATCH /v1/customer", "CustomerPatch", customer()),
        ("POST /v1/connect-sessions", "ConnectSessionRequest", session(url)),
        ("POST /v1/interviews", "NewInterview", interview()),
        ("PATCH /v1/interviews/{id}", "InterviewPatch", patch()),
        ("POST /v1/interviews/{id}/reschedule", "NewTime", time()),
        ("POST /v1/interviews/{id}/cancel", "Cancellation", json!({ "comment": "The position is filled." })),
    ]
}

pub(super) fn customer() -> Value {
    json!({
        "name": "Acme", "enabled": true, "features": ["calendar"], "strict": false,
        "tenant_id": "1c3c5147-ae95-42bb-87aa-67f6dc2777da", "allowed_account": "same_domain", "calendar": "primary",
        "scheduling_user": { "user": "u-ana", "allowed_users": ["u-ben"] },
        "rooms": [{ "email": "room7@contoso.com", "name": "Room 7", "capacity": 8, "building": "North" }],
    })
}

pub(super) fn session(url: &str) -> Value {
    json!({ "return_url": format!("{url}/done"), "features": ["calendar"], "time_zone": "Europe/Paris", "locale": "en" })
}

pub(super) fn interview() -> Value {
    json!({
        "external_id": "ats-9981", "title": "Interview: Backend engineer", "body_html": "<p>Bring your questions.</p>",
        "start": "2026-12-01T10:00:00", "end": "2026-12-01T10:45:00", "time_zone": "Europe/Paris",
        "candidates": [{ "email": "dana@example.org", "name": "Dana" }],
        "interviewers": [{ "email": "carl@contoso.com", "name": "Carl", "optional": true }],
        "online_meeting": "teams", "rooms": ["room7@contoso.com"], "hold_room": false, "require_free": false,
        "hide_attendees": true, "organize_as": "me", "allow_past": false,
    })
}

pub(super) fn patch() -> Value {
    let all = interview();
    json!({ "title": "Second talk", "body_html": all["body_html"], "candidates": all["candidates"],
        "interviewers": all["interviewers"], "rooms": all["rooms"] })
}

pub(super) fn time() -> Value {
    json!({ "start": "2026-12-01T15:00:00", "end": "2026-12-01T15:45:00", "time_zone": "Europe/Paris",
        "comment": "Later that day.", "require_free": false, "allow_past": false })
}
