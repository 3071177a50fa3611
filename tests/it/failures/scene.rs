//! One case: a throw-away folder, the program run in it under a deadline, and its row of the document.

use super::hostile::Hostile;
use super::{document, text};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wangqi::archive::{Archive, verify};

/// After this a program that still runs is killed and the case fails. Judgement: the slowest takes two seconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The user and group `nobody`.
const NOBODY: u32 = 65_534;

/// One case.
pub(super) struct Scene {
    name: &'static str,
    folder: tempfile::TempDir,
}

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ran {
    /// Its exit code; a signal's number is negative.
    pub(super) exit: i32,
    /// All of its standard output.
    pub(super) out: String,
    /// All of its standard error.
    pub(super) err: String,
    /// The most memory it was seen to take, in bytes; 0 where the system does not say.
    pub(super) memory: u64,
}

/// A program that runs.
pub(super) struct Running {
    child: Child,
    err: PathBuf,
    out: PathBuf,
    begun: Instant,
}

impl Scene {
    /// The scene of this case, in an empty folder.
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, folder: crate::support::folder() }
    }

    /// Its folder.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in its folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Writes a file into its folder.
    pub(super) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, contents).unwrap();
        path
    }

    /// A program in this folder, with nothing of this process's own environment that it would obey.
    pub(super) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TMPDIR", self.folder()).stdin(Stdio::null());
        command
    }

    /// wangqi itself, in this folder.
    pub(super) fn wangqi<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_wangqi"));
        command.args(arguments);
        command
    }

    /// Takes rights away from a file or folder of the scene.
    pub(super) fn shut(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Gives a folder of the scene with all in it to whom [`Scene::unprivileged`] runs things as; nothing to do but for root.
    pub(super) fn give_away(&self, name: &str) {
        let mut folders = vec![self.path(name)];
        while let Some(path) = folders.pop() {
            let _ = std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY));
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            folders.extend(entries.map(|entry| entry.path()));
        }
    }

    /// wangqi as somebody whom permissions bind: this user, or where that is root, nobody. None where nobody may not run it.
    pub(super) fn unprivileged(&self, arguments: &[&str]) -> Option<Command> {
        let mut command = self.wangqi(arguments);
        let is_root = self.program("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
        if is_root {
            // The folder is nobody's too, but for what was shut.
            let owner = std::os::unix::fs::chown(self.folder(), Some(NOBODY), Some(NOBODY));
            command.uid(NOBODY).gid(NOBODY);
            let mut probe = self.wangqi(["--version"]);
            let runs = probe.uid(NOBODY).gid(NOBODY).stdout(Stdio::null()).stderr(Stdio::null()).status();
            if owner.is_err() || !runs.is_ok_and(|status| status.success()) {
                return None;
            }
        }
        Some(command)
    }

    /// Writes a crawl.toml by which site.example is this server, without delay; `more` stands behind it.
    pub(super) fn reach(&self, site: &Hostile, more: &str) {
        self.reach_all(&[("site.example", site.address)], more);
        if !site.pem.is_empty() {
            self.write("ca.pem", &site.pem);
        }
    }

    /// The same for several names. The `[fetch]` table ends with `more`'s own lines up to its first table.
    pub(super) fn reach_all(&self, hosts: &[(&str, SocketAddr)], more: &str) {
        let (fetch, rest) = more.split_at(more.find('[').unwrap_or(more.len()));
        let named: Vec<String> = hosts.iter().map(|(host, to)| format!("\"{host}\" = \"{to}\"")).collect();
        let mut toml = format!("[fetch]\nhosts = {{ {} }}\n{fetch}", named.join(", "));
        for (host, _) in hosts {
            toml.push_str(&format!("[[site]]\nhost = \"{host}\"\ndelay = \"0s\"\nrobots = \"ignore\"\n"));
        }
        self.write("crawl.toml", toml + rest);
    }

    /// Runs wangqi to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        Self::start(self.wangqi(arguments)).end()
    }

    /// Starts a program; what it prints goes to files, so that nobody has to read along.
    pub(super) fn start(mut command: Command) -> Running {
        let (out, err) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
        command.stdout(out.reopen().unwrap());
        Self::start_to(command, out.into_temp_path().keep().unwrap(), err)
    }

    /// Starts a program whose standard output is the caller's.
    pub(super) fn start_with_output(mut command: Command, to: Stdio) -> Running {
        command.stdout(to);
        Self::start_to(command, PathBuf::from("/dev/null"), tempfile::NamedTempFile::new().unwrap())
    }

    fn start_to(mut command: Command, out: PathBuf, err: tempfile::NamedTempFile) -> Running {
        command.stderr(err.reopen().unwrap());
        let child = command.spawn().unwrap();
        Running { child, err: err.into_temp_path().keep().unwrap(), out, begun: Instant::now() }
    }

    /// Compares what came of it with this case's row of docs/failures.md.
    pub(super) fn tells(&self, ran: &Ran) {
        self.tells_but_for(ran, &self.held());
    }

    /// The same, where the case itself has looked at what is held.
    pub(super) fn tells_but_for(&self, ran: &Ran, held: &str) {
        let printed = self.printed(&ran.err);
        if std::env::var_os("UPDATE_FAILURES").is_some() {
            document::write_printed(self.name, &printed);
        }
        let rows = document::rows(&document::read());
        let row = rows.into_iter().find(|row| row.name == self.name);
        let row = row.unwrap_or_else(|| panic!("docs/failures.md has no row `{}`; printed:\n{printed}", self.name));
        let kept = row.kept.split(" — ").next().unwrap_or_default();
        let found = (printed.as_str(), ran.exit.to_string(), held.to_owned());
        assert_eq!(found, (row.printed.as_str(), row.exit.clone(), kept.to_owned()), "`{}` (left: found)", self.name);
    }

    /// What was printed, with placeholders.
    pub(super) fn printed(&self, err: &str) -> String {
        let folder = self.folder().display().to_string();
        let real = self.folder().canonicalize().unwrap().display().to_string();
        text::scrubbed(&err.replace(&real, "{folder}").replace(&folder, "{folder}"))
    }

    /// What the archive in this folder holds, in words, every byte of it checked.
    fn held(&self) -> String {
        let root = self.path("archive");
        if !root.join("segments").exists() {
            return "no archive".to_owned();
        }
        match Archive::open(&root, &mut |_| {}) {
            Ok(archive) => held(&archive),
            Err(_) => "untouched".to_owned(),
        }
    }
}

