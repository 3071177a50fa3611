//! A tarball becomes an archive again that gives the same answers; whatever else comes, nothing is left behind.

mod cut_short;
mod hostile;

use crate::support::child::{Running, finish, is_there, run, until};
use crate::support::held::{Held, files, names};
use crate::support::tarball::{self, Item};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Every row of an archive's index that follows from its segments, as the engine has it on disk.
fn rows(archive: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let index = sled::Config::new().path(archive.join("index")).open().unwrap();
    let rows = index.iter().map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec())).unwrap());
    rows.filter(|(key, _)| b"asudfnbc".contains(&key[0])).collect()
}

/// What an archive is: every answer, every row, every byte of its truth.
struct Like {
    answers: serde_json::Value,
    verified: String,
    segments: BTreeMap<String, Vec<u8>>,
    version: Vec<u8>,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Like {
    fn of(held: &Held) -> Self {
        Self {
            answers: held.answers(),
            verified: held.verified(),
            segments: files(&held.segments()),
            version: fs::read(held.archive().join("VERSION")).unwrap(),
            rows: rows(&held.archive()),
        }
    }

    /// Asserts that an archive is the same, its answers too.
    fn assert(&self, held: &Held) {
        assert_eq!(held.answers(), self.answers);
        self.assert_truth(held);
    }

    /// Asserts that everything that answers are made from is the same.
    fn assert_truth(&self, held: &Held) {
        assert_eq!(held.verified(), self.verified);
        assert_eq!(files(&held.segments()), self.segments);
        assert_eq!(fs::read(held.archive().join("VERSION")).unwrap(), self.version);
        assert!(self.rows.len() > 50, "{}", self.rows.len());
        assert_eq!(rows(&held.archive()), self.rows);
    }
}

/// An archive of the newest format.
fn original() -> Held {
    let held = Held::format_1();
    held.verified();
    held
}

/// Runs the program with these bytes on its standard input.
fn fed(held: &Held, arguments: &[&str], bytes: &[u8]) -> Output {
    let mut command = held.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut pipe, bytes) = (child.stdin.take().unwrap(), bytes.to_vec());
    let feeding = std::thread::spawn(move || drop(pipe.write_all(&bytes)));
    let output = finish(child, "wangqi import");
    feeding.join().unwrap();
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Unpacks items into a folder, as any tar does.
fn unpack(items: &[Item], into: &Path) {
    for item in items {
        let path = into.join(&item.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &item.bytes).unwrap();
    }
}

#[test]
fn a_tarball_becomes_the_same_archive_whichever_way_it_comes() {
    let original = original();
    let like = Like::of(&original);
    let items = tarball::with_manifest(tarball::whole(&original.archive()));
    let tar = tarball::tar(&items);
    let packed = zstd::encode_all(&*tar, 3).unwrap();
    let ways: [(&str, &str, &[u8]); 4] =
        [("a.tar", "a.tar", &tar), ("a", "a", &packed), ("-", "", &tar), ("-", "", &packed)];
    for (given, file, bytes) in ways {
        let held = Held::empty();
        let output = if file.is_empty() {
            fed(&held, &["import", given], bytes)
        } else {
            fs::write(held.path(file), bytes).unwrap();
            held.wangqi(&["import", given])
        };
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("imported 8 articles, 8 snapshots in 3 segments into "), "{}", said(&output));
        like.assert(&held);
        let expected = ["VERSION", "index", "lock", "segments"];
        assert_eq!(names(&held.archive()), expected, "nothing else is left");
    }
    for given in ["unpacked", "unpacked/wangqi-archive"] {
        let held = Held::empty();
        unpack(&items, &held.path("unpacked"));
        let output = held.wangqi(&["import", given, "--json"]);
        assert!(output.status.success(), "{}", said(&output));
        let shape: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&shape["articles"], &shape["segments"], &shape["files"]), (&8.into(), &3.into(), &13.into()));
        like.assert(&held);
    }
}

#[test]
fn what_other_tars_make_of_it_is_read_too() {
    let original = original();
    let like = Like::of(&original);
    if !is_there("tar") {
        return crate::support::say("what_other_tars_make_of_it: skipped, there is no tar");
    }
    let items = tarball::with_manifest(tarball::whole(&original.archive()));
    let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
    for format in ["ustar", "gnu", "posix"] {
        let held = Held::empty();
        unpack(&items, &held.path("unpacked"));
        fs::write(held.path("list"), paths.join("\n")).unwrap();
        let mut tar = Command::new("tar");
        tar.args(["--format", format, "-cf", "a.tar", "-C", "unpacked", "-T", "list"]).current_dir(held.path("."));
        if !tar.stderr(Stdio::null()).status().is_ok_and(|made| made.success()) {
            crate::support::say(&format!("what_other_tars_make: skipped, there is no tar that writes {format}"));
            continue;
        }
        let output = held.wangqi(&["import", "a.tar"]);
        assert!(output.status.success(), "{format}: {}", said(&output));
        like.assert(&held);
    }
}

