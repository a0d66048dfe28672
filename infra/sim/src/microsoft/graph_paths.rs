//! What each path of Graph does to the state.

use super::calendars;
use super::event::{Event, select};
use super::graph::{Path, Reply};
use super::graph_error::{GraphError, error};
use super::query::Query;
use super::schedule::get_schedule;
use super::tenant::{State, UserId};
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Page size of lists without `$top`.
const PAGE: usize = 10;

pub(crate) fn run(
    state: &mut State,
    user: UserId,
    path: &Path,
    query: &Query,
    headers: &HeaderMap,
    body: &Value,
    now: Timestamp,
) -> Result<Reply, GraphError> {
    let done = |status| Ok(Reply { status, body: None });
    if *path == Path::Me {
        return me(state, user, query);
    }
    mailbox(state, user)?;
    state.renew_change_keys(user, now);
    match path {
        Path::Me | Path::Calendar => Ok(calendar(state, user, query)),
        Path::ListCalendars => {
            let default = calendar(state, user, query).body.unwrap_or_default();
            Ok(ok(calendars::list(state, user, default, query)))
        }
        Path::CreateCalendar => {
            let made = state.create_calendar(user, body)?;
            Ok(Reply { status: 201, body: Some(calendars::show(state, user, &made, query)) })
        }
        Path::Places(ask) => super::places::run(state, user, ask, query),
        Path::GetSchedule => Ok(ok(get_schedule(state, user, body, &query.view, now)?)),
        Path::ListEvents | Path::CalendarView => list(state, user, (path, None), query),
        Path::ListEventsIn(id) => {
            let id = state.other_calendar(user, id)?;
            list(state, user, (path, Some(id)), query)
        }
        Path::CreateEvent | Path::CreateEventIn(_) => {
            let other = match path {
                Path::CreateEventIn(id) => Some(state.other_calendar(user, id)?),
                _ => None,
            };
            let id = state.create_event(user, body, now)?;
            state.event(user, &id)?.calendar = other;
            let event = state.event(user, &id)?.clone();
            Ok(Reply { status: 201, body: Some(entity(state, user, &event, query)) })
        }
        Path::ReadEvent(id) => {
            let event = match (state.event_id(user, id), state.in_trash(user, id)) {
                (Ok(id), _) => state.read_event(user, &id, now)?,
                (Err(_), Some(deleted)) => deleted.clone(),
                (Err(refused), None) => return Err(refused),
            };
            Ok(ok(entity(state, user, &event, query)))
        }
        Path::PatchEvent(id) => {
            let id = state.event_id(user, id)?;
            unchanged(state.event(user, &id)?, headers)?;
            state.patch_event(user, &id, body, now)?;
            let event = state.event(user, &id)?.clone();
            Ok(ok(entity(state, user, &event, query)))
        }
        Path::CancelEvent(id) => {
            let id = state.event_id(user, id)?;
            // The parameter is `Comment` in the metadata and `comment` in examples; both are taken.
            let comment = body["comment"].as_str().or(body["Comment"].as_str()).unwrap_or_default();
            state.cancel_event(user, &id, comment, now)?;
            done(202)
        }
        Path::DeleteEvent(id) | Path::PurgeEvent(id) => {
            let id = state.event_id(user, id)?;
            unchanged(state.event(user, &id)?, headers)?;
            state.remove_event(user, &id, "", now)?;
            if matches!(path, Path::PurgeEvent(_)) {
                state.users[user].calendar.trash.remove(&id);
            }
            done(204)
        }
    }
}

fn ok(body: Value) -> Reply {
    Reply { status: 200, body: Some(body) }
}

