//! What a stack says about itself and its app, and the knobs of the stand-in.

use super::places::Place;
use super::tenant::seconds;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Addresses that make Exchange refuse a call as a whole: status, code and message, by address.
    #[serde(default)]
    pub schedule_refusals: BTreeMap<String, (u16, String, String)>,
    /// Aliases whose free/busy times are answered under the primary address.
    #[serde(default)]
    pub schedule_aliases: BTreeMap<String, String>,
    /// Addresses that answers leave out.
    #[serde(default)]
    pub schedule_omitted: BTreeSet<String>,
    /// Addresses of which only the merged view is known, as in other forests and on old servers.
    #[serde(default)]
    pub merged_only: BTreeSet<String>,
    /// Addresses whose list of items is empty although the view says busy.
    #[serde(default)]
    pub without_items: BTreeSet<String>,
    /// Members of distribution lists, by address.
    #[serde(default)]
    pub distribution_lists: BTreeMap<String, Vec<String>>,
    /// How a list with more members than Exchange looks up is answered: no source says which.
    #[serde(default)]
    pub large_lists: LargeLists,
    /// Working elsewhere is a 4 in the view, as documented, and not a 0, as recorded.
    #[serde(default)]
    pub elsewhere_is_four: bool,
    /// Free/busy items are cut off at the ends of the time that is asked about. No source says whether they are.
    #[serde(default)]
    pub items_cut_off: bool,
    /// Free/busy times are so old.
    #[serde(default)]
    pub free_busy_lag_minutes: i64,
    /// When the working day ends, as Exchange writes it.
    #[serde(default = "five")]
    pub working_day_end: String,
    /// So many appointments a day in every calendar, for tests of size.
    #[serde(default)]
    pub crowded_calendars: Option<u32>,
    /// What the directory knows of rooms, by address.
    #[serde(default)]
    pub places: BTreeMap<String, Place>,
    /// A link lost by a PATCH of the body is replaced by another one instead of going.
    pub renew_lost_link: bool,
    /// The servers of all mailboxes have Windows' update of 2026, and with it the zones of three Canadian provinces.
    #[serde(default)]
    pub young_zones: bool,
    /// Zones that no server knows, besides those of 2026.
    #[serde(default)]
    pub refused_zones: BTreeSet<String>,
    /// The Teams block as it was until 2025: one link, and no location; with numbers to dial in by.
    #[serde(default)]
    pub old_teams_block: bool,
    /// What a calendar lists as `allowedOnlineMeetingProviders`, by its owner's address, in place of what is true: for
    /// hours after a licence was given it is empty, null or `unknown` (microsoft-graph-docs#22355).
    #[serde(default)]
    pub providers: BTreeMap<String, Value>,
    /// Addresses whose tokens Graph takes only if they were redeemed with claims (continuous access evaluation).
    #[serde(default)]
    pub challenged: BTreeSet<String>,
    /// Addresses to which Exchange does not send: an event with one of them cannot be cancelled, only deleted.
    #[serde(default)]
    pub bad_recipients: BTreeSet<String>,
    /// The change key of an event is renewed so many seconds after it was made (recorded: compass-calendar#3673,
    /// microsoft-graph-docs-contrib#7934, neither says how many); 0 = never.
    #[serde(default = "a_few_seconds")]
    pub change_key_renewed_after: i64,
    /// `/places` answers 404, as in organizations without rooms, and `findRooms` an empty list.
    #[serde(default)]
    pub no_places: bool,
    /// That 404 has the usual code and not what was recorded (microsoft-graph-docs#7532): `UnknownError`, with the code
    /// of the service behind as JSON in the message.
    #[serde(default)]
    pub plain_places_404: bool,
    /// A list of events is not filtered by one property and expanded by another at once. No source says that, but the
    /// same pair was refused for open extensions, where it is documented (microsoft-graph-docs#7784).
    #[serde(default)]
    pub filter_or_expand: bool,
    /// `capacity` comes as a text, and not at all where nobody said.
    #[serde(default)]
    pub capacity_as_text: bool,
    /// An `id_token` spells what it says in other ways that mean the same.
    #[serde(default)]
    pub odd_id_tokens: bool,
    /// A token answer does so, too: `expires_in` as a text, neither `scope` nor `token_type`.
    #[serde(default)]
    pub odd_token_answers: bool,
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

/// How a distribution list with too many members is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LargeLists {
    /// The call is refused: its members count against the limit of 20.
    #[default]
    Refused,
    /// As an error 5043 of its own.
    Reported,
}

fn a_few_seconds() -> i64 {
    5
}

fn five() -> String {
    "17:00:00.0000000".to_owned()
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
            schedule_refusals: BTreeMap::new(),
            schedule_aliases: BTreeMap::new(),
            schedule_omitted: BTreeSet::new(),
            merged_only: BTreeSet::new(),
            without_items: BTreeSet::new(),
            distribution_lists: BTreeMap::new(),
            large_lists: LargeLists::default(),
            elsewhere_is_four: false,
            items_cut_off: false,
            free_busy_lag_minutes: 0,
            working_day_end: five(),
            crowded_calendars: None,
            places: BTreeMap::new(),
            renew_lost_link: false,
            young_zones: false,
            refused_zones: BTreeSet::new(),
            old_teams_block: false,
            providers: BTreeMap::new(),
            challenged: BTreeSet::new(),
            bad_recipients: BTreeSet::new(),
            change_key_renewed_after: a_few_seconds(),
            no_places: false,
            plain_places_404: false,
            filter_or_expand: false,
            capacity_as_text: false,
            odd_id_tokens: false,
            odd_token_answers: false,
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
