//! Makes an interview: accepted once per key, then carried out.

use shared::app::App;
use shared::domain::claim::Command;
use shared::domain::ids::InterviewId;
use shared::function::{Request, Response};
use shared::problem::Problem;

use crate::accept::{Asked, carry_out};
use crate::key::claim_key;
use crate::request;

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let key = claim_key(&request, &caller)?;
    let (details, when, options) = request::new_interview(request.body())?;
    let asked = Asked {
        interview: InterviewId::mint(app.clock.now(), app.entropy.as_ref()),
        key,
        command: Command::Create { details, when, options },
        is_new: true,
    };
    carry_out(app, &request, &caller, asked).await
}
