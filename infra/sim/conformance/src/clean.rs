//! Removes what a run made in a real calendar: by id, and by tag what lost its answer or survived an earlier run.

use crate::place::Place;
use crate::request::escape;
use serde_json::{Value, json};

/// The named property that marks an event as made by this program.
const TAG: &str = "String {7b1e4f0a-5c3d-4e8f-9a62-1d0c8b7e6f35} Name Conformance";
const VALUE: &str = "made by a test, to be removed";
/// Rounds of looking: a first look may come before an event is found by its tag.
const ROUNDS: usize = 3;

/// Marks the body of an event that is about to be made.
pub(crate) fn tag(body: &mut Value) {
    let Some(members) = body.as_object_mut() else { return };
    let list = members.entry("singleValueExtendedProperties").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(json!({ "id": TAG, "value": VALUE }));
    }
}

/// Removes everything of this program's from the calendar; gives how many events that were, or which are left.
pub async fn clean(place: &Place) -> Result<usize, String> {
    if !place.is_real() {
        return Ok(0);
    }
    let made: Vec<String> = place.made().clone();
    let mut removed = remove_all(place, &made).await?;
    for _ in 0..ROUNDS {
        let left = tagged(place).await?;
        if left.is_empty() {
            return Ok(removed);
        }
        place.made().extend(left.iter().cloned());
        removed += remove_all(place, &left).await?;
    }
    match tagged(place).await? {
        left if left.is_empty() => Ok(removed),
        left => Err(format!("{} events could not be removed: {}", left.len(), left.join(", "))),
    }
}

/// How many of these events were still there. An event that cannot be removed does not keep the others.
pub(crate) async fn remove_all(place: &Place, ids: &[String]) -> Result<usize, String> {
    let (mut removed, mut left) = (0, Vec::new());
    for id in ids {
        match remove(place, id).await {
            Ok(was_there) => removed += usize::from(was_there),
            Err(why) => left.push(why),
        }
    }
    if left.is_empty() { Ok(removed) } else { Err(left.join("; ")) }
}

/// Whether the event was there. Out of the trash too, where the mailbox lets us.
async fn remove(place: &Place, id: &str) -> Result<bool, String> {
    let path = format!("/v1.0/me/events/{}", escape(id));
    let purged = place.as_person("POST", &format!("{path}/permanentDelete"), None).await?;
    match purged.status {
        200..=299 => return Ok(true),
        404 | 410 => return Ok(false),
        _ => {}
    }
    let deleted = place.as_person("DELETE", &path, None).await?;
    match deleted.status {
        200..=299 => Ok(true),
        404 | 410 => Ok(false),
        // What lies in the trash already is refused by this name (msgraph-sdk-dotnet#3047).
        403 if deleted.json()["error"]["code"] == "ErrorCannotDeleteObject" => Ok(false),
        status => Err(format!("the event {id} is still there: {status} {}", deleted.text)),
    }
}

async fn tagged(place: &Place) -> Result<Vec<String>, String> {
    let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{TAG}' and ep/value eq '{VALUE}')");
    let path = format!("/v1.0/me/events?$filter={}&$select=id&$top=100", escape(&filter));
    let seen = place.as_person("GET", &path, None).await?;
    if seen.status != 200 {
        return Err(format!("events of this program cannot be looked up: {} {}", seen.status, seen.text));
    }
    let list = seen.json()["value"].as_array().cloned().unwrap_or_default();
    Ok(list.iter().filter_map(|event| event["id"].as_str().map(str::to_owned)).collect())
}
