use super::*;
use crate::domain::ids::ClaimId;
use crate::domain::interview::{Candidate, Details, Interviewer, Options};

fn address(text: &str) -> Address {
    text.parse().expect("address")
}

fn details() -> Details {
    Details {
        title: "Interview: Backend engineer".to_owned(),
        body_html: Some("<p>Agenda</p>".to_owned()),
        candidates: vec![Candidate { email: address("cara@mail.example"), name: Some("Cara".to_owned()) }],
        interviewers: vec![Interviewer {
            email: address("ivan@contoso.example"),
            name: None,
            optional: true,
        }],
        rooms: vec![address("room7@contoso.example"), address("room8@contoso.example")],
        ..Details::default()
    }
}

fn when(start: &str, end: &str, zone: &str) -> When {
    When { start: start.parse().expect("time"), end: end.parse().expect("time"), zone: zone.to_owned() }
}

fn times(when: &When) -> [(String, String); 2] {
    let mut event = Map::new();
    put_times(&mut event, when);
    ["start", "end"].map(|name| {
        (text(&event[name], "dateTime").expect("time"), text(&event[name], "timeZone").expect("zone"))
    })
}

#[test]
fn a_new_event_carries_everything_that_makes_it_ours() {
    let claim: ClaimId = "clm_01ABCDEFGHJKMNPQRSTVWXYZ01".parse().expect("claim");
    let when = when("2026-12-01T09:00:00Z", "2026-12-01T09:45:00Z", "Europe/Madrid");
    let options = Options { teams: true, hide_attendees: true, ..Options::default() };
    let mut new = NewEvent {
        claim: &claim,
        details: &details(),
        when: &when,
        options: &options,
        room_only: false,
        calendar: None,
    };
    let body = new_event(&new);
    new.room_only = true;
    let room = json!([{ "type": "resource", "emailAddress": { "address": "room7@contoso.example" } }]);
    assert_eq!(new_event(&new)["attendees"], room, "a room is held without anybody else");
    assert_eq!(
        body,
        json!({
            "subject": "Interview: Backend engineer",
            "body": { "contentType": "html", "content": "<p>Agenda</p>" },
            "start": { "dateTime": "2026-12-01T10:00:00", "timeZone": "Romance Standard Time" },
            "end": { "dateTime": "2026-12-01T10:45:00", "timeZone": "Romance Standard Time" },
            "attendees": [
                { "type": "required", "emailAddress": { "address": "cara@mail.example", "name": "Cara" } },
                { "type": "optional", "emailAddress": { "address": "ivan@contoso.example" } },
                { "type": "resource", "emailAddress": { "address": "room7@contoso.example" } },
            ],
            "location": {
                "displayName": "room7@contoso.example",
                "locationType": "conferenceRoom",
                "locationEmailAddress": "room7@contoso.example",
            },
            "isOnlineMeeting": true,
            "onlineMeetingProvider": "teamsForBusiness",
            "hideAttendees": true,
            "allowNewTimeProposals": false,
            "transactionId": "clm_01ABCDEFGHJKMNPQRSTVWXYZ01",
            "singleValueExtendedProperties": [{ "id": CLAIM_TAG, "value": "clm_01ABCDEFGHJKMNPQRSTVWXYZ01" }],
        })
    );
}

#[test]
fn a_change_sends_only_what_it_names() {
    let later = when("2026-12-02T09:00:00Z", "2026-12-02T10:00:00Z", "UTC");
    assert_eq!(change(&EventChange::default()), json!({}));
    assert_eq!(
        change(&EventChange { when: Some(&later), if_match: Some("W/\"x\""), ..EventChange::default() }),
        json!({
            "start": { "dateTime": "2026-12-02T09:00:00", "timeZone": "UTC" },
            "end": { "dateTime": "2026-12-02T10:00:00", "timeZone": "UTC" },
            "isAllDay": false,
        })
    );
    let no_room = change(&EventChange { room: Some(None), attendees: Some(&[]), ..EventChange::default() });
    assert_eq!(no_room, json!({ "attendees": [], "location": { "displayName": "" } }));
}

#[test]
fn a_time_that_the_zone_cannot_say_clearly_is_sent_in_utc() {
    // 02:30 on 25 October 2026 happens twice in Paris.
    let doubled = times(&when("2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z", "Europe/Paris"));
    assert_eq!(doubled[0], ("2026-10-25T01:30:00".to_owned(), "UTC".to_owned()));
    assert_eq!(doubled[1], ("2026-10-25T02:30:00".to_owned(), "UTC".to_owned()));
    assert_eq!(times(&when("2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z", "No/Where"))[0].1, "UTC");
}

const EVENT: &str = r#"{
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('5c0e')/events/$entity",
  "@odata.etag": "W/\"ZlnW4RIAV06KYYwlrfNZvQAALfZeRQ==\"", "id": "AAkALgAAAAAAHYQD-EWg0A=",
  "iCalUId": "040000008200E0", "webLink": "https://outlook.office365.com/owa/?itemid=AAkA", "brandNew": {"x": [1]},
  "subject": "Interview", "isCancelled": false, "isOnlineMeeting": true, "onlineMeetingUrl": null,
  "body": { "contentType": "html", "content": "<html><body><p>Agenda</p></body></html>" },
  "start": { "dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC" },
  "end": { "dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "UTC" },
  "attendees": [
    { "type": "required", "status": { "response": "tentativelyAccepted", "time": "0001-01-01T00:00:00Z" },
      "emailAddress": { "name": "Ivan", "address": "ivan@contoso.example" } },
    { "type": "resource", "status": { "response": "declined" }, "emailAddress": { "address": "room7@contoso.example" } },
    { "type": "required", "status": null, "emailAddress": { "name": "Somebody" } }, { "emailAddress": null }, 7 ],
  "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/l/meetup-join/19%3a", "conferenceId": "1775" } }"#;

