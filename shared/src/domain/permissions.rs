//! What each permission lets the app do, in plain words. Source: Microsoft Graph permissions reference.

use std::collections::BTreeSet;

use super::features::{Feature, requested};

/// A permission as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Microsoft's name.
    pub scope: &'static str,
    /// What for, in our words.
    pub plain: &'static str,
}

const TABLE: [Permission; 11] = [
    Permission { scope: "openid", plain: "Sign the user in." },
    Permission { scope: "profile", plain: "See the user's name." },
    Permission { scope: "email", plain: "See the user's e-mail address." },
    Permission { scope: "offline_access", plain: "Stay connected without a sign-in every hour." },
    Permission {
        scope: "User.Read",
        plain: "Know who is signed in. No other user, group or directory is read.",
    },
    Permission {
        scope: "Calendars.ReadWrite",
        plain: "Put interviews on the user's own calendar, move and cancel them, and see free and busy times.",
    },
    Permission { scope: "Place.Read.All", plain: "List the organisation's meeting rooms." },
    Permission {
        scope: "User.ReadBasic.All",
        plain: "List meeting rooms the older way, which shows names of users too.",
    },
    Permission {
        scope: "Calendars.Read.Shared",
        plain: "Read calendars that others have shared with the user.",
    },
    Permission { scope: "Mail.Send", plain: "Send mail as the user." },
    Permission { scope: "Mail.ReadWrite", plain: "Read and change the user's mail." },
];

/// The permissions of these features, in the order in which they are asked for.
pub fn explained(features: &BTreeSet<Feature>) -> Vec<Permission> {
    let known = |scope| TABLE.iter().copied().find(|permission| permission.scope == scope);
    requested(features).into_iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_that_can_be_asked_for_is_explained() {
        let all = BTreeSet::from(Feature::ALL);
        let names: Vec<&str> = explained(&all).iter().map(|permission| permission.scope).collect();
        assert_eq!(names, requested(&all));
    }
}
