//! Cursors as clients hold them: opaque, and good for one list only.
//!
//! A cursor is the place where a page ended behind a digest of that place and of its list: route, filters, customer, and
//! whose view of it. An id, a cursor of another list or customer, or one that was shortened on the way does not open, so
//! no list begins in its middle by mistake. It is no secret and no permission: the store reads within the caller's own
//! partition whatever a cursor says.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::store::Cursor;

/// Bytes of the digest that stand in front.
const MARK: usize = 12;

/// The cursor for clients of a place in a list.
pub fn seal(list: &str, place: &Cursor) -> String {
    let place = place.to_string();
    let mut bytes = mark(list, &place);
    bytes.extend_from_slice(place.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The place that a cursor of this list names; none for any other text.
pub fn open(list: &str, text: &str) -> Option<Cursor> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (given, place) = bytes.split_at_checked(MARK)?;
    let place = std::str::from_utf8(place).ok()?;
    if given == mark(list, place) { place.parse().ok() } else { None }
}

fn mark(list: &str, place: &str) -> Vec<u8> {
    let hash = digest(&SHA256, format!("{}\n{list}\n{place}", list.len()).as_bytes());
    hash.as_ref()[..MARK].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_list_and_no_other_text_does() {
        let place: Cursor = "int_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("a place");
        let sealed = seal("GET /v1/interviews acme", &place);
        assert_eq!(open("GET /v1/interviews acme", &sealed), Some(place.clone()));
        assert!(!sealed.contains("int_"));
        for list in ["GET /v1/interviews globex", "GET /v1/approvals acme", ""] {
            assert_eq!(open(list, &sealed), None, "{list}");
        }
        for text in [
            "",
            "abc",
            "int_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            &sealed[1..],
            &sealed[..sealed.len() - 1],
            "é",
            "AAAA",
        ] {
            assert_eq!(open("GET /v1/interviews acme", text), None, "{text}");
        }
        // What ends one part and begins the next is told apart.
        assert_eq!(open("a", &seal("a\nb", &"c".parse().expect("a place"))), None);
    }
}
