//! The consent doctor for clients: a text, or what is stored of a connection.

use shared::access::{store_problem, unserved};
use shared::app::App;
use shared::doctor::{Diagnosis, Sender, diagnose, of_problem, of_refusal};
use shared::domain::connection::{Connection, Status};
use shared::domain::ids::ConnectionId;
use shared::function::{Caller, Request, Response};
use shared::input::{Faults, Object};
use shared::problem::{Code, Owner, Problem};

/// Longer texts do not fit into a body.
const LONGEST: usize = 60_000;

enum Asked {
    Text(String),
    Connection(ConnectionId),
}

pub(crate) async fn make(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let said = match parse(request.body())? {
        Asked::Text(text) => diagnose(&text, sender(app)),
        Asked::Connection(id) => of_connection(app, &stored(app, &caller, &id).await?),
    };
    let cloud = app.settings.microsoft.cloud;
    Ok(Response::json(200, &said).worded(|text| cloud.worded(text)))
}

fn parse(body: &[u8]) -> Result<Asked, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let text = input.text("text", LONGEST);
    let id = input.exact_line("connection_id", 40);
    let asked = match (text, id) {
        (Some(text), None) => Some(Asked::Text(text)),
        (None, Some(id)) => match id.parse() {
            Ok(id) => Some(Asked::Connection(id)),
            Err(_) => return Err(Code::NotFound.into()),
        },
        (Some(_), Some(_)) => {
            input.fault("connection_id", "must not stand beside text");
            None
        }
        (None, None) => {
            if !input.has("text") && !input.has("connection_id") {
                input.fault("text", "must be given, or connection_id");
            }
            None
        }
    };
    input.finish();
    faults.into_result()?;
    asked.ok_or_else(|| Code::InvalidRequest.into())
}

/// The connection, if it is the caller's own or the caller is an administrator.
async fn stored(app: &App, caller: &Caller, id: &ConnectionId) -> Result<Connection, Problem> {
    let customer = &caller.customer;
    let user = app.store.connections.user_of(customer, id).await.map_err(store_problem)?;
    let user = user.filter(|user| *user == caller.user || caller.is_admin()).ok_or(Code::NotFound)?;
    let found = app.store.connections.find(customer, &user).await.map_err(store_problem)?;
    let found = found.filter(|read| read.value.id == *id).ok_or(Code::NotFound)?;
    Ok(found.value)
}

/// What Microsoft said when it refused, else what the state means.
fn of_connection(app: &App, connection: &Connection) -> Diagnosis {
    if connection.status() == Status::Connected {
        return healthy(app);
    }
    let problem = unserved(connection);
    let said = connection.evidence().map(|evidence| &evidence.refusal);
    match said.filter(|refusal| !refusal.codes.is_empty()) {
        // While it is being checked nobody has to act: the same as the connection shows.
        Some(refusal) if problem.code == Code::ConnectionChecking => Diagnosis {
            code: refusal.code(),
            tokens_dropped: Some(false),
            ..of_problem(problem.code, sender(app))
        },
        Some(refusal) => of_refusal(refusal, sender(app)),
        None => of_problem(problem.code, sender(app)),
    }
}

fn healthy(app: &App) -> Diagnosis {
    let meaning = "The connection works, as far as is known: Microsoft accepted the stored sign-in when it was last verified.";
    Diagnosis {
        code: None,
        meaning: meaning.to_owned(),
        who: Owner::Unknown,
        transient: None,
        sign_in_again: Some(false),
        tokens_dropped: Some(false),
        steps: vec![
            "If something fails all the same: paste the text of the error.",
            "If it keeps disconnecting: ask the administrator whether a Conditional Access policy sets a sign-in frequency for the app.",
        ],
        message: format!("{}: {meaning}\n", app.settings.app_name),
        docs_url: None,
    }
}

fn sender(app: &App) -> Sender<'_> {
    Sender { app_name: &app.settings.app_name, public_url: &app.settings.public_url }
}
