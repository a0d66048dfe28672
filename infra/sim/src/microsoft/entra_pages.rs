//! The pages of the simulated sign-in: plain HTML forms that work without JavaScript, clearly not Microsoft's.

use super::authorize::Authorize;
use super::scopes::Scopes;
use super::tenant::{Role, State, UserId};
use html_escape::{encode_double_quoted_attribute as attr, encode_text as text};
use std::fmt::Write;

/// At most this many accounts are listed; others are typed.
const LISTED: usize = 24;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;background:#eef1f4;color:#1b1f24;margin:0}\
main{max-width:28rem;margin:8vh auto;background:#fff;border:1px solid #cdd4db;border-radius:.5rem;padding:2rem}\
.sim{font-size:.85rem;letter-spacing:.04em;color:#5b6670;border-bottom:1px solid #e2e7ec;padding-bottom:.75rem;margin-bottom:1rem}\
h1{font-size:1.25rem;margin:0 0 .75rem}ul{padding-left:1.2rem}label{display:block;margin:1rem 0}\
button{font:inherit;padding:.5rem .9rem;border:1px solid #8a96a1;border-radius:.3rem;background:#fff;cursor:pointer;margin:.15rem .3rem .15rem 0}\
button.main{background:#24476b;border-color:#24476b;color:#fff}.accounts button{display:block;width:100%;text-align:left}\
input[type=email],textarea{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}small{color:#5b6670}";

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} - Simulated Microsoft</title>\
         <style>{STYLE}</style></head><body><main><p class=\"sim\">Simulated Microsoft (local stand-in, no real account)</p>\
         <h1>{title}</h1>{body}</main></body></html>",
        title = text(title)
    )
}

fn form(action: &str, step: &str, user: Option<&str>, body: &str) -> String {
    let user = user.map(|user| format!("<input type=\"hidden\" name=\"user\" value=\"{}\">", attr(user)));
    format!(
        "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"step\" value=\"{step}\">{}{body}</form>",
        attr(action),
        user.unwrap_or_default()
    )
}

fn cancel(action: &str, label: &str) -> String {
    form(action, "cancel", None, &format!("<button id=\"cancel\">{}</button>", text(label)))
}

/// The error page: no way back to the app.
pub(crate) fn error(code: u32, words: &str) -> String {
    let body = format!(
        "<p id=\"error\">AADSTS{code}: {}</p><p><small>Nothing goes back to the application.</small></p>",
        text(words)
    );
    page("Sorry, but we're having trouble signing you in", &body)
}

/// The accounts that may choose here, with the hinted one marked.
pub(crate) fn sign_in(state: &State, action: &str, accounts: &[UserId], hint: Option<&str>) -> String {
    let hinted =
        |user: &&UserId| hint.is_some_and(|hint| state.users[**user].email.eq_ignore_ascii_case(hint));
    let (first, rest): (Vec<&UserId>, Vec<&UserId>) = accounts.iter().partition(hinted);
    let mut buttons = String::new();
    for user in first.iter().chain(&rest).take(LISTED) {
        let (person, class) = (&state.users[**user], if hinted(user) { " class=\"main\"" } else { "" });
        let _ = write!(
            buttons,
            "<button name=\"user\" value=\"{}\"{class}>{} <small>{}</small></button>",
            attr(&person.email),
            text(&person.name),
            text(&person.email)
        );
    }
    let list = form(action, "account", None, &format!("<div class=\"accounts\">{buttons}</div>"));
    let typed = form(
        action,
        "account",
        None,
        "<label>Another account<input type=\"email\" name=\"user\" autocomplete=\"off\"></label><button>Next</button>",
    );
    page("Pick an account", &format!("{list}{typed}{}", cancel(action, "Cancel")))
}

fn list(scopes: Scopes) -> String {
    let items: Vec<_> = scopes.permissions().map(|known| text(known.words)).collect();
    format!("<ul><li>{}</li></ul>", items.join("</li><li>"))
}

/// The ordinary consent page.
pub(crate) fn consent(
    state: &State,
    action: &str,
    request: &Authorize,
    user: UserId,
    box_for_all: bool,
) -> String {
    let tick = "<label><input type=\"checkbox\" name=\"for_all\" value=\"on\"> Consent on behalf of your organization</label>";
    let body = format!(
        "<p><strong>{}</strong> (unverified) would like to:</p>{}{}\
         <button name=\"answer\" value=\"decline\" id=\"decline\">Decline</button>\
         <button name=\"answer\" value=\"accept\" id=\"accept\" class=\"main\">Accept</button>",
        text(&state.config.app_name),
        list(request.scopes),
        if box_for_all { tick } else { "" }
    );
    let email = &state.users[user].email;
    page(
        "Permissions requested",
        &format!("<p>{}</p>{}", text(email), form(action, "consent", Some(email), &body)),
    )
}

/// The admin consent workflow is on: a form for the reviewers.
pub(crate) fn request(state: &State, action: &str, request: &Authorize, user: UserId) -> String {
    let body = format!(
        "<p><strong>{}</strong> needs permission that only an administrator can grant:</p>{}\
         <label>Justification<textarea name=\"justification\"></textarea></label>\
         <button id=\"request\" class=\"main\">Request approval</button>",
        text(&state.config.app_name),
        list(request.scopes)
    );
    let email = &state.users[user].email;
    let whole = format!("{}{}", form(action, "request", Some(email), &body), cancel(action, "Cancel"));
    page("Approval required", &whole)
}

/// The workflow is off: a dead end with one link back.
pub(crate) fn need_admin(state: &State, action: &str) -> String {
    let body = format!(
        "<p><strong>{}</strong> needs permission to access resources in your organization that only an admin can grant. \
         Please ask an admin to grant permission to this app before you can use it.</p><p><small>AADSTS90094</small></p>{}",
        text(&state.config.app_name),
        cancel(action, "Return to the application without granting consent")
    );
    page("Need admin approval", &body)
}

/// After an approval request was sent.
pub(crate) fn requested(action: &str, user: &str) -> String {
    let body = "<p>Your request was sent to your administrators.</p><button id=\"back\" class=\"main\">Back to the application</button>";
    page("Request sent", &form(action, "requested", Some(user), body))
}

/// Admin consent, once the administrator is signed in.
pub(crate) fn admin_consent(state: &State, action: &str, scopes: Scopes, user: UserId) -> String {
    let body = format!(
        "<p><strong>{}</strong> (unverified) would like to, for <strong>all users of {}</strong>:</p>{}\
         <button name=\"answer\" value=\"decline\" id=\"decline\">Cancel</button>\
         <button name=\"answer\" value=\"accept\" id=\"accept\" class=\"main\">Accept</button>",
        text(&state.config.app_name),
        text(&state.tenant_of(user).domain),
        list(scopes)
    );
    page(
        "Permissions requested, review for your organization",
        &form(action, "consent", Some(&state.users[user].email), &body),
    )
}

/// The people of a tenant, or of all, who may be listed.
pub(crate) fn accounts(state: &State, tenant: Option<usize>, administrators: bool) -> Vec<UserId> {
    let listed = |user: &UserId| {
        let person = &state.users[*user];
        tenant.is_none_or(|tenant| person.tenant == tenant)
            && person.deleted.is_none()
            && person.role != Role::Room
            && (!administrators || super::policy::may_grant_for_all(person.role))
    };
    (0..state.users.len()).filter(listed).collect()
}
