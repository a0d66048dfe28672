//! A Chromium for one story, driven over chromedriver. It is ended with the story, however the story ends.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::process::Stdio;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use futures::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::page::{PATIENCE, Page};

const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
/// More tests start a driver at once than take the same port again and again.
const TRIES: usize = 8;

/// Tells a story in a browser of its own. Where there is no Chromium it is skipped aloud, unless
/// `CONVENE_BROWSER=required`.
pub(crate) async fn in_chromium(name: &'static str, story: impl AsyncFnOnce(&Page)) {
    if !is_here() {
        return;
    }
    // Chromium leaves files behind; the path is short, for it puts a socket there.
    let folder = std::env::temp_dir().join(format!("convene-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let (driver, url) = start_driver(&folder).await;
    let client = start_browser(&url).await;
    let page = Page::new(client.clone(), name);
    let told = AssertUnwindSafe(story(&page)).catch_unwind().await;
    if told.is_err() {
        page.try_shot("failed").await;
    }
    // The driver ends the browser that it has started; only then it may go itself.
    let closed = client.close().await;
    end(driver, &url).await;
    let _ = std::fs::remove_dir_all(&folder);
    told.unwrap_or_else(|panic| resume_unwind(panic));
    closed.expect("the browser closes");
}

#[expect(
    clippy::disallowed_methods,
    reason = "no setting of the product: it says that a skipped story is a failure"
)]
fn is_here() -> bool {
    let missing: Vec<_> =
        [CHROMIUM, CHROMEDRIVER].into_iter().filter(|path| !Path::new(path).exists()).collect();
    let required = std::env::var("CONVENE_BROWSER").is_ok_and(|value| value == "required");
    assert!(missing.is_empty() || !required, "CONVENE_BROWSER=required, and there is no {missing:?}");
    if !missing.is_empty() {
        // Past the capture of the test harness, or nobody would hear it.
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("SKIPPED: no {missing:?}\n"));
    }
    missing.is_empty()
}

/// Starts chromedriver; gives its address. It picks a free port and says which; where several start at once, another
/// may be faster to take that port, and it ends at once.
async fn start_driver(temporary: &Path) -> (Child, String) {
    for _ in 0..TRIES {
        if let Some(started) = try_to_start_driver(temporary).await {
            return started;
        }
    }
    panic!("chromedriver does not say its port");
}

async fn try_to_start_driver(temporary: &Path) -> Option<(Child, String)> {
    let mut driver = Command::new(CHROMEDRIVER)
        .arg("--port=0")
        .env("TMPDIR", temporary)
        .env("TZ", "Europe/Paris")
        .env("LANGUAGE", "en_US")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver starts");
    let mut lines = BufReader::new(driver.stdout.take().expect("its output is piped")).lines();
    while let Some(line) = lines.next_line().await.expect("readable output") {
        let port = line.strip_prefix("ChromeDriver was started successfully on port ");
        if let Some(port) = port {
            return Some((driver, format!("http://127.0.0.1:{}", port.trim_end_matches('.'))));
        }
    }
    None
}

async fn start_browser(driver: &str) -> Client {
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        // A page that is still scrolling is not where the driver clicks.
        "--force-prefers-reduced-motion",
        "--lang=en-US",
        "--window-size=1280,1600",
    ];
    let options = json!({
        "goog:chromeOptions": { "binary": CHROMIUM, "args": flags },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    let Value::Object(capabilities) = options else { unreachable!("it is an object") };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(Capabilities::from_iter(capabilities));
    builder.connect(driver).await.expect("Chromium starts")
}

/// Asks the driver to go, so that it takes its files along; ends it if it does not.
async fn end(mut driver: Child, url: &str) {
    let _ = shared::microsoft::http_client().get(format!("{url}/shutdown")).send().await;
    if tokio::time::timeout(PATIENCE, driver.wait()).await.is_err() {
        let _ = driver.kill().await;
    }
}
