//! Log lines: one JSON object each, a sentence and fields. Never a token, code, body, subject or address.
//!
//! The line that ends a request or tick is also the document from which CloudWatch takes metrics: its field `emf` is
//! lifted to the root, where CloudWatch looks.

use std::fmt;
use std::io::Write;

use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

/// The field that holds a document of metrics.
const METRICS: &str = "emf";

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
        .map_event_format(|json| Line { json })
        .with_writer(writer)
        .finish();
    // Only the first subscriber of a process can be the global one.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// A line as the JSON format writes it, with its metrics at the root.
struct Line<J> {
    json: J,
}

impl<S, N, J> FormatEvent<S, N> for Line<J>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    J: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if event.metadata().fields().field(METRICS).is_none() {
            return self.json.format_event(ctx, out, event);
        }
        let mut line = String::new();
        self.json.format_event(ctx, Writer::new(&mut line), event)?;
        writeln!(out, "{}", lifted(&line).as_deref().unwrap_or(line.trim_end()))
    }
}

/// The line with the members of its metrics beside its own. `None`: it has none.
fn lifted(line: &str) -> Option<String> {
    let mut root: Map<String, Value> = serde_json::from_str(line).ok()?;
    let metrics = root.remove(METRICS)?;
    root.extend(serde_json::from_str::<Map<String, Value>>(metrics.as_str()?).ok()?);
    serde_json::to_string(&root).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_stand_at_the_root_and_a_line_without_stays_as_it_is() {
        let line = r#"{"message":"Answered","emf":"{\"_aws\":{\"Timestamp\":1},\"Duration\":2}"}"#;
        let lifted_line: Value = serde_json::from_str(&lifted(line).expect("metrics")).expect("JSON");
        assert_eq!(
            lifted_line,
            serde_json::json!({ "message": "Answered", "_aws": { "Timestamp": 1 }, "Duration": 2 })
        );
        assert_eq!(lifted(r#"{"message":"Answered"}"#), None);
    }
}
