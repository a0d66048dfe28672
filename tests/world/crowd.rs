//! Many connections without their browsers, and what is stored of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use acceptance::attempt;
use futures::StreamExt;
use jiff::Timestamp;
use shared::app::App;
use shared::domain::connection::{Account, Connection, Errand, Health, Teams};
use shared::domain::features::{Feature, ScopeSet};
use shared::domain::grant::usable_until;
use shared::domain::ids::{ConnectionId, CustomerId};
use shared::domain::secret::{AccessToken, RefreshToken};
use shared::domain::sign_in::{Outcome, OutcomeStatus};
use shared::store::{Completion, Shard, Versioned};
use shared::vault::{Binding, CustomerKey, TokenPair, seal_tokens};

use super::{World, minutes};

/// What a recruiter grants.
const SCOPES: &str = "openid profile offline_access User.Read Calendars.ReadWrite";

impl World {
    /// The parts of a function.
    pub(crate) fn app(&self, function: &str) -> &Arc<App> {
        self.stack.shared.app(function).expect("a function of that name")
    }

    /// Connects these accounts for a customer; each user is named as in the address. A first look is due for the
    /// first of them only: it stands for all.
    pub(crate) async fn crowd(&self, customer: &str, emails: &[String]) {
        self.person("admin", customer, "admin@example.org").await;
        self.connected(customer, emails, true).await;
    }

    /// The same for a customer that is switched on; without a first look nothing is due for any of them.
    pub(crate) async fn connected(&self, customer: &str, emails: &[String], first_look: bool) {
        let (app, customer) = (self.app("oauth-callback"), customer.parse::<CustomerId>().expect("an id"));
        let (minted, wrapped) = app.vault.mint(&customer).await.expect("a key");
        let stored = app.store.keys.put_first(&customer, &wrapped).await.expect("stored");
        let key = app.vault.adopt(&customer, minted, &stored).await.expect("a key");
        let user = emails[0].split('@').next().unwrap_or_default();
        let attempt = attempt(app, &customer, (user, &emails[0]));
        app.store.sign_ins.put_attempt(&attempt).await.expect("stored");
        let outcome = Outcome::plain(OutcomeStatus::Cancelled);
        let all = emails.iter().enumerate().map(|(place, email)| {
            let connection = self.minted(app, &customer, email, (&key, first_look && place == 0));
            let (attempt, outcome) = (&attempt, &outcome);
            async move {
                let end = Completion { connection: &connection, read: None, attempt, outcome, proof: None };
                app.store.connections.complete(end).await.expect("stored");
            }
        });
        futures::stream::iter(all).buffer_unordered(16).collect::<Vec<()>>().await;
    }

    fn minted(
        &self,
        app: &App,
        customer: &CustomerId,
        email: &str,
        (key, first): (&CustomerKey, bool),
    ) -> Connection {
        let now = self.now();
        let (name, domain) = email.split_once('@').expect("an address");
        self.microsoft().add_user(email, name);
        let (access, refresh, seconds) = self.microsoft().mint_connection(email, SCOPES);
        let account = Account {
            tenant: self.microsoft().tenant_id(domain).parse().expect("a GUID"),
            object: self.microsoft().object_id(email).parse().expect("a GUID"),
            email: email.parse().expect("an address"),
            name: None,
        };
        let mut connection = Connection {
            id: ConnectionId::mint(now, app.entropy.as_ref()),
            customer: customer.clone(),
            user: name.parse().expect("an id"),
            account: Some(account),
            features: BTreeSet::from([Feature::Calendar]),
            granted: ScopeSet::parse("User.Read Calendars.ReadWrite"),
            teams: Teams::Yes,
            time_zone: Some("Europe/Paris".to_owned()),
            connected_at: now,
            health: Health::Live,
            verified_at: Some(now),
            last_used: None,
            usable_until: Some(usable_until(now, Duration::from_secs(seconds))),
            generation: 1,
            destroyed: None,
            canary: false,
            errand: first.then_some((Errand::FirstLook, now)),
            tokens: None,
            last_attempt: None,
        };
        let pair = TokenPair { access: AccessToken::new(access), refresh: RefreshToken::new(refresh) };
        connection.tokens =
            Some(seal_tokens(key, &Binding::tokens(&connection), &pair, app.entropy.as_ref()));
        connection
    }

    /// Passes the time until a minute before the customer's shard is due; nothing runs meanwhile.
    pub(crate) async fn skip_to_the_sweep(&self, customer: &str) {
        let shard = Shard::of(&customer.parse().expect("an id"));
        let board = self.app("follow-ups").store.shards.all().await.expect("the store answers");
        let due = board.rows.iter().find(|row| row.shard == shard).map(|row| row.next_due);
        if let Some(wait) = due
            .map(|due| due.duration_since(self.now()) - minutes(1))
            .filter(jiff::SignedDuration::is_positive)
        {
            self.pass_time(wait);
        }
    }

    /// Goes on minute by minute until the customer's shard was swept as a whole.
    pub(crate) async fn until_swept(&self, customer: &str) {
        let (begun, shard) = (self.now(), Shard::of(&customer.parse().expect("an id")));
        for _ in 0..5 {
            // A new shard is put on the board by the first tick, and is due at its own phase.
            self.skip_to_the_sweep(customer).await;
            self.advance(minutes(1)).await;
            let swept = self.app("connections").store.shards.verified_at(shard).await;
            if swept.expect("the store answers").is_some_and(|swept| swept > begun) {
                return;
            }
        }
        panic!("the shard of {customer} was not swept when it was due");
    }

    /// A connection as it is stored.
    pub(crate) async fn stored(&self, customer: &str, user: &str) -> Versioned<Connection> {
        let (customer, user) = (customer.parse().expect("an id"), user.parse().expect("an id"));
        let found = self.app("connections").store.connections.find(&customer, &user).await;
        found.expect("the store answers").expect("a connection")
    }

    /// All connections of a customer as they are stored, by user.
    pub(crate) async fn all_stored(&self, customer: &str) -> BTreeMap<String, Connection> {
        let customer = customer.parse().expect("an id");
        let page = self.app("connections").store.connections.list(&customer, 1000, None).await;
        let page = page.expect("the store answers");
        assert!(page.next.is_none() && page.corrupt == 0);
        page.items.into_iter().map(|read| (read.value.user.as_str().to_owned(), read.value)).collect()
    }

    /// When Entra answered refreshes of this account since then: the instant and the AADSTS number, 0 for tokens.
    pub(crate) fn refreshes(&self, email: &str, since: Timestamp) -> Vec<(Timestamp, u32)> {
        let all = self.microsoft().redemptions().into_iter();
        let of = all.filter(|r| r.grant == sim::Grant::RefreshToken && r.user == email && r.at >= since);
        of.map(|r| (r.at, r.code)).collect()
    }
}
