//! The control socket: whoever holds the archive answers reading commands for everybody else.
//!
//! `archive/control.sock`, mode 0600. One connection, one command: a line `{"arguments": […], "folder": "…"}` in, then lines
//! `{"out": "…"}`, `{"err": "…"}` and at last `{"exit": 0}` back. What is not text comes as a line `{"bytes": n}` and n bytes behind it.

use crate::archive::Reader;
use crate::cli::health::Vitals;
use crate::cli::{COMMANDS, Context, Exit, arguments, dispatch};
use crate::crawl::Pulse;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest request line that is read: a command line is far shorter.
const LONGEST_REQUEST: u64 = 64 * 1024;

/// How long the other side may keep the socket waiting: a client may be writing to a slow disk, a holder be reading from one.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes behind one line: four times what is sent.
const MOST_BYTES: usize = 4 << 20;

/// How long a client may take for its request: it sends it as soon as it is connected.
const REQUEST_PATIENCE: Duration = Duration::from_secs(2);

/// The most clients that are answered at once (judgement); one more is hung up on.
const MOST_CLIENTS: usize = 16;

/// A command line, as it is sent.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    /// What was typed, without the program's name.
    pub(crate) arguments: Vec<String>,
    /// The folder that it was typed in.
    pub(crate) folder: PathBuf,
    /// Whether the answer is read on a terminal.
    pub(crate) terminal: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Out(String),
    Bytes(usize),
    Err(String),
    Exit(u8),
}

