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
        let mut line = String::new();
        self.json.format_event(ctx, Writer::new(&mut line), event)?;
        if event.metadata().fields().field(METRICS).is_some()
            && let Some(lifted) = lifted(&line)
        {
            line = lifted;
        }
        let at = event.metadata().target();
        writeln!(out, "{}", whole(line.trim_end(), at))
    }
}

/// Bytes of a line that CloudWatch Logs keeps whole: 256 KB, 26 of them its own ("CloudWatch Logs quotas").
const LONGEST: usize = 256 * 1024 - 26;

/// The line, or that it was too long: cut anywhere, it would be no JSON, and its metrics would be lost unseen.
fn whole(line: &str, target: &str) -> String {
    if line.len() <= LONGEST {
        return line.to_owned();
    }
    let bytes = line.len();
    serde_json::json!({ "level": "ERROR", "target": target, "bytes": bytes, "message": "A line of the log was too long and was left out" })
        .to_string()
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
    fn a_line_that_cloudwatch_would_cut_is_left_out_and_told() {
        let line = "x".repeat(LONGEST);
        assert_eq!(whole(&line, "t"), line);
        let told: Value =
            serde_json::from_str(&whole(&format!("{line}x"), "shared::function")).expect("JSON");
        assert_eq!(
            (told["bytes"].as_u64(), told["target"].as_str()),
            (Some(262_119), Some("shared::function"))
        );
    }

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
