//! The real binaries, built as a deploy builds them, under a stub of Lambda's Runtime API: they start with the
//! environment of template.yaml and nothing else, reach the stand-ins over the wire, and answer one event each.

mod runtime;

use std::collections::HashMap;

use local::{Options, Stack, StackClock};
use serde_json::{Value, json};
use sim::{Answer, Hunt};

use crate::laptop::Laptop;
use crate::programs::{Program, build};
use crate::template;
use crate::world::interview;
use runtime::Runtime;

/// A function in its container.
struct Container {
    program: Program,
    runtime: Runtime,
}

impl Container {
    async fn start(stack: &Stack, name: &str) -> Self {
        let runtime = Runtime::start().await;
        let environment = environment(stack, name, &runtime.address);
        let binary = build(&format!("functions/{name}"));
        Self { program: Program::start(&binary, &[], &environment), runtime }
    }

    /// Nothing that is secret or personal was printed; what was printed is JSON, line by line.
    async fn check_output(&mut self, stack: &Stack) {
        // What it said may still be on its way through the pipe; the line with its metrics is the last one.
        let measured = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            line["_aws"]["CloudWatchMetrics"].is_array()
        };
        self.program.until(measured).await;
        let output = self.program.output();
        let theirs = stack.microsoft.secrets().into_iter().map(String::into_bytes);
        let hunt = Hunt::new(theirs.chain(stack.aws.secrets()));
        assert!(!hunt.finds(&output), "a secret was printed");
        assert!(!output.contains("contoso.com"), "an address was printed: {output}");
        for line in output.lines() {
            assert!(serde_json::from_str::<Value>(line).is_ok(), "no JSON: {line}");
        }
    }
}

/// The variables of the template as the stack fills them, the names that Lambda itself sets, and where the
/// stand-ins are. What the stack leaves out is empty, as an empty parameter of a deploy is.
fn environment(stack: &Stack, name: &str, runtime: &str) -> Vec<(String, String)> {
    let told = &stack.shared.environment;
    let given = |key: &str| told.get(key).cloned().unwrap_or_default();
    let mut all: HashMap<String, String> =
        template::variables().into_iter().map(|key| (key.clone(), given(&key))).collect();
    for key in ["AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"] {
        all.insert(key.to_owned(), given(key));
    }
    for (key, value) in [
        ("AWS_ACCESS_KEY_ID", name),
        ("AWS_LAMBDA_RUNTIME_API", runtime),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/boot"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "boot"),
    ] {
        all.insert(key.to_owned(), value.to_owned());
    }
    all.into_iter().collect()
}

async fn stack() -> Stack {
    let mut options = Options::default();
    options.settings.insert("FEATURES".to_owned(), "calendar,availability".to_owned());
    Stack::start(StackClock::running(), options).await.expect("the stack starts")
}

/// An event of API Gateway (payload format 2.0) for Ana.
fn event(key: &str, query: &str, body: &Value) -> Value {
    let (method, path) = key.split_once(' ').expect("a route key");
    json!({
        "version": "2.0", "routeKey": key, "rawPath": path, "rawQueryString": query, "pathParameters": {},
        "headers": { "content-type": "application/json", "idempotency-key": "a-key-for-boot" },
        "requestContext": {
            "accountId": "000000000000", "apiId": "boot", "domainName": "boot", "stage": "$default",
            "requestId": "boot-1", "routeKey": key, "time": "", "timeEpoch": 0,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "" },
            "authorizer": { "jwt": { "scopes": null, "claims": { "sub": "u-ana", "customer_id": "acme",
                "email": "ana@contoso.com", "scope": "connections interviews availability admin" } } },
        },
        "body": if body.is_null() { Value::Null } else { json!(body.to_string()) }, "isBase64Encoded": false,
    })
}

fn search() -> Value {
    json!({ "people": ["carl@contoso.com"], "duration_minutes": 45,
        "windows": [{ "start": "2027-03-01T08:00:00Z", "end": "2027-03-05T17:00:00Z" }] })
}

