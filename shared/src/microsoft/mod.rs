//! Entra ID and Microsoft Graph, spoken to over their own wire.
//!
//! [`Identity`] signs people in and redeems tokens; [`Graph`] reads and writes their calendar, and can make no
//! call but those of the [`catalog`]. Both speak in types of `domain`: what Microsoft's JSON looks like is known
//! in here only, and no text of Microsoft's leaves with an error.
//!
//! An answer that does not come is not a refusal. So every error says whether the call may have had an effect.

mod assertion;
mod authorize;
pub mod catalog;
mod errors;
mod free_busy;
mod graph;
mod graph_calendars;
mod graph_class;
mod graph_refusal;
mod graph_send;
mod graph_wire;
mod id_token;
mod identity;
mod keys;
mod outlook;
mod places_wire;
mod presence;
mod redirect;
pub mod retry;
mod schedule_hours;
mod schedule_view;
mod schedule_window;
mod schedule_wire;
mod tenants;
mod token_answer;
mod unique;
mod wire;
#[cfg(test)]
mod wire_tests;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;

pub use assertion::{ClientProof, Unsigned};
pub use authorize::Authorize;
pub use errors::{Distrust, GraphError, GraphEvidence, IdTokenError, IdentityError};
pub use free_busy::{MOST_ADDRESSES, MOST_DAYS, Place, Places};
pub use graph::Graph;
pub use graph_send::own_request_refused;
pub use id_token::IdToken;
pub use identity::{Identity, Redeem, Refresh, Registration};
pub use outlook::{CalendarProbe, EventChange, NewEvent};
pub use presence::{Gone, Located, Target};
pub use redirect::read_redirect_error;
pub use wire::Wire;

/// Where Microsoft is: one pair per national cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// What stands before `/{tenant}`, without a slash at the end.
    pub login: String,
    /// What stands before `/v1.0`, without a slash at the end.
    pub graph: String,
}

/// The instant by which an operation must have ended, on the [`Clock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Timestamp);

impl Deadline {
    /// The time left; zero afterwards.
    pub fn left(&self, clock: &dyn Clock) -> Duration {
        Duration::try_from(self.0.duration_since(clock.now())).unwrap_or(Duration::ZERO)
    }
}

/// Connections that idle longer are closed here first: a Lambda may sleep for minutes between two requests, and
/// the server's end would be gone.
const IDLE: Duration = Duration::from_secs(15);
/// A connection that is not up by then will not come.
const CONNECT: Duration = Duration::from_secs(5);

/// The one HTTP client to Microsoft: our TLS roots, no proxy of the environment, and no redirects, so that a
/// token is never carried to another host.
///
/// # Panics
/// Never in practice: everything it is made of is in the binary.
pub fn http_client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .pool_idle_timeout(IDLE)
        .connect_timeout(CONNECT)
        .user_agent(concat!("Convene/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("a client of constants can be built")
}
