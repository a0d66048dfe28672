//! How many redemptions are under way at a time: in all, and of one tenant, for Entra limits each tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::domain::ids::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many in all.
const IN_ALL: usize = 256;
/// So many of one tenant, whatever customers and shards its people are spread over.
const OF_A_TENANT: usize = 32;

/// The places of a run; whoever waits gets one in his turn.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    of_tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(IN_ALL)), of_tenants: Mutex::default() }
    }
}

impl Places {
    /// A place, until what is answered is dropped.
    pub(crate) async fn take(&self, tenant: Option<TenantId>) -> Place {
        // First his tenant's: whoever waits for that keeps no place from the others.
        let of_tenant = match tenant.map(|tenant| self.of_tenant(tenant)) {
            Some(places) => Some(taken(places).await),
            None => None,
        };
        Place { _of_tenant: of_tenant, _of_all: taken(Arc::clone(&self.all)).await }
    }

    fn of_tenant(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut known = self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(OF_A_TENANT))))
    }
}

pub(crate) struct Place {
    _of_tenant: Option<OwnedSemaphorePermit>,
    _of_all: OwnedSemaphorePermit,
}

async fn taken(places: Arc<Semaphore>) -> OwnedSemaphorePermit {
    places.acquire_owned().await.expect("nobody closes them")
}
