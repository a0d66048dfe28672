//! Every refusal that Entra may give to a refresh, by its number (microsoft.md A7 and B): what the connection shows,
//! whether it is served, and when its tokens are destroyed.

use std::fmt::Write as _;

use jiff::SignedDuration;
use serde_json::json;
use shared::domain::connection::Status;

use super::PROMISE;
use crate::world::{World, minutes};

/// Consent or app gone, whatever its class says.
const GONE: &[u32] = &[65001, 700_016, 7_000_229, 7_000_112, 650_052, 500_011, 90002];
/// R, I and U: the grant is dead, or wants the user.
const USER: &[u32] = &[
    50034, 500_341, 50057, 50132, 50133, 50173, 70043, 70008, 700_082, 70000, 50055, 50058, 50072, 50074,
    50076, 50078, 50079, 50085, 50144, 50158, 80012, 50097, 700_003, 70044, 700_020, 16000, 50020, 50089,
    50126, 50140, 500_207, 500_208, 65004,
];
/// A: the tenant's administrator must act.
const ADMIN: &[u32] = &[
    53003, 50105, 53000, 53001, 53002, 53004, 53011, 530_032, 530_034, 530_035, 50131, 90093, 90094, 90095,
    900_941, 900_981, 500_021, 500_212, 500_213, 70001, 90072, 1_000_031, 650_054,
];
/// T: passes by itself.
const PASSING: &[u32] =
    &[50196, 50053, 90006, 90024, 90033, 90012, 90023, 90036, 90123, 135_010, 70012, 90090, 650_051];
/// C: our own request or registration, though not the credential.
const OURS: &[u32] = &[
    9_002_313, 54005, 50013, 65002, 65005, 650_056, 650_057, 700_005, 70005, 700_011, 700_022, 700_054,
    70003, 70004, 70011, 700_084, 90008, 90014, 900_144, 90130, 9_001_023, 9_002_332, 1_002_016, 501_481,
    50147, 50148, 50011, 500_113, 900_971, 50059, 50194, 650_059, 90019, 650_053,
];
/// Numbers that no page explains, under `invalid_grant`.
const UNKNOWN: &[u32] = &[123_456, 999_999];

/// What happened to a connection in the hour after its first refusal became possible.
#[derive(Debug, Default)]
struct Seen {
    /// First not served, and shown as this.
    doubted: Option<(SignedDuration, Status)>,
    dropped: Option<(SignedDuration, Status)>,
}

fn emails(group: &str, codes: &[u32]) -> Vec<String> {
    codes.iter().map(|code| format!("{group}-{code}@contoso.com")).collect()
}

async fn watch(world: &World, users: &[String], until: SignedDuration) -> Vec<Seen> {
    let begun = world.now();
    let mut seen: Vec<Seen> = users.iter().map(|_| Seen::default()).collect();
    while world.now().duration_since(begun) < until {
        world.advance(minutes(1)).await;
        let after = world.now().duration_since(begun);
        let stored = world.all_stored("acme").await;
        for (email, seen) in users.iter().zip(&mut seen).filter(|(_, seen)| seen.dropped.is_none()) {
            let connection = &stored[email.split('@').next().unwrap_or_default()];
            let status = connection.status();
            if status != Status::Connected {
                seen.doubted.get_or_insert((after, status));
            }
            if connection.tokens.is_none() {
                seen.dropped = Some((after, status));
            }
        }
    }
    seen
}

/// Everybody is refused from now on, each with the number in his name.
fn refuse(world: &World, users: &[String]) {
    for email in users {
        let code: u32 = email.split(['-', '@']).nth(1).and_then(|code| code.parse().ok()).expect("a number");
        // 650053 comes as `invalid_client` too; here it is our request, not our credential.
        let error = (code == 650_053).then_some("invalid_request");
        world.switch("refresh-answer", json!({ "user": email, "code": code, "error": error }));
    }
}

