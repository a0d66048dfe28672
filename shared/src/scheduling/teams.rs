//! Whether the organizer's calendar takes Teams meetings, asked again before a meeting is refused for want of them.

use tracing::warn;

use super::{Scheduling, Stop, Work};
use crate::access::Usable;
use crate::domain::connection::{Connection, Teams};
use crate::domain::interview::Options;
use crate::microsoft::{Deadline, GraphError};
use crate::problem::Code;
use crate::store::{SaveError, Versioned};

impl Scheduling {
    /// Refuses a meeting that the calendar cannot hold. What it said at connect time may have been said too early: so it
    /// is asked again.
    pub(super) async fn check_teams(
        &self,
        work: &Work,
        options: &Options,
        deadline: Deadline,
    ) -> Result<(), Stop> {
        let connection = &work.connection.value;
        if !options.teams || connection.teams == Teams::Yes || work.is_begun() {
            return Ok(());
        }
        let usable = self.token(work, deadline).await?;
        let probed = self.probe(&usable, deadline).await.map_err(Stop::from)?;
        if probed.value.teams == Teams::Yes {
            return Ok(());
        }
        Err(Stop::Harmless(Code::TeamsNotAvailable.into()))
    }

    /// Asks the calendar what it can hold and whose it is now, and stores that. Where another write was faster, the
    /// answer counts for this request and is asked for again by the next one.
    pub async fn probe(
        &self,
        usable: &Usable,
        deadline: Deadline,
    ) -> Result<Versioned<Connection>, GraphError> {
        let told = self.graph.probe_calendar(&usable.token, deadline).await?;
        let read = &usable.connection;
        let owner = (told.owner, told.owner_name);
        let next = read.value.clone().probed(told.teams, owner);
        if next == read.value {
            return Ok(read.clone());
        }
        match self.parts.store.connections.save_if_unchanged(read, &next).await {
            Ok(saved) => Ok(saved),
            Err(error) => {
                let stale = matches!(error, SaveError::Stale);
                warn!(connection.id = %next.id, stale, "what the calendar said of itself is not stored");
                Ok(Versioned { value: next, version: read.version })
            }
        }
    }
}
