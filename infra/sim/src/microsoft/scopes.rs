//! Delegated permissions as a small set, with what the consent rules need to know of each.
//!
//! Source: microsoft.md C1 (what users may consent to themselves) and D (admin flag), after Microsoft's
//! `permissions.json` of August 2026 and the managed user consent policy.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One permission.
pub(crate) struct Permission {
    pub(crate) name: &'static str,
    /// Always needs an administrator.
    pub(crate) admin: bool,
    /// Excluded from self-service by the Microsoft-managed policy.
    pub(crate) excluded: bool,
    /// What the consent page says.
    pub(crate) words: &'static str,
}

const fn open(name: &'static str, words: &'static str) -> Permission {
    Permission { name, admin: false, excluded: false, words }
}
const fn excluded(name: &'static str, words: &'static str) -> Permission {
    Permission { name, admin: false, excluded: true, words }
}
const fn admin(name: &'static str, words: &'static str) -> Permission {
    Permission { name, admin: true, excluded: true, words }
}

/// The first four are those of `OpenID` Connect; the rest belong to Graph.
static PERMISSIONS: [Permission; 33] = [
    open("openid", "Sign you in"),
    open("profile", "View your basic profile"),
    open("email", "View your email address"),
    open("offline_access", "Maintain access to data you have given it access to"),
    open("User.Read", "Sign you in and read your profile"),
    open("User.ReadBasic.All", "Read all users' basic profiles"),
    open("Mail.Send", "Send mail as you"),
    excluded("Calendars.Read", "Read your calendars"),
    excluded("Calendars.ReadWrite", "Have full access to your calendars"),
    excluded("Calendars.Read.Shared", "Read calendars you can access"),
    excluded("Calendars.ReadWrite.Shared", "Read and write to your and shared calendars"),
    admin("Calendars.ReadBasic", "Read basic details of your calendars"),
    excluded("MailboxSettings.Read", "Read your mailbox settings"),
    excluded("MailboxSettings.ReadWrite", "Read and write your mailbox settings"),
    excluded("Mail.Read", "Read your mail"),
    excluded("Mail.ReadWrite", "Read and write your mail"),
    excluded("Mail.ReadBasic", "Read your basic mail"),
    excluded("OnlineMeetings.Read", "Read your online meetings"),
    excluded("OnlineMeetings.ReadWrite", "Read and create your online meetings"),
    excluded("Chat.Read", "Read your chat messages"),
    excluded("Chat.ReadWrite", "Read and write your chat messages"),
    excluded("Contacts.ReadWrite", "Have full access to your contacts"),
    excluded("People.Read", "Read your relevant people list"),
    excluded("Tasks.Read", "Read your tasks"),
    excluded("Tasks.ReadWrite", "Create, read, update and delete your tasks"),
    excluded("Files.Read.All", "Read all files you can access"),
    excluded("Files.ReadWrite.All", "Have full access to all files you can access"),
    excluded("Sites.Read.All", "Read items in all site collections"),
    admin("Place.Read.All", "Read all company places (rooms and room lists)"),
    admin("Place.ReadWrite.All", "Read and write all company places"),
    admin("User.Read.All", "Read all users' full profiles"),
    admin("Organization.Read.All", "Read organization information"),
    admin("Directory.Read.All", "Read directory data"),
];

const OIDC: u64 = 0b1111;
const GLOBAL: &str = "https://graph.microsoft.com";

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")] // names outlive a change of the table
pub(crate) struct Scopes(u64);

/// Why a `scope` parameter is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadScope {
    /// AADSTS650053.
    Unknown(String),
    /// AADSTS650057 or 70011.
    OtherResource(String),
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.names().join(" ")
    }
}
impl TryFrom<String> for Scopes {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|bad| format!("{bad:?}"))
    }
}

impl Scopes {
    pub(crate) const OPENID: Self = Self(1);
    pub(crate) const OFFLINE: Self = Self(0b1000);

    /// The scopes the registration asks for: what `.default` stands for.
    pub(crate) fn registered() -> Self {
        Self::parse("openid profile email offline_access User.Read Calendars.ReadWrite").unwrap_or_default()
    }

