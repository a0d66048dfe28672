//! Zones under both their names: IANA's, which people and we use, and Windows', which Outlook shows.
//!
//! The mapping is CLDR's `windowsZones`, as `icu_time` carries it. That data goes one way, from a Windows name and
//! a territory to the zone that stands for it there; here it is read backwards.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use icu_time::TimeZone as Zone;
use icu_time::zone::WindowsParser;
use icu_time::zone::iana::IanaParserExtended;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// Clocks are compared over this time, in seconds: November 2026 to January 2037.
const COMPARED: (i64, i64) = (1_793_491_200, 2_114_380_800);

/// What was found before, by the zone's own name: the search is a tenth of the work of a whole request.
static FOUND: Mutex<BTreeMap<&str, Option<&str>>> = Mutex::new(BTreeMap::new());

/// The Windows name of an IANA zone: the zone's own, else that of a zone of the same country, else that of one
/// anywhere; but only a name under which the clock shows the same, lest an interview move by an hour. A name that older
/// servers know comes before one that they do not.
///
/// ```
/// use shared::domain::zones::windows_name;
/// assert_eq!(windows_name("Europe/Paris"), Some("Romance Standard Time"));
/// assert_eq!(windows_name("America/Detroit"), Some("Eastern Standard Time"));
/// assert_eq!(windows_name("Europe/Atlantis"), None);
/// ```
pub fn windows_name(iana: &str) -> Option<&'static str> {
    let found = IanaParserExtended::new().parse(iana);
    let known = (found.time_zone != Zone::UNKNOWN).then_some(found.canonical)?;
    let mut remembered = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    *remembered.entry(known).or_insert_with(|| searched(found.time_zone, known))
}

/// The Windows name to write to Outlook: one that older servers know, too. Which names work depends on the server that
/// holds the mailbox (microsoft-graph-docs#5158). None leaves UTC.
pub fn name_to_send(iana: &str) -> Option<&'static str> {
    windows_name(iana).filter(|name| !YOUNG.contains(name))
}

fn searched(zone: Zone, known: &str) -> Option<&'static str> {
    let clock = changes(&TimeZone::get(known).ok()?)?;
    let shows_the_same =
        |name: &&str| zone_named(name).and_then(|zone| changes(&zone)).as_ref() == Some(&clock);
    let region = territory_of(zone);
    let there = |name: &&str| WindowsParser::new().parse(name, region.parse().ok());
    let among = |names: fn() -> Box<dyn Iterator<Item = &'static str>>| {
        let own = names().filter(|name| there(name) == Some(zone)).find(shows_the_same);
        let near = || names().filter(|name| there(name).is_some()).find(shows_the_same);
        own.or_else(near).or_else(|| names().find(shows_the_same))
    };
    among(|| Box::new(names())).or_else(|| among(|| Box::new(YOUNG.into_iter())))
}

/// The IANA name of a Windows zone: that of the zone which stands for it worldwide. None for names that Windows
/// does not know, such as `Customized Time Zone`.
pub fn iana_name(windows: &str) -> Option<String> {
    iana_of(WindowsParser::new().parse(windows, None)?).map(str::to_owned)
}

fn iana_of(zone: Zone) -> Option<&'static str> {
    IanaParserExtended::new().iter().find(|entry| entry.time_zone == zone).map(|entry| entry.canonical)
}

/// A zone's id begins with its country (Unicode LDML, part 6), but for those of no country.
fn territory_of(zone: Zone) -> String {
    match zone.0.as_str() {
        nowhere if nowhere.starts_with("utc") || nowhere == "gmt" => "ZZ".to_owned(),
        id => id.chars().take(2).collect::<String>().to_ascii_uppercase(),
    }
}

fn zone_named(windows: &str) -> Option<TimeZone> {
    TimeZone::get(&iana_name(windows)?).ok()
}

/// The clock's offset at the begin of the time that is compared, and every change of it.
fn changes(zone: &TimeZone) -> Option<Vec<(Timestamp, Offset)>> {
    let (from, until) = (Timestamp::from_second(COMPARED.0).ok()?, Timestamp::from_second(COMPARED.1).ok()?);
    let following = zone.following(from).map(|change| (change.timestamp(), change.offset()));
    let mut all = vec![(from, zone.to_offset(from))];
    all.extend(following.take_while(|(at, _)| *at < until));
    // A change of the zone's abbreviation alone moves no clock.
    all.dedup_by_key(|(_, offset)| *offset);
    Some(all)
}

/// Names that Windows got in 2026, with new rules of three provinces of Canada (CLDR 48.2): a server without that update
/// refuses them with `TimeZoneNotSupportedException`. A name moves from here to [`NAMES`] five years after its update.
const YOUNG: [&str; 3] =
    ["Alberta Standard Time", "British Columbia Standard Time", "Manitoba Standard Time"];

