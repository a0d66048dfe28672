//! The customer's scheduling user organises for those whom an administrator listed.

use serde_json::{Value, json};

use super::{ANA, ROOM7, attendees, create, with_rooms};
use crate::world::{Answer, Person, World, interview, minutes};

const BEN: &str = "ben@contoso.com";

/// Ana recruits; Ben organises for her.
async fn both(world: &World) -> (Person<'_>, Person<'_>) {
    let ben = world.person("u-ben", "acme", BEN).await;
    assert_eq!(ben.connect().await, "connected");
    let ana = world.ana().await;
    let setting = json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-ana"] } });
    assert_eq!(ana.patch("/v1/customer", setting).await.status, 200);
    (ana, ben)
}

fn through_him() -> Value {
    let mut body = interview();
    body["organize_as"] = json!("scheduling_user");
    body
}

async fn ask(person: &Person<'_>) -> Answer {
    create(person, "key-of-one-request", &through_him()).await
}

/// The same person without the `admin` scope.
async fn plain<'a>(person: &Person<'a>) -> Person<'a> {
    let claims = json!({ "sub": person.user, "customer_id": person.customer, "email": person.email, "scope": "interviews connections" });
    person.world.person_with(claims).await
}

#[tokio::test]
async fn he_organises_and_the_recruiter_is_invited() {
    let world = World::start().await;
    let (ana, ben) = both(&world).await;
    let made = ask(&ana).await;
    assert_eq!((made.status, made.str("/organize_as")), (201, "scheduling_user"), "{}", made.text);
    assert_eq!(made.json["organizer"], json!({ "user": "u-ben", "email": BEN }));
    assert_eq!(made.str("/requested_by"), "u-ana");
    assert!(world.meetings(ANA).is_empty());
    assert_eq!(attendees(&world.meeting(BEN)), ["dana@example.org", "carl@contoso.com", ANA]);
    assert_eq!(world.mails().len(), 3);
    // She changes what she asked for, in his calendar; and she stays invited.
    let (ana, path) = (plain(&ana).await, format!("/v1/interviews/{}", made.str("/id")));
    assert_eq!(ana.get(&path).await.status, 200);
    let panel = json!({ "interviewers": [{ "email": "dora@contoso.com" }], "rooms": [ROOM7] });
    assert_eq!(ana.patch(&path, panel).await.status, 200);
    assert_eq!(attendees(&world.meeting(BEN)), ["dana@example.org", ANA, "dora@contoso.com", ROOM7]);
    let to =
        json!({ "start": "2026-12-02T14:00:00", "end": "2026-12-02T14:45:00", "time_zone": "Europe/Paris" });
    let moved = ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &to).await;
    assert_eq!((moved.status, &moved.json["join_url"]), (200, &made.json["join_url"]), "{}", moved.text);
    // The organiser may too, and nobody else.
    assert_eq!(plain(&ben).await.get(&path).await.status, 200);
    let carl =
        world.person_with(json!({ "sub": "u-carl", "customer_id": "acme", "scope": "interviews" })).await;
    assert_eq!(carl.get(&path).await.status, 404);
    let off = ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await;
    assert_eq!((off.status, off.str("/status")), (200, "cancelled"), "{}", off.text);
    assert!(world.meetings(BEN).is_empty());
}

#[tokio::test]
async fn a_recruiter_who_never_connected_can_have_him_organise() {
    let world = World::start().await;
    let (ana, _) = both(&world).await;
    let setting = json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-cleo"] } });
    assert_eq!(ana.patch("/v1/customer", setting).await.status, 200);
    let cleo = world.person("u-cleo", "acme", "cleo@contoso.com").await;
    let made = ask(&cleo).await;
    assert_eq!((made.status, made.str("/organizer/user")), (201, "u-ben"), "{}", made.text);
    let held = with_rooms(&[ROOM7], json!({ "organize_as": "scheduling_user", "hold_room": true }));
    let held = create(&cleo, "key-of-a-hold-01", &held).await;
    assert_eq!(held.status, 202, "{}", held.text);
    world.advance(minutes(2)).await;
    let read = cleo.get(&format!("/v1/interviews/{}", held.str("/id"))).await;
    assert_eq!((read.str("/status"), read.str("/organizer/user")), ("scheduled", "u-ben"), "{}", read.text);
    assert_eq!(world.mails().iter().filter(|(_, to)| to == "cleo@contoso.com").count(), 2);
}

