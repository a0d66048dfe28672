//! Everything before the step.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use shared::domain::connection::{Connection, Errand};
use shared::store::{Shard, Versioned};

use super::{Cast, Journey, Scene, Step};
use crate::exactly_once::{KEY, Story};
use crate::world::{Person, World, minutes};

/// Every function that keeps customers' keys in memory.
const FUNCTIONS: [&str; 5] = ["oauth-callback", "interviews", "connections", "token-refresh", "follow-ups"];

/// What is due is due at a whole second, rounded up.
const TO_THE_SECOND: SignedDuration = SignedDuration::from_secs(1);

impl World {
    /// The canary of a customer, sound as it is, is not asked about any more: only what a case is about is due.
    pub(crate) async fn hush(&self, customer: &str) {
        let (customer, connections) =
            (customer.parse().expect("an id"), &self.app("connections").store.connections);
        let page = connections.list(&customer, 1000, None).await.expect("the store answers");
        let idle = |read: &&Versioned<Connection>| matches!(read.value.errand, Some((Errand::Canary, _)));
        for read in page.items.iter().filter(idle) {
            let mut next = read.value.clone();
            next.errand = Some((Errand::Canary, self.now() + minutes(400 * 24 * 60)));
            connections.save_if_unchanged(read, &next).await.expect("nobody else saves");
        }
    }

    /// Person number `n`, whom nobody has seen before, as a user of this customer; an administrator of a company of
    /// his own, a recruiter like others at Ana's.
    pub(crate) async fn newcomer(&self, n: usize, customer: &str, domain: &str) -> Person<'_> {
        let email = format!("p{n:03}@{domain}");
        self.microsoft().add_user(&email, "Pat");
        let scope =
            if customer == "acme" { "connections interviews" } else { "connections interviews admin" };
        let claims = json!({
            "sub": format!("p{n:03}"), "customer_id": customer, "email": email, "name": "Pat", "scope": scope,
        });
        self.person_with(claims).await
    }

    /// The same, connected some time ago.
    pub(crate) async fn member(&self, n: usize, customer: &str) -> Person<'_> {
        let who = self.newcomer(n, customer, "contoso.com").await;
        self.connected(customer, std::slice::from_ref(&who.email), false).await;
        who
    }

    /// Nobody has the customer's key in memory.
    pub(crate) fn forget_keys(&self, customer: &str) {
        for function in FUNCTIONS {
            self.app(function).vault.forget(&customer.parse().expect("an id"));
        }
    }
}

impl Person<'_> {
    /// The stored access token is over.
    pub(crate) async fn expire(&self) {
        let read = self.world.stored(&self.customer, &self.user).await;
        let mut expired = read.value.clone();
        expired.usable_until = Some(self.world.now());
        let connections = &self.world.app("connections").store.connections;
        connections.save_if_unchanged(&read, &expired).await.expect("nobody else saves");
    }
}

