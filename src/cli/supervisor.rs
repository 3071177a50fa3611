//! What a supervisor such as systemd is told: sd_notify(3), on the datagram socket that `NOTIFY_SOCKET` names.
//!
//! Sending never waits and never fails the program: a message that cannot be sent is lost. Without the variable nothing is sent.

use crate::cli::progress::is_printable;
use crate::crawl::Pulse;
use nix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// The longest status that is sent, in characters: it is one line of `systemctl status`.
const LONGEST_STATUS: usize = 200;

/// The shortest time between two watchdog messages: a limit of nonsense must not make us spin (judgement).
const SHORTEST_BEAT: Duration = Duration::from_millis(50);

/// How long a start may take from each [`Supervisor::waits`] on: several of the waits that are said so (judgement).
const PATIENCE: Duration = Duration::from_secs(120);

/// The supervisor, or nobody.
pub(crate) struct Supervisor {
    to: Option<(UnixDatagram, SocketAddr)>,
    /// Half of the time after which it believes that we hang; `None` where it does not watch us.
    beat: Option<Duration>,
}

impl Supervisor {
    /// The supervisor that these variables name.
    pub(crate) fn of(environment: &BTreeMap<String, String>) -> Self {
        let get = |name: &str| environment.get(name).map(String::as_str);
        let to = get("NOTIFY_SOCKET").and_then(address).and_then(|address| {
            let socket = UnixDatagram::unbound().ok()?;
            socket.set_nonblocking(true).ok()?;
            Some((socket, address))
        });
        // Meant for another process where WATCHDOG_PID says so.
        let ours = get("WATCHDOG_PID").is_none_or(|pid| pid.parse() == Ok(std::process::id()));
        let limit = get("WATCHDOG_USEC").and_then(|limit| limit.parse::<u64>().ok()).filter(|limit| *limit > 0 && ours);
        let beat = limit.map(|limit| Duration::from_micros(limit / 2).max(SHORTEST_BEAT));
        Self { to, beat }
    }

    /// What we are doing, as one line of `systemctl status`.
    pub(crate) fn status(&self, what: &str) {
        self.send(&status(what));
    }

    /// We wait for something outside, which no new start would mend: the watchdog, and where we are starting that limit too, is to
    /// have patience.
    pub(crate) fn waits(&self, what: &str) {
        let patience = PATIENCE.as_micros();
        self.send(&format!("WATCHDOG=1\nEXTEND_TIMEOUT_USEC={patience}\n{}", status(what)));
    }

    /// The archive is open, and feeds are watched.
    pub(crate) fn ready(&self, what: &str) {
        self.send(&format!("READY=1\n{}", status(what)));
    }

    /// crawl.toml is read again; [`ready`](Self::ready) ends it.
    pub(crate) fn reloading(&self) {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| {
            u64::try_from(now.tv_sec()).unwrap_or(0) * 1_000_000 + u64::try_from(now.tv_nsec()).unwrap_or(0) / 1000
        });
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={now}\n{}", status("reading crawl.toml again")));
    }

    /// Completes with what is waited for, the request to stop, after the supervisor was told of it.
    pub(crate) fn told_of<F: Future<Output = ()>>(self: &Arc<Self>, asked: F) -> impl Future<Output = ()> + use<F> {
        let supervisor = Arc::clone(self);
        async move {
            asked.await;
            supervisor.send(&format!("STOPPING=1\n{}", status("stopping")));
        }
    }

    /// Tells the watchdog that we are alive for as long as the pulse is felt and the answer is kept; nothing where nobody watches.
    pub(crate) fn watch(&self, pulse: Pulse) -> Option<Watchdog> {
        let (beat, (socket, address)) = (self.beat?, self.to.as_ref()?);
        let (socket, address) = (socket.try_clone().ok()?, address.clone());
        let (end, ended) = sync_channel(0);
        let work = move || {
            loop {
                if pulse.is_felt() {
                    let _ = socket.send_to_addr(b"WATCHDOG=1", &address);
                }
                if ended.recv_timeout(beat) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("watchdog".into()).spawn(work).ok()?;
        Some(Watchdog { end: Some(end), thread: Some(thread) })
    }

    fn send(&self, message: &str) {
        if let Some((socket, address)) = &self.to {
            // Full, gone or refused: whoever does not listen is not told.
            let _ = socket.send_to_addr(message.as_bytes(), address);
        }
    }
}

/// Ends its thread when it is dropped.
pub(crate) struct Watchdog {
    end: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A path, or `@` and a name in the abstract space; `None` for what is neither, or too long.
fn address(name: &str) -> Option<SocketAddr> {
    match name.strip_prefix('@') {
        Some(name) => abstract_address(name),
        None if name.starts_with('/') => SocketAddr::from_pathname(name).ok(),
        None => None,
    }
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &str) -> Option<SocketAddr> {
    use std::os::linux::net::SocketAddrExt as _;
    SocketAddr::from_abstract_name(name).ok()
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_: &str) -> Option<SocketAddr> {
    None
}

/// One line: a title from the web must not say anything else to the supervisor.
fn status(what: &str) -> String {
    let what: String = what.chars().filter(|letter| is_printable(*letter)).take(LONGEST_STATUS).collect();
    format!("STATUS={what}")
}
