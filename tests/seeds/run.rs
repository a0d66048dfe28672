//! A schedule carried out, and what it must have come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::chance::{Chance, SeededEntropy};
use super::plan::{Act, Planned, plan};
use crate::crash::dies_after;
use crate::journeys::{Came, Step, at_rest, hold, sound};
use crate::world::{Browser, Person, World, interview};

/// What is known of a person's connection by what was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Connected,
    Ended,
    /// The last word about it was lost.
    Open,
}

struct Actor<'w> {
    who: Person<'w>,
    known: Known,
    /// Access was revoked since the last sign-in that may have succeeded.
    revoked: bool,
    /// Interview ids by key.
    made: BTreeMap<usize, String>,
}

pub(super) struct Run<'w> {
    world: &'w World,
    seed: u64,
    actors: Vec<Actor<'w>>,
    /// One line for each act: what was answered, and which calls it took.
    pub(super) trace: Vec<String>,
}

/// Everything follows from the seed.
pub(super) async fn carry_out(seed: u64) -> Vec<String> {
    let mut chance = Chance::new(seed);
    let options =
        local::Options { entropy: Some(Arc::new(SeededEntropy::new(seed))), ..local::Options::default() };
    let world = World::with(options).await;
    world.microsoft().set_seed(seed);
    world.microsoft().options(|options| options.forget_transactions = true);
    let people = 1 + chance.below(3);
    let emails = ["ana@contoso.com", "ben@contoso.com", "fay@fabrikam.com"];
    let customers = ["acme", "acme", "fabrikam"];
    let mut actors = Vec::new();
    for (email, customer) in emails.into_iter().zip(customers).take(people) {
        let user = email.split('@').next().expect("a name");
        let claims = json!({ "sub": user, "customer_id": customer, "email": email, "scope": "connections interviews" });
        let who = world.person_with(claims).await;
        actors.push(Actor { who, known: Known::Ended, revoked: false, made: BTreeMap::new() });
    }
    for customer in ["acme", "fabrikam"] {
        let of: Vec<String> =
            actors.iter().filter(|a| a.who.customer == customer).map(|a| a.who.email.clone()).collect();
        if !of.is_empty() && !chance.once_in(6) {
            world.connected(customer, &of, true).await;
            actors.iter_mut().filter(|a| a.who.customer == customer).for_each(|a| a.known = Known::Connected);
        }
    }
    let schedule = plan(&mut chance, people);
    let mut run = Run { world: &world, seed, actors, trace: Vec::new() };
    for planned in &schedule {
        run.act(planned).await;
    }
    run.end().await;
    run.trace
}

impl<'w> Run<'w> {
    async fn act(&mut self, planned: &Planned) {
        let (world, before) = (self.world, self.world.journal().last());
        let case = format!("seed {}: {planned:?}", self.seed);
        let said = match &planned.act {
            Act::Pass(seconds) => {
                world.pass_time(SignedDuration::from_secs(*seconds));
                "time passed".to_owned()
            }
            Act::Revoke(n) => {
                let actor = &mut self.actors[*n];
                world.switch("revoke-sessions", json!({ "user": actor.who.email }));
                actor.revoked = true;
                "revoked".to_owned()
            }
            Act::Fault(fault) => {
                world.fault(fault.clone());
                "a fault".to_owned()
            }
            Act::Repair => {
                world.switch("clear-faults", json!({}));
                "repaired".to_owned()
            }
            Act::FollowUps => told(self.step(&Step::Tick("follow-ups"), planned.dies, &case).await.as_ref()),
            Act::Sweep => told(self.step(&Step::Tick("token-refresh"), planned.dies, &case).await.as_ref()),
            Act::Connect(n) => self.connect(*n, planned.dies, &case).await,
            _ => self.request(planned, &case).await,
        };
        let mut calls: Vec<String> = world
            .journal()
            .since(before)
            .into_iter()
            .map(|call| format!("{} {} {}", call.service, call.operation, call.status))
            .collect();
        calls.sort_unstable();
        if planned.dies.is_some() {
            calls.clear(); // What ran beside the last call may or may not have arrived.
        }
        self.trace.push(format!("{:?}: {said}; {}", planned.act, calls.join(", ")));
    }

