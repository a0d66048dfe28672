//! Names of time zones: which of them a mailbox's server knows depends on its update.

use serde_json::{Value, json};

use super::{ANA, moved};
use crate::world::{Person, World, interview};

/// Windows got these in 2026.
const YOUNG: [&str; 3] =
    ["Alberta Standard Time", "British Columbia Standard Time", "Manitoba Standard Time"];

async fn at(ana: &Person<'_>, zone: &str) -> String {
    let mut body = interview();
    body["time_zone"] = json!(zone);
    let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(answer.status, 201, "{zone}: {}", answer.text);
    assert_eq!(answer.str("/time_zone"), zone, "shown as it was asked for");
    format!("/v1/interviews/{}", answer.str("/id"))
}

fn times(event: &Value) -> (&str, &str, &str) {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    (text("/start/dateTime"), text("/end/dateTime"), text("/originalStartTimeZone"))
}

#[tokio::test]
async fn zones_of_2026_are_sent_by_names_that_older_servers_know() {
    for young in [false, true] {
        for zone in ["America/Vancouver", "America/Edmonton", "America/Winnipeg"] {
            let world = World::start().await;
            let ana = world.ana().await;
            world.microsoft().options(|options| options.young_zones = young);
            let n = world.journal().last();
            at(&ana, zone).await;
            let event = world.meeting(ANA);
            let local: jiff::civil::DateTime = "2026-12-01T10:00:00".parse().expect("a time");
            let start = local.in_tz(zone).expect("a zone").with_time_zone(jiff::tz::TimeZone::UTC);
            let (told, _, name) = times(&event);
            assert_eq!(told, start.strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string(), "{zone}");
            assert!(name.ends_with("Standard Time") && !YOUNG.contains(&name), "{zone}: {name}");
            assert_eq!(world.graph_since(n), ["POST /me/events"], "sent once");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_zone_is_given_the_same_instants_in_utc() {
    let world = World::start().await;
    let ana = world.ana().await;
    let refused = ["Romance Standard Time".to_owned()];
    world.microsoft().options(|options| options.refused_zones.extend(refused));
    let path = at(&ana, "Europe/Paris").await;
    let event = world.meeting(ANA);
    assert_eq!(
        times(&event),
        ("2026-12-01T09:00:00.0000000", "2026-12-01T09:45:00.0000000", "UTC"),
        "{event}"
    );
    let answer = moved(&ana, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(times(&world.meeting(ANA)).0, "2026-12-02T09:00:00.0000000");
    assert_eq!(world.mails().len(), 4, "two invitations and two updates");
}

#[tokio::test]
async fn a_server_that_knows_no_zone_at_all_is_our_fault_and_nobody_elses() {
    let world = World::start().await;
    let ana = world.ana().await;
    let refused = ["Romance Standard Time".to_owned(), "UTC".to_owned()];
    world.microsoft().options(|options| options.refused_zones.extend(refused));
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.problem(), (500, "internal-error"), "{}", answer.text);
    assert!(world.meetings(ANA).is_empty());
}
