//! What the consent rules of a tenant make of a request (microsoft.md C1 to C4, J1). Pure.

use super::scopes::Scopes;
use super::tenant::{Role, ServicePrincipal, State, UserId, UserPolicy};

/// What the person sees after signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Everything is consented to already.
    Straight,
    /// The ordinary consent page; an administrator sees the box "on behalf of your organization".
    Consent { box_for_all: bool },
    /// "Approval required" (90095): the admin consent workflow is on.
    Request,
    /// "Need admin approval" (90094): a dead end with a link back.
    NeedAdmin,
    /// Microsoft's own error page; nothing comes back to the app.
    Page(u32),
}

/// What users may consent to under `microsoft-user-default-low` until the administrator classifies more.
pub(crate) const LOW_IMPACT: &str = "openid profile email offline_access User.Read";

pub(crate) fn after_sign_in(state: &State, user: UserId, scopes: Scopes, force_consent: bool) -> Next {
    let tenant = state.tenant_of(user);
    let person = &state.users[user];
    if person.deleted.is_some() {
        return Next::Page(50034);
    }
    if person.disabled.is_some() || person.role == Role::Room {
        return Next::Page(50057);
    }
    if tenant.principal == ServicePrincipal::Disabled {
        return Next::Page(7_000_112);
    }
    let missing = scopes.without(state.consented(user));
    if tenant.assignment_required && !tenant.assigned.contains(&user) && person.role == Role::Person {
        // Nobody can be assigned to an app that no administrator has let in.
        let known = tenant.principal == ServicePrincipal::Enabled;
        return if known { Next::Page(50105) } else { ask_admin(tenant.workflow) };
    }
    if missing.is_empty() && !force_consent {
        return Next::Straight;
    }
    match person.role {
        Role::GlobalAdministrator => return Next::Consent { box_for_all: true },
        Role::CloudApplicationAdministrator => return Next::Consent { box_for_all: false },
        Role::Person | Role::Room => {}
    }
    let asked = if force_consent { scopes } else { missing };
    let may = asked.permissions().all(|permission| !permission.admin)
        && !tenant.assignment_required
        && match tenant.policy {
            UserPolicy::Legacy => true,
            UserPolicy::Managed => asked.permissions().all(|permission| !permission.excluded),
            UserPolicy::Low => Scopes::parse(LOW_IMPACT).unwrap_or_default().contains(asked),
            UserPolicy::None => false,
        };
    if may { Next::Consent { box_for_all: false } } else { ask_admin(tenant.workflow) }
}

fn ask_admin(workflow: bool) -> Next {
    if workflow { Next::Request } else { Next::NeedAdmin }
}

/// Who may grant for the whole tenant at `/adminconsent` (microsoft.md C3).
pub(crate) fn may_grant_for_all(role: Role) -> bool {
    matches!(role, Role::GlobalAdministrator | Role::CloudApplicationAdministrator)
}
