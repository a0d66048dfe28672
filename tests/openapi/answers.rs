//! What is answered, as JSON Schema (2020-12, the dialect of `OpenAPI` 3.1). Every member is always there; what may be
//! missing is null. The words of enumerations come from the code.

use serde_json::{Map, Value, json};
use shared::domain::approval::State;
use shared::domain::cloud::Cloud;
use shared::domain::connection::Status;
use shared::domain::customer::{AllowedAccount, CalendarChoice};
use shared::domain::features::Feature;
use shared::domain::interview::{self, EventState, RoomState};
use shared::domain::sign_in::OutcomeStatus;
use shared::problem::{Code, Owner};

use super::kinds::{
    boolean, closed, date_time, email, integer, list, nullable, one_of, prefixed, reference, text, uri, uuid,
};

/// An object that always has all of these members and no others.
pub(super) fn whole(members: Value) -> Value {
    let names: Vec<String> = members.as_object().expect("members").keys().cloned().collect();
    let mut schema = closed(members);
    schema["required"] = json!(names);
    schema
}

fn described(mut schema: Value, meaning: &str) -> Value {
    schema["description"] = json!(meaning);
    schema
}

pub(super) fn words(all: Value) -> Value {
    let mut schema = json!({ "type": "string" });
    schema["enum"] = all;
    schema
}

pub(super) fn features() -> Value {
    let mut features = list(words(json!(Feature::ALL)));
    let all = Feature::ALL.map(|feature| format!("`{}`: {}", feature.name(), feature.explanation()));
    features["description"] = json!(all.join(" "));
    features
}

pub(super) fn allowed_account() -> Value {
    words(json!([AllowedAccount::SameEmail, AllowedAccount::SameDomain, AllowedAccount::AnyInTenant]))
}

pub(super) fn calendar() -> Value {
    let mut calendar = words(json!([CalendarChoice::Primary, CalendarChoice::Scheduler]));
    calendar["description"] = json!(
        "`primary`, the default: the recruiter's default calendar. `scheduler`: interviews with a room go to a calendar \
         of our own in the same mailbox, the room invited. Outlook tallies no answers there and its free and busy times \
         do not show what stands there: `room.state` is `unknown`, and no room can be held."
    );
    calendar
}

pub(super) fn schemas() -> Map<String, Value> {
    let mut all = Map::new();
    for (name, schema) in problems()
        .into_iter()
        .chain(connections())
        .chain(customers())
        .chain(interviews())
        .chain(super::availability::answers())
        .chain(super::it::answers())
        .chain(super::proof::answers())
    {
        all.insert(name.to_owned(), schema);
    }
    all.insert(
        "Health".to_owned(),
        whole(json!({
            "status": one_of(&["ok"]), "name": text("The product."), "version": text("The build."),
        })),
    );
    all
}

fn problems() -> Vec<(&'static str, Value)> {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.entry().code).collect();
    let owners = [
        Owner::Ats,
        Owner::Recruiter,
        Owner::CustomerAdmin,
        Owner::ItAdmin,
        Owner::Vendor,
        Owner::MicrosoftOrWait,
        Owner::Unknown,
    ];
    let steps = list(text("A sentence."));
    let fix = whole(json!({
        "owner": words(json!(owners)), "action_url": nullable(uri("Where the click path stands: `/it#…` for IT administrators, `/doctor` for an unknown number.")), "steps": steps.clone(),
    }));
    let microsoft = whole(json!({
        "error": nullable(text("`error` of an OAuth answer, or `error.code` of a Graph answer.")),
        "code": nullable(text("`AADSTS…`.")),
        "trace_id": nullable(text("Entra's trace id, or Graph's request id.")),
        "correlation_id": nullable(text("Entra's correlation id, or our client-request-id.")),
        "at": nullable(text("Microsoft's own time.")),
    }));
    let mut fault = whole(json!({
        "pointer": text("JSON pointer (RFC 6901) into the body; empty for the body as a whole, or for the query."),
        "message": text("What is wrong there."),
        "candidates": list(date_time("A reading of an ambiguous or skipped local time.")),
    }));
    fault["required"] = json!(["pointer", "message"]);
    let common = json!({
        "type": uri("The page that explains it."), "title": text("Short, for people."), "code": one_of(&codes),
        "detail": text("What happened here."), "fix": reference("Fix"), "microsoft": nullable(reference("Microsoft")),
    });
    let mut problem = common.as_object().expect("members").clone();
    problem.extend([
        ("status".to_owned(), integer("The HTTP status.")),
        ("request_id".to_owned(), text("To be told to the operator.")),
        ("retryable".to_owned(), boolean("Whether the same request may succeed later.")),
        ("errors".to_owned(), list(reference("Fault"))),
    ]);
    let mut gateway = whole(json!({ "message": text("API Gateway's own words.") }));
    gateway["description"] = json!("What API Gateway answers by itself, before any function is asked.");
    let diagnosis = whole(json!({
        "code": nullable(text("`AADSTS…`, a code of Graph, a word of OAuth, or one of our problem codes.")),
        "meaning": text("A sentence."), "who": words(json!(owners)),
        "transient": nullable(boolean("Whether it passes by itself.")),
        "sign_in_again": nullable(boolean("Whether the user must press Connect again.")),
        "tokens_dropped": nullable(boolean("Whether a stored sign-in is destroyed within the hour once it is confirmed. Where a policy blocks it is kept for a day first: false.")),
        "steps": steps.clone(), "message": text("Ready to be sent to whoever must act."),
        "docs_url": nullable(uri("Microsoft's page about the code, or that of our problem.")),
    }));
    vec![
        ("Diagnosis", diagnosis),
        ("Problem", whole(Value::Object(problem))),
        ("ProblemSummary", whole(common)),
        ("Fix", fix),
        ("Microsoft", microsoft),
        ("Fault", fault),
        ("GatewayMessage", gateway),
    ]
}

