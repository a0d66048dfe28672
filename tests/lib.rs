//! Acceptance tests of the whole stack live in `main.rs`. Here is what they share with the benches.

use std::collections::BTreeSet;

use shared::app::App;
use shared::domain::features::Feature;
use shared::domain::ids::{AttemptId, CustomerId, SessionId};
use shared::domain::sign_in::{Attempt, Hash, Session};

/// A sign-in that nobody began: connections are stored as its end, so that they are made without a browser.
///
/// # Panics
/// If `user` is no id or `email` no address.
pub fn attempt(app: &App, customer: &CustomerId, (user, email): (&str, &str)) -> Attempt {
    let now = app.clock.now();
    let session = Session {
        id: SessionId::mint(now, app.entropy.as_ref()),
        key: Hash("-".to_owned()),
        customer: customer.clone(),
        user: user.parse().expect("an id"),
        email: email.parse().expect("an address"),
        return_url: "http://localhost/".to_owned(),
        features: BTreeSet::from([Feature::Calendar]),
        tenant: None,
        time_zone: None,
        locale: None,
        expires_at: now,
    };
    Attempt {
        id: AttemptId::mint(now, app.entropy.as_ref()),
        state: Hash(format!("{customer}-crowd")),
        cookie: Hash("-".to_owned()),
        session,
        authority: "organizations".to_owned(),
        expires_at: now,
        consumed_at: None,
        held_since: None,
        outcome: None,
    }
}
