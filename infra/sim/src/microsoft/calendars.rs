//! Calendars beside the default one (microsoft.md E8): no answers are tallied there, and free/busy does not see them.

use super::event::select;
use super::graph_error::{GraphError, error, invalid_property, not_found};
use super::query::Query;
use super::tenant::{State, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Page size of the list without `$top`.
const PAGE: usize = 10;

/// A calendar that somebody made.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Secondary {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl State {
    /// `POST /me/calendars`; a name is taken once.
    pub(crate) fn create_calendar(&mut self, user: UserId, body: &Value) -> Result<Secondary, GraphError> {
        let name = body["name"].as_str().filter(|name| !name.is_empty()).ok_or_else(invalid_property)?;
        let taken = |other: &str| other.eq_ignore_ascii_case(name);
        if taken("Calendar") || self.users[user].calendar.others.iter().any(|other| taken(&other.name)) {
            return Err(error(409, "ErrorFolderExists", "A folder with the specified name already exists."));
        }
        let random = self.random.guid().replace('-', "");
        let made = Secondary { id: format!("AAMkAGcalendar{random}"), name: name.to_owned() };
        self.users[user].calendar.others.push(made.clone());
        Ok(made)
    }

    /// The calendar with this id.
    pub(crate) fn other_calendar(&self, user: UserId, id: &str) -> Result<String, GraphError> {
        let found = self.users[user].calendar.others.iter().find(|other| other.id == id);
        found.map(|other| other.id.clone()).ok_or_else(not_found)
    }

    /// The id of the calendar with this name.
    pub(crate) fn calendar_named(&self, user: UserId, name: &str) -> Result<String, String> {
        let found = self.users[user].calendar.others.iter().find(|other| other.name == name);
        found.map(|other| other.id.clone()).ok_or_else(|| format!("there is no calendar {name}"))
    }

    /// Somebody removes a calendar in Outlook: its events go with it, and nobody is told.
    pub(crate) fn remove_calendar(&mut self, user: UserId, name: &str) -> Result<(), String> {
        let others = &mut self.users[user].calendar.others;
        let at = others.iter().position(|other| other.name == name);
        let gone = others.remove(at.ok_or_else(|| format!("there is no calendar {name}"))?);
        self.users[user].calendar.events.retain(|_, event| event.calendar.as_ref() != Some(&gone.id));
        Ok(())
    }

    /// The name of the calendar that an event lies in; none for the default one.
    pub(crate) fn calendar_name(&self, user: UserId, id: Option<&String>) -> Option<&str> {
        let others = &self.users[user].calendar.others;
        others.iter().find(|other| Some(&other.id) == id).map(|other| other.name.as_str())
    }
}

/// A calendar as Graph shows it.
pub(crate) fn show(state: &State, user: UserId, other: &Secondary, query: &Query) -> Value {
    let person = &state.users[user];
    let (allowed, default) =
        if person.teams { (vec!["teamsForBusiness"], "teamsForBusiness") } else { (vec![], "unknown") };
    let all = json!({
        "id": other.id, "name": other.name, "color": "auto", "hexColor": "", "isDefaultCalendar": false,
        "changeKey": "ZlnW4RIAV06KYYwlrfNZvQAAAAAAEB==", "canShare": true, "canViewPrivateItems": true, "canEdit": true,
        "allowedOnlineMeetingProviders": allowed, "defaultOnlineMeetingProvider": default,
        "isTallyingResponses": false, "isRemovable": true,
        "owner": {"name": person.name, "address": person.email}
    });
    select(all.as_object().cloned().unwrap_or_default(), query.view.select.as_deref())
}

/// `GET /me/calendars`: the default calendar first, then the others as they were made.
pub(crate) fn list(state: &State, user: UserId, default: Value, query: &Query) -> Value {
    let others = state.users[user].calendar.others.iter().map(|other| show(state, user, other, query));
    let all: Vec<Value> = std::iter::once(default).chain(others).collect();
    let top = query.top.unwrap_or(PAGE);
    let graph = state.config.graph_url();
    let page: Vec<&Value> = all.iter().skip(query.skip).take(top).collect();
    let mut body = json!({
        "@odata.context": format!("{graph}/v1.0/$metadata#users('{}')/calendars", state.users[user].oid),
        "value": page
    });
    let next = query.skip + top;
    if next < all.len() {
        body["@odata.nextLink"] = format!("{graph}/v1.0/me/calendars?{}", query.next_page(next)).into();
    }
    body
}
