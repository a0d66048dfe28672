//! Changes title, text, people or rooms. It has no key of the client's, but a claim all the same: what it began
//! is finished, whatever happens.

use shared::app::App;
use shared::domain::claim::Command;
use shared::domain::ids::ClaimId;
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};

use crate::accept::{Asked, carry_out};
use crate::key::named;
use crate::request;

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let interview = request.parameter("id").parse().map_err(|_| Code::NotFound)?;
    let patch = request::patch(request.body())?;
    let mark = ClaimId::mint(app.clock.now(), app.entropy.as_ref());
    let key = named(&request, &caller, mark.as_str());
    carry_out(
        app,
        &request,
        &caller,
        Asked { interview, key, command: Command::Patch(patch), is_new: false, past: None },
    )
    .await
}
