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

#[cfg(test)]
mod tests {
    use super::*;

    fn interview() -> Interview {
        let id = "0".repeat(26);
        let guid = "0f1e2d3c-0000-4000-8000-000000000001";
        serde_json::from_value(serde_json::json!({
            "id": format!("int_{id}"), "claim": format!("clm_{id}"), "customer": "acme", "requested_by": "ana",
            "organizer": { "user": "ana", "connection": format!("con_{id}"), "tenant": guid, "object": guid, "email": "ana@x.example" },
            "when": { "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z", "zone": "Europe/Paris" },
            "options": { "external_id": null, "teams": false, "hide_attendees": false },
            "status": "scheduled", "room": null, "trouble": null, "outlook": null, "version": 1,
            "created_at": "2026-11-24T08:00:00Z", "updated_at": "2026-11-24T08:00:00Z", "errand": null, "generation": 1,
        }))
        .expect("an interview")
    }

    fn event(hour: i8, title: &str) -> Event {
        let at = |hour: i8| format!("2026-12-01T{hour:02}:00:00Z").parse().expect("a time");
        Event { start: at(hour), end: at(hour + 1), subject: title.to_owned(), ..Event::default() }
    }

    /// What the interview suffers from after these looks, one after another.
    fn after(looks: &[(Look, Event)]) -> Option<Trouble> {
        let (mut interview, mut details) =
            (interview(), Details { title: "A  talk".to_owned(), ..Details::default() });
        let now = "2026-11-24T09:00:00Z".parse().expect("a time");
        for (look, event) in looks {
            interview.saw(&mut details, event, *look, now);
            let outlook = interview.outlook.as_ref().expect("it was seen");
            let (start, end) = (Some(event.start), Some(event.end));
            assert_eq!((outlook.start, outlook.end, outlook.checked_at), (start, end, now));
        }
        interview.difference
    }

    #[test]
    fn what_differs_is_told_by_who_made_it_differ() {
        use Look::{Other, TimesWritten};
        use Trouble::{ChangedInOutlook, TimeDiffers};
        let (right, shifted, elsewhere) = (event(9, "A talk"), event(10, "A talk"), event(14, "A talk"));
        let written = (TimesWritten, right.clone());
        assert_eq!(after(&[written.clone(), (Other, right.clone())]), None);
        assert_eq!(after(&[(TimesWritten, shifted.clone())]), Some(TimeDiffers));
        assert_eq!(after(&[(TimesWritten, shifted.clone()), (Other, shifted.clone())]), Some(TimeDiffers));
        assert_eq!(
            after(&[(TimesWritten, shifted.clone()), (Other, elsewhere.clone())]),
            Some(ChangedInOutlook)
        );
        assert_eq!(after(&[written.clone(), (Other, elsewhere.clone())]), Some(ChangedInOutlook));
        assert_eq!(
            after(&[written.clone(), (Other, elsewhere.clone()), (Other, elsewhere)]),
            Some(ChangedInOutlook)
        );
        assert_eq!(after(&[(Other, shifted), (Other, right.clone())]), None, "it was put back");
        assert_eq!(after(&[written.clone(), (Other, event(9, "By hand"))]), Some(ChangedInOutlook));
        let all_day = Event { all_day: true, ..right };
        assert_eq!(after(&[written, (Other, all_day)]), Some(ChangedInOutlook));
    }
}
