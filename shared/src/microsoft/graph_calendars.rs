//! The calendar of our own in a recruiter's mailbox, for customers who want interviews with a room there.
//!
//! Its id is not kept: it is found by its name each time, so one that somebody deleted is made again, and one that
//! somebody else made at the same moment is found.

use serde_json::json;

use super::catalog::Call;
use super::graph::Graph;
use super::graph_send::Ask;
use super::{Deadline, GraphError, graph_wire};
use crate::domain::secret::AccessToken;

/// The calendar's name.
const NAME: &str = "Convene Scheduler";
/// Pages of calendars at most.
const MOST_PAGES: u32 = 10;

impl Graph {
    /// The id of our calendar in this mailbox; none if there is no such calendar.
    pub async fn scheduler_calendar(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<Option<String>, GraphError> {
        let mut ask = Ask::of(Call::ListCalendars).with_query("$select=id,name&$top=50".to_owned());
        let mut found: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = self.sender.send(token, &ask, deadline, graph_wire::read_calendars).await?;
            let ours = page.calendars.into_iter().filter(|(_, name)| name.eq_ignore_ascii_case(NAME));
            // Should there be two of them, everybody takes the same one.
            found = ours.map(|(id, _)| id).chain(found).min();
            match page.next {
                Some(next) => ask = self.sender.next_page(Call::ListCalendars, &next)?,
                None => return Ok(found),
            }
        }
        // Pages that were not read may hold it.
        found.map(Some).ok_or(GraphError::Unavailable(None))
    }

    /// The id of our calendar, which is made if there is none.
    ///
    /// Whatever comes of making it, it is looked up afterwards: the answer may be lost, another request may have
    /// been faster (Graph then refuses the name), and all must end in one calendar.
    pub async fn made_scheduler_calendar(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<String, GraphError> {
        if let Some(id) = self.scheduler_calendar(token, deadline).await? {
            return Ok(id);
        }
        let ask = Ask::of(Call::CreateCalendar).with_body(json!({ "name": NAME }));
        let made = self.sender.send(token, &ask, deadline, graph_wire::read_calendar).await;
        match (self.scheduler_calendar(token, deadline).await?, made) {
            (Some(id), _) | (None, Ok(id)) => Ok(id),
            (None, Err(failed)) => Err(failed.error),
        }
    }
}
