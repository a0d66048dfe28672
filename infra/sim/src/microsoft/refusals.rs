//! Why a refresh token no longer works: the outcome table of microsoft.md A7, plus an override for everything else.

use super::aadsts::{Refusal, refusal};
use super::tenant::{ServicePrincipal, State, UserId, seconds};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A refresh token that was not used for 90 days is dead (A6).
const REFRESH_DAYS: i64 = 90;

/// An answer that an operator or a test forces upon refreshes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct RefreshAnswer {
    pub(crate) code: u32,
    pub(crate) http_status: Option<u16>,
    pub(crate) error: Option<String>,
    pub(crate) suberror: Option<String>,
}

/// The key of an override: one user, one tenant or everybody.
pub(crate) fn answer_key(user: Option<&str>, tenant: Option<&str>) -> String {
    match (user, tenant) {
        (Some(user), _) => format!("user {}", user.to_ascii_lowercase()),
        (None, Some(tenant)) => format!("tenant {tenant}"),
        (None, None) => "everybody".to_owned(),
    }
}

/// The forced answer for this user's refreshes, the most special one first.
pub(crate) fn forced(state: &State, user: UserId) -> Option<Refusal> {
    let tenant = &state.tenant_of(user).id;
    let keys = [
        answer_key(Some(&state.users[user].email), None),
        answer_key(None, Some(tenant)),
        answer_key(None, None),
    ];
    let answer = keys.iter().find_map(|key| state.answers.get(key))?;
    let mut refused = refusal(answer.code);
    if let Some(status) = answer.http_status {
        refused.status = status;
    }
    if let Some(error) = &answer.error {
        refused.error.clone_from(error);
    }
    if answer.suberror.is_some() {
        refused.suberror.clone_from(&answer.suberror);
    }
    Some(refused)
}

/// What stands against tokens for this user now, for codes and refresh tokens alike. `session` is the sign-in that
/// the code or token descends from.
pub(crate) fn standing(state: &State, user: UserId, session: u64, now: Timestamp) -> Option<Refusal> {
    let lag = state.options.revocation_lag();
    let noticed = |since: Timestamp| since + lag <= now;
    let (tenant, person) = (state.tenant_of(user), &state.users[user]);
    let app = &state.config.client_id;
    if noticed(tenant.principal_since) {
        match tenant.principal {
            ServicePrincipal::Absent => {
                let mut refused = refusal(state.options.deleted_app_code);
                if refused.code == 700_016 {
                    refused.text = format!(
                        "Application with identifier '{app}' was not found in the directory '{}'.",
                        tenant.domain
                    );
                }
                return Some(refused);
            }
            ServicePrincipal::Disabled => {
                let mut refused = refusal(7_000_112);
                refused.text = format!("Application '{app}'({}) is disabled.", state.config.app_name);
                return Some(refused);
            }
            ServicePrincipal::Enabled => {}
        }
    }
    if person.deleted.is_some_and(noticed) {
        return Some(refusal(50034));
    }
    if person.disabled.is_some_and(noticed) {
        return Some(refusal(50057));
    }
    if person.revoked.is_some_and(|(below, since)| session < below && noticed(since)) {
        return Some(refusal(50173));
    }
    if tenant.assignment_required && !tenant.assigned.contains(&user) {
        return Some(refusal(50105));
    }
    None
}

/// Whether a refresh token of this age is past its life.
pub(crate) fn idle(issued: Timestamp, now: Timestamp) -> bool {
    issued + seconds(REFRESH_DAYS * 86_400) <= now
}

/// 65001 in Entra's own words.
pub(crate) fn not_consented(state: &State) -> Refusal {
    let mut refused = refusal(65001);
    refused.text = format!(
        "The user or administrator has not consented to use the application with ID '{}' named '{}'. \
         Send an interactive authorization request for this user and resource.",
        state.config.client_id, state.config.app_name
    );
    refused
}
