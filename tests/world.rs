//! A world for one test: the local stack on a standing clock, people who use it, and what must hold at the end of
//! every test without its asking.

mod answer;
mod browser;
mod crowd;
mod deployed;
mod forge;
mod outbox;
mod outlook;
mod person;
mod proof;
mod rows;
mod told;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use local::{Options, Stack, StackClock};
use serde_json::{Value, json};
use shared::clock::{Clock, Entropy, SystemEntropy};
use sim::{Hunt, Journal, Microsoft, Wanted};

pub(crate) use answer::Answer;
pub(crate) use browser::{Browser, back_with, ending, parameter};
pub(crate) use deployed::Told;
pub(crate) use forge::{Forge, KID};
pub(crate) use person::{Person, interview};
pub(crate) use rows::Rows;
pub(crate) use told::{heard, kinds};

/// The instant at which every world begins: a Tuesday, with the winter's clock in Europe.
pub(crate) const BEGIN: &str = "2026-11-24T08:00:00Z";

pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) http: reqwest::Client,
    minted: Arc<Minted>,
    heard: Mutex<Vec<u8>>,
    forgotten: AtomicBool,
    /// Calls in the proof log that an earlier stack over the same tables made.
    inherited: BTreeSet<String>,
    /// What another Microsoft saw, if the stack uses another one.
    elsewhere: Mutex<Option<Journal>>,
    asked: Arc<Mutex<Vec<outbox::Asked>>>,
    /// Mails of an earlier stack over the same state: nothing is known of the requests behind them.
    sent_before: usize,
    log: usize,
}

/// Entropy that remembers what it gave: none of it may be seen where it does not belong.
struct Minted {
    from: Arc<dyn Entropy>,
    given: Mutex<Vec<Vec<u8>>>,
}

impl Entropy for Minted {
    fn fill(&self, out: &mut [u8]) {
        self.from.fill(out);
        if out.len() == 32 {
            self.given.lock().unwrap_or_else(PoisonError::into_inner).push(out.to_vec());
        }
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// A world with one setting changed.
    pub(crate) async fn with_setting(name: &str, value: &str) -> Self {
        let mut options = Options::default();
        options.settings.insert(name.to_owned(), value.to_owned());
        Self::with(options).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let begin: Timestamp = BEGIN.parse().expect("a time");
        Self::with_clock(StackClock::standing(begin), options).await
    }

    /// A world whose time passes by itself.
    pub(crate) async fn running() -> Self {
        let (clock, begin) = (StackClock::running(), BEGIN.parse::<Timestamp>().expect("a time"));
        clock.advance(begin.duration_since(clock.now()));
        Self::with_clock(clock, Options::default()).await
    }

    async fn with_clock(clock: StackClock, mut options: Options) -> Self {
        let log = crate::logs::begin();
        let from = options.entropy.take().unwrap_or_else(|| Arc::new(SystemEntropy));
        let minted = Arc::new(Minted { from, given: Mutex::default() });
        options.entropy = Some(Arc::clone(&minted) as Arc<dyn Entropy>);
        let asked = Arc::default();
        options.observer = Some(outbox::observer(&asked));
        let stack = Stack::start(clock, options).await.expect("the stack starts");
        let certificate = stack.shared.environment.contains_key("MICROSOFT_CLIENT_CERTIFICATE");
        // An operator's rights are his own; the template gives the functions theirs.
        let allowed = move |wanted: &Wanted| {
            wanted.caller == "operator" || crate::template::allows(wanted, certificate)
        };
        stack.aws.allow_only(Arc::new(allowed));
        let http = shared::microsoft::http_client();
        stack.journal.clear();
        let sent_before = stack.microsoft.mails().len();
        let mut world = Self {
            asked,
            sent_before,
            stack,
            http,
            minted,
            heard: Mutex::default(),
            forgotten: AtomicBool::new(false),
            inherited: BTreeSet::new(),
            elsewhere: Mutex::default(),
            log,
        };
        world.inherited = world.logged_calls().into_keys().collect();
        world
    }

    pub(crate) fn microsoft(&self) -> &Microsoft {
        &self.stack.microsoft
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.stack.journal
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.stack.clock.now()
    }

    /// A switch of the simulated tenant.
    pub(crate) fn switch(&self, name: &str, body: Value) -> Value {
        self.microsoft().switch(name, body).expect("the switch exists")
    }

    /// A fault at the stand-ins.
    pub(crate) fn fault(&self, fault: Value) {
        self.switch("fault", fault);
    }

    /// Moves the clock on, minute by minute, with every schedule on the way; the reports of the ticks.
    pub(crate) async fn advance(&self, by: SignedDuration) -> Vec<Value> {
        let body = json!({ "advance_seconds": by.as_secs() });
        let answer = self.local("clock", &body).await;
        answer["ticks"].as_array().cloned().unwrap_or_default()
    }

    /// Moves the clock on without any schedule: as if the scheduled functions slept.
    pub(crate) fn pass_time(&self, by: SignedDuration) {
        self.stack.clock.advance(by);
    }

    /// One tick of a scheduled function.
    pub(crate) async fn tick(&self, function: &str) -> Value {
        self.local(&format!("run/{function}"), &json!({})).await
    }

    pub(crate) async fn local(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/_local/{path}", self.stack.url);
        let response = self.http.post(url).json(body).send().await.expect("the stack answers");
        response.json().await.expect("JSON")
    }

    /// A user of the ATS with every scope.
    pub(crate) async fn person(&self, user: &str, customer: &str, email: &str) -> Person<'_> {
        self.person_with(json!({
            "sub": user, "customer_id": customer, "email": email, "name": user,
            "scope": "connections interviews availability admin",
        }))
        .await
    }

