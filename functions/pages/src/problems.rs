//! What a problem means, who must act, and what to do: the page behind a problem's `type`.

use askama::Template;
use shared::app::App;
use shared::function::Response;
use shared::problem::{Code, Problem};

use crate::owner;

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    app_name: &'a str,
    support: &'a str,
    code: &'a str,
    title: &'a str,
    meaning: &'a str,
    status: u16,
    owner: &'a str,
    steps: &'a [&'a str],
    place: Option<&'a str>,
    retry: bool,
}

pub(crate) fn page(app: &App, code: &str) -> Result<Response, Problem> {
    let code = Code::named(code).ok_or(Code::NotFound)?;
    let entry = code.entry();
    let page = Page {
        app_name: &app.settings.app_name,
        support: &app.settings.support_contact,
        code: entry.code,
        title: entry.title,
        meaning: entry.meaning,
        status: entry.status,
        owner: owner::name(entry.owner),
        steps: entry.steps,
        place: code.it_anchor(),
        retry: entry.retry_after.is_some(),
    };
    let html = page.render().map_err(|_| Code::InternalError)?;
    Ok(Response::page(200, html))
}
