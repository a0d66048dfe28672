//! `token-refresh` on a thread of its own, as its container runs it: what that thread spends is what the worker spends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use local::Stack;
use shared::app::{App, SWEEP_KEY_LIFE, sdk_config};
use shared::aws_http::https_client;
use shared::clock::{SystemEntropy, WallClock};
use shared::settings::Settings;

use crate::measure::{cpu_of_thread, timed};

/// What a worker spent and did.
pub(crate) struct Spent {
    pub(crate) time: Duration,
    pub(crate) cpu: Duration,
    pub(crate) verified: usize,
    pub(crate) stored: usize,
}

/// Settings of the stack, some of them changed.
pub(crate) fn settings(stack: &Stack, changed: &[(&str, &str)]) -> HashMap<String, String> {
    let mut all = stack.shared.environment.clone();
    all.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    all.insert("AWS_ACCESS_KEY_ID".to_owned(), "token-refresh".to_owned());
    all
}

/// Runs work on a thread with a runtime of its own; its result, and the time and processor time of it.
pub(crate) fn alone<T: Send + 'static, F: Future<Output = T>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> (T, Duration, Duration) {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let before = cpu_of_thread();
        let (time, done) = timed(|| runtime.block_on(work()));
        (done, time, cpu_of_thread().saturating_sub(before))
    });
    thread.join().expect("the worker ends")
}

/// One tick after another until nothing is due.
pub(crate) fn sweep(told: HashMap<String, String>) -> Spent {
    // The log lines are part of the work; nobody reads them.
    shared::telemetry::start_with(std::io::sink);
    let ((verified, stored), time, cpu) = alone(move || async move {
        let get = |name: &str| told.get(name).cloned();
        let aws = sdk_config(https_client(), &get).expect("complete");
        let settings = Settings::read(&get).expect("complete");
        let (clock, entropy) = (Arc::new(WallClock), Arc::new(SystemEntropy));
        let app = App::keeping_keys_for(SWEEP_KEY_LIFE, settings, &aws, clock, entropy);
        let (mut verified, mut stored) = (0, 0);
        loop {
            let report = token_refresh::FUNCTION.run(&app, None).await;
            let count = |name: &str| report[name].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            assert_eq!(count("postponed") + count("unopened") + count("unreadable"), 0, "{report}");
            verified += count("verified");
            stored += count("stored");
            if count("verified") == 0 {
                return (verified, stored);
            }
        }
    });
    Spent { time, cpu, verified, stored }
}
