//! The canary is gone: the next live connection of the customer takes its place.

use shared::access::store_problem;
use shared::app::App;
use shared::domain::connection::{CANARY_EVERY, Connection, Status};
use shared::domain::customer::Customer;
use shared::domain::ids::CustomerId;
use shared::problem::{Code, Problem};
use shared::store::{Loaded, Versioned};

use crate::connections::save;
use crate::tick::Came;

/// So many connections are read at a time.
const PAGE: usize = 100;

/// Who could stand for the customer.
enum Heir {
    Found(Box<Versioned<Connection>>),
    /// Everybody is in doubt or blocked now: later.
    Perhaps,
    Nobody,
}

/// The heir first, the settings next, the old canary last: whoever dies in between does it again.
pub(crate) async fn hand_over(
    app: &App,
    loaded: Loaded,
    read: Versioned<Connection>,
) -> Result<Came, Problem> {
    let now = app.clock.now();
    let unavailable = |_| Problem::from(Code::ServiceUnavailable);
    if let Some(customer) = loaded.customer.filter(|customer| customer.value.deleting.is_none()) {
        let heir = match heir(app, &read.value.customer).await? {
            Heir::Found(heir) => {
                let mut next = heir.value.clone();
                next.set_canary(true, now);
                app.store.connections.save_if_unchanged(&heir, &next).await.map_err(unavailable)?;
                Some(next.id)
            }
            Heir::Nobody => None,
            Heir::Perhaps => {
                let mut next = read.value.clone();
                next.errand = next.errand.map(|(errand, _)| (errand, now + CANARY_EVERY));
                return save(app, &read, &next, Came::Nothing).await;
            }
        };
        let settings = Customer { canary: heir, ..customer.value.clone() };
        let customers = &app.store.customers;
        let saved = customers.save_if_unchanged(&read.value.customer, Some(&customer), &settings).await;
        saved.map_err(unavailable)?;
    }
    let mut next = read.value.clone();
    next.set_canary(false, now);
    save(app, &read, &next, Came::Elected).await
}

async fn heir(app: &App, customer: &CustomerId) -> Result<Heir, Problem> {
    let (mut after, mut perhaps, mut anybody) = (None, false, false);
    loop {
        let page = app.store.connections.list(customer, PAGE, after.as_ref()).await;
        let page = page.map_err(store_problem)?;
        perhaps |= page.items.iter().any(|item| item.value.is_verifiable());
        anybody |= !page.items.is_empty() || page.corrupt > 0;
        if let Some(heir) = page.items.into_iter().find(|item| item.value.status() == Status::Connected) {
            return Ok(Heir::Found(Box::new(heir)));
        }
        after = page.next;
        if after.is_none() {
            if !anybody {
                // The row of the canary that goes is one of them: an empty list is no answer.
                return Err(Code::ServiceUnavailable.into());
            }
            return Ok(if perhaps { Heir::Perhaps } else { Heir::Nobody });
        }
    }
}