#[test]
fn an_event_is_read_and_every_entry_of_its_attendees_goes_back_as_it_came() {
    let event = read_event(EVENT.as_bytes()).expect("event");
    assert_eq!(event.start.to_string(), "2026-12-01T09:00:00Z");
    assert_eq!(event.join_url.as_deref(), Some("https://teams.microsoft.com/l/meetup-join/19%3a"));
    let read: Vec<_> =
        event.attendees.iter().map(|entry| (entry.email(), entry.role(), entry.answer())).collect();
    assert_eq!(
        read,
        [
            (Some(address("Ivan@contoso.example")), Role::Required, Answer::Tentative),
            (Some(address("room7@contoso.example")), Role::Resource, Answer::Declined),
            (None, Role::Required, Answer::None),
            (None, Role::Required, Answer::None),
            (None, Role::Required, Answer::None),
        ]
    );
    let all: Vec<Invited> = event.attendees.into_iter().map(Invited::Shown).collect();
    let sent = change(&EventChange { attendees: Some(&all), ..EventChange::default() });
    let given: Value = serde_json::from_str(EVENT).expect("JSON");
    assert_eq!(sent, json!({ "attendees": given["attendees"] }));
}

#[test]
fn an_event_may_be_almost_empty_but_not_without_id_and_times() {
    let least = |id: &str, start: &str| {
        let text = format!(
            r#"{{"id":{id},"start":{start},"end":{{"dateTime":"2026-12-01T10:00:00"}},"attendees":null,"body":7}}"#
        );
        read_event(text.as_bytes())
    };
    let start = r#"{"dateTime":"2026-12-01T10:00:00","timeZone":"Romance Standard Time"}"#;
    assert_eq!(least(r#""A""#, start).expect("event").start.to_string(), "2026-12-01T09:00:00Z");
    for (id, start) in [("null", start), (r#""A""#, "null"), (r#""A""#, r#"{"dateTime":"soon"}"#)] {
        assert!(least(id, start).is_none());
    }
    for cut in 0..EVENT.len() {
        assert!(read_event(&EVENT.as_bytes()[..cut]).is_none(), "cut at {cut}");
    }
}

#[test]
fn a_page_is_read_whole_or_not_at_all() {
    let page =
        |value: &str| read_page(format!(r#"{{"value":[{value}],"@odata.nextLink":"https://x"}}"#).as_bytes());
    assert_eq!(page(EVENT).map(|page| page.events.len()), Some(1));
    assert_eq!(page("").and_then(|page| page.next).as_deref(), Some("https://x"));
    assert!(page("{}").is_none() && read_page(b"{}").is_none());
}

#[test]
fn a_calendar_tells_its_owner_and_whether_it_knows_teams() {
    let probe = read_probe(
        br#"{"id":"AAMk","name":"Calendar","canEdit":true,"allowedOnlineMeetingProviders":["skype","teamsForBusiness"],
        "owner":{"name":"Rina","address":"rina@contoso.example"}}"#,
    );
    let owner = Some(address("rina@contoso.example"));
    let expected =
        CalendarProbe { owner, owner_name: Some("Rina".to_owned()), teams: Teams::Yes, can_edit: true };
    assert_eq!(probe, Some(expected));
    assert_eq!(
        read_probe(br#"{"id":"A","owner":null}"#).map(|probe| (probe.teams, probe.owner)),
        Some((Teams::Unknown, None))
    );
    assert_eq!(read_probe(b"<html>"), None);
}

#[test]
fn the_own_zone_is_read_from_the_working_hours() {
    let zone = |schedule: &str| read_own_zone(format!(r#"{{"value":[{schedule}]}}"#).as_bytes());
    let named = |name: &str| {
        zone(&format!(r#"{{"scheduleId":"x","workingHours":{{"timeZone":{{"name":"{name}"}}}}}}"#))
    };
    assert_eq!(named("Romance Standard Time"), Some(OwnZone(Some("Europe/Paris".to_owned()))));
    assert_eq!(named("Europe/Madrid"), Some(OwnZone(Some("Europe/Madrid".to_owned()))));
    assert_eq!(named("Customized Time Zone"), Some(OwnZone(None)));
    assert_eq!(
        zone(r#"{"scheduleId":"x","error":{"message":"m","responseCode":"5009"}}"#),
        Some(OwnZone(None))
    );
    assert_eq!(zone(""), Some(OwnZone(None)));
    assert_eq!(read_own_zone(b"{}"), None);
}

#[test]
fn a_calendar_that_names_no_provider_says_nothing_about_teams() {
    for (told, teams) in [
        (r#"["teamsForBusiness"]"#, Teams::Yes),
        (r#"["unknown","teamsForBusiness"]"#, Teams::Yes),
        (r#"["TeamsForBusiness"]"#, Teams::Yes),
        ("[]", Teams::Unknown),
        (r#"["unknown"]"#, Teams::Unknown),
        ("null", Teams::Unknown),
        (r#""teamsForBusiness""#, Teams::Unknown),
        ("[null, 7]", Teams::Unknown),
        (r#"["skypeForBusiness"]"#, Teams::No),
        (r#"["unknown","skypeForConsumer"]"#, Teams::No),
    ] {
        let body = format!(r#"{{"id":"A","allowedOnlineMeetingProviders":{told}}}"#);
        assert_eq!(read_probe(body.as_bytes()).expect("a calendar").teams, teams, "{told}");
    }
}
