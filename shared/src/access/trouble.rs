//! Why there is no token, and what the caller is told.

use std::time::Duration;

use crate::domain::address::Address;
use crate::domain::connection::{Connection, SCOPE_MISSING, Status};
use crate::domain::customer::Customer;
use crate::domain::ids::TenantId;
use crate::domain::verdict::Refusal;
use crate::problem::{Code, Microsoft, Moment, Problem, explain};
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
    OurFault(Box<Refusal>),
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
        StoreError::Corrupt | StoreError::Refused => Code::InternalError.into(),
        StoreError::TooLarge => Problem::from(Code::PayloadTooLarge).because(
            "Together with what is stored already, this is more than one record can hold. Send less text, or fewer people, rooms or users.",
        ),
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
            AccessError::OurCredential => Code::VendorCredentialInvalid.into(),
            AccessError::OurFault(refusal) => {
                let code = Code::of_refusal(&refusal, Moment::Stored);
                Self::from(code).said_by(refusal.as_ref().into())
            }
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
        Status::NeedsReauth => by_evidence(connection, Code::ConnectionNeedsReauth),
        Status::Revoked => by_evidence(connection, Code::ConnectionRevoked),
        Status::Blocked => by_evidence(connection, Code::BlockedByConditionalAccess),
    };
    let problem = Problem::from(code);
    said.map_or(problem.clone(), |said| problem.said_by(said))
}

/// What Entra said last, as a problem; `unknown` where nobody knows what that means.
fn by_evidence(connection: &Connection, unknown: Code) -> Code {
    let Some(evidence) = connection.evidence() else { return unknown };
    if evidence.refusal.error == SCOPE_MISSING {
        return Code::ScopeMissing;
    }
    explain(&evidence.refusal).code(Moment::Stored).unwrap_or(unknown)
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
    // A code that was cut off in the browser is malformed; a stored token never is by the person's doing.
    const CUT_OFF: u32 = 9_002_313;
    if refusal.codes.contains(&CUT_OFF) && !refusal.is_our_credential() {
        return Code::SignInExpired;
    }
    why_not_signed_in(refusal)
}

/// The problem code that explains a refusal during sign-in.
pub fn why_not_signed_in(refusal: &Refusal) -> Code {
    Code::of_refusal(refusal, Moment::SignIn)
}
