//! `cargo local`: the whole stack on this machine, until Ctrl-C.

use std::error::Error;
use std::process::ExitCode;

use local::{Options, OtherMicrosoft, Stack, StackClock, furnish};

const USAGE: &str = "cargo local [--listen 127.0.0.1:PORT] [--state DIR] [--aws-endpoint URL]
            [--microsoft-login URL --microsoft-graph URL --client-id ID --client-secret SECRET]";

/// Everything that is built, so that a customer's administrator can switch it on here.
const FEATURES: &str = "calendar,availability,rooms,rooms_directory,rooms_basic";

fn options(words: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
    let mut options = Options { listen: Some("127.0.0.1:8787".parse()?), ..Options::default() };
    let (mut login, mut graph, mut id, mut secret) = (None, None, None, None);
    let mut words = words;
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--listen" => options.listen = Some(value.parse()?),
            "--state" => options.state = Some(value.into()),
            "--aws-endpoint" => options.aws_endpoint = Some(value),
            "--microsoft-login" => login = Some(value),
            "--microsoft-graph" => graph = Some(value),
            "--client-id" => id = Some(value),
            "--client-secret" => secret = Some(value),
            _ => return Err(format!("{word} is not known").into()),
        }
    }
    options.settings.insert("FEATURES".to_owned(), FEATURES.to_owned());
    options.microsoft = match (login, graph, id, secret) {
        (None, None, None, None) => None,
        (Some(login_url), Some(graph_url), Some(client_id), Some(client_secret)) => {
            Some(OtherMicrosoft { login_url, graph_url, client_id, client_secret })
        }
        _ => return Err("another Microsoft needs all four of its options".into()),
    };
    if !options.listen.is_some_and(|address| address.ip().is_loopback()) {
        return Err("--listen takes addresses of this machine only".into());
    }
    Ok(options)
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the ready line is for whoever started it")]
async fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    shared::telemetry::start_with(std::io::stderr);
    let stack = match start(options).await {
        Ok(stack) => stack,
        Err(why) => {
            eprintln!("could not start: {why}");
            return ExitCode::FAILURE;
        }
    };
    println!("page      {}/", stack.url);
    println!("api       {}/v1", stack.url);
    // The one that the functions were told of: the built-in or another.
    let login = stack.shared.app("oauth-callback").map(|app| app.settings.microsoft.login_url.clone());
    println!("microsoft {}", login.unwrap_or_default());
    println!("ready {}", stack.url);
    told_to_end().await;
    ExitCode::SUCCESS
}

/// Another Microsoft has calendars and rooms of its own.
async fn start(options: Options) -> Result<Stack, Box<dyn Error + Send + Sync>> {
    let built_in = options.microsoft.is_none();
    let stack = Stack::start(StackClock::running(), options).await?;
    if built_in {
        furnish(&stack).await?;
    }
    Ok(stack)
}

/// Ctrl-C, or a polite `kill`.
async fn told_to_end() {
    #[cfg(unix)]
    if let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = term.recv() => return,
            _ = tokio::signal::ctrl_c() => return,
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
