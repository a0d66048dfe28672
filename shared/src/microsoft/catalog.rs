//! Every call to Graph that can exist. A call that is not here cannot be sent: [`super::Graph`] builds its URLs
//! from these templates, and nothing else in the workspace holds an HTTP client.

use reqwest::Method;

use crate::domain::features::Feature;

/// A call to Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Is there a calendar, whose is it, and may it have Teams meetings?
    ProbeCalendar,
    /// Make an event; Outlook sends the invitations at once.
    CreateEvent,
    /// Look an event up by our tag.
    FindEvent,
    /// Read an event.
    ReadEvent,
    /// Change an event; Outlook tells the people.
    ChangeEvent,
    /// Call an event off; Outlook tells the people.
    CancelEvent,
    /// The user's own time zone, which only the working hours of his schedule show.
    OwnSchedule,
}

/// What there is to know about a call.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The call.
    pub call: Call,
    /// HTTP method.
    pub method: Method,
    /// Path below `/v1.0`.
    pub path: &'static str,
    /// The feature it is made for.
    pub feature: Feature,
    /// Any one of these delegated permissions will do (Graph permissions reference).
    pub scopes: &'static [&'static str],
    /// Whether sending it twice does no more than sending it once.
    pub repeatable: bool,
}

const fn entry(call: Call, method: Method, path: &'static str, repeatable: bool) -> Entry {
    Entry { call, method, path, feature: Feature::Calendar, scopes: &["Calendars.ReadWrite"], repeatable }
}

/// All calls. A create is told apart by its `transactionId`, but Microsoft does not say for how long, so it does
/// not count as repeatable: the event is looked up by its tag first.
pub const CATALOG: [Entry; 7] = [
    entry(Call::ProbeCalendar, Method::GET, "/me/calendar", true),
    entry(Call::CreateEvent, Method::POST, "/me/events", false),
    entry(Call::FindEvent, Method::GET, "/me/events", true),
    entry(Call::ReadEvent, Method::GET, "/me/events/{id}", true),
    entry(Call::ChangeEvent, Method::PATCH, "/me/events/{id}", false),
    entry(Call::CancelEvent, Method::POST, "/me/events/{id}/cancel", false),
    entry(Call::OwnSchedule, Method::POST, "/me/calendar/getSchedule", true),
];

impl Call {
    /// What there is to know about it.
    pub fn entry(self) -> &'static Entry {
        static ENTRIES: [Entry; 7] = CATALOG;
        &ENTRIES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_finds_its_own_entry() {
        for entry in &CATALOG {
            assert_eq!(entry.call.entry().call, entry.call);
        }
    }

    #[test]
    fn a_feature_asks_for_every_permission_that_its_calls_need() {
        for entry in &CATALOG {
            let asked = entry.feature.graph_scopes();
            assert!(entry.scopes.iter().any(|scope| asked.contains(scope)), "{:?}", entry.call);
        }
    }

    #[test]
    fn reads_are_repeatable_and_writes_are_not() {
        for entry in &CATALOG {
            let reads = entry.method == Method::GET || entry.path.ends_with("/getSchedule");
            assert_eq!(entry.repeatable, reads, "{:?}", entry.call);
        }
    }

    #[test]
    fn everything_happens_in_the_signed_in_users_own_mailbox() {
        assert!(CATALOG.iter().all(|entry| entry.path.starts_with("/me/")));
    }
}
