//! The stories that write to a calendar, each up to the request that is looked at.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Person, World, interview};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Story {
    Create,
    CreateWithRoom,
    Reschedule,
    Cancel,
    PatchTitle,
    PatchText,
    PatchPeople,
    PatchRoom,
}

/// A request that is ready to be sent.
pub(crate) struct Ready {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
}

pub(crate) const KEY: &str = "key-of-the-request";

impl Story {
    pub(crate) const ALL: [Self; 8] = [
        Self::Create,
        Self::CreateWithRoom,
        Self::Reschedule,
        Self::Cancel,
        Self::PatchTitle,
        Self::PatchText,
        Self::PatchPeople,
        Self::PatchRoom,
    ];

    pub(crate) fn is_patch(self) -> bool {
        matches!(self, Self::PatchTitle | Self::PatchText | Self::PatchPeople | Self::PatchRoom)
    }

    pub(crate) fn is_new(self) -> bool {
        matches!(self, Self::Create | Self::CreateWithRoom)
    }

    /// The call to Graph by which it writes.
    pub(crate) fn write(self) -> &'static str {
        match self {
            Self::Create | Self::CreateWithRoom => "POST /me/events",
            Self::Cancel => "POST /me/events/{id}/cancel",
            _ => "PATCH /me/events/{id}",
        }
    }

    /// Everything before the request.
    pub(crate) async fn prepare(self, ana: &Person<'_>) -> Ready {
        if self.is_new() {
            let mut body = interview();
            if self == Self::CreateWithRoom {
                body["rooms"] = json!(["room7@contoso.com"]);
            }
            return Ready { method: Method::POST, path: "/v1/interviews".to_owned(), body };
        }
        let made = ana.schedule("key-of-the-interview").await;
        assert_eq!(made.status, 201, "{}", made.text);
        let path = format!("/v1/interviews/{}", made.str("/id"));
        let moved = json!({ "start": "2026-12-02T14:00:00", "end": "2026-12-02T14:45:00", "time_zone": "Europe/Paris" });
        let (method, path, body) = match self {
            Self::Reschedule => (Method::POST, format!("{path}/reschedule"), moved),
            Self::Cancel => {
                (Method::POST, format!("{path}/cancel"), json!({ "comment": "The role is filled." }))
            }
            Self::PatchTitle => (Method::PATCH, path, json!({ "title": "New title" })),
            Self::PatchText => (Method::PATCH, path, json!({ "body_html": "<p>New text.</p>" })),
            Self::PatchPeople => {
                (Method::PATCH, path, json!({ "interviewers": [{ "email": "dora@contoso.com" }] }))
            }
            _ => (Method::PATCH, path, json!({ "rooms": ["room7@contoso.com"] })),
        };
        Ready { method, path, body }
    }

    /// Mails that it must lead to, by kind and addressee.
    pub(crate) fn mails(self) -> Vec<(sim::MailKind, &'static str)> {
        use sim::MailKind::{Cancellation, Invitation, Update};
        let (dana, carl) = ("dana@example.org", "carl@contoso.com");
        match self {
            Self::Create => vec![(Invitation, dana), (Invitation, carl)],
            Self::CreateWithRoom => {
                vec![(Invitation, dana), (Invitation, carl), (Invitation, "room7@contoso.com")]
            }
            Self::Cancel => vec![(Cancellation, dana), (Cancellation, carl)],
            Self::Reschedule | Self::PatchTitle | Self::PatchText => vec![(Update, dana), (Update, carl)],
            Self::PatchPeople => vec![(Invitation, "dora@contoso.com"), (Cancellation, carl)],
            Self::PatchRoom => vec![(Update, dana), (Update, carl), (Invitation, "room7@contoso.com")],
        }
    }
}

impl Ready {
    pub(crate) async fn send(&self, ana: &Person<'_>) -> Answer {
        let key = [("idempotency-key", KEY)];
        ana.call(self.method.clone(), &self.path, Some(&self.body), &key).await
    }

    /// The same request for [`local::Stack::ask`].
    pub(crate) fn request(&self, world: &World, ana: &Person<'_>) -> local::http::Request<Vec<u8>> {
        let request = local::http::Request::builder()
            .method(self.method.clone())
            .uri(format!("{}{}", world.stack.url, self.path))
            .header("authorization", format!("Bearer {}", ana.token))
            .header("content-type", "application/json")
            .header("idempotency-key", KEY);
        request.body(self.body.to_string().into_bytes()).expect("a request")
    }
}
