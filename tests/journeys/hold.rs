//! What must hold, whatever happened: the invariants of every journey.

use serde_json::{Value, json};
use shared::problem::Code;
use shared::store::Versioned;
use shared::vault::{Binding, open_tokens};

use crate::exactly_once::{quiesce, unsettled};
use crate::world::{Answer, Person, World, ending};

/// How a sign-in may end, as the ATS reads it.
const ENDINGS: [&str; 7] =
    ["connected", "pending_approval", "cancelled", "denied", "wrong_account", "wrong_tenant", "failed"];

/// An answer that the contract knows. A fault that a customer can repair is no 5xx; a 500 is only for what our own
/// store or key service did that it must not do.
pub(crate) fn sound(answer: &Answer, is_ours: bool, case: &str) {
    let kind = answer.header("content-type").unwrap_or_default();
    match answer.status {
        200 | 201 | 204 => {}
        202 => {
            assert!(
                answer.retry_after() > 0 || answer.json["requested_at"].is_string(),
                "{case}: {answer:?}"
            );
        }
        302 => assert!(
            answer
                .header("location")
                .is_some_and(|to| to.contains("/authorize?") || to.contains("/adminconsent?")),
            "{case}: {answer:?}"
        ),
        303 => {
            let end = ending(answer);
            let word = end.split(':').next().unwrap_or_default();
            assert!(ENDINGS.contains(&word), "{case}: {end}");
            let reason = end.split_once(": ").map(|(_, reason)| reason);
            assert!(reason.is_none_or(|reason| Code::named(reason).is_some()), "{case}: {end}");
            assert!(is_ours || reason != Some("internal-error"), "{case}: {end}");
        }
        400 if kind.starts_with("text/html") => {}
        400..600 => {
            assert_eq!(kind, "application/problem+json", "{case}: {answer:?}");
            let entry = Code::named(answer.str("/code")).expect("a code of the table").entry();
            assert_eq!(entry.status, answer.status, "{case}: {answer:?}");
            assert!(answer.json["retryable"].is_boolean(), "{case}: {answer:?}");
            let owner = answer.str("/fix/owner");
            assert!(
                answer.status < 500 || matches!(owner, "vendor" | "microsoft_or_wait"),
                "{case}: a 5xx that {owner} could repair: {answer:?}"
            );
            assert!(answer.status != 500 || is_ours, "{case}: {answer:?}");
            assert!(answer.status != 503 || answer.retry_after() > 0, "{case}: no Retry-After: {answer:?}");
        }
        _ => panic!("{case}: {answer:?}"),
    }
}

/// Nothing fails any more, and everything that was begun comes to its end.
pub(crate) async fn at_rest(world: &World, case: &str) {
    quiesce(world).await;
    assert_eq!(unsettled(world), Vec::<String>::new(), "{case}: a claim is left open");
}

/// Whatever is sealed for this customer opens in its own place, and nowhere else.
pub(crate) async fn hold(world: &World, customer: &str, case: &str) {
    let app = world.app("connections");
    let id = customer.parse().expect("an id");
    let page = app.store.connections.list(&id, 1000, None).await.expect("the store answers");
    assert_eq!((page.corrupt, page.next.is_none()), (0, true), "{case}: unreadable rows");
    let Some(wrapped) = app.store.keys.current(&id).await.expect("the store answers") else {
        assert!(page.items.iter().all(|read| read.value.tokens.is_none()), "{case}: sealed without a key");
        return;
    };
    let key = app.vault.unwrap(&id, &wrapped).await.expect("the key opens");
    for Versioned { value, .. } in &page.items {
        let Some(sealed) = &value.tokens else { continue };
        let open =
            |of: &shared::domain::connection::Connection| open_tokens(&key, &Binding::tokens(of), sealed);
        assert!(open(value).is_ok(), "{case}: the tokens of {} do not open", value.user);
        for other in page.items.iter().map(|read| &read.value).filter(|other| other.user != value.user) {
            assert!(other.account.is_none() || open(other).is_err(), "{case}: they open for {}", other.user);
        }
        let mut moved = value.clone();
        moved.generation += 1;
        assert!(open(&moved).is_err(), "{case}: they open as another generation");
    }
}

/// Nothing is left of a customer who was deleted, but for what ends by itself: links and attempts.
pub(crate) fn nothing_left(world: &World, customer: &str, case: &str) {
    let (dump, of) = (world.stack.aws.dump(), format!("C#{customer}"));
    for row in dump["convene"].as_array().into_iter().flatten() {
        // Ids are of equal length here, so that none begins with another.
        let place = format!("{}/{}/", row["pk"]["S"], row["sk"]["S"]);
        assert!(!place.contains(&of), "{case}: {place} is left");
    }
    let keys = dump["convene-keys"].as_array().into_iter().flatten();
    assert_eq!(keys.filter(|row| row["customer"]["S"] == customer).count(), 0, "{case}: a key is left");
}

/// The grant lives, and so must the connection: what is stored of it can be redeemed.
pub(crate) async fn lives(who: &Person<'_>, case: &str) {
    let verified = who.post("/v1/connection/verify", json!({})).await;
    assert_eq!((verified.status, verified.str("/status")), (200, "connected"), "{case}: {}", verified.text);
    assert_eq!(verified.json["problem"], Value::Null, "{case}");
}

/// The person can work.
pub(crate) async fn serves(who: &Person<'_>, case: &str) {
    let made = who.schedule("key-of-the-day-after").await;
    assert_eq!(made.status, 201, "{case}: {}", made.text);
}
