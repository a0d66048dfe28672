//! Holding a room, and asking the next one, die after every call that they make, in the request and in the ticks that
//! go on with it. Each person is mailed once all the same, and each room is asked once.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{ANA, ROOM7, ROOM8, answers, attendees, create, once, path_of, post, shows, with_rooms};
use crate::crash::dies_after;
use crate::exactly_once::{quiesce, unsettled};
use crate::world::{Answer, Person, World, minutes};

const KEY: &str = "key-of-one-request";

/// How it is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// The room that is held says yes.
    Held,
    /// The first room says no to the hold, the second one yes.
    HeldNext,
    /// Both say no to the hold.
    HeldInVain,
    /// People are invited at once; the first room says no, the second one yes.
    Next,
    /// An interview with a room goes to the scheduler calendar.
    Scheduler,
    /// The scheduling user organises.
    Organized,
}

impl Story {
    fn body(self) -> Value {
        match self {
            Self::Held | Self::HeldNext | Self::HeldInVain => {
                with_rooms(&[ROOM7, ROOM8], json!({ "hold_room": true }))
            }
            Self::Next => with_rooms(&[ROOM7, ROOM8], json!({})),
            Self::Scheduler => with_rooms(&[ROOM7], json!({})),
            Self::Organized => with_rooms(&[], json!({ "organize_as": "scheduling_user" })),
        }
    }

    /// Everything that was there before.
    async fn prepare(self, world: &World) -> Person<'_> {
        world.microsoft().options(|options| options.forget_transactions = true);
        if self == Self::Organized {
            let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
            assert_eq!(ben.connect().await, "connected");
        }
        let ana = world.ana().await;
        let settings = match self {
            Self::Scheduler => json!({ "calendar": "scheduler" }),
            Self::Organized => {
                json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-ana"] } })
            }
            _ => json!({}),
        };
        assert_eq!(ana.patch("/v1/customer", settings).await.status, 200);
        if matches!(self, Self::HeldNext | Self::HeldInVain | Self::Next) {
            answers(world, ROOM7, "declined");
        }
        if self == Self::HeldInVain {
            answers(world, ROOM8, "declined");
        }
        world.journal().clear();
        ana
    }

    fn mails(self) -> Vec<&'static str> {
        match self {
            Self::Held | Self::Scheduler => vec!["invites room7", "invites dana", "invites carl"],
            Self::HeldNext | Self::Next => {
                vec!["invites room7", "cancels room7", "invites room8", "invites dana", "invites carl"]
            }
            Self::HeldInVain => vec!["invites room7", "cancels room7", "invites room8", "cancels room8"],
            Self::Organized => vec!["invites dana", "invites carl", "invites ana"],
        }
    }

    fn end(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Held => ("scheduled", ROOM7, "accepted", ""),
            Self::HeldNext => ("scheduled", ROOM8, "accepted", ""),
            Self::HeldInVain => ("failed", ROOM8, "declined", "room-declined"),
            Self::Next => ("scheduled", ROOM8, "accepted", "room-changed"),
            Self::Scheduler => ("scheduled", ROOM7, "unknown", ""),
            Self::Organized => ("scheduled", "", "", ""),
        }
    }

    /// What must hold once everything is at rest.
    async fn ends(self, world: &World, ana: &Person<'_>, case: &str) {
        assert_eq!(unsettled(world), Vec::<String>::new(), "{case}");
        let list = ana.get("/v1/interviews").await;
        let all = list.json["data"].as_array().expect("a list");
        if all.is_empty() {
            // It died before its claim was stored: nothing has happened.
            assert!(world.mails().is_empty() && world.meetings(ANA).is_empty(), "{case}");
            let again = create(ana, KEY, &self.body()).await;
            assert!(matches!(again.status, 201 | 202), "{case}: {}", again.text);
            quiesce(world).await;
        }
        let id = ana.get("/v1/interviews").await.str("/data/0/id").to_owned();
        let read = ana.get(&format!("/v1/interviews/{id}")).await;
        assert_eq!(shows(&read), self.end(), "{case}: {}", read.text);
        assert_eq!(post(world), once(&self.mails()), "{case}");
        let organizer = if self == Self::Organized { "ben@contoso.com" } else { ANA };
        let events = world.meetings(organizer);
        assert_eq!(events.len(), usize::from(self != Self::HeldInVain), "{case}: {events:#?}");
        for event in &events {
            let wanted = 2 + usize::from(self == Self::Organized || !read.str("/room/email").is_empty());
            assert_eq!(attendees(event).len(), wanted, "{case}: {event:#?}");
        }
        // The same request again: as it ended, and nothing more.
        let last = create(ana, KEY, &self.body()).await;
        let expected = if self == Self::HeldInVain { 409 } else { 201 };
        assert_eq!(
            (last.status, last.header("idempotent-replayed")),
            (expected, Some("true")),
            "{case}: {last:?}"
        );
        assert_eq!(post(world), once(&self.mails()), "{case}");
    }
}

/// A request or a tick, one after another, until nothing is open; the `n`-th call of all is the last one of its run.
async fn run(world: &World, story: Story, ana: &Person<'_>) {
    let request = local::http::Request::builder()
        .method("POST")
        .uri(format!("{}/v1/interviews", world.stack.url))
        .header("authorization", format!("Bearer {}", ana.token))
        .header("content-type", "application/json")
        .header("idempotency-key", KEY)
        .body(story.body().to_string().into_bytes());
    let answer = Answer::of(&world.stack.ask(request.expect("a request")).await);
    path_of(&answer);
    let mut functions = local::scheduled_functions().into_iter();
    let follow_ups = functions.find(|function| function.name == "follow-ups").expect("it is scheduled");
    for _ in 0..3 {
        world.pass_time(minutes(1));
        let app = Arc::clone(world.app("follow-ups"));
        follow_ups.run(&app, None).await;
    }
}

/// The calls of a whole run after which it is to die. A look at what is due changes nothing: to die after one of its
/// queries is to die after the call before.
async fn calls(story: Story) -> Vec<u64> {
    let world = World::start().await;
    let ana = story.prepare(&world).await;
    run(&world, story, &ana).await;
    let numbered = (1..).zip(world.journal().since(0));
    numbered.filter(|(_, call)| call.operation != "Query").map(|(n, _)| n).collect()
}

async fn at_every_call(story: Story) {
    let all = calls(story).await;
    assert!(all.len() >= 5, "{story:?} makes calls to die after: {all:?}");
    println!("{story:?}: {} crashes", all.len());
    for n in all {
        let case = format!("{story:?} dies after call {n}");
        let world = World::start().await;
        let ana = story.prepare(&world).await;
        let _ = dies_after(&world, n, run(&world, story, &ana)).await;
        quiesce(&world).await;
        story.ends(&world, &ana, &case).await;
    }
}

#[tokio::test]
async fn a_hold_that_dies_anywhere_is_finished() {
    at_every_call(Story::Held).await;
}

#[tokio::test]
async fn a_hold_whose_first_room_declines_dies_anywhere_and_is_finished() {
    at_every_call(Story::HeldNext).await;
}

#[tokio::test]
async fn a_hold_in_vain_that_dies_anywhere_frees_its_rooms() {
    at_every_call(Story::HeldInVain).await;
}

#[tokio::test]
async fn asking_the_next_room_may_die_anywhere() {
    at_every_call(Story::Next).await;
}

#[tokio::test]
async fn the_scheduler_calendar_and_the_scheduling_user_survive_a_death_anywhere() {
    at_every_call(Story::Scheduler).await;
    at_every_call(Story::Organized).await;
}
