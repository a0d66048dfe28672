//! The query that a browser brings back. Anybody can write it: of its text, nothing but words of the protocol,
//! numbers and ids may be kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::function::with_query;
use shared::microsoft::read_redirect_error;

fuzz_target!(|data: &[u8]| {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(data).into_owned().collect();
    let refusal = read_redirect_error(&pairs);
    let is_word = |text: &str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    assert!(is_word(&refusal.error) && refusal.suberror.as_deref().is_none_or(is_word));
    for id in [&refusal.trace_id, &refusal.correlation_id].into_iter().flatten() {
        assert!(id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'));
    }
    assert!(refusal.codes.len() <= 16);
    assert!(
        refusal.at.as_ref().is_none_or(
            |at| at.len() <= 40 && at.bytes().all(|b| b" -:.TZ".contains(&b) || b.is_ascii_digit())
        )
    );
    let _ = refusal.verdict();
    // The way back carries the word on; it must stay a value.
    let back =
        with_query("https://ats.example/done?a=b#c", &[("status", "failed"), ("reason", &refusal.error)]);
    assert!(back.starts_with("https://ats.example/done?a=b&status=failed&reason="), "{back}");
});