/// Who holds the archive, and by which pulse it is judged; nothing until the crawler is made.
type Watched = Arc<Mutex<Option<(&'static str, Pulse)>>>;

/// Answers on the control socket for as long as it lives.
pub(crate) struct Control {
    path: PathBuf,
    vitals: Watched,
    ending: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Control {
    /// Begins to answer for the archive behind this reader. Where no socket can be made (a path that is too long for one, a file
    /// system without them) the crawl goes on without, and says so.
    pub(crate) fn start(reader: Reader, err: &mut dyn Write) -> Option<Self> {
        match Self::listen(reader) {
            Ok(control) => Some(control),
            Err(error) => {
                let _ = writeln!(err, "wangqi: list, show and stats have to wait until this ends: {error:#}");
                None
            }
        }
    }

    /// From here on `wangqi healthcheck` is answered: for this command, by this crawler's pulse.
    pub(crate) fn answer_for(&self, holder: &'static str, pulse: Pulse) {
        *self.vitals.lock().unwrap_or_else(PoisonError::into_inner) = Some((holder, pulse));
    }

    fn listen(reader: Reader) -> anyhow::Result<Self> {
        let path = reader.root().join("control.sock");
        // The lock is ours, so a socket that is still there belongs to nobody.
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).with_context(|| format!("could not listen on {}", path.display()))?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
            .with_context(|| format!("could not close {} to others", path.display()))?;
        let (ending, vitals) = (Arc::new(AtomicBool::new(false)), Watched::default());
        let told = Arc::clone(&ending);
        let desk = Desk { reader, vitals: Arc::clone(&vitals) };
        let work = move || answer_all(&listener, &desk, &told);
        let thread = std::thread::Builder::new().name("control".into()).spawn(work)?;
        Ok(Self { path, vitals, ending, thread: Some(thread) })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // The thread holds a reader, so it must not outlive the archive: it is told, and woken by one more connection.
        self.ending.store(true, Ordering::Relaxed);
        drop(UnixStream::connect(&self.path));
        let _ = std::fs::remove_file(&self.path);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sends this process's command line to the holder of the archive, and passes on what it says; `None` where nobody answers.
///
/// # Errors
/// When what is said cannot be passed on, or the answer breaks off.
pub(crate) fn forward(context: &mut Context<'_>, root: &Path) -> anyhow::Result<Option<Exit>> {
    let asked = Asked {
        arguments: context.arguments.clone(),
        folder: context.folder.clone(),
        terminal: context.out_is_terminal,
    };
    match converse(root, &asked, PATIENCE, &mut *context.out, &mut *context.err)? {
        Talk::Ended(exit) => Ok(Some(exit)),
        Talk::Refused(_) => Ok(None),
        Talk::HungUp { is_answered } => {
            let when = if is_answered { "in the middle of its answer" } else { "before it answered" };
            let root = root.display();
            Err(anyhow::anyhow!("the process that holds the archive {root} broke off {when}; ask again"))
                .context(Exit::Archive)
        }
    }
}

/// How a conversation with the holder went.
pub(crate) enum Talk {
    /// It answered, and its command ended so.
    Ended(Exit),
    /// Nobody listens.
    Refused(std::io::Error),
    /// It hung up before the answer's end.
    HungUp {
        /// Whether it had said anything.
        is_answered: bool,
    },
}

/// Sends a command line to the holder of the archive, and passes on what it says, never waiting longer than `patience` for a line.
///
/// # Errors
/// When what is said cannot be passed on.
pub(crate) fn converse(
    root: &Path,
    asked: &Asked,
    patience: Duration,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Talk> {
    let asked = serde_json::to_string(&asked)?;
    let mut stream = match UnixStream::connect(root.join("control.sock")) {
        Ok(stream) => stream,
        Err(error) => return Ok(Talk::Refused(error)),
    };
    let sent = stream.set_read_timeout(Some(patience)).and_then(|()| stream.set_write_timeout(Some(patience)));
    if sent.and_then(|()| writeln!(stream, "{asked}")).is_err() {
        return Ok(Talk::HungUp { is_answered: false });
    }
    let (mut stream, mut line, mut bytes) = (BufReader::new(stream), String::new(), Vec::new());
    let mut is_answered = false;
    while let Some(said) = hear(&mut stream, &mut line, &mut bytes) {
        is_answered = true;
        match said {
            Said::Out(text) => out.write_all(text.as_bytes())?,
            Said::Bytes(_) => out.write_all(&bytes)?,
            Said::Err(text) => err.write_all(text.as_bytes())?,
            Said::Exit(code) => return Ok(Talk::Ended(Exit::of(code))),
        }
    }
    Ok(Talk::HungUp { is_answered })
}

/// What every answer may draw on.
struct Desk {
    reader: Reader,
    vitals: Watched,
}

impl Desk {
    fn judge(&self, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<Exit> {
        let watched = self.vitals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let judged = match &watched {
            Some((holder, pulse)) => Vitals::take(holder, pulse, &self.reader).judge(),
            None => Err("it is still starting".to_owned()),
        };
        match judged {
            Ok(well) => writeln!(out, "{well}").map(|()| Exit::Ok),
            Err(ill) => writeln!(err, "{ill}").map(|()| Exit::Error),
        }
    }
}

/// The next thing that is said, its bytes in `bytes`; `None` where the answer breaks off.
fn hear(stream: &mut BufReader<UnixStream>, line: &mut String, bytes: &mut Vec<u8>) -> Option<Said> {
    line.clear();
    if stream.read_line(line).ok()? == 0 {
        return None;
    }
    let said = serde_json::from_str(line).ok()?;
    if let Said::Bytes(length) = said {
        bytes.resize(Some(length).filter(|length| *length <= MOST_BYTES)?, 0);
        stream.read_exact(bytes).ok()?;
    }
    Some(said)
}

/// Every client has a thread of its own, so that a silent one keeps nobody waiting; one more than can be answered is hung up on. At the end
/// all are: an answer may be a whole archive on its way to a slow disk.
fn answer_all(listener: &UnixListener, desk: &Desk, ending: &AtomicBool) {
    let clients = Clients::default();
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            if ending.load(Ordering::Relaxed) {
                break;
            }
            let Some(number) = clients.enter(&stream) else { continue };
            let clients = &clients;
            scope.spawn(move || {
                // One that breaks off in the middle of its own request, or of our answer, loses only itself.
                drop(answer_one(&stream, desk));
                clients.leave(number);
            });
        }
        clients.hang_up();
    });
}

/// Those that are being answered.
#[derive(Default)]
struct Clients {
    next: AtomicU64,
    streams: Mutex<Vec<(u64, UnixStream)>>,
}

impl Clients {
    fn streams(&self) -> MutexGuard<'_, Vec<(u64, UnixStream)>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, stream: &UnixStream) -> Option<u64> {
        let mut streams = self.streams();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let copy = stream.try_clone().ok().filter(|_| streams.len() < MOST_CLIENTS)?;
        streams.push((number, copy));
        Some(number)
    }

    fn leave(&self, number: u64) {
        self.streams().retain(|(other, _)| *other != number);
    }

    fn hang_up(&self) {
        for (_, stream) in self.streams().iter() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn answer_one(stream: &UnixStream, desk: &Desk) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(REQUEST_PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    if BufReader::new(stream.take(LONGEST_REQUEST)).read_line(&mut line)? > 0 {
        answer(&line, stream, desk)?;
    }
    Ok(())
}

fn answer(line: &str, stream: &UnixStream, desk: &Desk) -> anyhow::Result<()> {
    let asked: Asked = serde_json::from_str(line)?;
    let mut err = Speaker { stream, said: Said::Err, text: Vec::new() };
    let mut out = Speaker { stream, said: Said::Out, text: Vec::new() };
    let exit =
        match arguments().try_get_matches_from(std::iter::once("wangqi".to_owned()).chain(asked.arguments.clone())) {
            Ok(given) if given.subcommand_name() == Some("healthcheck") => desk.judge(&mut out, &mut err)?,
            Ok(given) if !reads_archive(given.subcommand_name()) => {
                writeln!(err, "wangqi: only reading commands can be run while the archive is in use")?;
                Exit::Archive
            }
            Ok(given) => {
                let mut context = Context {
                    out: &mut out,
                    err: &mut err,
                    out_is_terminal: asked.terminal,
                    err_is_terminal: false,
                    config: None,
                    folder: asked.folder,
                    arguments: asked.arguments,
                    held: Some(desk.reader.clone()),
                };
                dispatch(&mut context, &given)
            }
            Err(error) => {
                write!(err, "{error}")?;
                Exit::Usage
            }
        };
    out.flush()?;
    err.flush()?;
    send(stream, &Said::Exit(exit as u8))
}

fn reads_archive(name: Option<&str>) -> bool {
    let command = COMMANDS.iter().find(|command| Some(command.arguments().get_name()) == name);
    command.is_some_and(|command| command.reads_archive())
}

fn send(mut stream: &UnixStream, said: &Said) -> anyhow::Result<()> {
    let line = serde_json::to_string(said)?;
    Ok(writeln!(stream, "{line}")?)
}

/// Sends what is written to it over the socket, in pieces of a few kilobytes: whole text as JSON, anything else as it is. Flushed with
/// nothing to say, it gives a sign of life.
struct Speaker<'a> {
    stream: &'a UnixStream,
    said: fn(String) -> Said,
    text: Vec<u8>,
}

impl Write for Speaker<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(MOST_BYTES / 4);
        self.text.extend_from_slice(&bytes[..taken]);
        if self.text.len() >= 16 * 1024 {
            self.speak()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.text.is_empty() { self.say(String::new()) } else { self.speak() }
    }
}

impl Speaker<'_> {
    fn speak(&mut self) -> std::io::Result<()> {
        // A character must not be cut in two between lines.
        let whole = match std::str::from_utf8(&self.text) {
            Ok(_) => self.text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return self.send_bytes(),
        };
        if whole == 0 {
            // No text ends so: these are bytes.
            return self.send_bytes();
        }
        let rest = self.text.split_off(whole);
        let text = String::from_utf8_lossy(&std::mem::replace(&mut self.text, rest)).into_owned();
        self.say(text)
    }

    fn say(&mut self, text: String) -> std::io::Result<()> {
        send(self.stream, &(self.said)(text)).map_err(std::io::Error::other)
    }

    /// Sends what is no text. Only data is that; a message is shown as far as it can be read.
    fn send_bytes(&mut self) -> std::io::Result<()> {
        let bytes = std::mem::take(&mut self.text);
        if matches!((self.said)(String::new()), Said::Err(_)) {
            return self.say(String::from_utf8_lossy(&bytes).into_owned());
        }
        send(self.stream, &Said::Bytes(bytes.len())).map_err(std::io::Error::other)?;
        self.stream.write_all(&bytes)
    }
}
