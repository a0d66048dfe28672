//! B9: the processor time of one probe (page, open, form, POST, read, decide, log) beside that of a bare client which
//! posts the same form and reads the same answer.

use std::time::Duration;

use shared::concurrent::bounded;
use shared::microsoft::http_client;
use tokio::runtime::Runtime;

use crate::crowd::crowd;
use crate::entra::Entra;
use crate::measure::{Rounds, float, micros};
use crate::program::stack;
use crate::worker::{alone, settings, sweep};

const ROUNDS: usize = 5;
const AT_ONCE: usize = 256;
const EACH: usize = 500;
const SHARDS: u16 = 2;
/// As long as an assertion is.
const ASSERTION: usize = 780;

pub(crate) fn run(threads: &Runtime, connections: usize) {
    let (mut ours, mut bare) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let stack = stack(threads);
        threads.block_on(crowd(&stack, connections / EACH, EACH, SHARDS));
        let entra = threads.block_on(Entra::start(Duration::ZERO));
        let spent = sweep(settings(&stack, &[("MICROSOFT_LOGIN_URL", &entra.url)]));
        ours.add(&[micros(spent.cpu) / float(spent.verified)]);
        let url = format!("{}/tenant/oauth2/v2.0/token", entra.url);
        let ((), _, cpu) = alone(move || posts(url, connections));
        bare.add(&[micros(cpu) / float(connections)]);
    }
    println!("| | CPU us a probe | × bare |\n|---|---|---|");
    println!("| a bare client's POST | {:.0} | 1.00 |", bare.middle());
    println!("| the sweep | {:.0} | {:.2} |", ours.middle(), ours.against(&bare));
}

async fn posts(url: String, times: usize) {
    let http = http_client();
    let (token, assertion) = ("r".repeat(1_500), "e".repeat(ASSERTION));
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &token),
        ("client_id", "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    let post = |_| async {
        let answer = http.post(&url).form(&form).send().await.expect("an answer");
        answer.bytes().await.expect("a body").len()
    };
    let read = bounded((0..times).collect(), AT_ONCE, post).await;
    assert_eq!(read.len(), times);
}
