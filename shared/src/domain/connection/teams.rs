//! Whether a calendar can hold Teams meetings.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Account, Connection};
use crate::domain::address::Address;

/// What the calendar said. For hours after a license was given it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Teams {
    /// It takes Teams meetings.
    Yes,
    /// It takes meetings of other kinds only.
    No,
    /// It names no kind.
    Unknown,
}

impl Teams {
    /// Yes or no; `None` as long as Microsoft does not say.
    pub const fn said(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Unknown => None,
        }
    }
}

impl<'de> Deserialize<'de> for Teams {
    /// Rows of earlier versions hold true or false; false was said of calendars that named no kind, too.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Word {
            Yes,
            No,
            Unknown,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Flag(bool),
            Word(Word),
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Flag(true) | Stored::Word(Word::Yes) => Self::Yes,
            Stored::Word(Word::No) => Self::No,
            Stored::Flag(false) | Stored::Word(Word::Unknown) => Self::Unknown,
        })
    }
}

impl Connection {
    /// What the calendar says now of itself and of its owner, whose address and name may have changed.
    #[must_use]
    pub fn probed(mut self, teams: Teams, owner: (Option<Address>, Option<String>)) -> Self {
        self.teams = teams;
        let (email, name) = owner;
        if let Some(account) = self.account.take() {
            let (email, name) = (email.unwrap_or(account.email), name.or(account.name));
            self.account = Some(Account { email, name, ..account });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_earlier_versions_are_read() {
        for (stored, read) in [
            ("true", Teams::Yes),
            ("false", Teams::Unknown),
            ("\"yes\"", Teams::Yes),
            ("\"no\"", Teams::No),
            ("\"unknown\"", Teams::Unknown),
        ] {
            assert_eq!(serde_json::from_str::<Teams>(stored).expect(stored), read, "{stored}");
        }
        for (teams, stored) in
            [(Teams::Yes, "\"yes\""), (Teams::No, "\"no\""), (Teams::Unknown, "\"unknown\"")]
        {
            assert_eq!(serde_json::to_string(&teams).expect("json"), stored);
        }
    }
}
