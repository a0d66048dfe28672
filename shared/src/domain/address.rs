//! An e-mail address, as far as we must know it: two parts around one `@`, nothing that could break a header.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An address as written; compared without regard to case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// The text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadAddress;

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an e-mail address")
    }
}
impl std::error::Error for BadAddress {}

impl Address {
    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the `@`, in lower case.
    pub fn domain(&self) -> String {
        self.0.rsplit('@').next().unwrap_or_default().to_ascii_lowercase()
    }
}

/// Characters that change the direction of text (Unicode TR 9, explicit formatting).
pub fn is_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that have no place in a text of one line: they end it, control what shows it, or turn its direction.
pub fn breaks_a_line(c: char) -> bool {
    c.is_control() || is_direction(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// What is kept of a person's name, in characters.
const LONGEST_NAME: usize = 200;

/// A name that people choose themselves elsewhere and others read in mails and pages: what does not belong into a line
/// is left out, for nobody could be told to repair it. None if nothing is left.
pub fn one_line(name: &str) -> Option<String> {
    let line: String = name.chars().filter(|c| !breaks_a_line(*c)).take(LONGEST_NAME).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress)?;
        let plain = |c: char| {
            !c.is_whitespace() && !c.is_control() && !is_direction(c) && !"<>()[],;:\\\"@".contains(c)
        };
        let labels = domain.split('.');
        let sound_domain = domain.len() <= 253
            && labels.clone().count() >= 2
            && labels.clone().all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        let sound = (1..=64).contains(&local.len()) && local.chars().all(plain) && sound_domain;
        sound.then(|| Self(text.to_owned())).ok_or(BadAddress)
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;
    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}
impl Eq for Address {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_are_taken() {
        for text in ["ana@contoso.com", "o'neil+x@mail.example.org", "jörg@büro.example"] {
            assert!(text.parse::<Address>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_could_break_a_header_is_refused() {
        for text in [
            "",
            "ana",
            "ana@",
            "@x.com",
            "a b@x.com",
            "a@x",
            "a@x..com",
            "a\r\n@x.com",
            "<a@x.com>",
            "a@-x.com",
            "a\u{202e}moc.osotnoc@x.com",
        ] {
            assert_eq!(text.parse::<Address>(), Err(BadAddress), "{text}");
        }
    }

    #[test]
    fn case_does_not_part_people() {
        assert_eq!("Ana@Contoso.com".parse::<Address>(), "ana@contoso.COM".parse::<Address>());
    }
}
