use std::sync::Arc;

use super::*;
use crate::clock::{SystemEntropy, WallClock};

fn sender() -> Sender {
    let wire = Wire {
        http: crate::microsoft::http_client(),
        clock: Arc::new(WallClock),
        entropy: Arc::new(SystemEntropy),
    };
    Sender { wire, base: "https://graph.microsoft.com/v1.0".to_owned() }
}

fn url(ask: &Ask<'_>) -> Option<String> {
    let token = AccessToken::new("t".to_owned());
    sender().request(&token, ask).ok().map(|request| request.url().to_string())
}

#[test]
fn an_id_stays_within_its_segment() {
    let of = |id| url(&Ask::of(Call::CancelEvent).of_event(id));
    assert_eq!(
        of("AAk/+=-_?#").as_deref(),
        Some("https://graph.microsoft.com/v1.0/me/events/AAk%2F%2B%3D-_%3F%23/cancel")
    );
    assert_eq!(
        of("../../users").as_deref(),
        Some("https://graph.microsoft.com/v1.0/me/events/..%2F..%2Fusers/cancel")
    );
    for id in ["", ".", "..", "..."] {
        assert_eq!(of(id), None, "{id:?}");
    }
}

#[test]
fn a_request_carries_token_and_preference_and_no_zone() {
    let token = AccessToken::new("eyJ0.abc".to_owned());
    let ask =
        Ask::of(Call::ChangeEvent).of_event("A").with_body(serde_json::json!({})).if_match(Some("W/\"x\""));
    let request = sender().request(&token, &ask).expect("request");
    assert_eq!(request.headers()["authorization"], "Bearer eyJ0.abc");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.headers().get_all("prefer").iter().collect::<Vec<_>>(), [r#"IdType="ImmutableId""#]);
    assert_eq!(request.headers()["if-match"], "W/\"x\"");
}

#[test]
fn a_header_cannot_be_broken_out_of() {
    let ask = Ask::of(Call::ReadEvent).of_event("A");
    assert!(sender().request(&AccessToken::new("a\r\nX: y".to_owned()), &ask).is_err());
    let token = AccessToken::new("t".to_owned());
    let ask = Ask::of(Call::ChangeEvent).of_event("A").if_match(Some("x\r\nX: y"));
    assert!(sender().request(&token, &ask).is_err());
}

#[test]
fn a_next_page_elsewhere_is_not_followed() {
    let follow = |link: &str| sender().next_page(Call::FindEvent, link).ok().and_then(|ask| url(&ask));
    let own = "https://graph.microsoft.com/v1.0/me/events?$skiptoken=R0us";
    assert_eq!(follow(own).as_deref(), Some(own));
    for link in [
        "https://evil.example/v1.0/me/events?$skiptoken=R0us",
        "https://graph.microsoft.com.evil.example/v1.0/me/events?x",
        "https://graph.microsoft.com@evil.example/v1.0/me/events?x",
        "https://graph.microsoft.com/v1.0/me/messages?x",
        "https://graph.microsoft.com/v1.0/me/events/../messages?x",
        "http://graph.microsoft.com/v1.0/me/events?x",
        "",
    ] {
        assert_eq!(follow(link), None, "{link}");
    }
    let within = |link: &str| {
        let next = sender().next_page(Call::FindEventIn, link).ok();
        next.and_then(|ask| url(&ask.within(Some("AAMk="))))
    };
    let own = "https://graph.microsoft.com/v1.0/me/calendars/AAMk%3D/events?$skip=5";
    assert_eq!(within(own).as_deref(), Some(own));
    assert_eq!(within("https://graph.microsoft.com/v1.0/me/calendars/events?$skip=5"), None);
    assert_eq!(within("https://graph.microsoft.com/v1.0/me/calendars/a/b/events?$skip=5"), None);
}
