use proptest::prelude::*;

use super::*;

fn codes_of(text: &str) -> Vec<u32> {
    Symptoms::read(text).refusal.codes
}

#[test]
fn numbers_are_found_wherever_microsoft_puts_them() {
    for text in [
        "AADSTS50105: The signed in user is not assigned to a role.",
        "aadsts50105",
        "AADSTS 50105",
        "Error AADSTS-50105 in the log",
        r#"{"error":"invalid_grant","error_codes":[50105],"trace_id":"x"}"#,
        "https://login.microsoftonline.com/error?code=50105",
        "Error Code: 50105",
        "Fehlercode: 50105",
        "Código de error: 50105",
        " 50105 ",
    ] {
        assert_eq!(codes_of(text), [50105], "{text}");
    }
}

#[test]
fn numbers_that_mean_something_else_are_left_alone() {
    for text in [
        "50105 candidates",
        "in room 65001 at 10:00",
        "code 123456789",
        "AADSTS",
        "AADSTS12",
        "timestamp 1764000000",
    ] {
        assert_eq!(codes_of(text), Vec::<u32>::new(), "{text}");
    }
    assert_eq!(
        codes_of("AADSTS999999: something new"),
        [999_999],
        "an unknown number behind the word is kept"
    );
}

#[test]
fn several_numbers_keep_their_order_and_the_verdict_picks() {
    let found = Symptoms::read("AADSTS70002: Error validating credentials. AADSTS54005: already redeemed.");
    assert_eq!(found.refusal.codes, [70002, 54005]);
    assert_eq!(found.refusal.code().as_deref(), Some("AADSTS54005"));
}

#[test]
fn ids_are_guids_behind_their_labels() {
    let text = "Trace ID: 5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200\nCorrelation ID: B1C8A3F2-2222-4d0a-9a3e-6d2f0f5c77aa";
    let found = Symptoms::read(text).refusal;
    assert_eq!(found.trace_id.as_deref(), Some("5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200"));
    assert_eq!(found.correlation_id.as_deref(), Some("b1c8a3f2-2222-4d0a-9a3e-6d2f0f5c77aa"));
    assert_eq!(Symptoms::read("Trace ID: <script>alert(1)</script>…………………………………").refusal.trace_id, None);
}

#[test]
fn screens_without_a_number_are_read_in_several_languages() {
    for text in [
        "Need admin approval. Convene needs permission to access resources in your organization.",
        "Approval required",
        "Genehmigung durch Administrator erforderlich",
        "Approbation de l'administrateur requise",
        "Se necesita la aprobación del administrador",
        "È richiesta l'approvazione dell'amministratore",
        "Goedkeuring van beheerder vereist",
        "É necessária a aprovação do administrador",
        "管理者の承認が必要",
    ] {
        let asks = Symptoms::read(text).asks_for_approval;
        assert_eq!(asks, text != "Approval required", "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        Symptoms::read(&text);
    }

    #[test]
    fn what_is_kept_of_a_text_is_no_text(text in "[ -~]{0,200}") {
        let found = Symptoms::read(&text).refusal;
        prop_assert!(found.error.is_empty() || ERRORS.contains(&found.error.as_str()));
        let known = [None, Some("cancel"), Some("consent_required")];
        prop_assert!(known.contains(&found.suberror.as_deref()));
    }
}
