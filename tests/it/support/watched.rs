//! A child process that no test waits for for ever.

use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

/// After this the child is killed, and whoever reads its pipes sees them end. Judgement: the slowest test takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running child. Killed when it is dropped or its time is over.
pub(crate) struct Watched {
    child: Child,
    /// Dropped with the child: the watchman ends.
    _over: Sender<()>,
}

impl Watched {
    /// Starts the program.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let child = command.spawn().unwrap();
        let id = child.id().to_string();
        let (over, ended) = channel::<()>();
        std::thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                super::say(&format!("killed after {} s: process {id}", PATIENCE.as_secs()));
                let _ = Command::new("kill").args(["-9", &id]).status();
            }
        });
        Self { child, _over: over }
    }

    /// Waits for its end; a child that was killed for taking too long has no exit code.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status,
                None if started.elapsed() > PATIENCE => self.child.kill().unwrap(),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

impl std::ops::Deref for Watched {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

impl std::ops::DerefMut for Watched {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
