//! Calls the event off. Twice is fine, and so is an event that somebody removed in Outlook.

use super::{Outcome, Scheduling, Stop, Work};
use crate::domain::interview::{EventState, Status};
use crate::microsoft::{Deadline, GraphError};
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
        let present = interview.outlook.as_ref().filter(|outlook| outlook.state == EventState::Present);
        // Where the event is gone already there is nobody to ask.
        if let Some(id) = present.map(|outlook| outlook.event_id.clone()) {
            let usable = self.token(work, deadline).await?;
            match self.graph.cancel_event(&usable.token, &id, comment, deadline).await {
                Err(GraphError::Unauthorized(_)) => {
                    let usable = self.another_token(usable, work, deadline).await?;
                    self.graph.cancel_event(&usable.token, &id, comment, deadline).await?;
                }
                other => other?,
            }
            if let Some(outlook) = &mut interview.outlook {
                outlook.state = EventState::Absent;
                outlook.checked_at = self.parts.clock.now();
            }
        }
        interview.status = Status::Cancelled;
        (interview.errand, interview.holding) = (None, false);
        Ok(Outcome { interview, details })
    }
}
