//! What became of an interview, as clients see it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::history::{Calls, Step, What};
use crate::domain::ids::UserId;
use crate::domain::interview::{RoomState, Status};
use crate::domain::proof_log::{Entry, GraphCall};
use crate::domain::time::to_millisecond;

/// A step of an interview; see the API contract.
#[derive(Debug, Serialize)]
pub struct StepView<'a> {
    pub what: What,
    pub asked_by: Option<&'a UserId>,
    pub asked_at: Option<String>,
    pub answer: Option<u16>,
    pub problem: Option<&'a str>,
    /// In the order in which they ended; null if they are no longer kept.
    pub calls: Option<Vec<CallView<'a>>>,
    pub at: String,
    pub status: Status,
    pub room_state: Option<RoomState>,
    pub version: u64,
}

/// A request to Graph; see the API contract.
#[derive(Debug, Serialize)]
pub struct CallView<'a> {
    pub at: String,
    pub method: &'a str,
    pub path: &'a str,
    pub request_id: &'a str,
    pub microsoft_request_id: Option<&'a str>,
    pub status: Option<u16>,
}

/// A step, with its calls out of those that are kept.
pub fn step_view<'a>(step: &'a Step, kept: &'a BTreeMap<Calls, Entry>) -> StepView<'a> {
    let asked = step.asked.as_ref();
    let calls = match &step.calls {
        None => Some(Vec::new()),
        Some(name) => kept.get(name).map(|entry| entry.calls.iter().map(call_view).collect()),
    };
    StepView {
        what: step.what,
        asked_by: asked.map(|asked| &asked.by),
        asked_at: asked.map(|asked| to_millisecond(asked.at)),
        answer: asked.map(|asked| asked.answer),
        problem: asked.and_then(|asked| asked.problem.as_deref()),
        calls,
        at: to_millisecond(step.at),
        status: step.status,
        room_state: step.room,
        version: step.version,
    }
}

fn call_view(call: &GraphCall) -> CallView<'_> {
    CallView {
        at: to_millisecond(call.at),
        method: &call.method,
        path: &call.path,
        request_id: &call.request_id,
        microsoft_request_id: call.microsoft_request_id.as_deref(),
        status: call.status,
    }
}