    /// `None`: it died.
    async fn step(&self, step: &Step, dies: Option<u64>, case: &str) -> Option<Came> {
        let came = match dies {
            Some(n) => dies_after(self.world, n, step.start(self.world)).await,
            None => Some(step.start(self.world).await),
        };
        match &came {
            Some(Came::Answer(answer)) => sound(answer, true, case),
            Some(Came::Report(report)) => assert!(report["panicked"].is_null(), "{case}"),
            None => {}
        }
        came
    }

    /// The person with a token that is good now.
    fn fresh(&self, n: usize) -> Person<'w> {
        let who = &self.actors[n].who;
        let claims = json!({ "sub": who.user, "customer_id": who.customer, "email": who.email, "scope": "connections interviews" });
        Person { token: self.world.bare_token(&claims), ..who.clone() }
    }

    async fn connect(&mut self, n: usize, dies: Option<u64>, case: &str) -> String {
        let (world, who) = (self.world, self.fresh(n));
        let body = json!({ "return_url": format!("{}/done", world.stack.url) });
        let opened = who.post("/v1/connect-sessions", body).await;
        sound(&opened, true, case);
        let browser = Browser::new(world);
        let sent = match opened.status {
            201 => browser.open(opened.str("/url")).await,
            _ => return "no link".to_owned(),
        };
        sound(&sent, true, case);
        let Some(authorize) = sent.header("location") else { return "no way to Microsoft".to_owned() };
        let back = world.microsoft().sign_in(authorize, &who.email, sim::Answer::Accept).expect("back");
        let came = self.step(&Step::open(&browser, &back), dies, case).await;
        let actor = &mut self.actors[n];
        // Whether it ended or not, Microsoft has a new session for it.
        let connected = matches!(&came, Some(Came::Answer(answer)) if answer.header("location").is_some_and(|to| to.contains("status=connected")));
        if connected {
            (actor.known, actor.revoked) = (Known::Connected, false);
        } else {
            actor.known = Known::Open;
        }
        told(came.as_ref())
    }

    async fn request(&mut self, planned: &Planned, case: &str) -> String {
        let (Act::Disconnect(n) | Act::Verify(n) | Act::Create(n, _) | Act::Move(n, _) | Act::Cancel(n, _)) =
            &planned.act
        else {
            panic!("no request: {planned:?}")
        };
        let who = self.fresh(*n);
        let path = |key: &usize| self.actors[*n].made.get(key).map(|id| format!("/v1/interviews/{id}"));
        let step = match &planned.act {
            Act::Disconnect(_) => Some(Step::ask(&who, Method::DELETE, "/v1/connection", None)),
            Act::Verify(_) => Some(Step::ask(&who, Method::POST, "/v1/connection/verify", Some(json!({})))),
            Act::Create(_, key) => Some(create(&who, *key)),
            Act::Move(_, key) => path(key).map(|path| {
                let to = json!({ "start": "2026-12-02T14:00:00Z", "end": "2026-12-02T14:45:00Z" });
                Step::ask_as(
                    &who,
                    Method::POST,
                    &format!("{path}/reschedule"),
                    (Some(to), Some("key-of-a-move")),
                )
            }),
            Act::Cancel(_, key) => path(key).map(|path| {
                let key = Some("key-of-a-cancellation");
                Step::ask_as(&who, Method::POST, &format!("{path}/cancel"), (Some(json!({})), key))
            }),
            _ => None,
        };
        let Some(step) = step else { return "there is none".to_owned() };
        let came = self.step(&step, planned.dies, case).await;
        let actor = &mut self.actors[*n];
        match (&planned.act, &came) {
            (Act::Disconnect(_), Some(Came::Answer(answer))) if answer.status == 204 => {
                actor.known = Known::Ended;
            }
            (Act::Disconnect(_), _) if actor.known != Known::Ended => actor.known = Known::Open,
            (Act::Create(_, key), Some(Came::Answer(answer))) if answer.str("/id").starts_with("int_") => {
                actor.made.insert(*key, answer.str("/id").to_owned());
            }
            _ => {}
        }
        told(came.as_ref())
    }

    /// Nothing fails any more: what was begun ends, what is revoked goes, what lives stays.
    async fn end(&mut self) {
        let case = format!("seed {}", self.seed);
        let world = self.world;
        at_rest(world, &case).await;
        for n in 0..self.actors.len() {
            let (who, actor) = (self.fresh(n), &self.actors[n]);
            let (known, gone) = (actor.known, actor.revoked);
            let case = format!("{:#?} {case}: {} {known:?}, revoked: {gone}", self.trace, who.user);
            if !gone && who.status().await == "blocked" {
                // The sweep would ask again within the hour; he does it at once.
                who.post("/v1/connection/verify", json!({})).await;
            }
            let verified = who.post("/v1/connection/verify", json!({})).await;
            sound(&verified, false, &case);
            at_rest(world, &case).await;
            let status = who.status().await;
            self.trace.push(format!("{}: {status}", who.user));
            match (known, gone) {
                (Known::Connected, false) => assert_eq!(status, "connected", "{case}: a live grant"),
                (Known::Ended, _) => {
                    assert!(["not_connected", "disconnected"].contains(&status.as_str()), "{case}: {status}");
                }
                (_, true) => {
                    let gone = ["needs_reauth", "not_connected", "disconnected", "connected"];
                    assert!(gone.contains(&status.as_str()), "{case}: {status}");
                    assert!(status != "connected" || known == Known::Open, "{case}: it is served still");
                }
                (Known::Open, false) => {
                    let sane = ["connected", "not_connected", "disconnected"];
                    assert!(sane.contains(&status.as_str()), "{case}: {status}");
                }
            }
            self.events(n, status == "connected", &case).await;
            if status == "connected" {
                // Once more under the key: whatever became of it before, there is one event and a last word.
                let Some(Came::Answer(last)) = self.step(&create(&who, 0), None, &case).await else {
                    panic!("{case}: no answer")
                };
                assert!(last.status < 500 && last.status != 202, "{case}: {last:?}");
                self.events(n, true, &case).await;
            }
            hold(world, &who.customer, &case).await;
        }
    }

    /// One event for each key at most, and what is stored of it is so.
    async fn events(&self, n: usize, connected: bool, case: &str) {
        let who = self.fresh(n);
        let list = who.get("/v1/interviews").await;
        let stored: Vec<Value> = list.json["data"].as_array().cloned().unwrap_or_default();
        let events = self.world.meetings(&who.email);
        for key in 0..2 {
            let title = title(key);
            let there = events.iter().filter(|event| event["subject"] == title.as_str()).count();
            let known = stored
                .iter()
                .filter(|interview| {
                    interview["title"] == title.as_str() && interview["outlook"]["state"] == "present"
                })
                .count();
            assert!(there <= 1, "{case}: {there} events of {title}");
            if connected {
                assert_eq!(there, known, "{case}: {title}: {list:?} {events:#?}");
            }
        }
        let mut mails: BTreeMap<String, usize> = BTreeMap::new();
        for mail in self.world.mails().iter().filter(|(kind, _)| *kind == sim::MailKind::Invitation) {
            *mails.entry(mail.1.clone()).or_default() += 1;
        }
        let most = 2 * self.actors.len();
        assert!(mails.values().all(|count| *count <= most), "{case}: {mails:?}");
    }
}

fn title(key: usize) -> String {
    format!("Interview {key}")
}

fn create(who: &Person<'_>, key: usize) -> Step {
    let mut body = interview();
    body["title"] = json!(title(key));
    Step::ask_as(who, Method::POST, "/v1/interviews", (Some(body), Some(&format!("key-number-{key}"))))
}

fn told(came: Option<&Came>) -> String {
    match came {
        None => "it died".to_owned(),
        Some(Came::Report(report)) => report.to_string(),
        Some(Came::Answer(answer)) => format!("{} {}", answer.status, answer.str("/code")),
    }
}
