use jiff::civil::Weekday;

use super::*;
use crate::domain::availability::hours::{Clock, WorkingHours};

fn emails(all: &[&str]) -> Vec<Address> {
    all.iter().map(|email| email.parse().expect("an address")).collect()
}

fn at(text: &str) -> Timestamp {
    format!("2026-12-01T{text}:00Z").parse().expect("a time")
}

/// An answer about these addresses, asked for from 08:00 to 12:00.
fn answer(schedules: &Value, of: &[&str], home: &str) -> Schedules {
    let emails = emails(of);
    let question = Question { emails: &emails, time: (at("08:00"), at("12:00")), home };
    read(json!({ "value": schedules }).to_string().as_bytes(), &question).expect("a list")
}

/// One schedule of `carl@contoso.com`, read at home in `contoso.com`.
fn one(schedule: &Value) -> Result<Calendar, Reason> {
    let mut schedule = schedule.clone();
    schedule["scheduleId"] = json!("Carl@contoso.com");
    answer(&json!([schedule]), &["carl@contoso.com"], "contoso.com").remove(0).expect("named")
}

fn failed(code: &Value, message: &str, home: &str) -> Reason {
    let told =
        json!([{ "scheduleId": "x@contoso.com", "error": { "message": message, "responseCode": code } }]);
    let read = answer(&told, &["x@contoso.com"], home).remove(0).expect("named");
    read.expect_err("an error")
}

#[test]
fn the_question_asks_in_utc() {
    let emails = emails(&["a@b.example"]);
    let end = "2026-12-01T12:00:00+01:00".parse().expect("a time");
    let asked = Question { emails: &emails, time: (at("08:00"), end), home: "" }.body();
    assert_eq!(
        asked,
        json!({ "schedules": ["a@b.example"], "availabilityViewInterval": 5,
            "startTime": { "dateTime": "2026-12-01T08:00:00", "timeZone": "UTC" },
            "endTime": { "dateTime": "2026-12-01T11:00:00", "timeZone": "UTC" } })
    );
}

#[test]
fn items_are_read_without_what_they_are_about() {
    let item = |status: &str, zone: &str| {
        json!({ "isPrivate": false, "status": status, "subject": "Salary of Dana", "location": "Room 7",
            "start": { "dateTime": "2026-12-01T09:00:00.0000000", "timeZone": zone },
            "end": { "dateTime": "2026-12-01T10:00:00.0000000", "timeZone": zone } })
    };
    let calendar = one(&json!({ "availabilityView": "0022", "scheduleItems": [
        item("busy", "UTC"), item("oof", "Romance Standard Time"), item("free", "UTC"),
        item("workingElsewhere", "Europe/Madrid"), item("tentative", "UTC"), item("unknown", "UTC") ] }))
    .expect("known");
    let statuses: Vec<Status> = calendar.busy.iter().map(|item| item.status).collect();
    assert_eq!(
        statuses,
        [Status::Busy, Status::OutOfOffice, Status::WorkingElsewhere, Status::Tentative, Status::Unknown]
    );
    let starts: Vec<String> = calendar.busy.iter().map(|item| item.start.to_string()).collect();
    assert_eq!(starts[..3], ["2026-12-01T09:00:00Z", "2026-12-01T08:00:00Z", "2026-12-01T08:00:00Z"]);
    assert!(!format!("{calendar:?}").contains("Dana"));
    assert_eq!(calendar.hours, None);
}

