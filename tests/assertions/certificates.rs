//! The operator's tool, and the change from one certificate to the next without a gap.

use std::sync::Arc;

use certificate::{Made, Order, make};
use local::{Options, Stack, StackClock};
use serde_json::{Value, json};
use shared::app::{App, sdk_config};
use shared::aws_http::https_client;
use shared::clock::{Clock, SystemEntropy};
use shared::settings::Settings;

use super::SIGNING_KEY;
use crate::programs::{Program, build_bin};
use crate::world::{World, minutes};

/// Whoever runs the tools: the rules of the functions' roles are not his.
pub(super) const OPERATOR: &str = "operator";

/// The settings of a stack as somebody else reads them.
fn told(world: &World, caller: &str, changes: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
    let mut all = world.stack.shared.environment.clone();
    all.insert("AWS_ACCESS_KEY_ID".to_owned(), caller.to_owned());
    all.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    move |name| all.get(name).cloned()
}

pub(super) fn kms(world: &World) -> aws_sdk_kms::Client {
    let aws = sdk_config(https_client(), &told(world, OPERATOR, &[])).expect("complete");
    aws_sdk_kms::Client::new(&aws)
}

async fn made(world: &World, key: &str, days: i64) -> Made {
    let order = Order { name: "Convene".to_owned(), days, now: world.now() };
    make(&kms(world), key, &order).await.expect("a certificate")
}

/// The sweep in a new container, which was told of this key and certificate.
async fn sweep(world: &World, key: &str, certificate: &Made) -> Value {
    let changes =
        [("MICROSOFT_CLIENT_KEY_ID", key), ("MICROSOFT_CLIENT_CERTIFICATE", &certificate.setting())];
    let get = told(world, token_refresh::FUNCTION.name, &changes);
    let aws = sdk_config(https_client(), &get).expect("complete");
    let clock = Arc::clone(&world.stack.clock) as Arc<dyn Clock>;
    let app = App::new(Settings::read(&get).expect("complete"), &aws, clock, Arc::new(SystemEntropy));
    token_refresh::FUNCTION.run(&app, None).await
}

/// Upload first, then switch, then take the old one away: at no moment is anybody refused.
#[tokio::test]
async fn a_new_key_and_its_certificate_take_over_without_a_gap() {
    let world = World::start().await;
    let ana = world.ana().await;
    let next_key = format!("{SIGNING_KEY}-next");
    world.stack.aws.create_signing_key(&next_key);
    let (old, next) = (made(&world, SIGNING_KEY, 365).await, made(&world, &next_key, 30).await);
    assert_ne!(old.thumbprint, next.thumbprint);

    let verified = |report: &Value| (report["verified"].as_u64(), report["breaker_open"].as_bool());
    world.pass_time(minutes(50));
    let early = sweep(&world, &next_key, &next).await;
    assert_eq!(verified(&early), (Some(0), Some(true)), "not uploaded yet: {early}");

    assert_eq!(world.microsoft().upload_certificate(&next.pem).expect("good"), next.thumbprint);
    world.pass_time(minutes(50));
    let switched = sweep(&world, &next_key, &next).await;
    assert_eq!(verified(&switched), (Some(1), Some(false)), "{switched}");
    assert_eq!(switched["certificate_days_left"], 30);
    world.pass_time(minutes(50));
    let behind = world.tick("token-refresh").await;
    assert_eq!(verified(&behind), (Some(1), Some(false)), "containers of before go on: {behind}");

    let own = world.stack.shared.environment["MICROSOFT_CLIENT_CERTIFICATE"].clone();
    let own = own.split('@').next().unwrap_or_default();
    world.switch("remove-certificate", json!({ "thumbprint": own }));
    world.pass_time(minutes(50));
    let alone = sweep(&world, &next_key, &next).await;
    assert_eq!(verified(&alone), (Some(1), Some(false)), "{alone}");
    assert_eq!(ana.status().await, "connected");
}

