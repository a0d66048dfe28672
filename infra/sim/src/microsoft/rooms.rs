//! Rooms answer like people, a while after the invitation (microsoft.md E7). Evaluated when somebody looks.

use super::event::Event;
use super::tenant::{Role, State, UserId, seconds};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Usual defaults of `Set-CalendarProcessing`.
const BOOKING_WINDOW_DAYS: i64 = 180;
const LONGEST_MINUTES: i64 = 1440;

/// An answer that is forced upon a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RoomAnswer {
    Accepted,
    Declined,
    TentativelyAccepted,
    Never,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct RoomRules {
    pub(crate) answer: Option<RoomAnswer>,
    pub(crate) after_seconds: i64,
}

impl Default for RoomRules {
    fn default() -> Self {
        Self { answer: None, after_seconds: 5 }
    }
}

/// An invitation that lies in a room's mailbox.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct RoomRequest {
    pub(crate) room: UserId,
    pub(crate) organizer: UserId,
    pub(crate) event: String,
    pub(crate) asked: Timestamp,
}

impl State {
    /// Puts an invitation into the mailbox of a room; a newer one for the same meeting replaces it.
    pub(crate) fn ask_room(&mut self, room: UserId, organizer: UserId, event: &str, now: Timestamp) {
        self.room_requests.retain(|request| request.room != room || request.event != event);
        self.room_requests.push(RoomRequest { room, organizer, event: event.to_owned(), asked: now });
    }

    /// Lets every room answer whose time has come, in the order in which they answer.
    pub(crate) fn settle_rooms(&mut self, now: Timestamp) {
        let mut due: Vec<(Timestamp, RoomRequest)> = Vec::new();
        let rules: Vec<RoomRules> =
            self.room_requests.iter().map(|request| self.users[request.room].room).collect();
        let mut rules = rules.into_iter();
        self.room_requests.retain(|request| {
            let rules = rules.next().unwrap_or_default();
            let at = request.asked + seconds(rules.after_seconds);
            let waits = at > now || rules.answer == Some(RoomAnswer::Never);
            if !waits {
                due.push((at, request.clone()));
            }
            waits
        });
        due.sort_by_key(|(at, _)| *at);
        for (at, request) in due {
            self.answer(&request, at);
        }
    }

    /// A room that said "tentatively" asked a delegate, who now decides.
    pub(crate) fn reconsider(&mut self, room: UserId, now: Timestamp) {
        let address = self.users[room].email.clone();
        let waiting = |event: &&Event| {
            event.own
                && event.attendees.iter().any(|attendee| {
                    attendee.address.eq_ignore_ascii_case(&address)
                        && attendee.response == "tentativelyAccepted"
                })
        };
        let found: Vec<(UserId, String)> = (0..self.users.len())
            .flat_map(|user| {
                let events = self.users[user].calendar.events.values().filter(waiting);
                events.map(|event| (user, event.id.clone())).collect::<Vec<_>>()
            })
            .collect();
        for (organizer, event) in found {
            self.ask_room(room, organizer, &event, now);
        }
    }

    fn answer(&mut self, request: &RoomRequest, at: Timestamp) {
        let Ok(meeting) = self.event(request.organizer, &request.event).cloned() else { return };
        let address = self.users[request.room].email.clone();
        let invited =
            |attendee: &&mut super::event::Attendee| attendee.address.eq_ignore_ascii_case(&address);
        let free = self.room_is_free(request.room, &meeting, at);
        let forced = self.users[request.room].room.answer;
        let answer = forced.unwrap_or(if free { RoomAnswer::Accepted } else { RoomAnswer::Declined });
        let (word, show_as) = match answer {
            RoomAnswer::Accepted => ("accepted", Some("busy")),
            RoomAnswer::TentativelyAccepted => ("tentativelyAccepted", Some("tentative")),
            RoomAnswer::Declined | RoomAnswer::Never => ("declined", None),
        };
        let Ok(event) = self.event(request.organizer, &request.event) else { return };
        let Some(attendee) = event.attendees.iter_mut().find(invited) else { return };
        // Only the default calendar tallies answers.
        if meeting.calendar.is_none() {
            word.clone_into(&mut attendee.response);
            attendee.answered = Some(at);
            self.touch(request.organizer, &request.event, at);
        }
        match show_as {
            Some(show_as) => self.write_copy(request.room, &meeting, Some(show_as), at),
            None => self.forget_copy(request.room, &meeting.ical_uid),
        }
    }

    /// A room keeps only what it holds, and people what they have not declined.
    pub(crate) fn forget_copy(&mut self, room: UserId, ical_uid: &str) {
        self.users[room].calendar.events.retain(|_, event| event.ical_uid != ical_uid);
    }

    fn room_is_free(&self, room: UserId, meeting: &Event, now: Timestamp) -> bool {
        let (start, end) = (meeting.start.at, meeting.end.at);
        let taken = self.users[room].calendar.events.values().any(|other| {
            other.ical_uid != meeting.ical_uid
                && !other.cancelled
                && other.show_as() != "free"
                && other.overlaps(start, end)
        });
        !taken
            && start <= now + seconds(BOOKING_WINDOW_DAYS * 86_400)
            && end <= start + seconds(LONGEST_MINUTES * 60)
    }

    pub(crate) fn is_room(&self, user: UserId) -> bool {
        self.users[user].role == Role::Room
    }
}
