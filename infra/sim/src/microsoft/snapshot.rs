//! What `GET /_local/microsoft` shows, and what tests assert on. No code and no token is in it.

use super::event::{Event, View};
use super::tenant::{ServicePrincipal, State, UserId, UserPolicy};
use serde_json::{Value, json};

pub(crate) fn snapshot(state: &State) -> Value {
    json!({
        "tenants": (0..state.tenants.len()).map(|tenant| one_tenant(state, tenant)).collect::<Vec<_>>(),
        "users": (0..state.users.len()).map(|user| one_user(state, user)).collect::<Vec<_>>(),
        "mails": state.mails,
        "options": state.options,
    })
}

fn one_tenant(state: &State, index: usize) -> Value {
    let tenant = &state.tenants[index];
    let email = |user: &UserId| state.users[*user].email.clone();
    let grants: Vec<Value> = tenant
        .consents
        .iter()
        .flat_map(|(principal, list)| list.iter().map(move |consent| (principal, consent)))
        .filter(|(_, consent)| consent.removed.is_none())
        .map(|(principal, consent)| {
            let kind = if principal.is_some() { "Principal" } else { "AllPrincipals" };
            json!({"consent_type": kind, "principal": principal.as_ref().map(email),
                "scopes": consent.scopes.to_json(), "since": consent.since.to_string()})
        })
        .collect();
    json!({
        "id": tenant.id,
        "domain": tenant.domain,
        "user_policy": match tenant.policy {
            UserPolicy::Managed => "managed",
            UserPolicy::Low => "low",
            UserPolicy::Legacy => "legacy",
            UserPolicy::None => "none",
        },
        "workflow": tenant.workflow,
        "assignment_required": tenant.assignment_required,
        "assigned": tenant.assigned.iter().map(email).collect::<Vec<_>>(),
        "service_principal": match tenant.principal {
            ServicePrincipal::Absent => "absent",
            ServicePrincipal::Enabled => "enabled",
            ServicePrincipal::Disabled => "disabled",
        },
        "grants": grants,
        "approval_requests": tenant.requests.iter().map(|(user, scopes)| {
            json!({"user": email(user), "scopes": scopes.to_json()})
        }).collect::<Vec<_>>(),
    })
}

fn one_user(state: &State, user: UserId) -> Value {
    let person = &state.users[user];
    json!({
        "email": person.email,
        "name": person.name,
        "object_id": person.oid,
        "tenant": state.tenant_of(user).domain,
        "role": format!("{:?}", person.role),
        "mailbox": person.mailbox,
        "teams": person.teams,
        "disabled": person.disabled.is_some(),
        "deleted": person.deleted.is_some(),
        "calendars": person.calendar.others.iter().map(|other| &other.name).collect::<Vec<_>>(),
        "events": events(state, user),
    })
}

/// Every event of this calendar as Graph would show it, with its tags, by start.
pub(crate) fn events(state: &State, user: UserId) -> Vec<Value> {
    let mut events: Vec<&Event> = state.users[user].calendar.events.values().collect();
    events.sort_by_key(|event| (event.start.at, event.created));
    let all = |event: &Event| View {
        expand: event.properties.iter().map(|property| property.id.clone()).collect(),
        ..View::default()
    };
    let shown = |event: &&Event| {
        let mut shown = event.to_json(&all(event));
        // Graph does not say it; whoever looks wants to know.
        if let Some(name) = state.calendar_name(user, event.calendar.as_ref()) {
            shown["calendar"] = name.into();
        }
        shown
    };
    events.iter().map(shown).collect()
}
