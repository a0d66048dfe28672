//! Lists in pages.

use std::fmt;
use std::str::FromStr;

/// Where the next page begins. Clients may hold and send it: it can only point within the list that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(super) String);

/// The text is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadCursor;

impl fmt::Display for BadCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a cursor")
    }
}
impl std::error::Error for BadCursor {}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let sound = (1..=900).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        sound.then(|| Self(text.to_owned())).ok_or(BadCursor)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<Cursor>,
    /// How many items could not be read. They are logged and left out: one bad item must not stop a list.
    pub corrupt: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_bounded_plain_text() {
        assert!("u%231".parse::<Cursor>().is_ok());
        for text in ["", "a b", "é", "a\n", &"x".repeat(901)] {
            assert_eq!(text.parse::<Cursor>(), Err(BadCursor), "{text}");
        }
    }
}
