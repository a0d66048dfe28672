//! B8: how long a sweep takes while every redemption takes 200 ms, beside the ideal: N · L / C. What C is in a run, the
//! shape of the data says too: Entra is asked 32 times at once for a tenant at most.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::crowd::crowd;
use crate::entra::Entra;
use crate::measure::float;
use crate::program::stack;
use crate::worker::{settings, sweep};

const LATENCY: Duration = Duration::from_millis(200);
/// So many redemptions at once, as `token-refresh` allows them.
const AT_ONCE: usize = 256;
const OF_A_TENANT_AT_ONCE: usize = 32;
/// What a shard holds when there are a million connections.
const OF_A_SHARD: usize = 3_900;

pub(crate) fn run(threads: &Runtime, connections: usize) {
    println!(
        "| connections | customers | shards | C | ideal s | took s | ideal / took | most at once | CPU us each |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    let full = u16::try_from(connections.div_ceil(OF_A_SHARD)).expect("a count");
    for (each, shards, most) in
        [(25, full, AT_ONCE), (25, 256, AT_ONCE), (OF_A_SHARD, 1, OF_A_TENANT_AT_ONCE)]
    {
        let customers = if most == OF_A_TENANT_AT_ONCE { 1 } else { connections / each };
        let stack = stack(threads);
        threads.block_on(crowd(&stack, customers, each, shards));
        let entra = threads.block_on(Entra::start(LATENCY));
        let spent = sweep(settings(&stack, &[("MICROSOFT_LOGIN_URL", &entra.url)]));
        assert_eq!(spent.verified, customers * each, "everybody was verified");
        let ideal = float(spent.verified) * LATENCY.as_secs_f64() / float(most);
        let took = spent.time.as_secs_f64();
        println!(
            "| {} | {customers} of {each} | {shards} | {most} | {ideal:.1} | {took:.1} | {:.2} | {} | {:.0} |",
            spent.verified,
            ideal / took,
            entra.seen.most_at_once.load(Relaxed),
            spent.cpu.as_secs_f64() * 1e6 / float(spent.verified),
        );
    }
}
