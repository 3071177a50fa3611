//! The format of an archive: what is older is upgraded behind a backup, what is newer, foreign or mixed up is refused or told.

use crate::support::child::Running;
use crate::support::held::{Held, files, format_1, names};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use wangqi::archive::{Archive, verify};
use wangqi::model::*;

/// What the program of format 1 answered of the archive that the tests bring along.
fn answers_of_format_1() -> Value {
    serde_json::from_str(&fs::read_to_string(format_1().join("answers.json")).unwrap()).unwrap()
}

/// Asserts that everything that was said before is still said; fields are only ever added.
fn assert_still_said(before: &Value, now: &Value, at: &str) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            for (name, value) in before {
                assert_still_said(value, now.get(name).unwrap_or(&Value::Null), &format!("{at}.{name}"));
            }
        }
        (Value::Array(before), Value::Array(now)) => {
            assert_eq!(before.len(), now.len(), "{at}");
            for (number, (before, now)) in before.iter().zip(now).enumerate() {
                assert_still_said(before, now, &format!("{at}[{number}]"));
            }
        }
        _ => assert_eq!(before, now, "{at}"),
    }
}

/// Adds one visit, as a crawl would.
fn visit_something(archive: &Path) {
    let archive = Archive::open(archive, &mut |_| {}).unwrap();
    let at = Time::from_timestamp(1_800_000_000, 0).unwrap();
    let target = Target {
        url: CanonicalUrl::parse("https://news.example/never-there").unwrap(),
        kind: TargetKind::Article,
        feed: FeedName("test".into()),
        rel: Rel::Entry,
        via: None,
        depth: 0,
        not_before: at,
        recheck: None,
        hint: None,
    };
    let finding = Finding::Failed { error: "no such host".into() };
    let visit = Visit {
        target,
        at,
        capture: None,
        finding,
        follow: Vec::new(),
        follow_limit: 0,
        recheck_at: None,
        notes: None,
    };
    archive.commit(visit).unwrap();
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

#[test]
fn an_archive_of_format_1_is_upgraded_behind_a_backup_and_answers_the_same() {
    let held = Held::format_1();
    let (before, old) = (files(&held.segments()), fs::read_to_string(held.archive().join("VERSION")).unwrap());
    let first = held.wangqi(&["stats"]);
    let said = String::from_utf8(first.stderr).unwrap();
    assert!(said.contains("was upgraded from format 1 to format 2; what it was before is in"), "{said}");
    assert_still_said(&answers_of_format_1(), &held.answers(), "");
    held.verified();
    assert_eq!(files(&held.segments()), before, "not a byte of what was captured is touched");
    let version = fs::read_to_string(held.archive().join("VERSION")).unwrap();
    assert_eq!(version, old.replace("format 1", "format 2"), "it stays the same archive");
    let backup = held.archive().join("lost+found/before-format-2");
    assert_eq!(fs::read_to_string(backup.join("VERSION")).unwrap(), old);
    assert_eq!(files(&backup.join("segments")), before);

    visit_something(&held.archive());
    assert_eq!(files(&backup.join("segments")), before, "what comes later does not grow into the backup");
    let now = names(&held.segments());
    assert_eq!(now.len(), before.len() + 1, "the segments of format 1 are closed: {now:?}");
    let begun = zstd::decode_all(&*fs::read(held.segments().join(now.last().unwrap())).unwrap()).unwrap();
    let id = old.lines().nth(1).unwrap().strip_prefix("id ").unwrap();
    assert!(String::from_utf8_lossy(&begun).contains(&format!("\r\nisPartOf: {id}\r\n")));
    let again = held.wangqi(&["verify"]);
    assert_eq!(String::from_utf8(again.stderr).unwrap(), "", "upgraded once");
    // The backup is an archive of its own.
    let from_backup = Held::copy_of(&backup);
    assert_still_said(&answers_of_format_1(), &from_backup.answers(), "");
}

#[test]
fn a_torn_tail_of_format_1_is_whole_in_the_backup() {
    let held = Held::format_1();
    let path = held.segments().join("000001-web.warc.zst");
    let torn = fs::read(&path).unwrap();
    let torn = &torn[..torn.len() - 10];
    fs::write(&path, torn).unwrap();
    held.verified();
    assert!((fs::metadata(&path).unwrap().len() as usize) < torn.len());
    let kept = held.archive().join("lost+found/before-format-2/segments/000001-web.warc.zst");
    assert_eq!(fs::read(kept).unwrap(), torn);
}

#[test]
fn an_upgrade_that_was_cut_short_is_done_again() {
    let whole = Held::format_1();
    whole.verified();
    let backup = whole.archive().join("lost+found/before-format-2");
    // Behind the backup, before VERSION: the backup is taken as it is.
    fs::copy(backup.join("VERSION"), whole.archive().join("VERSION")).unwrap();
    assert_still_said(&answers_of_format_1(), &whole.answers(), "");
    assert_eq!(names(&whole.archive().join("lost+found")).iter().filter(|name| name.starts_with("before")).count(), 1);
    // In the middle of the backup: what there is of it is made anew.
    let half = Held::format_1();
    let begun = half.archive().join("lost+found/before-format-2.new/segments");
    fs::create_dir_all(&begun).unwrap();
    fs::write(begun.join("000001-web.warc.zst"), "half a copy").unwrap();
    assert_still_said(&answers_of_format_1(), &half.answers(), "");
    assert_eq!(names(&half.archive().join("lost+found")), ["before-format-2"]);
    let backup = half.archive().join("lost+found/before-format-2/segments");
    assert_eq!(files(&backup), files(&format_1().join("segments")));
}

#[test]
fn killed_while_it_is_upgraded_an_archive_loses_nothing() {
    for delay in [0, 2, 5, 8, 12, 17, 23, 40] {
        let held = Held::format_1();
        let child = Running::start(&mut held.command(&["stats"]));
        std::thread::sleep(Duration::from_millis(delay));
        // Killed when it is dropped.
        drop(child);
        assert_still_said(&answers_of_format_1(), &held.answers(), "");
        held.verified();
        let backup = held.archive().join("lost+found/before-format-2/segments");
        assert_eq!(files(&backup), files(&format_1().join("segments")));
    }
}

#[test]
fn the_backup_costs_no_room_where_links_can_be_made() {
    let held = Held::format_1();
    held.verified();
    let links = |path: &Path| fs::metadata(path).unwrap().nlink();
    let segment = held.segments().join("000001-web.warc.zst");
    assert_eq!(links(&segment), links(&held.archive().join("lost+found/before-format-2/segments/000001-web.warc.zst")));
}

#[test]
fn a_newer_archive_is_refused_with_both_numbers_and_left_alone() {
    let held = Held::format_1();
    fs::create_dir(held.archive().join("index")).unwrap();
    for (text, number) in
        [("wangqi archive format 3\nid of another kind\n", "3"), ("wangqi archive format 4000000000", "4000000000")]
    {
        fs::write(held.archive().join("VERSION"), text).unwrap();
        for command in ["list", "stats", "verify", "reindex"] {
            let said = held.refusal(5, &[command]);
            let expected = format!("has format {number}, and this program reads up to format 2; use a newer wangqi");
            assert!(said.contains(&expected), "{command}: {said}");
        }
        assert_eq!(fs::read_to_string(held.archive().join("VERSION")).unwrap(), text);
        assert_eq!(files(&held.segments()), files(&format_1().join("segments")));
        assert!(held.archive().join("index").exists() && !held.archive().join("lost+found").exists());
    }
}

#[test]
fn a_foreign_folder_is_refused_and_nothing_is_put_into_it() {
    let held = Held::empty();
    fs::create_dir(held.archive()).unwrap();
    fs::write(held.archive().join("thesis\u{1b}[2J.doc"), "years of work").unwrap();
    let said = held.refusal(5, &["save", "https://news.example/"]);
    assert!(said.contains("is not a wangqi archive: it holds \"thesis\\u{1b}[2J.doc\" and no VERSION file"), "{said}");
    assert_eq!(names(&held.archive()), ["thesis\u{1b}[2J.doc"]);
    fs::write(held.archive().join("VERSION"), "1.0.3\n").unwrap();
    let said = held.refusal(5, &["list"]);
    assert!(
        said.contains("is not a wangqi archive: its VERSION file does not begin as ours do; give an empty"),
        "{said}"
    );
    assert_eq!(names(&held.archive()).len(), 2);
}

#[test]
fn a_version_file_that_cannot_be_read_is_told_at_once_whatever_it_is() {
    let held = Held::format_1();
    let version = held.archive().join("VERSION");
    let check = |why: &str| {
        let began = Instant::now();
        let said = held.refusal(5, &["list"]);
        let expected = format!(" {why}; put it back from a backup, or move it away: it is made anew from the segments");
        assert!(said.contains("the VERSION file of the archive ") && said.contains(&expected), "{said}");
        assert!(began.elapsed() < Duration::from_secs(60), "{why}");
    };
    for (text, why) in [
        (&b""[..], "does not begin as ours do"),
        (b"\xff\xfe\x00", "is not text"),
        (b"wangqi archive format 2\n", "names no id"),
        (b"wangqi archive format 2\nid 0123456789abcdef0123456789abcdef\nadopted x\n", "has a line that is not ours"),
    ] {
        fs::write(&version, text).unwrap();
        check(why);
    }
    let huge = fs::File::create(&version).unwrap();
    huge.set_len(1 << 36).unwrap();
    check("is far too long");
    fs::remove_file(&version).unwrap();
    fs::create_dir(&version).unwrap();
    check("is no regular file");
    fs::remove_dir(&version).unwrap();
    if Command::new("mkfifo").arg(&version).status().is_ok_and(|made| made.success()) {
        check("is no regular file");
        fs::remove_file(&version).unwrap();
    } else {
        crate::support::say("a_version_file_that_cannot_be_read: no pipe could be made, that part is skipped");
    }
    // The way out that the sentence names works.
    assert_still_said(&answers_of_format_1(), &held.answers(), "");
    held.verified();
}

#[test]
fn a_segment_of_another_archive_is_told_and_set_aside_unread() {
    let held = Held::format_1();
    held.verified();
    let before = held.answers();
    let other = Held::empty();
    visit_something(&other.archive());
    let stray = other.segments().join("000001-web.warc.zst");
    fs::copy(&stray, held.segments().join("000009-web.warc.zst")).unwrap();
    let told = held.wangqi(&["stats"]);
    let said = String::from_utf8(told.stderr).unwrap();
    let id = fs::read_to_string(other.archive().join("VERSION")).unwrap();
    let id = id.lines().nth(1).unwrap().strip_prefix("id ").unwrap();
    assert!(said.contains(&format!("segment 000009-web.warc.zst belongs to archive {id} and was moved to")), "{said}");
    assert_eq!(held.answers(), before);
    held.verified();
    let aside = held.archive().join("lost+found/000009-web.warc.zst");
    assert_eq!(fs::read(aside).unwrap(), fs::read(&stray).unwrap());
    // One of format 1 does not name its archive, and is found all the same; under a number that is taken too.
    for name in ["000002-web.warc.zst", "000011-media.warc.zst"] {
        let strange = Held::format_1();
        fs::remove_file(strange.archive().join("VERSION")).unwrap();
        strange.verified();
        let mixed = Held::copy_of(&other.archive());
        fs::copy(strange.segments().join("000001-web.warc.zst"), mixed.segments().join(name)).unwrap();
        let told = mixed.wangqi(&["stats"]);
        let said = String::from_utf8(told.stderr).unwrap();
        assert!(said.contains(&format!("segment {name} belongs to another archive and was moved to")), "{said}");
        assert_eq!(names(&mixed.segments()), ["000001-web.warc.zst"]);
    }
}

#[test]
fn a_version_file_of_another_archive_is_told_as_that_and_not_as_strays() {
    let held = Held::format_1();
    held.verified();
    visit_something(&held.archive());
    let (before, segments) = (held.answers(), files(&held.segments()));
    let own = fs::read_to_string(held.archive().join("VERSION")).unwrap();
    let other = Held::empty();
    visit_something(&other.archive());
    fs::copy(other.archive().join("VERSION"), held.archive().join("VERSION")).unwrap();
    let said = held.refusal(5, &["list"]);
    let id = own.lines().nth(1).unwrap().strip_prefix("id ").unwrap();
    assert!(said.contains(&format!("all its segments belong to archive {id}; put their VERSION file back")), "{said}");
    assert_eq!(files(&held.segments()), segments, "nothing is moved");
    // Moved away it is made anew from the segments, and is the same.
    fs::remove_file(held.archive().join("VERSION")).unwrap();
    let told = held.wangqi(&["stats"]);
    let note = String::from_utf8(told.stderr).unwrap();
    assert!(note.contains("the VERSION file was missing and was made anew from the segments"), "{note}");
    assert_eq!(held.answers(), before);
    assert!(fs::read_to_string(held.archive().join("VERSION")).unwrap().contains(id));
    held.verified();
}

#[test]
fn an_archive_of_format_1_that_had_lost_its_version_file_stays_whole() {
    let held = Held::format_1();
    fs::remove_file(held.archive().join("VERSION")).unwrap();
    assert_still_said(&answers_of_format_1(), &held.answers(), "");
    let version = fs::read_to_string(held.archive().join("VERSION")).unwrap();
    assert!(version.starts_with("wangqi archive format 2\n") && version.ends_with("\nadopted 3\n"), "{version}");
    visit_something(&held.archive());
    held.verified();
    // And once more, now that a segment names the archive.
    fs::remove_file(held.archive().join("VERSION")).unwrap();
    held.verified();
    assert_eq!(fs::read_to_string(held.archive().join("VERSION")).unwrap(), version);
}

/// Each visit of the archive that the tests bring along in a segment of its own.
fn in_many_segments() -> Held {
    let held = Held::empty();
    fs::create_dir_all(held.segments()).unwrap();
    let mut number = 0;
    for (name, bytes) in files(&format_1().join("segments")) {
        let (family, mut rest) = (name.split_once('-').unwrap().1, &bytes[..]);
        let mut frame = || {
            let length = zstd::zstd_safe::find_frame_compressed_size(rest).ok()?;
            let (frame, behind) = rest.split_at(length);
            rest = behind;
            Some(frame)
        };
        let info = frame().unwrap();
        let mut visit = info.to_vec();
        while let Some(frame) = frame() {
            visit.extend(frame);
            if String::from_utf8_lossy(&zstd::decode_all(frame).unwrap()).contains("WARC-Type: metadata\r\n") {
                number += 1;
                let visit = std::mem::replace(&mut visit, info.to_vec());
                fs::write(held.segments().join(format!("{number:06}-{family}")), visit).unwrap();
            }
        }
    }
    held
}

#[test]
fn an_archive_may_have_more_segments_than_files_may_be_open() {
    let held = in_many_segments();
    let segments = names(&held.segments()).len();
    assert_eq!(segments, 32);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 28 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wangqi"), "--config"]);
    let output = crate::support::child::run(limited.arg(held.path("crawl.toml")).arg("verify"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("clean: 32 segments"), "{said}");
    let (mut before, now) = (answers_of_format_1(), held.answers());
    // Each segment has a first record of its own.
    before["stats"]["segment_bytes"] = now["stats"]["segment_bytes"].clone();
    assert_still_said(&before, &now, "");
}
