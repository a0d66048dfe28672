//! Which room is asked, and which one next. Pure.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::attendees::{Invited, Said};
use super::event::{Attendee, AttendeeEntry, Event, Role};
use super::interview::Details;

/// How far the rooms of an interview were asked, in their order of preference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// The place in the list of the room that is invited.
    pub at: usize,
    /// The place with which this round began: when it would be its turn again, every room has said no. A round
    /// is for one time; after a move rooms may answer otherwise.
    pub from: usize,
    /// The room that the event's location names. A room that takes the place of one that said no is put in
    /// without it: a new location would mail everybody.
    pub told: Option<Address>,
    /// Looks in a row at a whole list of attendees that had no room in it.
    #[serde(default)]
    pub missing: u32,
}

impl Details {
    /// The room that is invited.
    pub fn room(&self) -> Option<&Address> {
        self.rooms.get(self.asking.at)
    }

    /// The place of the room to ask after the present one said no; none if all were asked.
    pub fn next_room(&self) -> Option<usize> {
        let next = (self.asking.at + 1) % self.rooms.len().max(1);
        (next != self.asking.from && next < self.rooms.len()).then_some(next)
    }

    /// Begins with the room at this place.
    pub fn begin_with(&mut self, at: usize) {
        (self.asking.at, self.asking.from) = (at, at);
    }

    /// Begins a new round with the room that is invited.
    pub fn begin_round(&mut self) {
        self.asking.from = self.asking.at;
    }

    /// Whether the event's location names another room than the one invited, or none, or one too many.
    pub fn is_told_otherwise(&self) -> bool {
        self.asking.told.as_ref() != self.room()
    }

    /// What the event shows wins: the process that put another room in may have died before it was stored.
    pub fn adopt(&mut self, event: &Event) {
        let is_in = |room: &Address| self.aliases.find(event, room).is_some();
        if !self.room().is_some_and(is_in)
            && let Some(at) = self.rooms.iter().position(is_in)
        {
            self.asking.at = at;
        }
    }

    /// What the invited room says in this event.
    pub fn room_says(&self, event: &Event) -> Said {
        Said::by(self.room().and_then(|room| self.aliases.find(event, room)))
    }

    /// Whether the event shows whom it invites, each under an address, and no room is among them. One such answer is
    /// no proof that the room was taken out.
    pub fn shows_no_room(&self, event: &Event) -> bool {
        let is_person = |entry: &AttendeeEntry| entry.email().is_some() && entry.role() != Role::Resource;
        !event.attendees.is_empty()
            && event.attendees.iter().all(is_person)
            && self.room_says(event) == Said::Absent
    }

    /// The attendees of the event with the room at this place instead of the present one; everybody else stays as
    /// Outlook has it, people added by hand included.
    pub fn with_room(&self, event: &Event, at: usize) -> Vec<Invited> {
        let Some(next) = self.rooms.get(at) else { return as_shown(event) };
        let is_there = self.aliases.find(event, next).is_some();
        let leaves = |entry: &AttendeeEntry| {
            self.room().is_some_and(|room| room != next && self.aliases.is(entry, room))
        };
        let kept = event.attendees.iter().map(|entry| {
            let how = if leaves(entry) { Invited::Removed } else { Invited::Shown };
            how(entry.clone())
        });
        let room = Attendee { email: next.clone(), name: None, role: Role::Resource };
        kept.chain((!is_there).then_some(Invited::Asked(room))).collect()
    }

    /// Everybody in the event, and the people who are not.
    pub fn with_people(&self, event: &Event) -> Vec<Invited> {
        let missing = |asked: &Attendee| self.aliases.find(event, &asked.email).is_none();
        let new = self.attendees().into_iter().filter(missing).map(Invited::Asked);
        as_shown(event).into_iter().chain(new).collect()
    }
}

fn as_shown(event: &Event) -> Vec<Invited> {
    event.attendees.iter().cloned().map(Invited::Shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Answer;

    fn rooms(count: usize) -> Details {
        let rooms = (1..=count).map(|n| format!("room{n}@contoso.com").parse().expect("an address"));
        Details { rooms: rooms.collect(), ..Details::default() }
    }

    fn order(mut details: Details) -> Vec<usize> {
        let mut order = vec![details.asking.at];
        while let Some(next) = details.next_room() {
            details.asking.at = next;
            order.push(next);
        }
        order
    }

    #[test]
    fn each_room_is_asked_once_in_a_round_whichever_it_begins_with() {
        assert_eq!(order(rooms(3)), [0, 1, 2]);
        assert_eq!(order(rooms(1)), [0]);
        let mut moved = rooms(3);
        moved.asking.at = 1;
        moved.begin_round();
        assert_eq!(order(moved), [1, 2, 0]);
        assert_eq!((rooms(0).next_room(), rooms(0).room()), (None, None));
    }

    fn entry(email: &str, role: Role) -> AttendeeEntry {
        let raw = serde_json::json!({ "type": role.word(), "emailAddress": { "address": email } });
        AttendeeEntry::new(raw, Some(email.to_owned()), None, role, Answer::None)
    }

    #[test]
    fn the_room_in_the_event_is_the_one_that_was_asked_last() {
        let mut details = rooms(2);
        let second = details.rooms[1].clone();
        let mut event = Event { attendees: vec![entry(second.as_str(), Role::Resource)], ..Event::default() };
        details.adopt(&event);
        assert_eq!((details.room(), details.next_room()), (Some(&second), None));
        event.attendees.clear();
        details.adopt(&event);
        assert_eq!(details.room(), Some(&second), "an event without any of them says nothing");
        assert_eq!(details.room_says(&event), Said::Absent);
    }

    #[test]
    fn who_is_in_the_event_stays_when_the_room_changes() {
        let details = rooms(2);
        let odd = AttendeeEntry::new(serde_json::json!(7), None, None, Role::Required, Answer::None);
        let mut event = Event::default();
        for email in ["dana@example.org", "room1@contoso.com", "by.hand@contoso.com"] {
            event.attendees.push(entry(email, Role::Optional));
        }
        event.attendees.push(odd.clone());
        let after = details.with_room(&event, 1);
        let room = Attendee { email: details.rooms[1].clone(), name: None, role: Role::Resource };
        let expected = [
            Invited::Shown(event.attendees[0].clone()),
            Invited::Removed(event.attendees[1].clone()),
            Invited::Shown(event.attendees[2].clone()),
            Invited::Shown(odd),
            Invited::Asked(room),
        ];
        assert_eq!(after, expected);
        // A room that somebody has put in already is not put in twice.
        event.attendees.push(entry("room2@contoso.com", Role::Resource));
        assert_eq!(details.with_room(&event, 1).last(), Some(&Invited::Shown(event.attendees[4].clone())));
    }

    #[test]
    fn a_list_without_a_room_counts_only_if_it_can_be_read() {
        let details = rooms(1);
        let of = |attendees: Vec<AttendeeEntry>| Event { attendees, ..Event::default() };
        let dana = entry("dana@example.org", Role::Required);
        assert!(details.shows_no_room(&of(vec![dana.clone()])));
        assert!(!details.shows_no_room(&of(vec![])));
        assert!(!details.shows_no_room(&of(vec![dana.clone(), entry("/o=x", Role::Required)])));
        assert!(!details.shows_no_room(&of(vec![dana, entry("room9@contoso.com", Role::Resource)])));
    }
}
