//! SIGINT (Ctrl-C) and SIGTERM → an end in good order, or at once.
//!
//! One thread watches from the first moment on. Signals belong to the process, so what they asked for stands in a static; nothing below
//! `cli` knows of it. What was acknowledged is on disk already: every way to end here loses only what was not.

use crate::cli::Exit;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

/// Signals that come so close together are one: `timeout` and some shells send to the process and to its group at once (judgement).
const TOGETHER: Duration = Duration::from_secs(1);

/// After so long the process ends, whatever it is waiting for: a disk, or a reader of its output. Judgement: more than the crawl's own
/// five seconds of grace, less than the ten that a container is given.
const LAST_RESORT: Duration = Duration::from_secs(8);

/// How long a last word may take where nobody reads standard error.
const LAST_WORD: Duration = Duration::from_millis(200);

struct Watched {
    asked: watch::Sender<Option<Exit>>,
    /// How many futures wait to be told: as long as there is one, the first signal leaves the end to it.
    waiting: AtomicUsize,
    is_success: AtomicBool,
}

static WATCHED: LazyLock<Watched> = LazyLock::new(|| Watched {
    asked: watch::Sender::new(None),
    waiting: AtomicUsize::new(0),
    is_success: AtomicBool::new(false),
});

/// Begins to watch. Where that is impossible the system's own handling applies: the process ends, which loses nothing acknowledged.
///
/// As the first process of a container we need handlers for every command: there the kernel drops signals that have none.
pub(crate) fn watch() {
    let (ready, begun) = sync_channel(1);
    let work = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
            let (Ok(interrupt), Ok(terminate)) = (interrupt, terminate) else { return };
            let _ = ready.send(());
            attend(interrupt, terminate).await;
        });
    };
    if std::thread::Builder::new().name("signals".into()).spawn(work).is_ok() {
        // An error means that the thread has ended: there are no handlers, and nothing to wait for.
        let _ = begun.recv();
    }
}

/// From here on being asked to stop is this process's proper end, and its exit code 0: it is a daemon.
pub(crate) fn stopping_is_success() {
    WATCHED.is_success.store(true, Ordering::Relaxed);
}

/// Completes at the first signal. As long as it exists, it is its owner who brings the process to its end, within
/// [`LAST_RESORT`]; without one the first signal ends the process at once.
pub(crate) fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let waiting = Waiting::new();
    async move {
        let mut asked = WATCHED.asked.subscribe();
        // The sender is a static: it is never gone.
        let _ = asked.wait_for(Option::is_some).await;
        drop(waiting);
    }
}

/// How a command ends that was asked to stop, and did.
pub(crate) fn exit() -> Exit {
    match *WATCHED.asked.borrow() {
        _ if WATCHED.is_success.load(Ordering::Relaxed) => Exit::Ok,
        Some(exit) => exit,
        None => Exit::Interrupted,
    }
}

struct Waiting;

impl Waiting {
    fn new() -> Self {
        WATCHED.waiting.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WATCHED.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn attend(mut interrupt: Signal, mut terminate: Signal) {
    let first = either(&mut interrupt, &mut terminate).await;
    let at = Instant::now();
    let is_awaited = WATCHED.waiting.load(Ordering::SeqCst) > 0;
    WATCHED.asked.send_replace(Some(first));
    if !is_awaited {
        say("wangqi: stopped; everything acknowledged is kept");
        end(exit());
    }
    say("wangqi: stopping, within a few seconds; once more to stop at once");
    loop {
        tokio::select! {
            again = either(&mut interrupt, &mut terminate) => if at.elapsed() >= TOGETHER {
                say("wangqi: stopped at once; everything acknowledged is kept");
                end(again);
            },
            () = tokio::time::sleep_until(at + LAST_RESORT) => {
                say("wangqi: stopped while something did not answer; everything acknowledged is kept");
                end(first);
            }
        }
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) -> Exit {
    tokio::select! {
        // Where both have come, the answer must not be chance.
        biased;
        _ = interrupt.recv() => Exit::Interrupted,
        _ = terminate.recv() => Exit::Terminated,
    }
}

fn end(exit: Exit) -> ! {
    std::process::exit(i32::from(exit as u8))
}

/// Says it on standard error, unless that would hold us up.
pub(crate) fn say(line: &'static str) {
    let (told, done) = sync_channel(1);
    let work = move || {
        eprintln!("{line}");
        let _ = told.send(());
    };
    if std::thread::Builder::new().spawn(work).is_ok() {
        let _ = done.recv_timeout(LAST_WORD);
    }
}
