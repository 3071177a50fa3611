//! The folder that should be an archive.

use super::hostile::{Hostile, page};
use super::scene::{Ran, Running, Scene};
use std::path::{Path, PathBuf};

/// Saves two pages, so that there is something to lose.
fn two_pages(scene: &Scene) {
    let site = Hostile::plain(|path, line| page(line, if path == "/a" { "A lamp" } else { "Another lamp" }));
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/a"]).exit, 0);
    assert_eq!(scene.run(&["save", "http://site.example/b"]).exit, 0);
}

/// The one segment that these pages went to.
fn segment(scene: &Scene) -> PathBuf {
    scene.path("archive/segments/000001-web.warc.zst")
}

/// `verify`, with what it prints to standard output behind what it says.
fn verified(scene: &Scene) -> Ran {
    let mut ran = scene.run(&["verify"]);
    ran.err.push_str(&ran.out);
    ran
}

#[test]
fn archive_is_missing() {
    let scene = Scene::new("archive_is_missing");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["list"]));
}

#[test]
fn archive_is_a_file() {
    let scene = Scene::new("archive_is_a_file");
    scene.write("crawl.toml", "");
    scene.write("archive", "a lamp");
    scene.tells(&scene.run(&["save", "http://site.example/a"]));
}

#[test]
fn archive_is_something_else() {
    let scene = Scene::new("archive_is_something_else");
    scene.write("crawl.toml", "");
    std::fs::create_dir(scene.path("archive")).unwrap();
    scene.write("archive/letters.txt", "dear lamp");
    scene.tells(&scene.run(&["save", "http://site.example/a"]));
    assert_eq!(std::fs::read_to_string(scene.path("archive/letters.txt")).unwrap(), "dear lamp");
}

#[test]
fn archive_is_newer() {
    let scene = Scene::new("archive_is_newer");
    two_pages(&scene);
    scene.write("archive/VERSION", "wangqi archive format 77\nid 0a0a\n");
    scene.tells(&scene.run(&["list"]));
}

#[test]
fn archive_is_older() {
    let scene = Scene::new("archive_is_older");
    scene.write("crawl.toml", "");
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/archive/format-1");
    std::fs::create_dir_all(scene.path("archive/segments")).unwrap();
    std::fs::copy(old.join("VERSION"), scene.path("archive/VERSION")).unwrap();
    for entry in std::fs::read_dir(old.join("segments")).unwrap().flatten() {
        std::fs::copy(entry.path(), scene.path("archive/segments").join(entry.file_name())).unwrap();
    }
    scene.tells(&scene.run(&["stats"]));
}

#[test]
fn version_is_garbage() {
    let scene = Scene::new("version_is_garbage");
    two_pages(&scene);
    scene.write("archive/VERSION", b"\xff\xfe lamp\n");
    scene.tells(&scene.run(&["list"]));
}

#[test]
fn version_is_lost() {
    let scene = Scene::new("version_is_lost");
    two_pages(&scene);
    std::fs::remove_file(scene.path("archive/VERSION")).unwrap();
    scene.tells(&scene.run(&["stats"]));
}

/// A daemon that holds the archive, and has nothing to do.
fn holder(scene: &Scene) -> Running {
    let config = std::fs::read_to_string(scene.path("crawl.toml")).unwrap();
    let feed = "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/a\"\nschedule = \"@yearly\"\n";
    scene.write("holder.toml", config + feed);
    let mut holder = Scene::start(scene.wangqi(["--config", "holder.toml", "run"]));
    let socket = scene.path("archive/control.sock");
    holder.until("its socket", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
    holder
}

#[test]
fn archive_is_held() {
    let scene = Scene::new("archive_is_held");
    two_pages(&scene);
    let holder = holder(&scene);
    let ran = scene.run(&["save", "http://site.example/a"]);
    holder.signal("TERM");
    assert_eq!(holder.end().exit, 0);
    scene.tells(&ran);
}

#[test]
fn archive_is_held_and_read() {
    let scene = Scene::new("archive_is_held_and_read");
    two_pages(&scene);
    let holder = holder(&scene);
    let ran = scene.run(&["list"]);
    holder.signal("TERM");
    assert_eq!(holder.end().exit, 0);
    assert!(ran.out.contains("A lamp") && ran.out.contains("Another lamp"), "{ran:?}");
    scene.tells(&ran);
}

#[test]
fn holder_does_not_answer() {
    let scene = Scene::new("holder_does_not_answer");
    two_pages(&scene);
    let holder = holder(&scene);
    std::fs::remove_file(scene.path("archive/control.sock")).unwrap();
    let ran = scene.run(&["list"]);
    holder.signal("KILL");
    assert_eq!(holder.end().exit, -9);
    scene.tells(&ran);
}

#[test]
fn holder_was_killed() {
    let scene = Scene::new("holder_was_killed");
    two_pages(&scene);
    let holder = holder(&scene);
    holder.signal("KILL");
    assert_eq!(holder.end().exit, -9);
    let ran = scene.run(&["list"]);
    assert!(ran.out.contains("A lamp") && ran.out.contains("Another lamp"), "{ran:?}");
    scene.tells(&ran);
}

#[test]
fn bit_is_flipped() {
    let scene = Scene::new("bit_is_flipped");
    two_pages(&scene);
    let path = segment(&scene);
    let mut bytes = std::fs::read(&path).unwrap();
    // In the first page's payload: what stands before is the segment's own record and the request.
    let at = bytes.len() / 4;
    bytes[at] ^= 0x10;
    std::fs::write(&path, bytes).unwrap();
    scene.tells(&verified(&scene));
}

#[test]
fn segment_is_cut() {
    let scene = Scene::new("segment_is_cut");
    two_pages(&scene);
    let file = std::fs::File::options().write(true).open(segment(&scene)).unwrap();
    file.set_len(file.metadata().unwrap().len() - 10).unwrap();
    scene.tells(&scene.run(&["stats"]));
}

#[test]
fn segment_is_missing() {
    let scene = Scene::new("segment_is_missing");
    two_pages(&scene);
    std::fs::remove_file(segment(&scene)).unwrap();
    scene.tells(&scene.run(&["stats"]));
}

#[test]
fn segment_is_another_file() {
    let scene = Scene::new("segment_is_another_file");
    two_pages(&scene);
    std::fs::write(segment(&scene), "dear lamp, ".repeat(4000)).unwrap();
    scene.tells(&scene.run(&["stats"]));
}

#[test]
fn index_is_lost() {
    let scene = Scene::new("index_is_lost");
    two_pages(&scene);
    std::fs::remove_dir_all(scene.path("archive/index")).unwrap();
    scene.tells(&scene.run(&["stats"]));
}

#[test]
fn index_is_garbage() {
    let scene = Scene::new("index_is_garbage");
    two_pages(&scene);
    for entry in std::fs::read_dir(scene.path("archive/index")).unwrap().flatten() {
        if entry.path().is_file() {
            std::fs::write(entry.path(), "dear lamp, ".repeat(4000)).unwrap();
        }
    }
    scene.tells(&scene.run(&["stats"]));
}

#[test]
fn index_is_a_file() {
    let scene = Scene::new("index_is_a_file");
    two_pages(&scene);
    std::fs::remove_dir_all(scene.path("archive/index")).unwrap();
    scene.write("archive/index", "dear lamp");
    scene.tells(&scene.run(&["stats"]));
}
