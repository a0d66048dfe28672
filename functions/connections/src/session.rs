//! A connect link for the acting user: shown once, good for an hour.

use shared::access::{served, store_problem};
use shared::app::App;
use shared::domain::customer::Customer;
use shared::domain::ids::SessionId;
use shared::domain::sign_in::{SESSION_LIFE, Session};
use shared::function::{Caller, Request, Response};
use shared::problem::Problem;
use shared::scheduling::view::seconds;
use shared::vault::browser;

use crate::request::{Wanted, parse};
use crate::view::Opened;

pub(crate) async fn open(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let wanted = parse(request.body(), &app.settings.return_origins)?;
    let found = app.store.customers.get(&caller.customer).await.map_err(store_problem)?;
    let customer = served(found.as_ref().map(|found| &found.value))?;
    let key = browser::mint_secret(app.entropy.as_ref());
    let session = session(app, &caller, customer, (wanted, &key))?;
    app.store.sign_ins.put_session(&session).await.map_err(store_problem)?;
    let (id, base) = (&session.id, &app.settings.public_url);
    let url = format!("{base}/api/auth/microsoft/connect?session={id}&key={key}");
    Ok(Response::json(201, &Opened { id, url, expires_at: seconds(session.expires_at) }))
}

fn session(
    app: &App,
    caller: &Caller,
    customer: &Customer,
    (wanted, key): (Wanted, &str),
) -> Result<Session, Problem> {
    let features = customer.features_for(wanted.features.as_ref(), &app.settings.features);
    let now = app.clock.now();
    Ok(Session {
        id: SessionId::mint(now, app.entropy.as_ref()),
        key: browser::hash(key),
        customer: caller.customer.clone(),
        user: caller.user.clone(),
        email: caller.known_email()?,
        return_url: wanted.return_url,
        features,
        tenant: customer.tenant,
        time_zone: wanted.time_zone,
        locale: wanted.locale,
        expires_at: now + SESSION_LIFE,
    })
}