/// Names that servers have known for five years at least: those of CLDR's `windowsZones` over Windows' data of 2021
/// (`otherVersion` 7e11800, `typeVersion` 2021a). The youngest are South Sudan (March 2021) and Yukon (2020).
const NAMES: &str = "\
    AUS Central Standard Time|AUS Eastern Standard Time|Afghanistan Standard Time|Alaskan Standard Time|\
    Aleutian Standard Time|Altai Standard Time|Arab Standard Time|\
    Arabian Standard Time|Arabic Standard Time|Argentina Standard Time|Astrakhan Standard Time|\
    Atlantic Standard Time|Aus Central W. Standard Time|Azerbaijan Standard Time|Azores Standard Time|\
    Bahia Standard Time|Bangladesh Standard Time|Belarus Standard Time|Bougainville Standard Time|\
    Canada Central Standard Time|Cape Verde Standard Time|\
    Caucasus Standard Time|Cen. Australia Standard Time|Central America Standard Time|\
    Central Asia Standard Time|Central Brazilian Standard Time|Central Europe Standard Time|\
    Central European Standard Time|Central Pacific Standard Time|Central Standard Time|\
    Central Standard Time (Mexico)|Chatham Islands Standard Time|China Standard Time|Cuba Standard Time|\
    Dateline Standard Time|E. Africa Standard Time|E. Australia Standard Time|E. Europe Standard Time|\
    E. South America Standard Time|Easter Island Standard Time|Eastern Standard Time|\
    Eastern Standard Time (Mexico)|Egypt Standard Time|Ekaterinburg Standard Time|FLE Standard Time|\
    Fiji Standard Time|GMT Standard Time|GTB Standard Time|Georgian Standard Time|Greenland Standard Time|\
    Greenwich Standard Time|Haiti Standard Time|Hawaiian Standard Time|India Standard Time|\
    Iran Standard Time|Israel Standard Time|Jordan Standard Time|Kaliningrad Standard Time|\
    Korea Standard Time|Libya Standard Time|Line Islands Standard Time|Lord Howe Standard Time|\
    Magadan Standard Time|Magallanes Standard Time|Marquesas Standard Time|\
    Mauritius Standard Time|Middle East Standard Time|Montevideo Standard Time|Morocco Standard Time|\
    Mountain Standard Time|Mountain Standard Time (Mexico)|Myanmar Standard Time|\
    N. Central Asia Standard Time|Namibia Standard Time|Nepal Standard Time|New Zealand Standard Time|\
    Newfoundland Standard Time|Norfolk Standard Time|North Asia East Standard Time|\
    North Asia Standard Time|North Korea Standard Time|Omsk Standard Time|Pacific SA Standard Time|\
    Pacific Standard Time|Pacific Standard Time (Mexico)|Pakistan Standard Time|Paraguay Standard Time|\
    Qyzylorda Standard Time|Romance Standard Time|Russia Time Zone 10|Russia Time Zone 11|\
    Russia Time Zone 3|Russian Standard Time|SA Eastern Standard Time|SA Pacific Standard Time|\
    SA Western Standard Time|SE Asia Standard Time|Saint Pierre Standard Time|Sakhalin Standard Time|\
    Samoa Standard Time|Sao Tome Standard Time|Saratov Standard Time|Singapore Standard Time|\
    South Africa Standard Time|South Sudan Standard Time|Sri Lanka Standard Time|Sudan Standard Time|\
    Syria Standard Time|Taipei Standard Time|Tasmania Standard Time|Tocantins Standard Time|\
    Tokyo Standard Time|Tomsk Standard Time|Tonga Standard Time|Transbaikal Standard Time|\
    Turkey Standard Time|Turks And Caicos Standard Time|US Eastern Standard Time|\
    US Mountain Standard Time|UTC|UTC+12|UTC+13|UTC-02|UTC-08|UTC-09|UTC-11|Ulaanbaatar Standard Time|\
    Venezuela Standard Time|Vladivostok Standard Time|Volgograd Standard Time|W. Australia Standard Time|\
    W. Central Africa Standard Time|W. Europe Standard Time|W. Mongolia Standard Time|\
    West Asia Standard Time|West Bank Standard Time|West Pacific Standard Time|Yakutsk Standard Time|\
    Yukon Standard Time";

