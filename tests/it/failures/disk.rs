//! What the file system refuses.

use super::hostile::{Hostile, article, feed, html, noise, page, reply};
use super::scene::{Ran, Scene};
use crate::support::say;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A site with a small page, a page with a large picture, and a feed that names the small one.
fn site() -> Hostile {
    Hostile::plain(|path, line| match path {
        "/feed" => feed(line, &["http://site.example/page"]),
        "/large" => html(line, article("A large lamp").replace("</h1>", "</h1><img src=\"/lamp.png\">")),
        "/lamp.png" => reply(line, "200 OK", "content-type: image/png\r\n", noise(3 << 20)),
        _ => page(line, "A lamp"),
    })
}

#[test]
fn folder_may_not_be_written() {
    let scene = Scene::new("folder_may_not_be_written");
    scene.reach(&site(), "");
    let Some(command) = scene.unprivileged(&["save", "http://site.example/page"]) else {
        return say("folder_may_not_be_written: skipped, nobody to run as whom permissions bind");
    };
    Scene::shut(scene.folder(), 0o555);
    let ran = Scene::start(command).end();
    Scene::shut(scene.folder(), 0o755);
    scene.tells(&ran);
}

#[test]
fn archive_may_not_be_written() {
    let scene = Scene::new("archive_may_not_be_written");
    scene.reach(&site(), "");
    let (Some(first), Some(second)) =
        (scene.unprivileged(&["save", "http://site.example/page"]), scene.unprivileged(&["list"]))
    else {
        return say("archive_may_not_be_written: skipped, nobody to run as whom permissions bind");
    };
    assert_eq!(Scene::start(first).end().exit, 0);
    let shut = |mode: u32| {
        let all =
            ["archive", "archive/lock", "archive/segments", "archive/segments/000001-web.warc.zst", "archive/index"];
        all.iter().rev().for_each(|name| Scene::shut(&scene.path(name), mode));
    };
    shut(0o555);
    let ran = Scene::start(second).end();
    shut(0o755);
    scene.tells(&ran);
}

/// wangqi under a limit that the shell sets.
fn limited(scene: &Scene, limits: &str, arguments: &[&str]) -> Command {
    let mut command = scene.program("sh");
    command.args(["-c", &format!("{limits}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_wangqi")]).args(arguments);
    command
}

#[test]
fn file_may_not_grow() {
    let scene = Scene::new("file_may_not_grow");
    scene.reach(&site(), "");
    assert_eq!(scene.run(&["save", "http://site.example/page"]).exit, 0);
    // In units of 512 bytes; a write past it fails where the signal is ignored. The page has megabytes, the index half of one.
    let command = limited(&scene, "trap '' XFSZ; ulimit -f 3000", &["save", "http://site.example/large"]);
    scene.tells(&Scene::start(command).end());
}

/// Runs a script with a small disk mounted on `archive`; its last line is the exit code that counts.
pub(super) fn on_a_small_disk(scene: &Scene, script: &str) -> Option<Ran> {
    std::fs::create_dir(scene.path("archive")).unwrap();
    // A mount that nobody else sees, and that is gone with the script: as root, or as root of one's own user namespace.
    let mounts = "mount -t tmpfs -o size=1500k,mode=755 none archive || exit 99";
    for unshare in [&["-m"][..], &["-r", "-m"]] {
        let mut command = scene.program("unshare");
        command.args(unshare).args(["sh", "-c", &format!("{mounts}; {script}"), env!("CARGO_BIN_EXE_wangqi")]);
        let ran = Scene::start(command).end();
        if ran.exit != 99 && !ran.err.contains("unshare") {
            return Some(ran);
        }
    }
    None
}

#[test]
fn disk_is_full() {
    let scene = Scene::new("disk_is_full");
    scene.reach(&site(), "");
    // What was held before the disk was full is held afterwards: `verify` says so once there is room.
    let script = "\"$0\" save http://site.example/page >&2 || exit 98; \"$0\" save http://site.example/large; code=$?; \
        mount -o remount,size=64m archive; \"$0\" verify >&2; \"$0\" list | cut -f3 >&2; exit $code";
    let Some(ran) = on_a_small_disk(&scene, script) else {
        return say("disk_is_full: skipped, no small disk can be mounted here");
    };
    scene.tells(&ran);
}

#[test]
fn disk_is_full_at_the_start() {
    let scene = Scene::new("disk_is_full_at_the_start");
    scene.reach(&site(), "");
    let script = "\"$0\" save http://site.example/page >&2 || exit 98; dd if=/dev/zero of=archive/lost bs=4k 2>/dev/null; \
        \"$0\" list; code=$?; rm archive/lost; \"$0\" verify >&2; exit $code";
    let Some(ran) = on_a_small_disk(&scene, script) else {
        return say("disk_is_full_at_the_start: skipped, no small disk can be mounted here");
    };
    scene.tells(&ran);
}

#[test]
fn descriptors_run_out() {
    let scene = Scene::new("descriptors_run_out");
    scene.reach(&site(), "");
    assert_eq!(scene.run(&["save", "http://site.example/page"]).exit, 0);
    // The largest limit that is too small to begin with: up to there the archive has been opened already.
    let runs = (10..40).map(|limit| {
        let ran =
            Scene::start(limited(&scene, &format!("ulimit -n {limit}"), &["save", "http://site.example/page"])).end();
        assert!(!scene.path("archive/lost+found").exists(), "the index was set aside: {ran:?}");
        ran
    });
    let told = runs.take_while(|ran| ran.exit != 0).filter(|ran| ran.err.contains("could not start")).last();
    scene.tells(&told.expect("one of the limits is too small for the runtime"));
}

