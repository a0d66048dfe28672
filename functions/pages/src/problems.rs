//! What a problem means, who must act, and what to do: the page behind a problem's `type`.

use askama::Template;
use shared::app::App;
use shared::function::Response;
use shared::problem::{Code, Owner, Problem};

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
    retry: bool,
}

pub(crate) fn page(app: &App, code: &str) -> Result<Response, Problem> {
    let entry = Code::named(code).ok_or(Code::NotFound)?.entry();
    let page = Page {
        app_name: &app.settings.app_name,
        support: &app.settings.support_contact,
        code: entry.code,
        title: entry.title,
        meaning: entry.meaning,
        status: entry.status,
        owner: owner(entry.owner),
        steps: entry.steps,
        retry: entry.retry_after.is_some(),
    };
    let html = page.render().map_err(|_| Code::InternalError)?;
    Ok(Response::page(200, html))
}

fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Ats => "The engineers of the recruiting system",
        Owner::Recruiter => "The person whose calendar it is",
        Owner::CustomerAdmin => "Whoever administers the recruiting system in the company",
        Owner::ItAdmin => "The company's Microsoft 365 administrator",
        Owner::Vendor => "The operator of this service",
        Owner::MicrosoftOrWait => "Nobody: it passes",
        Owner::Unknown => "That cannot be said",
    }
}
