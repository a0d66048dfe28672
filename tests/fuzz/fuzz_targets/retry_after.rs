//! The header `Retry-After`: never more than an hour, never nothing.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use shared::microsoft::retry::{next_wait, retry_after};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let wait = retry_after(Some(&text), fuzz::now());
    assert!(wait.is_none_or(|wait| wait > Duration::ZERO && wait <= Duration::from_secs(3600)));
    let tries = u32::from(data.first().copied().unwrap_or(1));
    let left = Duration::from_secs(u64::from(data.last().copied().unwrap_or(0)));
    if let Some(next) = next_wait(tries, wait, left, 0.5) {
        assert!(next < left && wait.is_none_or(|wait| next >= wait));
    }
});
