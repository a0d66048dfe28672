//! Puts the parts on one listener and keeps them until it is dropped.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::routing::any;
use jiff::Timestamp;
use shared::app::App;
use shared::clock::{Clock, Entropy, SystemEntropy};
use shared::function::{HttpFunction, ScheduledFunction};
use sim::{Aws, Database, Journal, Microsoft};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::bootstrap::{Setup, set_up};
use crate::clock::{StackClock, of_others};
use crate::containers::{self, Containers};
use crate::deployed::{self, Deployed};
use crate::folder::{self, Folder};
use crate::gateway::{self, Mounted};
use crate::observer::Observer;
use crate::stream::Listener;
use crate::{desk, guard, page, schedule};

/// The app's registration at the built-in Microsoft.
const CLIENT_ID: &str = "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73";

/// A Microsoft that is not the built-in one.
#[derive(Debug, Clone)]
pub struct OtherMicrosoft {
    /// Prefix before `/{tenant}`.
    pub login_url: String,
    /// Prefix before `/v1.0`.
    pub graph_url: String,
    /// Application id there.
    pub client_id: String,
    /// Client secret there.
    pub client_secret: String,
}

/// How to start a stack.
#[derive(Default)]
pub struct Options {
    /// Where to listen; port 0 picks one.
    pub listen: Option<SocketAddr>,
    /// Keeps data in this folder; in memory without.
    pub state: Option<PathBuf>,
    /// Another Microsoft.
    pub microsoft: Option<OtherMicrosoft>,
    /// Another emulator of AWS.
    pub aws_endpoint: Option<String>,
    /// The built-in Microsoft is shown a client secret, not assertions that KMS signed.
    pub client_secret: bool,
    /// Settings that differ from the usual ones.
    pub settings: HashMap<String, String>,
    /// Random bytes of the functions; the system's without.
    pub entropy: Option<Arc<dyn Entropy>>,
    /// The functions run elsewhere, and requests are passed on.
    pub deployed: Option<Deployed>,
    /// Sees what the gateway takes in.
    pub observer: Option<Observer>,
}

/// A running stack. Dropping it ends it.
pub struct Stack {
    /// Where it answers: `http://localhost:PORT`.
    pub url: String,
    /// The built-in AWS.
    pub aws: Aws,
    /// The built-in Microsoft.
    pub microsoft: Microsoft,
    /// What the functions sent to the stand-ins.
    pub journal: Journal,
    /// The clock of everything.
    pub clock: Arc<StackClock>,
    /// What the listener answers from.
    pub shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    folder: Option<Arc<Folder>>,
}

/// What the requests of one stack share.
pub struct Shared {
    /// Functions behind the gateway.
    pub functions: Vec<Mounted>,
    /// Functions that the schedule starts.
    pub scheduled: Vec<(ScheduledFunction, Arc<App>)>,
    /// The function that listens to the main table's stream; none if the table is elsewhere.
    pub listener: Option<Listener>,
    /// `iss` of the tokens that the gateway takes.
    pub issuer: String,
    /// `http://localhost:PORT`.
    pub url: String,
    /// What the functions were told, as the environment of a deployed one would.
    pub environment: HashMap<String, String>,
    pub(crate) aws: Aws,
    pub(crate) microsoft: Microsoft,
    pub(crate) clock: Arc<StackClock>,
    pub(crate) ticking: tokio::sync::Mutex<()>,
    pub(crate) deployed: Option<(Deployed, reqwest::Client)>,
    pub(crate) observer: Option<Observer>,
    requests: AtomicU64,
}

