//! Whoever reads the lines of `--jsonl`: perhaps slowly, perhaps no longer, perhaps never.
//!
//! A thread of its own writes, so that Ctrl-C is seen while the reader stalls; a crawl waits for a slow reader, and goes on
//! without one that went away.

use anyhow::Context as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot, watch};

/// How many lines may wait to be written (judgement): more only hides that the reader is slow.
const WAITING: usize = 16;

/// How long a reader that stalls is waited for after Ctrl-C.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// The reader of standard output.
pub(crate) struct Listener {
    lines: mpsc::Sender<String>,
    ended: oneshot::Receiver<io::Result<()>>,
    /// Whether a line was given up because the reader stalled.
    missed: bool,
}

impl Listener {
    /// Begins to write what is said to this process's standard output.
    ///
    /// # Errors
    /// When the system lends no descriptor or thread.
    pub(crate) fn start() -> anyhow::Result<Self> {
        // Its own descriptor: a thread that is stuck in a write must not hold the lock of `Stdout`.
        let mut out = File::from(io::stdout().as_fd().try_clone_to_owned().context("could not use standard output")?);
        let (lines, mut coming) = mpsc::channel::<String>(WAITING);
        let (end, ended) = oneshot::channel();
        let write = move || {
            let mut written = Ok(());
            while let (Some(line), true) = (coming.blocking_recv(), written.is_ok()) {
                written = out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n"));
            }
            // Nobody waits for it where the crawl itself has failed.
            drop(end.send(written));
        };
        std::thread::Builder::new().name("listener".into()).spawn(write).context("could not start a thread")?;
        Ok(Self { lines, ended, missed: false })
    }

    /// Says one line, waiting for a slow reader until `stopped` becomes true.
    pub(crate) fn say(&mut self, runtime: &Runtime, line: String, stopped: &mut watch::Receiver<bool>) {
        let lines = &self.lines;
        self.missed |= runtime.block_on(async {
            tokio::select! {
                biased;
                // A reader that went away does not stop the crawl: how it ended is told at the end.
                _ = lines.send(line) => false,
                () = told(stopped) => true,
            }
        });
    }

    /// Waits until everything is written, or the reader has stalled past Ctrl-C; says whether everything was.
    ///
    /// # Errors
    /// When it could not be written. A reader that went away (`| head`) is no error.
    pub(crate) fn end(self, runtime: &Runtime, stopped: &mut watch::Receiver<bool>) -> anyhow::Result<bool> {
        let Self { lines, ended, missed } = self;
        drop(lines);
        let last_chance = async {
            told(stopped).await;
            tokio::time::sleep(LAST_CHANCE).await;
        };
        let written = runtime.block_on(async {
            tokio::select! {
                written = ended => written.ok(),
                () = last_chance => None,
            }
        });
        match written {
            Some(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("could not write to standard output; what was fetched is kept")
            }
            Some(_) => Ok(!missed),
            None => Ok(false),
        }
    }
}

/// Completes when Ctrl-C was seen.
pub(crate) async fn told(stopped: &mut watch::Receiver<bool>) {
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        // Nobody is left who could say so.
        std::future::pending::<()>().await;
    }
}
