//! The same for bodies that ask for a connect link or for an approval.

use std::collections::BTreeSet;

use connections::request as session;
use consent::request as approval;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use shared::input::origin_of;

use super::{any_value, is_told};

const ORIGIN: &str = "https://ats.example";

/// A body of these fields, each with any value or one that means something there.
fn body_of(
    fields: &'static [&'static str],
    telling: &'static [&'static str],
) -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![8 => prop::sample::select(fields).prop_map(str::to_owned), 1 => "[a-z~/]{0,6}"];
    let value = prop_oneof![
        1 => any_value(),
        2 => prop::sample::select(telling).prop_map(|text| serde_json::from_str(text).expect("JSON")),
    ];
    let object = prop::collection::vec((name, value), 0..6)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()).to_string().into_bytes());
    prop_oneof![12 => object, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

fn any_session() -> impl Strategy<Value = Vec<u8>> {
    body_of(
        &["return_url", "return_url", "return_url", "features", "time_zone", "locale"],
        &[
            "\"https://ats.example/done?x=1\"",
            "\"https://ats.example:443\"",
            "\"https://ats.example.evil/\"",
            "\"https://ats.example@evil.example/\"",
            "\"https://evil.example\\\\ats.example\"",
            "\"//ats.example\"",
            "[\"calendar\"]",
            "[\"calendar\",\"calendar\"]",
            "[\"mars\"]",
            "\"Europe/Paris\"",
            "\"fr-FR\"",
        ],
    )
}

fn any_approval() -> impl Strategy<Value = Vec<u8>> {
    body_of(
        &["justification", "organization", "features", "expires_in_days"],
        &[
            "\"Because\"",
            "\"a\\nb\"",
            "\"\\u202eA\"",
            "[\"calendar\"]",
            "0",
            "1",
            "90",
            "91",
            "1.5",
            "-1",
            "\"7\"",
        ],
    )
}

/// One line, as a mail's subject or a page shows it.
fn is_one_line(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    !text.chars().any(|c| c.is_control() || turns(c))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_connect_link_leads_back_to_an_allowed_origin_or_is_refused(body in any_session()) {
        match session::parse(&body, &[ORIGIN.to_owned()]) {
            Err(problem) => is_told(&problem)?,
            Ok(wanted) => {
                prop_assert_eq!(origin_of(&wanted.return_url), Some(ORIGIN.to_owned()));
                prop_assert!(is_one_line(&wanted.return_url));
                prop_assert!(wanted.locale.as_deref().is_none_or(|locale| is_one_line(locale) && locale.len() <= 35 * 4));
                let same = session::parse(&body, &[ORIGIN.to_owned()]).expect("it was taken before");
                prop_assert_eq!(same, wanted);
            }
        }
        prop_assert!(session::parse(&body, &[]).is_err(), "without an allowed origin there is no way back");
    }

    #[test]
    fn what_an_administrator_reads_is_one_line_and_ends_within_ninety_days(body in any_approval()) {
        match approval::parse(&body) {
            Err(problem) => is_told(&problem)?,
            Ok(wanted) => {
                prop_assert!((1..=90).contains(&wanted.days));
                for (text, most) in [(&wanted.justification, 500), (&wanted.organization, 200)] {
                    prop_assert!(text.as_deref().is_none_or(|text| is_one_line(text) && text.chars().count() <= most));
                }
            }
        }
    }

    #[test]
    fn a_sound_request_for_approval_is_taken_as_it_was_meant(
        why in prop::option::of("[A-Za-zéß][ -~éß]{0,60}[a-z]"),
        who in prop::option::of("[A-Za-zéß][ -~éß]{0,60}[a-z]"),
        days in 1..=90_i64,
    ) {
        let body = json!({ "justification": why, "organization": who, "expires_in_days": days });
        let fields: Map<String, Value> =
            body.as_object().expect("an object").clone().into_iter().filter(|(_, value)| !value.is_null()).collect();
        let wanted = approval::parse(Value::Object(fields).to_string().as_bytes()).expect("it is sound");
        prop_assert_eq!((wanted.justification, wanted.organization, wanted.days), (why, who, days));
        prop_assert_eq!(wanted.features, None::<BTreeSet<_>>);
    }
}
