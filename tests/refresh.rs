//! Keeping tokens alive, and noticing when access was revoked.

mod answers;
mod canary;
mod doubt;
mod first_look;
mod harmless;
mod many;
mod persist;
mod races;
mod restored;
mod revoked;

use jiff::{SignedDuration, Timestamp};
use shared::domain::connection::{Connection, Status};
use shared::store::Versioned;

use crate::world::{Person, World, minutes};

/// Where the promise lies: from the revocation to the end of the tokens.
const PROMISE: SignedDuration = SignedDuration::from_mins(55);

impl World {
    /// Ana, who is her customer's canary, and Ben, whom only the sweep verifies.
    async fn ana_and_ben(&self) -> (Person<'_>, Person<'_>) {
        let ana = self.ana().await;
        let ben = self.person("u-ben", "acme", "ben@contoso.com").await;
        assert_eq!(ben.connect().await, "connected");
        self.advance(minutes(2)).await;
        (ana, ben)
    }

    /// The two with new tokens of the ATS: theirs live an hour or so.
    async fn ana_and_ben_again(&self) -> (Person<'_>, Person<'_>) {
        let ana = self.person("u-ana", "acme", "ana@contoso.com").await;
        (ana, self.person("u-ben", "acme", "ben@contoso.com").await)
    }

    /// Goes on minute by minute until the sweep has just verified this account.
    async fn until_verified(&self, email: &str) {
        let begun = self.now();
        self.advance(minutes(2)).await;
        self.skip_to_the_sweep("acme").await;
        for _ in 0..5 {
            self.advance(minutes(1)).await;
            if self.refreshes(email, begun).iter().any(|(at, _)| *at > begun) {
                return;
            }
        }
        panic!("{email} was not verified when it was due");
    }

    /// Goes on minute by minute until the connection shows this state; after how long, if within `limit`.
    async fn until(
        &self,
        person: &Person<'_>,
        status: Status,
        limit: SignedDuration,
    ) -> Option<SignedDuration> {
        let begun = self.now();
        while self.now().duration_since(begun) < limit {
            self.advance(minutes(1)).await;
            if self.state(person).await.value.status() == status {
                return Some(self.now().duration_since(begun));
            }
        }
        None
    }

    async fn state(&self, person: &Person<'_>) -> Versioned<Connection> {
        self.stored(&person.customer, &person.user).await
    }
}

/// When a connection was said to be verified last.
async fn last_verified(person: &Person<'_>) -> Timestamp {
    let connection = person.connection().await;
    connection["last_verified_at"].as_str().expect("a time").parse().expect("an instant")
}