impl Shared {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn request_id(&self) -> String {
        format!("local-{}", self.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// The parts of the function with this name.
    pub fn app(&self, name: &str) -> Option<&Arc<App>> {
        let http = self.functions.iter().map(|m| (m.function.name, &m.app));
        let mut all = http.chain(self.scheduled.iter().map(|(f, app)| (f.name, app)));
        all.find(|(n, _)| *n == name).map(|(_, app)| app)
    }
}

/// Every function behind the gateway.
pub fn http_functions() -> [HttpFunction; 6] {
    [
        oauth_callback::FUNCTION,
        interviews::FUNCTION,
        availability::FUNCTION,
        connections::FUNCTION,
        consent::FUNCTION,
        pages::FUNCTION,
    ]
}

/// Every function that the schedule starts.
pub fn scheduled_functions() -> [ScheduledFunction; 2] {
    [token_refresh::FUNCTION, follow_ups::FUNCTION]
}

/// What went wrong at the start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

impl Stack {
    /// Starts everything; returns when it can be used.
    pub async fn start(clock: StackClock, options: Options) -> Result<Self, StartError> {
        let clock = Arc::new(clock);
        let listen = options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = TcpListener::bind(listen).await?;
        let port = listener.local_addr()?.port();
        let (url, other) = (format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}"));

        let journal = Journal::new();
        let now = of_others(&clock);
        let folder = options.state.as_deref().map(Folder::open).transpose()?.map(Arc::new);
        let aws = start_aws(&journal, &now, folder.as_deref())?;
        let microsoft = start_microsoft(&journal, &now, (&url, &other));
        if let Some(deployed) = &options.deployed {
            microsoft.upload_certificate(&deployed.certificate)?;
        }
        if let Some(folder) = &folder {
            folder.restore(&clock, &microsoft)?;
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let stand_ins =
            Router::new().nest_service("/aws", aws.router()).nest("/microsoft", microsoft.router());

        // The stand-ins answer before the functions exist: these need tables and keys that are made over the wire.
        let late = Arc::new(std::sync::OnceLock::<Router>::new());
        let router = stand_ins.fallback(any({
            let late = Arc::clone(&late);
            move |request| guard::late(Arc::clone(&late), request)
        }));
        tokio::spawn(sim::serve(listener, router, async {
            let _ = stopped.await;
        }));

        let setup = Setup::new((&url, &other), built_in(&microsoft), &options);
        let lookup = set_up(&setup, &aws, &microsoft, clock.now()).await?;
        let shared = Arc::new(mount(&lookup, &options, (&url, &clock), (&aws, &microsoft))?);
        let functions = Router::new()
            .nest("/_local", desk::router())
            .merge(page::router())
            .fallback(if options.deployed.is_some() { any(deployed::forward) } else { any(gateway::answer) })
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), guard::only_own_host))
            .with_state(Arc::clone(&shared));
        let _ = late.set(functions);
        if clock.runs() && options.deployed.is_none() {
            tokio::spawn(schedule::every_minute(Arc::downgrade(&shared)));
        }
        if let (true, Some(folder)) = (clock.runs(), &folder) {
            tokio::spawn(folder::keep_every_second(Arc::downgrade(&shared), Arc::clone(folder)));
        }
        Ok(Self { url, aws, microsoft, journal, clock, shared, stop: Some(stop), folder })
    }
}

impl Stack {
    /// Answers a request as the gateway would, without a socket. A function whose future is dropped has crashed
    /// at that point: so a test chooses the point.
    pub fn ask(
        &self,
        request: axum::http::Request<Vec<u8>>,
    ) -> impl Future<Output = axum::http::Response<Vec<u8>>> + Send + use<> {
        let shared = Arc::clone(&self.shared);
        async move {
            let answer = gateway::answer(State(shared), request.map(Body::from)).await;
            let (parts, body) = answer.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
            axum::http::Response::from_parts(parts, body.to_vec())
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(folder) = &self.folder
            && let Err(why) = folder.keep(&self.clock, &self.microsoft)
        {
            tracing::error!("The state of the simulated Microsoft was not kept: {why}");
        }
    }
}

fn start_aws(journal: &Journal, now: &sim::Now, folder: Option<&Folder>) -> Result<Aws, StartError> {
    let Some(folder) = folder else {
        return Ok(Aws::new(journal.clone(), Arc::clone(now), Database::memory()?));
    };
    let (database, seed) = (Database::new(&folder.database())?, folder.kms_seed()?);
    Ok(Aws::with_seed(journal.clone(), Arc::clone(now), database, seed))
}

fn start_microsoft(journal: &Journal, now: &sim::Now, (url, other): (&str, &str)) -> Microsoft {
    let random = (&SystemEntropy as &dyn Entropy).bytes::<30>();
    let random = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, random);
    let config = sim::Config {
        public_url: format!("{other}/microsoft"),
        client_id: CLIENT_ID.to_owned(),
        client_secret: random,
        redirect_uris: vec![format!("{url}/api/auth/microsoft/callback")],
        app_name: "Convene".to_owned(),
    };
    Microsoft::new(config, journal.clone(), Arc::clone(now))
}

/// The built-in Microsoft, as the functions are told of it.
fn built_in(microsoft: &Microsoft) -> OtherMicrosoft {
    OtherMicrosoft {
        login_url: microsoft.login_url(),
        graph_url: microsoft.graph_url(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: microsoft.client_secret(),
    }
}

fn mount(
    lookup: &HashMap<String, String>,
    options: &Options,
    (url, clock): (&str, &Arc<StackClock>),
    (aws, microsoft): (&Aws, &Microsoft),
) -> Result<Shared, StartError> {
    let Containers { http, scheduled, listener } = containers::start(lookup, options, clock)?;
    Ok(Shared {
        functions: http,
        scheduled,
        listener,
        issuer: format!("{url}/_local"),
        url: url.to_owned(),
        environment: lookup.clone(),
        aws: aws.clone(),
        microsoft: microsoft.clone(),
        clock: Arc::clone(clock),
        ticking: tokio::sync::Mutex::default(),
        deployed: options.deployed.clone().map(|deployed| (deployed, shared::microsoft::http_client())),
        observer: options.observer.clone(),
        requests: AtomicU64::new(1),
    })
}
