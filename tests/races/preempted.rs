//! One is held after each of its calls while the other runs from beginning to end, and the reverse: so every way in
//! which one may come in between is tried, and none by luck. Time stands meanwhile.

use super::duels::Duel;
use crate::crash::reaches;
use crate::journeys::{Came, Step};
use crate::world::World;

/// So many cases share a world.
const CASES: usize = 24;

/// Holds `held` when its `n`-th call has taken effect, runs `between`, and lets the first go on. `None`: it makes fewer
/// calls.
async fn preempted(world: &World, n: u64, held: &Step, between: &Step) -> Option<(Came, Came)> {
    let reached = reaches(world, n);
    let mut work = held.start(world);
    let is_over = tokio::select! {
        biased;
        () = reached.notified() => false,
        _ = &mut work => true,
    };
    world.journal().clear_hooks();
    if is_over {
        return None;
    }
    let other = between.start(world).await;
    Some((work.await, other))
}

/// Every order of the two in which one of them is interrupted once.
async fn every_order(duel: Duel) -> usize {
    let (mut world, mut stages, mut runs) = (World::start().await, 0, 0);
    for first_is_held in [true, false] {
        for n in 1.. {
            if stages % CASES == CASES - 1 {
                world = World::start().await;
            }
            let stage = duel.prepare(&world, stages).await;
            stages += 1;
            let (held, between) = if first_is_held {
                (&stage.steps[0], &stage.steps[1])
            } else {
                (&stage.steps[1], &stage.steps[0])
            };
            let Some((came, other)) = preempted(&world, n, held, between).await else { break };
            let case =
                format!("{duel:?}: {} held after call {n}", if first_is_held { "first" } else { "second" });
            let answers = if first_is_held { [came, other] } else { [other, came] };
            stage.ends(duel, &answers, &case).await;
            runs += 1;
        }
    }
    println!("{duel:?}: {runs} orders");
    runs
}

async fn all(duels: &[Duel]) {
    for duel in duels {
        assert!(every_order(*duel).await >= 4, "{duel:?} makes calls to be held after");
    }
}

#[tokio::test]
async fn a_customers_deletion_leaves_nothing_whatever_comes_in_between() {
    all(&[Duel::SignInAndErase, Duel::ProofAndErase, Duel::CreateAndErase]).await;
}

#[tokio::test]
async fn the_end_of_a_connection_is_its_end_whatever_comes_in_between() {
    all(&[Duel::CreateAndDisconnect, Duel::VerifyAndDisconnect, Duel::SweepAndDisconnect]).await;
}

#[tokio::test]
async fn sign_ins_and_approvals_that_meet_come_to_one_end() {
    all(&[Duel::SignInTwice, Duel::SignInAndDisconnect, Duel::SignInAndSwitchOff, Duel::ProofAndWithdraw])
        .await;
}

#[tokio::test]
async fn requests_that_meet_have_their_effect_once() {
    all(&[Duel::CreateTwice, Duel::CreateAndSweep, Duel::MoveAndCancel]).await;
}
