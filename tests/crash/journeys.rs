//! The same for whatever is not a request about an interview: sign-ins, settings, the sweep, follow-ups.

use super::dies_after;
use crate::journeys::{Approving, Journey};

/// One run for every call of the journey's step.
async fn at_every_call(journey: Journey) {
    let mut runs = 0;
    'worlds: loop {
        let world = journey.world().await;
        for person in 1..=journey.cases_per_world() {
            let n = runs + 1;
            let case = format!("{journey:?} dies after call {n}");
            let scene = journey.prepare(&world, person, &case).await;
            let came = dies_after(&world, n, scene.step.start(&world)).await;
            scene.ends(came.as_ref(), came.is_some()).await;
            if came.is_some() {
                break 'worlds;
            }
            runs += 1;
        }
    }
    assert!(runs > 0, "{journey:?} makes calls to die after");
    println!("{journey:?}: {runs} crashes");
}

#[tokio::test]
async fn a_sign_in_that_dies_anywhere_is_begun_anew_or_finished() {
    for journey in [
        Journey::Session,
        Journey::Connect,
        Journey::FirstConnection,
        Journey::PinnedConnection,
        Journey::Reconnection,
        Journey::Approval,
    ] {
        at_every_call(journey).await;
    }
}

#[tokio::test]
async fn an_approval_that_dies_anywhere_is_taken_up_again() {
    for step in [Approving::Ask, Approving::Open, Approving::Report, Approving::Proof, Approving::Withdraw] {
        at_every_call(Journey::Approving(step)).await;
    }
}

#[tokio::test]
async fn a_management_call_that_dies_anywhere_can_be_repeated() {
    for journey in
        [Journey::Verify, Journey::Disconnect, Journey::SwitchOff, Journey::Deletion, Journey::CreateAtExpiry]
    {
        at_every_call(journey).await;
    }
}

#[tokio::test]
async fn a_tick_that_dies_anywhere_is_made_up_for_by_the_next() {
    for journey in [
        Journey::Sweep,
        Journey::FirstLook,
        Journey::Confirmation,
        Journey::FalseAlarm,
        Journey::Election,
        Journey::Finishing,
    ] {
        at_every_call(journey).await;
    }
}
