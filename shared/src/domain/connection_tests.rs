use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + minutes * 60).expect("time")
}

fn live() -> Connection {
    let id = ConnectionId::mint(at(0), &crate::clock::SystemEntropy);
    Connection {
        id,
        customer: "acme".parse().expect("id"),
        user: "u-1".parse().expect("id"),
        account: None,
        features: BTreeSet::from([Feature::Calendar]),
        granted: ScopeSet::parse("User.Read Calendars.ReadWrite"),
        teams: Teams::Yes,
        time_zone: None,
        connected_at: at(-60),
        health: Health::Live,
        verified_at: Some(at(-1)),
        last_used: None,
        usable_until: Some(at(30)),
        generation: 1,
        destroyed: None,
        canary: false,
        errand: None,
        tokens: Some(Sealed(vec![1])),
        last_attempt: None,
    }
}

fn refusal(error: &str, code: u32) -> Refusal {
    Refusal { status: 400, error: error.to_owned(), codes: vec![code], ..Refusal::default() }
}

fn revoked() -> Refusal {
    refusal("invalid_grant", 50173)
}

#[test]
fn destroyed_tokens_leave_a_receipt_with_both_refusals_that_does_not_change() {
    let told = |trace: &str| Refusal { trace_id: Some(trace.to_owned()), ..revoked() };
    let gone = live().refused(told("first"), at(0), false).refused(told("second"), at(6), false);
    let receipt = gone.destroyed.clone().expect("a receipt");
    assert_eq!((receipt.at, receipt.reason), (at(6), Status::NeedsReauth));
    let seen = |seen: &Option<Seen>| seen.clone().map(|seen| (seen.at, seen.refusal.trace_id.expect("id")));
    assert_eq!(seen(&receipt.first), Some((at(0), "first".to_owned())));
    assert_eq!(seen(&receipt.confirmed), Some((at(6), "second".to_owned())));
    // Whoever ends it afterwards destroys nothing any more.
    assert_eq!(gone.disconnected(at(9)).destroyed, Some(receipt));

    let ended = live().disconnected(at(3)).destroyed.expect("a receipt");
    assert_eq!(*ended, Destruction { at: at(3), reason: Status::Disconnected, first: None, confirmed: None });
}

#[test]
fn one_refusal_stops_serving_and_destroys_nothing() {
    let suspect = live().refused(revoked(), at(0), false);
    assert_eq!(suspect.status(), Status::Checking);
    assert!(suspect.tokens.is_some());
    assert_eq!(suspect.errand, Some((Errand::Confirm, at(6))));
}

#[test]
fn a_second_refusal_counts_only_two_minutes_later() {
    let suspect = live().refused(revoked(), at(0), false);
    let soon = suspect.clone().refused(revoked(), at(1), false);
    assert_eq!(soon.status(), Status::Checking);
    let later = suspect.refused(revoked(), at(2), false);
    assert_eq!(later.status(), Status::NeedsReauth);
    assert!(later.tokens.is_none());
    assert_eq!(later.errand, None);
}

#[test]
fn withdrawn_consent_ends_as_revoked() {
    let gone = refusal("invalid_grant", 65001);
    let ended = live().refused(gone.clone(), at(0), false).refused(gone, at(6), false);
    assert_eq!(ended.status(), Status::Revoked);
    assert_eq!(ended.evidence().expect("kept").times, 2);
}

#[test]
fn another_kind_of_refusal_starts_the_count_again() {
    let mixed =
        live().refused(revoked(), at(0), false).refused(refusal("invalid_grant", 65001), at(6), false);
    assert_eq!(mixed.status(), Status::Checking);
}

#[test]
fn success_clears_the_doubt() {
    let granted = ScopeSet::parse("User.Read Calendars.ReadWrite");
    let cleared = live().refused(revoked(), at(0), false).verified(granted, at(6));
    // The doubt may have displaced the first look: it is taken again, and is the last errand.
    assert_eq!((cleared.status(), cleared.errand), (Status::Connected, Some((Errand::FirstLook, at(6)))));
    let mut looked = cleared;
    looked.looked_at(false, at(7));
    assert_eq!(looked.errand, None);
}

#[test]
fn a_first_look_that_is_late_is_not_lost_by_a_verification() {
    let mut fresh = live();
    fresh.errand = Some((Errand::FirstLook, at(1)));
    let granted = ScopeSet::parse("User.Read Calendars.ReadWrite");
    assert_eq!(fresh.clone().verified(granted, at(2)).errand, fresh.errand);
    fresh.set_canary(true, at(2));
    assert_eq!(fresh.errand, Some((Errand::FirstLook, at(1))));
    fresh.looked_at(true, at(2));
    assert_eq!(fresh.errand, Some((Errand::Canary, at(7))));
}

#[test]
fn whoever_is_used_every_day_stays_hot_although_it_is_noted_only_once_a_day() {
    let mut used = live();
    used.last_used = Some(at(0));
    let minutes_of_a_day = 24 * 60;
    assert!(used.is_hot(at(2 * minutes_of_a_day - 1)));
    assert!(!used.is_hot(at(2 * minutes_of_a_day)));
}

#[test]
fn a_tripped_guard_holds_every_drop() {
    let held = live().refused(revoked(), at(0), true).refused(revoked(), at(30), true);
    assert_eq!(held.status(), Status::Checking);
    assert!(held.tokens.is_some());
}

#[test]
fn outages_throttling_and_our_own_faults_change_nothing() {
    for (error, code) in [("invalid_grant", 50196), ("server_error", 90033), ("invalid_client", 7_000_222)] {
        let same = live().refused(refusal(error, code), at(0), false);
        assert_eq!(same, live().with_id_of(&same), "{code}");
    }
}

