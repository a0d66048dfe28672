//! The cookie that ties an attempt to one browser (RFC 6265bis, `__Host-` prefix).

use shared::domain::ids::AttemptId;
use shared::domain::secret::CookieSecret;
use shared::domain::sign_in::ATTEMPT_LIFE;
use shared::domain::time::Span;
use shared::function::{Request, Response};
use shared::signing_in::Begun;

fn name(attempt: &str) -> String {
    format!("__Host-convene-{attempt}")
}

/// `Set-Cookie` for a new attempt.
pub(crate) fn set(attempt: &AttemptId, secret: &CookieSecret, life: Span) -> String {
    let (name, value) = (name(attempt.as_str()), secret.expose());
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}", life.as_secs())
}

/// The way to Microsoft's page, with the cookie of the attempt.
pub(crate) fn sent_with(begun: &Begun) -> Response {
    let cookie = set(&begun.attempt, &begun.secret, ATTEMPT_LIFE);
    Response::redirect(302, &begun.url).with("set-cookie", cookie)
}

/// `Set-Cookie` that ends it.
pub(crate) fn clear(attempt: &AttemptId) -> String {
    format!("{}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", name(attempt.as_str()))
}

/// The cookie of an attempt.
pub(crate) fn read(request: &Request, attempt: &AttemptId) -> Option<CookieSecret> {
    request.cookie(&name(attempt.as_str())).map(|value| CookieSecret::new(value.to_owned()))
}
