//! Codes of Graph and Exchange in a text, known or not. A code is a word of letters, digits and `_`; nothing else of
//! the text is taken.

use crate::domain::graph_code::spelled;

/// Words that follow the names of codes where they stand alone.
const ENDINGS: [&str; 16] = [
    "exception",
    "error",
    "denied",
    "notfound",
    "failed",
    "failure",
    "exceeded",
    "notsupported",
    "required",
    "conflict",
    "unavailable",
    "throttled",
    "invalid",
    "expired",
    "request",
    "restapi",
];
/// Longer words are no codes.
const LONGEST: usize = 64;

/// The first code in a text: one that is labeled as a code, else `ErrorXxx`, else a word in camel case with an ending
/// of a code.
pub(super) fn code(plain: &str) -> Option<String> {
    let words = || plain.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    labeled(plain)
        .or_else(|| words().find_map(known))
        .or_else(|| words().find(|word| is_error(word)).map(str::to_owned))
        .or_else(|| words().find(|word| is_camel(word) && ends_as_code(word)).map(str::to_owned))
}

/// What stands behind `code` or `responseCode`, if it is the name of a code and no number.
fn labeled(plain: &str) -> Option<String> {
    let lower = plain.to_ascii_lowercase();
    let mut behind = lower.match_indices("code").filter_map(|(at, _)| plain.get(at + 4..));
    behind.find_map(|rest| {
        let start = rest.char_indices().take(6).find(|(_, c)| c.is_ascii_alphanumeric())?.0;
        let rest_of_it = rest.get(start..)?;
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        // One more than the longest, so that a longer word is seen to be longer.
        let length = rest_of_it.bytes().take(LONGEST + 1).take_while(|b| is_part(*b)).count();
        let word = rest_of_it.get(..length)?;
        let parted = start > 0 && rest.get(..start)?.contains([':', '=']);
        known(word).or_else(|| (parted && (is_camel(word) || is_error(word))).then(|| word.to_owned()))
    })
}

fn known(word: &str) -> Option<String> {
    spelled(word).map(str::to_owned)
}

/// `ErrorXxx`.
fn is_error(word: &str) -> bool {
    let named =
        word.strip_prefix("Error").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
    named && word.len() <= LONGEST && word.bytes().any(|b| b.is_ascii_lowercase())
}

/// At least two parts, as `UnknownError` or `Authorization_RequestDenied`.
fn is_camel(word: &str) -> bool {
    let humps = word
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    (6..=LONGEST).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && (humps.count() > 0 || word.contains('_') && word.starts_with(|c: char| c.is_ascii_uppercase()))
}

fn ends_as_code(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending))
}
