//! Refusals that are final: each with its own words, owner and step.

use serde_json::json;
use sim::MailKind::Cancellation;

use super::{ANA, CANCEL, CHANGE, CREATE, cancelled, fault, made, moved, refuse};
use crate::world::World;

#[tokio::test]
async fn each_refusal_of_a_create_has_its_own_words_and_owner() {
    for (code, problem, owner) in [
        ("ErrorAccessDenied", (403, "mailbox-access-denied"), "it_admin"),
        ("AccessToODataDisabled", (403, "mailbox-access-denied"), "it_admin"),
        ("ErrorSendAsDenied", (403, "send-as-denied"), "it_admin"),
        ("ErrorAccountDisabled", (409, "account-unavailable"), "it_admin"),
        ("ErrorMailboxLogonFailed", (422, "mailbox-unavailable"), "it_admin"),
        ("MailboxNotEnabledForRESTAPI", (422, "mailbox-unavailable"), "it_admin"),
        ("ErrorQuotaExceeded", (422, "mailbox-full"), "recruiter"),
        ("ErrorSubmissionQuotaExceeded", (409, "sending-limit-reached"), "recruiter"),
        ("ErrorMessageSizeExceeded", (422, "event-too-large"), "ats"),
        ("ErrorInvalidRecipients", (422, "invalid-recipient"), "ats"),
        ("ErrorPropertyValidationFailure", (500, "internal-error"), "vendor"),
        ("RequestBodyRead", (500, "internal-error"), "vendor"),
    ] {
        let world = World::start().await;
        let ana = world.ana().await;
        refuse(&world, CREATE, code, 0);
        let n = world.journal().last();
        let answer = ana.schedule("key-of-one-request").await;
        assert_eq!(answer.problem(), problem, "{code}: {}", answer.text);
        assert_eq!(answer.str("/fix/owner"), owner, "{code}");
        let posts = world.graph_since(n).iter().filter(|call| *call == CREATE).count();
        assert_eq!(posts, 1, "{code} ends and does not loop");
        assert!(world.mails().is_empty());
    }
}

#[tokio::test]
async fn a_permission_is_missing_only_where_the_token_lacks_it() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    refuse(&world, CHANGE, "ErrorAccessDenied", 1);
    assert_eq!(moved(&ana, &path).await.problem(), (403, "mailbox-access-denied"));
    world.switch("remove-consent", json!({ "user": ANA, "scopes": "Calendars.ReadWrite" }));
    world.advance(crate::world::minutes(120)).await;
    let lacks = ana.patch(&path, json!({ "title": "Another" })).await;
    assert_eq!(lacks.problem(), (403, "scope-missing"), "{}", lacks.text);
}

#[tokio::test]
async fn an_event_that_was_made_all_the_same_is_no_refusal() {
    let world = World::start().await;
    let ana = world.ana().await;
    let body = json!({ "error": { "code": "ErrorInvalidRecipients", "message": "At least one recipient isn't valid." } });
    let kind = json!({ "status": { "status": 400, "body": body } });
    world.fault(json!({ "service": "graph", "operation": CREATE, "when": "after", "kind": kind }));
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!((world.meetings(ANA).len(), world.mails().len()), (1, 2));
}

#[tokio::test]
async fn an_event_that_may_not_be_removed_is_not_called_cancelled() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    refuse(&world, CANCEL, "ErrorCannotDeleteObject", 1);
    let answer = cancelled(&ana, &path).await;
    assert_eq!(answer.problem(), (409, "event-not-removable"), "{}", answer.text);
    assert_eq!(ana.get(&path).await.str("/status"), "scheduled");
    assert_eq!(cancelled(&ana, &path).await.status, 200, "the key was not burnt");
}

#[tokio::test]
async fn an_event_with_an_address_that_exchange_does_not_send_to_is_removed() {
    for lost in [false, true] {
        let world = World::start().await;
        let ana = world.ana().await;
        let path = made(&ana).await;
        world.microsoft().options(|options| options.bad_recipients.extend(["dana@example.org".to_owned()]));
        if lost {
            world.fault(json!({ "service": "graph", "operation": "DELETE /me/events/{id}", "when": "after", "kind": "reset" }));
        }
        let (mails, n) = (world.mails().len(), world.journal().last());
        let answer = cancelled(&ana, &path).await;
        assert_eq!((answer.status, answer.str("/status")), (200, "cancelled"), "{}", answer.text);
        assert!(world.meetings(ANA).is_empty());
        let mut told = world.mails_since(mails);
        told.sort_by(|a, b| a.1.cmp(&b.1));
        let expected = ["carl@contoso.com", "dana@example.org"].map(|to| (Cancellation, to.to_owned()));
        assert_eq!(told, expected, "each is told once");
        let deletes = world.graph_since(n).iter().filter(|call| call.starts_with("DELETE")).count();
        assert_eq!(deletes, 1);
    }
}

#[tokio::test]
async fn rooms_of_a_directory_that_has_none_are_an_empty_list() {
    let world = World::with_setting("FEATURES", "calendar,rooms,rooms_directory,rooms_basic").await;
    let ana = world.person("u-ana", "acme", ANA).await;
    assert_eq!(ana.patch("/v1/customer", json!({ "features": ["rooms_directory"] })).await.status, 200);
    let scopes = "openid profile email offline_access User.Read Calendars.ReadWrite Place.Read.All";
    world.switch("grant-admin-consent", json!({ "tenant": "contoso.com", "scopes": scopes }));
    assert_eq!(ana.connect().await, "connected");
    world.microsoft().options(|options| options.no_places = true);
    for plain in [false, true] {
        world.microsoft().options(|options| options.plain_places_404 = plain);
        for query in ["", "?building=Main", "?min_capacity=4"] {
            let answer = ana.get(&format!("/v1/rooms{query}")).await;
            assert_eq!((answer.status, &answer.json["data"]), (200, &json!([])), "{query}: {}", answer.text);
        }
    }
    world.microsoft().options(|options| options.no_places = false);
    let page = json!({ "raw": { "status": 404, "text": "<html><body>Not Found</body></html>" } });
    fault(&world, "GET /places/microsoft.graph.room", &page, 0);
    let answer = ana.get("/v1/rooms").await;
    assert_eq!(
        answer.problem(),
        (503, "microsoft-unavailable"),
        "a proxy's page says nothing: {}",
        answer.text
    );
    world.switch("clear-faults", json!({}));
    world.microsoft().options(|options| options.capacity_as_text = true);
    let answer = ana.get("/v1/rooms?min_capacity=8").await;
    assert_eq!(answer.json["data"][0]["capacity"], 8, "{}", answer.text);
}
