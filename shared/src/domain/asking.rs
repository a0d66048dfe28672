//! Which room is asked, and which one next. Pure.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::event::{Answer, Attendee, Event, Role};
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

    /// What the event shows wins: whoever put another room in may have died before he could write it down.
    pub fn adopt(&mut self, event: &Event) {
        let is_in = |room: &Address| event.answer_of(room).is_some();
        if !self.room().is_some_and(is_in)
            && let Some(at) = self.rooms.iter().position(is_in)
        {
            self.asking.at = at;
        }
    }

    /// What the invited room says in this event; none if it is not invited there.
    pub fn answer_in(&self, event: &Event) -> Option<Answer> {
        self.room().and_then(|room| event.answer_of(room))
    }

    /// The attendees of the event with the room at this place instead of the present one; everybody else stays
    /// as he is, also whoever was added by hand.
    pub fn with_room(&self, event: &Event, at: usize) -> Vec<Attendee> {
        let present = self.room();
        let next = self.rooms.get(at);
        let kept = event.attendees.iter().map(|(attendee, _)| attendee);
        let kept = kept.filter(|a| Some(&a.email) != present && Some(&a.email) != next).cloned();
        let room = next.map(|email| Attendee { email: email.clone(), name: None, role: Role::Resource });
        kept.chain(room).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_room_in_the_event_is_the_one_that_was_asked_last() {
        let mut details = rooms(2);
        let second = details.rooms[1].clone();
        let attendee = |email: Address| (Attendee { email, name: None, role: Role::Resource }, Answer::None);
        let mut event = Event { attendees: vec![attendee(second.clone())], ..Event::default() };
        details.adopt(&event);
        assert_eq!((details.room(), details.next_room()), (Some(&second), None));
        event.attendees.clear();
        details.adopt(&event);
        assert_eq!(details.room(), Some(&second), "an event without any of them says nothing");
    }

    #[test]
    fn who_is_in_the_event_stays_when_the_room_changes() {
        let details = rooms(2);
        let mut event = Event::default();
        for email in ["dana@example.org", "room1@contoso.com", "by.hand@contoso.com"] {
            let email = email.parse().expect("an address");
            event.attendees.push((Attendee { email, name: None, role: Role::Optional }, Answer::Accepted));
        }
        let after = details.with_room(&event, 1);
        let names: Vec<&str> = after.iter().map(|a| a.email.as_str()).collect();
        assert_eq!(names, ["dana@example.org", "by.hand@contoso.com", "room2@contoso.com"]);
        assert_eq!(after[2].role, Role::Resource);
    }
}