#[tokio::test]
async fn every_number_of_the_table_has_its_consequence_in_time() {
    let world = World::start().await;
    let all: Vec<String> = [
        ("gone", GONE),
        ("user", USER),
        ("admin", ADMIN),
        ("passing", PASSING),
        ("ours", OURS),
        ("unknown", UNKNOWN),
    ]
    .iter()
    .flat_map(|(group, codes)| emails(group, codes))
    .collect();
    let mut crowd = vec!["canary@contoso.com".to_owned()];
    crowd.extend(all.iter().cloned());
    world.crowd("acme", &crowd).await;
    world.until_verified(&all[0]).await;
    refuse(&world, &all);
    let seen = watch(&world, &all, minutes(66)).await;
    let mut table = String::new();
    for (email, Seen { doubted, dropped }) in all.iter().zip(&seen) {
        let _ = writeln!(table, "{email:<28} {doubted:?} {dropped:?}");
        let in_time = dropped.is_some_and(|(after, _)| after <= PROMISE);
        let status = dropped.map(|(_, status)| status);
        let doubted_as = doubted.map(|(_, status)| status);
        let soon = doubted.is_some_and(|(after, _)| after <= minutes(47));
        match email.split('-').next().unwrap_or_default() {
            "gone" => assert!(in_time && status == Some(Status::Revoked), "{email} {dropped:?}"),
            "user" => assert!(in_time && status == Some(Status::NeedsReauth), "{email} {dropped:?}"),
            "admin" => assert!(
                dropped.is_none() && doubted_as == Some(Status::Blocked) && soon,
                "{email} {doubted:?}"
            ),
            "unknown" => {
                let late = dropped.is_some_and(|(after, _)| PROMISE < after && after <= minutes(65));
                assert!(
                    late && soon && doubted_as == Some(Status::Checking),
                    "{email} {doubted:?} {dropped:?}"
                );
            }
            _ => assert!(doubted.is_none() && dropped.is_none(), "{email} {doubted:?} {dropped:?}"),
        }
    }
    println!("{table}{} numbers", all.len());
    // Entra spoke the truth: those it never refused for good are served once it is in a better mood.
    for email in all.iter().filter(|email| email.starts_with("admin")) {
        world.switch("refresh-answer", json!({ "user": email }));
    }
    world.pass_time(minutes(45));
    world.advance(minutes(1)).await;
    for email in all.iter().filter(|email| email.starts_with("admin")) {
        let user = email.split('@').next().unwrap_or_default();
        assert_eq!(world.stored("acme", user).await.value.status(), Status::Connected, "{email}");
    }
}

#[tokio::test]
async fn what_happens_in_the_tenant_has_the_consequence_that_it_should() {
    let world = World::start().await;
    let people = ["revoked", "disabled", "deleted", "unassigned", "password"]
        .map(|what| format!("{what}@contoso.com"));
    let mut crowd = vec!["canary@contoso.com".to_owned()];
    crowd.extend(people.iter().cloned());
    world.crowd("acme", &crowd).await;
    world.until_verified(&people[0]).await;
    world.switch("revoke-sessions", json!({ "user": people[0] }));
    world.switch("disable-user", json!({ "user": people[1] }));
    world.switch("delete-user", json!({ "user": people[2] }));
    // A change of the own password leaves the tokens of a confidential client alone: nothing to switch.
    let assigned = [&crowd[0], &people[0], &people[1], &people[2], &people[4]];
    world.switch("require-assignment", json!({ "tenant": "contoso.com", "assigned": assigned }));
    let seen = watch(&world, &people, minutes(56)).await;
    for gone in &seen[..3] {
        assert!(
            gone.dropped.is_some_and(|(after, status)| after <= PROMISE && status == Status::NeedsReauth),
            "{gone:?}"
        );
    }
    assert_eq!(seen[3].doubted.map(|(_, status)| status), Some(Status::Blocked));
    assert!(seen[3].dropped.is_none() && seen[4].doubted.is_none(), "{seen:?}");
}

#[tokio::test]
async fn an_unknown_error_is_unserved_and_never_destroyed() {
    let world = World::start().await;
    world.crowd("acme", &["canary@contoso.com".to_owned(), "odd@contoso.com".to_owned()]).await;
    world.until_verified("odd@contoso.com").await;
    let answer = json!({ "user": "odd@contoso.com", "code": 31_337, "error": "something_new" });
    world.switch("refresh-answer", answer);
    let seen = watch(&world, &["odd@contoso.com".to_owned()], minutes(70)).await;
    world.pass_time(minutes(24 * 60));
    world.advance(minutes(10)).await;
    assert!(world.stored("acme", "odd").await.value.tokens.is_some());
    assert!(
        seen[0].doubted.is_some_and(|(after, status)| after <= minutes(47) && status == Status::Checking)
    );
    assert!(seen[0].dropped.is_none(), "{seen:?}");
    world.switch("refresh-answer", json!({ "user": "odd@contoso.com" }));
    world.advance(minutes(7)).await;
    assert_eq!(world.stored("acme", "odd").await.value.status(), Status::Connected);
}

#[tokio::test]
async fn conditional_access_keeps_the_tokens_sealed_for_a_day_and_no_longer() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    world.until_verified(&ben.email).await;
    world.switch("refresh-answer", json!({ "user": ben.email, "code": 53003 }));
    world.skip_to_the_sweep("acme").await;
    assert!(world.until(&ben, Status::Blocked, minutes(5)).await.is_some());
    let create = ben.schedule("key-00001").await;
    assert_eq!(create.problem(), (403, "blocked-by-conditional-access"), "{}", create.text);
    // Each pass asks again; the minutes between them are passed at once.
    let mut kept = SignedDuration::ZERO;
    while world.state(&ben).await.value.tokens.is_some() {
        world.pass_time(minutes(44));
        world.advance(minutes(1)).await;
        kept += minutes(45);
        assert!(kept < SignedDuration::from_hours(26), "never destroyed");
    }
    println!("blocked for {kept:#} until the tokens were destroyed");
    assert!(kept >= SignedDuration::from_hours(24));
    assert_eq!(world.state(&ben).await.value.status(), Status::NeedsReauth);
}
