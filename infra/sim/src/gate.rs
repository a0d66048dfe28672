//! The one way in: every call of the product is journalled here and meets its faults, before and after the effect.

use crate::faults::{Arrival, Kind, Reset, When, spoil};
use crate::journal::Journal;
use axum::response::Response;
use std::time::Duration;

/// Records the call, runs `effect` unless a fault forbids it, and gives the answer or its spoiled form.
pub(crate) async fn pass(
    journal: &Journal,
    arrival: Arrival,
    effect: impl Future<Output = Response>,
) -> Response {
    let n = journal.begin(&arrival);
    let answer = if let Some(kind) = strike(journal, &arrival, When::Before).await {
        spoil(kind, arrival.service, None).await
    } else {
        let right = effect.await;
        journal.took_effect(n);
        match strike(journal, &arrival, When::After).await {
            Some(kind) => spoil(kind, arrival.service, Some(right)).await,
            None => right,
        }
    };
    let dropped = answer.extensions().get::<Reset>().is_some();
    journal.end(n, if dropped { 0 } else { answer.status().as_u16() });
    answer
}

#[expect(
    clippy::disallowed_methods,
    reason = "a slow peer is slow in real time; the product's timeouts are real too"
)]
/// Waits out the delays; gives the spoiled answer if there is one.
async fn strike(journal: &Journal, arrival: &Arrival, when: When) -> Option<Kind> {
    for kind in journal.faults().take(arrival, when) {
        let Kind::Latency { ms } = kind else { return Some(kind) };
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    None
}
