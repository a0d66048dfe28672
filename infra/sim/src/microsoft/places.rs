//! Rooms as the directory shows them (microsoft.md F3), and the older `findRooms` of the beta.

use super::event::select;
use super::graph::{Path, Reply};
use super::graph_error::{GraphError, error};
use super::query::Query;
use super::tenant::{State, User, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What an administrator wrote down about a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Place {
    /// Seats; 0 where nobody said.
    pub capacity: u32,
    /// Building.
    pub building: Option<String>,
    /// Name of the room list it is in.
    pub list: Option<String>,
    /// `bookingType` reserved: it cannot be booked.
    pub reserved: bool,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Rooms,
    Lists,
    RoomsOf(String),
    Found,
}

/// Pages are never longer.
const LONGEST_PAGE: usize = 100;
const ALL: &[&str] = &["Place.Read.All", "Place.ReadWrite.All"];
const BASIC: &[&str] = &["User.ReadBasic.All", "User.Read.All"];

type Known = (Path, &'static str, &'static [&'static str]);

/// The paths below `/v1.0/places`, and the one below `/beta`.
pub(crate) fn find(method: &str, segments: &[&str], beta: bool) -> Option<Known> {
    let (ask, template, scopes) = match (method, segments, beta) {
        ("GET", ["places", "microsoft.graph.room"], false) => {
            (Ask::Rooms, "GET /places/microsoft.graph.room", ALL)
        }
        ("GET", ["places", "microsoft.graph.roomlist"], false) => {
            (Ask::Lists, "GET /places/microsoft.graph.roomlist", ALL)
        }
        ("GET", ["places", list, "microsoft.graph.roomlist", "rooms"], false) => {
            let list = Ask::RoomsOf((*list).to_owned());
            (list, "GET /places/{id}/microsoft.graph.roomlist/rooms", ALL)
        }
        ("GET", ["me", "findRooms"], true) => (Ask::Found, "GET /me/findRooms", BASIC),
        _ => return None,
    };
    Some((Path::Places(ask), template, scopes))
}

pub(crate) fn run(state: &State, viewer: UserId, ask: &Ask, query: &Query) -> Result<Reply, GraphError> {
    let none = state.options.no_places;
    if none && *ask != Ask::Found {
        return Err(nothing_here(state.options.plain_places_404));
    }
    let rooms = if none { Vec::new() } else { rooms(state, viewer) };
    if *ask == Ask::Found {
        let found = rooms.iter().take(LONGEST_PAGE);
        let value: Vec<Value> =
            found.map(|(room, _)| json!({"name": room.name, "address": room.email})).collect();
        let context =
            format!("{}/beta/$metadata#Collection(microsoft.graph.emailAddress)", state.config.graph_url());
        return Ok(Reply { status: 200, body: Some(json!({"@odata.context": context, "value": value})) });
    }
    let (kind, all): (&str, Vec<Value>) = match ask {
        Ask::Lists => {
            ("roomlist", lists(state, viewer).iter().map(|name| list(state, viewer, name)).collect())
        }
        Ask::RoomsOf(address) => {
            let lists = lists(state, viewer);
            let name = lists.iter().find(|name| address_of(state, viewer, name) == address.to_lowercase());
            let name =
                name.ok_or_else(|| error(404, "ResourceNotFound", "Resource could not be discovered."))?;
            let within = |place: &Place| place.list.as_ref() == Some(name);
            (
                "room",
                rooms
                    .iter()
                    .filter(|(_, place)| within(place))
                    .map(|(room, place)| show(state, room, place))
                    .collect(),
            )
        }
        _ => ("room", rooms.iter().map(|(room, place)| show(state, room, place)).collect()),
    };
    let top = query.top.unwrap_or(LONGEST_PAGE).min(LONGEST_PAGE);
    let chosen =
        |place: &Value| select(place.as_object().cloned().unwrap_or_default(), query.view.select.as_deref());
    let page: Vec<Value> = all.iter().skip(query.skip).take(top).map(chosen).collect();
    let graph = state.config.graph_url();
    let path = match ask {
        Ask::RoomsOf(address) => format!("places/{address}/microsoft.graph.roomlist/rooms"),
        _ => format!("places/microsoft.graph.{kind}"),
    };
    let mut body = json!({
        "@odata.context": format!("{graph}/v1.0/$metadata#places/microsoft.graph.{kind}"), "value": page
    });
    let next = query.skip + top;
    if next < all.len() {
        body["@odata.nextLink"] = format!("{graph}/v1.0/{path}?{}", query.next_page(next)).into();
    }
    Ok(Reply { status: 200, body: Some(body) })
}

/// A 404 without rooms: as recorded, or with the usual code.
fn nothing_here(is_plain: bool) -> GraphError {
    if is_plain {
        return error(404, "ResourceNotFound", "Resource could not be discovered.");
    }
    let behind =
        "place in /locations/odata/api/v2.0/places/$/microsoft.exchange.locationsAndTime.room not found";
    error(404, "UnknownError", json!({"code": "invalid_place", "message": behind}).to_string())
}

/// The rooms of the viewer's tenant, by address.
fn rooms(state: &State, viewer: UserId) -> Vec<(&User, Place)> {
    let ours =
        |user: &UserId| state.is_room(*user) && state.users[*user].tenant == state.users[viewer].tenant;
    let place = |room: &User| state.options.places.get(&room.email).cloned().unwrap_or_default();
    let mut rooms: Vec<(&User, Place)> = (0..state.users.len())
        .filter(ours)
        .map(|room| (&state.users[room], place(&state.users[room])))
        .collect();
    rooms.sort_by(|a, b| a.0.email.cmp(&b.0.email));
    rooms
}

fn lists(state: &State, viewer: UserId) -> Vec<String> {
    let mut names: Vec<String> =
        rooms(state, viewer).into_iter().filter_map(|(_, place)| place.list).collect();
    names.sort();
    names.dedup();
    names
}

fn address_of(state: &State, viewer: UserId, name: &str) -> String {
    let words: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("list-{words}@{}", state.tenant_of(viewer).domain)
}

fn list(state: &State, viewer: UserId, name: &str) -> Value {
    let address = address_of(state, viewer, name);
    json!({"id": super::tenant::guid_of("list", &address), "displayName": name, "emailAddress": address,
        "phone": "", "address": null, "geoCoordinates": null})
}

fn show(state: &State, room: &User, place: &Place) -> Value {
    let mut shown = plain(room, place);
    if state.options.capacity_as_text {
        shown["capacity"] = place.capacity.to_string().into();
        if let (0, Some(members)) = (place.capacity, shown.as_object_mut()) {
            members.remove("capacity");
        }
    }
    shown
}

fn plain(room: &User, place: &Place) -> Value {
    json!({
        "id": room.oid, "placeId": room.oid, "displayName": room.name, "emailAddress": room.email,
        "nickname": room.name, "label": "", "phone": "", "capacity": place.capacity, "building": place.building,
        "floorNumber": null, "floorLabel": "", "bookingType": if place.reserved { "reserved" } else { "standard" },
        "isWheelChairAccessible": false, "tags": [], "audioDeviceName": null, "videoDeviceName": null,
        "displayDeviceName": null, "address": null, "geoCoordinates": null
    })
}

/// The tenants of the demo have some rooms to tell apart.
pub(crate) fn furnish(state: &mut State) {
    for (email, capacity, building) in [
        ("room7@contoso.com", 8, "Main"),
        ("room8@contoso.com", 4, "Main"),
        ("room1@fabrikam.com", 6, "Tower"),
    ] {
        let place = Place { capacity, building: Some(building.to_owned()), list: None, reserved: false };
        state.options.places.insert(email.to_owned(), place);
    }
}
