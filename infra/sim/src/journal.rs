//! Remembers every request that the product sent to AWS or Microsoft.
//!
//! Tests count calls, compute their sequential depth from `began` and `ended`, and crash the product at the n-th one.
//! Pages in the browser and the `/_local` switches are not product traffic and stay out.

use crate::faults::{Arrival, Faults};
use crate::lock;
use serde::Serialize;
use std::sync::{Arc, Mutex};

/// One request of the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Order of arrival, from 1; never reused, also not after [`Journal::clear`].
    pub n: u64,
    /// `dynamodb`, `kms`, `login` or `graph`.
    pub service: &'static str,
    /// `GetItem`, `Decrypt`, `POST /{tenant}/oauth2/v2.0/token`, `POST /me/events`.
    pub operation: String,
    /// The table, the grant type or the user; never a secret.
    pub detail: String,
    /// Reading of one event counter at arrival. A call whose `began` is later than another's `ended` came after it.
    pub began: u64,
    /// The same counter when the answer was ready; `None` while it runs or if the caller went away.
    pub ended: Option<u64>,
    /// HTTP status of the answer; 0 while it runs and for a dropped connection.
    pub status: u16,
    /// `client-request-id`, where the service takes one.
    pub request_id: Option<String>,
}

type Hook = Arc<dyn Fn(u64) + Send + Sync>;

#[derive(Default)]
struct Book {
    calls: Vec<Call>,
    graph: Vec<Call>,
    disturbed: bool,
    violations: Vec<String>,
    hooks: Vec<Hook>,
    arrivals: u64,
    events: u64,
}

/// The record of all calls, shared by the stand-ins of one stack together with its [`Faults`].
#[derive(Clone, Default)]
pub struct Journal {
    book: Arc<Mutex<Book>>,
    faults: Faults,
}

impl Journal {
    /// An empty journal without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The faults that the stand-ins of this journal obey.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// All calls in the order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.book).calls.clone()
    }

    /// Calls that arrived after call number `n`; `since(journal.last())` is empty.
    pub fn since(&self, n: u64) -> Vec<Call> {
        lock(&self.book).calls.iter().filter(|call| call.n > n).cloned().collect()
    }

    /// Number of the latest call, 0 before the first.
    pub fn last(&self) -> u64 {
        lock(&self.book).arrivals
    }

    /// Every call to Graph since the beginning, whatever was forgotten since.
    pub fn graph(&self) -> Vec<Call> {
        lock(&self.book).graph.clone()
    }

    /// Whether calls were ever spoiled on purpose, or watched by somebody who may interrupt them.
    pub fn was_disturbed(&self) -> bool {
        lock(&self.book).disturbed || self.faults.were_any()
    }

    /// Forgets calls and violations; numbers and hooks stay.
    pub fn clear(&self) {
        let mut book = lock(&self.book);
        book.calls.clear();
        book.violations.clear();
    }

    /// What the product must never do: unknown operations, calls without the headers that our rules ask for.
    pub fn violations(&self) -> Vec<String> {
        lock(&self.book).violations.clone()
    }

    /// Runs `f` with the number of each call that has taken effect, before its answer is sent: a crash there loses
    /// the answer but not the effect.
    pub fn after_each(&self, f: Arc<dyn Fn(u64) + Send + Sync>) {
        let mut book = lock(&self.book);
        book.disturbed = true;
        book.hooks.push(f);
    }

    /// Removes what [`Journal::after_each`] added.
    pub fn clear_hooks(&self) {
        lock(&self.book).hooks.clear();
    }

    pub(crate) fn violation(&self, text: impl Into<String>) {
        lock(&self.book).violations.push(text.into());
    }

    pub(crate) fn begin(&self, arrival: &Arrival) -> u64 {
        let Arrival { service, operation, detail, request_id, .. } = arrival.clone();
        let mut book = lock(&self.book);
        book.arrivals += 1;
        book.events += 1;
        let (n, began) = (book.arrivals, book.events);
        let call = Call { n, service, operation, detail, began, ended: None, status: 0, request_id };
        if service == "graph" {
            book.graph.push(call.clone());
        }
        book.calls.push(call);
        n
    }

    pub(crate) fn took_effect(&self, n: u64) {
        let hooks = lock(&self.book).hooks.clone();
        for hook in hooks {
            hook(n);
        }
    }

    pub(crate) fn end(&self, n: u64, status: u16) {
        let mut book = lock(&self.book);
        book.events += 1;
        let ended = book.events;
        let Book { calls, graph, .. } = &mut *book;
        let both =
            [calls, graph].into_iter().filter_map(|list| list.iter_mut().rev().find(|call| call.n == n));
        for call in both {
            call.ended = Some(ended);
            call.status = status;
        }
    }
}
