//! What Graph tells about other people's calendars and about rooms, in our own words.
//!
//! `getSchedule` takes no `$select`: Graph sends subject and place of an item where the user may see them. They are
//! not read: the types below have no room for them.

use jiff::{SignedDuration, Timestamp};

use super::catalog::Call;
use super::graph_send::Ask;
use super::schedule_wire::Question;
use super::{Deadline, Graph, GraphError, graph_wire, places_wire, schedule_wire};
use crate::domain::address::Address;
use crate::domain::availability::{Calendar, Reason};
use crate::domain::secret::AccessToken;

/// Addresses of one call at most (calendar-getschedule).
pub const MOST_ADDRESSES: usize = 20;
/// Days of one call at most: the window must be shorter than 62.
pub const MOST_DAYS: i64 = 61;
/// Rooms of one page (place-list).
const ROOMS_PAGE: usize = 100;
/// Pages of room lists: whoever has more than 1,000 buildings needs another way.
const MOST_PAGES: usize = 10;

/// A room as the directory shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The room mailbox.
    pub email: Address,
    /// Shown to people.
    pub name: String,
    /// Seats, if it is told; the directory writes 0 where nobody has said.
    pub capacity: Option<u32>,
    /// Building, if it is told.
    pub building: Option<String>,
    /// Whether it can be booked.
    pub bookable: bool,
}

/// A page of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Each entry of the page; none for one without an address, which cannot be invited.
    pub places: Vec<Option<Place>>,
    /// Whether there are more behind them.
    pub more: bool,
}

impl Graph {
    /// Free and busy times of up to [`MOST_ADDRESSES`] mailboxes, in their order, over less than 62 days; none of one
    /// that the answer does not name. What cannot be read of one is its reason; an error means that nothing could be
    /// read. `home` is the domain of the signed-in user.
    pub async fn schedules(
        &self,
        token: &AccessToken,
        emails: &[Address],
        time: (Timestamp, Timestamp),
        home: &str,
        deadline: Deadline,
    ) -> Result<Vec<Option<Result<Calendar, Reason>>>, GraphError> {
        let question = Question { emails, time, home };
        let ask = Ask::of(Call::ReadSchedules).with_body(question.body());
        let read = |body: &[u8]| schedule_wire::read(body, &question);
        Ok(self.sender.send(token, &ask, deadline, read).await?)
    }

    /// The user's own time zone, IANA name: from the working hours in the user's schedule, for reading the mailbox
    /// settings would need a further permission. None if it is a custom one, or not told.
    pub async fn own_time_zone(
        &self,
        token: &AccessToken,
        address: &Address,
        deadline: Deadline,
    ) -> Result<Option<String>, GraphError> {
        let now = self.sender.wire.clock.now();
        let later = now.saturating_add(SignedDuration::from_hours(1)).unwrap_or(now);
        // Only the working hours are of interest.
        let question = Question { emails: std::slice::from_ref(address), time: (now, later), home: "" };
        let ask = Ask::of(Call::OwnSchedule).with_body(question.body());
        let graph_wire::OwnZone(zone) =
            self.sender.send(token, &ask, deadline, graph_wire::read_own_zone).await?;
        Ok(zone)
    }

    /// A page of the directory's rooms, from the room number `skip` on; of one room list if its address is given.
    pub async fn rooms(
        &self,
        token: &AccessToken,
        list: Option<&Address>,
        skip: usize,
        deadline: Deadline,
    ) -> Result<Places, GraphError> {
        let query = format!("$top={ROOMS_PAGE}&$skip={skip}");
        let ask = match list {
            Some(list) => Ask::of(Call::ListRoomsOfList).of_event(list.as_str()),
            None => Ask::of(Call::ListRooms),
        };
        Ok(self.sender.send(token, &ask.with_query(query), deadline, places_wire::read).await?)
    }

    /// The room list of that name, which is how most organisations write down a building; none if there is none.
    pub async fn room_list(
        &self,
        token: &AccessToken,
        name: &str,
        deadline: Deadline,
    ) -> Result<Option<Address>, GraphError> {
        let mut skip = 0;
        for _ in 0..MOST_PAGES {
            let ask = Ask::of(Call::ListRoomLists).with_query(format!("$top={ROOMS_PAGE}&$skip={skip}"));
            let page = self.sender.send(token, &ask, deadline, places_wire::read).await?;
            if let Some(list) =
                page.places.iter().flatten().find(|list| list.name.to_lowercase() == name.to_lowercase())
            {
                return Ok(Some(list.email.clone()));
            }
            skip += page.places.len();
            if !page.more || page.places.is_empty() {
                break;
            }
        }
        Ok(None)
    }

    /// Rooms the older way: the first hundred, name and address only. Beta, and announced for removal.
    pub async fn find_rooms(&self, token: &AccessToken, deadline: Deadline) -> Result<Places, GraphError> {
        let ask = Ask::of(Call::FindRooms);
        Ok(self.sender.send(token, &ask, deadline, places_wire::read_found).await?)
    }
}
