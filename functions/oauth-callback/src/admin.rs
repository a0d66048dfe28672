//! An administrator's way: from an approval link to Microsoft's consent page and back, until it is proven.

use shared::app::App;
use shared::approving::{Brought, MARK, Step};
use shared::doctor::{Sender, of_refusal};
use shared::domain::approval::VISIT_LIFE;
use shared::domain::ids::AttemptId;
use shared::domain::secret::{AuthorizationCode, CookieSecret};
use shared::function::{Request, Response};
use shared::microsoft::read_redirect_error;
use shared::problem::{Code, Problem};

use crate::{cookie, waiting};

/// Follows an approval link.
pub(crate) async fn open(app: &App, request: Request) -> Result<Response, Problem> {
    let link = request.query("approval").and_then(|id| id.parse().ok()).zip(request.query("key"));
    let Some((id, key)) = link else { return Ok(waiting::broken_approval()) };
    Ok(match app.approving.open(&id, key).await? {
        Some(step) => shown(app, step),
        None => waiting::broken_approval(),
    })
}

/// The id of the visit that this `state` belongs to; none if it is a recruiter's.
pub(crate) fn visit_of(state: &str) -> Option<AttemptId> {
    state.strip_prefix(MARK)?.strip_prefix('.')?.split('.').next()?.parse().ok()
}

/// Comes back from Microsoft.
pub(crate) async fn back(app: &App, request: &Request, visit: &AttemptId) -> Result<Response, Problem> {
    let state = request.query("state").unwrap_or_default();
    let Some(secret) = cookie::read(request, visit) else { return Ok(waiting::broken_approval()) };
    let step = app.approving.back(state, &secret, brought(request), request.deadline).await?;
    let answer = step.map_or_else(waiting::broken_approval, |step| shown(app, step));
    Ok(answer.with("set-cookie", cookie::clear(visit)))
}

/// `error` is looked at first: failures say `admin_consent=True` too.
fn brought(request: &Request) -> Brought {
    let said_yes = request.query("admin_consent").is_some_and(|said| said.eq_ignore_ascii_case("true"));
    let tenant = request.query("tenant").filter(|_| said_yes).and_then(|tenant| tenant.parse().ok());
    match (request.query("error"), request.query("code"), tenant) {
        (None, Some(code), _) => Brought::Code(AuthorizationCode::new(code.to_owned())),
        (None, None, Some(tenant)) => Brought::Consented(tenant),
        _ => Brought::Refused(read_redirect_error(request.query_pairs())),
    }
}

fn shown(app: &App, step: Step) -> Response {
    match step {
        Step::Go { url, visit, secret } => go(&url, &visit, &secret),
        Step::Stands(state) => {
            let (title, text) = state.words();
            Response::small_page(200, title, text, None)
        }
        Step::WrongTenant => {
            let entry = Code::WrongTenant.entry();
            Response::small_page(
                entry.status,
                entry.title,
                "Open the link again with an administrator's account of the organization that was asked.",
                None,
            )
        }
        Step::Failed(refusal) => {
            let sender = Sender { app_name: &app.settings.app_name, public_url: &app.settings.public_url };
            let said = of_refusal(&refusal, sender);
            let text = format!("{} {}", said.meaning, said.steps.join(" "));
            let text = app.settings.microsoft.cloud.worded(&text);
            Response::small_page(200, "The app was not approved", &text, None)
        }
    }
}

fn go(url: &str, visit: &AttemptId, secret: &CookieSecret) -> Response {
    Response::redirect(302, url).with("set-cookie", cookie::set(visit, secret, VISIT_LIFE))
}
