//! Puts the parts on one listener and keeps them until it is dropped.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::routing::any;
use jiff::Timestamp;
use shared::app::{App, REQUEST_KEY_LIFE, SWEEP_KEY_LIFE, sdk_config};
use shared::clock::{Clock, Entropy, SystemEntropy};
use shared::function::{HttpFunction, ScheduledFunction};
use shared::settings::Settings;
use sim::{Aws, Database, Journal, Microsoft};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::bootstrap::{Setup, set_up};
use crate::clock::StackClock;
use crate::gateway::{self, Mounted};
use crate::{desk, guard, page, schedule};

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
    /// Settings that differ from the usual ones.
    pub settings: HashMap<String, String>,
    /// Random bytes of the functions; the system's without.
    pub entropy: Option<Arc<dyn Entropy>>,
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
}

/// What the requests of one stack share.
pub struct Shared {
    /// Functions behind the gateway.
    pub functions: Vec<Mounted>,
    /// Functions that the schedule starts.
    pub scheduled: Vec<(ScheduledFunction, Arc<App>)>,
    /// `iss` of the tokens that the gateway takes.
    pub issuer: String,
    /// `http://localhost:PORT`.
    pub url: String,
    pub(crate) aws: Aws,
    pub(crate) microsoft: Microsoft,
    pub(crate) clock: Arc<StackClock>,
    pub(crate) ticking: tokio::sync::Mutex<()>,
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
pub fn http_functions() -> [HttpFunction; 4] {
    [oauth_callback::FUNCTION, interviews::FUNCTION, connections::FUNCTION, pages::FUNCTION]
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
        let now: sim::Now = {
            let clock = Arc::clone(&clock);
            Arc::new(move || clock.now())
        };
        let aws = start_aws(&journal, &now, options.state.as_deref())?;
        let (microsoft, built_in) = start_microsoft(&journal, &now, &url, &other);
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

        let setup = Setup::new((&url, &other), built_in, &options);
        let lookup = set_up(&setup, &aws).await?;
        let shared = Arc::new(mount(&lookup, &options, (&url, &clock), (&aws, &microsoft))?);
        let functions = Router::new()
            .nest("/_local", desk::router())
            .merge(page::router())
            .fallback(gateway::answer)
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), guard::only_own_host))
            .with_state(Arc::clone(&shared));
        let _ = late.set(functions);
        if clock.runs() {
            tokio::spawn(schedule::every_minute(Arc::downgrade(&shared)));
        }
        Ok(Self { url, aws, microsoft, journal, clock, shared, stop: Some(stop) })
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

fn start_aws(journal: &Journal, now: &sim::Now, state: Option<&std::path::Path>) -> Result<Aws, StartError> {
    let Some(folder) = state else {
        return Ok(Aws::new(journal.clone(), Arc::clone(now), Database::memory()?));
    };
    std::fs::create_dir_all(folder)?;
    let seed_file = folder.join("kms-seed");
    if !seed_file.exists() {
        std::fs::write(&seed_file, (&SystemEntropy as &dyn Entropy).bytes::<32>())?;
    }
    let seed: [u8; 32] = std::fs::read(&seed_file)?.try_into().map_err(|_| "kms-seed must have 32 bytes")?;
    let database = Database::new(&folder.join("dynamodb.sqlite").to_string_lossy())?;
    Ok(Aws::with_seed(journal.clone(), Arc::clone(now), database, seed))
}

fn start_microsoft(journal: &Journal, now: &sim::Now, url: &str, other: &str) -> (Microsoft, OtherMicrosoft) {
    let client_id = "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73".to_owned();
    let secret = (&SystemEntropy as &dyn Entropy).bytes::<30>();
    let client_secret = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, secret);
    let config = sim::Config {
        public_url: format!("{other}/microsoft"),
        client_id: client_id.clone(),
        client_secret: client_secret.clone(),
        redirect_uris: vec![format!("{url}/api/auth/microsoft/callback")],
        app_name: "Convene".to_owned(),
    };
    let microsoft = Microsoft::new(config, journal.clone(), Arc::clone(now));
    let (login_url, graph_url) = (microsoft.login_url(), microsoft.graph_url());
    (microsoft, OtherMicrosoft { login_url, graph_url, client_id, client_secret })
}

fn mount(
    lookup: &HashMap<String, String>,
    options: &Options,
    (url, clock): (&str, &Arc<StackClock>),
    (aws, microsoft): (&Aws, &Microsoft),
) -> Result<Shared, StartError> {
    let get = |name: &str| lookup.get(name).cloned();
    let settings = Settings::read(&get)?;
    let sdk = sdk_config(&get)?;
    let entropy = options.entropy.clone().unwrap_or_else(|| Arc::new(SystemEntropy));
    let container = |life| {
        let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
        Arc::new(App::keeping_keys_for(life, settings.clone(), &sdk, clock, Arc::clone(&entropy)))
    };
    Ok(Shared {
        functions: http_functions()
            .map(|function| Mounted { function, app: container(REQUEST_KEY_LIFE) })
            .into(),
        scheduled: scheduled_functions().map(|function| (function, container(SWEEP_KEY_LIFE))).into(),
        issuer: format!("{url}/_local"),
        url: url.to_owned(),
        aws: aws.clone(),
        microsoft: microsoft.clone(),
        clock: Arc::clone(clock),
        ticking: tokio::sync::Mutex::default(),
        requests: AtomicU64::new(1),
    })
}
