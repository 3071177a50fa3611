//! Tarballs that are not what an export wrote, and places that are not for one.

use super::disk::on_a_small_disk;
use super::hostile::{Hostile, Line, page, with_a_picture};
use super::scene::{Ran, Scene};
use crate::support::say;
use std::io::Write as _;
use std::process::Stdio;

/// The tarball of an archive with one page, which is then moved out of the way.
fn tarball(scene: &Scene, options: &[&str]) -> Vec<u8> {
    tarball_of(scene, options, |_, line| page(line, "A lamp"))
}

fn tarball_of(scene: &Scene, options: &[&str], act: fn(&str, &mut dyn Line)) -> Vec<u8> {
    let site = Hostile::plain(act);
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/a"]).exit, 0);
    let ran = scene.run(&[&["export", "-o", "lamp.tar"], options].concat());
    assert_eq!(ran.exit, 0, "{ran:?}");
    std::fs::rename(scene.path("archive"), scene.path("before")).unwrap();
    std::fs::read(scene.path("lamp.tar")).unwrap()
}

/// Imports these bytes, of which nothing may be left.
fn imported(scene: &Scene, bytes: &[u8]) -> Ran {
    scene.write("lamp.tar", bytes);
    let ran = scene.run(&["import", "lamp.tar"]);
    assert!(!scene.path("archive").exists(), "something was left: {ran:?}");
    ran
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

/// Where the first frame of a segment begins: at its magic number (RFC 8878 §3.1.1).
fn first_frame(bytes: &[u8]) -> usize {
    find(bytes, &[0x28, 0xb5, 0x2f, 0xfd])
}

#[test]
fn tarball_is_missing() {
    let scene = Scene::new("tarball_is_missing");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["import", "lamp.tar"]));
}

#[test]
fn tarball_is_something_else() {
    let scene = Scene::new("tarball_is_something_else");
    scene.write("crawl.toml", "");
    scene.tells(&imported(&scene, "dear lamp, ".repeat(1000).as_bytes()));
}

#[test]
fn tarball_is_cut() {
    let scene = Scene::new("tarball_is_cut");
    let bytes = tarball(&scene, &[]);
    scene.tells(&imported(&scene, &bytes[..first_frame(&bytes) + 100]));
}

#[test]
fn tarball_was_changed() {
    let scene = Scene::new("tarball_was_changed");
    let mut bytes = tarball(&scene, &[]);
    let at = first_frame(&bytes) + 100;
    bytes[at] ^= 0x10;
    scene.tells(&imported(&scene, &bytes));
}

#[test]
fn tarball_is_for_reading() {
    let scene = Scene::new("tarball_is_for_reading");
    let bytes = tarball(&scene, &["--readable"]);
    scene.tells(&imported(&scene, &bytes));
}

#[test]
fn tarball_is_of_a_selection() {
    let scene = Scene::new("tarball_is_of_a_selection");
    let bytes = tarball(&scene, &["--feed", "save"]);
    scene.tells(&imported(&scene, &bytes));
}

#[test]
fn tarball_is_newer() {
    let scene = Scene::new("tarball_is_newer");
    let mut bytes = tarball(&scene, &[]);
    let head = find(&bytes, b"{\"wangqi\":");
    let at = head + find(&bytes[head..], b"\"version\":") + b"\"version\":".len();
    bytes[at] = b'9';
    scene.tells(&imported(&scene, &bytes));
}

#[test]
fn import_over_visits() {
    let scene = Scene::new("import_over_visits");
    tarball(&scene, &[]);
    std::fs::rename(scene.path("before"), scene.path("archive")).unwrap();
    scene.tells(&scene.run(&["import", "lamp.tar"]));
}

#[test]
fn import_into_something_else() {
    let scene = Scene::new("import_into_something_else");
    tarball(&scene, &[]);
    std::fs::create_dir(scene.path("archive")).unwrap();
    scene.write("archive/letters.txt", "dear lamp");
    scene.tells(&scene.run(&["import", "lamp.tar"]));
    assert_eq!(std::fs::read_dir(scene.path("archive")).unwrap().count(), 1);
}

#[test]
fn import_disk_is_full() {
    let scene = Scene::new("import_disk_is_full");
    tarball(&scene, &[]);
    let script = "dd if=/dev/zero of=archive/lost+found bs=4k 2>/dev/null; \"$0\" import lamp.tar; code=$?; ls -A archive >&2; exit $code";
    let Some(ran) = on_a_small_disk(&scene, script) else {
        return say("import_disk_is_full: skipped, no small disk can be mounted here");
    };
    scene.tells(&ran);
}

#[test]
fn ctrl_c_during_an_import() {
    let scene = Scene::new("ctrl_c_during_an_import");
    let bytes = tarball_of(&scene, &[], with_a_picture);
    let (read, mut write) = std::io::pipe().unwrap();
    let mut command = scene.wangqi(["import", "-"]);
    command.stdin(Stdio::from(read));
    let mut running = Scene::start(command);
    // Twice what a pipe holds is read by now; the rest never comes.
    let open = write.try_clone().unwrap();
    running.until_done("reading", move || drop(write.write_all(&bytes[..200_000])));
    running.signal("INT");
    scene.tells(&running.end());
    drop(open);
    assert!(!scene.path("archive").exists(), "something was left");
}
