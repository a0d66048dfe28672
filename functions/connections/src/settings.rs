//! What a PATCH of the customer may say.

use shared::domain::customer::{AllowedAccount, CalendarChoice, Customer, Room, SchedulingUser};
use shared::domain::ids::TenantId;
use shared::input::{Faults, Object};
use shared::problem::Problem;

const RULES: [(&str, AllowedAccount); 3] = [
    ("same_email", AllowedAccount::SameEmail),
    ("same_domain", AllowedAccount::SameDomain),
    ("any_in_tenant", AllowedAccount::AnyInTenant),
];
const CALENDARS: [(&str, CalendarChoice); 2] =
    [("primary", CalendarChoice::Primary), ("scheduler", CalendarChoice::Scheduler)];
/// A customer's own list may have so many rooms.
const MOST_ROOMS: usize = 500;
/// A scheduling user may organise for so many.
const MOST_USERS: usize = 500;

/// The settings with the change applied; what the body leaves out stays, what is null goes back to its default.
pub fn apply(body: &[u8], before: &Customer) -> Result<Customer, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let mut next = before.clone();
    if input.has("name") {
        next.name = input.line("name", 200);
    }
    if input.has("enabled") {
        next.enabled = input.flag("enabled", false);
    }
    if input.has("features") {
        next.features = input.features("features").unwrap_or_default();
    }
    if input.has("strict") {
        next.strict = input.flag("strict", false);
    }
    if input.has("tenant_id") {
        next.tenant = tenant(&input);
    }
    if input.has("allowed_account") {
        next.allowed_account = input.word("allowed_account", &RULES).unwrap_or_default();
    }
    if input.has("calendar") {
        next.calendar = input.word("calendar", &CALENDARS).unwrap_or_default();
    }
    if input.has("scheduling_user") {
        next.scheduling_user = input.object("scheduling_user", scheduling_user);
    }
    if input.has("rooms") {
        next.rooms = input.objects("rooms", MOST_ROOMS, room).unwrap_or_default();
    }
    input.finish();
    faults.into_result()?;
    Ok(next)
}

fn tenant(input: &Object<'_>) -> Option<TenantId> {
    let text = input.exact_line("tenant_id", 36)?;
    let tenant = text.parse().ok();
    if tenant.is_none() {
        input.fault("tenant_id", "must be the GUID of a Microsoft Entra tenant");
    }
    tenant
}

fn scheduling_user(input: &Object<'_>) -> Option<SchedulingUser> {
    let user = input.id("user");
    let allowed_users = input.ids("allowed_users", MOST_USERS).unwrap_or_default();
    Some(SchedulingUser { user: input.need("user", user)?, allowed_users })
}

fn room(input: &Object<'_>) -> Option<Room> {
    let email = input.address("email");
    let name = input.line("name", 200);
    let capacity = input.number("capacity", 1..=10_000).and_then(|seats| u32::try_from(seats).ok());
    let building = input.line("building", 200);
    let email = input.need("email", email)?;
    let name = name.unwrap_or_else(|| email.as_str().to_owned());
    Some(Room { email, name, capacity, building })
}
