//! Clocks, and what is made of many readings.

use std::time::{Duration, Instant};

/// The instant, for lengths of time only.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// How long the work takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = now();
    let done = work();
    (begun.elapsed(), done)
}

/// The middle one.
pub(crate) fn median(readings: &[f64]) -> f64 {
    let mut sorted = readings.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The medians of the rounds, each with the others beside it; then their middle.
#[derive(Default)]
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    pub(crate) fn add(&mut self, readings: &[f64]) {
        self.0.push(median(readings));
    }

    pub(crate) fn middle(&self) -> f64 {
        median(&self.0)
    }

    /// The middle of the ratios of each round: what slows a round slows both sides of it.
    pub(crate) fn against(&self, floor: &Self) -> f64 {
        median(&self.0.iter().zip(&floor.0).map(|(one, other)| one / other).collect::<Vec<_>>())
    }
}

/// User and system time of all threads of a process.
pub(crate) fn cpu_of(process: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("a process");
    threads.map(|thread| spent(&thread.expect("a thread").path().join("schedstat"))).sum()
}

/// User and system time of this thread.
pub(crate) fn cpu_of_thread() -> Duration {
    spent(std::path::Path::new("/proc/thread-self/schedstat"))
}

/// The first figure of the kernel's line: nanoseconds on a processor. A thread that has just ended spent none.
fn spent(file: &std::path::Path) -> Duration {
    let line = std::fs::read_to_string(file).unwrap_or_default();
    Duration::from_nanos(line.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

/// A line of `/proc/PID/status` in kB: `VmRSS`, `VmHWM`.
pub(crate) fn memory_of(process: u32, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let number = found.and_then(|text| text.split_whitespace().next()).expect("a line of that name");
    number.parse().expect("kB")
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}
