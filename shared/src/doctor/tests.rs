use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::domain::verdict::TABLE;

const SENDER: Sender<'_> = Sender { app_name: "Convene", public_url: "https://convene.example" };

/// `code|who|text`, one a line; `-` is no code.
fn corpus() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    include_str!("corpus.txt").lines().map(|line| {
        let mut parts = line.splitn(3, '|');
        let mut next = || parts.next().expect("three parts");
        (next(), next(), next())
    })
}

fn who(diagnosis: &Diagnosis) -> String {
    serde_json::to_value(diagnosis.who).expect("json").as_str().expect("a word").to_owned()
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "%{byte:02x}").expect("a string grows");
        all
    })
}

#[test]
fn the_corpus_is_answered() {
    let mut texts = 0;
    for (code, owner, text) in corpus() {
        let said = diagnose(text, SENDER);
        assert_eq!((said.code.as_deref().unwrap_or("-"), who(&said).as_str()), (code, owner), "{text}");
        assert!(!said.steps.is_empty() && !said.meaning.is_empty(), "{text}");
        texts += 1;
    }
    assert!(texts >= 120, "{texts}");
}

#[test]
fn the_corpus_is_answered_alike_however_it_is_wrapped() {
    // A number that stands alone is known by standing alone.
    let wrappable = |code: &str, text: &str| code != "-" && text.parse::<u32>().is_err();
    for (code, owner, text) in corpus().filter(|(code, _, text)| wrappable(code, text)) {
        let json = serde_json::json!({ "outer": text }).to_string();
        let twice = serde_json::json!({ "outer": json }).to_string();
        let wrapped = [
            percent(text),
            percent(&percent(text)),
            html_escape::encode_safe(text).into_owned(),
            json,
            twice,
        ];
        for wrapped in wrapped {
            let said = diagnose(&wrapped, SENDER);
            let found = (said.code.as_deref().unwrap_or("-").to_owned(), who(&said));
            assert_eq!(found, (code.to_owned(), owner.to_owned()), "{wrapped}");
        }
    }
}

#[test]
fn every_number_of_the_table_is_explained_by_the_verdict_that_the_sweep_follows() {
    for row in TABLE {
        let text = format!("AADSTS{}: prose of Microsoft", row.number);
        let said = diagnose(&text, SENDER);
        let refusal = Refusal { status: 400, codes: vec![row.number], ..Refusal::default() };
        if row.number != 70002 {
            assert_eq!(said.code, Some(format!("AADSTS{}", row.number)));
        }
        assert!(said.meaning.contains(row.meaning), "{said:?}");
        assert_eq!(said.transient, Some(refusal.verdict() == Verdict::Keep), "{said:?}");
        assert_eq!(said.docs_url, Some(format!("{ENTRA_DOCS}{}", row.number)));
        assert!(said.who != Owner::Unknown, "{said:?}");
    }
}

#[test]
fn every_number_with_a_click_path_is_in_the_table_and_has_one_only() {
    let mut seen = std::collections::BTreeSet::new();
    for number in ADVICE.iter().flat_map(|advice| advice.numbers) {
        assert!(TABLE.binary_search_by_key(number, |row| row.number).is_ok(), "{number}");
        assert!(seen.insert(number), "{number}");
    }
}

#[test]
fn an_unknown_number_is_never_said_to_cost_a_token() {
    let said = diagnose("AADSTS999999: new", SENDER);
    assert_eq!((said.tokens_dropped, said.transient, said.who), (None, None, Owner::Unknown));
}

#[test]
fn the_vendors_fault_is_not_the_customers() {
    let said = diagnose("AADSTS7000222: expired", SENDER);
    assert_eq!(
        (said.tokens_dropped, said.sign_in_again, said.who),
        (Some(false), Some(false), Owner::Vendor)
    );
}

#[test]
fn a_message_names_the_ids_by_which_an_administrator_finds_the_sign_in() {
    let text = "AADSTS53003: blocked.\r\nTrace ID: 5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200\r\nCorrelation ID: b1c8a3f2-2222-4d0a-9a3e-6d2f0f5c77aa";
    let message = diagnose(text, SENDER).message;
    for part in ["Convene", "AADSTS53003", "5d9f1c0e-1111", "b1c8a3f2-2222", "Conditional Access"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_megabyte_costs_no_more_than_its_length() {
    let sample = "AADSTS%2550105 &amp;quot; \\u003a code 12345 error_codes [ trace id ";
    for text in
        [sample.repeat(16_000), "%25".repeat(350_000), "&amp;".repeat(200_000), "\\\\".repeat(500_000)]
    {
        diagnose(&text, SENDER);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_doctor_panic_or_repeat_it(noise in "[a-zA-Z<>&%\\\\]{30,60}", number in 0_u32..200_000_000) {
        let said = diagnose(&format!("{noise} AADSTS{number} {noise}"), SENDER);
        let all = serde_json::to_string(&said).expect("json");
        prop_assert!(!all.contains(&noise), "{all}");
    }
}
