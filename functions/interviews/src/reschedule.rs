//! Moves an interview: same event, same Teams link.

use shared::app::App;
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};

use crate::accept::{Asked, carry_out};
use crate::key::claim_key;
use crate::request;

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let key = claim_key(&request, &caller)?;
    let interview = request.parameter("id").parse().map_err(|_| Code::NotFound)?;
    let (command, past) = request::new_time(request.body(), app.clock.now())?;
    let asked = Asked { interview, key, command, is_new: false, past };
    carry_out(app, &request, &caller, asked).await
}
