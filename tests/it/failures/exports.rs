//! Where an export may not go, and what it may not read.

use super::hostile::{Hostile, page, with_a_picture};
use super::scene::{Ran, Scene};
use crate::support::say;
use std::fs::OpenOptions;
use std::io::Read as _;

/// Saves a page, so that there is something to export.
fn one_page(scene: &Scene) {
    let site = Hostile::plain(|_, line| page(line, "A lamp"));
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/a"]).exit, 0);
}

/// An export of it, that leaves nothing behind in the folder but what is named.
fn exported(scene: &Scene, arguments: &[&str], left: &[&str]) -> Ran {
    one_page(scene);
    let ran = scene.run(&[&["export"], arguments].concat());
    leaves(scene, left);
    ran
}

/// What stands in the folder beside crawl.toml and the archive.
fn leaves(scene: &Scene, left: &[&str]) {
    let names = std::fs::read_dir(scene.folder()).unwrap().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name != "crawl.toml" && name != "archive").collect();
    names.sort();
    assert_eq!(names, left);
}

#[test]
fn export_target_exists() {
    let scene = Scene::new("export_target_exists");
    scene.write("letters.tar", "dear lamp");
    scene.tells(&exported(&scene, &["-o", "letters.tar"], &["letters.tar"]));
    assert_eq!(std::fs::read_to_string(scene.path("letters.tar")).unwrap(), "dear lamp");
}

#[test]
fn export_folder_is_missing() {
    let scene = Scene::new("export_folder_is_missing");
    scene.tells(&exported(&scene, &["-o", "nowhere/lamp.tar"], &[]));
}

#[test]
fn export_into_the_archive() {
    let scene = Scene::new("export_into_the_archive");
    scene.tells(&exported(&scene, &["-o", "archive/lamp.tar"], &[]));
}

#[test]
fn export_may_not_write() {
    let scene = Scene::new("export_may_not_write");
    one_page(&scene);
    let (Some(command), shut) = (scene.unprivileged(&["export", "-o", "shut/lamp.tar"]), scene.path("shut")) else {
        return say("export_may_not_write: skipped, nobody to run as whom permissions bind");
    };
    scene.give_away("archive");
    std::fs::create_dir(&shut).unwrap();
    Scene::shut(&shut, 0o555);
    let ran = Scene::start(command).end();
    Scene::shut(&shut, 0o755);
    scene.tells(&ran);
}

#[test]
fn export_disk_is_full() {
    let scene = Scene::new("export_disk_is_full");
    if OpenOptions::new().write(true).open("/dev/full").is_err() {
        return say("export_disk_is_full: skipped, there is no /dev/full");
    }
    scene.tells(&exported(&scene, &["-o", "/dev/full"], &[]));
}

#[test]
fn export_output_is_full() {
    let scene = Scene::new("export_output_is_full");
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        return say("export_output_is_full: skipped, there is no /dev/full");
    };
    one_page(&scene);
    scene.tells(&Scene::start_with_output(scene.wangqi(["export", "-o", "-"]), full.into()).end());
}

#[test]
fn export_folder_is_somebodys() {
    let scene = Scene::new("export_folder_is_somebodys");
    std::fs::create_dir(scene.path("letters")).unwrap();
    scene.write("letters/dear.txt", "dear lamp");
    scene.tells(&exported(&scene, &["--format", "markdown", "-o", "letters"], &["letters"]));
}

#[test]
fn export_of_nothing() {
    let scene = Scene::new("export_of_nothing");
    scene.tells(&exported(&scene, &["--account", "nobody", "-o", "lamp.tar"], &[]));
}

#[test]
fn export_format_is_unknown() {
    let scene = Scene::new("export_format_is_unknown");
    scene.tells(&exported(&scene, &["--format", "docx"], &[]));
}

#[test]
fn export_without_an_archive() {
    let scene = Scene::new("export_without_an_archive");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["export", "-o", "lamp.tar"]));
    leaves(&scene, &[]);
}

#[test]
fn export_of_a_damaged_archive() {
    let scene = Scene::new("export_of_a_damaged_archive");
    hurt(&scene);
    scene.tells(&scene.run(&["export", "--readable", "-o", "lamp.tar"]));
}

#[test]
fn export_of_a_damaged_segment() {
    let scene = Scene::new("export_of_a_damaged_segment");
    hurt(&scene);
    scene.tells(&scene.run(&["export", "-o", "lamp.tar"]));
    let (tar, segment) = (std::fs::read(scene.path("lamp.tar")).unwrap(), std::fs::read(segment(&scene)).unwrap());
    assert!(tar.windows(segment.len()).any(|found| found == segment), "the segment goes along as it is");
}

fn segment(scene: &Scene) -> std::path::PathBuf {
    scene.path("archive/segments/000001-web.warc.zst")
}

/// Saves a page and damages its record.
fn hurt(scene: &Scene) {
    one_page(scene);
    let path = segment(scene);
    let mut bytes = std::fs::read(&path).unwrap();
    // In the last frame, which holds the article as it was understood.
    let at = bytes.len() - 100;
    bytes[at] ^= 0x10;
    std::fs::write(&path, bytes).unwrap();
}

#[test]
fn ctrl_c_during_an_export() {
    let scene = Scene::new("ctrl_c_during_an_export");
    let site = Hostile::plain(with_a_picture);
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/a"]).exit, 0);
    let (mut read, write) = std::io::pipe().unwrap();
    let open = read.try_clone().unwrap();
    let mut running = Scene::start_with_output(scene.wangqi(["export", "-o", "-"]), write.into());
    // It has begun; the rest does not fit into the pipe.
    running.until_done("its first byte", move || drop(read.read(&mut [0])));
    running.signal("INT");
    scene.tells(&running.end());
    drop(open);
    leaves(&scene, &[]);
}