#[tokio::test]
async fn who_is_not_listed_or_where_nobody_is_named_is_refused_and_the_key_stays_free() {
    let world = World::start().await;
    let (ana, _) = both(&world).await;
    for setting in [json!(null), json!({ "user": "u-ben", "allowed_users": ["u-cleo"] })] {
        let changed = ana.patch("/v1/customer", json!({ "scheduling_user": setting })).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let answer = ask(&ana).await;
        assert_eq!(answer.problem(), (403, "feature-not-enabled"), "{}", answer.text);
        assert_eq!(answer.str("/fix/owner"), "customer_admin");
        assert_eq!(answer.str("/errors/0/pointer"), "/organize_as");
    }
    assert!(world.mails().is_empty() && world.meetings(ANA).is_empty(), "no silent switch to her own");
    let setting = json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-ana"] } });
    assert_eq!(ana.patch("/v1/customer", setting).await.status, 200);
    assert_eq!(ask(&ana).await.status, 201);
}

#[tokio::test]
async fn a_broken_connection_of_his_is_told_with_who_must_act() {
    let world = World::start().await;
    let (ana, ben) = both(&world).await;
    let path = format!("/v1/interviews/{}", ask(&ana).await.str("/id"));
    world.switch("revoke-sessions", json!({ "user": BEN }));
    world.advance(minutes(60)).await;
    assert_eq!(ben.status().await, "needs_reauth");
    let mails = world.mails().len();
    let refused = create(&ana, "key-of-another-one", &through_him()).await;
    assert_eq!(refused.problem(), (409, "scheduling-user-unavailable"), "{}", refused.text);
    assert_eq!(refused.str("/fix/owner"), "customer_admin");
    let detail = refused.str("/detail");
    assert!(detail.contains("by the scheduling user") && detail.contains("sign in again"), "{detail}");
    assert_eq!(refused.str("/microsoft/code"), "AADSTS50173", "{}", refused.text);
    // What stands in his calendar cannot be changed either.
    let changed = ana.patch(&path, json!({ "title": "Another" })).await;
    assert_eq!(changed.problem(), (409, "scheduling-user-unavailable"), "{}", changed.text);
    assert_eq!((world.mails().len(), world.meetings(ANA).len()), (mails, 0), "no silent switch");
    assert_eq!(ben.connect().await, "connected");
    assert_eq!(create(&ana, "key-of-another-one", &through_him()).await.status, 201);
    assert_eq!(ana.patch(&path, json!({ "title": "Another" })).await.status, 200);
}

#[tokio::test]
async fn one_who_never_connected_is_unavailable() {
    let world = World::start().await;
    let ana = world.ana().await;
    let setting = json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-ana"] } });
    assert_eq!(ana.patch("/v1/customer", setting).await.status, 200);
    let refused = ask(&ana).await;
    assert_eq!(refused.problem(), (409, "scheduling-user-unavailable"), "{}", refused.text);
    assert!(refused.str("/detail").contains("Outlook is not connected"), "{}", refused.text);
}

#[tokio::test]
async fn a_token_that_tells_no_address_cannot_have_him_organise() {
    let world = World::start().await;
    both(&world).await;
    let nobody =
        world.person_with(json!({ "sub": "u-ana", "customer_id": "acme", "scope": "interviews" })).await;
    let refused = ask(&nobody).await;
    assert_eq!(refused.problem(), (422, "invalid-request"), "{}", refused.text);
    assert_eq!(refused.str("/errors/0/pointer"), "/organize_as");
}

#[tokio::test]
async fn whoever_finishes_it_goes_to_the_calendar_where_it_was_begun() {
    let world = World::start().await;
    world.microsoft().options(|options| options.forget_transactions = true);
    let (ana, _) = both(&world).await;
    world.fault(json!({ "service": "graph", "when": "after", "kind": "reset", "times": 0 }));
    let first = ask(&ana).await;
    assert_eq!((first.status, first.str("/organizer/user")), (202, "u-ben"), "{}", first.text);
    assert_eq!(ana.patch("/v1/customer", json!({ "scheduling_user": null })).await.status, 200);
    crate::exactly_once::quiesce(&world).await;
    let last = ask(&ana).await;
    assert_eq!((last.status, last.str("/organizer/user")), (201, "u-ben"), "{}", last.text);
    assert_eq!((world.meetings(BEN).len(), world.meetings(ANA).len(), world.mails().len()), (1, 0, 3));
}
