//! What became of an interview, step by step. Each step is stored in the write that it tells of, so nothing that
//! happened is missing and nothing that did not happen is told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::UserId;
use super::interview::{Interview, RoomState, Status};
use super::proof_log::Entry;

/// So many steps are kept: the first one, and the newest.
pub const MOST: usize = 40;

/// What a step was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The event is to be made.
    Create,
    /// It is to be moved.
    Reschedule,
    /// Title, text, people or rooms are to be changed.
    Change,
    /// It is to be called off.
    Cancel,
    /// Outlook was asked and showed something new: the room's answer, the Teams link, that the event is gone.
    Look,
    /// An event that came to nothing was removed, so that its room is free again.
    Release,
}

/// Who asked for a step, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The user of the ATS.
    pub by: UserId,
    /// When the request was accepted.
    pub at: Timestamp,
    /// HTTP status of the answer; 202 while the outcome was unknown.
    pub answer: u16,
    /// The code of the problem, if that was the answer.
    pub problem: Option<String>,
}

/// The name of a row of the proof log: the calls that a step made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Calls {
    /// When the first one was sent.
    pub at: Timestamp,
    /// Its request id.
    pub request_id: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it was about.
    pub what: What,
    /// The request behind it; none for what follow-ups do by themselves.
    pub asked: Option<Asked>,
    /// When it was stored.
    pub at: Timestamp,
    /// What Graph was asked for it; none if nothing.
    pub calls: Option<Calls>,
    /// The interview's state after it.
    pub status: Status,
    /// The room's.
    pub room: Option<RoomState>,
    /// The interview's version after it.
    pub version: u64,
}

/// The steps of an interview, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Those that are kept.
    pub steps: Vec<Step>,
    /// So many were dropped after the first one.
    #[serde(default)]
    pub dropped: u32,
}

impl History {
    fn push(&mut self, step: Step) {
        if self.steps.len() >= MOST {
            self.steps.remove(1);
            self.dropped += 1;
        }
        self.steps.push(step);
    }
}

impl Interview {
    /// Notes the step that led to the interview's present state.
    pub fn took(&mut self, what: What, asked: Option<Asked>, proof: Option<&Entry>, at: Timestamp) {
        let calls = proof
            .and_then(Entry::first)
            .map(|first| Calls { at: first.at, request_id: first.request_id.clone() });
        let (status, room, version) = (self.status, self.room, self.version);
        self.history.push(Step { what, asked, at, calls, status, room, version });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(version: u64) -> Step {
        Step {
            what: What::Look,
            asked: None,
            at: Timestamp::UNIX_EPOCH,
            calls: None,
            status: Status::Scheduled,
            room: None,
            version,
        }
    }

    #[test]
    fn the_first_step_and_the_newest_stay() {
        let mut history = History::default();
        let most = u64::try_from(MOST).expect("small");
        (1..=most).for_each(|version| history.push(step(version)));
        assert_eq!((history.steps.len(), history.dropped), (MOST, 0));
        (most + 1..=most + 3).for_each(|version| history.push(step(version)));
        let versions: Vec<u64> = history.steps.iter().map(|step| step.version).collect();
        assert_eq!((versions[0], versions[1], versions[MOST - 1]), (1, 5, most + 3));
        assert_eq!((history.steps.len(), history.dropped), (MOST, 3));
    }
}
