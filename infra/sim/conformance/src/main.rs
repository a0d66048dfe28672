//! `cargo conformance`: holds a Microsoft against the corpus. See `infra/sim/README.md`.

use conformance::{Credentials, Line, Pending, Place, Report, clean, corpus, run, sign_in};
use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

const USAGE: &str = "\
cargo conformance --client-id ID [--login URL] [--graph URL] [--tenant NAME] [--secrets FILE] [--only TEXT]
    a real tenant: harmless lines only, and everything made is removed again
cargo conformance --client-id ID --login URL --graph URL --stage URL [--secrets FILE] [--only TEXT]
    the stand-in: every line
cargo conformance --list
    the corpus as a table

Secrets are never arguments. They are read from the environment, or from FILE with one NAME=value a line:
    CONFORMANCE_ACCESS_TOKEN, CONFORMANCE_REFRESH_TOKEN   the person who takes part; without either, by device code
    CONFORMANCE_CLIENT_SECRET                             of a confidential app";

/// How long a create that was interrupted may take to show.
const SETTLE: std::time::Duration = std::time::Duration::from_secs(3);
/// Differences, and everything that kept the run from ending well.
const DIFFERS: u8 = 1;
const BROKE: u8 = 2;

/// What the command line says.
#[derive(Default)]
struct Options {
    login: Option<String>,
    graph: Option<String>,
    stage: Option<String>,
    tenant: Option<String>,
    client_id: Option<String>,
    secrets: Option<String>,
    only: Option<String>,
    list: bool,
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
    let mut options = Options::default();
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--list" => {
                options.list = true;
                continue;
            }
            "--login" => &mut options.login,
            "--graph" => &mut options.graph,
            "--stage" => &mut options.stage,
            "--tenant" => &mut options.tenant,
            "--client-id" => &mut options.client_id,
            "--secrets" => &mut options.secrets,
            "--only" => &mut options.only,
            _ => return Err(format!("{word} is not known\n\n{USAGE}").into()),
        };
        *place = Some(words.next().ok_or_else(|| format!("{word} needs a value\n\n{USAGE}"))?);
    }
    Ok(options)
}

/// Values by name, from the file or else from the environment.
#[expect(clippy::disallowed_methods, reason = "a tool of its own, whose secrets must not be arguments")]
fn secrets(file: Option<&str>) -> Result<impl Fn(&str) -> Option<String>, Box<dyn Error>> {
    let text = file.map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let named: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
    Ok(move |name: &str| {
        let value = named.get(name).cloned().or_else(|| std::env::var(name).ok());
        value.filter(|value| !value.is_empty())
    })
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "why it ended belongs there")]
async fn main() -> ExitCode {
    match work().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(DIFFERS),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(BROKE)
        }
    }
}

#[expect(clippy::print_stdout, reason = "the report is what the tool is for")]
async fn work() -> Result<bool, Box<dyn Error>> {
    let options = options(std::env::args().skip(1))?;
    let mut lines = corpus()?;
    if let Some(part) = &options.only {
        lines.retain(|line| line.id.contains(part.as_str()) || line.file.starts_with(part.as_str()));
    }
    if options.list {
        for line in &lines {
            println!("{}", row(line));
        }
        return Ok(true);
    }
    let secret = secrets(options.secrets.as_deref())?;
    let at = Credentials {
        login: base(options.login.as_deref(), "https://login.microsoftonline.com"),
        graph: base(options.graph.as_deref(), "https://graph.microsoft.com"),
        client_id: options.client_id.ok_or_else(|| format!("--client-id is missing\n\n{USAGE}"))?,
        client_secret: secret("CONFORMANCE_CLIENT_SECRET"),
    };
    if let Some(stage) = options.stage {
        let place = Place::stand_in(at, &stage)?;
        let report = run(&place, &lines, &Pending::parse(include_str!("../pending"))?).await;
        print!("{report}");
        println!("{}", report.summary());
        return Ok(report.is_good());
    }
    let given = (secret("CONFORMANCE_ACCESS_TOKEN"), secret("CONFORMANCE_REFRESH_TOKEN"));
    let tenant = options.tenant.as_deref().unwrap_or("organizations");
    let person = sign_in(&at, tenant, given, |message| println!("{message}")).await?;
    let place = Place::real(at, person).await?;
    println!("as {}; every event that is made carries a tag and is removed again", place.address());
    real(&place, &lines).await
}

/// The harmless lines; what was made is removed in every case, Ctrl-C included.
#[expect(clippy::print_stdout, reason = "the report is what the tool is for")]
async fn real(place: &Place, lines: &[Line]) -> Result<bool, Box<dyn Error>> {
    let earlier = clean(place).await?;
    if earlier > 0 {
        println!("removed {earlier} events that an earlier run had left");
    }
    let nothing_pends = Pending::default();
    let report = tokio::select! {
        report = run(place, lines, &nothing_pends) => Some(report),
        () = interrupted() => None,
    };
    if report.is_none() {
        println!("interrupted; removing what was made");
        settle().await;
    }
    let cleaned = clean(place).await;
    let Some(report) = report else {
        cleaned?;
        return Err("interrupted; everything that was made is removed".into());
    };
    show(&report);
    cleaned?;
    Ok(report.is_good())
}

#[expect(clippy::print_stdout, reason = "the report is what the tool is for")]
fn show(report: &Report) {
    print!("{report}");
    let beliefs = report.beliefs();
    if !beliefs.is_empty() {
        println!("what no recording had settled before:\n{beliefs}");
    }
    println!("{}", report.summary());
}

/// An event whose answer nobody waited for is in the calendar some moments later.
#[expect(clippy::disallowed_methods, reason = "a real service takes real time")]
async fn settle() {
    tokio::time::sleep(SETTLE).await;
}

/// Ctrl-C, or a polite `kill`.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = term.recv() => return,
            _ = tokio::signal::ctrl_c() => return,
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn base(given: Option<&str>, usual: &str) -> String {
    given.unwrap_or(usual).trim_end_matches('/').to_owned()
}

fn row(line: &Line) -> String {
    let real = if line.real { "real" } else { "" };
    format!("{:<4} {real:<4} {:<72} {}", line.mark.name(), line.id, line.source)
}
