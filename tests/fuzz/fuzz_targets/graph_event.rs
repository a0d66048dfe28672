//! A success of Graph: one byte chooses what was asked for, the rest is the body.
#![no_main]

use fuzz::{Answer, Peer};
use libfuzzer_sys::fuzz_target;
use shared::domain::secret::AccessToken;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else { return };
    let answer = Answer { status: 200, body: body.to_vec(), ..Answer::default() };
    Peer::get().call(answer, async |peer, deadline| {
        let token = AccessToken::new("token".to_owned());
        match choice % 4 {
            0 => {
                if let Ok(found) = peer.graph.event(&token, "AAMk", deadline).await {
                    let event = found.expect("a 200 is never an absence");
                    assert!(!event.id.is_empty());
                }
            }
            1 => {
                let claim = "clm_01KA0000000000000000000000".parse().expect("a claim");
                let found = peer.graph.find_by_claim(&token, &claim, None, deadline).await;
                // A byte-order mark before JSON is ignored.
                let json = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
                assert!(found.is_err() || serde_json::from_slice::<serde_json::Value>(json).is_ok());
            }
            2 => {
                let _ = peer.graph.probe_calendar(&token, deadline).await;
            }
            _ => {
                let ana = "ana@contoso.com".parse().expect("an address");
                if let Ok(Some(zone)) = peer.graph.own_time_zone(&token, &ana, deadline).await {
                    assert!(jiff::tz::TimeZone::get(&zone).is_ok(), "{zone}");
                }
            }
        }
    });
});
