//! A function may die at any point. Each story is run once for every call it makes: right after that call has taken
//! effect the function's future is dropped, as if its container had gone. Then either follow-ups are alone with what
//! it left, or the client comes back with the same key.

mod journeys;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::exactly_once::{Story, agree, quiesce};
use crate::world::{World, minutes};

/// Runs the work until its `n`-th call has taken effect, and drops it there. `None`: it died; else what it came to,
/// for it makes fewer calls.
pub(crate) async fn dies_after<T>(world: &World, n: u64, work: impl Future<Output = T>) -> Option<T> {
    let reached = reaches(world, n);
    let came = tokio::select! {
        biased;
        () = reached.notified() => None,
        came = work => Some(came),
    };
    world.journal().clear_hooks();
    came
}

/// Notified when the `n`-th call from now on has taken effect, before it is answered.
pub(crate) fn reaches(world: &World, n: u64) -> Arc<Notify> {
    let (calls, reached) = (AtomicU64::new(0), Arc::new(Notify::new()));
    world.journal().after_each(Arc::new({
        let reached = Arc::clone(&reached);
        move |_| {
            if calls.fetch_add(1, Ordering::SeqCst) + 1 == n {
                reached.notify_one();
            }
        }
    }));
    reached
}

/// Who goes on after the crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    FollowUps,
    TheClient,
}

/// One run; false if the story was over before its n-th call.
async fn crashed(story: Story, n: u64, next: Next) -> bool {
    let case = format!("{story:?} dies after call {n}, {next:?} goes on");
    let world = World::start().await;
    world.microsoft().options(|options| options.forget_transactions = true);
    let ana = world.ana().await;
    let ready = story.prepare(&ana).await;
    let mails = world.mails().len();
    let died = dies_after(&world, n, world.stack.ask(ready.request(&world, &ana))).await.is_none();
    if next == Next::TheClient && !story.is_patch() {
        world.pass_time(minutes(1));
        let again = ready.send(&ana).await;
        assert!(again.status < 500, "{case}: {again:?}");
    }
    quiesce(&world).await;
    agree(&world, &ana, story, mails, &case).await;
    died
}

async fn at_every_call(story: Story) {
    let mut runs = 0;
    for next in [Next::FollowUps, Next::TheClient] {
        for n in 1.. {
            if !crashed(story, n, next).await {
                break;
            }
            runs += 1;
        }
    }
    assert!(runs >= 6, "{story:?} makes calls to die after: {runs}");
    println!("{story:?}: {runs} crashes");
}

#[tokio::test]
async fn a_create_that_dies_anywhere_is_finished() {
    at_every_call(Story::Create).await;
    at_every_call(Story::CreateWithRoom).await;
}

#[tokio::test]
async fn a_move_or_a_cancellation_that_dies_anywhere_is_finished() {
    at_every_call(Story::Reschedule).await;
    at_every_call(Story::Cancel).await;
}

#[tokio::test]
async fn a_change_that_dies_anywhere_is_finished() {
    for story in Story::ALL.into_iter().filter(|story| story.is_patch()) {
        at_every_call(story).await;
    }
}
