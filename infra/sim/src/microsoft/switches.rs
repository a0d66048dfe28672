//! What an administrator, a person in Outlook or the operator of the stand-in can do: `POST /_local/microsoft/{name}`.

use super::Microsoft;
use super::calendar::Calendar;
use super::certificates::{self, VendorSecret};
use super::event::Shown;
use super::event_input::when;
use super::graph_error::forced;
use super::refusals::{RefreshAnswer, answer_key};
use super::rooms::RoomAnswer;
use super::scopes::Scopes;
use super::tenant::{ServicePrincipal, State, TenantId, UserId, UserPolicy, guid_of};
use crate::faults::{Fault, Faults, Kind, When};
use jiff::Timestamp;
use serde_json::{Value, json};

type Outcome = Result<Value, String>;

/// Fields of a switch's body.
#[derive(Clone, Copy)]
struct Body<'a>(&'a Value);

impl<'a> Body<'a> {
    fn text(self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }
    fn need(self, name: &str) -> Result<&'a str, String> {
        self.text(name).ok_or_else(|| format!("the field '{name}' is missing"))
    }
    fn flag(self, name: &str) -> Option<bool> {
        self.0[name].as_bool()
    }
    fn number(self, name: &str) -> Option<i64> {
        self.0[name].as_i64()
    }
    fn user(self, state: &State, name: &str) -> Result<UserId, String> {
        let email = self.need(name)?;
        state.user(email).ok_or_else(|| format!("there is no user {email}"))
    }
    fn tenant(self, state: &State) -> Result<TenantId, String> {
        let named = self.need("tenant")?;
        state.tenant(named).ok_or_else(|| format!("there is no tenant {named}"))
    }
    fn time(self, name: &str) -> Result<super::event::When, String> {
        let value = &self.0[name];
        if let Some(at) = value.as_str().and_then(|text| text.parse().ok()) {
            return Ok(super::event::When { at, zone: "UTC".to_owned() });
        }
        when(value).map_err(|_| format!("'{name}' is neither an instant nor a dateTimeTimeZone"))
    }
    fn scopes(self) -> Result<Option<Scopes>, String> {
        self.text("scopes").map(|text| Scopes::parse(text).map_err(|bad| format!("{bad:?}"))).transpose()
    }
}

pub(crate) fn switch(microsoft: &Microsoft, name: &str, body: &Value) -> Outcome {
    let (body, faults, now) = (Body(body), microsoft.faults(), microsoft.now());
    match name {
        "throttle" | "fault" | "graph-error" | "clear-faults" => network(faults, name, body),
        "options" => microsoft.write(|state| {
            let mut all = json!(state.options);
            let given = body.0.as_object().ok_or("the body is not an object")?.clone();
            all.as_object_mut().ok_or("options are an object")?.extend(given);
            state.options = serde_json::from_value(all).map_err(|error| error.to_string())?;
            state.publish_free_busy(now);
            Ok(json!(state.options))
        }),
        "rotate-keys" => {
            microsoft.rotate_keys();
            Ok(json!({}))
        }
        "room-answer" | "teams" | "busy" | "edit-event" | "delete-event" | "delete-calendar" | "respond"
        | "move-event" | "show-as" | "renew-ids" | "place" | "schedule-error" | "schedule-refusal"
        | "zone" => microsoft.write(|state| {
            state.publish_free_busy(now);
            state.settle_rooms(now);
            state.by_hand = true;
            let done = outlook(state, name, body, now);
            state.by_hand = false;
            state.publish_free_busy(now);
            done
        }),
        _ => microsoft.write(|state| entra(state, name, body, now)),
    }
}

