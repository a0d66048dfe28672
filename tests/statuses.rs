//! One status, several stories: what Microsoft's refusals mean by code and route, and who has to do what.

mod denied;
mod passing;
mod renewal;
mod spelling;
mod teams;
mod zones;

use serde_json::{Value, json};

use crate::world::{Answer, Person, World};

const ANA: &str = "ana@contoso.com";
const CREATE: &str = "POST /me/events";
const CHANGE: &str = "PATCH /me/events/{id}";
const CANCEL: &str = "POST /me/events/{id}/cancel";

/// The next calls of this operation are refused with this code.
fn refuse(world: &World, operation: &str, code: &str, times: u32) {
    world.switch("graph-error", json!({ "operation": operation, "code": code, "times": times }));
}

fn fault(world: &World, operation: &str, kind: &Value, times: u32) {
    world.fault(json!({ "service": "graph", "operation": operation, "kind": kind, "times": times }));
}

async fn made(ana: &Person<'_>) -> String {
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    format!("/v1/interviews/{}", answer.str("/id"))
}

async fn moved(ana: &Person<'_>, path: &str) -> Answer {
    let body =
        json!({ "start": "2026-12-02T10:00:00", "end": "2026-12-02T10:45:00", "time_zone": "Europe/Paris" });
    ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &body).await
}

async fn cancelled(ana: &Person<'_>, path: &str) -> Answer {
    ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({ "comment": "Filled." })).await
}

/// How often Entra was asked for tokens since call number `n`.
fn redemptions(world: &World, n: u64) -> usize {
    world.journal().since(n).iter().filter(|call| call.service == "login").count()
}
