//! Random schedules: people, faults, crashes and the clock in an order that follows from a seed. Each run takes new
//! seeds; one that fails prints the command that repeats it, and belongs into [`FORMERLY_FAILING`].

mod chance;
mod plan;
mod run;

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use shared::clock::{Entropy, SystemEntropy};

use run::carry_out;

/// Seeds that once found something; they run first.
const FORMERLY_FAILING: [u64; 0] = [];
/// So many new ones in all, shared by as many tests as there are below.
const SEEDS: u64 = 500;
const SHARES: u64 = 4;

async fn all(seeds: impl IntoIterator<Item = u64>) {
    let mut failed = Vec::new();
    for seed in seeds {
        if AssertUnwindSafe(carry_out(seed)).catch_unwind().await.is_err() {
            println!("to repeat it: SEED={seed} cargo test -p acceptance seeds::replay -- --nocapture");
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "seeds that failed, each told above: {failed:?}");
}

async fn share() {
    let first = u64::from_be_bytes((&SystemEntropy as &dyn Entropy).bytes()) >> 16;
    println!("seeds from {first}");
    all(first..first + SEEDS / SHARES).await;
}

#[tokio::test]
async fn schedules_that_once_failed_hold() {
    all(FORMERLY_FAILING).await;
}

#[tokio::test]
async fn a_first_share_of_random_schedules_holds() {
    share().await;
}

#[tokio::test]
async fn a_second_share_of_random_schedules_holds() {
    share().await;
}

#[tokio::test]
async fn a_third_share_of_random_schedules_holds() {
    share().await;
}

#[tokio::test]
async fn a_fourth_share_of_random_schedules_holds() {
    share().await;
}

#[tokio::test]
async fn a_seed_gives_the_same_trace_again() {
    for seed in [3, 5, 8, 13] {
        let (first, second) = (carry_out(seed).await, carry_out(seed).await);
        assert_eq!(first, second, "seed {seed}");
    }
}

/// The seed that is named in the environment, with its trace.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a developer names the seed on the command line")]
async fn replay() {
    let Ok(seed) = std::env::var("SEED") else { return };
    let trace = carry_out(seed.parse().expect("SEED is a number")).await;
    println!("{}", trace.join("\n"));
}
