//! The consent doctor's page: paste an error, read who must act and where to click. Nothing of it is kept.

use askama::Template;
use shared::app::App;
use shared::doctor::{Diagnosis, Sender, diagnose};
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};

use crate::owner;

/// The page's own limit, with room for the form's encoding.
const LARGEST_FORM: usize = 200 * 1024;

#[derive(Template)]
#[template(path = "doctor.html")]
struct Page<'a> {
    app_name: &'a str,
    support: &'a str,
    said: Option<Diagnosis>,
    owner: &'a str,
    transient: &'a str,
    sign_in_again: &'a str,
    tokens_dropped: &'a str,
}

pub(crate) fn empty(app: &App) -> Result<Response, Problem> {
    page(app, None)
}

pub(crate) fn answer(app: &App, request: &Request) -> Result<Response, Problem> {
    if request.body().len() > LARGEST_FORM {
        return Err(Code::PayloadTooLarge.into());
    }
    let sender = Sender { app_name: &app.settings.app_name, public_url: &app.settings.public_url };
    let text = request.form_field("text").unwrap_or_default();
    page(app, Some(diagnose(&text, sender)))
}

fn page(app: &App, said: Option<Diagnosis>) -> Result<Response, Problem> {
    let of = |pick: fn(&Diagnosis) -> Option<bool>| said.as_ref().and_then(pick);
    let page = Page {
        app_name: &app.settings.app_name,
        support: &app.settings.support_contact,
        owner: said.as_ref().map_or("", |said| owner::name(said.who)),
        transient: yes_or_no(of(|said| said.transient)),
        sign_in_again: yes_or_no(of(|said| said.sign_in_again)),
        tokens_dropped: yes_or_no(of(|said| said.tokens_dropped)),
        said,
    };
    let html = page.render().map_err(|_| Code::InternalError)?;
    let html = app.settings.microsoft.cloud.worded(&html);
    Ok(Response::page(200, html).with("cache-control", "no-store"))
}

fn yes_or_no(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "Yes.",
        Some(false) => "No.",
        None => "That cannot be said.",
    }
}
