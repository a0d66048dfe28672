use super::*;
use crate::domain::attendees::Invited;
use crate::domain::event::AttendeeEntry;
use crate::domain::interview::Candidate;

fn asked(rooms: &[&str]) -> Details {
    let candidate = Candidate { email: "dana@example.org".parse().expect("an address"), name: None };
    let rooms = rooms.iter().map(|room| room.parse().expect("an address")).collect();
    Details { candidates: vec![candidate], rooms, ..Details::default() }
}

fn event(who: &[(&str, Role, Answer)]) -> Event {
    let attendee = |(email, role, answer): &(&str, Role, Answer)| {
        let raw = serde_json::json!({ "type": role.word(), "emailAddress": { "address": email } });
        AttendeeEntry::new(raw, Some((*email).to_owned()), None, *role, *answer)
    };
    Event { attendees: who.iter().map(attendee).collect(), ..Event::default() }
}

fn claim() -> ClaimId {
    "clm_01ABCDEFGHJKMNPQRSTVWXYZ01".parse().expect("a claim")
}

fn step(details: &Details, event: &Event, is_over: bool) -> Step {
    super::step(details, event, &claim(), is_over)
}

const SEVEN: &str = "room7@contoso.com";
const EIGHT: &str = "room8@contoso.com";

#[test]
fn a_look_leads_to_one_step() {
    let (one, two) = (asked(&[SEVEN]), asked(&[SEVEN, EIGHT]));
    let says = |answer| event(&[(SEVEN, Role::Resource, answer)]);
    assert_eq!(step(&one, &says(Answer::None), false), Step::Wait);
    assert_eq!(step(&one, &says(Answer::Tentative), false), Step::Wait);
    assert_eq!(step(&one, &says(Answer::Accepted), false), Step::Invite);
    assert_eq!(step(&one, &says(Answer::Declined), false), Step::GiveUp);
    assert_eq!(step(&two, &says(Answer::Declined), false), Step::Ask(1));
    assert_eq!(step(&two, &event(&[]), false), Step::Wait, "absent is not declined");
    assert_eq!(step(&two, &event(&[("/o=x/cn=y", Role::Resource, Answer::Declined)]), false), Step::Wait);
    let marked = Event {
        changed_by: Some(claim().as_str().to_owned()),
        ..event(&[("/o=x/cn=y", Role::Required, Answer::None)])
    };
    assert_eq!(step(&two, &marked, false), Step::Done, "they are in, under other addresses");
    for answer in [Answer::None, Answer::Tentative, Answer::Accepted, Answer::Declined] {
        assert_eq!(step(&two, &says(answer), true), Step::GiveUp, "it is too late for {answer:?}");
    }
}

#[test]
fn once_the_people_are_in_it_is_done_whatever_the_room_says() {
    let people = ("dana@example.org", Role::Required, Answer::None);
    for answer in [Answer::None, Answer::Accepted, Answer::Declined] {
        let seen = event(&[people, (SEVEN, Role::Resource, answer)]);
        assert_eq!(step(&asked(&[SEVEN]), &seen, false), Step::Done);
        assert_eq!(step(&asked(&[SEVEN]), &seen, true), Step::Done);
    }
}

#[test]
fn the_people_are_added_to_whoever_is_there() {
    let seen = event(&[
        (SEVEN, Role::Resource, Answer::Accepted),
        ("by@hand.example", Role::Optional, Answer::None),
    ]);
    let all = asked(&[SEVEN]).with_people(&seen);
    assert_eq!(all[..2], seen.attendees.iter().cloned().map(Invited::Shown).collect::<Vec<_>>());
    assert!(matches!(&all[2..], [Invited::Asked(dana)] if dana.email.as_str() == "dana@example.org"));
}
