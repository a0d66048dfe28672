//! Programs as Lambda starts them: a bootstrap, its environment, and the Runtime API.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local::{Options, Stack, StackClock};
use serde_json::{Value, json};
use shared::clock::{Clock, WallClock};
use tokio::runtime::Runtime;

use crate::desk::Desk;
use crate::measure::{cpu_of, memory_of, now};

/// The functions that are measured: without and with a table, the sweep, and the largest.
pub(crate) const FUNCTIONS: [&str; 4] = ["pages", "token-refresh", "oauth-callback", "interviews"];

/// Where the programs are.
pub(crate) struct Shelf {
    folder: PathBuf,
    python: PathBuf,
    /// Programs run under valgrind, which writes here how many instructions they took.
    counted_in: Option<PathBuf>,
}

impl Shelf {
    /// From the command line: the folder of the binaries, and the Python that has the peer's packages.
    pub(crate) fn of(given: &[String]) -> Self {
        let [folder, python, ..] = given else { panic!("needs FOLDER PYTHON") };
        Self { folder: folder.into(), python: python.into(), counted_in: None }
    }

    /// The same, whose programs are counted.
    pub(crate) fn counting(self, file: PathBuf) -> Self {
        Self { counted_in: Some(file), ..self }
    }

    fn command(&self, name: &str) -> Command {
        let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/peer.py");
        let (program, arguments) = match name {
            "python" => (self.python.clone(), vec!["-B".into(), peer]),
            _ => (self.folder.join(name), Vec::new()),
        };
        let mut command = match &self.counted_in {
            Some(file) => {
                let mut command = Command::new("/usr/bin/valgrind");
                let told = format!("--callgrind-out-file={}", file.display());
                command.args(["--quiet", "--tool=callgrind", &told]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(arguments);
        command
    }

    /// Starts a program; `more` is added to its environment.
    pub(crate) fn start(&self, stack: &Stack, name: &str, more: &[(&str, &str)]) -> Program {
        let desk = Desk::open();
        let mut command = self.command(name);
        command.env_clear().envs(&stack.shared.environment).envs(more.iter().copied());
        command.env("AWS_ACCESS_KEY_ID", name).env("AWS_DEFAULT_REGION", "eu-west-1");
        command.env("AWS_LAMBDA_RUNTIME_API", &desk.address).env("AWS_LAMBDA_FUNCTION_NAME", name);
        command.env("AWS_LAMBDA_FUNCTION_VERSION", "1").env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256");
        command.env("AWS_LAMBDA_LOG_GROUP_NAME", "bench").env("AWS_LAMBDA_LOG_STREAM_NAME", "bench");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        let begun = now();
        let child = command.spawn().unwrap_or_else(|why| panic!("{name} does not start: {why}"));
        Program { child, desk, begun }
    }
}

/// A running program. It ends with this value.
pub(crate) struct Program {
    child: Child,
    desk: Desk,
    begun: Instant,
}

impl Program {
    /// From its start until it first asks for an event.
    pub(crate) fn init(&self) -> Duration {
        self.desk.ready().duration_since(self.begun)
    }

    pub(crate) fn invoke(&self, event: &Value) -> (Duration, Value) {
        let (took, answer) = self.desk.invoke(event.to_string());
        (took, serde_json::from_str(&answer).expect("JSON"))
    }

    pub(crate) fn cpu(&self) -> Duration {
        cpu_of(self.child.id())
    }

    pub(crate) fn memory(&self, line: &str) -> f64 {
        memory_of(self.child.id(), line)
    }
}

impl Program {
    /// Ends it in a way that lets it say goodbye.
    pub(crate) fn end(mut self) {
        let process = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &process]).status();
        assert!(told.is_ok_and(|status| status.success()), "{process} does not end");
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The stand-ins. Their clock stands, so that nothing runs on a schedule beside the measurement.
pub(crate) fn stack(threads: &Runtime) -> Stack {
    let start = Stack::start(StackClock::standing(WallClock.now()), Options::default());
    let stack = threads.block_on(start).expect("the stack starts");
    threads.block_on(without_stream(&stack));
    stack
}

/// Nobody listens here, and for each record of a stream the embedded database looks through all before it.
async fn without_stream(stack: &Stack) {
    let told = |name: &str| stack.shared.environment[name].clone();
    let change =
        json!({ "TableName": told("TABLE_NAME"), "StreamSpecification": { "StreamEnabled": false } });
    let asked = shared::microsoft::http_client()
        .post(told("AWS_ENDPOINT_URL"))
        .header("x-amz-target", "DynamoDB_20120810.UpdateTable")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=local/bench")
        .body(change.to_string());
    let answer = asked.send().await.and_then(reqwest::Response::error_for_status);
    answer.expect("the table has no stream any more");
}

/// An event of API Gateway for Ana.
pub(crate) fn event(key: &str, body: &Value, idempotency: &str) -> Value {
    let (method, path) = key.split_once(' ').expect("a route key");
    json!({
        "version": "2.0", "routeKey": key, "rawPath": path, "rawQueryString": "", "pathParameters": {},
        "headers": { "content-type": "application/json", "idempotency-key": idempotency },
        "requestContext": {
            "accountId": "000000000000", "apiId": "bench", "domainName": "bench", "stage": "$default",
            "requestId": idempotency, "routeKey": key, "time": "", "timeEpoch": 0,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "" },
            "authorizer": { "jwt": { "scopes": null, "claims": { "sub": "u-ana", "customer_id": "acme",
                "email": "ana@contoso.com", "scope": "connections interviews" } } },
        },
        "body": if body.is_null() { Value::Null } else { json!(body.to_string()) }, "isBase64Encoded": false,
    })
}

/// A new interview under that key.
pub(crate) fn create(idempotency: &str) -> Value {
    let body = json!({
        "title": "Interview: Backend engineer", "body_html": "<p>Bring your questions.</p>",
        "start": "2027-03-02T10:00:00", "end": "2027-03-02T10:45:00", "time_zone": "Europe/Paris",
        "candidates": [{ "email": "dana@example.org", "name": "Dana" }],
        "interviewers": [{ "email": "carl@contoso.com" }], "online_meeting": "teams",
    });
    event("POST /v1/interviews", &body, idempotency)
}
