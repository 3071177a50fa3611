//! SIGTERM and Ctrl-C, at every moment: the exit code that was promised, soon, and what was acknowledged is kept.

use super::Door;
use crate::support::process::{self, Running};
use crate::support::{Watched, child, say};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::Mode;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn whoever_waits_for_a_server_ends_when_asked_to() {
    let door = Door::new();
    for (arguments, signal, code) in [
        (&["run"][..], "TERM", 0),
        (&["run"][..], "INT", 0),
        (&["crawl"][..], "INT", 130),
        (&["crawl", "--json"][..], "TERM", 143),
    ] {
        let (mut running, request) = door.start_waiting(arguments);
        // `timeout` and some shells send it to the process and to its group at once: that is one request, not an impatient second.
        let id = running.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id, &id]).status().unwrap().success());
        running.says("wangqi: stopping");
        // The server hangs through the first of these ends; so that the others are not as slow, it hangs up.
        let _hangs = (code == 0 && signal == "TERM").then_some(request);
        let ended = running.end();
        assert_eq!(ended.code, Some(code), "{arguments:?} {signal}: {ended:?}");
        assert!(ended.err.contains("wangqi: stopping, within a few seconds"), "{ended:?}");
        assert!(!ended.err.contains("at once;"), "{ended:?}");
        match arguments {
            ["run"] => assert!(ended.err.contains("wangqi: stopped; 0 new"), "{ended:?}"),
            ["crawl"] => assert!(ended.err.contains("interrupted, everything reported is kept"), "{ended:?}"),
            _ => assert!(ended.out.contains("\"interrupted\":true"), "{ended:?}"),
        }
    }
    assert!(door.run(&["verify"]).out.starts_with("clean"));
}

#[test]
fn a_second_signal_a_second_later_ends_at_once() {
    let door = Door::new();
    let (running, _request) = door.start_waiting(&["crawl"]);
    let ended = signal_until_it_ends(running, "INT");
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(ended.err.contains("wangqi: stopped at once; everything acknowledged is kept"), "{ended:?}");
}

/// Sends the signal again and again, as an impatient person does.
fn signal_until_it_ends(mut running: Running, name: &str) -> process::Ended {
    let id = running.id().to_string();
    running.signal(name);
    running.says("wangqi: stopping");
    for _ in 0..600 {
        let sent = Command::new("kill").args(["-s", name, &id]).stderr(Stdio::null()).status();
        if running.err().contains("at once;") || !sent.unwrap().success() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    running.end()
}

#[test]
fn opening_an_archive_can_be_stopped() {
    let door = Door::new();
    std::fs::create_dir_all(door.path("archive/segments")).unwrap();
    // Reading this never ends.
    nix::unistd::mkfifo(&door.path("archive/segments/000001-web.warc.zst"), Mode::S_IRWXU).unwrap();
    for (arguments, signal, code) in [(["run"], "TERM", 0), (["verify"], "TERM", 143), (["reindex"], "INT", 130)] {
        let mut running = process::start(&mut door.command(&arguments));
        if arguments == ["run"] {
            running.until("the archive is being opened", |_| door.path("archive/lock").exists());
        }
        // The others may not be that far yet, and end all the same: by the system's hand until ours is ready.
        running.until("it listens", |running| listens_for(running.id(), signal));
        running.signal(signal);
        let ended = running.end();
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains("wangqi: stopped; everything acknowledged is kept"), "{ended:?}");
    }
}

/// Whether a process handles a signal; where the system does not say, it is believed.
fn listens_for(process: u32, signal: &str) -> bool {
    let bit = if signal == "INT" { 1u64 << 1 } else { 1 << 14 };
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else { return true };
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).map(str::trim);
    caught.is_none_or(|mask| u64::from_str_radix(mask, 16).is_ok_and(|mask| mask & bit != 0))
}

#[test]
fn nobody_reads_what_is_printed_and_it_ends_all_the_same() {
    let door = Door::new();
    let hung = format!("http://{}/feed.xml", door.server.local_addr().unwrap());
    // Another site, whose feed is not there: that is reported at once, and cannot be printed.
    let Ok(other) = TcpListener::bind("127.0.0.2:0") else { return say("skipped: there is one loopback address only") };
    other.set_nonblocking(true).unwrap();
    door.write_feeds(&[&format!("http://{}/feed.xml", other.local_addr().unwrap()), &hung]);
    let (_reader, writer) = full_pipe();
    let mut running = process::start_with_output(&mut door.command(&["crawl", "--jsonl"]), writer.into());
    let _request = door.request_of(&mut running);
    running.until("the other feed is asked for", |_| {
        let Ok((mut stream, _)) = other.accept() else { return false };
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let asked = stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0);
        asked && stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").is_ok()
    });
    running.signal("TERM");
    let ended = running.end();
    assert_eq!(ended.code, Some(143), "{ended:?}");
    assert!(ended.err.contains("wangqi: stopping"), "{ended:?}");
}

#[test]
fn nobody_reads_what_it_says_and_it_ends_all_the_same() {
    let door = Door::new();
    let (_reader, writer) = full_pipe();
    let mut daemon = Watched::spawn(door.command(&["run"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer));
    let id = daemon.id();
    child::until("it listens", || listens_for(id, "TERM"));
    assert!(Command::new("kill").arg(id.to_string()).status().unwrap().success());
    assert_eq!(daemon.wait().code(), Some(0));
}

/// A pipe that takes nothing more.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    fcntl(&writer, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
    while writer.write(&[b'\n'; 512]).is_ok() {}
    while writer.write(b"\n").is_ok() {}
    fcntl(&writer, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
    (reader, writer)
}
