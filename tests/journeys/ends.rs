//! On from the step: the browser loads again, the client repeats, the next tick comes; and what must be then.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::domain::connection::{Connection, Status};
use shared::store::Shard;

use super::{Came, Cast, Journey, Scene, at_rest, hold, lives, nothing_left, serves, sound};
use crate::exactly_once::agree;
use crate::world::{Answer, Person, ending, minutes};

/// From the end of access to the end of the tokens.
const PROMISE: SignedDuration = minutes(55);

impl<'w> Scene<'w> {
    /// Nothing goes wrong any more. `came`: what the step came to, unless it crashed. `calm`: nothing went wrong.
    pub(crate) async fn ends(mut self, came: Option<&Came>, calm: bool) {
        self.world.microsoft().faults().clear();
        self.who = self.fresh(&self.who);
        match self.journey {
            Journey::Connect => self.connect().await,
            Journey::FirstConnection | Journey::PinnedConnection | Journey::Reconnection => {
                self.callback(came, calm).await;
            }
            Journey::Approval => self.approval(calm).await,
            Journey::Session => self.session(came).await,
            Journey::Approving(step) => self.approving(step, came, calm).await,
            Journey::Verify => {
                at_rest(self.world, &self.case).await;
                lives(&self.who, &self.case).await;
            }
            Journey::Disconnect => self.disconnect().await,
            Journey::SwitchOff => self.switch_off().await,
            Journey::Deletion => self.deletion().await,
            Journey::Sweep => self.sweep().await,
            Journey::FirstLook => self.first_look(calm).await,
            Journey::Confirmation => self.confirmation().await,
            Journey::FalseAlarm => {
                at_rest(self.world, &self.case).await;
                assert_eq!(self.who.status().await, "connected", "{}: a live grant", self.case);
                lives(&self.who, &self.case).await;
            }
            Journey::Election => self.election().await,
            Journey::Finishing | Journey::CreateAtExpiry | Journey::Interview(_) => {
                self.interview(came).await;
            }
        }
        hold(self.world, &self.who.customer, &self.case).await;
        self.world.hush(&self.who.customer).await;
    }

