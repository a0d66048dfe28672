//! What is never asked for, where secrets are, and what is kept. Data.

use std::collections::BTreeSet;

use super::Fact;
use crate::domain::features::Feature;

/// What the app cannot do with these features. A statement that a feature makes untrue is not made (I-not, I4).
pub(super) fn not_asked(features: &BTreeSet<Feature>) -> Vec<Fact> {
    let true_now = |unless: &Option<Feature>| unless.is_none_or(|feature| !features.contains(&feature));
    NOT_ASKED.iter().filter(|(unless, _)| true_now(unless)).map(|(_, fact)| *fact).collect()
}

/// Each with the feature that ends it.
const NOT_ASKED: [(Option<Feature>, Fact); 6] = [
    (
        None,
        Fact {
            title: "No access without a person",
            text: "Every permission is delegated: a token is issued when a recruiter signs in, and acts only as that recruiter. No application permission is asked for, and no code exists that could get an app-only token.",
        },
    ),
    (
        Some(Feature::SharedCalendars),
        Fact {
            title: "Nobody else's calendar, mailbox or files",
            text: "Interviews are written to the signed-in recruiter's own calendar only. Of others, free and busy times are seen, as any colleague in Outlook sees them.",
        },
    ),
    (
        Some(Feature::RoomsBasic),
        Fact {
            title: "No directory",
            text: "No list of users, no groups, no devices, no roles, no policies.",
        },
    ),
    (
        Some(Feature::Mailbox),
        Fact {
            title: "No mail",
            text: "No mail can be read or sent. Invitations are sent by Outlook itself when an event is made.",
        },
    ),
    (
        None,
        Fact {
            title: "No Teams permissions",
            text: "The Teams link comes with the calendar event. The API for online meetings is not used; no chat, recording or transcript can be read.",
        },
    ),
    (
        None,
        Fact {
            title: "No other call",
            text: "Microsoft's permission is wider than what the app does. The program builds its calls to Microsoft Graph from the list below and has no other way to reach it.",
        },
    ),
];

/// I5: where tokens are and how they are protected.
pub(super) const SECRETS: [Fact; 5] = [
    Fact {
        title: "Where",
        text: "In a database (Amazon DynamoDB) in the operator's own AWS account and region, encrypted as a whole, and once more value by value.",
    },
    Fact {
        title: "How",
        text: "Access and refresh tokens are sealed with AES-256-GCM, each under a key of its own that is derived from your company's key and bound to company, user, connection and Microsoft account: copied elsewhere, they do not open.",
    },
    Fact {
        title: "The key",
        text: "Your company's key is made and wrapped by AWS KMS in the operator's account. It is in memory for minutes and stored only wrapped.",
    },
    Fact {
        title: "Never shown",
        text: "Tokens go to Microsoft and nowhere else: not into logs, not to the recruiting system, not to a browser.",
    },
    Fact {
        title: "The end",
        text: "When a connection ends, its tokens are destroyed. When the company's integration is deleted, its key is destroyed first, so nothing that it sealed opens again; backups of the key are gone a day later.",
    },
];