/// A certificate follows from key, time and order; what is not one is not taken.
#[tokio::test]
async fn a_certificate_names_its_key_and_its_days() {
    let world = World::start().await;
    let first = made(&world, SIGNING_KEY, 365).await;
    assert_eq!(first, made(&world, SIGNING_KEY, 365).await);
    assert_eq!(first.ends.to_string(), "2027-11-24");
    world.pass_time(minutes(1));
    assert_ne!(first.thumbprint, made(&world, SIGNING_KEY, 365).await.thumbprint, "its number is another");
    let refused = |key: &'static str, days| {
        let order = Order { name: "Convene".to_owned(), days, now: world.now() };
        let kms = kms(&world);
        async move { make(&kms, key, &order).await.expect_err("refused").to_string() }
    };
    for days in [0, 3651] {
        assert!(refused(SIGNING_KEY, days).await.contains("1 to 3650 days"));
    }
    assert!(refused("alias/convene-token", 365).await.contains("UnsupportedOperationException"));
    assert!(refused("alias/nobodys", 365).await.contains("NotFoundException"));

    let upload = |pem: &str| world.microsoft().upload_certificate(pem);
    assert_eq!(upload(&first.pem), Ok(first.thumbprint));
    let at = first.pem.len() / 2;
    let other = if &first.pem[at..=at] == "A" { "B" } else { "A" };
    let damaged = format!("{}{other}{}", &first.pem[..at], &first.pem[at + 1..]);
    assert!(upload(&damaged).is_err() && upload("no certificate").is_err());
}

/// As an operator does it: run the tool, upload its file, set what it prints.
#[tokio::test(flavor = "multi_thread")]
async fn the_tool_writes_the_certificate_and_prints_what_to_set() {
    let stack = Stack::start(StackClock::running(), Options::default()).await.expect("the stack starts");
    let environment: Vec<(String, String)> =
        ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"]
            .map(|name| (name.to_owned(), stack.shared.environment[name].clone()))
            .into();
    let binary = build_bin("certificate");
    let file = std::env::temp_dir().join(format!("convene-{}.pem", std::process::id()));
    let out = file.to_string_lossy().into_owned();
    let arguments = ["--key", SIGNING_KEY, "--out", &out, "--days", "90"];
    let mut tool = Program::start(&binary, &arguments, &environment);
    assert!(tool.end().await.success(), "{}", tool.output());
    let set = tool.line_printed("set ");
    let setting = set.strip_prefix("MICROSOFT_CLIENT_CERTIFICATE=").expect("the setting").to_owned();
    let pem = std::fs::read_to_string(&file).expect("the file");
    std::fs::remove_file(&file).expect("ours");
    assert!(!pem.contains("PRIVATE") && !tool.output().contains("PRIVATE"));

    // The keys of a process are the same in every stack: this one knows the certificate, and that one is told of it.
    let settings = [("MICROSOFT_CLIENT_CERTIFICATE".to_owned(), setting.clone())].into();
    let world = World::with(Options { settings, ..Options::default() }).await;
    world.pass_time(stack.clock.now().duration_since(world.now()));
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let end = ana.ends(&ana.email, sim::Answer::Accept).await;
    assert_eq!(end, "failed: vendor-credential-invalid", "not uploaded yet");
    let uploaded = world.switch("upload-certificate", json!({ "pem": pem }));
    assert_eq!(uploaded["thumbprint"], setting.split('@').next().unwrap_or_default());
    assert_eq!(ana.connect().await, "connected");
    let days = world.tick("token-refresh").await["certificate_days_left"].as_i64();
    assert_eq!(days, Some(90));

    for (arguments, why) in [
        (vec!["--out", "x.pem"], "--key is missing"),
        (vec!["--key", "k"], "--out is missing"),
        (vec!["--key"], "--key needs a value"),
        (vec!["--nonsense", "x"], "--nonsense is not known"),
    ] {
        let mut program = Program::start(&binary, &arguments, &[]);
        assert_eq!(program.end().await.code(), Some(2));
        assert!(program.output().contains(why), "{}", program.output());
    }
}
