//! Other programs, started and always ended: no test may hang on one.

use std::io::Read as _;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long any program of a test may take: generous, for a busy machine.
const DEADLINE: Duration = Duration::from_secs(90);

/// Runs a program to its end with nothing on its standard input; kills it and fails when it takes too long.
pub(crate) fn run(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    finish(child, &format!("{command:?}"))
}

/// Whether a program of this name is there to be run.
pub(crate) fn is_there(name: &str) -> bool {
    let mut asked = Command::new(name);
    asked.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// Waits for a child whose output is read on threads of its own.
pub(crate) fn finish(mut child: Child, what: &str) -> Output {
    let reader = |pipe: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
            bytes
        })
    };
    let stdout = reader(child.stdout.take().map(|pipe| Box::new(pipe) as _));
    let stderr = reader(child.stderr.take().map(|pipe| Box::new(pipe) as _));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > DEADLINE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{what} did not end within {DEADLINE:?}: {}", String::from_utf8_lossy(&stderr.join().unwrap()));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// Waits until something is so; fails with these words when it does not come.
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < DEADLINE, "{what} did not come within {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A child that is killed when the test ends, however that is.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts a program; its output goes nowhere.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Sends a signal by its name; one that has ended already gets none.
    pub(crate) fn signal(&mut self, name: &str) {
        if self.0.try_wait().unwrap().is_none() {
            let mut kill = Command::new("kill");
            kill.arg(format!("-{name}")).arg(self.0.id().to_string()).stderr(Stdio::null()).status().unwrap();
        }
    }

    /// Waits for its end, and gives its exit code.
    pub(crate) fn code(&mut self) -> Option<i32> {
        let mut code = None;
        until("the end of a program", || {
            code = self.0.try_wait().unwrap();
            code.is_some()
        });
        code.and_then(|status| status.code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
