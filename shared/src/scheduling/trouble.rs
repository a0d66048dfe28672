//! What a refusal by Graph means to the client: the same for every step, see `access`.

use super::{Scheduling, Work, organizer};
use crate::domain::connection::Status;
use crate::problem::{Code, Problem};

pub use crate::access::graph_problem;

impl Scheduling {
    /// A step that ended because Graph took no token: by now the connection says why Entra gave no other one.
    pub(super) async fn explained(&self, work: &Work, problem: Problem) -> Problem {
        if problem.code != Code::ConnectionChecking {
            return problem;
        }
        let (before, interview) = (&work.connection.value, work.interview.as_ref().map(|read| &read.value));
        match self.parts.store.connections.find(&before.customer, &before.user).await {
            Ok(Some(now)) if now.value.status() != Status::Connected => organizer::unserved_organizer(
                &now.value,
                &work.claim.value.key.user,
                organizer::organize_as(&work.command, interview),
                interview,
            ),
            Ok(_) | Err(_) => problem,
        }
    }
}
