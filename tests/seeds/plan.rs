//! What may happen, and a schedule of it.

use serde_json::{Value, json};

use super::chance::Chance;
use crate::faults::Spot;

/// One thing that happens. People are numbered.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A connect link, Microsoft's page, and back.
    Connect(usize),
    Disconnect(usize),
    Verify(usize),
    /// Under one of two keys.
    Create(usize, usize),
    /// The interview of that key is moved.
    Move(usize, usize),
    /// The interview of that key is called off.
    Cancel(usize, usize),
    FollowUps,
    Sweep,
    /// Seconds; nothing runs meanwhile.
    Pass(i64),
    /// The person's sessions are revoked.
    Revoke(usize),
    /// Something fails from now on.
    Fault(Value),
    /// Whatever failed is repaired.
    Repair,
}

/// An act, and after which of its calls the function dies.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) act: Act,
    pub(super) dies: Option<u64>,
}

const PAUSES: [i64; 8] = [1, 5, 40, 60, 130, 600, 1800, 3700];

/// Calls at which something may fail.
const SPOTS: [(&str, &str, &str); 14] = [
    ("dynamodb", "GetItem", ""),
    ("dynamodb", "BatchGetItem", ""),
    ("dynamodb", "Query", ""),
    ("dynamodb", "PutItem", ""),
    ("dynamodb", "UpdateItem", ""),
    ("dynamodb", "DeleteItem", ""),
    ("dynamodb", "TransactWriteItems", ""),
    ("kms", "Decrypt", ""),
    ("login", "POST /{tenant}/oauth2/v2.0/token", "refresh_token"),
    ("graph", "GET /me/calendar", ""),
    ("graph", "POST /me/events", ""),
    ("graph", "GET /me/events", ""),
    ("graph", "PATCH /me/events/{id}", ""),
    ("graph", "POST /me/events/{id}/cancel", ""),
];

/// Classes after which a person may rightly lose a connection, or be told what is not so: Entra itself refuses him
/// more than once, or the store denies what it holds.
const BELIEVED: [&str; 4] =
    ["invalid_grant, real", "invalid_grant, unknown number", "interaction_required", "item vanished"];

fn fault(chance: &mut Chance) -> Act {
    loop {
        let (service, operation, detail) = chance.pick(&SPOTS);
        let spot = Spot { service, operation: operation.to_owned(), detail: detail.to_owned(), skip: 0 };
        let all: Vec<(&str, &str, Value)> = crate::faults::at(&spot);
        let (name, when, kind) = &all[chance.below(all.len())];
        // An empty success of the store says that it holds nothing.
        let denied = service == "dynamodb" && name.starts_with("empty 200");
        if denied || BELIEVED.contains(name) {
            continue;
        }
        return Act::Fault(json!({
            "service": service, "operation": operation, "when": when, "kind": kind,
            "times": chance.pick(&[1, 1, 1, 2, 5, 0]), "skip": chance.pick(&[0, 0, 0, 1, 2]),
        }));
    }
}

fn act(chance: &mut Chance, people: usize) -> Act {
    // Mostly the same person and the same key: what meets nothing finds nothing.
    let (who, key) = (chance.below(people), chance.pick(&[0, 0, 0, 1]));
    match chance.below(24) {
        0..2 => Act::Connect(who),
        2 => Act::Disconnect(who),
        3 => Act::Verify(who),
        4..9 => Act::Create(who, key),
        9..11 => Act::Move(who, key),
        11 => Act::Cancel(who, key),
        12..14 => Act::FollowUps,
        14 => Act::Sweep,
        15..18 => Act::Pass(chance.pick(&PAUSES)),
        18 => Act::Revoke(who),
        19..23 => fault(chance),
        _ => Act::Repair,
    }
}

/// A short schedule: six to thirteen acts, of which some die.
pub(super) fn plan(chance: &mut Chance, people: usize) -> Vec<Planned> {
    let count = 6 + chance.below(8);
    let planned = |chance: &mut Chance| {
        let act = act(chance, people);
        let dies = chance.once_in(4).then(|| 1 + chance.next() % 7);
        Planned { act, dies }
    };
    (0..count).map(|_| planned(chance)).collect()
}
