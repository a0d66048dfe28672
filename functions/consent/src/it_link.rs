//! The link to the company's own IT page: a new key at each call, stored as a hash, shown once.

use serde::Serialize;
use shared::access::store_problem;
use shared::app::App;
use shared::domain::customer::Customer;
use shared::domain::ids::path_encode;
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};
use shared::store::SaveError;
use shared::vault::browser;

/// Somebody may save between our read and our write.
const TRIES: usize = 5;

#[derive(Serialize)]
struct Link {
    url: String,
}

pub(crate) async fn make(app: &App, request: Request) -> Result<Response, Problem> {
    let customer = request.caller()?.customer;
    let key = browser::mint_secret(app.entropy.as_ref());
    for _ in 0..TRIES {
        let found = app.store.customers.get(&customer).await.map_err(store_problem)?;
        let before = found.as_ref().map(|read| read.value.clone()).unwrap_or_default();
        if before.deleting.is_some() {
            return Err(Code::DeletionInProgress.into());
        }
        let next = Customer { it_link: Some(browser::hash(&key)), ..before };
        match app.store.customers.save_if_unchanged(&customer, found.as_ref(), &next).await {
            Ok(_) => {
                let (base, name) = (&app.settings.public_url, path_encode(customer.as_str()));
                return Ok(Response::json(201, &Link { url: format!("{base}/it/{name}?key={key}") }));
            }
            Err(SaveError::Stale) => {}
            Err(SaveError::Store(error)) => return Err(store_problem(error)),
        }
    }
    Err(Code::ServiceUnavailable.into())
}
