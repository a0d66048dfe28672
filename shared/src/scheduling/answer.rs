//! Answers in the form in which they are stored and replayed.

use crate::domain::claim::StoredAnswer;
use crate::problem::Problem;
use crate::response::Response;

/// An answer as the API gives it.
pub trait StoredForm {
    /// The answer to send.
    fn to_response(&self) -> Response;
}

impl StoredForm for StoredAnswer {
    fn to_response(&self) -> Response {
        let problem = self.content_type == "application/problem+json";
        let response = Response::stored(self.status, problem, self.body.clone());
        match &self.etag {
            Some(etag) => response.with("etag", etag),
            None => response,
        }
    }
}

/// A problem as an answer to store.
pub fn problem_answer(problem: &Problem, public_url: &str, request_id: &str) -> StoredAnswer {
    StoredAnswer {
        status: problem.code.entry().status,
        body: serde_json::to_string(&problem.body(public_url, request_id)).unwrap_or_default(),
        content_type: "application/problem+json".to_owned(),
        etag: None,
    }
}
