use serde_json::json;

use super::*;

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

fn asked(email: &str, name: &str, role: Role) -> Attendee {
    Attendee { email: address(email), name: Some(name.to_owned()).filter(|name| !name.is_empty()), role }
}

fn shown(text: &str, name: &str, role: Role) -> AttendeeEntry {
    let text = Some(text.to_owned()).filter(|text| !text.is_empty());
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    let raw = json!({ "type": role.word(), "status": { "response": "none" }, "odd": [1], "emailAddress": { "address": text, "name": name } });
    AttendeeEntry::new(raw, text, name, role, Answer::None)
}

fn event(attendees: &[AttendeeEntry]) -> Event {
    Event { attendees: attendees.to_vec(), ..Event::default() }
}

const X500: &str = "/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn=fay";
use Role::{Optional, Required, Resource};

/// Colleagues whom somebody added by hand, shown in every odd way that is known.
fn by_hand() -> Vec<AttendeeEntry> {
    vec![
        shown(X500, "Fay", Required),
        shown("Gus Guest", "Gus Guest", Optional),
        shown("Hal <hal@x.example>", "Hal", Required),
        shown("", "Ivy", Required),
    ]
}

#[test]
fn whom_nobody_named_goes_back_as_outlook_gave_it() {
    let (dana, carl) = (asked("dana@x.example", "", Required), asked("carl@x.example", "", Required));
    let mut there =
        vec![shown("dana@x.example", "Dana", Required), shown("carl@x.example", "Carl", Required)];
    there.extend(by_hand());
    let dora = asked("dora@x.example", "", Optional);
    let list = changed(&event(&there), &Aliases::default(), (&[dana.clone(), carl], &[dana, dora.clone()]));
    let mut expected: Vec<Invited> = there.iter().cloned().map(Invited::Shown).collect();
    expected[1] = Invited::Removed(there[1].clone());
    expected.push(Invited::Asked(dora));
    assert_eq!(list, Some(expected));
}

#[test]
fn a_change_of_something_else_sends_no_list_whatever_outlook_shows() {
    let people = [asked("dana@x.example", "", Required), asked("carl@x.example", "", Required)];
    for there in [vec![], vec![shown("carl@x.example", "", Optional)], by_hand()] {
        assert_eq!(changed(&event(&there), &Aliases::default(), (&people, &people)), None);
    }
}

#[test]
fn a_role_that_was_changed_by_hand_stays_unless_the_request_changes_it() {
    let of = |role| [asked("dana@x.example", "", Required), asked("carl@x.example", "", role)];
    let there = event(&[shown("dana@x.example", "", Optional), shown("carl@x.example", "", Optional)]);
    let erik = asked("erik@x.example", "", Required);
    let more = [&of(Required)[..], std::slice::from_ref(&erik)].concat();
    let list = changed(&there, &Aliases::default(), (&of(Required), &more)).expect("a list");
    assert_eq!(list[..2], there.attendees.iter().cloned().map(Invited::Shown).collect::<Vec<_>>());
    let list = changed(&there, &Aliases::default(), (&of(Optional), &of(Required))).expect("a list");
    assert_eq!(list[0], Invited::Shown(there.attendees[0].clone()), "dana was not named otherwise");
    assert_eq!(list[1], Invited::Shown(there.attendees[1].clone().with_role(Required)));
}

#[test]
fn somebody_who_was_taken_out_by_hand_is_not_invited_again_by_another_change() {
    let (dana, carl, erik) = (
        asked("dana@x.example", "", Required),
        asked("carl@x.example", "", Required),
        asked("erik@x.example", "", Required),
    );
    let there = event(&[shown("dana@x.example", "", Required)]);
    let list =
        changed(&there, &Aliases::default(), (&[dana.clone(), carl.clone()], &[dana, carl, erik.clone()]));
    assert_eq!(list, Some(vec![Invited::Shown(there.attendees[0].clone()), Invited::Asked(erik)]));
}

#[test]
fn a_new_name_is_written_and_the_old_one_stays_if_none_is_given() {
    let of = |name| [asked("carl@x.example", name, Required)];
    let there = event(&[shown("carl@x.example", "Carl", Required)]);
    let list = changed(&there, &Aliases::default(), (&of("Carl"), &of("Carl C.")));
    assert_eq!(list, Some(vec![Invited::Shown(there.attendees[0].clone().with_name("Carl C."))]));
    assert_eq!(changed(&there, &Aliases::default(), (&of("Carl"), &of(""))), None);
}

