//! What anybody may open.

use shared::problem::Code::{NotFound, PayloadTooLarge};

use super::groups::ALWAYS;
use super::{Body, Operation, Success, bare, html, json};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        key: "GET /healthz",
        id: "health",
        summary: "Whether the deployment answers, and which build it is",
        request: None,
        parameters: &[],
        problems: &[ALWAYS],
        successes: &[json(200, "It does.", "Health", &[])],
    },
    Operation {
        key: "GET /problems/{code}",
        id: "explainProblem",
        summary: "What a problem means and who must act, for people",
        request: None,
        parameters: &["code"],
        problems: &[&[NotFound], ALWAYS],
        successes: &[html(200, "The page.")],
    },
    Operation {
        key: "GET /doctor",
        id: "openDoctor",
        summary: "The consent doctor: a form to paste an error into",
        request: None,
        parameters: &[],
        problems: &[ALWAYS],
        successes: &[html(200, "The form.")],
    },
    Operation {
        key: "POST /doctor",
        id: "askDoctor",
        summary: "What a pasted error means, who must act and where to click; a form with one field `text`",
        request: None,
        parameters: &[],
        problems: &[&[PayloadTooLarge], ALWAYS],
        successes: &[html(200, "The answer, and the form again.")],
    },
    Operation {
        key: "GET /it",
        id: "openItPage",
        summary: "For IT administrators: what is asked for, why, how to approve, how to revoke, what to check",
        request: None,
        parameters: &[],
        problems: &[ALWAYS],
        successes: &[html(200, "The page.")],
    },
    Operation {
        key: "GET /it/manifest.json",
        id: "readItManifest",
        summary: "The content of that page as data; with a `key`, the page of a customer of that very name",
        request: None,
        parameters: &[],
        problems: &[ALWAYS],
        successes: &[json(200, "Made from the running settings.", "Manifest", &[])],
    },
    Operation {
        key: "GET /it/{customer}",
        id: "openItPageOfCustomer",
        summary: "The same for one customer, with what is granted against what is needed: the link of `it-link`",
        request: None,
        parameters: &["customer", "key"],
        problems: &[ALWAYS],
        successes: &[
            html(200, "The page."),
            html(404, "The link does not open: whatever the reason, the same page."),
        ],
    },
    Operation {
        key: "GET /.well-known/microsoft-identity-association.json",
        id: "readPublisherDomain",
        summary: "Ties this domain to the app, for Microsoft's publisher verification",
        request: None,
        parameters: &[],
        problems: &[ALWAYS],
        successes: &[json(200, "As Microsoft wants it.", "PublisherDomain", &[])],
    },
    Operation {
        key: "GET /api/auth/microsoft/connect",
        id: "connect",
        summary: "Begins a sign-in: the link of a connect session, opened in the recruiter's browser",
        request: None,
        parameters: &["session", "key"],
        problems: &[ALWAYS],
        successes: &[
            bare(
                302,
                "To Microsoft's sign-in page; a cookie ties the attempt to this browser.",
                &["Location", "Set-Cookie"],
            ),
            html(400, "The link is not valid, was used, or has expired (`sign-in-expired`)."),
        ],
    },
    Operation {
        key: "GET /api/auth/microsoft/callback",
        id: "callback",
        summary: "The one registered redirect URI: ends a sign-in and sends the browser to the session's return_url",
        request: None,
        parameters: &["state", "redirect-code", "error"],
        problems: &[ALWAYS],
        successes: &[
            Success {
                status: 200,
                means: "How an approval stands. Or a page that loads itself again: a first answer to the same sign-in is still being worked on, or Microsoft does not know a fresh consent everywhere yet.",
                body: Body::Html,
                headers: &["Set-Cookie?"],
            },
            bare(
                302,
                "To Microsoft again, silently: for the proof of an approval, or after such a page.",
                &["Location", "Set-Cookie"],
            ),
            bare(
                303,
                "To return_url, with `status` (connected, pending_approval, cancelled, denied, wrong_account, wrong_tenant, failed), `session` and, where it failed, `reason` (a problem code). Beside wrong_account it is `wrong-account`, or `account-renamed` where the account that was connected before has another address now.",
                &["Location", "Set-Cookie"],
            ),
            html(400, "The sign-in was not started in this browser, or has expired (`sign-in-expired`)."),
        ],
    },
    Operation {
        key: "GET /api/auth/microsoft/admin-consent",
        id: "openApproval",
        summary: "Begins an approval: the link of a request, opened in the administrator's browser",
        request: None,
        parameters: &["approval", "key"],
        problems: &[ALWAYS],
        successes: &[
            html(200, "The request has ended: how it stands."),
            bare(
                302,
                "To Microsoft's consent page; a cookie ties the visit to this browser.",
                &["Location", "Set-Cookie"],
            ),
            html(400, "The link is not valid, or ended long ago (`sign-in-expired`)."),
        ],
    },
];
