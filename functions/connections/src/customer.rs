//! The settings of a customer, and the end of everything that is stored for it.

use serde::Serialize;
use shared::access::store_problem;
use shared::app::App;
use shared::domain::cloud::Cloud;
use shared::domain::customer::{AllowedAccount, CalendarChoice, Customer, Room, SchedulingUser};
use shared::domain::features::Feature;
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};
use shared::scheduling::view::seconds;
use shared::shredding::{self, Receipt};
use shared::store::{SaveError, Versioned};

/// Somebody may save between our read and our write.
const TRIES: usize = 5;

pub(crate) async fn read(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let found = app.store.customers.get(&caller.customer).await.map_err(store_problem)?;
    Ok(show(app, found.as_ref()))
}

pub(crate) async fn change(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    if !caller.may_change_customer() {
        return Err(Code::Forbidden.into());
    }
    let if_match = request.if_match()?;
    for _ in 0..TRIES {
        let found = app.store.customers.get(&caller.customer).await.map_err(store_problem)?;
        let before = found.as_ref().map(|found| found.value.clone()).unwrap_or_default();
        if before.deleting.is_some() {
            return Err(Code::DeletionInProgress.into());
        }
        if_match.check(&etag(found.as_ref()))?;
        let next = crate::settings::apply(request.body(), &before)?;
        match app.store.customers.save_if_unchanged(&caller.customer, found.as_ref(), &next).await {
            Ok(saved) => return Ok(show(app, Some(&saved))),
            // Follow-ups save too. With If-Match the next look refuses; without, the change goes on top.
            Err(SaveError::Stale) => {}
            Err(SaveError::Store(error)) => return Err(store_problem(error)),
        }
    }
    Err(Code::ServiceUnavailable.into())
}

/// Shreds the customer's key at once; follow-ups remove the rows that nothing can open any more.
pub(crate) async fn delete(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    if !caller.may_change_customer() {
        return Err(Code::Forbidden.into());
    }
    let clock = app.clock.as_ref();
    let marked = shredding::mark(&app.store, &caller.customer, clock.now()).await?;
    let ended = shredding::shred(&app.store, &app.vault, &caller.customer, (marked, clock)).await?;
    let receipt = ended.value.deleting.as_ref().and_then(Receipt::of).ok_or(Code::ServiceUnavailable)?;
    Ok(Response::json(202, &receipt))
}

/// The settings; see the API contract. During a deletion, and before the first change, the defaults.
#[derive(Serialize)]
struct View<'a> {
    name: Option<&'a str>,
    enabled: bool,
    features: Vec<Feature>,
    strict: bool,
    tenant_id: Option<String>,
    cloud: Cloud,
    allowed_account: AllowedAccount,
    calendar: CalendarChoice,
    scheduling_user: Option<&'a SchedulingUser>,
    rooms: &'a [Room],
    consent: Consent,
}

/// What the last token of this customer proved.
#[derive(Serialize)]
struct Consent {
    state: &'static str,
    granted_scopes: Vec<String>,
    checked_at: Option<String>,
}

fn show(app: &App, found: Option<&Versioned<Customer>>) -> Response {
    let default = Customer::default();
    let customer = found.map(|found| &found.value).filter(|c| c.deleting.is_none()).unwrap_or(&default);
    let proven = customer.proven.as_ref();
    let view = View {
        name: customer.name.as_deref(),
        enabled: customer.enabled,
        features: customer.features_in_force(&app.settings.features).into_iter().collect(),
        strict: customer.strict,
        tenant_id: customer.tenant.map(|tenant| tenant.to_string()),
        cloud: app.settings.microsoft.cloud,
        allowed_account: customer.allowed_account,
        calendar: customer.calendar,
        scheduling_user: customer.scheduling_user.as_ref(),
        rooms: &customer.rooms,
        consent: Consent {
            state: if proven.is_some() { "granted" } else { "unknown" },
            granted_scopes: proven.map(|p| p.scopes.iter().map(str::to_owned).collect()).unwrap_or_default(),
            checked_at: proven.map(|p| seconds(p.at)),
        },
    };
    Response::json(200, &view).with("etag", etag(found))
}

fn etag(found: Option<&Versioned<Customer>>) -> String {
    format!("\"{}\"", found.map_or(0, |found| found.version))
}