fn network(faults: &Faults, name: &str, body: Body<'_>) -> Outcome {
    match name {
        "throttle" => faults.add(Fault {
            service: "graph".to_owned(),
            operation: body.text("operation").map(str::to_owned),
            user: body.text("user").map(str::to_owned),
            when: When::Before,
            kind: Kind::Status {
                status: 429,
                retry_after: Some(match &body.0["retry_after"] {
                    Value::Null => "5".to_owned(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                }),
                body: None,
            },
            times: body.number("times").and_then(|times| u32::try_from(times).ok()).unwrap_or(1),
            skip: 0,
        }),
        "graph-error" => {
            let code = body.need("code")?;
            let (status, answer) = forced(code).ok_or_else(|| format!("there is no code {code}"))?;
            let small = |name: &str| body.number(name).and_then(|number| u32::try_from(number).ok());
            let given = body.number("status").and_then(|status| u16::try_from(status).ok());
            faults.add(Fault {
                service: "graph".to_owned(),
                operation: body.text("operation").map(str::to_owned),
                user: body.text("user").map(str::to_owned),
                when: When::Before,
                kind: Kind::Status { status: given.unwrap_or(status), retry_after: None, body: Some(answer) },
                times: small("times").unwrap_or(1),
                skip: small("skip").unwrap_or(0),
            });
        }
        "fault" => faults.add(serde_json::from_value(body.0.clone()).map_err(|error| error.to_string())?),
        _ => faults.clear(),
    }
    Ok(json!({"faults": faults.list()}))
}

fn entra(state: &mut State, name: &str, body: Body<'_>, now: Timestamp) -> Outcome {
    match name {
        "revoke-sessions" => {
            let user = body.user(state, "user")?;
            let below = state.next();
            state.users[user].revoked = Some((below, now));
        }
        "remove-consent" => {
            let (tenant, of) = match body.text("user") {
                Some(_) => {
                    let user = body.user(state, "user")?;
                    (state.users[user].tenant, Some(user))
                }
                None => (body.tenant(state)?, None),
            };
            let removed = state.withdraw(tenant, of, body.scopes()?, now);
            let left = of.map(|user| state.consented(user).to_json());
            return Ok(json!({"removed": removed, "still_granted": left}));
        }
        "disable-app" => {
            let disabled = body.flag("disabled").unwrap_or(true);
            let tenant = body.tenant(state)?;
            let principal = if disabled { ServicePrincipal::Disabled } else { ServicePrincipal::Enabled };
            state.tenants[tenant].principal = principal;
            state.tenants[tenant].principal_since = now;
        }
        "delete-app" => {
            let tenant = body.tenant(state)?;
            state.withdraw(tenant, None, None, now);
            state.tenants[tenant].principal = ServicePrincipal::Absent;
            state.tenants[tenant].principal_since = now;
        }
        "disable-user" => {
            let user = body.user(state, "user")?;
            state.users[user].disabled = body.flag("disabled").unwrap_or(true).then_some(now);
        }
        "delete-user" => {
            let user = body.user(state, "user")?;
            state.users[user].deleted = Some(now);
        }
        "rename-user" => {
            let user = body.user(state, "user")?;
            rename(state, user, body)?;
        }
        "recreate-user" => {
            let user = body.user(state, "user")?;
            recreate(state, user, now);
        }
        "require-assignment" => {
            let tenant = body.tenant(state)?;
            let named = body.0["assigned"].as_array().cloned().unwrap_or_default();
            let assigned =
                named.iter().filter_map(Value::as_str).filter_map(|email| state.user(email)).collect();
            state.tenants[tenant].assignment_required = body.flag("required").unwrap_or(true);
            state.tenants[tenant].assigned = assigned;
        }
        "consent-policy" => {
            let tenant = body.tenant(state)?;
            let policy = match body.text("policy") {
                None => state.tenants[tenant].policy,
                Some("managed") => UserPolicy::Managed,
                Some("low") => UserPolicy::Low,
                Some("legacy") => UserPolicy::Legacy,
                Some("none") => UserPolicy::None,
                Some(other) => return Err(format!("there is no policy {other}")),
            };
            state.tenants[tenant].policy = policy;
            state.tenants[tenant].workflow = body.flag("workflow").unwrap_or(state.tenants[tenant].workflow);
        }
        "grant-admin-consent" => {
            let tenant = body.tenant(state)?;
            let scopes = body.scopes()?.unwrap_or_else(Scopes::registered);
            state.consent(tenant, None, scopes, now);
        }
        "refresh-answer" => {
            let tenant = body.text("tenant").map(|_| body.tenant(state)).transpose()?;
            let key = answer_key(body.text("user"), tenant.map(|tenant| state.tenants[tenant].id.as_str()));
            match body.number("code").and_then(|code| u32::try_from(code).ok()) {
                None => _ = state.answers.remove(&key),
                Some(code) => {
                    let http_status =
                        body.number("http_status").and_then(|status| u16::try_from(status).ok());
                    let word = |name: &str| body.text(name).map(str::to_owned);
                    let answer =
                        RefreshAnswer { code, http_status, error: word("error"), suberror: word("suberror") };
                    state.answers.insert(key, answer);
                }
            }
        }
        _ => return credential(state, name, body),
    }
    Ok(json!({}))
}

/// What the vendor proves itself with.
fn credential(state: &mut State, name: &str, body: Body<'_>) -> Outcome {
    match name {
        "upload-certificate" => {
            return Ok(json!({"thumbprint": certificates::upload(state, body.need("pem")?)?}));
        }
        "remove-certificate" => {
            let thumbprint = body.need("thumbprint")?;
            if !certificates::remove(state, thumbprint) {
                return Err(format!("there is no certificate {thumbprint}"));
            }
        }
        "vendor-secret" => {
            state.vendor_secret = match body.need("state")? {
                "ok" => VendorSecret::Ok,
                "expired" => VendorSecret::Expired,
                "wrong" => VendorSecret::Wrong,
                other => return Err(format!("there is no state {other}")),
            };
        }
        _ => return Err(format!("there is no switch {name}")),
    }
    Ok(json!({}))
}

/// A person gets another name or address; id and mailbox stay.
fn rename(state: &mut State, user: UserId, body: Body<'_>) -> Result<(), String> {
    if let Some(name) = body.text("name") {
        name.clone_into(&mut state.users[user].name);
    }
    if let Some(email) = body.text("email").map(str::to_ascii_lowercase) {
        if state.user(&email).is_some() {
            return Err(format!("there is a user {email} already"));
        }
        // The former address goes on as an alias.
        state.by_email.insert(email.clone(), user);
        state.users[user].email = email;
    }
    Ok(())
}

/// The account is deleted and made anew under the same address: another id, an empty mailbox, and no session.
fn recreate(state: &mut State, user: UserId, now: Timestamp) {
    let below = state.next();
    let person = &mut state.users[user];
    person.oid = guid_of("user", &format!("{} {below}", person.email));
    person.revoked = Some((below, now));
    person.deleted = None;
    person.calendar = Calendar::default();
}

fn outlook(state: &mut State, name: &str, body: Body<'_>, now: Timestamp) -> Outcome {
    match name {
        "room-answer" => {
            let room = body.user(state, "room")?;
            let answer: Option<RoomAnswer> =
                serde_json::from_value(body.0["answer"].clone()).map_err(|error| error.to_string())?;
            state.users[room].room.answer = answer;
            if let Some(after) = body.number("after_seconds") {
                state.users[room].room.after_seconds = after;
            }
            if matches!(answer, Some(RoomAnswer::Accepted | RoomAnswer::Declined)) {
                state.reconsider(room, now);
            }
        }
        "place" => {
            let room = body.user(state, "room")?;
            let mut all = body.0.clone();
            all.as_object_mut().ok_or("the body is not an object")?.remove("room");
            let place = serde_json::from_value(all).map_err(|error| error.to_string())?;
            let email = state.users[room].email.clone();
            state.options.places.insert(email, place);
        }
        "schedule-error" => {
            let address = body.need("address")?.to_ascii_lowercase();
            let message = body.text("message").unwrap_or_default().to_owned();
            match body.text("code") {
                Some(code) => _ = state.options.schedule_errors.insert(address, (code.to_owned(), message)),
                None => _ = state.options.schedule_errors.remove(&address),
            }
        }
        "schedule-refusal" => {
            let address = body.need("address")?.to_ascii_lowercase();
            let status = body.number("status").and_then(|status| u16::try_from(status).ok()).unwrap_or(400);
            let message = body.text("message").unwrap_or("The request is invalid.").to_owned();
            match body.text("code") {
                Some(code) => {
                    _ = state.options.schedule_refusals.insert(address, (status, code.to_owned(), message));
                }
                None => _ = state.options.schedule_refusals.remove(&address),
            }
        }
        "zone" => {
            let user = body.user(state, "user")?;
            state.users[user].zone = body.text("zone").map(str::to_owned);
        }
        "teams" => {
            let user = body.user(state, "user")?;
            state.users[user].teams = body.flag("allowed").unwrap_or(true);
        }
        "busy" => {
            let user = body.user(state, "user")?;
            let (start, end) = (body.time("start")?, body.time("end")?);
            let local = |when: super::event::When| json!({"dateTime": super::zones::local(when.at, &jiff::tz::TimeZone::UTC), "timeZone": "UTC"});
            let event = json!({"subject": body.text("subject").unwrap_or("Busy"), "start": local(start), "end": local(end),
                "showAs": body.text("show_as").unwrap_or("busy")});
            let id = state.create_event(user, &event, now).map_err(|refused| refused.message)?;
            return Ok(json!({"event_id": id}));
        }
        "edit-event" => {
            let (user, id) = event(state, body)?;
            let mut changes = body.0.clone();
            if let Some(fields) = changes.as_object_mut() {
                fields.retain(|name, _| name != "user" && name != "event_id");
            }
            state.patch_event(user, &id, &changes, now).map_err(|refused| refused.message)?;
        }
        "move-event" => {
            let (user, id) = event(state, body)?;
            let named = body.text("calendar");
            let calendar = named.map(|name| state.calendar_named(user, name)).transpose()?;
            let event = state.event(user, &id).map_err(|refused| refused.message)?;
            event.calendar = calendar;
        }
        "show-as" => show_as(state, body)?,
        "renew-ids" => {
            let user = body.user(state, "user")?;
            state.renew_ids(user);
        }
        "delete-calendar" => {
            let user = body.user(state, "user")?;
            state.remove_calendar(user, body.need("calendar")?)?;
        }
        "delete-event" => {
            let (user, id) = event(state, body)?;
            state.remove_event(user, &id, "", now).map_err(|refused| refused.message)?;
        }
        _ => {
            let attendee = body.need("attendee")?;
            let (user, id) = event(state, body)?;
            let response = body.need("response")?.to_owned();
            state.respond(user, &id, attendee, &response, now)?;
        }
    }
    Ok(json!({}))
}

/// An attendee is shown with this text as the address; `null` with a name alone.
fn show_as(state: &mut State, body: Body<'_>) -> Result<(), String> {
    let (user, id) = event(state, body)?;
    let attendee = body.need("attendee")?;
    let shown = body.text("address").map_or(Shown::Nothing, |text| Shown::As(text.to_owned()));
    let event = state.event(user, &id).map_err(|refused| refused.message)?;
    let invited = event.attendees.iter_mut().find(|one| one.address.eq_ignore_ascii_case(attendee));
    invited.ok_or_else(|| format!("{attendee} is not invited"))?.shown = shown;
    Ok(())
}

fn event(state: &State, body: Body<'_>) -> Result<(UserId, String), String> {
    let user = body.user(state, "user")?;
    let id = state.event_id(user, body.need("event_id")?).map_err(|refused| refused.message)?;
    Ok((user, id))
}
