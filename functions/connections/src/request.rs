//! The body of a request for a connect link, parsed; every fault is told at once.

use std::collections::BTreeSet;

use shared::domain::features::Feature;
use shared::input::{Faults, Object, origin_of};
use shared::problem::Problem;

/// What a link is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where the browser goes in the end: an address of an allowed origin.
    pub return_url: String,
    /// Other features than the customer's.
    pub features: Option<BTreeSet<Feature>>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Of Microsoft's pages.
    pub locale: Option<String>,
}

/// Reads the body; `origins` are those that this deployment allows.
pub fn parse(body: &[u8], origins: &[String]) -> Result<Wanted, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let return_url = input.need("return_url", input.exact_line("return_url", 2000));
    if let Some(url) = &return_url
        && origin_of(url).is_none_or(|origin| !origins.contains(&origin))
    {
        input.fault("return_url", "must have one of the origins that this deployment allows");
    }
    let wanted = Wanted {
        return_url: return_url.unwrap_or_default(),
        features: input.features("features"),
        time_zone: input.zone(),
        locale: input.language("locale"),
    };
    input.finish();
    faults.into_result()?;
    Ok(wanted)
}
