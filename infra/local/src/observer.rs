//! What the gateway takes in and answers, for a test or tool that watches a stack from outside.

use std::sync::Arc;

use serde_json::{Map, Value};

/// A request for one of the functions, as it arrives and once it is answered.
#[derive(Debug)]
pub struct Observed<'a> {
    /// The same for both.
    pub request_id: &'a str,
    /// Method and path template.
    pub route: &'a str,
    /// Path parameters.
    pub parameters: &'a Map<String, Value>,
    /// Claims of the caller's token.
    pub claims: &'a Map<String, Value>,
    /// `Idempotency-Key`.
    pub key: Option<&'a str>,
    /// The body as sent.
    pub body: &'a [u8],
    /// The answer's status; none as long as there is no answer.
    pub status: Option<u16>,
}

/// Called for each request twice, or once if the function dies on the way.
pub type Observer = Arc<dyn Fn(&Observed<'_>) + Send + Sync>;
