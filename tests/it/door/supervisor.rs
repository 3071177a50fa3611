//! What a supervisor is told (sd_notify), and that it can neither hang nor stop the program.
//!
//! Every receive has a time limit, and the program is killed when the test fails.

use super::Door;
use crate::support::process::{self, Running};
use crate::support::say;
use crate::support::short_folder;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// What has come so far.
struct Heard {
    socket: UnixDatagram,
    messages: Vec<String>,
}

impl Heard {
    fn on(socket: UnixDatagram) -> Self {
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        Self { socket, messages: Vec::new() }
    }

    /// Takes what is there.
    fn take(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(count) = self.socket.recv(&mut buffer) {
            self.messages.push(String::from_utf8_lossy(&buffer[..count]).into_owned());
        }
    }

    /// How many messages have this line, and where the first of them is.
    fn with(&self, line: &str) -> (usize, Option<usize>) {
        let has = |message: &String| message.lines().any(|one| one == line || one.starts_with(&format!("{line}=")));
        (self.messages.iter().filter(|message| has(message)).count(), self.messages.iter().position(has))
    }

    /// Waits until so many messages have this line.
    fn until(&mut self, running: &mut Running, line: &str, count: usize) {
        running.until(&format!("{line} is heard {count} times"), |_| {
            self.take();
            self.with(line).0 >= count
        });
    }
}

/// One life of a daemon, as its supervisor hears it.
fn a_life_is_told(address: &str, socket: UnixDatagram) {
    let (door, mut heard) = (Door::new(), Heard::on(socket));
    let mut command = door.command(&["run"]);
    command.env("NOTIFY_SOCKET", address).env("WATCHDOG_USEC", "400000");
    let mut daemon = process::start(&mut command);
    heard.until(&mut daemon, "READY=1", 1);
    heard.until(&mut daemon, "WATCHDOG=1", 3);
    daemon.signal("HUP");
    heard.until(&mut daemon, "RELOADING=1", 1);
    assert_eq!(heard.with("MONOTONIC_USEC").0, 1, "{:?}", heard.messages);
    heard.until(&mut daemon, "READY=1", 2);
    daemon.signal("TERM");
    let ended = daemon.end();
    heard.take();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let at = |line| heard.with(line).1.unwrap_or_else(|| panic!("{line} in {:?}", heard.messages));
    assert!(at("READY=1") < at("RELOADING=1") && at("RELOADING=1") < at("STOPPING=1"), "{:?}", heard.messages);
    assert!(at("STATUS") <= at("READY=1"), "{:?}", heard.messages);
    assert_eq!(heard.with("STATUS=watching 1 feeds").0, 2, "{:?}", heard.messages);
}

#[test]
fn a_life_is_told_on_a_path() {
    let folder = short_folder();
    let path = folder.path().join("notify");
    match UnixDatagram::bind(&path) {
        Ok(socket) => a_life_is_told(path.to_str().unwrap(), socket),
        Err(error) => say(&format!("skipped: no datagram socket can be bound here: {error}")),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_life_is_told_on_an_abstract_name() {
    use std::os::linux::net::SocketAddrExt as _;
    let name = format!("wangqi-door-test-{}", std::process::id());
    let bound = SocketAddr::from_abstract_name(&name).and_then(|address| UnixDatagram::bind_addr(&address));
    match bound {
        Ok(socket) => a_life_is_told(&format!("@{name}"), socket),
        Err(error) => say(&format!("skipped: no abstract socket can be bound here: {error}")),
    }
}

#[test]
fn a_supervisor_that_does_not_listen_stops_nothing() {
    let door = Door::new();
    // Without a feed there is nothing to be graceful about at the end.
    door.write_feeds(&[]);
    let long = format!("/{}", "x".repeat(200));
    for address in ["", "relative", "@", "/nowhere/at/all", &long] {
        let mut command = door.command(&["run"]);
        command.env("NOTIFY_SOCKET", address).env("WATCHDOG_USEC", "100000");
        lives_and_ends(process::start(&mut command), |_| true);
    }
    // One that is there and reads nothing is full after a few messages.
    let path = door.path("notify");
    let Ok(_unread) = UnixDatagram::bind(&path) else { return say("skipped: no datagram socket can be bound here") };
    let mut command = door.command(&["run"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "100000");
    let probe = UnixDatagram::unbound().unwrap();
    probe.set_nonblocking(true).unwrap();
    let is_full = |_: &Running| probe.send_to(b"X=1", &path).is_err();
    lives_and_ends(process::start(&mut command), is_full);
}

fn lives_and_ends(mut daemon: Running, is_so: impl FnMut(&Running) -> bool) {
    daemon.says("waiting for a first feed");
    daemon.until("the supervisor is as it should be", is_so);
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("wangqi: stopped; "), "{ended:?}");
}
