//! The real program with a deadline on everything: a test that waits for it never hangs.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take: far longer than it does, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a program that has ended said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) out: String,
    /// What it said beside.
    pub(crate) err: String,
}

/// A program that runs; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    out: Arc<Mutex<Vec<u8>>>,
    err: Arc<Mutex<Vec<u8>>>,
}

/// Starts a program with nothing on its standard input.
pub(crate) fn start(command: &mut Command) -> Running {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let out = collect(child.stdout.take().unwrap());
    let err = collect(child.stderr.take().unwrap());
    Running { child, out, err }
}

/// Starts a program whose output goes elsewhere.
pub(crate) fn start_with_output(command: &mut Command, out: Stdio) -> Running {
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
    let err = collect(child.stderr.take().unwrap());
    Running { child, out: Arc::default(), err }
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    start(command).end()
}

/// Reads a pipe on a thread of its own, so that a full one holds nobody up; the thread ends with the pipe.
fn collect(mut pipe: impl std::io::Read + Send + 'static) -> Arc<Mutex<Vec<u8>>> {
    let text = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&text);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count) = pipe.read(&mut buffer) {
            if count == 0 {
                return;
            }
            kept.lock().unwrap().extend_from_slice(&buffer[..count]);
        }
    });
    text
}

impl Running {
    /// What it said beside its output, so far.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.err.lock().unwrap()).into_owned()
    }

    /// Its process number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has said this, and gives all that it has said.
    pub(crate) fn says(&mut self, what: &str) -> String {
        self.until(&format!("it says {what:?}"), |running| running.err().contains(what));
        self.err()
    }

    /// Waits for anything, as long as the program runs.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "waited in vain until {what} ({ended:?}): {}",
                self.err()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it a signal by its name, as `kill` knows it.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name]).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // The pipes are drained by their threads; one that a grandchild holds open is not waited for.
                let quiet = |text: &Mutex<Vec<u8>>| text.lock().unwrap().len();
                let mut before = usize::MAX;
                while before != quiet(&self.out) + quiet(&self.err) {
                    before = quiet(&self.out) + quiet(&self.err);
                    std::thread::sleep(Duration::from_millis(30));
                }
                let out = String::from_utf8_lossy(&self.out.lock().unwrap()).into_owned();
                return Ended { code: status.code(), out, err: self.err() };
            }
            assert!(Instant::now() < deadline, "it does not end: {}", self.err());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
