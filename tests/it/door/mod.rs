//! The door: how the program is started, asked for its health, told to stop, and supervised, in a container and out of one.

mod container;
mod health;
mod signals;
mod supervisor;

use crate::support::process::{self, Ended, Running};
use crate::support::short_folder;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;

/// A folder of the program's own, with a crawl.toml whose feed is on a server that is asked and never answers.
pub(crate) struct Door {
    folder: tempfile::TempDir,
    server: TcpListener,
}

impl Door {
    pub(crate) fn new() -> Self {
        let (folder, server) = (short_folder(), TcpListener::bind("127.0.0.1:0").unwrap());
        server.set_nonblocking(true).unwrap();
        let door = Self { folder, server };
        door.write_feeds(&[&format!("http://{}/feed.xml", door.server.local_addr().unwrap())]);
        door
    }

    pub(crate) fn write_feeds(&self, urls: &[&str]) {
        let feeds: Vec<String> =
            urls.iter().map(|url| format!("[[feed]]\nurl = \"{url}\"\nschedule = \"@every 1s\"\n")).collect();
        // No delay: then a feed may be asked again at once, as these tests do.
        let text = format!(
            "[fetch]\nallow_private = [\"127.0.0.0/8\"]\n[[site]]\nhost = \"127.0.0.1\"\ndelay = \"0s\"\n{}",
            feeds.concat()
        );
        std::fs::write(self.path("crawl.toml"), text).unwrap();
    }

    /// The program as a bare environment has it: without a HOME, a PATH or anything else.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
        command.env_clear().arg("--config").arg(self.path("crawl.toml")).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        process::run(&mut self.command(arguments))
    }

    /// Starts the program, and gives it back with the request that it waits on.
    pub(crate) fn start_waiting(&self, arguments: &[&str]) -> (Running, TcpStream) {
        let mut running = process::start(&mut self.command(arguments));
        let request = self.request_of(&mut running);
        (running, request)
    }

    /// The request that a running program waits on.
    pub(crate) fn request_of(&self, running: &mut Running) -> TcpStream {
        let mut request = None;
        running.until("its feed is asked for", |_| {
            request = self.server.accept().ok();
            request.is_some()
        });
        request.unwrap().0
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
