//! The way to another token, which every token carries that Graph is asked with.
//!
//! Graph may refuse any call for its token: after a good read as well, and a write. So the renewal is no step of the
//! callers, where one of them forgets it, but part of what they hold.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use jiff::Timestamp;
use tracing::warn;

use super::{Access, Usable};
use crate::domain::connection::Connection;
use crate::domain::secret::{AccessToken, Renews};
use crate::microsoft::Deadline;
use crate::problem::Problem;
use crate::store::Versioned;
use crate::vault::CustomerKey;

struct Renewal {
    access: Arc<Access>,
    key: CustomerKey,
    /// As it stands with the newest token.
    connection: Mutex<Versioned<Connection>>,
}

impl Access {
    /// The same, with the way to another token.
    pub(super) fn renewable(self: &Arc<Self>, usable: Usable, key: &CustomerKey) -> Usable {
        let renewal = Renewal {
            access: Arc::clone(self),
            key: key.held_longer(),
            connection: Mutex::new(usable.connection.clone()),
        };
        Usable { token: usable.token.renewed_by(Arc::new(renewal)), ..usable }
    }
}

impl Renewal {
    fn connection(&self) -> Versioned<Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Renews for Renewal {
    fn renew(&self, claims: Option<String>, until: Timestamp) -> BoxFuture<'_, Option<AccessToken>> {
        Box::pin(async move {
            let connection = self.connection();
            let id = connection.value.id.clone();
            match self.access.renew(connection, &self.key, claims.as_deref(), Deadline(until)).await {
                Ok(usable) => {
                    *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = usable.connection;
                    Some(usable.token)
                }
                Err(error) => {
                    let problem = Problem::from(error).code.entry().code;
                    warn!(connection.id = %id, problem, "Graph does not take the token, and there is no other one");
                    None
                }
            }
        })
    }
}
