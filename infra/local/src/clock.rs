//! One clock for the functions, the stand-ins and the schedules.
//!
//! In a test it stands, and whoever sleeps moves it to his waking time at once. On a laptop it runs with the
//! wall clock, plus what somebody advanced it by; advancing wakes the sleepers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use shared::clock::{Clock, WallClock};
use tokio::sync::Notify;

/// How long a sleep on a standing clock takes in real time, however long it is.
const TURN: Duration = Duration::from_millis(5);

/// The clock of other people's servers: when ours is set back, theirs waits until it has caught up.
pub(crate) fn of_others(clock: &Arc<StackClock>) -> sim::Now {
    let (clock, latest) = (Arc::clone(clock), Mutex::new(Timestamp::MIN));
    Arc::new(move || {
        let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = clock.now().max(*latest);
        *latest
    })
}

/// The clock of a stack.
pub struct StackClock {
    mode: Mode,
    advanced: Notify,
}

enum Mode {
    Standing(Mutex<Timestamp>),
    Running { ahead: Mutex<SignedDuration> },
}

impl StackClock {
    /// Stands at `now`.
    pub fn standing(now: Timestamp) -> Self {
        Self { mode: Mode::Standing(Mutex::new(now)), advanced: Notify::new() }
    }

    /// Runs with the wall clock.
    pub fn running() -> Self {
        Self { mode: Mode::Running { ahead: Mutex::default() }, advanced: Notify::new() }
    }

    /// Moves it on, and wakes whoever sleeps.
    pub fn advance(&self, by: SignedDuration) {
        match &self.mode {
            Mode::Standing(now) => {
                let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
            }
            Mode::Running { ahead } => *ahead.lock().unwrap_or_else(PoisonError::into_inner) += by,
        }
        self.advanced.notify_waiters();
    }

    /// How far a running clock is ahead of the wall clock.
    pub fn ahead(&self) -> SignedDuration {
        match &self.mode {
            Mode::Standing(_) => SignedDuration::ZERO,
            Mode::Running { ahead } => *ahead.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// A standing clock goes there at once.
    fn jump_to(&self, until: Timestamp) {
        let Mode::Standing(now) = &self.mode else { return };
        let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = until.max(*now);
    }

    /// Whether time passes by itself.
    pub fn runs(&self) -> bool {
        matches!(self.mode, Mode::Running { .. })
    }
}

impl Clock for StackClock {
    fn now(&self) -> Timestamp {
        match &self.mode {
            Mode::Standing(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
            Mode::Running { ahead } => {
                let ahead = *ahead.lock().unwrap_or_else(PoisonError::into_inner);
                WallClock.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
            }
        }
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()> {
        let until = self.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        Box::pin(async move {
            if matches!(self.mode, Mode::Standing(_)) {
                // Whoever falls asleep meanwhile wakes together with us: fifty who wait side by side for one
                // second take one second, and whom they wait for gets his turn.
                WallClock.sleep(TURN).await;
                return self.jump_to(until);
            }
            while self.now() < until {
                let advanced = self.advanced.notified();
                let left = Duration::try_from(until.duration_since(self.now())).unwrap_or_default();
                futures::future::select(std::pin::pin!(advanced), WallClock.sleep(left)).await;
            }
        })
    }
}