fn body_of(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_starts_and_answers_as_lambda_runs_it() {
    let stack = stack().await;
    let ana = Laptop::at(&stack.url).await;
    ana.connect(|authorize| {
        stack.microsoft.sign_in(authorize, "ana@contoso.com", Answer::Accept).expect("back")
    })
    .await;

    let mut pages = Container::start(&stack, "pages").await;
    let answer = pages.runtime.invoke(event("GET /healthz", "", &Value::Null)).await;
    assert_eq!((answer["statusCode"].as_u64(), &body_of(&answer)["status"]), (Some(200), &json!("ok")));
    pages.check_output(&stack).await;

    let mut connections = Container::start(&stack, "connections").await;
    let answer = connections.runtime.invoke(event("GET /v1/connection", "", &Value::Null)).await;
    assert_eq!(body_of(&answer)["status"], "connected", "{answer}");
    connections.check_output(&stack).await;

    let mut interviews = Container::start(&stack, "interviews").await;
    let answer = interviews.runtime.invoke(event("POST /v1/interviews", "", &interview())).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert!(body_of(&answer)["join_url"].is_string());
    assert_eq!(stack.microsoft.events("ana@contoso.com").len(), 1);
    interviews.check_output(&stack).await;

    let mut availability = Container::start(&stack, "availability").await;
    let answer = availability.runtime.invoke(event("POST /v1/availability", "", &search())).await;
    assert_eq!(
        (answer["statusCode"].as_u64(), &body_of(&answer)["complete"]),
        (Some(200), &json!(true)),
        "{answer}"
    );
    availability.check_output(&stack).await;

    let mut callback = Container::start(&stack, "oauth-callback").await;
    let link = ana.link().await;
    let query = link.split_once('?').expect("a query").1;
    let answer = callback.runtime.invoke(event("GET /api/auth/microsoft/connect", query, &Value::Null)).await;
    let location = answer["headers"]["location"].as_str().unwrap_or_default();
    assert!(location.starts_with(&stack.microsoft.login_url()), "{answer}");
    let cookie = answer["cookies"][0].as_str().unwrap_or_default();
    assert!(cookie.starts_with("__Host-convene-") && cookie.contains("; Secure"), "{answer}");
    callback.check_output(&stack).await;

    for name in local::scheduled_functions().map(|function| function.name) {
        let mut container = Container::start(&stack, name).await;
        let report = container.runtime.invoke(json!({})).await;
        assert!(report.as_object().is_some_and(|report| !report.is_empty()), "{name}: {report}");
        assert!(report["panicked"].is_null(), "{name}: {report}");
        container.check_output(&stack).await;
    }
    let mut listener = Container::start(&stack, events_out::FUNCTION.name).await;
    let records: Vec<Value> = stack.aws.stream("convene", None, 1000);
    let told = |record: &&Value| {
        let sk = record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap_or_default();
        events_out::FUNCTION.rows.iter().any(|row| sk.starts_with(row))
    };
    let batch: Vec<&Value> = records.iter().filter(told).collect();
    let report = listener.runtime.invoke(json!({ "Records": batch })).await;
    assert_eq!(report, json!({ "batchItemFailures": [] }));
    assert!(stack.aws.events().iter().any(|event| event.detail_type == "connection.connected"));
    listener.check_output(&stack).await;
    assert_eq!(stack.journal.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_setting_ends_the_start_and_is_named() {
    let stack = stack().await;
    let missing = [
        ("pages", "PUBLIC_URL"),
        ("connections", "RETURN_ORIGINS"),
        ("interviews", "TABLE_NAME"),
        ("availability", "KEYS_TABLE_NAME"),
        ("oauth-callback", "MICROSOFT_CLIENT_ID"),
        ("token-refresh", "MICROSOFT_CLIENT_CERTIFICATE"),
        ("follow-ups", "TOKEN_KEY_ID"),
        ("events-out", "EVENT_BUS"),
    ];
    for (name, setting) in missing {
        let runtime = Runtime::start().await;
        let mut environment = environment(&stack, name, &runtime.address);
        environment.iter_mut().filter(|(key, _)| key == setting).for_each(|(_, value)| value.clear());
        let mut program = Program::start(&build(&format!("functions/{name}")), &[], &environment);
        assert!(!program.end().await.success(), "{name} runs without {setting}");
        let output = program.output();
        assert!(output.contains(setting), "{name} without {setting}: {output}");
        let told = environment.iter().filter(|(key, value)| key.starts_with("MICROSOFT") && value.len() > 8);
        for (key, value) in told {
            assert!(!output.contains(value.as_str()), "{name} prints {key}");
        }
    }
}
