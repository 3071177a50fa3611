//! The container without an engine: namespaces of our own, a read-only root, users that nobody has heard of.
//!
//! Needs root, and mounts; where those are not to be had each test says so and is skipped. tests/slow/container.py is the long form.

use crate::crawl::demo_site;
use crate::support::process::{self, Ended};
use crate::support::short_folder;
use crate::support::{Bench, child, say};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use wangqi::cli::demo::site;

/// The marks of our image, as the Dockerfile sets them.
const IMAGE: [&str; 2] = ["WANGQI_IMAGE=1", "WANGQI_ARCHIVE__PATH=/archive"];

/// What compose.yaml leaves to root.
const THREE: &str = "-all,+chown,+setuid,+setgid";

/// The volumes of a container, and a place for its root.
struct Volumes {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Volumes {
    /// A folder that is everybody's for `/archive`, and this one for `/config`.
    fn new(config: PathBuf) -> Self {
        let folder = short_folder();
        for name in ["root", "archive"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let volumes = Self { folder, config };
        for open in [volumes.archive(), volumes.config.clone()] {
            fs::set_permissions(open, Permissions::from_mode(0o777)).unwrap();
        }
        volumes
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    /// The program in a container of these volumes; `user` is a number, or root with these capabilities.
    fn command(&self, user: &str, capabilities: &str, variables: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .arg(include_str!("container.sh"))
            .arg("container.sh");
        command.arg(self.folder.path().join("root")).arg(env!("CARGO_BIN_EXE_wangqi"));
        command.args([&self.config, &self.archive()]).args([user, capabilities]).args(variables);
        command.arg("--").args(arguments);
        command
    }

    fn run(&self, user: &str, capabilities: &str, variables: &[&str], arguments: &[&str]) -> Ended {
        process::run(&mut self.command(user, capabilities, variables, arguments))
    }
}

/// Whether this machine lets us; says why not.
fn is_possible(volumes: &Volumes) -> bool {
    if !nix::unistd::geteuid().is_root() {
        say("skipped: a container of our own needs root");
        return false;
    }
    if !child::is_there("unshare") || !child::is_there("setpriv") || !child::is_there("chroot") {
        say("skipped: unshare, setpriv or chroot is not here");
        return false;
    }
    for (user, capabilities) in [("54321", ""), ("root", THREE)] {
        let tried = volumes.run(user, capabilities, &[], &["--version"]);
        if tried.code != Some(0) {
            say(&format!("skipped: this machine makes no container for {user}: {tried:?}"));
            return false;
        }
    }
    true
}

fn owner(path: &Path) -> (u32, u32) {
    let found = fs::symlink_metadata(path).unwrap();
    (found.uid(), found.gid())
}

/// Starts the daemon, waits for an article, asks for its health, stops it, and verifies what it leaves.
fn a_whole_life(volumes: &Volumes, user: &str, capabilities: &str, variables: &[&str]) -> String {
    let mut daemon = process::start(&mut volumes.command(user, capabilities, variables, &["run"]));
    daemon.says("new: ");
    let health = volumes.run(user, capabilities, variables, &["healthcheck"]);
    assert_eq!(health.code, Some(0), "{health:?}");
    assert!(health.out.starts_with("healthy: `wangqi run` holds /archive"), "{health:?}");
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let verified = volumes.run(user, capabilities, variables, &["verify"]);
    assert!(verified.out.starts_with("clean"), "{verified:?}");
    ended.err
}

#[tokio::test(flavor = "multi_thread")]
async fn a_random_user_with_a_read_only_root_needs_nothing_else() {
    let (_, handler) = demo_site();
    let feed = format!("[[feed]]\nurl = \"{}\"\n", site::feeds()[0].url);
    let bench = Bench::start(site::HOSTS, handler, &feed).await;
    let volumes = Volumes::new(bench.path(""));
    if !is_possible(&volumes) {
        return;
    }
    a_whole_life(&volumes, "54321", "", &IMAGE);
    assert_eq!(owner(&volumes.archive().join("VERSION")), (54321, 54321));
}

#[tokio::test(flavor = "multi_thread")]
async fn root_becomes_who_is_asked_for_and_gives_them_what_is_ours() {
    let (_, handler) = demo_site();
    let feed = format!("[[feed]]\nurl = \"{}\"\n", site::feeds()[0].url);
    let bench = Bench::start(site::HOSTS, handler, &feed).await;
    let volumes = Volumes::new(bench.path(""));
    if !is_possible(&volumes) {
        return;
    }
    let (archive, elsewhere) = (volumes.archive(), volumes.folder.path().join("elsewhere"));
    fs::write(&elsewhere, "").unwrap();
    fs::set_permissions(&archive, Permissions::from_mode(0o755)).unwrap();
    let asked = [IMAGE[0], IMAGE[1], "PUID=1026", "PGID=100", "UMASK=027"];
    a_whole_life(&volumes, "root", THREE, &asked);
    assert_eq!(owner(&archive), (1026, 100));
    let version = archive.join("VERSION");
    assert_eq!((owner(&version), fs::metadata(&version).unwrap().mode() & 0o777), ((1026, 100), 0o640));

    // Another user takes it over; what is not the archive's, links, and files with a second name stay who they were.
    std::os::unix::fs::symlink(&elsewhere, archive.join("lost+found")).unwrap();
    fs::write(archive.join("photos"), "").unwrap();
    fs::hard_link(&elsewhere, archive.join("segments/second-name")).unwrap();
    chown(archive.join("photos"), Some(7), Some(7)).unwrap();
    let other = [IMAGE[0], IMAGE[1], "PUID=1027"];
    let stats = volumes.run("root", THREE, &other, &["stats"]);
    assert_eq!(stats.code, Some(0), "{stats:?}");
    for ours in ["", "VERSION", "lock", "segments", "index", "index/db"] {
        assert_eq!(owner(&archive.join(ours)), (1027, 1000), "{ours}");
    }
    assert_eq!((owner(&archive.join("photos")), owner(&elsewhere)), ((7, 7), (0, 0)));
    assert_eq!(owner(&archive.join("lost+found")), (0, 0));
}

#[test]
fn without_the_right_to_it_nobody_becomes_anyone_and_it_is_said() {
    let config = short_folder();
    fs::write(config.path().join("crawl.toml"), "[crawl]\n").unwrap();
    let volumes = Volumes::new(config.path().to_owned());
    if !is_possible(&volumes) {
        return;
    }
    let refused = volumes.run("root", "-all", &[IMAGE[0], "PUID=1026"], &["config", "check"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("could not become user 1026:1000") && refused.err.contains("--user 1026:1000"),
        "{refused:?}"
    );
    let goes_on = volumes.run("root", "-all", &IMAGE, &["config", "check"]);
    assert_eq!(goes_on.code, Some(0), "{goes_on:?}");
    assert!(goes_on.err.contains("going on as root"), "{goes_on:?}");
    let wrong = volumes.run("root", THREE, &[IMAGE[0], "PUID=me"], &["config", "check"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("PUID has to be a number"), "{wrong:?}");
    let other = volumes.run("54321", "", &[IMAGE[0], "PUID=1026"], &["config", "check"]);
    assert!(other.code == Some(0) && other.err.contains("PUID=1026 is not followed"), "{other:?}");

    // Somebody else's folder: the way out is said at once.
    chown(volumes.archive(), Some(1001), Some(1001)).unwrap();
    fs::set_permissions(volumes.archive(), Permissions::from_mode(0o755)).unwrap();
    let closed = volumes.run("root", THREE, &IMAGE, &["config", "check"]);
    assert!(closed.err.contains("/archive belongs to 1001:1001") && closed.err.contains("PUID=1001"), "{closed:?}");
    assert_eq!(owner(&volumes.archive()), (1001, 1001), "nobody asked for it by name");

    // Outside our image the variables are nothing to us.
    let outside = volumes.run("root", THREE, &["PUID=1026"], &["config", "check"]);
    assert_eq!((outside.code, owner(&volumes.archive())), (Some(0), (1001, 1001)), "{outside:?}");
}