/// Accounts without a usable mailbox get two answers in turn (microsoft.md D2).
fn mailbox(state: &mut State, user: UserId) -> Result<(), GraphError> {
    let person = &mut state.users[user];
    if person.deleted.is_some() {
        return Err(error(
            404,
            "ErrorInvalidUser",
            format!("The requested user '{}' is invalid.", person.email),
        ));
    }
    if person.mailbox {
        return Ok(());
    }
    person.misses += 1;
    Err(if person.misses % 2 == 1 {
        error(404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox.")
    } else {
        error(404, "ResourceNotFound", "Resource could not be discovered.")
    })
}

/// `If-Match` (RFC 9110 13.1.1); without it the last write wins.
fn unchanged(event: &Event, headers: &HeaderMap) -> Result<(), GraphError> {
    match headers.get("if-match").and_then(|value| value.to_str().ok()) {
        Some(etag) if etag != "*" && etag != event.etag() => {
            let text = "The send or update operation could not be performed because the change key passed in the \
                        request does not match the current change key for the item.";
            Err(error(412, "ErrorIrresolvableConflict", text))
        }
        _ => Ok(()),
    }
}

fn me(state: &State, user: UserId, query: &Query) -> Result<Reply, GraphError> {
    let person = &state.users[user];
    if person.deleted.is_some() {
        let text = format!("Resource '{}' does not exist.", person.oid);
        return Err(error(404, "Request_ResourceNotFound", text));
    }
    let (given, surname) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let all = json!({
        "@odata.context": format!("{}/v1.0/$metadata#users/$entity", state.config.graph_url()),
        "id": person.oid, "displayName": person.name, "givenName": given, "surname": surname,
        "mail": person.mailbox.then_some(&person.email), "userPrincipalName": person.email,
        "businessPhones": [], "jobTitle": null, "mobilePhone": null, "officeLocation": null,
        "preferredLanguage": null
    });
    Ok(ok(select(all.as_object().cloned().unwrap_or_default(), query.view.select.as_deref())))
}

fn calendar(state: &State, user: UserId, query: &Query) -> Reply {
    let person = &state.users[user];
    let (allowed, default) =
        if person.teams { (json!(["teamsForBusiness"]), "teamsForBusiness") } else { (json!([]), "unknown") };
    let allowed = state.options.providers.get(&person.email).cloned().unwrap_or(allowed);
    let all = json!({
        "@odata.context": format!("{}/v1.0/$metadata#users('{}')/calendar/$entity", state.config.graph_url(), person.oid),
        "id": format!("AAMkAGcalendar{}", &person.oid[..8]), "name": "Calendar", "color": "auto", "hexColor": "",
        "isDefaultCalendar": true, "changeKey": "ZlnW4RIAV06KYYwlrfNZvQAAAAAAEA==", "canShare": true,
        "canViewPrivateItems": true, "canEdit": true, "allowedOnlineMeetingProviders": allowed,
        "defaultOnlineMeetingProvider": default, "isTallyingResponses": true, "isRemovable": false,
        "owner": {"name": person.name, "address": person.email}
    });
    ok(select(all.as_object().cloned().unwrap_or_default(), query.view.select.as_deref()))
}

fn entity(state: &State, user: UserId, event: &Event, query: &Query) -> Value {
    let mut body = event.to_json(&query.view);
    body["@odata.context"] = format!(
        "{}/v1.0/$metadata#users('{}')/events/$entity",
        state.config.graph_url(),
        state.users[user].oid
    )
    .into();
    body
}

/// Times of `calendarView` are ISO 8601; without an offset they are UTC and `Prefer` does not touch them.
fn bound(text: Option<&str>) -> Result<Timestamp, GraphError> {
    let text = text.unwrap_or_default();
    let missing = || {
        let words = "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.";
        error(400, "ErrorInvalidParameter", words)
    };
    text.parse().or_else(|_| format!("{text}Z").parse()).map_err(|_| missing())
}

fn list(
    state: &State,
    user: UserId,
    (path, other): (&Path, Option<String>),
    query: &Query,
) -> Result<Reply, GraphError> {
    if state.options.filter_or_expand && query.tag.is_some() && !query.view.expand.is_empty() {
        return Err(error(400, "BadRequest", "Parsing Select and Expand failed."));
    }
    let window = match path {
        Path::CalendarView => {
            let (start, end) = (bound(query.range.0.as_deref())?, bound(query.range.1.as_deref())?);
            if end <= start {
                return Err(error(
                    400,
                    "ErrorInvalidParameter",
                    "The end of the window is not after its start.",
                ));
            }
            Some((start, end))
        }
        _ => None,
    };
    let tagged = |event: &Event| {
        query.tag.as_ref().is_none_or(|(id, value)| {
            event.properties.iter().any(|property| property.id == *id && property.value == *value)
        })
    };
    let mut found: Vec<&Event> = state.users[user]
        .calendar
        .events
        .values()
        .filter(|event| event.calendar == other)
        .filter(|event| tagged(event) && window.is_none_or(|(start, end)| event.overlaps(start, end)))
        .collect();
    found.sort_by_key(|event| (event.start.at, event.created));
    let name = match (path, &other) {
        (Path::CalendarView, _) => "calendarView".to_owned(),
        (_, Some(other)) => format!("calendars/{other}/events"),
        _ => "events".to_owned(),
    };
    let top = query.top.unwrap_or(PAGE);
    let page: Vec<Value> =
        found.iter().skip(query.skip).take(top).map(|event| event.to_json(&query.view)).collect();
    let graph = state.config.graph_url();
    let mut body = json!({
        "@odata.context": format!("{graph}/v1.0/$metadata#users('{}')/{name}", state.users[user].oid),
        "value": page
    });
    let next = query.skip + top;
    if next < found.len() {
        body["@odata.nextLink"] = format!("{graph}/v1.0/me/{name}?{}", query.next_page(next)).into();
    }
    Ok(ok(body))
}
