//! In whose calendar an interview stands: the acting user's own, or that of the customer's scheduling user, who
//! organises for those whom an administrator listed. Never silently in another one than asked for.

use super::Scheduling;
use crate::access::{store_problem, unserved};
use crate::domain::address::Address;
use crate::domain::claim::{Claim, Command};
use crate::domain::connection::{Connection, Health};
use crate::domain::customer::Customer;
use crate::domain::ids::UserId;
use crate::domain::interview::{Interview, OrganizeAs};
use crate::problem::{Code, Fault, Owner, Problem};
use crate::store::{Loaded, SaveError, Versioned};

impl Scheduling {
    /// The organiser's connection, and the claim, in which another organiser than the acting user is noted before
    /// anything is written: whoever takes over goes to the same calendar, whatever the settings say then.
    /// `loaded` holds the acting user's connection.
    pub async fn organizer(
        &self,
        claim: Versioned<Claim>,
        command: &Command,
        loaded: &Loaded,
        interview: Option<&Interview>,
    ) -> Result<(Versioned<Claim>, Versioned<Connection>), Problem> {
        let (customer, user) = (&claim.value.key.customer, &claim.value.key.user);
        let organize_as = organize_as(command, interview);
        let noted = claim.value.organizer != *user;
        let who = match interview {
            Some(interview) => interview.organizer.user.clone(),
            None if organize_as == OrganizeAs::Me => user.clone(),
            None if noted => claim.value.organizer.clone(),
            None => scheduling_user(loaded.customer.as_ref().map(|read| &read.value), user)?,
        };
        let connection = if who == *user {
            loaded.connection.clone()
        } else {
            self.parts.store.connections.find(customer, &who).await.map_err(store_problem)?
        };
        let Some(connection) = connection else {
            let own = Problem::from(Code::NotConnected);
            return Err(match interview {
                _ if who == *user => own,
                _ if organize_as == OrganizeAs::SchedulingUser => unavailable(&own),
                Some(interview) => not_connected(&own, &interview.organizer.email),
                None => own,
            });
        };
        if interview.is_some() || claim.value.organizer == who {
            return Ok((claim, connection));
        }
        if !matches!(connection.value.health, Health::Live) {
            return Err(unserved_organizer(&connection.value, user, organize_as, interview));
        }
        let next = Claim { organizer: who, ..claim.value.clone() };
        match self.parts.store.claims.change(&claim, &next, None).await {
            Ok(claim) => Ok((claim, connection)),
            Err(SaveError::Stale) => Err(Code::IdempotencyKeyInProgress.into()),
            Err(SaveError::Store(error)) => Err(store_problem(error)),
        }
    }
}

/// How the interview is organised, as stored or as asked for.
pub(super) fn organize_as(command: &Command, interview: Option<&Interview>) -> OrganizeAs {
    match (interview, command) {
        (Some(interview), _) => interview.options.organize_as,
        (None, Command::Create { options, .. }) => options.organize_as,
        (None, _) => OrganizeAs::Me,
    }
}

fn scheduling_user(customer: Option<&Customer>, user: &UserId) -> Result<UserId, Problem> {
    let not_enabled = |why: &str| {
        let fault = Fault::at("/organize_as", why);
        Problem::invalid(Code::FeatureNotEnabled, vec![fault]).because(why)
    };
    let chosen = customer.and_then(|customer| customer.scheduling_user.as_ref());
    let chosen = chosen.ok_or_else(|| not_enabled("The company has no scheduling user."))?;
    if chosen.user != *user && !chosen.allowed_users.contains(user) {
        return Err(not_enabled("The company's scheduling user does not organise for this user."));
    }
    Ok(chosen.user.clone())
}

/// What the state of the organizer's connection means to this user: another one's connection cannot be repaired by this
/// user, so the problem names who can.
pub fn unserved_organizer(
    connection: &Connection,
    user: &UserId,
    organize_as: OrganizeAs,
    interview: Option<&Interview>,
) -> Problem {
    let own = unserved(connection);
    let passes = own.code == Code::ConnectionChecking;
    match interview {
        _ if connection.user == *user || passes => own,
        _ if organize_as == OrganizeAs::SchedulingUser => unavailable(&own),
        Some(interview) => not_connected(&own, &interview.organizer.email),
        None => own,
    }
}

fn not_connected(own: &Problem, organizer: &Address) -> Problem {
    let entry = own.code.entry();
    let who = match entry.owner {
        Owner::ItAdmin => "The company's Microsoft 365 administrator",
        _ => "The organizer",
    };
    let detail = format!(
        "The interview is in the calendar of {organizer}, whose connection cannot be used: {}. {who} can fix this: {}",
        entry.title,
        entry.steps.join(" "),
        organizer = organizer.as_str(),
    );
    let problem = Problem::from(Code::OrganizerNotConnected).because(detail);
    own.microsoft.clone().map_or(problem.clone(), |said| problem.said_by(said))
}

fn unavailable(own: &Problem) -> Problem {
    let entry = own.code.entry();
    let who = match entry.owner {
        Owner::ItAdmin => "the company's Microsoft 365 administrator",
        _ => "the scheduling user",
    };
    let detail = format!(
        "The connection of the scheduling user cannot be used: {}. This must be mended by {who}: {}",
        entry.title,
        entry.steps.join(" ")
    );
    let problem = Problem::from(Code::SchedulingUserUnavailable).because(detail);
    own.microsoft.clone().map_or(problem.clone(), |said| problem.said_by(said))
}
