//! Log lines: one JSON object each, a sentence and fields. Never a token, code, body, subject or address.

use std::io::Write;

use tracing_subscriber::fmt::MakeWriter;

/// Sends log lines to standard output. A second call changes nothing.
pub fn start() {
    start_with(std::io::stdout);
}

/// Sends log lines to `writer`, for whoever wants to look at them. A second call changes nothing.
pub fn start_with<W>(writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    for<'a> <W as MakeWriter<'a>>::Writer: Write,
{
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(writer)
        .finish();
    // Only the first subscriber of a process can be the global one.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
