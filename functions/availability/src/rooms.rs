//! The rooms that can be booked, from the best source that the customer has: the tenant's directory, the older list
//! of the beta, or the list that an administrator keeps here.

use serde::Serialize;
use shared::access::store_problem;
use shared::app::App;
use shared::domain::customer::{Customer, Room};
use shared::domain::features::Feature;
use shared::domain::secret::AccessToken;
use shared::function::{Caller, Paging, Request, Response};
use shared::microsoft::{Deadline, GraphError, Place};
use shared::problem::{Code, Fault, Problem};
use shared::store::Loaded;

use crate::ready;

/// A page, unless the client wants another.
const PAGE: usize = 50;
const MOST_SEATS: u32 = 10_000;
/// So many pages of the directory are read for one page of ours, however few rooms the filters leave.
const MOST_READ: usize = 5;
/// In the order in which they are preferred.
const SOURCES: [Feature; 3] = [Feature::RoomsDirectory, Feature::RoomsBasic, Feature::Rooms];

/// What is asked for.
struct Wanted {
    building: Option<String>,
    min_capacity: u32,
    limit: usize,
    /// Rooms of the source to pass over.
    skip: usize,
}

#[derive(Serialize)]
struct Shown {
    email: String,
    name: String,
    capacity: Option<u32>,
    building: Option<String>,
    source: &'static str,
}

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let (wanted, paging) = parse(&request, &caller)?;
    let loaded = app.store.load(&caller.customer, &caller.user).await.map_err(store_problem)?;
    let customer = ready::allowed(app, &loaded, &SOURCES)?;
    let source = source(app, customer, &loaded)?;
    let (rooms, next) = if source == Feature::Rooms {
        page(customer.rooms.iter().map(own), &wanted)
    } else {
        let deadline = request.deadline;
        let (usable, _) = ready::token(app, &caller, &loaded, deadline).await?;
        let told = match ask(app, &usable.token, source, &wanted, deadline).await {
            Ok(told) => Ok(told),
            Err(error) => Err(app.access.problem_of(&usable, &error).await),
        };
        app.access.record_use(&usable).await;
        told?
    };
    let shown = |room: Place| Shown {
        email: room.email.as_str().to_owned(),
        name: room.name,
        capacity: room.capacity,
        building: room.building,
        source: source.name(),
    };
    let data: Vec<_> = rooms.into_iter().map(shown).collect();
    let next = next.and_then(|skip| skip.to_string().parse().ok());
    Ok(Response::list(&data, paging.next(next.as_ref())))
}

fn parse(request: &Request, caller: &Caller) -> Result<(Wanted, Paging), Problem> {
    let paging = request.page(caller, PAGE)?;
    let min_capacity = request.query("min_capacity").map_or(Some(0), |text| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|seats| digits && *seats <= MOST_SEATS)
    });
    let Some(min_capacity) = min_capacity else {
        let message = format!("The query parameter min_capacity must be a number from 0 to {MOST_SEATS}");
        return Err(Problem::invalid(Code::InvalidRequest, vec![Fault::at("", message)]));
    };
    let skip = paging.after.as_ref().and_then(|place| place.to_string().parse().ok()).unwrap_or(0);
    let building = request.query("building").map(str::trim).filter(|name| !name.is_empty());
    Ok((Wanted { building: building.map(str::to_owned), min_capacity, limit: paging.limit, skip }, paging))
}

/// The first source that is in force and that the caller's connection has the permission for. A permission that was
/// added later and not approved yet leaves the next source; without any, it is named.
fn source(app: &App, customer: &Customer, loaded: &Loaded) -> Result<Feature, Problem> {
    let connection = loaded.connection.as_ref().map(|read| &read.value);
    let granted = |feature: &Feature| {
        let has = |scope: &&str| connection.is_some_and(|connection| connection.granted.contains(scope));
        feature.graph_scopes().iter().all(has)
    };
    let in_force =
        || SOURCES.into_iter().filter(|feature| customer.may_use(*feature, &app.settings.features));
    if let Some(source) = in_force().find(granted) {
        return Ok(source);
    }
    // Not connected at all: that is what must be mended first.
    connection.ok_or(Code::NotConnected)?;
    let missing: Vec<&str> = in_force().flat_map(Feature::graph_scopes).copied().collect();
    Err(Problem::from(Code::ScopeMissing)
        .because(format!("The list of rooms needs {}.", missing.join(" or "))))
}

fn own(room: &Room) -> Place {
    let Room { email, name, capacity, building } = room.clone();
    Place { email, name, capacity, building, bookable: true }
}

impl Wanted {
    /// A room whose size nobody wrote down is not known to be large enough.
    fn fits(&self, room: &Place) -> bool {
        let same = |building: &String| {
            self.building.as_ref().is_none_or(|wanted| wanted.to_lowercase() == building.to_lowercase())
        };
        room.bookable
            && room.capacity.unwrap_or(0) >= self.min_capacity
            && room.building.as_ref().map_or(self.building.is_none(), same)
    }
}

/// A page of a list that is there whole, and where the next one begins.
fn page(all: impl Iterator<Item = Place>, wanted: &Wanted) -> (Vec<Place>, Option<usize>) {
    let mut rooms = Vec::new();
    for (n, room) in all.enumerate().skip(wanted.skip).filter(|(_, room)| wanted.fits(room)) {
        if rooms.len() == wanted.limit {
            return (rooms, Some(n));
        }
        rooms.push(room);
    }
    (rooms, None)
}

async fn ask(
    app: &App,
    token: &AccessToken,
    source: Feature,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<(Vec<Place>, Option<usize>), GraphError> {
    if source == Feature::RoomsDirectory {
        return walk(app, token, wanted, deadline).await;
    }
    let found = app.graph.find_rooms(token, deadline).await?;
    Ok(page(found.places.into_iter().flatten(), wanted))
}

/// The directory, page by page. A building is mostly written down as a list of its rooms: then that is asked for,
/// and a room belongs to the building whatever is written on itself.
async fn walk(
    app: &App,
    token: &AccessToken,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<(Vec<Place>, Option<usize>), GraphError> {
    let list = match &wanted.building {
        Some(name) => app.graph.room_list(token, name, deadline).await?,
        None => None,
    };
    let (mut rooms, mut skip) = (Vec::new(), wanted.skip);
    for _ in 0..MOST_READ {
        let read = app.graph.rooms(token, list.as_ref(), skip, deadline).await?;
        for (n, room) in read.places.iter().enumerate() {
            let Some(mut room) = room.clone() else { continue };
            if list.is_some() {
                room.building.clone_from(&wanted.building);
            }
            if wanted.fits(&room) {
                if rooms.len() == wanted.limit {
                    return Ok((rooms, Some(skip + n)));
                }
                rooms.push(room);
            }
        }
        if !read.more || read.places.is_empty() {
            return Ok((rooms, None));
        }
        skip += read.places.len();
    }
    Ok((rooms, Some(skip)))
}
