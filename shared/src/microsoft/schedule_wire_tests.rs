use super::*;

fn emails(all: &[&str]) -> Vec<Address> {
    all.iter().map(|email| email.parse().expect("an address")).collect()
}

/// One schedule of `carl@contoso.com`, read at home in `contoso.com`.
fn one(schedule: &Value) -> Result<Calendar, Reason> {
    let mut schedule = schedule.clone();
    schedule["scheduleId"] = json!("Carl@contoso.com");
    let body = json!({ "value": [schedule] }).to_string();
    read(body.as_bytes(), &emails(&["carl@contoso.com"]), "contoso.com").expect("a list").remove(0)
}

fn failed(code: &str, message: &str, home: &str) -> Reason {
    let body = json!({ "value": [{ "scheduleId": "x@contoso.com",
        "error": { "message": message, "responseCode": code } }] });
    let read = read(body.to_string().as_bytes(), &emails(&["x@contoso.com"]), home).expect("a list");
    read[0].clone().expect_err("an error")
}

#[test]
fn the_question_asks_in_utc() {
    let at = |text: &str| text.parse().expect("a time");
    let asked =
        question(&emails(&["a@b.example"]), at("2026-12-01T08:00:00Z"), at("2026-12-01T12:00:00+01:00"));
    assert_eq!(
        asked,
        json!({ "schedules": ["a@b.example"], "availabilityViewInterval": 1440,
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
    let two = emails(&["carl@contoso.com", "dora@contoso.com"]);
    let body = json!({ "value": [{ "scheduleId": "dora@contoso.com", "scheduleItems": [] }] }).to_string();
    assert_eq!(
        read(body.as_bytes(), &two, "contoso.com"),
        Some(vec![Err(Reason::Unreadable), Ok(Calendar::default())])
    );
    let twice = json!({ "value": [{ "scheduleId": "dora@contoso.com", "scheduleItems": [] },
        { "scheduleId": "dora@contoso.com", "error": {} }] });
    assert_eq!(
        read(twice.to_string().as_bytes(), &two[1..], "contoso.com"),
        Some(vec![Err(Reason::Unreadable)])
    );
    assert_eq!(read(b"<html>", &two, "contoso.com"), None);
    assert_eq!(read(br#"{"value":null}"#, &two, "contoso.com"), None);
}

#[test]
fn an_error_within_a_success_has_its_reason() {
    let nobody = "Unable to resolve e-mail address x@contoso.com to an Active Directory object.";
    assert_eq!(failed("5009", nobody, "contoso.com"), Reason::MailboxNotFound);
    assert_eq!(failed("5009", nobody, "fabrikam.com"), Reason::OutsideOrganization);
    let proxy =
        "Proxy web request failed. , inner exception: The request failed with HTTP status 401: Unauthorized.";
    assert_eq!(failed("5016", proxy, "fabrikam.com"), Reason::OutsideOrganization);
    assert_eq!(failed("ErrorProxyRequestProcessingFailed", "", "contoso.com"), Reason::OnPremises);
    assert_eq!(failed("ErrorNoFreeBusyAccess", "", "contoso.com"), Reason::NoAccess);
    assert_eq!(failed("5006", "", "contoso.com"), Reason::TooManyEvents);
    assert_eq!(failed("ErrorServerBusy", "", "contoso.com"), Reason::Throttled);
    assert_eq!(failed("ErrorSomethingNew", "", "contoso.com"), Reason::Unreadable);
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
}