    /// The person with a new token of the ATS: they live an hour.
    fn fresh(&self, who: &Person<'w>) -> Person<'w> {
        let scope =
            if who.customer == "acme" { "connections interviews" } else { "connections interviews admin" };
        let claims = json!({
            "sub": who.user, "customer_id": who.customer, "email": who.email, "name": "Pat", "scope": scope,
        });
        Person { token: self.world.bare_token(&claims), ..who.clone() }
    }

    async fn stored(&self, who: &Person<'_>) -> Connection {
        self.world.stored(&who.customer, &who.user).await.value
    }

    async fn connect(&self) {
        let Cast::Browser(browser, link) = &self.cast else { panic!("a browser") };
        let back = browser.sign_in(link, &self.who.email, sim::Answer::Accept).await;
        assert_eq!(ending(&back), "connected", "{}", self.case);
        at_rest(self.world, &self.case).await;
        lives(&self.who, &self.case).await;
    }

    /// The same way back again, as a page that waits does by itself.
    async fn back(&self) -> Answer {
        let Cast::Browser(browser, url) = &self.cast else { panic!("a browser") };
        let cookies = browser.cookies();
        let (mut at, mut answer) = (url.clone(), browser.open(url).await);
        // First the page that waits, then, where a consent is not known everywhere yet, Microsoft's silent page.
        for _ in 0..2 {
            if answer.status == 302 {
                let silent = answer.header("location").expect("to Microsoft");
                let back = self.world.microsoft().sign_in(silent, &self.who.email, sim::Answer::Accept);
                at = back.expect("it comes straight back");
            } else if answer.status == 200 {
                self.world.pass_time(SignedDuration::from_secs(30));
            } else {
                break;
            }
            answer = browser.open(&at).await;
        }
        sound(&answer, true, &self.case);
        browser.set_cookies(cookies);
        answer
    }

    async fn callback(&self, came: Option<&Came>, calm: bool) {
        let case = &self.case;
        let back = self.back().await;
        let end = ending(&back);
        if let Some(Came::Answer(first)) = came
            && first.status == 303
        {
            assert!(!calm || ending(first) == "connected", "{case}: {first:?}");
            assert!(ending(first) != "connected" || end == "connected", "{case}: {first:?}, then {end}");
        }
        let status = self.who.status().await;
        if self.journey == Journey::Reconnection {
            assert_eq!(status, "connected", "{case}: what was there before stays; {end}");
            lives(&self.who, case).await;
        } else {
            assert_eq!(status == "connected", end == "connected", "{case}: {end}, but {status}");
        }
        if end != "connected" {
            assert_eq!(self.who.connect().await, "connected", "{case}: a new link works");
        }
        at_rest(self.world, case).await;
        lives(&self.who, case).await;
        if calm || came.is_none() {
            serves(&self.who, case).await;
        }
    }

    async fn approval(&self, calm: bool) {
        let end = ending(&self.back().await);
        let status = self.who.status().await;
        assert!(["pending_approval", "not_connected"].contains(&status.as_str()), "{}: {status}", self.case);
        assert!(!calm || (end == "pending_approval" && end == status), "{}: {end}, {status}", self.case);
        assert_eq!(self.who.connect().await, "connected", "{}: approved", self.case);
        at_rest(self.world, &self.case).await;
        lives(&self.who, &self.case).await;
    }

    /// Its end was recorded: nothing of it goes to Graph or Entra any more.
    async fn unserved(&self) {
        let case = &self.case;
        assert!(self.stored(&self.who).await.tokens.is_none(), "{case}: the tokens are gone");
        let (before, redeemed) = (self.world.journal().last(), self.world.microsoft().redemptions().len());
        let refused = self.who.schedule("key-after-the-end").await;
        assert!(refused.status == 409 && !refused.str("/code").is_empty(), "{case}: {}", refused.text);
        assert_eq!(self.world.graph_since(before), Vec::<String>::new(), "{case}");
        assert_eq!(self.world.microsoft().redemptions().len(), redeemed, "{case}");
    }

    async fn disconnect(&self) {
        assert_eq!(self.who.delete("/v1/connection").await.status, 204, "{}", self.case);
        assert_eq!(self.who.status().await, "disconnected", "{}", self.case);
        at_rest(self.world, &self.case).await;
        self.unserved().await;
        assert_eq!(self.who.connect().await, "connected", "{}", self.case);
        at_rest(self.world, &self.case).await;
        lives(&self.who, &self.case).await;
    }

    async fn switch_off(&self) {
        let case = &self.case;
        let off = self.who.patch("/v1/customer", json!({ "enabled": false })).await;
        assert_eq!((off.status, &off.json["enabled"]), (200, &json!(false)), "{case}");
        let refused = self.who.schedule("key-while-it-is-off").await;
        assert_eq!(refused.problem(), (403, "integration-disabled"), "{case}");
        assert_eq!(self.who.patch("/v1/customer", json!({ "enabled": true })).await.status, 200, "{case}");
        lives(&self.who, case).await;
    }

    async fn deletion(&self) {
        let case = &self.case;
        let receipt = self.who.delete("/v1/customer").await;
        assert_eq!((receipt.status, &receipt.json["keys_destroyed"]), (202, &json!(true)), "{case}");
        assert_eq!(self.who.status().await, "not_connected", "{case}");
        at_rest(self.world, case).await;
        nothing_left(self.world, &self.who.customer, case);
        assert_eq!(self.who.patch("/v1/customer", json!({ "enabled": true })).await.status, 200, "{case}");
        assert_eq!(self.who.connect().await, "connected", "{case}: it can begin anew");
        at_rest(self.world, case).await;
        lives(&self.who, case).await;
    }

    async fn sweep(&self) {
        let (case, world) = (&self.case, self.world);
        let shard = Shard::of(&"acme".parse().expect("an id"));
        let shards = &world.app("follow-ups").store.shards;
        for _ in 0..6 {
            let board = shards.all().await.expect("the store answers");
            let row = board.rows.into_iter().find(|row| row.shard == shard).expect("it is on the board");
            if row.verified_at.is_some_and(|at| at >= self.begun) {
                at_rest(world, case).await;
                // A tenant that asked for silence is asked again in the usual round after it.
                let late = if self.silence.is_zero() { minutes(10) } else { self.silence + PROMISE };
                assert!(world.now().duration_since(self.begun) < late, "{case}: it was repaired late");
                for connection in world.all_stored("acme").await.into_values() {
                    let ended = connection.status() == Status::Disconnected
                        && connection.user.as_str() != self.who.user;
                    assert!(ended || connection.status() == Status::Connected, "{case}: {}", connection.user);
                }
                lives(&self.who, case).await;
                // The next sweep is about somebody else.
                assert_eq!(self.who.delete("/v1/connection").await.status, 204, "{case}");
                return;
            }
            let next =
                row.next_due.max(row.lease_until.unwrap_or(row.next_due)).max(world.now() + minutes(1));
            world.pass_time(next.duration_since(world.now()));
            world.tick("token-refresh").await;
        }
        panic!("{case}: the shard is not verified");
    }

    async fn first_look(&self, calm: bool) {
        let (case, world) = (&self.case, self.world);
        at_rest(world, case).await;
        let connection = self.stored(&self.who).await;
        assert!(connection.canary, "{case}: the first of its customer is the canary");
        // A zone that could not be had is not waited for.
        assert!(connection.time_zone.is_some() || !calm, "{case}");
        let customer = self.who.customer.parse().expect("an id");
        let store = &world.app("follow-ups").store;
        let settings =
            store.customers.get(&customer).await.expect("the store answers").expect("settings").value;
        assert_eq!(settings.canary, Some(connection.id), "{case}");
        assert!(settings.proven.is_some(), "{case}");
        let board = store.shards.all().await.expect("the store answers");
        assert!(
            board.rows.iter().any(|row| row.shard == Shard::of(&customer)),
            "{case}: nobody will sweep it"
        );
        lives(&self.who, case).await;
    }

    async fn confirmation(&self) {
        let (case, world) = (&self.case, self.world);
        at_rest(world, case).await;
        let connection = self.stored(&self.who).await;
        assert_eq!(connection.status(), Status::NeedsReauth, "{case}");
        let took = world.now().duration_since(self.begun) + minutes(6);
        assert!(took <= PROMISE + self.silence, "{case}: dropped after {took}");
        self.unserved().await;
        assert_eq!(self.who.connect().await, "connected", "{case}");
        at_rest(world, case).await;
        lives(&self.who, case).await;
    }

    async fn election(&self) {
        let case = &self.case;
        at_rest(self.world, case).await;
        let Cast::With(other) = &self.cast else { panic!("a colleague") };
        let heir = self.stored(other).await;
        assert!(heir.canary && !self.stored(&self.who).await.canary, "{case}");
        let customer = self.who.customer.parse().expect("an id");
        let settings = self.world.app("follow-ups").store.customers.get(&customer).await;
        let settings = settings.expect("the store answers").expect("settings").value;
        assert_eq!(settings.canary, Some(heir.id), "{case}");
        lives(&self.fresh(other), case).await;
        self.unserved().await;
    }

    /// The same key until there is a final answer; then that answer, for ever.
    async fn interview(&self, came: Option<&Came>) {
        let case = &self.case;
        let Cast::Request(story, ready) = &self.cast else { panic!("a request") };
        at_rest(self.world, case).await;
        agree(self.world, &self.who, *story, self.mails, case).await;
        if !story.is_patch() {
            let last = ready.send(&self.who).await;
            sound(&last, true, case);
            assert!(last.status < 500 && last.status != 202, "{case}: {last:?}");
            if let Some(Came::Answer(first)) = came
                && first.status < 300
                && first.status != 202
            {
                assert_eq!((last.status, &last.text), (first.status, &first.text), "{case}");
            }
            let again = ready.send(&self.who).await;
            assert_eq!((again.status, &again.text), (last.status, &last.text), "{case}");
            assert_eq!(again.json["code"] == Value::Null, last.status < 400, "{case}");
            at_rest(self.world, case).await;
            agree(self.world, &self.who, *story, self.mails, case).await;
        }
        lives(&self.who, case).await;
    }
}
