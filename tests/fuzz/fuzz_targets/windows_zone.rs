//! Names of zones, of Outlook and of clients.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::zones::{iana_name, windows_name};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Some(iana) = iana_name(&text) {
        assert!(jiff::tz::TimeZone::get(&iana).is_ok(), "{text}: {iana}");
    }
    if let Some(windows) = windows_name(&text) {
        assert!(iana_name(windows).is_some(), "{text}: {windows}");
    }
});