#[test]
fn addresses_that_outlook_shows_otherwise_are_known_by_both() {
    let sent = all_asked(vec![
        asked("dana@x.example", "", Required),
        asked("c.miller@x.example", "", Required),
        asked("opt@x.example", "Olga", Optional),
        asked("seventh@x.example", "", Resource),
    ]);
    let there = event(&[
        shown("dana@x.example", "Dana", Required),
        shown("carl@x.example", "Carl Miller", Required),
        shown(X500, "Olga", Optional),
        shown("room7@x.example", "Room 7", Resource),
    ]);
    let mut aliases = Aliases::default();
    aliases.adopt(&sent, &there);
    for (place, email) in
        ["dana@x.example", "c.miller@x.example", "opt@x.example", "seventh@x.example"].iter().enumerate()
    {
        assert_eq!(aliases.find(&there, &address(email)), Some(&there.attendees[place]), "{email}");
    }
    assert!(shows(&there, &sent));
    let stored = serde_json::to_string(&aliases).expect("JSON");
    assert_eq!(serde_json::from_str::<Aliases>(&stored).expect("the same"), aliases);
    // Who is asked for by the alias can be removed.
    let (before, after) = ([asked("c.miller@x.example", "", Required)], []);
    let list = changed(&there, &aliases, (&before, &after)).expect("a list");
    assert_eq!((list.len(), &list[1]), (4, &Invited::Removed(there.attendees[1].clone())));
}

#[test]
fn nobody_is_taken_for_somebody_else_where_it_is_not_clear() {
    let sent = all_asked(vec![asked("c.miller@x.example", "", Required)]);
    let two = event(&[shown("carl@x.example", "Carl", Required), shown("gus@x.example", "Gus", Required)]);
    let mut aliases = Aliases::default();
    aliases.adopt(&sent, &two);
    assert_eq!(aliases, Aliases::default());
    aliases.adopt(&sent, &event(&[]));
    assert_eq!(aliases, Aliases::default(), "an empty list says nothing");
    assert!(!shows(&two, &sent) && !shows(&event(&[]), &sent));
}

#[test]
fn a_list_that_was_sent_is_shown_if_everybody_is_there_and_nobody_else() {
    let mut sent: Vec<Invited> = by_hand().into_iter().map(Invited::Shown).collect();
    sent.push(Invited::Asked(asked("dora@x.example", "", Required)));
    let mut there = by_hand();
    assert!(!shows(&event(&there), &sent));
    there.push(shown("dora.miller@x.example", "Dora", Required));
    assert!(shows(&event(&there), &sent), "be it under another address");
    there.push(shown("zoe@x.example", "Zoe", Required));
    assert!(!shows(&event(&there), &sent));
}

#[test]
fn who_was_to_go_and_is_still_there_is_not_taken_for_who_was_to_come() {
    let carl = shown("carl@x.example", "Carl", Required);
    let (was, dora) = (asked("carl@x.example", "", Required), asked("dora@x.example", "", Required));
    let before = event(std::slice::from_ref(&carl));
    let sent = changed(&before, &Aliases::default(), (&[was], &[dora])).expect("a list");
    let mut aliases = Aliases::default();
    aliases.adopt(&sent, &before);
    assert!(!shows(&before, &sent) && aliases == Aliases::default(), "nothing was written");
    let after = event(&[shown("dora.miller@x.example", "Dora", Required)]);
    assert!(shows(&after, &sent));
    assert!(!shows(&event(&[carl, after.attendees[0].clone()]), &sent), "half of it");
}

#[test]
fn another_role_or_name_is_shown_only_once_it_is_there() {
    let of = |role, name| [asked("carl@x.example", name, role)];
    let before = event(&[shown("carl@x.example", "Carl", Required)]);
    for after in [of(Optional, "Carl"), of(Required, "Carl C.")] {
        let sent = changed(&before, &Aliases::default(), (&of(Required, "Carl"), &after)).expect("a list");
        assert!(!shows(&before, &sent));
        let written =
            event(&[shown("carl@x.example", after[0].name.as_deref().unwrap_or_default(), after[0].role)]);
        assert!(shows(&written, &sent));
    }
}
