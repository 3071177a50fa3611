//! crawl.toml while the daemon runs: a change of it is taken up by itself, and at once on SIGHUP.
//!
//! The file is read every two seconds, and what it holds decides: file events do not cross bind mounts and network file systems, and
//! times and sizes lie there. A file that cannot be used is told of once, and what was in force goes on.

use crate::cli::open;
use crate::cli::supervisor::Supervisor;
use crate::config::{Config, changes, file};
use crate::crawl::Renewal;
use crate::fetch::Fetcher;
use crate::model::Digest;
use std::collections::BTreeMap;
use std::fs::TryLockError;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::sync::mpsc::Sender;

/// How often the file is looked at: judgement; soon enough for whoever has just changed it, and nothing to a disk that has it in memory.
const LOOK: Duration = Duration::from_secs(2);

/// A changed file is read again after so long, and taken up when it is still the same: editors write in several steps (judgement).
const SETTLE: Duration = Duration::from_millis(200);

/// The configuration that the daemon goes by, and what fetches by it. It outlives a crawl that ends for want of room on the disk.
#[derive(Clone)]
pub(crate) struct InForce(Arc<Mutex<(Config, Fetcher)>>);

impl InForce {
    /// What a daemon begins with.
    pub(crate) fn new(config: Config, fetcher: Fetcher) -> Self {
        Self(Arc::new(Mutex::new((config, fetcher))))
    }

    /// As it is now.
    pub(crate) fn now(&self) -> (Config, Fetcher) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, config: Config, fetcher: Fetcher) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (config, fetcher);
    }
}

/// What is looked at, and what is in force.
pub(crate) struct Watch {
    path: PathBuf,
    folder: PathBuf,
    environment: BTreeMap<String, String>,
    in_force: InForce,
    config: Config,
    fetcher: Fetcher,
    /// What the file held when it was last judged; nothing yet, so that a change during the start is seen.
    judged: Option<Digest>,
    /// What was said of a file that cannot be read.
    told: Option<String>,
}

impl Watch {
    /// Watches the file of this configuration; nothing, where there is none, or it is a pipe that can be read only once.
    pub(crate) fn new(in_force: InForce, folder: PathBuf) -> Option<Self> {
        let (config, fetcher) = in_force.now();
        let path = config.path.clone()?;
        if file::must_be_file(&path).is_err() {
            tracing::info!("{} is no file: changes are not taken up", path.display());
            return None;
        }
        let environment = open::environment();
        Some(Self { path, folder, environment, in_force, config, fetcher, judged: None, told: None })
    }

    /// Sends what changes until nobody listens. Ends early where a terminal hung up: then the program is to end, as it would have.
    pub(crate) async fn go(mut self, renewals: Sender<Renewal>, mut hang_ups: Signal, supervisor: &Supervisor) {
        let mut asked = false;
        let was_at_terminal = io::stderr().is_terminal();
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = hang_ups.recv() => {
                    // A terminal that is gone is none any more.
                    if was_at_terminal && !io::stderr().is_terminal() {
                        return;
                    }
                    tracing::info!("asked to read {} again", self.path.display());
                    supervisor.reloading();
                    // Whoever asks is told all again, and what the file names, a ca_file say, may have changed where it has not.
                    (self.judged, self.told) = (None, None);
                    asked = true;
                }
                () = renewals.closed() => break,
            }
            let looked = tokio::task::spawn_blocking(move || {
                let renewal = self.look(asked);
                (self, renewal)
            });
            let Ok((watch, renewal)) = looked.await else { break };
            self = watch;
            if std::mem::take(&mut asked) {
                supervisor.ready(&format!("watching {} feeds", self.config.crawl.feeds.len()));
            }
            if let Some(renewal) = renewal
                && renewals.send(renewal).await.is_err()
            {
                break;
            }
        }
        // The crawl ends by itself; only a hang-up is told.
        std::future::pending::<()>().await;
    }

    /// What has changed since the last look, where it can be used.
    fn look(&mut self, asked: bool) -> Option<Renewal> {
        let bytes = self.settled()?;
        let digest = Digest::of(&bytes);
        if self.judged.as_ref() == Some(&digest) {
            return None;
        }
        self.judged = Some(digest);
        let path = self.path.display().to_string();
        match Config::of_bytes(&bytes, &self.path, &self.folder, &self.environment) {
            Ok(config) => self.take_up(config, asked),
            Err(error) => {
                tracing::error!("{path} has changed and cannot be used; what was in force goes on:\n{error}");
                None
            }
        }
    }

    /// What the file holds, where it can be read and nobody is writing it.
    fn settled(&mut self) -> Option<Vec<u8>> {
        let first = read(&self.path);
        if let Ok(Some(bytes)) = &first
            && self.judged.as_ref() == Some(&Digest::of(bytes))
        {
            self.told = None;
            return first.ok().flatten();
        }
        std::thread::sleep(SETTLE);
        match (first, read(&self.path)) {
            (Ok(Some(first)), Ok(Some(again))) if first == again => {
                self.told = None;
                Some(again)
            }
            // Two failures in a row are no editor that is just renaming.
            (Err(_), Err(why)) => {
                let text = format!("cannot read {}: {why}; what was in force goes on", self.path.display());
                if self.told.as_ref() != Some(&text) {
                    tracing::error!("{text}");
                }
                self.told = Some(text);
                None
            }
            _ => None,
        }
    }

    fn take_up(&mut self, config: Config, asked: bool) -> Option<Renewal> {
        // The certificates in a ca_file may be others, by the same name.
        let is_read_again = asked && config.fetch.ca_file.is_some();
        if config == self.config && !is_read_again {
            return None;
        }
        let changes = changes(&self.config, &config);
        if config.fetch != self.config.fetch || is_read_again {
            let options = config.fetch.clone();
            let renewed =
                if is_read_again { self.fetcher.renewed_afresh(options) } else { self.fetcher.renewed(options) };
            match renewed {
                Ok(fetcher) => self.fetcher = fetcher,
                Err(error) => {
                    let path = self.path.display();
                    tracing::error!("{path} has changed and cannot be used; what was in force goes on: {error}");
                    return None;
                }
            }
        }
        for change in changes {
            if change.needs_restart {
                tracing::warn!("crawl.toml: {}; this takes effect when wangqi is started again", change.text);
            } else {
                tracing::info!("crawl.toml: {}", change.text);
            }
        }
        // What is read once stays as it was read, and is told of again with the next change.
        let was = &self.config;
        let (archive, backup, serve) = (was.archive.clone(), was.backup.clone(), was.serve.clone());
        self.config = Config { archive, serve, backup, ..config };
        self.in_force.set(self.config.clone(), self.fetcher.clone());
        Some(Renewal { options: self.config.crawl.clone(), fetcher: self.fetcher.clone() })
    }
}

/// The file's bytes; nothing while somebody holds it to change it.
fn read(path: &std::path::Path) -> io::Result<Option<Vec<u8>>> {
    let file = file::open(path)?;
    if matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return Ok(None);
    }
    file::bytes_of(&file).map(Some)
}
