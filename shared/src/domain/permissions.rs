//! What each permission lets the app do, in plain words, and who may grant it. Sources: Microsoft Graph permissions
//! reference and `permissions.json` of August 2026; the Microsoft-managed user consent policy as of [`AS_OF`].

use std::collections::BTreeSet;

use serde::Serialize;

use super::features::{Feature, requested};

/// When the consent rules below were last read in Microsoft's pages.
pub const AS_OF: &str = "2026-11-20";

/// Who may grant a permission where Microsoft manages the consent settings, its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantor {
    /// Every user, alone.
    User,
    /// An administrator; under older or own settings of the organization every user, alone.
    Administrator,
    /// An administrator, whatever the settings are.
    AlwaysAdministrator,
}

/// A permission as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// Microsoft's name.
    pub scope: &'static str,
    /// Microsoft's own words for it where a user gives consent, letter by letter: `userDisplayName` of the public Graph
    /// permissions data of August 2026, and for the four scopes of `OpenID` Connect the page "Scopes and permissions".
    pub microsoft: &'static str,
    /// What for, in our words.
    pub plain: &'static str,
    /// Microsoft's page about it.
    pub reference: &'static str,
    /// Who may grant it.
    pub grantor: Grantor,
}

const fn user(
    scope: &'static str,
    microsoft: &'static str,
    plain: &'static str,
    reference: &'static str,
) -> Permission {
    Permission { scope, microsoft, plain, reference, grantor: Grantor::User }
}

const fn administrator(
    scope: &'static str,
    microsoft: &'static str,
    plain: &'static str,
    reference: &'static str,
) -> Permission {
    Permission { scope, microsoft, plain, reference, grantor: Grantor::Administrator }
}

const TABLE: [Permission; 11] = [
    user(
        "openid",
        "Sign you in",
        "Sign the user in.",
        "https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-openid-scope",
    ),
    user(
        "profile",
        "View your basic profile",
        "See the user's name.",
        "https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-profile-scope",
    ),
    user(
        "email",
        "View your email address",
        "See the user's email address.",
        "https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-email-scope",
    ),
    user(
        "offline_access",
        "Maintain access to data you have given it access to",
        "Stay connected without a sign-in every hour.",
        "https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-offline_access-scope",
    ),
    user(
        "User.Read",
        "Sign you in and read your profile",
        "Know who is signed in. No other user, group or directory is read.",
        "https://learn.microsoft.com/graph/permissions-reference#userread",
    ),
    administrator(
        "Calendars.ReadWrite",
        "Have full access to your calendars",
        "Put interviews on the user's own calendar, move and cancel them, and see free and busy times.",
        "https://learn.microsoft.com/graph/permissions-reference#calendarsreadwrite",
    ),
    Permission {
        scope: "Place.Read.All",
        microsoft: "Read all company places",
        plain: "List the organization's meeting rooms, with their capacity and building.",
        reference: "https://learn.microsoft.com/graph/permissions-reference#placereadall",
        grantor: Grantor::AlwaysAdministrator,
    },
    user(
        "User.ReadBasic.All",
        "Read all users' basic profiles",
        "List meeting rooms the older way, which shows names of users too.",
        "https://learn.microsoft.com/graph/permissions-reference#userreadbasicall",
    ),
    administrator(
        "Calendars.Read.Shared",
        "Read calendars you can access",
        "Read calendars that others have shared with the user.",
        "https://learn.microsoft.com/graph/permissions-reference#calendarsreadshared",
    ),
    user(
        "Mail.Send",
        "Send mail as you",
        "Send mail as the user.",
        "https://learn.microsoft.com/graph/permissions-reference#mailsend",
    ),
    administrator(
        "Mail.ReadWrite",
        "Read and write access to your mail",
        "Read and change the user's mail.",
        "https://learn.microsoft.com/graph/permissions-reference#mailreadwrite",
    ),
];

/// The permissions of these features, in the order in which they are asked for.
pub fn explained(features: &BTreeSet<Feature>) -> Vec<Permission> {
    let known = |scope| TABLE.iter().copied().find(|permission| permission.scope == scope);
    requested(features).into_iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `userDisplayName` as Microsoft publishes it (Graph permissions data, August 2026).
    const PUBLISHED: [(&str, &str); 7] = [
        ("User.Read", "Sign you in and read your profile"),
        ("User.ReadBasic.All", "Read all users' basic profiles"),
        ("Calendars.ReadWrite", "Have full access to your calendars"),
        ("Calendars.Read.Shared", "Read calendars you can access"),
        ("Place.Read.All", "Read all company places"),
        ("Mail.Send", "Send mail as you"),
        ("Mail.ReadWrite", "Read and write access to your mail"),
    ];

    #[test]
    fn what_is_shown_as_microsofts_words_is_what_microsoft_published() {
        let openid = ["openid", "profile", "email", "offline_access"];
        for permission in TABLE.iter().filter(|permission| !openid.contains(&permission.scope)) {
            let published = PUBLISHED.iter().find(|(scope, _)| *scope == permission.scope);
            assert_eq!(
                published.map(|(_, words)| *words),
                Some(permission.microsoft),
                "{}",
                permission.scope
            );
        }
    }

    #[test]
    fn every_permission_that_can_be_asked_for_is_explained() {
        let all = BTreeSet::from(Feature::ALL);
        let names: Vec<&str> = explained(&all).iter().map(|permission| permission.scope).collect();
        assert_eq!(names, requested(&all));
    }
}