    /// A user of the ATS with these claims.
    pub(crate) async fn person_with(&self, claims: Value) -> Person<'_> {
        let answer = self.local("token", &claims).await;
        let token = answer["token"].as_str().expect("a token").to_owned();
        let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        Person { world: self, token, user: text("sub"), customer: text("customer_id"), email: text("email") }
    }

    /// A token for these claims that no customer is switched on for.
    pub(crate) fn bare_token(&self, claims: &Value) -> String {
        let claims = claims.as_object().cloned().unwrap_or_default();
        local::issue(&self.stack.shared.issuer, claims, self.now())
    }

    /// Ana of Contoso, a recruiter of the customer `acme`, connected; the first look at her is over.
    pub(crate) async fn ana(&self) -> Person<'_> {
        let ana = self.person("u-ana", "acme", "ana@contoso.com").await;
        assert_eq!(ana.connect().await, "connected");
        self.advance(SignedDuration::from_mins(2)).await;
        self.journal().clear();
        ana
    }

    /// Keeps what clients were sent, for the look at the end.
    pub(crate) fn hear(&self, text: &str) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(text.as_bytes());
    }

    /// Whether these bytes occur anywhere in the tables.
    pub(crate) fn is_stored(&self, bytes: &str) -> bool {
        !self.stack.aws.find(&Hunt::new([bytes])).is_empty()
    }

    /// What must hold at the end of every test.
    fn check(&self) {
        let theirs: Vec<Vec<u8>> = self
            .microsoft()
            .secrets()
            .into_iter()
            .map(String::into_bytes)
            .chain(self.stack.aws.secrets())
            .collect();
        let ours = self.minted.given.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let all = Hunt::new(theirs.iter().chain(&ours));
        let log = crate::logs::since(self.log);
        assert!(!all.finds(&log), "a secret is in the log");
        let text = String::from_utf8_lossy(&log);
        for personal in ["@contoso.com", "@fabrikam.com", "@example.org"] {
            assert!(!text.contains(personal), "an address is in the log: {personal}");
        }
        // Salts are stored beside what they sealed; they are no secrets. Microsoft's are, and so are links.
        let rows = self.stack.aws.find(&Hunt::new(&theirs));
        assert!(rows.is_empty(), "a secret of Microsoft's or a data key is stored in the clear: {rows:?}");
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(!Hunt::new(&theirs).finds(&*heard), "a secret of Microsoft's was sent to a client");
        let violations: Vec<String> = self.journal().violations();
        assert!(violations.is_empty(), "the stand-ins saw what must not be: {violations:?}");
        self.check_proof_log();
        self.check_told();
        self.check_outbox();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check();
        }
    }
}

/// A length of time.
pub(crate) const fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}