pub(super) fn page_of(name: &str) -> Value {
    whole(
        json!({ "data": list(reference(name)), "next_cursor": nullable(text("`cursor` of the next page.")) }),
    )
}

fn connections() -> Vec<(&'static str, Value)> {
    let statuses = [
        Status::NotConnected,
        Status::PendingApproval,
        Status::Connected,
        Status::Checking,
        Status::Blocked,
        Status::NeedsReauth,
        Status::Revoked,
        Status::Disconnected,
    ];
    let account = whole(json!({
        "email": email("The calendar owner's."), "name": nullable(text("As Microsoft shows it.")),
        "tenant_id": uuid("Microsoft Entra tenant."), "object_id": uuid("The user there."),
    }));
    let connection = whole(json!({
        "id": nullable(prefixed("con_")), "user": text("The user of the ATS."), "status": words(json!(statuses)),
        "account": nullable(reference("Account")), "features": features(),
        "granted_scopes": list(text("A permission of Microsoft Graph.")),
        "missing_scopes": list(text("A permission of Microsoft Graph.")),
        "capabilities": reference("Capabilities"),
        "time_zone": nullable(text("IANA name.")),
        "connected_at": nullable(date_time("When.")),
        "last_verified_at": nullable(date_time("When Microsoft last accepted the stored sign-in.")),
        "problem": nullable(reference("ProblemSummary")),
        "tokens_destroyed": nullable(reference("DestroyedTokens")),
        "last_attempt": nullable(reference("LastAttempt")),
    }));
    let ends = [
        OutcomeStatus::Connected,
        OutcomeStatus::PendingApproval,
        OutcomeStatus::Cancelled,
        OutcomeStatus::Denied,
        OutcomeStatus::WrongAccount,
        OutcomeStatus::WrongTenant,
        OutcomeStatus::Failed,
    ];
    let last_attempt = whole(json!({
        "status": words(json!(ends)),
        "reason": nullable(text("A problem code: why it failed; beside `connected`, what the connection cannot do.")),
        "at": date_time("When it ended."), "microsoft": nullable(reference("Microsoft")),
    }));
    let capabilities = whole(json!({
        "teams": described(
            nullable(json!({ "type": "boolean" })),
            "Whether the calendar takes Teams meetings; null as long as Microsoft does not say, as for hours after a \
             license was given.",
        ),
    }));
    let session = whole(json!({
        "id": prefixed("cs_"), "url": uri("For the recruiter's browser; shown once, in this answer."),
        "expires_at": date_time("An hour from now."),
    }));
    let states = [
        State::Sent,
        State::Opened,
        State::Reported,
        State::Granted,
        State::Denied,
        State::Expired,
        State::Withdrawn,
    ];
    let requester = whole(
        json!({ "name": nullable(text("As the ATS knows it.")), "email": email("As the ATS knows it.") }),
    );
    let letter =
        whole(json!({ "subject": text("One line."), "text": text("Ready to be sent, with the link.") }));
    let approval = whole(json!({
        "id": prefixed("apr_"), "asked_by": text("The user of the ATS."), "requester": reference("Requester"),
        "organization": nullable(text("Shown to the administrator.")), "app": text("The name of this app."),
        "justification": nullable(text("Why.")), "features": features(), "state": words(json!(states)),
        "requested_at": date_time("When."), "expires_at": date_time("The link ends."),
        "reported_at": nullable(date_time("Microsoft sent an administrator back with a yes.")),
        "decided_at": nullable(date_time("Granted, denied or withdrawn.")),
        "admin_url": nullable(uri("For the administrator's browser; shown once, in the 201.")),
        "email": nullable(reference("Letter")),
    }));
    vec![
        ("Requester", requester),
        ("Letter", letter),
        ("Approval", approval),
        ("ApprovalList", page_of("Approval")),
        ("Account", account),
        ("Capabilities", capabilities),
        ("Connection", connection),
        ("LastAttempt", last_attempt),
        ("ConnectionList", page_of("Connection")),
        ("ConnectSession", session),
    ]
}

