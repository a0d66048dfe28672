//! The body of a request for approval, parsed; every fault is told at once.

use std::collections::BTreeSet;

use shared::domain::features::Feature;
use shared::input::{Faults, Object};
use shared::problem::Problem;

/// Microsoft's own requests live thirty days, unless an administrator says otherwise.
const USUAL_DAYS: i64 = 30;
const MOST_DAYS: u64 = 90;

/// What is asked of the administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Why, in one line.
    pub justification: Option<String>,
    /// Another name than the customer's.
    pub organization: Option<String>,
    /// Other features than the customer's.
    pub features: Option<BTreeSet<Feature>>,
    /// How long the link lives.
    pub days: i64,
}

/// Reads the body.
pub fn parse(body: &[u8]) -> Result<Wanted, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let wanted = Wanted {
        justification: input.line("justification", 500),
        organization: input.line("organization", 200),
        features: input.features("features"),
        days: input
            .number("expires_in_days", 1..=MOST_DAYS)
            .and_then(|n| n.try_into().ok())
            .unwrap_or(USUAL_DAYS),
    };
    input.finish();
    faults.into_result()?;
    Ok(wanted)
}
