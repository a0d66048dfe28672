//! Why there is no token, and what the caller is told.

use std::time::Duration;

use crate::domain::address::Address;
use crate::domain::connection::{Connection, SCOPE_MISSING, Status};
use crate::domain::customer::Customer;
use crate::domain::ids::TenantId;
use crate::domain::verdict::{Refusal, Verdict};
use crate::problem::{Code, Microsoft, Problem};
use crate::store::StoreError;
use crate::vault::{OpenError, VaultError};

/// The customer, if it is served: switched on, and not being deleted. One that was never set up is switched off.
pub fn served(customer: Option<&Customer>) -> Result<&Customer, Problem> {
    match customer {
        Some(customer) if customer.deleting.is_some() => Err(Code::DeletionInProgress.into()),
        Some(customer) if customer.enabled => Ok(customer),
        _ => Err(Code::IntegrationDisabled.into()),
    }
}

/// Why there is no token. None of these changed the connection.
#[derive(Debug)]
pub enum AccessError {
    /// The connection's state does not allow it.
    Unserved(Box<Connection>),
    /// Entra asks to wait.
    Throttled(Option<Duration>),
    /// Entra gave no usable answer.
    Unreachable,
    /// Entra refused our own credential: no redemption can succeed.
    OurCredential,
    /// Entra refused this request for a fault of ours; others may succeed.
    OurFault,
    /// The store.
    Store(StoreError),
    /// The key service.
    Vault(VaultError),
    /// The sealed value does not open.
    Sealed(OpenError),
}

impl From<StoreError> for AccessError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a failing store means to a caller.
pub fn store_problem(error: StoreError) -> Problem {
    match error {
        StoreError::Unavailable => Code::ServiceUnavailable.into(),
        StoreError::Corrupt => Code::InternalError.into(),
    }
}

/// What a failing key service means to a caller.
pub fn vault_problem(error: VaultError) -> Problem {
    match error {
        VaultError::Unavailable => Code::ServiceUnavailable.into(),
        VaultError::Refused => Code::InternalError.into(),
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Unserved(connection) => unserved(&connection),
            AccessError::Throttled(wait) => {
                let problem = Problem::from(Code::MicrosoftThrottled);
                wait.map_or(problem.clone(), |wait| problem.again_in(wait))
            }
            AccessError::Unreachable => Code::MicrosoftUnavailable.into(),
            AccessError::OurCredential | AccessError::OurFault => Code::VendorCredentialInvalid.into(),
            AccessError::Store(error) => store_problem(error),
            AccessError::Vault(error) => vault_problem(error),
            AccessError::Sealed(_) => Code::InternalError.into(),
        }
    }
}

/// What the state of a connection means to whoever wants to use it.
pub fn unserved(connection: &Connection) -> Problem {
    let said = connection.evidence().map(|evidence| Microsoft::from(&evidence.refusal));
    let code = match connection.status() {
        Status::NotConnected | Status::Disconnected | Status::Connected => Code::NotConnected,
        Status::PendingApproval => Code::ApprovalPending,
        Status::Checking => Code::ConnectionChecking,
        Status::NeedsReauth => Code::ConnectionNeedsReauth,
        Status::Revoked => revoked_by(connection),
        Status::Blocked => blocked_by(connection),
    };
    let problem = Problem::from(code);
    said.map_or(problem.clone(), |said| problem.said_by(said))
}

fn revoked_by(connection: &Connection) -> Code {
    let disabled = connection.evidence().is_some_and(|evidence| evidence.refusal.codes.contains(&7_000_112));
    if disabled { Code::AppDisabledInTenant } else { Code::ConnectionRevoked }
}

fn blocked_by(connection: &Connection) -> Code {
    let Some(evidence) = connection.evidence() else { return Code::BlockedByConditionalAccess };
    let refusal = &evidence.refusal;
    if refusal.error == SCOPE_MISSING {
        Code::ScopeMissing
    } else if refusal.codes.contains(&50105) {
        Code::UserNotAssigned
    } else {
        Code::BlockedByConditionalAccess
    }
}

/// The organizer has connected another account than the one whose mailbox holds the event. The same address of the same
/// organization under another id is an account that was deleted and made anew.
pub fn organizer_changed(before: (TenantId, &Address), now: Option<(TenantId, &Address)>) -> Problem {
    let problem = Problem::from(Code::OrganizerChanged);
    if now != Some(before) {
        return problem;
    }
    problem.because(
        "The organizer's Microsoft account was deleted and made anew under the same address. The event lay in the mailbox \
         of the former account; Microsoft keeps a deleted account for 30 days, in which an administrator can restore it.",
    )
}

/// The problem code that explains why a code was not redeemed. A code that is used up, too old or not of this
/// sign-in is nobody's fault that lasts: the person starts again.
pub fn why_not_redeemed(refusal: &Refusal) -> Code {
    const CODE_UNUSABLE: [u32; 8] = [50_147, 50_148, 54005, 70000, 70008, 501_481, 700_005, 9_002_313];
    let unusable = refusal.codes.iter().any(|code| CODE_UNUSABLE.contains(code));
    if unusable && !refusal.is_our_credential() { Code::SignInExpired } else { why_not_signed_in(refusal) }
}

/// The problem code that explains a refusal during sign-in.
pub fn why_not_signed_in(refusal: &Refusal) -> Code {
    if refusal.codes.contains(&50105) {
        return Code::UserNotAssigned;
    }
    if refusal.codes.contains(&7_000_112) {
        return Code::AppDisabledInTenant;
    }
    match refusal.verdict() {
        Verdict::ConsentGone => Code::AdminApprovalRequired,
        Verdict::Blocked => Code::BlockedByConditionalAccess,
        Verdict::OurFault => Code::VendorCredentialInvalid,
        Verdict::UserMustSignIn => Code::ConnectionNeedsReauth,
        Verdict::Keep | Verdict::UnknownGrant | Verdict::Unknown => Code::MicrosoftUnavailable,
    }
}