fn customers() -> Vec<(&'static str, Value)> {
    let room = whole(json!({
        "email": email("The room mailbox."), "name": text("Shown to people."),
        "capacity": nullable(integer("Seats.")), "building": nullable(text("Building.")),
    }));
    let scheduling_user = whole(json!({
        "user": text("Who organises."), "allowed_users": list(text("For whom.")),
    }));
    let consent = whole(json!({
        "state": one_of(&["granted", "unknown"]), "granted_scopes": list(text("A permission of Microsoft Graph.")),
        "checked_at": nullable(date_time("When a token last proved it.")),
    }));
    let customer = whole(json!({
        "name": nullable(text("Shown to people.")), "enabled": boolean("The switch."), "features": features(),
        "strict": boolean("Ask Microsoft for nothing but what an interview needs."),
        "tenant_id": nullable(uuid("The pinned Microsoft Entra tenant.")), "cloud": one_of(&Cloud::ALL.map(Cloud::name)),
        "allowed_account": allowed_account(), "calendar": calendar(),
        "scheduling_user": nullable(reference("SchedulingUser")), "rooms": list(reference("CustomerRoom")),
        "consent": reference("Consent"),
    }));
    vec![
        ("CustomerRoom", room),
        ("SchedulingUser", scheduling_user),
        ("Consent", consent),
        ("Customer", customer),
    ]
}

fn interviews() -> Vec<(&'static str, Value)> {
    use interview::Status::{AwaitingRoom, Cancelled, Failed, Scheduled, Scheduling};
    let rooms = [RoomState::Pending, RoomState::Accepted, RoomState::Declined, RoomState::Unknown];
    let name = nullable(text("Shown in the invitation."));
    let outlook = whole(json!({
        "event_id": text("Immutable id in the organiser's mailbox."),
        "ical_uid": nullable(text("The same in every mailbox.")),
        "web_link": nullable(uri("Opens it in Outlook on the web.")), "etag": nullable(text("Outlook's own.")),
        "start": nullable(date_time("As Outlook last showed it.")), "end": nullable(date_time("As Outlook last showed it.")),
        "all_day": boolean("It was made to last all day in Outlook."),
        "title": nullable(text("As Outlook last showed it.")),
        "state": words(json!([EventState::Present, EventState::Absent])),
        "checked_at": date_time("When Outlook was last asked."),
    }));
    let interview = whole(json!({
        "id": prefixed("int_"), "external_id": nullable(text("The ATS's own reference.")),
        "title": text("One line."), "body_html": nullable(text("HTML.")),
        "start": date_time("In the interview's zone."), "end": date_time("In the interview's zone."),
        "time_zone": text("IANA name."), "candidates": list(reference("Candidate")),
        "interviewers": list(reference("Interviewer")), "online_meeting": one_of(&["teams", "none"]),
        "rooms": list(email("In order of preference.")), "hold_room": boolean("Nobody is invited before a room has accepted."),
        "require_free": boolean("Asked for only if everybody was free."), "hide_attendees": boolean("Each person sees only himself."),
        "organize_as": one_of(&["me", "scheduling_user"]),
        "status": words(json!([Scheduling, Scheduled, AwaitingRoom, Cancelled, Failed])),
        "requested_by": text("The user of the ATS who made it."), "organizer": reference("Organizer"),
        "join_url": nullable(uri("Joins the Teams meeting.")), "problem": nullable(reference("ProblemSummary")),
        "room": nullable(reference("Room")), "outlook": nullable(reference("Outlook")),
        "warnings": list(reference("Warning")),
        "version": integer("Counts changes; `ETag` quotes it."), "created_at": date_time("When."),
        "updated_at": date_time("When."),
    }));
    vec![
        ("Candidate", whole(json!({ "email": email("Invited."), "name": name.clone() }))),
        (
            "Interviewer",
            whole(json!({ "email": email("Invited."), "name": name,
            "optional": boolean("Need not come.") })),
        ),
        ("Organizer", whole(json!({ "user": text("The user of the ATS."), "email": email("The mailbox.") }))),
        (
            "Room",
            whole(json!({ "email": email("The room that was invited."), "state": words(json!(rooms)) })),
        ),
        ("Outlook", outlook),
        (
            "Warning",
            whole(json!({ "pointer": text("JSON pointer into the body of the request."),
            "message": text("What was left out of the request; the rest was carried out.") })),
        ),
        ("Interview", interview),
        ("Unsettled", whole(json!({ "id": prefixed("int_"), "status": one_of(&["scheduling"]) }))),
        ("InterviewList", page_of("Interview")),
    ]
}
