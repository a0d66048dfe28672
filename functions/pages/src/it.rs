//! The page for a company's IT administrators, and the same as data.

use askama::Template;
use shared::access::store_problem;
use shared::app::App;
use shared::domain::customer::Customer;
use shared::domain::forecast::Screen;
use shared::domain::ids::{CustomerId, path_decode};
use shared::domain::permissions::Grantor;
use shared::function::{Request, Response};
use shared::manifest::{Activity, DomainFile, Manifest, Standing};
use shared::problem::{Code, Problem};
use shared::store::{BestEffort, Tally};
use shared::vault::browser;

/// The public page may be kept for minutes: it changes with a deploy only.
const BRIEFLY: &str = "public, max-age=300";

/// So much is looked at for the page of a company.
const MOST_CONNECTIONS: i32 = 1000;
const MOST_OPERATIONS: usize = 200;

#[derive(Template)]
#[template(path = "it.html")]
struct Page<'a> {
    app_name: &'a str,
    contact_link: Option<String>,
    said: &'a Manifest<'a>,
    company: Option<Company<'a>>,
}

/// How it stands with one company, and what was done for it; nothing of that if the store cannot tell now.
struct Company<'a> {
    standing: Standing<'a>,
    connections: Option<Tally>,
    activity: Option<Activity>,
}

pub(crate) fn public(app: &App) -> Result<Response, Problem> {
    let said = Manifest::new(&app.settings, &app.settings.features);
    Ok(page(&said, None)?.with("cache-control", BRIEFLY))
}

/// The same as data. With a key it is the page of a company whose id is the name of this file.
pub(crate) async fn manifest(app: &App, request: Request) -> Result<Response, Problem> {
    if request.query("key").is_some() {
        return of_customer(app, "manifest.json", &request).await;
    }
    let said = Manifest::new(&app.settings, &app.settings.features);
    let cloud = app.settings.microsoft.cloud;
    Ok(Response::json(200, &said).worded(|text| cloud.worded(text)).with("cache-control", BRIEFLY))
}

/// Exactly what Microsoft reads when an operator proves that a domain is the publisher's.
pub(crate) fn domain_file(app: &App) -> Response {
    Response::json(200, &DomainFile::of(&app.settings.microsoft.client_id))
}

/// The page of one company. Whoever lacks the key learns nothing: not even whether there is such a company.
pub(crate) async fn of_customer(app: &App, id: &str, request: &Request) -> Result<Response, Problem> {
    let response = match opened(app, id, request).await? {
        Some(customer) => {
            let features = customer.features_for(None, &app.settings.features);
            let said = Manifest::new(&app.settings, &features);
            let standing = Standing::of(&customer, &app.settings.features);
            page(&said, Some(lately(app, id, &said, standing).await))?
        }
        None => Response::small_page(
            404,
            "This link does not open",
            "It is incomplete, or a newer link has replaced it. Ask whoever administers the recruiting system for a new one. \
             What the app does in general stands on the page /it.",
            None,
        ),
    };
    Ok(response.with("cache-control", "no-store").with("referrer-policy", "no-referrer"))
}

/// The company, if the link's key is its own. A hash is compared in every case, so that time tells nothing.
async fn opened(app: &App, id: &str, request: &Request) -> Result<Option<Customer>, Problem> {
    let key = request.query("key").unwrap_or_default();
    let found = match path_decode(id).and_then(|id| id.parse::<CustomerId>().ok()) {
        Some(id) => app.store.customers.get(&id).await.map_err(store_problem)?,
        None => None,
    };
    let customer = found.map(|read| read.value).filter(|customer| customer.deleting.is_none());
    let stored = customer.as_ref().and_then(|customer| customer.it_link.clone());
    let none = || browser::hash("");
    let fits = browser::matches(stored.as_ref().unwrap_or(&none()), key);
    Ok(customer.filter(|_| fits && stored.is_some()))
}

/// One look at the newest rows of each kind: what lies behind them is not guessed at.
async fn lately<'a>(app: &App, id: &str, said: &Manifest<'_>, standing: Standing<'a>) -> Company<'a> {
    let Some(id) = path_decode(id).and_then(|id| id.parse::<CustomerId>().ok()) else {
        return Company { standing, connections: None, activity: None };
    };
    let now = app.clock.now();
    let (connections, newest) = tokio::join!(
        app.store.connections.tally(&id, MOST_CONNECTIONS),
        app.store.proof_log.newest(&id, MOST_OPERATIONS, now),
    );
    // What the store cannot tell now is left out of the page.
    let (newest, connections) =
        (newest.or_counted("read the newest calls"), connections.or_counted("count connections"));
    let activity = newest.map(|(all, more)| Activity::of(&all, more, &said.graph_calls, now));
    Company { standing, connections, activity }
}

fn page(said: &Manifest<'_>, company: Option<Company<'_>>) -> Result<Response, Problem> {
    let page =
        Page { app_name: said.app.name, contact_link: said.operation.contact.map(link_to), said, company };
    let html = page.render().map_err(|_| Code::InternalError)?;
    let cloud = said.operation.microsoft_cloud;
    Ok(Response::page(200, cloud.worded(&html)))
}

fn link_to(contact: &str) -> String {
    if contact.contains("://") { contact.to_owned() } else { format!("mailto:{contact}") }
}

fn grantor(grantor: Grantor) -> &'static str {
    match grantor {
        Grantor::User => "the user",
        Grantor::Administrator => "an administrator, in most organisations",
        Grantor::AlwaysAdministrator => "an administrator, always",
    }
}

fn screen(screen: Screen) -> &'static str {
    screen.words()
}
