//! What a refusal by Graph means to the client.

use crate::domain::graph_code::Class;
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
        // Entra was asked for another token and gave none: the connection says why, and is being checked.
        GraphError::Unauthorized(_) => Problem::from(Class::TokenRefused),
        GraphError::Unclear(_) | GraphError::Unavailable(_) => Problem::from(Code::MicrosoftUnavailable),
        GraphError::Forbidden(evidence) => by_class(evidence.class, Code::MailboxAccessDenied),
        GraphError::MailboxUnavailable(evidence) => by_class(evidence.class, Code::MailboxUnavailable),
        GraphError::NotFound(_) => Code::EventMissing.into(),
        GraphError::Stale(_) => Code::VersionMismatch.into(),
        GraphError::Refused(evidence) => by_class(evidence.class, Code::OutlookRefused),
        GraphError::Throttled { wait, .. } => Problem::from(Code::MicrosoftThrottled).again_in(*wait),
    };
    match error.evidence() {
        Some(evidence) => problem.said_by(evidence.into()),
        None => problem,
    }
}

/// The problem of a class that says something of its own; else that of its kin.
fn by_class(class: Class, kin: Code) -> Problem {
    match class {
        Class::Unsaid | Class::Missing | Class::Refused => kin.into(),
        class => class.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Owner;

    fn told(of: fn(GraphEvidence) -> GraphError, class: Class) -> (Code, Owner) {
        let code = graph_problem(&of(GraphEvidence { class, ..GraphEvidence::default() })).code;
        (code, code.entry().owner)
    }

    #[test]
    fn each_class_has_its_own_words_and_owner() {
        use GraphError::{Forbidden, MailboxUnavailable, NotFound, Refused, Unauthorized};
        for (of, class, code, owner) in [
            (
                Unauthorized as fn(_) -> _,
                Class::TokenRefused,
                Code::ConnectionChecking,
                Owner::MicrosoftOrWait,
            ),
            (Forbidden, Class::NewTokenRefused, Code::MailboxAccessDenied, Owner::ItAdmin),
            (Forbidden, Class::ScopeMissing, Code::ScopeMissing, Owner::ItAdmin),
            (Forbidden, Class::AccessDenied, Code::MailboxAccessDenied, Owner::ItAdmin),
            (Forbidden, Class::SendAsDenied, Code::SendAsDenied, Owner::ItAdmin),
            (Forbidden, Class::AccountDisabled, Code::AccountUnavailable, Owner::ItAdmin),
            (Forbidden, Class::LogonFailed, Code::MailboxUnavailable, Owner::ItAdmin),
            (Forbidden, Class::NotRemovable, Code::EventNotRemovable, Owner::Recruiter),
            (Forbidden, Class::SendingLimit, Code::SendingLimitReached, Owner::Recruiter),
            (MailboxUnavailable, Class::NoMailbox, Code::MailboxUnavailable, Owner::ItAdmin),
            (MailboxUnavailable, Class::Missing, Code::MailboxUnavailable, Owner::ItAdmin),
            (MailboxUnavailable, Class::MailboxFull, Code::MailboxFull, Owner::Recruiter),
            (NotFound, Class::Missing, Code::EventMissing, Owner::Recruiter),
            (Refused, Class::TooLarge, Code::EventTooLarge, Owner::Ats),
            (Refused, Class::BadRecipient, Code::InvalidRecipient, Owner::Ats),
            (Refused, Class::OurRequest, Code::InternalError, Owner::Vendor),
            (Refused, Class::Refused, Code::OutlookRefused, Owner::Ats),
        ] {
            assert_eq!(told(of, class), (code, owner), "{class:?}");
        }
    }
}
