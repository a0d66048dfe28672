//! What a stack says about itself and its app, and the knobs of the stand-in.

use super::places::Place;
use super::tenant::seconds;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The registration of the app, and where this Microsoft is reached.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Config {
    /// For example `http://127.0.0.1:8787/microsoft`.
    pub public_url: String,
    /// Application (client) id.
    pub client_id: String,
    /// The client secret's value.
    pub client_secret: String,
    /// Registered redirect URIs; compared to the letter.
    pub redirect_uris: Vec<String>,
    /// Name on the consent page.
    pub app_name: String,
}

impl Config {
    pub(crate) fn login_url(&self) -> String {
        format!("{}/login", self.public_url.trim_end_matches('/'))
    }

    pub(crate) fn graph_url(&self) -> String {
        format!("{}/graph", self.public_url.trim_end_matches('/'))
    }
}

/// Behaviour that Microsoft leaves open or shows only at times.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, named in a test or a JSON body"
)]
pub struct Options {
    /// More equal token requests than this within a minute are a loop: 50196.
    pub loop_limit: usize,
    /// A fresh consent reaches the token endpoint after so long; 65001 until then.
    pub consent_lag_seconds: i64,
    /// Meanwhile tokens come without what was just granted, instead of 65001.
    #[serde(default)]
    pub consent_lag_narrows: bool,
    /// Revocations, removed consents, disabled users and apps are noticed after so long.
    pub revocation_lag_seconds: i64,
    /// What a refresh gets once the service principal is gone: 700016, 65001 or 7000229.
    pub deleted_app_code: u32,
    /// Refresh answers (and first ones) come without `refresh_token`.
    pub withhold_refresh_token: bool,
    /// Concurrent Graph calls per mailbox; one more is a 429. `null` = no limit.
    pub mailbox_concurrency: Option<u32>,
    /// Reads of a new event that still see no Teams link.
    pub reads_without_link: u32,
    /// A `transactionId` is forgotten at once: Microsoft does not say for how long it is remembered.
    pub forget_transactions: bool,
    /// Scopes come back with Graph's address in front, however they were asked for: recorded, though MSAL would not
    /// find such tokens in its cache.
    #[serde(default)]
    pub prefixed_scopes: bool,
    /// The address of Graph that permissions carry in front; each cloud of Microsoft's has its own.
    #[serde(default = "global_graph")]
    pub graph_resource: String,
    /// Entra's clock is ahead of ours by so much where it looks at a client assertion.
    #[serde(default)]
    pub clock_ahead_seconds: i64,
    /// Every client assertion is taken once.
    #[serde(default)]
    pub assertions_once: bool,
    /// Addresses whose free/busy times cannot be read: code and message of the error, by address.
    #[serde(default)]
    pub schedule_errors: BTreeMap<String, (String, String)>,
    /// What the directory knows of rooms, by address.
    #[serde(default)]
    pub places: BTreeMap<String, Place>,
    /// A link lost by a PATCH of the body is replaced by another one instead of going.
    pub renew_lost_link: bool,
    /// Addresses that Exchange replaces by another one of the same mailbox when an event is saved: alias to primary.
    /// No source says when it does.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// How a read by immutable id shows what was deleted.
    #[serde(default)]
    pub trash: Trash,
    /// Times of an event are kept so many seconds later than they were sent, as by a server with other rules for
    /// a zone.
    #[serde(default)]
    pub shift_seconds: i64,
}

/// What a read by immutable id answers about an event in Deleted Items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trash {
    /// 200, and a meeting shows `isCancelled` (concepts/outlook-immutable-id.md, msgraph-sdk-dotnet#3047).
    #[default]
    Cancelled,
    /// 200, as it was.
    Plain,
    /// 404.
    Hidden,
}

fn global_graph() -> String {
    "https://graph.microsoft.com".to_owned()
}

impl Default for Options {
    fn default() -> Self {
        Self {
            loop_limit: 30,
            consent_lag_seconds: 0,
            consent_lag_narrows: false,
            revocation_lag_seconds: 0,
            deleted_app_code: 700_016,
            withhold_refresh_token: false,
            mailbox_concurrency: None,
            reads_without_link: 0,
            forget_transactions: false,
            prefixed_scopes: false,
            graph_resource: global_graph(),
            clock_ahead_seconds: 0,
            assertions_once: false,
            schedule_errors: BTreeMap::new(),
            places: BTreeMap::new(),
            renew_lost_link: false,
            aliases: BTreeMap::new(),
            trash: Trash::default(),
            shift_seconds: 0,
        }
    }
}

impl Options {
    pub(crate) fn consent_lag(&self) -> SignedDuration {
        seconds(self.consent_lag_seconds)
    }

    /// The address under which this one is kept.
    pub(crate) fn primary(&self, address: &str) -> String {
        let known = self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(address));
        known.map_or_else(|| address.to_owned(), |(_, primary)| primary.clone())
    }

    pub(crate) fn revocation_lag(&self) -> SignedDuration {
        seconds(self.revocation_lag_seconds)
    }
}
