//! One row per route: what it takes, what it answers, which problems it knows. Path, scopes and function come from the
//! code's own table of routes.

mod availability;
mod browser;
mod connections;
pub(super) mod groups;
mod interviews;

use shared::problem::Code;

/// A success.
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) means: &'static str,
    pub(super) body: Body,
    /// Headers beside `Request-Id`; `?` behind a name: not always.
    pub(super) headers: &'static [&'static str],
}

/// What an answer holds.
#[derive(Clone, Copy)]
pub(super) enum Body {
    Nothing,
    Html,
    Json(&'static str),
    /// One of two schemas.
    Either(&'static str, &'static str),
}

pub(super) struct Operation {
    pub(super) key: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// The schema of the body, and whether it must be there.
    pub(super) request: Option<(&'static str, bool)>,
    pub(super) parameters: &'static [&'static str],
    pub(super) successes: &'static [Success],
    pub(super) problems: &'static [&'static [Code]],
}

pub(super) const fn json(
    status: u16,
    means: &'static str,
    schema: &'static str,
    headers: &'static [&'static str],
) -> Success {
    Success { status, means, body: Body::Json(schema), headers }
}
pub(super) const fn bare(status: u16, means: &'static str, headers: &'static [&'static str]) -> Success {
    Success { status, means, body: Body::Nothing, headers }
}
pub(super) const fn html(status: u16, means: &'static str) -> Success {
    Success { status, means, body: Body::Html, headers: &[] }
}

/// Every row.
pub(super) fn all() -> impl Iterator<Item = &'static Operation> {
    browser::OPERATIONS
        .iter()
        .chain(connections::OPERATIONS)
        .chain(interviews::OPERATIONS)
        .chain(availability::OPERATIONS)
}
