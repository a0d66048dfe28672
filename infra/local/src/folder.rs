//! What `--state DIR` keeps: the database, the seed of the KMS keys, the simulated Microsoft, and how far the clock
//! was moved on.
//!
//! Together these open everything that is stored, so the folder is made for its owner alone.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::SignedDuration;
use shared::clock::{Clock, Entropy, SystemEntropy};
use sim::Microsoft;

use crate::clock::StackClock;
use crate::stack::{Shared, StartError};

/// The folder of one stack.
pub struct Folder {
    path: PathBuf,
    /// What the two files hold, so that nothing is written twice.
    written: Mutex<(String, String)>,
}

impl Folder {
    /// Makes the folder unless it is there.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(path)?;
        Ok(Self { path: path.to_owned(), written: Mutex::default() })
    }

    /// The file of the database.
    pub fn database(&self) -> String {
        self.path.join("dynamodb.sqlite").to_string_lossy().into_owned()
    }

    /// The seed of the KMS keys; a new one the first time.
    pub fn kms_seed(&self) -> Result<[u8; 32], StartError> {
        let file = self.path.join("kms-seed");
        if !file.exists() {
            std::fs::write(&file, (&SystemEntropy as &dyn Entropy).bytes::<32>())?;
        }
        Ok(std::fs::read(&file)?.try_into().map_err(|_| "kms-seed must have 32 bytes")?)
    }

    /// Goes on from what was kept. A clock that stands is somebody's own and is left alone.
    pub fn restore(&self, clock: &StackClock, microsoft: &Microsoft) -> Result<(), StartError> {
        if let Some(saved) = read(&self.microsoft())? {
            microsoft.restore(&saved).map_err(|why| format!("microsoft.json cannot be read: {why}"))?;
        }
        if let (true, Some(ahead)) = (clock.runs(), read(&self.ahead())?) {
            clock.advance(SignedDuration::from_secs(ahead.trim().parse()?));
        }
        Ok(())
    }

    /// Keeps what has changed since the last time. A file is there whole or as it was.
    pub fn keep(&self, clock: &StackClock, microsoft: &Microsoft) -> io::Result<()> {
        let now = (microsoft.save(), clock.ahead().as_secs().to_string());
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0 != written.0 {
            replace(&self.microsoft(), &now.0)?;
        }
        if now.1 != written.1 {
            replace(&self.ahead(), &now.1)?;
        }
        *written = now;
        Ok(())
    }

    fn microsoft(&self) -> PathBuf {
        self.path.join("microsoft.json")
    }

    fn ahead(&self) -> PathBuf {
        self.path.join("clock-ahead-seconds")
    }
}

fn read(file: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn replace(file: &Path, text: &str) -> io::Result<()> {
    let half = file.with_extension("new");
    std::fs::write(&half, text)?;
    std::fs::rename(half, file)
}

/// So that a stack that is killed has lost little.
pub(crate) async fn keep_every_second(stack: Weak<Shared>, folder: Arc<Folder>) {
    while let Some(shared) = stack.upgrade() {
        if let Err(why) = folder.keep(&shared.clock, &shared.microsoft) {
            tracing::error!("The state of the simulated Microsoft was not kept: {why}");
        }
        let clock = Arc::clone(&shared.clock);
        drop(shared);
        clock.sleep(Duration::from_secs(1)).await;
    }
}
