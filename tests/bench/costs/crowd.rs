//! Connections without their browsers.

use std::collections::BTreeSet;
use std::time::Duration;

use acceptance::attempt;
use futures::StreamExt;
use jiff::SignedDuration;
use local::Stack;
use shared::app::App;
use shared::domain::connection::{Account, Connection, Health, Teams};
use shared::domain::features::{Feature, ScopeSet};
use shared::domain::grant::usable_until;
use shared::domain::ids::{ConnectionId, CustomerId};
use shared::domain::secret::{AccessToken, RefreshToken};
use shared::domain::sign_in::{Outcome, OutcomeStatus};
use shared::store::{Completion, Shard};
use shared::vault::{Binding, CustomerKey, TokenPair, seal_tokens};

const SCOPES: &str = "openid profile offline_access User.Read Calendars.ReadWrite";
/// Sizes of real tokens.
const ACCESS: usize = 2_200;
const REFRESH: usize = 1_500;

/// Who is connected, and with which tokens.
struct Who {
    user: String,
    email: String,
    tenant: String,
    object: String,
    tokens: TokenPair,
}

/// Ana of Contoso, a recruiter of `acme`; her access token.
pub(crate) async fn ana(stack: &Stack) -> String {
    let (email, microsoft) = ("ana@contoso.com", &stack.microsoft);
    microsoft.add_user(email, "Ana");
    let (access, refresh, _) = microsoft.mint_connection(email, SCOPES);
    let who = Who {
        user: "u-ana".to_owned(),
        email: email.to_owned(),
        tenant: microsoft.tenant_id("contoso.com"),
        object: microsoft.object_id(email),
        tokens: TokenPair { access: AccessToken::new(access.clone()), refresh: RefreshToken::new(refresh) },
    };
    connect(stack, "acme", vec![who]).await;
    // Whoever asks the stack for a token finds the customer switched on.
    let claims = serde_json::json!({ "sub": "u-ana", "customer_id": "acme", "email": email });
    let asked = shared::microsoft::http_client().post(format!("{}/_local/token", stack.url)).json(&claims);
    asked.send().await.and_then(reqwest::Response::error_for_status).expect("a token");
    access
}

/// Cold connections, so many of each customer; every customer has a tenant of his own. Customers whose shard is not
/// among the first `shards` are left out. All shards are due.
pub(crate) async fn crowd(stack: &Stack, customers: usize, each: usize, shards: u16) {
    let names = (0..).map(|n| format!("customer-{n}"));
    let near = |name: &String| u16::from(Shard::of(&name.parse().expect("an id")).number()) < shards;
    let app = app(stack);
    for (place, name) in names.filter(near).take(customers).enumerate() {
        let people = (0..each).map(|n| Who {
            user: format!("u-{n}"),
            email: format!("p{n}@{name}.example"),
            tenant: format!("{place:08x}-0000-4000-8000-000000000000"),
            object: format!("{place:08x}-0000-4000-8000-{n:012x}"),
            tokens: TokenPair {
                access: AccessToken::new("a".repeat(ACCESS)),
                refresh: RefreshToken::new("r".repeat(REFRESH)),
            },
        });
        connect(stack, &name, people.collect()).await;
        let shard = Shard::of(&name.parse().expect("an id"));
        let due = app.clock.now() - SignedDuration::from_mins(1);
        app.store.shards.ensure(shard, due).await.expect("the store answers");
    }
}

fn app(stack: &Stack) -> &App {
    stack.shared.app("oauth-callback").expect("a function")
}

async fn connect(stack: &Stack, customer: &str, people: Vec<Who>) {
    let (app, customer) = (app(stack), customer.parse::<CustomerId>().expect("an id"));
    let (minted, wrapped) = app.vault.mint(&customer).await.expect("a key");
    let stored = app.store.keys.put_first(&customer, &wrapped).await.expect("stored");
    let key = app.vault.adopt(&customer, minted, &stored).await.expect("a key");
    let attempt = attempt(app, &customer, (&people[0].user, &people[0].email));
    app.store.sign_ins.put_attempt(&attempt).await.expect("stored");
    let outcome = Outcome::plain(OutcomeStatus::Cancelled);
    let all = people.into_iter().map(|who| {
        let connection = connection(app, &customer, &who, &key);
        let (attempt, outcome) = (&attempt, &outcome);
        async move {
            let end = Completion { connection: &connection, read: None, attempt, outcome, proof: None };
            app.store.connections.complete(end).await.expect("stored");
        }
    });
    futures::stream::iter(all).buffer_unordered(8).collect::<Vec<()>>().await;
}

fn connection(app: &App, customer: &CustomerId, who: &Who, key: &CustomerKey) -> Connection {
    let now = app.clock.now();
    let account = Account {
        tenant: who.tenant.parse().expect("a GUID"),
        object: who.object.parse().expect("a GUID"),
        email: who.email.parse().expect("an address"),
        name: None,
    };
    let mut connection = Connection {
        id: ConnectionId::mint(now, app.entropy.as_ref()),
        customer: customer.clone(),
        user: who.user.parse().expect("an id"),
        account: Some(account),
        features: BTreeSet::from([Feature::Calendar]),
        granted: ScopeSet::parse("User.Read Calendars.ReadWrite"),
        teams: Teams::Yes,
        time_zone: Some("Europe/Paris".to_owned()),
        connected_at: now,
        health: Health::Live,
        verified_at: Some(now),
        last_used: None,
        usable_until: Some(usable_until(now, Duration::from_mins(80))),
        generation: 1,
        destroyed: None,
        canary: false,
        errand: None,
        tokens: None,
        last_attempt: None,
    };
    let sealed = seal_tokens(key, &Binding::tokens(&connection), &who.tokens, app.entropy.as_ref());
    connection.tokens = Some(sealed);
    connection
}
