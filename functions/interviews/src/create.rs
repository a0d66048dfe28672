//! Makes an interview: accepted once per key, then carried out.

use shared::app::App;
use shared::domain::claim::Command;
use shared::domain::ids::InterviewId;
use shared::domain::interview::{Candidate, OrganizeAs};
use shared::function::{Caller, Request, Response};
use shared::problem::{Code, Fault, Problem};

use crate::accept::{Asked, carry_out};
use crate::key::claim_key;
use crate::request::{self, New};

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let key = claim_key(&request, &caller)?;
    let New { mut details, when, options, past } = request::new_interview(request.body(), app.clock.now())?;
    if options.organize_as == OrganizeAs::SchedulingUser {
        details.recruiter = Some(recruiter(&caller)?);
    }
    let asked = Asked {
        interview: InterviewId::mint(app.clock.now(), app.entropy.as_ref()),
        key,
        command: Command::Create { details, when, options },
        is_new: true,
        past,
    };
    carry_out(app, &request, &caller, asked).await
}

/// Whom another one organises for: he is invited under the address that his token tells.
fn recruiter(caller: &Caller) -> Result<Candidate, Problem> {
    let why = "needs a token that tells the acting user's email: he is invited";
    let unknown = || Problem::invalid(Code::InvalidRequest, vec![Fault::at("/organize_as", why)]);
    Ok(Candidate { email: caller.email.clone().ok_or_else(unknown)?, name: caller.name.clone() })
}
