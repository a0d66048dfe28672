//! Real binaries as child processes: built as a deploy builds them, started with a given environment and nothing of
//! ours, and ended with the test whatever becomes of it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::template::root;

/// Builds a function from its own folder, where Cargo unifies features with no other package; answers the binary's
/// path.
pub(crate) fn build(folder: &str) -> PathBuf {
    cargo_build(&root().join(folder), &[])
}

/// Builds the local stack as `cargo local` does, out of what the tests are made of.
pub(crate) fn build_local() -> PathBuf {
    build_bin("local")
}

/// Builds a program of the workspace for the machine of whoever runs it.
pub(crate) fn build_bin(name: &str) -> PathBuf {
    cargo_build(root(), &["--bin", name])
}

fn cargo_build(folder: &Path, which: &[&str]) -> PathBuf {
    let done = std::process::Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--message-format", "json"])
        .args(which)
        .current_dir(folder)
        .output()
        .expect("cargo starts");
    assert!(done.status.success(), "{}: {}", folder.display(), String::from_utf8_lossy(&done.stderr));
    let messages = String::from_utf8_lossy(&done.stdout);
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let binary =
        artifacts.filter_map(|artifact| artifact["executable"].as_str().map(PathBuf::from)).next_back();
    binary.unwrap_or_else(|| panic!("{} has no binary", folder.display()))
}

/// A child process. It ends when this value goes.
pub(crate) struct Program {
    child: Child,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Program {
    pub(crate) fn start(binary: &PathBuf, arguments: &[&str], environment: &[(String, String)]) -> Self {
        let mut child = Command::new(binary)
            .args(arguments)
            .env_clear()
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (out, err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let readers = vec![keep(out, Arc::clone(&output)), keep(err, Arc::clone(&output))];
        Self { child, output, readers }
    }

    /// Everything that it printed so far.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a line of which this holds.
    pub(crate) async fn until(&mut self, holds: impl Fn(&str) -> bool) {
        for _ in 0..600 {
            if self.output().lines().any(&holds) {
                return;
            }
            assert!(self.child.try_wait().expect("a status").is_none(), "it ended: {}", self.output());
            pause().await;
        }
        panic!("no such line came: {}", self.output());
    }

    /// The rest of the first line that begins with `word`.
    pub(crate) async fn line(&mut self, word: &str) -> String {
        for _ in 0..600 {
            if let Some(rest) = self.output().lines().find_map(|line| line.strip_prefix(word)) {
                return rest.trim().to_owned();
            }
            assert!(self.child.try_wait().expect("a status").is_none(), "it ended: {}", self.output());
            pause().await;
        }
        panic!("no line {word:?} came: {}", self.output());
    }

    /// The rest of the first line that begins with `word`, of a program that has ended.
    pub(crate) fn line_printed(&self, word: &str) -> String {
        let output = self.output();
        let line = output.lines().find_map(|line| line.strip_prefix(word));
        line.unwrap_or_else(|| panic!("no line {word:?}: {output}")).trim().to_owned()
    }

    /// Waits for its own end.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        let status = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it goes on: {}", self.output())).expect("a status");
        for reader in self.readers.drain(..) {
            let _ = reader.await;
        }
        status
    }
}

fn keep(from: impl AsyncRead + Unpin + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut all = into.lock().unwrap_or_else(PoisonError::into_inner);
            all.push_str(&line);
            all.push('\n');
        }
    })
}

#[expect(clippy::disallowed_methods, reason = "another process has a clock of its own")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}
