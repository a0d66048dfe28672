use std::collections::BTreeSet;
use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::doctor_table::{ADVICE, Moment};
use crate::domain::graph_code::CODES;
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
fn the_corpus_is_varied() {
    let texts: BTreeSet<&str> = corpus().map(|(_, _, text)| text).collect();
    let codes: BTreeSet<&str> = corpus().map(|(code, _, _)| code).collect();
    let owners: BTreeSet<&str> = corpus().map(|(_, owner, _)| owner).collect();
    assert!(texts.len() >= 120 && codes.len() >= 80, "{} texts, {} codes", texts.len(), codes.len());
    assert_eq!(owners.len(), 5, "everybody who can act but for the ATS, and nobody: {owners:?}");
}

/// The numbers of Microsoft's reference that a sign-in, a consent or a refresh of ours can meet, read in November 2026.
const REFERENCE: &str = "16000 50011 50013 50020 50034 50053 50055 50057 50058 50059 50072 50074 50076 50078 50079 50085 \
    50089 50097 50105 50126 50131 50132 50133 50140 50144 50147 50148 50158 50173 50194 50196 53000 \
    53001 53002 53003 53004 53011 54005 65001 65002 65004 65005 70000 70001 70002 70003 70004 70005 \
    70008 70011 70012 70043 70044 80012 90002 90006 90008 90012 90014 90019 90023 90024 90033 90036 \
    90055 90072 90090 90093 90094 90095 90123 90130 135010 500011 500021 500113 500207 500208 500212 \
    500213 500341 501481 530032 530034 530035 650051 650052 650053 650054 650056 650057 650059 \
    700003 700005 700011 700016 700020 700022 700025 700027 700054 700082 700084 900144 900941 \
    900971 900981 1000031 1002016 7000112 7000215 7000218 7000222 7000229 9001023 9002313 9002332";

