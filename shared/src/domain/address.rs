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

/// Marks that show nothing by themselves (Unicode categories Cf and the fillers), direction marks apart. The joiners
/// U+200C and U+200D are letters' business in Persian, in Indic scripts and in emoji, and are judged by their neighbours.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Whether a character is shown: no control, no direction, no unseen mark.
fn is_shown(c: char) -> bool {
    !c.is_control() && !is_direction(c) && !is_unseen(c) && !is_joiner(c)
}

/// Text of one line as people read it: what ends a line becomes a blank; controls, direction characters and marks that
/// show nothing are left out, for Arabic and Hebrew names carry them and nobody could be asked to repair them. Blanks
/// around it go too.
pub fn clean_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, '\n' | '\r' | '\t' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}') {
            out.push(' ');
        } else if is_joiner(c) {
            let joins = |c: char| !c.is_ascii() && is_shown(c) && !c.is_whitespace();
            if out.chars().next_back().is_some_and(joins) && rest.peek().copied().is_some_and(joins) {
                out.push(c);
            }
        } else if is_shown(c) {
            out.push(c);
        }
    }
    out.trim().to_owned()
}

/// Text of several lines: line ends and tabs stay, and so do the marks that Arabic and Hebrew need (U+200E, U+200F,
/// U+061C); other controls and what turns the direction of the text around it are left out.
pub fn clean_text(text: &str) -> String {
    let turns = |c: char| is_direction(c) && !matches!(c, '\u{200E}' | '\u{200F}' | '\u{61C}');
    let stays = |c: &char| matches!(c, '\n' | '\r' | '\t') || !(c.is_control() || turns(*c));
    text.chars().filter(stays).collect()
}

/// An address without the blanks and unseen marks that stand around it after copying and pasting.
pub fn bare_address(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || !is_shown(c))
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
    let line: String = clean_line(name).chars().take(LONGEST_NAME).collect();
    (!line.is_empty()).then_some(line)
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress)?;
        let plain = |c: char| !c.is_whitespace() && is_shown(c) && !"<>()[],;:\\\"@".contains(c);
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
            "an\u{200b}a@x.com",
            "an\u{200d}a@x.com",
            " ana@x.com",
        ] {
            assert_eq!(text.parse::<Address>(), Err(BadAddress), "{text}");
        }
    }

    #[test]
    fn unseen_marks_and_controls_are_left_out_of_a_line() {
        for (text, clean) in [
            ("\u{200f}محمد\u{200e} علي", "محمد علي"),
            ("Da\u{2066}na", "Dana"),
            ("Interview\u{202e}reenigne", "Interviewreenigne"),
            ("two\nlines", "two lines"),
            ("a\u{0}b\u{7f}c\u{9b}d", "abcd"),
            ("\u{feff} Ana\u{200b} \u{2060}", "Ana"),
            ("علی\u{200c}رضا", "علی\u{200c}رضا"),
            ("👩\u{200d}💻 talk", "👩\u{200d}💻 talk"),
            ("a\u{200d}b\u{200c}", "ab"),
            ("co\u{ad}op\u{3164}", "coop"),
        ] {
            assert_eq!(clean_line(text), clean, "{text:?}");
        }
    }

    #[test]
    fn a_text_of_several_lines_keeps_what_its_letters_need_and_nothing_that_turns_the_rest() {
        assert_eq!(clean_text("a\r\n\tb\u{202e}c\u{2067}d\u{1b}[31m"), "a\r\n\tbcd[31m");
        assert_eq!(clean_text("\u{200f}שלום\u{200e}"), "\u{200f}שלום\u{200e}");
    }

    #[test]
    fn blanks_and_marks_around_an_address_go() {
        for text in [
            " ana@x.com",
            "ana@x.com\n",
            "\u{feff}ana@x.com\u{200b}",
            "\u{a0}ana@x.com\t",
            "\u{200f}ana@x.com",
        ] {
            assert_eq!(bare_address(text), "ana@x.com", "{text:?}");
        }
        assert_eq!(bare_address("a na@x.com"), "a na@x.com");
    }

    #[test]
    fn case_does_not_part_people() {
        assert_eq!("Ana@Contoso.com".parse::<Address>(), "ana@contoso.COM".parse::<Address>());
    }
}