#[test]
fn descriptors_run_out_at_the_start() {
    let scene = Scene::new("descriptors_run_out_at_the_start");
    scene.reach(&site(), "");
    assert_eq!(scene.run(&["save", "http://site.example/page"]).exit, 0);
    // Whichever opening is the first that fails, the index is not to blame.
    let mut told = None;
    for limit in 5..40 {
        let ran = Scene::start(limited(&scene, &format!("ulimit -n {limit}"), &["list"])).end();
        assert!(!scene.path("archive/lost+found").exists(), "the index was set aside: {ran:?}");
        if ran.exit == 0 {
            break;
        }
        assert!(ran.err.contains("os error 24"), "{ran:?}");
        told = told.or(Some(ran).filter(|ran| ran.err.contains("could not open the index in")));
    }
    scene.tells(&told.expect("one of the limits meets the index"));
}

#[test]
fn disk_is_full_under_the_daemon() {
    let scene = Scene::new("disk_is_full_under_the_daemon");
    scene.reach(&site(), "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/large\"\nschedule = \"@yearly\"\n");
    // Every wait of the script ends after some seconds, and what it waited for is then missing below.
    let script = "until_so() { n=0; until \"$@\" || [ $n = 200 ]; do n=$((n+1)); sleep 0.3; done; }; : >said; \
        said() { grep -q \"$1\" said; }; holds() { \"$1\" stats 2>/dev/null | grep -q '^payloads *2$'; }; \
        \"$0\" run 2>said & daemon=$!; until_so said 'as soon as there is room'; \
        mount -o remount,size=64m archive; until_so holds \"$0\"; kill $daemon; wait $daemon; code=$?; \
        cat said >&2; \"$0\" verify >&2; exit $code";
    let Some(mut ran) = on_a_small_disk(&scene, script) else {
        return say("disk_is_full_under_the_daemon: skipped, no small disk can be mounted here");
    };
    ran.err = each_line_once(&ran.err);
    scene.tells(&ran);
}

/// It begins again after each wait, and says so: how often is chance.
fn each_line_once(text: &str) -> String {
    let mut seen = std::collections::BTreeSet::new();
    text.lines().filter(|line| seen.insert(*line)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn disk_is_full_and_crawl_toml_is_spoilt() {
    let scene = Scene::new("disk_is_full_and_crawl_toml_is_spoilt");
    scene.reach(&site(), "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/large\"\nschedule = \"@yearly\"\n");
    // Every wait of the script ends after some seconds, and what it waited for is then missing below. The disk is full from the start,
    // so that nothing else looks at crawl.toml. What it fetches and when it stops differ.
    let script = "\"$0\" save http://site.example/page >&2 || exit 98; cp crawl.toml good; : >said; \
        until_so() { n=0; until \"$@\" || [ $n = 50 ]; do n=$((n+1)); sleep 0.3; done; }; \
        said() { grep -q \"$1\" said; }; again() { [ \"$(grep -c 'as soon as there is room' said)\" -ge 2 ]; }; \
        export NOTIFY_SOCKET=\"$PWD/heard\" WATCHDOG_USEC=100000; dd if=/dev/zero of=archive/lost bs=4k 2>/dev/null; \
        \"$0\" run 2>said & daemon=$!; until_so said 'as soon as there is room'; echo '[[feed' >crawl.toml; until_so again; \
        \"$0\" --config good healthcheck 2>health; rm archive/lost; mount -o remount,size=64m archive; \
        until_so said 'new: A large lamp'; until_so said 'cannot be used; what was in force'; \
        kill $daemon; wait $daemon; code=$?; \
        grep -e room -e watching -e force said >&2; cat health >&2; exit $code";
    let heard = UnixDatagram::bind(scene.path("heard")).ok().map(Heard::on);
    let ran = on_a_small_disk(&scene, script);
    let heard = heard.map(Heard::end);
    std::fs::remove_file(scene.path("heard")).ok();
    let Some(mut ran) = ran else {
        return say("disk_is_full_and_crawl_toml_is_spoilt: skipped, no small disk can be mounted here");
    };
    if let Some(heard) = heard {
        let ready =
            heard.iter().position(|message| message.starts_with("READY=1")).expect("it is ready once there is room");
        let waiting = &heard[..ready];
        assert!(
            waiting.iter().any(|message| message.ends_with("STATUS=the disk is full: waiting for room")),
            "{heard:?}"
        );
        assert!(
            waiting.iter().filter(|message| *message == "WATCHDOG=1").count() >= 5,
            "fed while it waits: {heard:?}"
        );
    }
    ran.err = each_line_once(&ran.err);
    scene.tells(&ran);
}

/// What a supervisor is told, taken as it comes: a socket that is full loses the rest.
struct Heard {
    ending: Arc<AtomicBool>,
    thread: JoinHandle<Vec<String>>,
}

impl Heard {
    fn on(socket: UnixDatagram) -> Self {
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let ending = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&ending);
        let thread = std::thread::spawn(move || {
            let (mut messages, mut buffer) = (Vec::new(), [0; 4096]);
            while !told.load(Ordering::Relaxed) {
                if let Ok(count) = socket.recv(&mut buffer) {
                    messages.push(String::from_utf8_lossy(&buffer[..count]).into_owned());
                }
            }
            messages
        });
        Self { ending, thread }
    }

    fn end(self) -> Vec<String> {
        self.ending.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