    /// Reads a space-separated list; names in any case, with or without the address of the global Graph in front.
    pub(crate) fn parse(text: &str) -> Result<Self, BadScope> {
        Self::of_resource(GLOBAL, text)
    }

    /// As [`Scopes::parse`], in a cloud whose Graph is at this address. Whether a name alone would do outside the global
    /// cloud is not told by any page, so it is not taken there.
    pub(crate) fn of_resource(resource: &str, text: &str) -> Result<Self, BadScope> {
        text.split_ascii_whitespace().try_fold(Self::default(), |set, word| {
            let full = word.get(..resource.len()).filter(|head| head.eq_ignore_ascii_case(resource));
            let rest = full.and_then(|_| word[resource.len()..].strip_prefix('/'));
            let openid = || Self::parse(word).is_ok_and(|scope| scope.graph().is_empty());
            let name = match rest {
                Some(name) => name,
                None if resource != GLOBAL && !openid() => {
                    return Err(BadScope::OtherResource(word.to_owned()));
                }
                _ if word.contains("://") => return Err(BadScope::OtherResource(word.to_owned())),
                _ => word,
            };
            if name.eq_ignore_ascii_case(".default") {
                return Ok(set.union(Self::registered()));
            }
            let known = PERMISSIONS.iter().position(|permission| permission.name.eq_ignore_ascii_case(name));
            known.map(|index| Self(set.0 | 1 << index)).ok_or_else(|| BadScope::Unknown(word.to_owned()))
        })
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    pub(crate) fn contains(self, other: Self) -> bool {
        other.without(self).is_empty()
    }
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Only those of Graph.
    pub(crate) fn graph(self) -> Self {
        Self(self.0 & !OIDC)
    }

    pub(crate) fn permissions(self) -> impl Iterator<Item = &'static Permission> {
        PERMISSIONS
            .iter()
            .enumerate()
            .filter(move |(index, _)| self.0 & 1 << index != 0)
            .map(|(_, known)| known)
    }

    pub(crate) fn names(self) -> Vec<&'static str> {
        self.permissions().map(|permission| permission.name).collect()
    }

    /// Whether the set holds one of these permissions.
    pub(crate) fn any_of(self, names: &[&str]) -> bool {
        names.is_empty() || self.permissions().any(|permission| names.contains(&permission.name))
    }

    /// The list as tokens and consent pages spell it: Graph's with this address in front, if any.
    pub(crate) fn spelled(self, resource: Option<&str>) -> Vec<String> {
        let oidc = Self(self.0 & OIDC).names().into_iter().map(str::to_owned);
        let prefix = resource.map(|address| format!("{address}/")).unwrap_or_default();
        self.graph().names().into_iter().map(|name| format!("{prefix}{name}")).chain(oidc).collect()
    }

    pub(crate) fn to_json(self) -> Value {
        self.names().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_another_cloud_permissions_carry_the_address_of_its_graph() {
        let there = "https://graph.microsoft.us";
        let read = |text: &str| Scopes::of_resource(there, text);
        let set = read("openid https://graph.microsoft.us/User.Read").unwrap();
        assert_eq!(set.names(), ["openid", "User.Read"]);
        assert_eq!(set.spelled(Some(there)), ["https://graph.microsoft.us/User.Read", "openid"]);
        for foreign in
            ["User.Read", "https://graph.microsoft.com/User.Read", "https://graph.microsoft.usx/User.Read"]
        {
            assert_eq!(read(foreign), Err(BadScope::OtherResource(foreign.to_owned())));
        }
    }

    #[test]
    fn names_are_read_in_any_case_with_or_without_the_resource() {
        let set = Scopes::parse("OPENID https://graph.microsoft.com/calendars.readwrite user.read").unwrap();
        assert_eq!(set.names(), ["openid", "User.Read", "Calendars.ReadWrite"]);
        assert_eq!(Scopes::parse("Calendar.Write"), Err(BadScope::Unknown("Calendar.Write".into())));
        assert!(matches!(
            Scopes::parse("https://outlook.office.com/Mail.Read"),
            Err(BadScope::OtherResource(_))
        ));
    }
}
