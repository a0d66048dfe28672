//! Two things that may be done to the same customer, user or interview at the same time, and what must be then.

use reqwest::Method;
use serde_json::{Value, json};
use shared::store::Shard;

use super::{about_to_return, at_one_with_outlook};
use crate::exactly_once::{Story, quiesce};
use crate::journeys::{Approving, Came, Step, at_rest, hold, lives, nothing_left, sound};
use crate::world::{Answer, Person, World, ending, minutes};

/// The first against the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duel {
    SignInAndErase,
    ProofAndErase,
    CreateAndErase,
    CreateAndDisconnect,
    VerifyAndDisconnect,
    SweepAndDisconnect,
    SignInTwice,
    SignInAndDisconnect,
    SignInAndSwitchOff,
    ProofAndWithdraw,
    CreateTwice,
    CreateAndSweep,
    MoveAndCancel,
}

/// The two, ready to begin.
pub(super) struct Stage<'w> {
    world: &'w World,
    who: Person<'w>,
    pub(super) steps: [Step; 2],
    /// The request to an administrator that it is about.
    approval: String,
}

fn create(who: &Person<'_>) -> Step {
    let body = Some(crate::world::interview());
    Step::ask_as(who, Method::POST, "/v1/interviews", (body, Some("key-of-a-duel")))
}

fn disconnect(who: &Person<'_>) -> Step {
    Step::ask(who, Method::DELETE, "/v1/connection", None)
}

fn erase(who: &Person<'_>) -> Step {
    Step::ask(who, Method::DELETE, "/v1/customer", None)
}

async fn sign_in(who: &Person<'_>) -> Step {
    let (browser, back) = about_to_return(who).await;
    Step::open(&browser, &back)
}

/// The shard of this customer is due.
async fn sweep(world: &World, who: &Person<'_>) -> Step {
    let shard = Shard::of(&who.customer.parse().expect("an id"));
    let shards = &world.app("follow-ups").store.shards;
    shards.ensure(shard, world.now()).await.expect("the store answers");
    shards.make_due_now(shard, world.now()).await.expect("the store answers");
    Step::Tick("token-refresh")
}

impl Duel {
    /// Case number `n`: a customer of its own with one user.
    pub(super) async fn prepare(self, world: &World, n: usize) -> Stage<'_> {
        let own = format!("r{n:03}");
        let who = match self {
            Self::SignInAndErase | Self::SignInAndSwitchOff | Self::SignInTwice => {
                world.newcomer(n, &own, "contoso.com").await
            }
            Self::ProofAndErase | Self::ProofAndWithdraw => {
                let (who, proof, asked) = Approving::Proof.prepared(world, n, &own).await;
                let id = asked.str("/id").to_owned();
                let other = if self == Self::ProofAndErase {
                    erase(&who)
                } else {
                    let path = format!("/v1/approvals/{id}/withdraw");
                    Step::ask(&who, Method::POST, &path, Some(json!({})))
                };
                return Stage { world, who, steps: [proof, other], approval: id };
            }
            _ => world.member(n, &own).await,
        };
        let steps = match self {
            Self::SignInAndErase => [sign_in(&who).await, erase(&who)],
            Self::CreateAndErase => [create(&who), erase(&who)],
            Self::CreateAndDisconnect => [create(&who), disconnect(&who)],
            Self::VerifyAndDisconnect => {
                [Step::ask(&who, Method::POST, "/v1/connection/verify", Some(json!({}))), disconnect(&who)]
            }
            Self::SweepAndDisconnect => [sweep(world, &who).await, disconnect(&who)],
            Self::SignInTwice => [sign_in(&who).await, sign_in(&who).await],
            Self::SignInAndDisconnect => [sign_in(&who).await, disconnect(&who)],
            Self::SignInAndSwitchOff => {
                let off = Some(json!({ "enabled": false }));
                [sign_in(&who).await, Step::ask(&who, Method::PATCH, "/v1/customer", off)]
            }
            Self::CreateTwice => [create(&who), create(&who)],
            Self::CreateAndSweep => {
                who.expire().await;
                [create(&who), sweep(world, &who).await]
            }
            Self::MoveAndCancel => {
                let moved = Story::Reschedule.prepare(&who).await;
                let path = moved.path.replace("/reschedule", "/cancel");
                let asked = |path: &str, body: Value, key| {
                    Step::ask_as(&who, Method::POST, path, (Some(body), Some(key)))
                };
                [asked(&moved.path, moved.body, "key-of-the-move"), asked(&path, json!({}), "key-of-the-end")]
            }
            Self::ProofAndErase | Self::ProofAndWithdraw => unreachable!("made above"),
        };
        Stage { world, who, steps, approval: String::new() }
    }
}

/// The answer of a request; a tick has none.
fn answer(came: &Came) -> Option<&Answer> {
    match came {
        Came::Answer(answer) => Some(answer),
        Came::Report(_) => None,
    }
}