#[test]
fn every_number_of_microsofts_reference_that_can_be_met_is_known() {
    let numbers: BTreeSet<u32> =
        REFERENCE.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    assert_eq!(numbers.len(), 117);
    let known = |number: &u32| TABLE.binary_search_by_key(number, |row| row.number).is_ok();
    let unknown: Vec<u32> = numbers.into_iter().filter(|number| !known(number)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
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
fn transient_and_sign_in_again_are_answered_for_every_known_code() {
    for row in TABLE {
        let said = diagnose(&format!("AADSTS{}", row.number), SENDER);
        let answered = [said.transient, said.sign_in_again, said.tokens_dropped].iter().all(Option::is_some);
        assert!(answered, "{said:?}");
        assert!(!(said.transient == Some(true) && said.sign_in_again == Some(true)), "{said:?}");
        assert!(said.tokens_dropped != Some(true) || said.sign_in_again == Some(true), "{said:?}");
    }
    for (word, _) in CODES {
        let said = diagnose(&format!("{{\"error\":{{\"code\":\"{word}\"}}}}"), SENDER);
        assert_eq!((said.code.as_deref(), said.tokens_dropped), (Some(*word), Some(false)), "{said:?}");
        assert!(
            said.transient.is_some() && said.sign_in_again.is_some() && said.who != Owner::Unknown,
            "{said:?}"
        );
    }
}

#[test]
fn a_code_that_depends_on_the_call_says_so_until_the_call_is_known() {
    let alone = diagnose("ErrorAccessDenied", SENDER);
    assert!(alone.meaning.contains("more than one meaning") && alone.meaning.contains("scope-missing"));
    for code in [Code::MailboxAccessDenied, Code::ScopeMissing] {
        let entry = code.entry();
        assert_eq!(alone.who, entry.owner);
        assert!(entry.steps.iter().all(|step| alone.steps.contains(step)), "{alone:?}");
        let text = format!("ErrorAccessDenied, see https://x/problems/{}", entry.code);
        let met = diagnose(&text, SENDER);
        assert_eq!((met.meaning.as_str(), met.steps.as_slice()), (entry.meaning, entry.steps));
        assert_eq!(met.sign_in_again, Some(code == Code::ScopeMissing));
    }
    let other = diagnose("ErrorAccessDenied, see https://x/problems/mailbox-full", SENDER);
    assert_eq!(other, alone, "a problem that the code never is decides nothing");
}

#[test]
fn the_error_of_a_single_calendar_is_answered_by_name_and_by_number() {
    for (text, code, transient, words) in [
        (r#"{"error":{"responseCode":"5009","message":"x"}}"#, "5009", false, "no such mailbox"),
        ("ErrorMailRecipientNotFound", "ErrorMailRecipientNotFound", false, "another domain"),
        ("ErrorNoFreeBusyAccess", "ErrorNoFreeBusyAccess", false, "not shown"),
        ("5037", "5037", false, "not shown"),
        ("error code: 5027", "5027", true, "did not answer"),
        ("Fehler 5006", "5006", false, "more entries"),
        ("ErrorProxyRequestProcessingFailed", "ErrorProxyRequestProcessingFailed", false, "server"),
        ("responseCode 5046", "5046", true, "fault of its own"),
    ] {
        let said = diagnose(text, SENDER);
        assert_eq!((said.code.as_deref(), said.who), (Some(code), Owner::Recruiter), "{text}");
        assert_eq!((said.transient, said.sign_in_again), (Some(transient), Some(false)), "{text}");
        assert_eq!(said.tokens_dropped, Some(false));
        assert!(said.meaning.contains(words), "{}", said.meaning);
    }
    for text in ["5999", "port 5009", "error 15009", "5009 people", "code 500"] {
        assert_eq!(diagnose(text, SENDER).code, None, "{text}");
    }
}

#[test]
fn a_full_mailbox_has_to_do_with_no_license_and_a_missing_one_has_several_causes() {
    for text in ["ErrorQuotaExceeded", "The mailbox is full.", "https://x/problems/mailbox-full"] {
        let said = diagnose(text, SENDER);
        let all = format!("{} {}", said.meaning, said.message).to_lowercase();
        assert!(!all.contains("licen") && all.contains("quota") && all.contains("deleted items"), "{all}");
    }
    let said = diagnose("REST API is not yet supported for this mailbox.", SENDER);
    for cause in ["no license with Exchange Online", "own servers", "not ready yet", "soft-deleted"] {
        assert!(said.meaning.contains(cause), "{}", said.meaning);
    }
}

#[test]
fn nothing_is_put_into_microsofts_mouth_and_no_field_of_ours_is_named_in_a_sentence() {
    let numbers = TABLE.iter().map(|row| format!("AADSTS{}", row.number));
    let words = CODES.iter().map(|(word, _)| format!("code: {word}"));
    let others =
        ["access_denied", "consent_required", "invalid_grant", "AADSTS987654", "code: ErrorNew", "", "?"];
    let problems = Code::ALL.iter().map(|code| format!("https://x/problems/{}", code.entry().code));
    for text in numbers.chain(words).chain(others.map(str::to_owned)).chain(problems) {
        let said = diagnose(&text, SENDER);
        let all = format!("{} {} {}", said.meaning, said.steps.join(" "), said.message);
        for wrong in ["Microsoft says", "Microsoft said", "docs_url", "organis", "licence", "authoris"] {
            assert!(!all.contains(wrong), "{wrong}: {all}");
        }
    }
}

#[test]
fn a_code_that_nobody_knows_is_reported_as_found() {
    for (text, code) in [
        (
            r#"{"error":{"code":"ErrorCalendarIsCancelledForDecline","message":"x"}}"#,
            "ErrorCalendarIsCancelledForDecline",
        ),
        ("Graph said ErrorSomethingNew, twice", "ErrorSomethingNew"),
        (r#"{"error":{"code":"Request_UnsupportedQuery"}}"#, "Request_UnsupportedQuery"),
        ("Code: generalException", "generalException"),
        ("it failed with UnknownError yesterday", "UnknownError"),
        ("ErrorMessageIdRequiredException", "ErrorMessageIdRequiredException"),
    ] {
        let said = diagnose(text, SENDER);
        assert_eq!((said.code.as_deref(), said.who), (Some(code), Owner::Unknown), "{text}");
        assert!(
            said.meaning.contains(code) && said.transient.is_none() && said.tokens_dropped.is_none(),
            "{said:?}"
        );
    }
    for text in
        ["JavaScript and PowerShell", "McDonald wrote", "Error Message", "the code is secretPassword1"]
    {
        assert_eq!(diagnose(text, SENDER).code, None, "{text}");
    }
}

#[test]
fn the_owner_is_the_same_at_the_sign_in_and_later() {
    for row in TABLE {
        let explained = explain(&Refusal { status: 400, codes: vec![row.number], ..Refusal::default() });
        let owners = [Moment::SignIn, Moment::Stored]
            .map(|moment| explained.code(moment).expect("known").entry().owner);
        assert_eq!(owners, [explained.owner(); 2], "{}", row.number);
    }
}

#[test]
fn every_number_with_a_click_path_is_in_the_table_and_has_one_only() {
    let mut seen = BTreeSet::new();
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
