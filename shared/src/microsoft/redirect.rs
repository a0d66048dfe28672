//! Errors that come back through the browser (RFC 6749 section 4.1.2.1). Anybody can write such a URL, so only
//! words of the protocol, numbers and GUIDs are taken from it.

use super::token_answer::{Prose, unique, word};
use crate::domain::verdict::Refusal;

/// Reads the query of an error redirect, decoded or not.
///
/// Someone who goes back sends no description (`error_subcode=cancel`). `error` is tested first by whoever calls
/// this: the answer to an admin consent says `admin_consent=True` on failures too.
pub fn read_redirect_error(query: &[(String, String)]) -> Refusal {
    let value = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let prose = Prose::new(value("error_description").unwrap_or_default());
    let in_link =
        value("error_uri").and_then(|uri| uri.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    Refusal {
        status: 302,
        error: word(value("error").unwrap_or_default()),
        suberror: value("error_subcode").or_else(|| value("suberror")).map(word),
        codes: unique(prose.codes().chain(in_link)),
        trace_id: prose.id("Trace ID"),
        correlation_id: prose.id("Correlation ID"),
        at: prose.time(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Refusal {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let raw: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let raw: Vec<_> = raw.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(read_redirect_error(&pairs), read_redirect_error(&raw), "decoded or not: {query}");
        read_redirect_error(&pairs)
    }

    #[test]
    fn going_back_sends_no_description() {
        let refusal = read("error=access_denied&error_subcode=cancel&state=st_7f3c");
        assert_eq!((refusal.status, refusal.error.as_str()), (302, "access_denied"));
        assert_eq!(refusal.suberror.as_deref(), Some("cancel"));
        assert!(refusal.codes.is_empty());
    }

    #[test]
    fn a_decline_is_read_with_its_evidence() {
        let refusal = read(
            "error=access_denied&error_description=AADSTS65004%3a+User+declined+to+consent+to+access+the+app.%0d%0a\
             Trace+ID%3a+5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200%0d%0aCorrelation+ID%3a+b1c8a3f2-2222-4d0a-9a3e-6d2f0f5c77aa\
             %0d%0aTimestamp%3a+2026-11-20+09%3a14%3a03Z&error_uri=https%3a%2f%2flogin.microsoftonline.com%2ferror%3fcode\
             %3d65004&state=st_7f3c",
        );
        assert_eq!(refusal.codes, [65004]);
        assert_eq!(refusal.trace_id.as_deref(), Some("5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200"));
        assert_eq!(refusal.correlation_id.as_deref(), Some("b1c8a3f2-2222-4d0a-9a3e-6d2f0f5c77aa"));
        assert_eq!(refusal.at.as_deref(), Some("2026-11-20 09:14:03Z"));
    }

    #[test]
    fn other_errors_keep_the_layout() {
        let refusal = read(
            "error=server_error&error_description=AADSTS90033%3a+A+transient+error.%0d%0aTrace+ID%3a+x&state=s",
        );
        assert_eq!((refusal.error.as_str(), refusal.codes.as_slice()), ("server_error", [90033].as_slice()));
        assert_eq!(refusal.trace_id, None);
        assert_eq!(
            read("error=login_required&error_uri=https%3a%2f%2fx%2ferror%3fcode%3d50058").codes,
            [50058]
        );
        let consent = read(
            "admin_consent=True&error=consent_required&error_description=AADSTS65004%3a+Denied&state=ac_91d0",
        );
        assert_eq!(
            (consent.error.as_str(), consent.codes.as_slice()),
            ("consent_required", [65004].as_slice())
        );
    }

    #[test]
    fn no_text_of_a_forged_redirect_is_kept() {
        let refusal = read(
            "error=call+me+at+555&error_description=AADSTS99999999999+Trace+ID%3a+<script>&error_subcode=%3Cb%3E",
        );
        assert_eq!((refusal.error.as_str(), refusal.suberror.as_deref()), ("unreadable", Some("unreadable")));
        assert!(refusal.codes.is_empty() && refusal.trace_id.is_none() && refusal.at.is_none());
        assert_eq!(read_redirect_error(&[]).error, "unreadable");
    }
}
