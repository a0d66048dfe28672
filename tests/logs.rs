//! Every log line of this process, kept for the tests that look for secrets in them.

use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Keep;

impl Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins to keep lines; answers how many bytes there are.
pub(crate) fn begin() -> usize {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| shared::telemetry::start_with(|| Keep));
    LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// What was logged since.
pub(crate) fn since(mark: usize) -> Vec<u8> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)[mark..].to_vec()
}
