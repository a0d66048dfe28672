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
    /// Remove an event that cannot be called off; Outlook tells the people.
    DeleteEvent,
    /// The names of the user's calendars.
    ListCalendars,
    /// Make a calendar of our own.
    CreateCalendar,
    /// Make an event in it.
    CreateEventIn,
    /// Look an event up there by our tag.
    FindEventIn,
    /// The user's own time zone, which only the working hours of his schedule show.
    OwnSchedule,
    /// Free and busy times of people and rooms.
    ReadSchedules,
    /// The rooms of the directory.
    ListRooms,
    /// Its lists of rooms.
    ListRoomLists,
    /// The rooms of one list.
    ListRoomsOfList,
    /// Rooms the older way (beta).
    FindRooms,
}

/// What there is to know about a call.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The call.
    pub call: Call,
    /// HTTP method.
    pub method: Method,
    /// Path below `/v1.0`, or below `/beta`.
    pub path: &'static str,
    /// Whether only the beta has it.
    pub beta: bool,
    /// The feature it is made for.
    pub feature: Feature,
    /// Any one of these delegated permissions will do (Graph permissions reference).
    pub scopes: &'static [&'static str],
    /// Whether sending it twice does no more than sending it once.
    pub repeatable: bool,
}

const fn entry(call: Call, method: Method, path: &'static str, repeatable: bool) -> Entry {
    let scopes = &["Calendars.ReadWrite"];
    Entry { call, method, path, beta: false, feature: Feature::Calendar, scopes, repeatable }
}

const fn directory(call: Call, path: &'static str) -> Entry {
    let (feature, scopes) = (Feature::RoomsDirectory, &["Place.Read.All"]);
    Entry { call, method: Method::GET, path, beta: false, feature, scopes, repeatable: true }
}

/// All calls. A create is told apart by its `transactionId`, but Microsoft does not say for how long, so it does
/// not count as repeatable: the event is looked up by its tag first.
pub const CATALOG: [Entry; 17] = [
    entry(Call::ProbeCalendar, Method::GET, "/me/calendar", true),
    entry(Call::CreateEvent, Method::POST, "/me/events", false),
    entry(Call::FindEvent, Method::GET, "/me/events", true),
    entry(Call::ReadEvent, Method::GET, "/me/events/{id}", true),
    entry(Call::ChangeEvent, Method::PATCH, "/me/events/{id}", false),
    entry(Call::CancelEvent, Method::POST, "/me/events/{id}/cancel", false),
    entry(Call::DeleteEvent, Method::DELETE, "/me/events/{id}", false),
    entry(Call::ListCalendars, Method::GET, "/me/calendars", true),
    entry(Call::CreateCalendar, Method::POST, "/me/calendars", false),
    entry(Call::CreateEventIn, Method::POST, "/me/calendars/{id}/events", false),
    entry(Call::FindEventIn, Method::GET, "/me/calendars/{id}/events", true),
    entry(Call::OwnSchedule, Method::POST, "/me/calendar/getSchedule", true),
    Entry {
        call: Call::ReadSchedules,
        method: Method::POST,
        path: "/me/calendar/getSchedule",
        beta: false,
        feature: Feature::Availability,
        scopes: &["Calendars.ReadWrite"],
        repeatable: true,
    },
    directory(Call::ListRooms, "/places/microsoft.graph.room"),
    directory(Call::ListRoomLists, "/places/microsoft.graph.roomlist"),
    directory(Call::ListRoomsOfList, "/places/{id}/microsoft.graph.roomlist/rooms"),
    Entry {
        call: Call::FindRooms,
        method: Method::GET,
        path: "/me/findRooms",
        beta: true,
        feature: Feature::RoomsBasic,
        scopes: &["User.ReadBasic.All"],
        repeatable: true,
    },
];

impl Call {
    /// What it is made for, in plain words.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::ProbeCalendar => "See whose calendar it is and whether it may have Teams meetings.",
            Self::CreateEvent => "Make an interview; Outlook sends the invitations.",
            Self::FindEvent => "Find an interview again by the app's own mark on it.",
            Self::ReadEvent => "Read an interview that the app has made.",
            Self::ChangeEvent => "Move or change it; Outlook tells the people.",
            Self::CancelEvent => "Cancel it; Outlook tells the people.",
            Self::DeleteEvent => "Remove it where Outlook cannot cancel it; Outlook tells the people.",
            Self::ListCalendars => "Find the app's own calendar, where the company has chosen one.",
            Self::CreateCalendar => "Make that calendar.",
            Self::CreateEventIn => "Make an interview there.",
            Self::FindEventIn => "Find an interview there by the app's own mark.",
            Self::OwnSchedule => "Learn the user's own time zone.",
            Self::ReadSchedules => "See when people and rooms are free or busy; no subjects are kept.",
            Self::ListRooms => "List the meeting rooms.",
            Self::ListRoomLists => "List the groups of meeting rooms.",
            Self::ListRoomsOfList => "List the meeting rooms of a group.",
            Self::FindRooms => "List meeting rooms the older way.",
        }
    }

    /// Whether it is a list of rooms or of their lists.
    pub fn lists_rooms(self) -> bool {
        matches!(self.entry().feature, Feature::RoomsDirectory | Feature::RoomsBasic)
    }

    /// Whether its path names something in the mailbox, and not the mailbox itself.
    pub fn names_a_thing(self) -> bool {
        self.entry().path.contains("{id}")
    }

    /// What there is to know about it.
    pub fn entry(self) -> &'static Entry {
        static ENTRIES: [Entry; 17] = CATALOG;
        &ENTRIES[self as usize]
    }
}

impl Entry {
    /// Version and path: how the call is written for people.
    pub fn full_path(&self) -> String {
        format!("/{}{}", if self.beta { "beta" } else { "v1.0" }, self.path)
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
            // Availability needs nothing beyond the calendar, which is always asked for.
            let of = |feature: Feature| feature.graph_scopes().iter();
            let asked: Vec<&&str> = of(Feature::Calendar).chain(of(entry.feature)).collect();
            assert!(entry.scopes.iter().any(|scope| asked.contains(&scope)), "{:?}", entry.call);
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
    fn everything_but_the_list_of_rooms_happens_in_the_signed_in_users_own_mailbox() {
        for entry in &CATALOG {
            let place = if entry.feature == Feature::RoomsDirectory { "/places/" } else { "/me/" };
            assert!(entry.path.starts_with(place), "{}", entry.path);
        }
    }
}
