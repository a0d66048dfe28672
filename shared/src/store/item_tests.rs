use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::super::interviews::kept;
use super::*;
use crate::clock::SystemEntropy;
use crate::domain::connection::{Account, Errand, Evidence, Health, Teams};
use crate::domain::customer::Deletion;
use crate::domain::features::{Feature, ScopeSet};
use crate::domain::ids::{ClaimId, ConnectionId, InterviewId};
use crate::domain::verdict::{Refusal, Verdict};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).expect("time")
}

fn connection() -> Connection {
    Connection {
        id: ConnectionId::mint(at(0), &SystemEntropy),
        customer: "acme".parse().expect("id"),
        user: "u#1".parse().expect("id"),
        account: Some(Account {
            tenant: "0f1e2d3c-0000-4000-8000-000000000001".parse().expect("tenant"),
            object: "0f1e2d3c-0000-4000-8000-000000000002".parse().expect("object"),
            email: "ana@contoso.com".parse().expect("address"),
            name: Some("Ana „A“".to_owned()),
        }),
        features: BTreeSet::from([Feature::Calendar]),
        granted: ScopeSet::parse("User.Read Calendars.ReadWrite"),
        teams: Teams::Yes,
        time_zone: None,
        connected_at: at(0),
        health: Health::Live,
        verified_at: Some(at(1)),
        last_used: None,
        usable_until: Some(at(3600)),
        generation: 1,
        destroyed: None,
        canary: false,
        errand: None,
        tokens: Some(Sealed(vec![0; 4000])),
        last_attempt: None,
    }
}

fn stored<T: Stored>(value: &T, row: &Row, version: u64) -> Item {
    let mut item = value.fields(row);
    item.extend(row.key());
    item.insert("v".to_owned(), count(version));
    item
}

fn row_of(connection: &Connection) -> Row {
    Row::connection(&connection.customer, &connection.user)
}

fn health() -> impl Strategy<Value = Health> {
    let evidence = (any::<u16>(), "[a-z_]{0,20}", proptest::collection::vec(any::<u32>(), 0..4), 1..9u32)
        .prop_map(|(status, error, codes, times)| Evidence {
            opened_by: Box::new(Refusal { codes: codes.clone(), ..Refusal::default() }),
            refusal: Refusal { status, error, codes, trace_id: Some("t".to_owned()), ..Refusal::default() },
            verdict: Verdict::UnknownGrant,
            first: at(0),
            last: at(9),
            times,
        });
    prop_oneof![
        Just(Health::Live),
        Just(Health::Disconnected { at: at(5) }),
        Just(Health::PendingApproval { since: at(6) }),
        evidence.clone().prop_map(Health::Suspect),
        evidence.clone().prop_map(Health::Blocked),
        evidence.clone().prop_map(Health::Revoked),
        evidence.prop_map(Health::NeedsReauth),
    ]
}

fn any_connection() -> impl Strategy<Value = Connection> {
    let times = (any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u32>>());
    let errand = prop_oneof![
        Just(Errand::FirstLook),
        Just(Errand::Confirm),
        Just(Errand::Canary),
        Just(Errand::HandOver)
    ];
    let due = proptest::option::of((errand, any::<u32>()));
    let tokens = proptest::option::of(proptest::collection::vec(any::<u8>(), 1..200));
    (health(), "[ -~é#%]{1,40}", times, due, (tokens, any::<u64>(), any::<bool>())).prop_map(
        |(health, user, (verified, used, usable), due, (tokens, generation, flag))| {
            let time = |second: Option<u32>| second.map(|s| at(i64::from(s)));
            Connection {
                health,
                user: user.parse().expect("id"),
                verified_at: time(verified),
                last_used: time(used),
                usable_until: time(usable),
                errand: due.map(|(errand, second)| (errand, at(i64::from(second)))),
                tokens: tokens.map(Sealed),
                generation,
                canary: flag,
                account: connection().account.filter(|_| flag),
                ..connection()
            }
        },
    )
}

proptest! {
    #[test]
    fn a_connection_comes_back_as_it_was(connection in any_connection(), version in 1..u64::from(u32::MAX)) {
        let item = stored(&connection, &row_of(&connection), version);
        prop_assert_eq!(item.contains_key("fu"), connection.errand.is_some());
        prop_assert_eq!(Connection::versioned(&item), Ok(Versioned { value: connection, version }));
    }
}

#[test]
fn an_ordinary_connection_is_one_small_row_without_index_entry() {
    let connection = connection();
    let item = stored(&connection, &row_of(&connection), 1);
    assert!(!item.contains_key("due") && !item.contains_key("ttl"));
    assert!(text(&item, "doc").expect("doc").len() < 900, "{}", text(&item, "doc").expect("doc"));
}

#[test]
fn the_later_of_both_notes_on_use_counts() {
    let mut connection = connection();
    connection.last_used = Some(at(100));
    let mut item = stored(&connection, &row_of(&connection), 1);
    for (noted, counts) in [(50, 100), (200, 200)] {
        item.insert("used".to_owned(), millis(at(noted)));
        assert_eq!(Connection::read(&item).expect("readable").last_used, Some(at(counts)));
    }
}

