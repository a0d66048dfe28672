//! Connections, sessions and customers as clients see them.

use std::collections::BTreeSet;

use serde::Serialize;
use shared::access::{DestroyedTokens, destroyed_tokens, unserved};
use shared::domain::address::Address;
use shared::domain::connection::{Connection, Status};
use shared::domain::features::Feature;
use shared::domain::ids::{ConnectionId, SessionId, UserId};
use shared::domain::sign_in::{LastAttempt, Outcome, OutcomeStatus, Said};
use shared::domain::time::Instant;
use shared::problem::{Problem, Summary};
use shared::scheduling::view::seconds;

/// A new connect link.
#[derive(Serialize)]
pub(crate) struct Opened<'a> {
    pub(crate) id: &'a SessionId,
    pub(crate) url: String,
    pub(crate) expires_at: String,
}

/// A connection; see the API contract.
#[derive(Serialize)]
pub(crate) struct View<'a> {
    id: Option<&'a ConnectionId>,
    user: &'a UserId,
    status: Status,
    account: Option<AccountView<'a>>,
    features: &'a BTreeSet<Feature>,
    granted_scopes: Vec<&'a str>,
    missing_scopes: Vec<&'static str>,
    capabilities: Capabilities,
    time_zone: Option<&'a str>,
    connected_at: Option<String>,
    last_verified_at: Option<String>,
    problem: Option<Summary>,
    tokens_destroyed: Option<DestroyedTokens>,
    last_attempt: Option<AttemptView<'a>>,
}

/// How the last attempt to connect ended.
#[derive(Serialize)]
struct AttemptView<'a> {
    status: OutcomeStatus,
    reason: Option<&'a str>,
    at: String,
    microsoft: Option<&'a Said>,
}

impl<'a> From<&'a LastAttempt> for AttemptView<'a> {
    fn from(last: &'a LastAttempt) -> Self {
        let Outcome { status, reason, microsoft } = &last.outcome;
        Self {
            status: *status,
            reason: reason.as_deref(),
            at: seconds(last.at),
            microsoft: microsoft.as_deref(),
        }
    }
}

/// What the mailbox can do beyond plain events, as far as Microsoft said.
#[derive(Serialize)]
struct Capabilities {
    /// Absent as long as Microsoft does not say.
    teams: Option<bool>,
}

#[derive(Serialize)]
struct AccountView<'a> {
    email: &'a Address,
    name: Option<&'a str>,
    tenant_id: String,
    object_id: String,
}

/// The connection of a user who has none.
pub(crate) fn none<'a>(user: &'a UserId, last: Option<&'a LastAttempt>) -> View<'a> {
    static NO_FEATURES: BTreeSet<Feature> = BTreeSet::new();
    View {
        id: None,
        user,
        status: Status::NotConnected,
        account: None,
        features: &NO_FEATURES,
        granted_scopes: Vec::new(),
        missing_scopes: Vec::new(),
        capabilities: Capabilities { teams: None },
        time_zone: None,
        connected_at: None,
        last_verified_at: None,
        problem: None,
        tokens_destroyed: None,
        last_attempt: last.map(Into::into),
    }
}

/// A connection as clients see it. `verified_at` is the sweep's own mark for its shard.
pub(crate) fn view<'a>(
    connection: &'a Connection,
    verified_at: Option<Instant>,
    public_url: &str,
) -> View<'a> {
    let account = connection.account.as_ref().map(|account| AccountView {
        email: &account.email,
        name: account.name.as_deref(),
        tenant_id: account.tenant.to_string(),
        object_id: account.object.to_string(),
    });
    let status = connection.status();
    let troubled = !matches!(status, Status::Connected | Status::NotConnected | Status::Disconnected);
    let problem: Option<Problem> = troubled.then(|| unserved(connection));
    // The shard's mark speaks for connections that the pass found healthy, and for no others.
    let by_shard = verified_at.filter(|_| status == Status::Connected);
    View {
        id: Some(&connection.id),
        user: &connection.user,
        status,
        account,
        features: &connection.features,
        granted_scopes: connection.granted.iter().collect(),
        missing_scopes: connection.granted.missing(&connection.features),
        capabilities: Capabilities { teams: connection.teams.said() },
        time_zone: connection.time_zone.as_deref(),
        connected_at: connection.account.as_ref().map(|_| seconds(connection.connected_at)),
        last_verified_at: connection.verified_at.max(by_shard).map(seconds),
        problem: problem.map(|problem| problem.summary(public_url)),
        tokens_destroyed: destroyed_tokens(connection),
        last_attempt: connection.last_attempt.as_deref().map(Into::into),
    }
}