#[test]
fn what_cannot_be_read_is_unknown_and_never_free() {
    assert_eq!(one(&json!({ "scheduleItems": [] })), Ok(Calendar::default()));
    for odd in [
        json!({}),
        json!({ "scheduleItems": null }),
        json!({ "scheduleItems": "none" }),
        json!({ "scheduleItems": [{ "status": "busy" }] }),
        json!({ "scheduleItems": [{ "status": "busy", "start": { "dateTime": "soon" }, "end": { "dateTime": "later" } }] }),
        json!({ "scheduleItems": [{ "status": "busy",
            "start": { "dateTime": "2026-12-01T10:00:00", "timeZone": "UTC" },
            "end": { "dateTime": "2026-12-01T09:00:00", "timeZone": "UTC" } }] }),
        json!({ "scheduleItems": [{ "status": "busy",
            "start": { "dateTime": "2026-12-01T10:00:00", "timeZone": "Mars Standard Time" },
            "end": { "dateTime": "2026-12-01T11:00:00", "timeZone": "Mars Standard Time" } }] }),
    ] {
        assert_eq!(one(&odd), Err(Reason::Unreadable), "{odd}");
    }
    let two = ["carl@contoso.com", "dora@contoso.com"];
    let dora = json!({ "scheduleId": "dora@contoso.com", "scheduleItems": [] });
    assert_eq!(answer(&json!([dora]), &two, "contoso.com"), [None, Some(Ok(Calendar::default()))]);
    let twice = json!([dora, { "scheduleId": "dora@contoso.com", "error": {} }]);
    assert_eq!(answer(&twice, &two[1..], "contoso.com"), [None]);
    let emails = emails(&two);
    let question = Question { emails: &emails, time: (at("08:00"), at("12:00")), home: "contoso.com" };
    assert!(read(b"<html>", &question).is_none() && read(br#"{"value":null}"#, &question).is_none());
}

/// The codes are numbers in text, numbers, or names.
#[test]
fn an_error_within_a_success_has_its_reason() {
    let nobody = "Unable to resolve e-mail address x@contoso.com to an Active Directory object.";
    assert_eq!(failed(&json!("5009"), nobody, "contoso.com"), Reason::MailboxNotFound);
    assert_eq!(failed(&json!(5009), nobody, "fabrikam.com"), Reason::OutsideOrganization);
    let proxy =
        "Proxy web request failed. , inner exception: The request failed with HTTP status 401: Unauthorized.";
    assert_eq!(failed(&json!("5016"), proxy, "fabrikam.com"), Reason::OutsideOrganization);
    assert_eq!(failed(&json!("ErrorProxyRequestProcessingFailed"), "", "contoso.com"), Reason::OnPremises);
    assert_eq!(failed(&json!("ErrorNoFreeBusyAccess"), "", "contoso.com"), Reason::NoAccess);
    assert_eq!(failed(&json!(5037), "", "contoso.com"), Reason::NoAccess);
    assert_eq!(failed(&json!("5006"), "", "contoso.com"), Reason::TooManyEvents);
    assert_eq!(failed(&json!("ErrorServerBusy"), "", "contoso.com"), Reason::Throttled);
    assert_eq!(failed(&json!("ErrorSomethingNew"), "", "contoso.com"), Reason::Unreadable);
    assert_eq!(failed(&json!(null), "", "contoso.com"), Reason::Unreadable);
}

#[test]
fn an_answer_under_another_name_belongs_to_the_only_address_without_one() {
    let of = |names: &[&str]| {
        let schedule = |(n, name): (usize, &&str)| {
            json!({ "scheduleId": name, "scheduleItems": [{ "status": "busy",
                "start": { "dateTime": format!("2026-12-01T09:0{n}:00"), "timeZone": "UTC" },
                "end": { "dateTime": "2026-12-01T10:00:00", "timeZone": "UTC" } }] })
        };
        let schedules: Vec<Value> = names.iter().enumerate().map(schedule).collect();
        let asked = ["alias@contoso.com", "carl@contoso.com", "dora@contoso.com"];
        let read = answer(&json!(schedules), &asked[..names.len().clamp(1, 3)], "contoso.com");
        let minute = |told: Option<Result<Calendar, Reason>>| {
            told.map(|read| read.expect("known").busy[0].start.to_string()[15..16].to_owned())
        };
        read.into_iter().map(minute).collect::<Vec<_>>()
    };
    let some = |minute: &str| Some(minute.to_owned());
    assert_eq!(of(&["primary@contoso.com"]), [some("0")]);
    assert_eq!(
        of(&["primary@contoso.com", "carl@contoso.com", "Dora@contoso.com"]),
        [some("0"), some("1"), some("2")]
    );
    assert_eq!(
        of(&["carl@contoso.com", "dora@contoso.com", "primary@contoso.com"]),
        [some("2"), some("0"), some("1")]
    );
    // Of two it is not known which is whose, and neither where one has two answers.
    assert_eq!(of(&["one@contoso.com", "carl@contoso.com", "two@contoso.com"]), [None, some("1"), None]);
    assert_eq!(of(&["carl@contoso.com", "carl@contoso.com", "dora@contoso.com"]), [None, None, some("2")]);
}

#[test]
fn a_view_is_read_where_there_are_no_items_and_believed_where_they_are_empty() {
    // Four hours in digits of five minutes; busy from 09:00 to 09:10.
    let view = format!("{}22{}", "0".repeat(12), "0".repeat(34));
    let busy = Busy { start: at("09:00"), end: at("09:10"), status: Status::Busy };
    let alone = one(&json!({ "availabilityView": view })).expect("known");
    assert_eq!((alone.busy, alone.merged), (vec![busy], true));
    let empty = one(&json!({ "availabilityView": view, "scheduleItems": [] })).expect("known");
    assert_eq!((empty.busy, empty.merged), (vec![busy], false), "a view that says busy is busy, never free");
    let escaped =
        format!("{{\"scheduleId\":\"carl@contoso.com\",\"availabilityView\":\"\\u0030{}\"}}", &view[1..]);
    let emails = emails(&["carl@contoso.com"]);
    let question = Question { emails: &emails, time: (at("08:00"), at("12:00")), home: "" };
    let read = read(format!("{{\"value\":[{escaped}]}}").as_bytes(), &question).expect("a list");
    assert_eq!(read[0].as_ref().and_then(|read| read.as_ref().ok()).map(|one| one.busy.len()), Some(1));
    for odd in [
        json!({ "availabilityView": "00" }),
        json!({ "availabilityView": 0 }),
        json!({ "availabilityView": "" }),
    ] {
        assert_eq!(one(&odd), Err(Reason::Unreadable), "{odd}");
    }
}

#[test]
fn what_lies_outside_of_the_time_that_was_asked_for_is_cut_off() {
    let emails = emails(&["carl@contoso.com"]);
    let item = |start: &str, end: &str| {
        json!({ "status": "busy", "start": { "dateTime": format!("2026-12-01T{start}:00"), "timeZone": "UTC" },
            "end": { "dateTime": format!("2026-12-01T{end}:00"), "timeZone": "UTC" } })
    };
    let body = json!({ "value": [{ "scheduleId": "carl@contoso.com",
        "scheduleItems": [item("09:00", "09:01"), item("09:03", "09:04"), item("09:02", "10:00")] }] });
    let question = Question { emails: &emails, time: (at("09:01"), at("09:03")), home: "" };
    let read = read(body.to_string().as_bytes(), &question).expect("a list").remove(0);
    let busy = read.expect("named").expect("known").busy;
    assert_eq!(busy, [Busy { start: at("09:02"), end: at("10:00"), status: Status::Busy }]);
}

#[test]
fn the_end_of_a_day_as_exchange_writes_it_is_midnight() {
    let calendar = one(&json!({ "scheduleItems": [{ "status": "busy",
        "start": { "dateTime": "2026-12-01T09:59:59.9999999", "timeZone": "UTC" },
        "end": { "dateTime": "2026-12-01T23:59:59.9999999", "timeZone": "UTC" } }],
        "workingHours": { "daysOfWeek": ["tuesday"], "startTime": "00:00:00.0000000",
            "endTime": "23:59:59.9999999", "timeZone": { "name": "UTC" } } }))
    .expect("known");
    let midnight = "2026-12-02T00:00:00Z".parse().expect("a time");
    assert_eq!(calendar.busy, [Busy { start: at("10:00"), end: midnight, status: Status::Busy }]);
    let (from, to) = (at("00:00").as_second(), midnight.as_second());
    let worked = calendar.hours.expect("hours").times(from, to + 3600).expect("a clock");
    assert_eq!(worked.iter().collect::<Vec<_>>(), [(from, to)], "to the last second");
}

fn hours_in(zone: &Value) -> WorkingHours {
    let hours = json!({ "daysOfWeek": ["monday", "sunday"], "startTime": "08:30:00.0000000",
        "endTime": "17:00:00.0000000", "timeZone": zone });
    one(&json!({ "scheduleItems": [], "workingHours": hours })).expect("known").hours.expect("hours")
}

#[test]
fn hours_are_read_in_windows_iana_and_custom_zones() {
    let paris = hours_in(&json!({ "name": "Romance Standard Time" }));
    assert_eq!(paris.zone_name(), Some("Europe/Paris"));
    assert_eq!((paris.days.len(), paris.start.to_string().as_str()), (2, "08:30:00"));
    assert_eq!(hours_in(&json!({ "name": "Asia/Kathmandu" })).zone_name(), Some("Asia/Kathmandu"));
    let rule = |month: i8, occurrence: i8| {
        json!({ "time": "02:00:00.0000000", "dayOccurrence": occurrence, "dayOfWeek": "sunday",
            "month": month, "year": 0, "daylightBias": -60 })
    };
    let custom = json!({ "@odata.type": "#microsoft.graph.customTimeZone", "bias": 480,
        "name": "Customized Time Zone", "standardOffset": rule(11, 1), "daylightOffset": rule(3, 2) });
    let Clock::Custom(zone) = hours_in(&custom).clock else { panic!("a zone of rules") };
    let december = "2026-12-01T00:00:00Z".parse::<Timestamp>().expect("a time").as_second();
    assert_eq!(zone.offsets(december, december + 1), [(december, -8 * 3600)]);
    assert_eq!(zone.offsets(december - 150 * 86_400, december - 150 * 86_400 + 1)[0].1, -7 * 3600);
    let fixed = json!({ "bias": -345, "name": "Customized Time Zone",
        "standardOffset": { "month": 0, "year": 0 }, "daylightOffset": null });
    let Clock::Custom(zone) = hours_in(&fixed).clock else { panic!("a zone without rules") };
    assert_eq!((zone.rules, zone.offsets(0, 1)), (None, vec![(0, 20_700)]));
    assert_eq!(hours_in(&json!({ "name": "Nobody's Time" })).clock, Clock::Unknown);
    assert_eq!(hours_in(&json!(null)).clock, Clock::Unknown);
    assert_eq!(hours_in(&json!({ "name": "tzone://Microsoft/Utc" })).zone_name(), Some("UTC"));
}

#[test]
fn hours_that_cannot_be_read_are_not_known_and_those_that_are_not_there_are_none() {
    let hours =
        |told: Value| one(&json!({ "scheduleItems": [], "workingHours": told })).expect("known").hours;
    assert_eq!(hours(Value::Null), None);
    for odd in [
        json!({}),
        json!({ "daysOfWeek": ["someday"], "startTime": "08:00:00", "endTime": "17:00:00", "timeZone": { "name": "UTC" } }),
        json!({ "daysOfWeek": ["monday"], "startTime": "morning", "endTime": "17:00:00", "timeZone": { "name": "UTC" } }),
        json!("always"),
    ] {
        let hours = hours(odd.clone()).expect("hours");
        assert!(!hours.is_known() && hours.days.is_empty() && hours.times(0, 86_400).is_none(), "{odd}");
    }
    let named = hours_in(&json!({ "name": "Nobody's Time" }));
    assert_eq!((named.is_known(), named.days.first()), (false, Some(&Weekday::Monday)));
}
