//! What anybody may open.

use shared::problem::Code::NotFound;

use super::groups::ALWAYS;
use super::{Operation, bare, html, json};

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
            html(
                200,
                "A first answer to the same sign-in is still being worked on; the page loads itself again.",
            ),
            bare(
                303,
                "To return_url, with `status` (connected, pending_approval, cancelled, denied, wrong_account, wrong_tenant, failed), `session` and, where it failed, `reason` (a problem code).",
                &["Location", "Set-Cookie"],
            ),
            html(400, "The sign-in was not started in this browser, or has expired (`sign-in-expired`)."),
        ],
    },
];
