//! What stands in Outlook, and which mails Exchange sent.

use serde_json::{Value, json};
use sim::MailKind;

use super::World;

impl World {
    /// The meetings that this person organises, as Graph shows them.
    pub(crate) fn meetings(&self, email: &str) -> Vec<Value> {
        let mut events = self.microsoft().events(email);
        events.retain(|event| event["isOrganizer"] == true);
        events
    }

    /// The only meeting that this person organises.
    pub(crate) fn meeting(&self, email: &str) -> Value {
        let mut events = self.meetings(email);
        assert_eq!(events.len(), 1, "one event: {events:#?}");
        events.remove(0)
    }

    /// All mails so far: kind and addressee, in the order in which they were sent.
    pub(crate) fn mails(&self) -> Vec<(MailKind, String)> {
        self.microsoft().mails().into_iter().map(|mail| (mail.kind, mail.to)).collect()
    }

    /// The mails sent since there were so many.
    pub(crate) fn mails_since(&self, count: usize) -> Vec<(MailKind, String)> {
        self.mails().split_off(count)
    }

    /// A change that somebody makes in Outlook by hand.
    pub(crate) fn edit_in_outlook(&self, user: &str, event_id: &str, mut change: Value) {
        change["user"] = json!(user);
        change["event_id"] = json!(event_id);
        self.switch("edit-event", change);
    }

    /// Calls that reached Graph since call number `n`, by operation.
    pub(crate) fn graph_since(&self, n: u64) -> Vec<String> {
        let calls = self.journal().since(n).into_iter();
        calls.filter(|call| call.service == "graph").map(|call| call.operation).collect()
    }
}