impl Stage<'_> {
    /// What must be, whoever was in between.
    pub(super) async fn ends(&self, duel: Duel, came: &[Came; 2], case: &str) {
        let (world, who) = (self.world, &self.who);
        for one in came {
            match one {
                Came::Answer(answer) => sound(answer, false, case),
                Came::Report(report) => assert!(report["panicked"].is_null(), "{case}"),
            }
        }
        let [first, second] = came.each_ref().map(answer);
        let status = second.map_or(0, |answer| answer.status);
        match duel {
            Duel::SignInAndErase | Duel::ProofAndErase | Duel::CreateAndErase => {
                assert_eq!(status, 202, "{case}: {second:?}");
                self.erased(case).await;
            }
            Duel::CreateAndDisconnect | Duel::VerifyAndDisconnect | Duel::SweepAndDisconnect => {
                assert_eq!(status, 204, "{case}: {second:?}");
                self.disconnected(first.filter(|_| duel == Duel::CreateAndDisconnect), case).await;
            }
            Duel::SignInTwice => {
                let ends = came.each_ref().map(|came| answer(came).map(ending).expect("an answer"));
                assert!(ends.iter().all(|end| end == "connected"), "{case}: {ends:?}");
                let stored = world.stored(&who.customer, &who.user).await.value;
                assert_eq!(stored.generation, 2, "{case}: one came after the other");
                at_rest(world, case).await;
                lives(who, case).await;
            }
            Duel::SignInAndDisconnect => {
                assert_eq!(status, 204, "{case}: {second:?}");
                at_rest(world, case).await;
                match who.status().await.as_str() {
                    "connected" => lives(who, case).await,
                    "disconnected" => self.disconnected(None, case).await,
                    other => panic!("{case}: {other}"),
                }
            }
            Duel::SignInAndSwitchOff => {
                let end = ending(first.expect("an answer"));
                assert!(
                    ["connected", "failed: integration-disabled"].contains(&end.as_str()),
                    "{case}: {end}"
                );
                assert_eq!((status, who.schedule("key-while-it-is-off").await.status), (200, 403), "{case}");
                let on = who.patch("/v1/customer", json!({ "enabled": true })).await;
                assert_eq!(on.status, 200, "{case}: {}", on.text);
                assert_eq!(who.status().await == "connected", end == "connected", "{case}: {end}");
            }
            Duel::ProofAndWithdraw => self.decided(second.expect("an answer"), case).await,
            Duel::CreateTwice => self.made_once(came, case).await,
            Duel::CreateAndSweep => {
                assert_eq!(first.map(|answer| answer.status), Some(201), "{case}: {first:?}");
                at_rest(world, case).await;
                assert_eq!(world.meetings(&who.email).len(), 1, "{case}");
                lives(who, case).await;
            }
            Duel::MoveAndCancel => {
                at_rest(world, case).await;
                let read = who.get("/v1/interviews").await;
                assert_eq!(read.str("/data/0/status"), "cancelled", "{case}: {}", read.text);
                assert_eq!(world.meetings(&who.email), Vec::<Value>::new(), "{case}");
            }
        }
        hold(world, &who.customer, case).await;
        world.hush(&who.customer).await;
    }

    async fn erased(&self, case: &str) {
        let (world, who) = (self.world, &self.who);
        assert_eq!(who.status().await, "not_connected", "{case}: nothing is served");
        quiesce(world).await;
        nothing_left(world, &who.customer, case);
        assert_eq!(who.patch("/v1/customer", json!({ "enabled": true })).await.status, 200, "{case}");
        assert_eq!(who.connect().await, "connected", "{case}: it can begin anew");
        world.pass_time(minutes(1));
        at_rest(world, case).await;
        lives(who, case).await;
    }

    /// `made`: what a create came to beside it.
    async fn disconnected(&self, made: Option<&Answer>, case: &str) {
        let (world, who) = (self.world, &self.who);
        let stored = world.stored(&who.customer, &who.user).await.value;
        assert!(stored.tokens.is_none() && who.status().await == "disconnected", "{case}");
        if let Some(made) = made {
            at_one_with_outlook(world, who, case, made).await;
        }
        at_rest(world, case).await;
        let before = (world.journal().last(), world.microsoft().redemptions().len());
        assert_eq!(who.schedule("key-after-the-end").await.problem(), (409, "not-connected"), "{case}");
        assert_eq!(world.graph_since(before.0), Vec::<String>::new(), "{case}");
        assert_eq!(world.microsoft().redemptions().len(), before.1, "{case}");
    }

    /// Whatever whoever took it back was told is what it stays.
    async fn decided(&self, told: &Answer, case: &str) {
        let end = told.str("/state");
        assert!(["withdrawn", "granted"].contains(&end), "{case}: {}", told.text);
        let read = self.who.get(&format!("/v1/approvals/{}", self.approval)).await;
        assert_eq!(read.str("/state"), end, "{case}: {}", read.text);
    }

    async fn made_once(&self, came: &[Came; 2], case: &str) {
        let (world, who) = (self.world, &self.who);
        at_rest(world, case).await;
        let last = who.schedule("key-of-a-duel").await;
        assert_eq!((last.status, world.meetings(&who.email).len()), (201, 1), "{case}: {}", last.text);
        for answer in came.iter().filter_map(answer) {
            match answer.status {
                201 => assert_eq!(answer.text, last.text, "{case}"),
                _ => assert_eq!(answer.problem(), (409, "idempotency-key-in-progress"), "{case}"),
            }
        }
    }
}
