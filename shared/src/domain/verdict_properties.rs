use proptest::prelude::*;

use super::*;

/// What may cost a connection its tokens, now or later.
const DROPS: [Verdict; 3] = [Verdict::ConsentGone, Verdict::UserMustSignIn, Verdict::Blocked];

fn is_known(number: u32) -> bool {
    CONSENT_GONE.contains(&number) || TABLE.iter().any(|row| row.number == number)
}

fn known() -> impl Strategy<Value = u32> {
    prop::sample::select(TABLE.iter().map(|row| row.number).collect::<Vec<_>>())
}

fn unknown() -> impl Strategy<Value = u32> {
    any::<u32>().prop_filter("a number of the table", |number| !is_known(*number))
}

/// Anything that Entra could answer, but for the numbers.
fn said() -> impl Strategy<Value = Refusal> {
    let errors = [
        "invalid_grant",
        "invalid_client",
        "interaction_required",
        "temporarily_unavailable",
        "server_error",
        "access_denied",
        "unauthorized_client",
        "",
        "something_new",
    ];
    let suberrors = ["consent_required", "bad_token", "token_expired", "message_only", "something_new"];
    let suberror = prop::option::of(prop::sample::select(suberrors.to_vec()));
    (any::<u16>(), prop::sample::select(errors.to_vec()), suberror).prop_map(|(status, error, suberror)| {
        Refusal {
            status,
            error: error.to_owned(),
            suberror: suberror.map(str::to_owned),
            ..Refusal::default()
        }
    })
}

proptest! {
    #[test]
    fn what_is_unknown_never_drops_at_first_sight(refusal in said(), codes in prop::collection::vec(unknown(), 1..6)) {
        let verdict = Refusal { codes, ..refusal }.verdict();
        prop_assert!(!DROPS.contains(&verdict), "{verdict:?}");
    }

    #[test]
    fn a_consent_that_is_gone_comes_before_everything(
        refusal in said(), gone in prop::sample::select(CONSENT_GONE.to_vec()),
        before in prop::collection::vec(any::<u32>(), 0..4), after in prop::collection::vec(any::<u32>(), 0..4),
    ) {
        let codes = [before, vec![gone], after].concat();
        prop_assert_eq!(Refusal { codes, ..refusal }.verdict(), Verdict::ConsentGone);
    }

    #[test]
    fn a_known_number_decides_whatever_else_is_said(
        refusal in said(), number in known(), others in prop::collection::vec(unknown(), 0..4), first in any::<bool>(),
    ) {
        let codes = if first { [vec![number], others].concat() } else { [others, vec![number]].concat() };
        let alone = Refusal { codes: vec![number], ..Refusal::default() };
        let all = Refusal { codes, ..refusal };
        prop_assert_eq!(all.verdict(), alone.verdict());
        prop_assert_eq!(all.row().map(|row| row.number), Some(number));
        prop_assert_eq!(all.code(), Some(format!("AADSTS{number}")));
    }

    #[test]
    fn throttling_and_outages_change_nothing(refusal in said(), codes in prop::collection::vec(unknown(), 0..4), status in 500u16..600) {
        for status in [status, 429] {
            prop_assert_eq!(Refusal { status, codes: codes.clone(), ..refusal.clone() }.verdict(), Verdict::Keep);
        }
    }

    #[test]
    fn our_credential_is_at_fault_only_where_nobody_else_is(refusal in said(), codes in prop::collection::vec(any::<u32>(), 0..4)) {
        let refusal = Refusal { codes, ..refusal };
        prop_assert!(!refusal.is_our_credential() || refusal.verdict() == Verdict::OurFault);
    }
}