#[test]
fn a_tarball_of_an_archive_of_format_1_is_restored_and_upgraded() {
    let old = Held::format_1();
    let tar = tarball::of(&old.archive());
    let held = Held::empty();
    fs::write(held.path("a.tar"), tar).unwrap();
    let output = held.wangqi(&["import", "a.tar"]);
    assert!(output.status.success() && said(&output).contains("upgraded from format 1"), "{}", said(&output));
    old.verified();
    Like::of(&old).assert(&held);
}

#[test]
fn an_archive_without_visits_takes_an_import_and_one_with_visits_does_not() {
    let original = original();
    let like = Like::of(&original);
    let tar = tarball::of(&original.archive());
    let held = Held::empty();
    fs::create_dir(held.archive()).unwrap();
    fs::write(held.archive().join("README.md"), "about").unwrap();
    // An empty archive, as `run` begins one.
    drop(wangqi::archive::Archive::open(&held.archive(), &mut |_| {}).unwrap());
    fs::write(held.path("a.tar"), &tar).unwrap();
    let output = held.wangqi(&["import", "a.tar"]);
    assert!(output.status.success(), "{}", said(&output));
    like.assert(&held);
    assert!(held.archive().join("README.md").exists());
    let before = files(&held.segments());
    let refused = held.refusal(5, &["import", "a.tar"]);
    assert!(
        refused.contains("holds visits already, and nothing is merged into it; import into a new folder"),
        "{refused}"
    );
    assert_eq!(files(&held.segments()), before);
    like.assert(&held);

    let foreign = Held::empty();
    fs::create_dir(foreign.archive()).unwrap();
    fs::write(foreign.archive().join("thesis.doc"), "years of work").unwrap();
    fs::write(foreign.path("a.tar"), &tar).unwrap();
    let refused = foreign.refusal(5, &["import", "a.tar"]);
    assert!(refused.contains("is not a wangqi archive: it holds \"thesis.doc\""), "{refused}");
    assert_eq!(names(&foreign.archive()), ["thesis.doc"]);
}

#[test]
fn an_archive_that_is_in_use_is_not_imported_into() {
    let held = Held::empty();
    let open = wangqi::archive::Archive::open(&held.archive(), &mut |_| {}).unwrap();
    fs::write(held.path("a.tar"), tarball::of(&original().archive())).unwrap();
    let refused = held.refusal(5, &["import", "a.tar"]);
    assert!(refused.contains("is in use by another wangqi, process "), "{refused}");
    drop(open);
}

#[test]
fn what_is_no_tarball_is_told_as_that() {
    let held = Held::empty();
    fs::write(held.path("text"), "just some text\n".repeat(100)).unwrap();
    fs::write(held.path("empty"), "").unwrap();
    fs::create_dir(held.path("folder")).unwrap();
    for name in ["text", "empty", "folder"] {
        let refused = held.refusal(1, &["import", name]);
        assert!(
            refused.contains(&format!("{name} is nothing that can be imported: it begins neither as a tar")),
            "{refused}"
        );
    }
    let refused = held.refusal(1, &["import", "nowhere.tar"]);
    assert!(refused.contains("could not open") && refused.contains("nowhere.tar"), "{refused}");
    assert_eq!(held.wangqi(&["import"]).status.code(), Some(2));
    assert!(!held.archive().exists(), "nothing is begun");
}

#[test]
fn articles_for_reading_alone_restore_nothing_and_the_sentence_says_why() {
    let mut items: Vec<Item> = tarball::whole(&original().archive());
    items.retain(|item| item.path.contains("README") || item.path.contains("/articles/"));
    let mut readable = tarball::with_manifest(items);
    let manifest = readable.last_mut().unwrap();
    let text = String::from_utf8(manifest.bytes.clone()).unwrap().replace("\"segments\":true", "\"segments\":false");
    manifest.bytes = text.into_bytes();
    let held = Held::empty();
    fs::write(held.path("readable.tar"), tarball::tar(&readable)).unwrap();
    unpack(&readable, &held.path("folder"));
    for name in ["readable.tar", "folder"] {
        let refused = held.refusal(1, &["import", name]);
        assert!(
            refused.contains("has no segments in it, only articles for reading (made with --readable"),
            "{refused}"
        );
        assert!(!held.archive().exists());
    }
}