#[test]
fn an_unknown_number_needs_three_refusals_over_a_quarter_hour() {
    let odd = || refusal("invalid_grant", 123_456);
    let twice = live().refused(odd(), at(0), false).refused(odd(), at(20), false);
    assert_eq!(twice.status(), Status::Checking);
    assert_eq!(twice.refused(odd(), at(26), false).status(), Status::NeedsReauth);
    let quick =
        live().refused(odd(), at(0), false).refused(odd(), at(6), false).refused(odd(), at(12), false);
    assert_eq!(quick.status(), Status::Checking);
}

#[test]
fn an_unknown_error_is_never_the_end() {
    let mut connection = live();
    for minute in 0..200 {
        connection = connection.refused(refusal("something_new", 1), at(minute * 6), false);
    }
    assert_eq!(connection.status(), Status::Checking);
    assert!(connection.tokens.is_some());
}

#[test]
fn a_policy_that_blocks_keeps_the_tokens_for_a_day() {
    let policy = || refusal("invalid_grant", 53003);
    let blocked = live().refused(policy(), at(0), false);
    assert_eq!(blocked.status(), Status::Blocked);
    let still = blocked.refused(policy(), at(23 * 60), false);
    assert_eq!((still.status(), still.tokens.is_some()), (Status::Blocked, true));
    assert_eq!(still.refused(policy(), at(24 * 60), false).status(), Status::NeedsReauth);
}

#[test]
fn missing_consent_is_forgiven_right_after_consent_and_only_then() {
    let mut fresh = live();
    fresh.connected_at = at(0);
    assert_eq!(
        fresh.clone().refused(refusal("invalid_grant", 65001), at(3), false).status(),
        Status::Connected
    );
    assert_eq!(fresh.clone().refused(revoked(), at(3), false).status(), Status::Checking);
    assert_eq!(fresh.verified(ScopeSet::default(), at(3)).status(), Status::Connected);
}

#[test]
fn a_token_without_the_calendar_is_blocked_and_says_what_is_missing() {
    let lacking = live().verified(ScopeSet::parse("User.Read"), at(0));
    assert_eq!(lacking.status(), Status::Blocked);
    let evidence = lacking.evidence().expect("evidence");
    assert_eq!(evidence.refusal.suberror.as_deref(), Some("Calendars.ReadWrite"));
}

#[test]
fn a_lack_that_lasts_is_counted_from_its_first_sight_and_no_other_refusal_counts_with_it() {
    let lacks = |connection: Connection, minutes| {
        let lacking = connection.verified(ScopeSet::parse("User.Read"), at(minutes));
        let evidence = lacking.evidence().expect("evidence").clone();
        (lacking, evidence)
    };
    let (once, _) = lacks(live(), 0);
    let (_, twice) = lacks(once, 30);
    assert_eq!((twice.first, twice.last, twice.times), (at(0), at(30), 2));
    assert_eq!((twice.refusal.status, twice.refusal.error.as_str()), (200, SCOPE_MISSING));
    let (_, other) = lacks(live().refused(refusal("interaction_required", 53003), at(0), false), 30);
    assert_eq!((other.first, other.times), (at(30), 1));
}

#[test]
fn a_sign_in_begins_anew_and_keeps_what_is_the_rows_own() {
    let account = Account {
        tenant: "2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14".parse().expect("a GUID"),
        object: "7c1f0a52-93de-4c06-8a57-0b6f2e9d4c31".parse().expect("a GUID"),
        email: "ana@contoso.com".parse().expect("an address"),
        name: None,
    };
    let errand = Some((Errand::Canary, at(3)));
    let before =
        Connection { generation: 3, teams: Teams::No, canary: true, errand, ..live().disconnected(at(3)) };
    assert!(before.destroyed.is_some());
    let expected = Connection {
        account: Some(account.clone()),
        teams: Teams::Yes,
        health: Health::Live,
        verified_at: Some(at(9)),
        last_used: Some(at(9)),
        generation: 4,
        destroyed: None,
        errand: Some((Errand::FirstLook, at(10))),
        ..before.clone()
    };
    assert_eq!(before.connected(account, Teams::Yes, at(9)), expected);
}

#[test]
fn a_canary_stays_in_the_index() {
    let mut canary = live();
    canary.set_canary(true, at(0));
    assert_eq!(canary.errand, Some((Errand::Canary, at(5))));
    let again = canary.verified(ScopeSet::parse("User.Read Calendars.ReadWrite"), at(5));
    assert_eq!(again.errand, Some((Errand::Canary, at(10))));
}

impl Connection {
    fn with_id_of(mut self, other: &Self) -> Self {
        self.id = other.id.clone();
        self
    }
}

#[test]
fn the_sweep_redeems_what_has_tokens_and_is_not_over() {
    assert!(live().is_verifiable());
    assert!(live().refused(revoked(), at(0), false).is_verifiable());
    assert!(!Connection { tokens: None, ..live() }.is_verifiable());
    let over = Health::Disconnected { at: at(0) };
    assert!(!Connection { health: over, ..live() }.is_verifiable());
}

#[test]
fn the_grace_ends_with_its_tenth_minute() {
    let fresh = Connection { connected_at: at(0), ..live() };
    assert!(fresh.in_grace(at(9)) && !fresh.in_grace(at(10)));
}

#[test]
fn what_is_destroyed_counts_as_a_new_seal_and_a_canary_hands_over() {
    let ended = Connection { generation: 7, canary: true, ..live() }.disconnected(at(0));
    assert_eq!((ended.generation, ended.usable_until), (8, None));
    assert_eq!(ended.errand, Some((Errand::HandOver, at(0))));
    assert_eq!(live().disconnected(at(0)).errand, None);
}
