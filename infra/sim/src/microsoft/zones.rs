//! Time zone names as Exchange takes them: Windows names and IANA names (microsoft.md E2).
//!
//! Windows names are those of the CLDR table `windowsZones`.

use super::graph_error::{GraphError, unknown_zone};
use super::options::Options;
use icu_time::TimeZone as Bcp47;
use icu_time::zone::WindowsParser;
use icu_time::zone::iana::IanaParserExtended;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The names that Windows got in 2026; which servers know them depends on their update (microsoft-graph-docs#5158).
const YOUNG: [&str; 3] =
    ["Alberta Standard Time", "British Columbia Standard Time", "Manitoba Standard Time"];

/// Whether the server that holds a mailbox knows the zone of a `dateTimeTimeZone`.
pub(crate) fn known(options: &Options, when: &Value) -> Result<(), GraphError> {
    let name = when["timeZone"].as_str().unwrap_or("UTC");
    let young = YOUNG.contains(&name) && !options.young_zones;
    if young || options.refused_zones.contains(name) { Err(unknown_zone(name)) } else { Ok(()) }
}

static IANA: OnceLock<HashMap<Bcp47, String>> = OnceLock::new();

/// The zone of a name; offsets and unknown names are `None`.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    if name.eq_ignore_ascii_case("utc") {
        return Some(TimeZone::UTC);
    }
    if let Some(windows) = WindowsParser::new().parse(name, None) {
        let names = IANA.get_or_init(|| {
            IanaParserExtended::new()
                .iter()
                .map(|known| (known.time_zone, known.canonical.to_owned()))
                .collect()
        });
        return names.get(&windows).and_then(|iana| TimeZone::get(iana).ok());
    }
    // `+02:00` and the like are not names.
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
    named.then(|| TimeZone::get(name).ok()).flatten()
}

/// A local time without offset in a named zone; `None` if it has an offset, a `Z` or is no time.
pub(crate) fn instant(local: &str, zone: &TimeZone) -> Option<Timestamp> {
    let (date, time) = local.split_once('T')?;
    let plain = |text: &str, extra: char| text.chars().all(|c| c.is_ascii_digit() || c == extra || c == '.');
    if !plain(date, '-') || !plain(time, ':') {
        return None;
    }
    let local: civil::DateTime = local.parse().ok()?;
    zone.to_ambiguous_timestamp(local).compatible().ok()
}

/// `2026-12-01T10:00:00.0000000`, as Graph writes local times.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_iana_names_are_taken_and_everything_else_is_not() {
        let ten = "2026-12-01T10:00:00.0000000";
        for (name, hour) in
            [("Romance Standard Time", 9), ("Europe/Madrid", 9), ("Pacific Standard Time", 18), ("UTC", 10)]
        {
            let at = instant(ten, &zone(name).unwrap()).unwrap();
            assert_eq!(TimeZone::UTC.to_datetime(at).hour(), hour, "{name}");
            assert_eq!(local(at, &zone(name).unwrap()), ten);
        }
        assert!(zone("Mars/Olympus").is_none() && zone("+02:00").is_none());
        assert!(instant("2026-12-01T10:00:00Z", &TimeZone::UTC).is_none());
        assert!(instant("2026-12-01T10:00:00+01:00", &TimeZone::UTC).is_none());
    }
}
