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
        "ADSTS50105",
        "AADST50105: no",
        "AASTS 50105",
        "AADSTSS50105",
        "AADTS-50105",
        "adsts: 50105",
        "AADSTS 50105",
        "aadsts:50105",
        "AADSTS #50105",
        "AADSTS50,105",
        "AADSTS50.105",
        "AADSTS50 105",
        "AADSTS\r\n50105",
        "AADSTS501=\r\n05: quoted-printable",
        "AADSTS501\n05: wrapped",
        "<b>AADSTS</b><code>50105</code>",
        "AAD\u{200b}STS50105",
        "Error code is 50105",
        "Error Code:</td>\n   <td>50105",
        "Sign-in error code 50105",
        "Fehlernummer 50105",
        "Fehler 50105",
        "Code d'erreur : 50105",
        "erreur n° 50105",
        "errore: 50105",
        "エラー コード 50105",
        "ошибка 50105",
        "error 50,105",
        "50,105",
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
        "it lasts 50105 seconds",
        "adults 65001",
        "code 12 of 50105 people",
        "the error was seen by 50105 people",
        "50105 50034",
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
fn separators_join_groups_of_three_and_nothing_else() {
    assert_eq!(codes_of("AADSTS7,000,112: disabled"), [7_000_112]);
    assert_eq!(codes_of("AADSTS 7.000.222"), [7_000_222]);
    assert_eq!(codes_of("AADSTS50105 500 users"), [50105]);
    assert_eq!(codes_of("AADSTS50105, 2026-11-20"), [50105]);
    assert_eq!(codes_of("AADSTS50105.\nAADSTS50034."), [50105, 50034]);
}

#[test]
fn a_wrapper_yields_to_the_code_inside() {
    for wrapper in [70002, 50000, 50012, 70000, 90023] {
        for text in
            [format!("AADSTS{wrapper}: x. AADSTS50105: y"), format!("AADSTS50105: y (AADSTS{wrapper})")]
        {
            assert_eq!(Symptoms::read(&text).refusal.code().as_deref(), Some("AADSTS50105"), "{text}");
        }
    }
}

#[test]
fn sentences_without_a_code_are_known() {
    for (text, screen) in [
        ("REST API is not yet supported for this mailbox.", Screen::NoMailbox),
        ("The mailbox is either inactive, soft-deleted, or is hosted on-premise.", Screen::NoMailbox),
        ("Approval required", Screen::Approval),
        ("Need admin approval", Screen::Approval),
        ("The signed in user is not assigned to a role for the application", Screen::NotAssigned),
        ("You cannot access this right now", Screen::Blocked),
        ("Lifetime validation failed, the token is expired.", Screen::AccessToken),
        ("Your mailbox is full", Screen::MailboxFull),
    ] {
        assert_eq!(Symptoms::read(text).screen, Some(screen), "{text}");
    }
    assert_eq!(Symptoms::read("It does not work").screen, None);
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
        assert_eq!(Symptoms::read(text).screen, Some(Screen::Approval), "{text}");
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
