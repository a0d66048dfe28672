//! The `Idempotency-Key` of a request (IETF draft of that name).

use shared::domain::claim::ClaimKey;
use shared::function::{Caller, Request};
use shared::problem::Problem;
use shared::vault::browser;

/// Under which key the request's claim is stored.
pub(crate) fn claim_key(request: &Request, caller: &Caller) -> Result<ClaimKey, Problem> {
    let key = request.idempotency_key()?;
    Ok(named(request, caller, key))
}

/// The claim of this name: its own, for a request that no client repeats by a key.
pub(crate) fn named(request: &Request, caller: &Caller, key: &str) -> ClaimKey {
    ClaimKey {
        customer: caller.customer.clone(),
        user: caller.user.clone(),
        route: request.route_key.clone(),
        key_hash: browser::hash(key).0,
    }
}
