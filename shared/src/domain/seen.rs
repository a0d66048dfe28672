//! What a look at the event leaves on its interview: what was seen is what is shown, with the time of the look. Pure.

use jiff::{SignedDuration, Timestamp};

use super::event::Event;
use super::interview::{Details, EventState, Interview, Outlook, Trouble};

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// From a write that set start and end: they were meant to be what they are.
    TimesWritten,
    /// From a read, or a write of anything else.
    Other,
}

impl Interview {
    /// Notes the event as Outlook shows it now. The interview's own time, and the title in `details`, must be the ones
    /// that are wanted by then.
    pub fn saw(&mut self, details: &mut Details, event: &Event, look: Look, now: Timestamp) {
        self.difference = self.difference_from(details, event, look);
        details.seen_title = Some(event.subject.clone()).filter(|title| !title.is_empty());
        self.outlook = Some(Outlook {
            event_id: event.id.clone(),
            ical_uid: event.ical_uid.clone(),
            web_link: event.web_link.clone(),
            etag: event.etag.clone(),
            start: Some(event.start),
            end: Some(event.end),
            all_day: event.all_day,
            state: EventState::Present,
            checked_at: now,
        });
    }

    fn difference_from(&self, details: &Details, event: &Event, look: Look) -> Option<Trouble> {
        let at_time = same(event.start, self.when.start) && same(event.end, self.when.end);
        let as_titled = event.subject.is_empty() || words(&event.subject) == words(&details.title);
        match look {
            Look::TimesWritten if !at_time => Some(Trouble::TimeDiffers),
            Look::TimesWritten => (!as_titled).then_some(Trouble::ChangedInOutlook),
            Look::Other if at_time && as_titled && !event.all_day => None,
            // A server that keeps other times than those that were written is seen doing so by each look.
            Look::Other if as_titled && !event.all_day && self.is_where_it_was(event) => {
                self.difference.or(Some(Trouble::ChangedInOutlook))
            }
            Look::Other => Some(Trouble::ChangedInOutlook),
        }
    }

    fn is_where_it_was(&self, event: &Event) -> bool {
        let last = self.outlook.as_ref().filter(|outlook| !outlook.all_day);
        last.is_some_and(|last| last.start == Some(event.start) && last.end == Some(event.end))
    }
}

/// Graph is sent whole seconds.
fn same(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() < SignedDuration::from_secs(1)
}

/// Outlook may take blanks away.
fn words(title: &str) -> Vec<&str> {
    title.split_whitespace().collect()
}