#[test]
fn nothing_is_due_before_its_time() {
    let half = Timestamp::from_millisecond(1_700_000_000_500).expect("time");
    assert_eq!(epoch(half), AttributeValue::N("1700000001".to_owned()));
    assert_eq!(epoch_now(half), AttributeValue::N("1700000000".to_owned()));
    assert_eq!(epoch(at(0)), AttributeValue::N("1700000000".to_owned()));
}

#[test]
fn a_claim_is_due_until_it_is_settled_and_expires_afterwards() {
    let mut claim = Claim {
        id: ClaimId::mint(at(0), &SystemEntropy),
        key: crate::domain::claim::ClaimKey {
            customer: "acme".parse().expect("id"),
            user: "ana".parse().expect("id"),
            route: "POST /v1/interviews".to_owned(),
            key_hash: "ab".to_owned(),
        },
        interview: InterviewId::mint(at(0), &SystemEntropy),
        organizer: "ana".parse().expect("id"),
        fingerprint: "00".to_owned(),
        accepted_at: at(0),
        busy_until: at(35),
        attempts: 1,
        settled: false,
        sealed: Some(Sealed(vec![1])),
    };
    let row = Row::claim(&claim.key);
    let open = stored(&claim, &row, 1);
    assert_eq!((number(&open, "due"), number(&open, "ttl")), (Some(1_700_000_035), None));
    assert_eq!(Claim::versioned(&open), Ok(Versioned { value: claim.clone(), version: 1 }));
    claim.settled = true;
    let settled = stored(&claim, &row, 2);
    assert_eq!((number(&settled, "due"), number(&settled, "ttl")), (None, Some(1_700_604_800)));
}

#[test]
fn a_customer_is_due_while_it_is_deleted() {
    let row = Row::customer(&"acme".parse().expect("id"));
    let mut customer = Customer::default();
    assert!(!customer.fields(&row).contains_key("fu"));
    customer.deleting = Some(Deletion { at: at(0), shredded: None });
    assert_eq!(text(&customer.fields(&row), "fu"), Some(row.bucket().as_str()));
    assert_eq!(Customer::read(&customer.fields(&row)), Ok(customer));
}

#[test]
fn an_interview_comes_back_and_expires_some_time_after_its_end() {
    let organizer = serde_json::json!({
        "user": "ana", "connection": ConnectionId::mint(at(0), &SystemEntropy),
        "tenant": "0f1e2d3c-0000-4000-8000-000000000001", "object": "0f1e2d3c-0000-4000-8000-000000000002",
        "email": "ana@contoso.com",
    });
    let document = serde_json::json!({
        "id": InterviewId::mint(at(0), &SystemEntropy), "claim": ClaimId::mint(at(0), &SystemEntropy),
        "customer": "acme", "requested_by": "ana", "organizer": organizer,
        "when": {"start": at(0), "end": at(2700), "zone": "Europe/Paris"},
        "options": {"external_id": null, "teams": true, "hide_attendees": true},
        "status": "scheduled", "room": "pending", "trouble": null, "outlook": null, "version": 1,
        "created_at": at(0), "updated_at": at(0), "errand": ["room", at(60), 2], "generation": 1,
    });
    let mut interview: Interview = serde_json::from_value(document).expect("interview");
    interview.sealed = Some(Sealed(vec![1, 2]));
    let row = Row::interview(&interview.customer, &interview.id);
    let mut item = stored(&interview, &row, 1);
    item.extend(kept(&interview, SignedDuration::from_hours(24)));
    assert_eq!(number(&item, "ttl"), Some(1_700_000_000 + 2700 + 86400));
    assert_eq!(number(&item, "due"), Some(1_700_000_060));
    assert_eq!(Interview::versioned(&item), Ok(Versioned { value: interview, version: 1 }));
}

#[test]
fn what_cannot_be_read_is_corrupt_not_a_panic() {
    assert_eq!(Connection::versioned(&Item::new()), Err(StoreError::Corrupt));
    let odd = Item::from([("v".to_owned(), count(1)), ("doc".to_owned(), text_value("{"))]);
    assert_eq!(Connection::versioned(&odd), Err(StoreError::Corrupt));
    assert_eq!(number(&Item::from([("v".to_owned(), text_value("1"))]), "v"), None);
}

#[test]
fn an_item_that_was_copied_to_another_place_is_no_value_there() {
    let (ana, ben) = (connection(), Connection { user: "u#2".parse().expect("id"), ..connection() });
    let item = stored(&ana, &row_of(&ana), 1);
    assert!(Connection::versioned(&item).is_ok());
    let mut moved = item.clone();
    moved.extend(row_of(&ben).key());
    assert_eq!(Connection::versioned(&moved), Err(StoreError::Corrupt));
    let mut lost = item;
    lost.remove("pk");
    assert_eq!(Connection::versioned(&lost), Err(StoreError::Corrupt));
}
