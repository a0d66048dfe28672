//! Calls the event off. Twice is fine, and so is an event that somebody removed in Outlook.

use super::{Outcome, Scheduling, Stop, Work};
use crate::domain::interview::{EventState, Status};
use crate::microsoft::{Deadline, GraphError, Target};
use crate::problem::Code;

impl Scheduling {
    pub(super) async fn cancel(
        &self,
        work: &Work,
        comment: Option<&str>,
        deadline: Deadline,
    ) -> Result<Outcome, Stop> {
        let stored = work.interview.as_ref().ok_or_else(|| Stop::Harmless(Code::NotFound.into()))?;
        let mut interview = stored.value.clone();
        let details = self.open(&work.key, &interview).map_err(Stop::Harmless)?;
        if interview.status == Status::Scheduling {
            return Err(Stop::Harmless(Code::IdempotencyKeyInProgress.into()));
        }
        let may_stand = match &interview.outlook {
            Some(outlook) => outlook.state == EventState::Present,
            // It failed, and nobody knows whether there is an event.
            None => interview.status == Status::Failed,
        };
        // Where the event is gone already there is nobody to ask.
        if may_stand {
            let (usable, target) = (self.token(work, deadline).await?, Target::of(&interview));
            let id = match self.graph.cancel_event(&usable.token, target, comment, deadline).await {
                Err(GraphError::Unauthorized(_)) => {
                    let usable = self.another_token(usable, work, deadline).await?;
                    self.graph.cancel_event(&usable.token, target, comment, deadline).await?
                }
                other => other?,
            };
            if let Some(outlook) = &mut interview.outlook {
                outlook.event_id = id.unwrap_or_else(|| outlook.event_id.clone());
                outlook.state = EventState::Absent;
                outlook.checked_at = self.parts.clock.now();
            }
        }
        interview.status = Status::Cancelled;
        (interview.errand, interview.holding) = (None, false);
        Ok(Outcome { interview, details })
    }
}
