//! A site, a crawl.toml and an archive: everything a crawl needs, on loopback and in a throw-away folder.

use chrono::TimeDelta;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use wangqi::archive::Archive;
use wangqi::cli::demo::server::{Asked, Handler, Server};
use wangqi::config::Config;
use wangqi::crawl::{Crawler, Pass, Report, Summary};
use wangqi::fetch::Fetcher;
use wangqi::model::Clock;

/// One site being crawled into one archive.
pub(crate) struct Bench {
    server: Server,
    folder: tempfile::TempDir,
    ahead: Arc<AtomicI64>,
    /// The environment of the configuration.
    environment: std::sync::Mutex<Vec<(String, String)>>,
}

impl Bench {
    /// Serves the hosts over TLS, and writes a crawl.toml that reaches them without delay, with these feeds.
    pub(crate) async fn start(hosts: &[&str], handler: Handler, feeds: &str) -> Self {
        let server = Server::start(true, hosts, handler).await.unwrap();
        let folder = crate::support::folder();
        std::fs::write(folder.path().join("ca.pem"), server.ca_pem()).unwrap();
        let address = server.address();
        let named: Vec<String> = hosts.iter().map(|host| format!("\"{host}\" = \"{address}\"")).collect();
        let mut toml = format!(
            "[archive]\npath = \"archive\"\n[fetch]\nca_file = \"ca.pem\"\nhosts = {{ {} }}\n",
            named.join(", ")
        );
        for host in hosts {
            toml.push_str(&format!(
                "[[site]]\nhost = \"{host}\"\ndelay = \"0s\"\nconcurrency = 4\nrobots = \"ignore\"\n"
            ));
        }
        toml.push_str(feeds);
        std::fs::write(folder.path().join("crawl.toml"), toml).unwrap();
        Self { server, folder, ahead: Arc::default(), environment: std::sync::Mutex::default() }
    }

    /// Sets the clock on.
    pub(crate) fn ahead(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_seconds(), Ordering::Relaxed);
    }

    /// Sets a variable for whatever reads the configuration from now on.
    pub(crate) fn set(&self, name: &str, value: &str) {
        let mut environment = self.environment.lock().unwrap();
        environment.retain(|(other, _)| other != name);
        environment.push((name.to_owned(), value.to_owned()));
    }

    /// What the server was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// Opens the archive.
    pub(crate) fn open(&self) -> Archive {
        Archive::open(&self.folder.path().join("archive"), &mut |_| {}).unwrap()
    }

    /// One pass, from opening the archive to closing it.
    pub(crate) async fn crawl(&self, pass: Pass) -> (Summary, Vec<Report>) {
        self.crawl_until(pass, |_| false).await
    }

    /// One pass that is asked to stop as soon as the reports so far are enough.
    pub(crate) async fn crawl_until(&self, pass: Pass, enough: impl Fn(&[Report]) -> bool) -> (Summary, Vec<Report>) {
        let crawler = self.crawler();
        let (reports, mut coming) = tokio::sync::mpsc::channel(1);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shutdown = async move { drop(stopped.await) };
        let task = tokio::spawn(async move { crawler.pass(pass, Some(reports), shutdown).await });
        let (mut seen, mut stop) = (Vec::new(), Some(stop));
        while let Some(report) = coming.recv().await {
            seen.push(report);
            if enough(&seen) {
                stop.take();
            }
        }
        (task.await.unwrap().unwrap(), seen)
    }

    /// One pass that breaks off, as if the program was killed, as soon as the reports so far are enough.
    pub(crate) async fn crawl_and_die(&self, pass: Pass, enough: impl Fn(&[Report]) -> bool) {
        let crawler = self.crawler();
        let (reports, mut coming) = tokio::sync::mpsc::channel(1);
        let task = tokio::spawn(async move { crawler.pass(pass, Some(reports), std::future::pending()).await });
        let mut seen = Vec::new();
        while let Some(report) = coming.recv().await {
            seen.push(report);
            if enough(&seen) {
                break;
            }
        }
        task.abort();
        drop(task.await);
        // What was at work on another thread ends in its own time, and with it the lock.
        let (archive, begun) = (self.folder.path().join("archive"), std::time::Instant::now());
        while let Err(error) = Archive::open(&archive, &mut |_| {}) {
            assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{error}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Runs the daemon for as long as it takes to visit what is due now.
    pub(crate) async fn run_what_is_due(&self) {
        let crawler = self.crawler();
        tokio::spawn(async move { crawler.run(None, None, std::future::ready(())).await }).await.unwrap().unwrap();
    }

    fn crawler(&self) -> Crawler {
        let config =
            Config::load(Some(&self.toml()), self.folder.path(), self.environment.lock().unwrap().clone()).unwrap();
        let ahead = Arc::clone(&self.ahead);
        let clock: Clock = Arc::new(move || chrono::Utc::now() + TimeDelta::seconds(ahead.load(Ordering::Relaxed)));
        let fetcher = Fetcher::new(config.fetch.clone(), Arc::clone(&clock)).unwrap();
        Crawler::new(config.crawl.clone(), fetcher, Arc::new(self.open()), clock).unwrap()
    }

    /// The program itself, told of this bench's crawl.toml.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
        command.arg("--config").arg(self.toml()).args(arguments);
        command.envs(self.environment.lock().unwrap().iter().cloned());
        command
    }

    /// Runs the program to its end, and gives what it prints.
    pub(crate) fn wangqi(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A path in the bench's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whether a daemon can answer on a socket in the archive's folder; says why not where a path is too long for one, or there are none.
    pub(crate) fn can_answer(&self, test: &str) -> bool {
        let probe = self.path("archive/control.sock.probe");
        let bound = std::os::unix::net::UnixListener::bind(&probe);
        let _ = std::fs::remove_file(&probe);
        if let Err(error) = &bound {
            crate::support::say(&format!(
                "{test}: no socket can be made in {}, a daemon is left out: {error}",
                probe.display()
            ));
        }
        bound.is_ok()
    }

    fn toml(&self) -> PathBuf {
        self.folder.path().join("crawl.toml")
    }
}