#[test]
fn interrupted_while_it_waits_for_a_pipe_it_leaves_nothing() {
    let tar = tarball::of(&original().archive());
    let held = Held::empty();
    let mut command = held.command(&["import", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&tar[..tar.len() / 2]).unwrap();
    let mut child = Running(child);
    until("the first staged segment", || !names(&held.archive().join("import.new/segments")).is_empty());
    child.signal("INT");
    assert_eq!(child.code(), Some(130));
    drop(pipe);
    assert!(!held.archive().exists());
}

#[test]
fn a_pipe_that_breaks_off_leaves_nothing() {
    let tar = tarball::of(&original().archive());
    let held = Held::empty();
    let output = fed(&held, &["import", "-"], &tar[..tar.len() / 3]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("standard input is not as it was written: it ends in or behind"),
        "{}",
        said(&output)
    );
    assert!(!held.archive().exists());
    let mut command = held.command(&["import", "-"]);
    assert_eq!(run(&mut command).status.code(), Some(1), "nothing on standard input");
}

#[test]
fn what_export_writes_comes_back_and_goes_out_again_to_the_byte() {
    let original = original();
    let like = Like::of(&original);
    let export = |held: &Held, more: &[&str], to: &str| {
        let output = held.wangqi(&[&["export", "-o", to], more].concat());
        assert!(output.status.success(), "{}", said(&output));
        fs::read(held.path(to)).unwrap()
    };
    let whole = export(&original, &[], "a.tar");
    export(&original, &["--zstd"], "a.tar.zst");
    for name in ["a.tar", "a.tar.zst"] {
        let held = Held::empty();
        let output = held.wangqi(&["import", original.path(name).to_str().unwrap()]);
        assert!(output.status.success(), "{}", said(&output));
        like.assert(&held);
        assert!(export(&held, &[], "again.tar") == whole, "{name} goes out as it came in");
    }
    export(&original, &["--readable"], "readable.tar");
    let refused = Held::empty().refusal(1, &["import", original.path("readable.tar").to_str().unwrap()]);
    assert!(refused.contains("only articles for reading"), "{refused}");
}

#[test]
fn fewer_articles_than_the_tarball_lists_are_told() {
    let mut items = tarball::whole(&original().archive());
    for number in 0..9 {
        items.push(Item::file(&format!("articles/more {number}/article.md"), "text"));
    }
    let held = Held::empty();
    fs::write(held.path("a.tar"), tarball::tar(&tarball::with_manifest(items))).unwrap();
    let output = held.wangqi(&["import", "a.tar"]);
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    let told = "the tarball lists 11 articles, 8 came back; the text of the others is in its articles/ folder";
    assert!(said(&output).contains(told), "{}", said(&output));
}

#[test]
fn what_else_stands_in_its_folders_is_set_aside_and_a_foreign_folder_is_left_alone() {
    let tar = tarball::of(&original().archive());
    let held = Held::empty();
    drop(wangqi::archive::Archive::open(&held.archive(), &mut |_| {}).unwrap());
    fs::create_dir(held.segments().join("old")).unwrap();
    fs::write(held.segments().join("old/000001-web.warc.zst"), "kept").unwrap();
    fs::write(held.archive().join("index/notes"), "mine").unwrap();
    fs::write(held.path("a.tar"), &tar).unwrap();
    let output = held.wangqi(&["import", "a.tar"]);
    assert!(output.status.success() && said(&output).contains("before the import is in"), "{}", said(&output));
    let aside = held.archive().join("lost+found");
    assert_eq!(fs::read(aside.join("segments/old/000001-web.warc.zst")).unwrap(), b"kept");
    assert_eq!(fs::read(aside.join("index/notes")).unwrap(), b"mine");
    for name in ["segments/clip1.ts", "index/page.html"] {
        let foreign = Held::empty();
        let path = foreign.archive().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "theirs").unwrap();
        fs::write(foreign.path("a.tar"), &tar).unwrap();
        let refused = foreign.refusal(5, &["import", "a.tar"]);
        assert!(refused.contains("is not a wangqi archive: it holds"), "{refused}");
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
    }
}

#[test]
fn interrupted_before_the_first_byte_of_a_pipe_it_says_so() {
    let held = Held::empty();
    let mut command = held.command(&["import", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take();
    let status = format!("/proc/{}/status", child.id());
    until("Ctrl-C to be watched for", || {
        let Ok(text) = fs::read_to_string(&status) else { return true };
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).map(str::trim);
        caught.is_none_or(|mask| u64::from_str_radix(mask, 16).is_ok_and(|mask| mask & 2 != 0))
    });
    assert!(run(Command::new("kill").args(["-INT", &child.id().to_string()])).status.success());
    let output = finish(child, "wangqi import");
    drop(pipe);
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    // Where it was not reading yet, it had nothing to break off.
    let told = ["interrupted; nothing was imported", "stopped; everything acknowledged is kept"];
    assert!(told.iter().any(|told| said(&output).contains(told)), "{}", said(&output));
    assert!(!held.archive().join("segments").exists());
}