impl Journey {
    /// Goes as far as the step, with person number `n`.
    pub(crate) async fn prepare<'w>(self, world: &'w World, n: usize, case: &str) -> Scene<'w> {
        let own = format!("c{n:03}");
        let (who, step, cast) = match self {
            Self::Approving(step) => step.prepare(world, n, &own).await,
            Self::Connect
            | Self::FirstConnection
            | Self::PinnedConnection
            | Self::Reconnection
            | Self::Approval => self.prepare_browser(world, n, &own).await,
            Self::Sweep
            | Self::FirstLook
            | Self::Confirmation
            | Self::FalseAlarm
            | Self::Election
            | Self::Finishing => self.prepare_tick(world, n, &own).await,
            Self::Session
            | Self::Verify
            | Self::Disconnect
            | Self::SwitchOff
            | Self::Deletion
            | Self::CreateAtExpiry
            | Self::Interview(_) => self.prepare_request(world, n, &own).await,
        };
        world.forget_keys(&who.customer);
        let mails = world.mails().len();
        Scene {
            world,
            silence: SignedDuration::ZERO,
            journey: self,
            case: case.to_owned(),
            who,
            step,
            cast,
            begun: world.now(),
            mails,
        }
    }

    async fn prepare_browser<'w>(
        self,
        world: &'w World,
        n: usize,
        own: &str,
    ) -> (Person<'w>, Step, Cast<'w>) {
        let who = match self {
            Self::FirstConnection | Self::Approval => {
                world.newcomer(n, own, &format!("d{n:03}.example")).await
            }
            Self::Reconnection => world.member(n, "acme").await,
            Self::PinnedConnection => {
                let who = world.newcomer(n, own, "contoso.com").await;
                let pin = json!({ "tenant_id": world.microsoft().tenant_id("contoso.com") });
                assert_eq!(who.patch("/v1/customer", pin).await.status, 200);
                who
            }
            _ => world.newcomer(n, "acme", "contoso.com").await,
        };
        if self == Self::Connect {
            let browser = crate::world::Browser::new(world);
            let link = who.connect_link().await;
            return (who, Step::open(&browser, &link), Cast::Browser(browser, link));
        }
        let (browser, authorize) = who.begin().await;
        let answer = if self == Self::Approval { sim::Answer::Cancel } else { sim::Answer::Accept };
        let back = world.microsoft().sign_in(&authorize, &who.email, answer).expect("Microsoft sends back");
        (who, Step::open(&browser, &back), Cast::Browser(browser, back))
    }

    async fn prepare_request<'w>(
        self,
        world: &'w World,
        n: usize,
        own: &str,
    ) -> (Person<'w>, Step, Cast<'w>) {
        if self == Self::Session {
            let who = world.newcomer(n, own, "contoso.com").await;
            let body =
                json!({ "return_url": format!("{}/done", world.stack.url), "time_zone": "Europe/Paris" });
            let step = Step::ask(&who, Method::POST, "/v1/connect-sessions", Some(body));
            return (who, step, Cast::Alone);
        }
        let customer = if matches!(self, Self::Deletion | Self::SwitchOff) { own } else { "acme" };
        let who = world.member(n, customer).await;
        let story = match self {
            Self::Verify => {
                let step = Step::ask(&who, Method::POST, "/v1/connection/verify", Some(json!({})));
                return (who, step, Cast::Alone);
            }
            Self::Disconnect => {
                let step = Step::ask(&who, Method::DELETE, "/v1/connection", None);
                return (who, step, Cast::Alone);
            }
            Self::SwitchOff => {
                let step = Step::ask(&who, Method::PATCH, "/v1/customer", Some(json!({ "enabled": false })));
                return (who, step, Cast::Alone);
            }
            Self::Deletion => {
                assert_eq!(who.schedule("key-before-the-end").await.status, 201);
                let step = Step::ask(&who, Method::DELETE, "/v1/customer", None);
                return (who, step, Cast::Alone);
            }
            Self::Interview(story) => story,
            _ => Story::Create,
        };
        let ready = story.prepare(&who).await;
        if self == Self::CreateAtExpiry {
            who.expire().await;
        }
        let step =
            Step::ask_as(&who, ready.method.clone(), &ready.path, (Some(ready.body.clone()), Some(KEY)));
        (who, step, Cast::Request(story, ready))
    }

    async fn prepare_tick<'w>(self, world: &'w World, n: usize, own: &str) -> (Person<'w>, Step, Cast<'w>) {
        let follow_ups = Step::Tick("follow-ups");
        match self {
            Self::Sweep => {
                let who = world.member(n, "acme").await;
                let connections = &world.app("connections").store.connections;
                let (customer, user) = ("acme".parse().expect("an id"), who.user.parse().expect("an id"));
                connections.mark_used(&customer, &user, world.now()).await.expect("the store answers");
                // On a standing clock the sweep before would look like this one.
                world.pass_time(TO_THE_SECOND);
                let shard = Shard::of(&"acme".parse().expect("an id"));
                let shards = &world.app("follow-ups").store.shards;
                shards.make_due_now(shard, world.now()).await.expect("the store answers");
                (who, Step::Tick("token-refresh"), Cast::Alone)
            }
            Self::FirstLook => {
                let who = world.newcomer(n, own, "contoso.com").await;
                assert_eq!(who.connect().await, "connected");
                world.pass_time(minutes(1) + TO_THE_SECOND);
                (who, follow_ups, Cast::Alone)
            }
            Self::Election => {
                let who = world.newcomer(n, own, "contoso.com").await;
                assert_eq!(who.connect().await, "connected");
                world.pass_time(minutes(1) + TO_THE_SECOND);
                world.tick("follow-ups").await;
                let other = world.member(n + 500, own).await;
                assert_eq!(who.delete("/v1/connection").await.status, 204);
                (who, follow_ups, Cast::With(other))
            }
            Self::Finishing => {
                let who = world.member(n, "acme").await;
                let ready = Story::Create.prepare(&who).await;
                world.fault(json!({ "service": "graph", "when": "after", "kind": "reset", "times": 0 }));
                assert_eq!(ready.send(&who).await.status, 202);
                world.switch("clear-faults", json!({}));
                world.pass_time(minutes(1));
                (who, follow_ups, Cast::Request(Story::Create, ready))
            }
            _ => {
                let who = world.member(n, "acme").await;
                if self == Self::Confirmation {
                    world.switch("revoke-sessions", json!({ "user": who.email }));
                } else {
                    world.switch("refresh-answer", json!({ "user": who.email, "code": 50173 }));
                }
                let doubted = who.post("/v1/connection/verify", json!({})).await;
                assert_eq!((doubted.status, doubted.str("/status")), (200, "checking"), "{}", doubted.text);
                world.switch("refresh-answer", json!({ "user": who.email }));
                world.pass_time(minutes(6) + TO_THE_SECOND);
                (who, follow_ups, Cast::Alone)
            }
        }
    }
}
