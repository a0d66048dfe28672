//! Takes the wrapping off a text: percent-encoding, HTML entities, escapes of JSON, in any nesting up to a depth.

use std::borrow::Cow;

/// A text that was wrapped more often is read as far as it got.
const DEEPEST: usize = 5;

/// The text without its wrappings. Linear in its length; never longer than it.
pub(super) fn unwrapped(text: &str) -> String {
    let mut plain = text.to_owned();
    for _ in 0..DEEPEST {
        let next = entities(&escapes(&percents(&plain))).into_owned();
        if next == plain {
            break;
        }
        plain = next;
    }
    plain
}

/// The text as one line: tags and invisible marks gone, soft line breaks of mail undone, and every other run of blanks
/// and line breaks one blank.
pub(super) fn flat(text: &str) -> String {
    let joined = text.replace("=\r\n", "").replace("=\n", "");
    let mut flat = String::with_capacity(joined.len());
    let mut rest = joined.as_str();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '<' => match tag_end(rest) {
                Some(end) => rest = &rest[end + 1..],
                None => flat.push(c),
            },
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_whitespace() => {
                if !flat.ends_with(' ') {
                    flat.push(' ');
                }
            }
            c => flat.push(c),
        }
    }
    flat
}

/// Where a tag ends that has begun; a lone `<` is no tag.
fn tag_end(rest: &str) -> Option<usize> {
    const LONGEST_TAG: usize = 200;
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
        return None;
    }
    let (at, end) = rest.char_indices().take(LONGEST_TAG).find(|(_, c)| matches!(c, '<' | '>'))?;
    (end == '>').then_some(at)
}

/// `%3a` to `:`; what is no encoding of UTF-8 stays as it is.
fn percents(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = (*byte == b'%').then(|| hex(bytes.get(at + 1..at + 3)?)).flatten();
        plain.push(pair.unwrap_or(*byte));
        at += if pair.is_some() { 3 } else { 1 };
    }
    String::from_utf8(plain).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// `\"`, `\/`, `\n` and `\u003a` to what they stand for.
fn escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let (meant, length) = escape(behind);
        plain.push(meant);
        rest = &behind[length..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// What stands behind a backslash, and how long it is there.
fn escape(behind: &str) -> (char, usize) {
    let unicode = || {
        let digits = behind.strip_prefix('u')?.get(..4)?;
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    };
    match behind.bytes().next() {
        Some(b'n' | b'r' | b't') => ('\n', 1),
        Some(sign @ (b'"' | b'/' | b'\\')) => (char::from(sign), 1),
        _ => unicode().map_or(('\\', 0), |meant| (meant, 5)),
    }
}

/// `&quot;` and `&#58;` to what they stand for.
fn entities(text: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(text)
}

fn hex(pair: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (high, low) = (digit(pair.first()?)?, digit(pair.get(1)?)?);
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_wrapping_comes_off_in_any_order() {
        for wrapped in [
            "AADSTS50105: no",
            "AADSTS50105%3a no",
            "AADSTS50105%253A no",
            "AADSTS50105&#58; no",
            "AADSTS50105&amp;#x3a; no",
            "AADSTS50105\\u003a no",
            "AADSTS50105\\\\u003A no",
        ] {
            assert_eq!(unwrapped(wrapped), "AADSTS50105: no", "{wrapped}");
        }
    }

    #[test]
    fn what_is_no_wrapping_stays() {
        for text in ["100 %", "%zz", "%f", "a\\b", "\\u12", "\\ud800", "&nothing", "%ff%fe", "\\"] {
            assert_eq!(unwrapped(text), text);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_never_grows(text in any::<String>()) {
            prop_assert!(unwrapped(&text).len() <= text.len());
        }
    }
}
