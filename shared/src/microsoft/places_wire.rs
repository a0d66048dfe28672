//! Rooms and room lists (resource types `room`, `roomList`; beta `findRooms`). Pure. What has no address, or none
//! that is one, cannot be invited.

use serde_json::Value;

use super::free_busy::{Place, Places};

/// Reads a page of places; none if it is no list.
pub(super) fn read(body: &[u8]) -> Option<Places> {
    page(body, "emailAddress", "displayName")
}

/// Reads the answer of `findRooms`: entries of name and address. It is the whole answer, whatever follows it.
pub(super) fn read_found(body: &[u8]) -> Option<Places> {
    let found = page(body, "address", "name")?;
    Some(Places { more: false, ..found })
}

fn page(body: &[u8], email: &str, name: &str) -> Option<Places> {
    let told: Value = serde_json::from_slice(body).ok()?;
    let entries = told["value"].as_array()?;
    let more = told["@odata.nextLink"].is_string();
    let places = entries.iter().map(|entry| place(entry, email, name)).collect();
    Some(Places { places, more })
}

fn place(entry: &Value, email: &str, name: &str) -> Option<Place> {
    let text = |name: &str| entry[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let address = text(email)?;
    Some(Place {
        email: address.parse().ok()?,
        name: text(name).unwrap_or(address).to_owned(),
        capacity: seats(&entry["capacity"]),
        building: text("building").map(str::to_owned),
        bookable: text("bookingType") != Some("reserved"),
    })
}

/// A number, or one that an administrator's script wrote as text; 0 is what stands where nobody said.
fn seats(told: &Value) -> Option<u32> {
    let number = match told {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => {
            let whole = |float: &f64| float.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(float);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
            let from_float = |float: f64| float as u64;
            number.as_u64().or_else(|| number.as_f64().filter(whole).map(from_float))
        }
        _ => None,
    };
    number.and_then(|seats: u64| u32::try_from(seats).ok()).filter(|seats| *seats > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_room_is_read_and_anything_may_be_missing() {
        let body = json!({ "@odata.nextLink": "https://graph.microsoft.com/v1.0/places/x?$skip=3", "value": [
            { "displayName": "Room 7", "emailAddress": "room7@contoso.com", "capacity": 8, "building": "Main",
              "bookingType": "standard", "geoCoordinates": { "latitude": 40.41 } },
            { "displayName": null, "emailAddress": "room8@contoso.com", "capacity": 0, "building": "",
              "bookingType": "reserved" },
            { "displayName": "No address", "emailAddress": null },
        ] });
        let page = read(body.to_string().as_bytes()).expect("a list");
        let [Some(seven), Some(eight), None] = &page.places[..] else { panic!("two rooms") };
        assert!(page.more);
        assert_eq!(
            (seven.name.as_str(), seven.capacity, seven.building.as_deref()),
            ("Room 7", Some(8), Some("Main"))
        );
        assert_eq!(
            (eight.name.as_str(), eight.capacity, &eight.building),
            ("room8@contoso.com", None, &None)
        );
        assert_eq!((seven.bookable, eight.bookable), (true, false));
        assert_eq!(read(b"{}"), None);
    }

    #[test]
    fn seats_are_read_as_a_number_or_a_text_and_may_be_missing() {
        for (told, seats) in [
            (json!(8), Some(8)),
            (json!("8"), Some(8)),
            (json!(" 12 "), Some(12)),
            (json!(8.0), Some(8)),
            (json!(8.5), None),
            (json!(0), None),
            (json!("0"), None),
            (json!("many"), None),
            (json!(-3), None),
            (json!(null), None),
            (json!([8]), None),
        ] {
            let body = json!({ "value": [{ "emailAddress": "room7@contoso.com", "capacity": told }] });
            let page = read(body.to_string().as_bytes()).expect("a list");
            assert_eq!(page.places[0].as_ref().expect("a room").capacity, seats, "{told}");
        }
        let bare = json!({ "value": [{ "emailAddress": "room7@contoso.com" }] });
        let page = read(bare.to_string().as_bytes()).expect("a list");
        assert_eq!(page.places[0].as_ref().expect("a room").capacity, None);
    }

    #[test]
    fn the_older_way_gives_name_and_address() {
        let body =
            json!({ "value": [{ "name": "Room 7", "address": "room7@contoso.com" }, { "name": "x" }] });
        let found = read_found(body.to_string().as_bytes()).expect("a list");
        assert_eq!((found.places.len(), found.more), (2, false));
        let room = found.places[0].as_ref().expect("a room");
        assert_eq!((room.name.as_str(), room.capacity), ("Room 7", None));
    }
}
