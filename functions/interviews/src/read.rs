//! Reads interviews from the store; Outlook is not asked.

use shared::access::{store_problem, vault_problem};
use shared::app::App;
use shared::domain::interview::{Details, Interview};
use shared::domain::key::WrappedKey;
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};
use shared::scheduling::timeline::step_view;
use shared::scheduling::view::{View, etag, view};

/// A page of a list, unless the client wants another.
const PAGE: usize = 50;

pub(crate) async fn one(app: &App, request: Request) -> Result<Response, Problem> {
    let (interview, key) = asked_for(app, &request).await?;
    let key = app.vault.unwrap(&interview.customer, &key).await.map_err(vault_problem)?;
    let details = app.scheduling.open(&key, &interview)?;
    let shown = view(&interview, &details, &app.settings.public_url);
    Ok(Response::json(200, &shown).with("etag", etag(&interview)))
}

/// What became of it. The calls of each step lie in the proof log.
pub(crate) async fn timeline(app: &App, request: Request) -> Result<Response, Problem> {
    let (Interview { customer, history, .. }, _) = asked_for(app, &request).await?;
    let kept = app.store.proof_log.of_steps(&customer, &history, app.clock.now()).await;
    let kept = kept.map_err(store_problem)?;
    let steps: Vec<_> = history.steps.iter().map(|step| step_view(step, &kept)).collect();
    Ok(Response::list(&steps, None))
}

/// The interview in the path, if the caller may see it, and its customer's key: without that there is nothing.
async fn asked_for(app: &App, request: &Request) -> Result<(Interview, WrappedKey), Problem> {
    let caller = request.caller()?;
    let id = request.parameter("id").parse().map_err(|_| Code::NotFound)?;
    let loaded =
        app.store.load_for_change(&caller.customer, &id, &caller.user).await.map_err(store_problem)?;
    let found = loaded.interview.filter(|found| found.value.is_open_to(&caller.user, caller.is_admin()));
    Ok((found.ok_or(Code::NotFound)?.value, loaded.key.ok_or(Code::NotFound)?))
}

pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let paging = request.page(&caller, PAGE)?;
    let visible_to = (!caller.is_admin()).then_some(&caller.user);
    let (page, wrapped) = tokio::join!(
        app.store.interviews.list(&caller.customer, visible_to, paging.limit, paging.after.as_ref()),
        app.store.keys.current(&caller.customer),
    );
    let page = page.map_err(store_problem)?;
    if page.items.is_empty() {
        return Ok(Response::list::<View<'_>>(&[], paging.next(page.next.as_ref())));
    }
    let wrapped = wrapped.map_err(store_problem)?.ok_or(Code::NotFound)?;
    let key = app.vault.unwrap(&caller.customer, &wrapped).await.map_err(vault_problem)?;
    let open = |item: &shared::store::Versioned<_>| app.scheduling.open(&key, &item.value);
    let details: Vec<Details> = page.items.iter().map(open).collect::<Result<_, _>>()?;
    let both = page.items.iter().zip(&details);
    let data: Vec<_> =
        both.map(|(item, details)| view(&item.value, details, &app.settings.public_url)).collect();
    // Long texts: the page ends where the answer would be too large, and the next one begins there.
    let fitting = Response::fitting(&data);
    let next = if fitting < data.len() {
        data.get(fitting - 1).and_then(|last| last.id.as_str().parse().ok())
    } else {
        page.next
    };
    Ok(Response::list(&data[..fitting], paging.next(next.as_ref())))
}
