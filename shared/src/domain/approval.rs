//! A request to a customer's administrator: let this app in, once, for everybody.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::customer::Customer;
use super::features::Feature;
use super::ids::{ApprovalId, AttemptId, CustomerId, TenantId, UserId};
use super::sign_in::Hash;

/// A visit of an approval link: an administrator may have to ask around first.
pub const VISIT_LIFE: SignedDuration = SignedDuration::from_mins(60);
/// Requests are kept so long after their end, for whoever asks how it went.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
/// A link that has expired says so for this long; whoever opens it later learns nothing.
pub const LINK_TELLS_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The state that the API shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The link is on its way.
    Sent,
    /// Somebody opened it. That alone changes nothing.
    Opened,
    /// Microsoft sent an administrator back with a yes. Anybody could write that answer: it is not proof.
    Reported,
    /// A token proved it.
    Granted,
    /// The administrator said no.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// Whoever asked took it back.
    Withdrawn,
}

impl State {
    /// What an administrator reads about it: a heading and a sentence.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Granted => (
                "The app is approved",
                "Recruiters of the organization can connect now: press Connect again in the recruiting system. Where the app requires assignment, only assigned people get in.",
            ),
            Self::Reported => (
                "Microsoft reports the approval",
                "Nothing more is to be done here. It is not proven yet: the first recruiter who presses Connect again proves it; Microsoft may need some minutes until then.",
            ),
            Self::Denied => {
                ("The app was not approved", "Nothing has changed. The same link can be opened again.")
            }
            Self::Expired => {
                ("This request has expired", "Whoever asked can send a new one from the recruiting system.")
            }
            Self::Withdrawn => ("This request was taken back", "Whoever asked may send a new one."),
            Self::Sent | Self::Opened => ("Nothing was decided", "Open the link again to decide."),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// As the ATS knows it.
    pub name: Option<String>,
    /// As the ATS knows it.
    pub email: Address,
}

/// A stored request. The administrator sees the same facts that Microsoft's own request form shows (N4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The customer.
    pub customer: CustomerId,
    /// The user of the ATS who asked.
    pub asked_by: UserId,
    /// Shown to the administrator.
    pub requester: Requester,
    /// Shown to the administrator.
    pub organization: Option<String>,
    /// Shown to the administrator.
    pub app: String,
    /// Why, in the requester's words; one line.
    pub justification: Option<String>,
    /// What for: the source of the permissions.
    pub features: BTreeSet<Feature>,
    /// When it was asked.
    pub requested_at: Timestamp,
    /// When the link ends.
    pub expires_at: Timestamp,
    /// As stored; see [`Approval::state_at`] for what is true.
    pub state: State,
    /// When Microsoft's answer came.
    pub reported_at: Option<Timestamp>,
    /// When it was granted, denied or withdrawn.
    pub decided_at: Option<Timestamp>,
}

impl Approval {
    /// The state at a time: what nobody decided expires, and what was reported is granted as soon as any token of
    /// the customer proves it.
    pub fn state_at(&self, now: Timestamp, customer: Option<&Customer>) -> State {
        let proven = customer.and_then(|customer| customer.proven.as_ref());
        let since = self.reported_at;
        let shown = proven.is_some_and(|proven| {
            since.is_some_and(|at| proven.at >= at) && proven.scopes.missing(&self.features).is_empty()
        });
        match self.state {
            State::Reported if shown => State::Granted,
            State::Sent | State::Opened if self.expires_at <= now => State::Expired,
            stored => stored,
        }
    }

    /// Whether the link still leads to Microsoft. Somebody who said no may think again.
    pub fn is_open(&self, now: Timestamp, customer: Option<&Customer>) -> bool {
        let state = self.state_at(now, customer);
        self.expires_at > now
            && matches!(state, State::Sent | State::Opened | State::Reported | State::Denied)
    }

    /// What whoever opens the link reads, once it leads nowhere: after its end nobody can think again.
    pub fn state_at_link(&self, now: Timestamp, customer: Option<&Customer>) -> State {
        match self.state_at(now, customer) {
            State::Denied if self.expires_at <= now => State::Expired,
            state => state,
        }
    }

