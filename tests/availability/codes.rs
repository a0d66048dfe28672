//! What Exchange says in place of a calendar, or without its items: read for what it is, and never free.

use serde_json::{Value, json};

use super::{busy, day, open_world, reasons, search, starts, unreadable};
use crate::world::interview;

#[tokio::test]
async fn every_number_of_exchange_has_a_reason_and_a_step_that_somebody_can_take() {
    let world = open_world().await;
    let ana = world.ana().await;
    let rows = [
        ("5002", "list_too_large", "recruiter"),
        ("5003", "window_too_long", "ats"),
        ("5006", "too_many_events", "ats"),
        ("5008", "mailbox_not_opened", "it_admin"),
        ("5009", "mailbox_not_found", "recruiter"),
        ("5015", "on_premises", "it_admin"),
        ("5016", "on_premises", "it_admin"),
        ("5021", "on_premises", "it_admin"),
        ("5023", "on_premises", "it_admin"),
        ("5024", "on_premises", "it_admin"),
        ("5027", "timed_out", "microsoft_or_wait"),
        ("5029", "no_calendar", "recruiter"),
        ("5037", "no_access", "recruiter"),
        ("5039", "on_premises", "it_admin"),
        ("5041", "unavailable", "microsoft_or_wait"),
        ("5043", "list_too_large", "recruiter"),
        ("5046", "unavailable", "microsoft_or_wait"),
        ("5047", "outside_organization", "recruiter"),
        ("5999", "unreadable", "vendor"),
    ];
    let emails: Vec<String> = rows.iter().map(|(code, ..)| format!("p{code}@contoso.com")).collect();
    for (email, (code, ..)) in emails.iter().zip(rows) {
        unreadable(&world, email, code, "");
    }
    let names: Vec<&str> = emails.iter().map(String::as_str).collect();
    let found = search(&ana, day(&names, &[])).await;
    assert_eq!(found.json["incomplete"], json!(["calendar_unknown"]));
    let schedules = found.json["schedules"].as_array().expect("schedules");
    for (schedule, (code, reason, owner)) in schedules.iter().zip(rows) {
        assert_eq!((&schedule["state"], &schedule["reason"]), (&json!("unknown"), &json!(reason)), "{code}");
        assert_eq!(schedule["fix"]["owner"], owner, "{code}");
        assert!(schedule["detail"].is_string() && schedule["fix"]["steps"][0].is_string(), "{code}");
    }
    // The same words stand in the refusal of a check.
    let mut body = interview();
    body["require_free"] = json!(true);
    unreadable(&world, "carl@contoso.com", "5037", "");
    let refused = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(refused.problem(), (409, "availability-unknown"), "{}", refused.text);
    let why = refused.str("/errors/0/message");
    assert!(
        why.contains("not shown to this user") && why.contains("share at least free/busy times"),
        "{why}"
    );
}

#[tokio::test]
async fn a_proxy_that_found_nothing_is_a_mailbox_that_does_not_exist() {
    let world = open_world().await;
    let ana = world.ana().await;
    let text = "Proxy web request failed. , inner exception: System.Net.WebException: The remote server returned an \
                error: (404) Not Found.";
    unreadable(&world, "carl@contoso.com", "5016", text);
    unreadable(&world, "dora@contoso.com", "ErrorProxyRequestProcessingFailed", text);
    unreadable(&world, "fay@fabrikam.com", "5016", text);
    let found = search(&ana, day(&["carl@contoso.com", "dora@contoso.com", "fay@fabrikam.com"], &[])).await;
    assert_eq!(reasons(&found), ["mailbox_not_found"; 3]);
}

#[tokio::test]
async fn a_merged_view_is_read_digit_by_digit() {
    let world = open_world().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| _ = options.merged_only.insert("carl@contoso.com".to_owned()));
    busy(&world, "carl@contoso.com", "08:00", "09:00", "tentative");
    busy(&world, "carl@contoso.com", "09:00", "11:00", "busy");
    busy(&world, "carl@contoso.com", "11:00", "12:00", "oof");
    busy(&world, "carl@contoso.com", "13:00", "14:00", "workingElsewhere");
    let found = search(&ana, day(&["carl@contoso.com"], &[])).await;
    assert_eq!((reasons(&found), &found.json["complete"]), (vec!["known"], &json!(true)));
    let times: Vec<(&str, &str)> = found.json["schedules"][0]["busy"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            (&item["start"].as_str().expect("a start")[11..16], item["status"].as_str().expect("a word"))
        })
        .collect();
    assert_eq!(times, [("09:00", "tentative"), ("10:00", "busy"), ("12:00", "out_of_office")]);
    assert_eq!(starts(&found)[0], "13:00");
    // Working elsewhere is a 0, so where it counts as busy nothing is known of the free times.
    let mut strict = day(&["carl@contoso.com"], &[]);
    strict["policy"] = json!({ "working_elsewhere": "busy" });
    assert!(starts(&search(&ana, strict.clone()).await).is_empty());
    strict["policy"]["unknown"] = json!("include");
    assert_eq!(search(&ana, strict).await.json["slots"][0]["confidence"], 50);
    // Servers that write a 4 may mean anything by it.
    world.microsoft().options(|options| options.elsewhere_is_four = true);
    let found = search(&ana, day(&["carl@contoso.com"], &[])).await;
    assert_eq!(found.json["schedules"][0]["busy"][3]["status"], "unknown");
    let mut body = interview();
    body["require_free"] = json!(true);
    let refused = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(refused.problem(), (409, "slot-taken"), "{}", refused.text);
}