/// What an archive holds, in words.
fn held(archive: &Archive) -> String {
    let reader = archive.reader();
    let stats = reader.stats().unwrap();
    let report = verify(&reader).unwrap();
    let count = |number: u64, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let pending = reader.pending().filter(|row| row.as_ref().is_ok_and(|(target, _)| target.recheck.is_none())).count();
    let mut parts = vec![count(stats.articles, "article")];
    if pending > 0 {
        parts.push(format!("{pending} pending"));
    }
    if !report.problems.is_empty() {
        parts.push(count(report.problems.len() as u64, "problem"));
    }
    parts.join(", ")
}

impl Running {
    /// Its process number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed to standard error so far.
    pub(super) fn said(&self) -> String {
        read_lossy(&self.err)
    }

    /// Waits until something is so; says what was printed where it never is.
    pub(super) fn until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) {
        let mut ended: Option<Instant> = None;
        while !is_so() {
            assert!(self.begun.elapsed() < PATIENCE, "it never came to {what}: {}", self.said());
            // What it did last may still be on its way to us.
            let is_over = ended.is_some_and(|ended| ended.elapsed() > Duration::from_secs(5));
            assert!(!is_over, "it ended before {what}: {}", self.said());
            if ended.is_none() && self.child.try_wait().unwrap().is_some() {
                ended = Some(Instant::now());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until something is done that may block; it goes on without us where it never is.
    pub(super) fn until_done(&mut self, what: &str, work: impl FnOnce() + Send + 'static) {
        let done = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&done);
        std::thread::spawn(move || {
            work();
            tell.store(true, Ordering::SeqCst);
        });
        self.until(what, || done.load(Ordering::SeqCst));
    }

    /// Waits until it has said something.
    pub(super) fn until_it_says(&mut self, what: &str) {
        let err = self.err.clone();
        self.until(what, || read_lossy(&err).contains(what));
    }

    /// Sends it a signal again and again, until it ends.
    pub(super) fn until_it_ends(&mut self, signal: &str) {
        while self.child.try_wait().unwrap().is_none() {
            assert!(self.begun.elapsed() < PATIENCE, "it does not end: {}", self.said());
            // It may have ended a moment ago.
            let _ =
                Command::new("kill").args([format!("-{signal}"), self.id().to_string()]).stderr(Stdio::null()).status();
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends it a signal by name.
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.id().to_string()]).status().unwrap();
        assert!(sent.success(), "the signal was not sent");
    }

    /// Waits for its end, watching how much memory it takes.
    pub(super) fn end(mut self) -> Ran {
        let mut memory = 0;
        let status = loop {
            memory = peak(self.id()).max(memory);
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(self.begun.elapsed() < PATIENCE, "it does not end: {}", self.said()),
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Ran { exit: code(status), out: read_lossy(&self.out), err: self.said(), memory }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for path in [&self.err, &self.out] {
            if !path.starts_with("/dev") {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

/// The most memory that a process has taken so far, in bytes.
fn peak(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or_default() * 1024
}

fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().unwrap_or_else(|| -status.signal().unwrap_or_default())
}

fn read_lossy(path: &Path) -> String {
    let mut bytes = Vec::new();
    let _ = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}
