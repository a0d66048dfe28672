//! A refusal of Graph: one byte chooses the status; the first line is `Retry-After`, the rest the body. What is kept of
//! it is short and on one line, for it goes into problems and logs.
#![no_main]

use std::time::Duration;

use fuzz::{Answer, Peer};
use libfuzzer_sys::fuzz_target;
use shared::domain::secret::AccessToken;
use shared::microsoft::GraphError;

const STATUSES: [u16; 16] = [400, 401, 403, 404, 409, 410, 412, 429, 500, 502, 503, 504, 507, 509, 302, 418];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, rest)) = data.split_first() else { return };
    let mut parts = rest.splitn(2, |byte| *byte == b'\n');
    let header = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let status = STATUSES[usize::from(choice) % STATUSES.len()];
    let retry_after = header.chars().filter(|c| (' '..='~').contains(c)).collect();
    let answer = Answer { status, retry_after, body: parts.next().unwrap_or_default().to_vec() };
    let outcome = Peer::get().call(answer, async |peer, deadline| {
        let token = AccessToken::new("token".to_owned());
        peer.graph.event(&token, "AAMk", deadline).await
    });
    let error = match outcome {
        Ok(found) => return assert!(status == 404 && found.is_none(), "{status} is no success"),
        Err(error) => error,
    };
    if let GraphError::Throttled { wait, .. } = &error {
        assert!(*wait <= Duration::from_secs(3600));
    }
    if let Some(evidence) = error.evidence() {
        assert_eq!(evidence.status, status);
        for text in [&evidence.code, &evidence.request_id, &evidence.at].into_iter().flatten() {
            assert!(
                text.len() <= 64 && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'&".contains(&b)),
                "{text:?}"
            );
        }
    }
    assert!(error.to_string().len() <= 200);
});
