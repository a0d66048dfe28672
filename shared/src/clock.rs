//! The two things that have no wire: time and chance.
//!
//! Everything that needs the time takes it from a [`Clock`], everything that needs random bytes from an
//! [`Entropy`]. So a test can stand still in time and repeat a run, and the lints forbid every other way.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

/// The time of day, and waiting for a later one.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
    /// Waits until `wait` has passed on this clock.
    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()>;
}

/// Random bytes fit for keys.
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// A number in `0.0..1.0`, for jitter.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_be_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

/// The clock on the wall.
#[derive(Debug, Clone, Copy)]
pub struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may look at the wall clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that waits in real time")]
    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// Random bytes of the operating system, by way of aws-lc.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        // A machine without randomness must not go on: predictable keys are worse than no answer.
        aws_lc_rs::rand::fill(out).expect("the operating system gives random bytes");
    }
}