fn names() -> impl Iterator<Item = &'static str> {
    NAMES.split('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zones_of_many_people_have_their_windows_names() {
        let known = [
            ("Europe/Paris", "Romance Standard Time"),
            ("Europe/Madrid", "Romance Standard Time"),
            ("Europe/Berlin", "W. Europe Standard Time"),
            ("Europe/London", "GMT Standard Time"),
            ("Europe/Warsaw", "Central European Standard Time"),
            ("Europe/Kyiv", "FLE Standard Time"),
            ("Europe/Kiev", "FLE Standard Time"),
            ("Europe/Istanbul", "Turkey Standard Time"),
            ("Africa/Casablanca", "Morocco Standard Time"),
            ("Africa/Lagos", "W. Central Africa Standard Time"),
            ("Asia/Kolkata", "India Standard Time"),
            ("Asia/Calcutta", "India Standard Time"),
            ("Asia/Kathmandu", "Nepal Standard Time"),
            ("Asia/Tokyo", "Tokyo Standard Time"),
            ("Asia/Shanghai", "China Standard Time"),
            ("Asia/Singapore", "Singapore Standard Time"),
            ("Asia/Dubai", "Arabian Standard Time"),
            ("Asia/Jerusalem", "Israel Standard Time"),
            ("Australia/Sydney", "AUS Eastern Standard Time"),
            ("Australia/Melbourne", "AUS Eastern Standard Time"),
            ("Australia/Lord_Howe", "Lord Howe Standard Time"),
            ("Pacific/Auckland", "New Zealand Standard Time"),
            ("America/New_York", "Eastern Standard Time"),
            ("America/Detroit", "Eastern Standard Time"),
            ("America/Toronto", "Eastern Standard Time"),
            ("America/Chicago", "Central Standard Time"),
            ("America/Indiana/Knox", "Central Standard Time"),
            ("America/Denver", "Mountain Standard Time"),
            ("America/Phoenix", "US Mountain Standard Time"),
            ("America/Los_Angeles", "Pacific Standard Time"),
            ("America/Sao_Paulo", "E. South America Standard Time"),
            ("America/Argentina/Cordoba", "Argentina Standard Time"),
            ("America/St_Johns", "Newfoundland Standard Time"),
            ("UTC", "UTC"),
            ("Etc/UTC", "UTC"),
            ("Etc/GMT", "UTC"),
        ];
        let wrong: Vec<_> =
            known.iter().filter(|(iana, windows)| windows_name(iana) != Some(windows)).collect();
        assert!(
            wrong.is_empty(),
            "{:?}",
            wrong.iter().map(|(i, w)| (i, w, windows_name(i))).collect::<Vec<_>>()
        );
    }

    #[test]
    fn nearly_every_zone_has_a_windows_name_and_none_a_false_one() {
        let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let mut without = Vec::new();
        for iana in &zones {
            let Some(windows) = windows_name(iana) else {
                without.push(iana.as_str());
                continue;
            };
            let zone = TimeZone::get(iana).expect("a zone of the list");
            assert_eq!(
                changes(&zone),
                zone_named(windows).and_then(|zone| changes(&zone)),
                "{iana}: {windows}"
            );
        }
        println!("{} of {} zones have a Windows name", zones.len() - without.len(), zones.len());
        // Troll's clock is like no other's, Factory is a placeholder; a new release may add some.
        assert!(without.len() <= 5, "{without:?}");
    }

    #[test]
    fn no_zone_is_sent_by_a_name_that_only_young_servers_know() {
        let old: Vec<&str> = names().collect();
        assert!(YOUNG.iter().all(|name| !old.contains(name) && iana_name(name).is_some()));
        for iana in jiff::tz::db().available() {
            let iana = iana.as_str();
            let sent = name_to_send(iana);
            assert!(sent.is_none_or(|name| old.contains(&name)), "{iana}: {sent:?}");
            assert!(
                sent.is_some() || windows_name(iana).is_none_or(|name| YOUNG.contains(&name)),
                "{iana} has an older name, and it is not sent"
            );
        }
        assert_eq!(name_to_send("America/Vancouver"), Some("US Mountain Standard Time"));
        for iana in ["America/Edmonton", "America/Winnipeg", "America/Fort_Nelson"] {
            assert!(name_to_send(iana).is_some(), "{iana}");
        }
    }

    #[test]
    fn every_windows_name_leads_to_a_zone_and_back() {
        for windows in names() {
            let iana = iana_name(windows).expect(windows);
            assert!(TimeZone::get(&iana).is_ok(), "{windows}: {iana}");
            assert_eq!(windows_name(&iana), Some(windows), "{iana}");
        }
    }

    #[test]
    fn what_is_no_zone_has_no_name() {
        for name in ["", "Customized Time Zone", "tzone://Microsoft/Custom", "Romance standard time", "é"] {
            assert_eq!(iana_name(name), None, "{name}");
        }
        for name in ["", "Nowhere/Land", "Etc/Unknown", "Romance Standard Time", "../etc", "é"] {
            assert_eq!(windows_name(name), None, "{name}");
        }
    }
}