    /// Notes a step that came at `now`.
    #[must_use]
    pub fn step(mut self, state: State, now: Timestamp) -> Self {
        self.state = state;
        match state {
            State::Reported => self.reported_at = Some(now),
            State::Granted | State::Denied | State::Withdrawn => self.decided_at = Some(now),
            State::Sent | State::Opened | State::Expired => {}
        }
        self
    }
}

/// What an approval link leads to: found by the id in the link alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The request.
    pub id: ApprovalId,
    /// Whose.
    pub customer: CustomerId,
    /// Hash of the key in the link.
    pub key: Hash,
    /// End of life.
    pub expires_at: Timestamp,
}

/// One way of an administrator's browser to Microsoft and back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Part of the cookie's name.
    pub id: AttemptId,
    /// Hash of `state`: what it is stored under.
    pub state: Hash,
    /// Hash of the cookie.
    pub cookie: Hash,
    /// The request.
    pub approval: ApprovalId,
    /// Whose.
    pub customer: CustomerId,
    /// What it is for.
    pub aim: Aim,
    /// End of life.
    pub expires_at: Timestamp,
}

/// What a visit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// To get consent.
    Consent,
    /// To prove, by a silent sign-in at the tenant that the answer named, that there is consent.
    Proof(TenantId),
}

#[cfg(test)]
mod tests {
    use super::super::customer::Proven;
    use super::super::features::ScopeSet;
    use super::*;
    use crate::clock::SystemEntropy;

    fn at(minute: i64) -> Timestamp {
        "2026-11-24T08:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(minute)
    }

    fn approval() -> Approval {
        Approval {
            id: ApprovalId::mint(at(0), &SystemEntropy),
            customer: "acme".parse().expect("an id"),
            asked_by: "u-ana".parse().expect("an id"),
            requester: Requester { name: None, email: "ana@contoso.com".parse().expect("an address") },
            organization: None,
            app: "Convene".to_owned(),
            justification: None,
            features: BTreeSet::from([Feature::Calendar]),
            requested_at: at(0),
            expires_at: at(60),
            state: State::Sent,
            reported_at: None,
            decided_at: None,
        }
    }

    fn proven(scopes: &str, minute: i64) -> Customer {
        Customer {
            proven: Some(Proven { scopes: ScopeSet::parse(scopes), at: at(minute) }),
            ..Customer::default()
        }
    }

    #[test]
    fn what_nobody_decides_expires_and_what_is_decided_stays() {
        for state in [State::Sent, State::Opened] {
            let open = approval().step(state, at(1));
            assert_eq!(open.state_at(at(59), None), state);
            assert_eq!(open.state_at(at(60), None), State::Expired);
            assert!(open.is_open(at(59), None) && !open.is_open(at(60), None));
        }
        for state in [State::Reported, State::Granted, State::Denied, State::Withdrawn] {
            assert_eq!(approval().step(state, at(1)).state_at(at(99), None), state);
        }
        let denied = approval().step(State::Denied, at(1));
        assert_eq!(denied.state_at_link(at(59), None), State::Denied, "the link lets think again");
        assert_eq!(denied.state_at_link(at(60), None), State::Expired, "and then no more");
    }

    #[test]
    fn a_report_is_granted_by_a_token_that_came_later_and_covers_everything() {
        let reported = approval().step(State::Reported, at(5));
        let state = |customer: &Customer| reported.state_at(at(9), Some(customer));
        assert_eq!(state(&proven("User.Read Calendars.ReadWrite", 6)), State::Granted);
        assert_eq!(state(&proven("User.Read Calendars.ReadWrite", 4)), State::Reported);
        assert_eq!(state(&proven("User.Read", 6)), State::Reported);
        let opened = approval().step(State::Opened, at(5));
        let all = proven("User.Read Calendars.ReadWrite", 6);
        assert_eq!(
            opened.state_at(at(9), Some(&all)),
            State::Opened,
            "one user's own consent is not everybody's"
        );
    }
}
