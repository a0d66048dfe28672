//! What a refusal by Graph means to the client.

use crate::microsoft::{Class, GraphError, GraphEvidence};
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
        GraphError::Unauthorized(_) => Problem::from(Code::ConnectionChecking),
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

/// The words and the owner of a class that has its own; else those of its kin.
fn by_class(class: Class, kin: Code) -> Problem {
    match class {
        Class::ScopeMissing => Code::ScopeMissing.into(),
        Class::SendAsDenied => Code::SendAsDenied.into(),
        Class::AccountDisabled => Code::AccountUnavailable.into(),
        Class::NotRemovable => Code::EventNotRemovable.into(),
        Class::SendingLimit => Code::SendingLimitReached.into(),
        Class::MailboxFull => Code::MailboxFull.into(),
        Class::TooLarge => Code::EventTooLarge.into(),
        Class::BadRecipient => Code::InvalidRecipient.into(),
        Class::OurRequest | Class::UnknownZone => Code::InternalError.into(),
        Class::LogonFailed => Problem::from(Code::MailboxUnavailable).because(
            "Exchange cannot open the mailbox of the account: it is locked, disabled or being moved.",
        ),
        Class::NewTokenRefused => Problem::from(Code::MailboxAccessDenied).because(
            "Exchange does not take the sign-in that Microsoft Entra ID has just renewed for this account.",
        ),
        _ => kin.into(),
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
