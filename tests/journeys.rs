//! What the product does, each journey up to the one step at which something may go wrong, and on from there as the
//! people and the schedule would go on. Crashes and faults are placed in the step; what must hold at the end is the
//! same for all.

mod approving;
mod ends;
mod hold;
mod prepare;
mod step;

use jiff::{SignedDuration, Timestamp};

use crate::exactly_once::{Ready, Story};
use crate::world::{Answer, Browser, Person, World};

pub(crate) use approving::Approving;
pub(crate) use hold::{at_rest, hold, lives, nothing_left, serves, sound};
pub(crate) use step::{Came, Step};

/// A journey, named after the step that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Journey {
    /// A connect link is opened.
    Connect,
    /// The callback of a customer's first connection, in a new container, tenant not pinned.
    FirstConnection,
    /// The callback of a further user of a pinned customer.
    PinnedConnection,
    /// The callback of a user who is connected already.
    Reconnection,
    /// The callback of a person who had to ask for approval.
    Approval,
    /// `POST /v1/connect-sessions`.
    Session,
    /// One step from the request to an administrator to the proof that he approved.
    Approving(Approving),
    /// `POST /v1/connection/verify`.
    Verify,
    /// `DELETE /v1/connection`.
    Disconnect,
    /// `PATCH /v1/customer`.
    SwitchOff,
    /// `DELETE /v1/customer`.
    Deletion,
    /// A tick of token-refresh with a due shard.
    Sweep,
    /// A tick of follow-ups: the first look at a new connection.
    FirstLook,
    /// A tick of follow-ups: a suspect whose access is really gone.
    Confirmation,
    /// A tick of follow-ups: a suspect for whom Entra answers again.
    FalseAlarm,
    /// A tick of follow-ups: the canary is gone.
    Election,
    /// A tick of follow-ups: a claim whose holder got no answer.
    Finishing,
    /// An interview is made, with a token that must be redeemed first.
    CreateAtExpiry,
    /// A request of the API that writes to a calendar.
    Interview(Story),
}

/// A journey that has come to its step.
pub(crate) struct Scene<'w> {
    pub(crate) world: &'w World,
    pub(crate) journey: Journey,
    /// Said by every failure.
    pub(crate) case: String,
    /// The person it is about.
    pub(crate) who: Person<'w>,
    /// What must happen now.
    pub(crate) step: Step,
    /// Microsoft asked to be left alone for so long: until then nothing can be found out.
    pub(crate) silence: SignedDuration,
    cast: Cast<'w>,
    begun: Timestamp,
    mails: usize,
}

/// Who and what else belongs to it.
enum Cast<'w> {
    Alone,
    /// The browser, and the address it opens.
    Browser(Browser<'w>, String),
    /// Another user of the same customer.
    With(Person<'w>),
    Request(Story, Ready),
    /// The administrator's browser, the address it opens, and the request that was made.
    Approval(Browser<'w>, String, Answer),
}

impl Journey {
    pub(crate) const ALL: [Self; 26] = [
        Self::Connect,
        Self::FirstConnection,
        Self::PinnedConnection,
        Self::Reconnection,
        Self::Approval,
        Self::Session,
        Self::Approving(Approving::Ask),
        Self::Approving(Approving::Open),
        Self::Approving(Approving::Report),
        Self::Approving(Approving::Proof),
        Self::Approving(Approving::Withdraw),
        Self::Verify,
        Self::Disconnect,
        Self::SwitchOff,
        Self::Deletion,
        Self::Sweep,
        Self::FirstLook,
        Self::Confirmation,
        Self::FalseAlarm,
        Self::Election,
        Self::Finishing,
        Self::CreateAtExpiry,
        Self::Interview(Story::Create),
        Self::Interview(Story::Reschedule),
        Self::Interview(Story::Cancel),
        Self::Interview(Story::PatchPeople),
    ];

    /// So many cases share a world. A new container has nothing in memory, so each of its cases needs its own.
    pub(crate) fn cases_per_world(self) -> usize {
        if self == Self::FirstConnection { 1 } else { 16 }
    }

    /// A world in which the journey can be made many times. What a container keeps in memory is there by then, but
    /// for the journey that is about a new one.
    pub(crate) async fn world(self) -> World {
        let world = World::start().await;
        world.microsoft().options(|options| options.forget_transactions = true);
        if self.cases_per_world() > 1 {
            world.ana().await;
            world.hush("acme").await;
            self.whole(&world, 0).await;
        }
        world
    }

    /// The whole journey without any trouble.
    async fn whole(self, world: &World, n: usize) {
        let scene = self.prepare(world, n, "nothing goes wrong").await;
        let came = scene.step.start(world).await;
        scene.ends(Some(&came), true).await;
    }
}
