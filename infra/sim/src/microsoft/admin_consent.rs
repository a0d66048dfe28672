//! `GET /{tenant}/v2.0/adminconsent`: an administrator lets the app in for everybody (microsoft.md A8).

use super::authorize::{Realm, Start, page_checks, parameters};
use super::policy::may_grant_for_all;
use super::redirects::{Failure, back, cancelled, failed};
use super::scopes::Scopes;
use super::tenant::{State, UserId};
use jiff::Timestamp;

/// A request that may be shown to an administrator.
#[derive(Debug)]
pub(crate) struct AdminConsent {
    pub(crate) realm: Realm,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scopes: Scopes,
}

impl AdminConsent {
    pub(crate) fn begin(state: &State, named: &str, query: &str) -> Result<Self, Start> {
        let mut query = parameters(query)?;
        if named == "common" {
            return Err(Start::Page(90002, "'common' cannot be used for admin consent".to_owned()));
        }
        let realm = page_checks(state, named, &query)?;
        let scope = query.remove("scope").unwrap_or_default();
        let scopes = match Scopes::of_resource(&state.options.graph_resource, &scope) {
            Ok(scopes) if !scopes.is_empty() => scopes,
            Ok(_) => return Err(Start::Page(900_144, "scope is missing".to_owned())),
            Err(bad) => return Err(Start::Page(650_053, format!("{bad:?}"))),
        };
        let redirect_uri = query.remove("redirect_uri").unwrap_or_default();
        Ok(Self { realm, redirect_uri, state: query.remove("state"), scopes })
    }

    /// The administrator of this address; the number of the page where everybody else stays.
    pub(crate) fn administrator(&self, state: &State, email: &str) -> Result<UserId, u32> {
        let user = state.user(email).ok_or(50034_u32)?;
        let person = &state.users[user];
        match self.realm {
            Realm::One(tenant) if person.tenant != tenant => Err(50020),
            _ if person.disabled.is_some() || person.deleted.is_some() => Err(50057),
            _ if !may_grant_for_all(person.role) => Err(90094),
            _ => Ok(user),
        }
    }

    pub(crate) fn accepted(&self, state: &mut State, user: UserId, now: Timestamp) -> String {
        let tenant = state.users[user].tenant;
        state.consent(tenant, None, self.scopes, now);
        let (id, scopes) = (
            state.tenants[tenant].id.clone(),
            self.scopes.spelled(Some(&state.options.graph_resource)).join(" "),
        );
        let parameters = [("admin_consent", "True"), ("tenant", id.as_str()), ("scope", scopes.as_str())];
        back(&self.redirect_uri, &parameters, self.state.as_deref())
    }

    /// The documented failure, with `admin_consent=True` on it all the same and without a tenant.
    pub(crate) fn declined(&self, state: &mut State, now: Timestamp) -> String {
        let failure = Failure {
            error: "consent_required",
            code: 65004,
            text: "The resource owner or authorization server denied the request.",
            admin: true,
        };
        let login_url = state.config.login_url();
        failed((&self.redirect_uri, self.state.as_deref()), &failure, &login_url, &mut state.random, now)
    }

    /// A real decline was also seen as R1.
    pub(crate) fn cancelled(&self) -> String {
        cancelled(&self.redirect_uri, self.state.as_deref())
    }
}