#[tokio::test]
async fn a_view_that_says_busy_with_an_empty_list_of_items_is_busy() {
    let world = open_world().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| _ = options.without_items.insert("carl@contoso.com".to_owned()));
    busy(&world, "carl@contoso.com", "08:00", "11:00", "busy");
    let found = search(&ana, day(&["carl@contoso.com"], &[])).await;
    assert_eq!(starts(&found)[0], "12:00", "{}", found.text);
    let mut body = interview();
    body["require_free"] = json!(true);
    let refused = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(refused.problem(), (409, "slot-taken"), "{}", refused.text);
    assert!(world.mails().is_empty());
}

#[tokio::test]
async fn hours_in_a_zone_that_nobody_knows_are_unknown_and_the_answer_says_so() {
    let world = open_world().await;
    let ana = world.ana().await;
    for zone in ["Mars Standard Time", ""] {
        world.switch("zone", json!({ "user": "carl@contoso.com", "zone": zone }));
        let found = search(&ana, day(&["carl@contoso.com", "dora@contoso.com"], &[])).await;
        assert_eq!(
            (&found.json["complete"], &found.json["incomplete"]),
            (&json!(false), &json!(["working_hours_unknown"])),
            "{zone}"
        );
        let hours = &found.json["schedules"][0]["working_hours"];
        assert_eq!((&hours["state"], &hours["time_zone"]), (&json!("unknown"), &Value::Null));
        assert_eq!(found.json["schedules"][1]["working_hours"]["state"], "known");
        assert_eq!(
            found.json["slots"][0]["confidence"], 87,
            "of one it is not known whether it is a working hour"
        );
    }
    world.microsoft().options(|options| "evening".clone_into(&mut options.working_day_end));
    world.switch("zone", json!({ "user": "carl@contoso.com", "zone": "Romance Standard Time" }));
    let hours =
        search(&ana, day(&["carl@contoso.com"], &[])).await.json["schedules"][0]["working_hours"].clone();
    assert_eq!(
        hours,
        json!({ "state": "unknown", "days": [], "start": null, "end": null, "time_zone": null })
    );
}

#[tokio::test]
async fn a_working_day_until_the_last_tick_ends_at_midnight() {
    let world = open_world().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| "23:59:59.9999999".clone_into(&mut options.working_day_end));
    let mut asked = day(&["carl@contoso.com"], &[]);
    asked["windows"] = json!([{ "start": "2026-12-01T22:00:00", "end": "2026-12-02T01:00:00" }]);
    let found = search(&ana, asked).await;
    assert_eq!(
        starts(&found).last(),
        Some(&"23:15"),
        "until midnight, and not a second less: {}",
        found.text
    );
    assert_eq!(found.json["schedules"][0]["working_hours"]["end"], "00:00");
}

#[tokio::test]
async fn an_answer_under_the_primary_address_belongs_to_the_alias() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "carl@contoso.com", "08:00", "11:00", "busy");
    let alias = |alias: &str, primary: &str| {
        let (alias, primary) = (alias.to_owned(), primary.to_owned());
        world.microsoft().options(|options| _ = options.schedule_aliases.insert(alias, primary));
    };
    alias("karl@contoso.com", "carl@contoso.com");
    let n = world.journal().last();
    let found = search(&ana, day(&["dora@contoso.com", "karl@contoso.com", "ben@contoso.com"], &[])).await;
    assert_eq!(reasons(&found), ["known"; 3]);
    assert_eq!(found.json["schedules"][1]["email"], "karl@contoso.com");
    assert_eq!((starts(&found)[0], world.graph_since(n).len()), ("12:00", 1));
    // Of two it is not known which is whose: each is asked about alone.
    alias("theodora@contoso.com", "dora@contoso.com");
    let n = world.journal().last();
    let found =
        search(&ana, day(&["theodora@contoso.com", "karl@contoso.com", "ben@contoso.com"], &[])).await;
    assert_eq!((reasons(&found), world.graph_since(n).len()), (vec!["known"; 3], 3));
    assert_eq!(found.json["schedules"][0]["busy"], json!([]));
    assert_eq!(found.json["schedules"][1]["busy"].as_array().map(Vec::len), Some(1));
    // The alias and the primary address of one person.
    let found = search(&ana, day(&["carl@contoso.com", "karl@contoso.com"], &[])).await;
    assert_eq!((reasons(&found), starts(&found)[0]), (vec!["known"; 2], "12:00"), "{}", found.text);
}
