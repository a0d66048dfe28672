//! What a refusal by Graph means to whoever called us.

use crate::microsoft::{GraphError, GraphEvidence};
use crate::problem::{Code, Microsoft, Problem};

impl From<&GraphEvidence> for Microsoft {
    fn from(evidence: &GraphEvidence) -> Self {
        Self {
            error: evidence.code.clone(),
            code: None,
            trace_id: evidence.request_id.clone(),
            correlation_id: Some(evidence.client_request_id.clone()),
            at: evidence.at.clone(),
        }
    }
}

/// The problem for a call that Graph did not do.
pub fn graph_problem(error: &GraphError) -> Problem {
    let problem = match error {
        GraphError::Unauthorized(_) | GraphError::Unclear(_) | GraphError::Unavailable(_) => {
            Problem::from(Code::MicrosoftUnavailable)
        }
        GraphError::Forbidden(_) => Code::ScopeMissing.into(),
        GraphError::MailboxUnavailable(_) => Code::MailboxUnavailable.into(),
        GraphError::NotFound(_) => Code::EventMissing.into(),
        GraphError::Stale(_) => Code::VersionMismatch.into(),
        GraphError::Refused(_) => Code::OutlookRefused.into(),
        GraphError::Throttled { wait, .. } => Problem::from(Code::MicrosoftThrottled).again_in(*wait),
    };
    match error.evidence() {
        Some(evidence) => problem.said_by(evidence.into()),
        None => problem,
    }
}
