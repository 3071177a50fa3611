//! Where an export goes: what stands there is safe, what breaks off leaves nothing, and several at once do not meet.

use crate::export::{exported, good, held};
use crate::support::Bench;
use crate::support::child::{Running, finish, run, until};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn refused(bench: &Bench, target: &Path, code: i32, says: &str) {
    let output = exported(bench, &["-o", target.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(says) && said.trim_end().lines().count() == 1, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_there_is_safe() {
    let bench = held().await;
    let folder = bench.path("out");
    std::fs::create_dir(&folder).unwrap();
    let standing = folder.join("a.tar");
    std::fs::write(&standing, "mine").unwrap();
    refused(&bench, &standing, 1, "a.tar exists already; name another with -o, or give --force to replace it");
    assert_eq!(std::fs::read(&standing).unwrap(), b"mine");
    let link = folder.join("link.tar");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    refused(&bench, &link, 1, "exists already");
    refused(&bench, &folder.join("no/such/a.tar"), 1, "there is no folder");
    refused(&bench, &bench.path("archive/a.tar"), 2, "is in the archive's own folder");
    refused(&bench, &bench.path("archive/segments/a.tar"), 2, "is in the archive's own folder");
    std::os::unix::fs::symlink(bench.path("archive/segments"), folder.join("inside")).unwrap();
    refused(&bench, &folder.join("inside/a.tar"), 2, "is in the archive's own folder");
    let markdown = exported(&bench, &["--format", "markdown", "-o", bench.path("archive/notes").to_str().unwrap()]);
    assert_eq!(markdown.status.code(), Some(2), "{markdown:?}");
    assert!(!bench.path("archive/notes").exists());
    assert_eq!(names(&folder), ["a.tar", "inside", "link.tar"], "and nothing of ours is left beside");
    good(&bench, &["-o", standing.to_str().unwrap(), "--force"]);
    assert!(std::fs::read(&standing).unwrap() == good(&bench, &["-o", "-"]));
    // A folder gets a file with the day's name.
    let made = bench.path("made");
    std::fs::create_dir(&made).unwrap();
    good(&bench, &["-o", made.to_str().unwrap(), "--zstd"]);
    let [name] = &names(&made)[..] else { panic!("{:?}", names(&made)) };
    assert!(name.starts_with("wangqi-20") && name.ends_with(".tar.zst"), "{name}");
    assert!(bench.wangqi(&["verify"]).starts_with("clean"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_written_is_said() {
    let bench = held().await;
    let closed = bench.path("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(closed.join("probe"), "").is_err() {
        refused(&bench, &closed.join("a.tar"), 1, "could not create a file beside");
    } else {
        // As root nothing is closed.
        crate::support::say(
            "a_place_that_cannot_be_written_is_said: may write everywhere, a closed folder is left out",
        );
    }
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    if Path::new("/dev/full").exists() {
        let full = exported(&bench, &["-o", "/dev/full"]);
        let said = String::from_utf8_lossy(&full.stderr);
        assert_eq!(full.status.code(), Some(1), "{said}");
        assert!(said.starts_with("wangqi: /dev/full: could not write the export: No space left on device"), "{said}");
        assert!(Path::new("/dev/full").exists());
    } else {
        crate::support::say("a_place_that_cannot_be_written_is_said: there is no /dev/full, it is left out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_written_straight() {
    let bench = held().await;
    let expected = good(&bench, &["-o", "-"]);
    let fifo = bench.path("fifo");
    if !run(Command::new("mkfifo").arg(&fifo)).status.success() {
        return crate::support::say("a_pipe_is_written_straight: no FIFO can be made here, it is left out");
    }
    let mut cat = Command::new("cat");
    let cat = cat.arg(&fifo).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let reading = std::thread::spawn(move || finish(cat, "cat"));
    good(&bench, &["-o", fifo.to_str().unwrap()]);
    assert!(reading.join().unwrap().stdout == expected);
    assert!(fifo.exists());
    assert!(good(&bench, &["-o", "/dev/stdout"]) == expected);
    // A reader that goes away ends it, and that is no failure of ours.
    let mut writer = bench.command(&["export", "-o", "-"]);
    let mut writing = writer.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(writing.stdout.take());
    let ended = finish(writing, "export | nobody");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_interrupted_takes_only_its_own_file_away() {
    let bench = held().await;
    let folder = bench.path("out");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(".wangqi-1-1.partial"), "of another").unwrap();
    let fifo = folder.join("fifo");
    if !run(Command::new("mkfifo").arg(&fifo)).status.success() {
        return crate::support::say("one_that_is_interrupted: no FIFO can be made here, it is left out");
    }
    // Blocked: nobody reads what it writes. It is ended all the same.
    let holding = std::fs::File::options().read(true).write(true).open(&fifo).unwrap();
    let mut blocked = Running::start(&mut bench.command(&["export", "-o", fifo.to_str().unwrap()]));
    until("the pipe to be opened", || is_open(blocked.0.id(), &fifo));
    for signal in ["INT", "TERM", "HUP"] {
        blocked.signal(signal);
    }
    assert_eq!(blocked.code(), Some(130));
    drop(holding);
    assert_eq!(names(&folder), [".wangqi-1-1.partial", "fifo"]);
    // At any moment: the file is there whole, or not at all.
    let expected = good(&bench, &["-o", "-"]);
    let target = folder.join("a.tar");
    for moment in 0..12 {
        let mut writing = Running::start(&mut bench.command(&["export", "-o", target.to_str().unwrap()]));
        let mut looks = 0;
        until("a moment to interrupt", || {
            looks += 1;
            looks > moment || writing.0.try_wait().unwrap().is_some()
        });
        writing.signal("INT");
        let code = writing.code();
        let ours: Vec<String> = names(&folder).into_iter().filter(|name| name.ends_with(".partial")).collect();
        assert_eq!(ours, [".wangqi-1-1.partial"], "after {code:?}");
        if target.exists() {
            assert!(std::fs::read(&target).unwrap() == expected);
            std::fs::remove_file(&target).unwrap();
        }
    }
}

/// Whether a process has a file open.
fn is_open(process: u32, path: &Path) -> bool {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    open.map(|entry| std::fs::read_link(entry.path())).any(|link| link.is_ok_and(|link| link == path))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_do_not_meet() {
    let bench = held().await;
    let expected = good(&bench, &["-o", "-"]);
    let mut daemon = Running::start(&mut bench.command(&["run"]));
    until("the control socket", || bench.path("archive/control.sock").exists());
    let start = |name: &str| {
        let mut command = bench.command(&["export", "-o", bench.path(name).to_str().unwrap()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<_> = ["a.tar", "b.tar", "b.tar"].map(start).into_iter().collect();
    let ended: Vec<_> = running.into_iter().map(|child| finish(child, "export")).collect();
    assert_eq!(ended[0].status.code(), Some(0), "{:?}", ended[0]);
    let mut both = [ended[1].status.code(), ended[2].status.code()];
    both.sort_unstable();
    assert_eq!(both, [Some(0), Some(1)], "one of two with the same target: {ended:?}");
    daemon.signal("TERM");
    assert_eq!(daemon.code(), Some(0));
    for name in ["a.tar", "b.tar"] {
        let found = crate::export::files(&std::fs::read(bench.path(name)).unwrap());
        assert_eq!(found.len(), crate::export::files(&expected).len());
    }
    assert!(!names(&bench.path("")).iter().any(|name| name.ends_with(".partial")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_ends_breaks_an_export_off_and_says_so() {
    let bench = held().await;
    let fifo = bench.path("fifo");
    if !run(Command::new("mkfifo").arg(&fifo)).status.success() {
        return crate::support::say("a_daemon_that_ends: no FIFO can be made here, it is left out");
    }
    let mut daemon = Running::start(&mut bench.command(&["run"]));
    until("the control socket", || bench.path("archive/control.sock").exists());
    let holding = std::fs::File::options().read(true).write(true).open(&fifo).unwrap();
    let mut command = bench.command(&["export", "-o", fifo.to_str().unwrap()]);
    let writing = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the pipe to be opened", || is_open(writing.id(), &fifo));
    // The export waits for its reader, and the daemon for the export: its end does not wait for either.
    daemon.signal("TERM");
    assert_eq!(daemon.code(), Some(0));
    // What it has written already may be read, so that it gets as far as seeing that nobody answers any more.
    let draining = Running::start(Command::new("cat").arg(&fifo));
    let ended = finish(writing, "export");
    drop((holding, draining));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(5), "{said}");
    assert!(said.contains(" broke off "), "{said}");
}
