//! Ctrl-C, SIGTERM and SIGHUP for a command that blocks: it is asked to stop, and ended where it does not.

use crate::cli::signals;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long a command may take to stop by itself: it may be blocked writing to a pipe that nobody reads.
const GRACE: Duration = Duration::from_secs(2);

/// How long the end waits beyond that for a file that is just being made: a busy disk may take seconds, and the file would stay.
const MAKING: Duration = Duration::from_secs(4);

/// Listens for as long as it lives.
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    file: Arc<Mutex<Option<PathBuf>>>,
    /// Owns the task that listens.
    _runtime: tokio::runtime::Runtime,
}

impl Interrupt {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system gives no thread for it.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.context("could not start the runtime")?;
        let asked = Arc::new(AtomicBool::new(false));
        let file: Arc<Mutex<Option<PathBuf>>> = Arc::default();
        let (told, partial) = (Arc::clone(&asked), Arc::clone(&file));
        let asked_to_stop = signals::asked_to_stop();
        // A terminal that hangs up takes the half-written file along too.
        let mut hang_up = {
            let _inside = runtime.enter();
            signal(SignalKind::hangup()).context("could not listen for signals")?
        };
        runtime.spawn(async move {
            tokio::select! {
                () = asked_to_stop => {}
                _ = hang_up.recv() => {}
            }
            told.store(true, Ordering::Relaxed);
            tokio::time::sleep(GRACE).await;
            let late = tokio::time::Instant::now() + MAKING;
            loop {
                match partial.try_lock().map_err(|error| matches!(error, TryLockError::WouldBlock)) {
                    Ok(mut file) => break drop(file.take().map(std::fs::remove_file)),
                    Err(true) if tokio::time::Instant::now() < late => {}
                    Err(_) => break,
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            signals::say("wangqi: stopped in the middle; nothing that was begun is left behind");
            std::process::exit(i32::from(signals::exit() as u8));
        });
        Ok(Self { asked, file, _runtime: runtime })
    }

    /// Whether the command is to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Makes the one file that is removed when the process is ended in the middle: also while it is being made.
    pub(crate) fn makes<T, E>(
        &self,
        make: impl FnOnce() -> Result<T, E>,
        path: impl FnOnce(&T) -> Option<&Path>,
    ) -> Result<T, E> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let held = make()?;
        *file = path(&held).map(Path::to_owned);
        Ok(held)
    }

    /// Nothing is removed any more: the file is whole.
    pub(crate) fn keeps(&self) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
