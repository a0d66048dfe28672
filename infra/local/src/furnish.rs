//! What makes the demo worth looking at: busy weeks, a mailbox that nobody can look into, a list of rooms.
//!
//! `cargo local` asks for it; tests start with empty calendars and write into them what they need.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::json;
use shared::clock::Clock;
use shared::domain::customer::{Customer, Room};
use shared::domain::features::Feature;
use shared::store::SaveError;

use crate::stack::{Stack, StartError};

/// The customer for whom the page acts.
const CUSTOMER: &str = "acme";
/// Where everybody works.
const ZONE: &str = "Europe/Paris";
/// From the present week on.
const WEEKS: i64 = 5;
/// His mailbox lies on the company's own server, which does not answer Exchange Online.
const ON_PREMISES: [&str; 2] = ["otto@contoso.com", "Otto Onpremises"];

/// Address, day of the week from Monday (0), begin, end, how it shows. The recruiters' own calendars stay empty, so
/// that what the demo puts there is seen.
const WEEK: [(&str, i64, &str, &str, &str); 27] = [
    ("carl@contoso.com", 0, "09:00", "10:30", "busy"),
    ("carl@contoso.com", 0, "14:00", "15:00", "busy"),
    ("carl@contoso.com", 1, "10:00", "12:00", "busy"),
    ("carl@contoso.com", 1, "15:00", "16:00", "tentative"),
    ("carl@contoso.com", 2, "08:00", "17:00", "oof"),
    ("carl@contoso.com", 3, "08:30", "09:30", "busy"),
    ("carl@contoso.com", 3, "13:00", "14:30", "busy"),
    ("carl@contoso.com", 4, "08:00", "12:00", "workingElsewhere"),
    ("carl@contoso.com", 4, "14:00", "16:00", "busy"),
    ("dora@contoso.com", 0, "11:00", "12:30", "busy"),
    ("dora@contoso.com", 1, "08:30", "10:00", "busy"),
    ("dora@contoso.com", 1, "13:00", "14:00", "busy"),
    ("dora@contoso.com", 2, "10:00", "11:00", "tentative"),
    ("dora@contoso.com", 2, "13:30", "15:30", "busy"),
    ("dora@contoso.com", 3, "10:00", "12:00", "busy"),
    ("dora@contoso.com", 3, "15:00", "17:00", "tentative"),
    ("dora@contoso.com", 4, "09:00", "11:00", "busy"),
    ("admin@contoso.com", 1, "09:00", "16:00", "busy"),
    ("admin@contoso.com", 3, "08:00", "17:00", "oof"),
    ("noteams@contoso.com", 2, "09:00", "12:00", "busy"),
    ("room7@contoso.com", 0, "08:00", "13:00", "busy"),
    ("room7@contoso.com", 1, "14:00", "17:00", "busy"),
    ("room7@contoso.com", 3, "10:00", "12:00", "busy"),
    ("room7@contoso.com", 4, "12:00", "14:00", "busy"),
    ("room8@contoso.com", 1, "09:00", "11:00", "busy"),
    ("room8@contoso.com", 2, "14:00", "17:00", "busy"),
    ("room8@contoso.com", 4, "08:00", "10:00", "busy"),
];

/// Seats of the rooms that the company keeps a list of.
const ROOMS: [(&str, &str, u32); 2] =
    [("room7@contoso.com", "Room 7", 8), ("room8@contoso.com", "Room 8", 4)];

/// Fills the built-in Microsoft and the list of rooms of the page's customer; a stack that was filled before, and
/// kept its state, stays as it is.
pub async fn furnish(stack: &Stack) -> Result<(), StartError> {
    keep_list_of_rooms(stack).await?;
    let microsoft = &stack.microsoft;
    let [email, name] = ON_PREMISES;
    if microsoft.snapshot()["users"].as_array().is_some_and(|all| all.iter().any(|one| one["email"] == email))
    {
        return Ok(());
    }
    microsoft.add_user(email, name);
    let silent = json!({ "address": email, "code": "ErrorProxyRequestProcessingFailed" });
    microsoft.switch("schedule-error", silent)?;
    let monday = monday(stack.clock.now())?;
    for week in 0..WEEKS {
        for (email, day, from, to, show_as) in WEEK {
            let date = monday.checked_add((week * 7 + day).days())?;
            let at = |time: &str| json!({ "dateTime": format!("{date}T{time}:00"), "timeZone": ZONE });
            let body = json!({ "user": email, "start": at(from), "end": at(to), "show_as": show_as, "subject": "Busy" });
            microsoft.switch("busy", body)?;
        }
    }
    Ok(())
}

async fn keep_list_of_rooms(stack: &Stack) -> Result<(), StartError> {
    let customers =
        &stack.shared.app("connections").ok_or("there is no function of that name")?.store.customers;
    let id = CUSTOMER.parse().map_err(|why| format!("{CUSTOMER}: {why:?}"))?;
    let room = |(email, name, capacity): (&str, &str, u32)| {
        let email = email.parse().map_err(|why| format!("{email}: {why:?}"))?;
        Ok(Room { email, name: name.to_owned(), capacity: Some(capacity), building: Some("Main".to_owned()) })
    };
    let rooms = ROOMS.into_iter().map(room).collect::<Result<_, String>>()?;
    let features = [Feature::Availability, Feature::Rooms].into();
    let customer = Customer { enabled: true, features, rooms, ..Default::default() };
    match customers.save_if_unchanged(&id, None, &customer).await {
        // Settings that are there already were kept, or made by somebody.
        Ok(_) | Err(SaveError::Stale) => Ok(()),
        Err(why) => Err(format!("{why:?}").into()),
    }
}

/// Of the week of this instant.
fn monday(now: Timestamp) -> Result<Date, StartError> {
    let today = TimeZone::get(ZONE)?.to_datetime(now).date();
    Ok(today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        let monday = |at: &str| monday(at.parse().expect("a time")).expect("a day").to_string();
        assert_eq!(monday("2026-11-29T22:59:59Z"), "2026-11-23", "still Sunday in Paris");
        assert_eq!(monday("2026-11-29T23:00:00Z"), "2026-11-30");
        assert_eq!(monday("2026-12-04T12:00:00Z"), "2026-11-30");
    }
}
