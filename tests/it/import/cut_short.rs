//! Imports that are killed: the folder then holds no archive, or the whole one; whoever opens it next sees to that.

use super::hostile::{import_from, items};
use super::{Like, original, said};
use crate::support::child::Running;
use crate::support::held::{Held, files, names};
use crate::support::tarball;
use std::fs;
use std::path::Path;
use std::time::Duration;
use wangqi::archive::ArchiveError;
use wangqi::import::{Done, ImportError, Source, Watch, import};

/// A tarball with a segment so large that an import takes its time.
fn slow_tarball(original: &Held) -> Vec<u8> {
    let mut items = tarball::whole(&original.archive());
    for number in 0..40 {
        let bytes = vec![number; 400_000];
        items.push(tarball::Item::file(&format!("articles/long/images/{number:012}.png"), bytes));
    }
    tarball::tar(&tarball::with_manifest(items))
}

#[test]
fn killed_at_any_moment_there_is_no_archive_or_the_whole_one() {
    let original = original();
    let like = Like::of(&original);
    let (mut without, mut with) = (0, 0);
    let tar = slow_tarball(&original);
    for delay in [0, 5, 10, 20, 30, 40, 55, 70, 85, 100, 130, 160, 200, 250, 300, 400] {
        let held = Held::empty();
        fs::write(held.path("a.tar"), &tar).unwrap();
        let child = Running::start(&mut held.command(&["import", "a.tar"]));
        std::thread::sleep(Duration::from_millis(delay));
        // Killed when it is dropped.
        drop(child);
        let listed = held.wangqi(&["list", "--json"]);
        if listed.status.success() {
            with += 1;
            like.assert_truth(&held);
        } else {
            without += 1;
            assert!(said(&listed).contains("there is no archive in"), "{}", said(&listed));
            let again = held.wangqi(&["import", "a.tar"]);
            assert!(again.status.success(), "{}", said(&again));
            like.assert_truth(&held);
        }
        // What a kill left half made of an index is set aside, as ever.
        assert!(names(&held.archive().join("lost+found")).iter().all(|name| name.starts_with("index")));
        let mut left = names(&held.archive());
        left.retain(|name| name != "lost+found");
        assert_eq!(left, ["VERSION", "index", "lock", "segments"]);
    }
    crate::support::say(&format!("killed_at_any_moment: {without} times before, {with} times behind the last steps"));
}

/// An archive's folder as it is when an import is cut short behind so many of its last steps, with an empty archive in it before.
fn cut_behind(steps: usize, original: &Held) -> Held {
    let held = Held::empty();
    let root = held.archive();
    drop(wangqi::archive::Archive::open(&root, &mut |_| {}).unwrap());
    let ready = root.join(if steps == 0 { "import.new" } else { "import.ready" });
    fs::create_dir_all(ready.join("segments")).unwrap();
    fs::copy(original.archive().join("VERSION"), ready.join("VERSION")).unwrap();
    for (name, bytes) in files(&original.segments()) {
        fs::write(ready.join("segments").join(name), bytes).unwrap();
    }
    let acts: [&dyn Fn(&Path); 5] = [
        &|root| fs::remove_dir_all(root.join("index")).unwrap(),
        &|root| fs::remove_dir(root.join("segments")).unwrap(),
        &|root| fs::rename(root.join("import.ready/segments"), root.join("segments")).unwrap(),
        &|root| fs::rename(root.join("import.ready/VERSION"), root.join("VERSION")).unwrap(),
        &|root| fs::remove_dir(root.join("import.ready")).unwrap(),
    ];
    for act in &acts[..steps.saturating_sub(1)] {
        act(&root);
    }
    held
}

#[test]
fn cut_short_behind_any_of_its_last_steps_it_is_finished_or_undone() {
    let original = original();
    let like = Like::of(&original);
    let undone = cut_behind(0, &original);
    let output = undone.wangqi(&["stats", "--json"]);
    assert!(said(&output).contains("an import that had been cut short was undone; import again"), "{}", said(&output));
    let stats: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(stats["articles"], 0);
    assert_eq!(names(&undone.archive()), ["VERSION", "index", "lock", "segments"]);
    for steps in 1..=6 {
        let held = cut_behind(steps, &original);
        let output = held.wangqi(&["stats"]);
        let told = said(&output).contains("an import that had been cut short in its last steps was finished");
        assert_eq!(told, steps < 6, "{steps}: {}", said(&output));
        like.assert_truth(&held);
        assert_eq!(names(&held.archive()), ["VERSION", "index", "lock", "segments"], "{steps}");
    }
    // Without the empty archive's own things, as in a new folder.
    let bare = cut_behind(3, &original);
    fs::remove_file(bare.archive().join("VERSION")).unwrap();
    like.assert_truth(&bare);
    // And an import that comes upon it finishes it first, and finds the folder taken.
    let held = cut_behind(2, &original);
    fs::write(held.path("a.tar"), tarball::of(&original.archive())).unwrap();
    let refused = held.refusal(5, &["import", "a.tar"]);
    assert!(refused.contains("holds visits already"), "{refused}");
    like.assert_truth(&held);
}

#[test]
fn visits_that_came_in_between_are_not_lost() {
    let original = original();
    let like = Like::of(&original);
    let held = cut_behind(1, &original);
    // As a program that knows of no imports might have written them.
    let between = b"any bytes of a visit".to_vec();
    fs::write(held.segments().join("000001-web.warc.zst"), &between).unwrap();
    let output = held.wangqi(&["stats"]);
    assert!(
        said(&output).contains("visits that came between the import and its last steps are in"),
        "{}",
        said(&output)
    );
    assert_eq!(fs::read(held.archive().join("lost+found/segments/000001-web.warc.zst")).unwrap(), between);
    like.assert_truth(&held);
}

#[test]
fn the_watch_ends_it_at_any_chunk() {
    struct Until(u32);
    impl Watch for Until {
        fn go_on(&mut self, _: Done) -> bool {
            self.0 -= 1;
            self.0 > 0
        }
    }
    let bytes = tarball::tar(&tarball::with_manifest(items()));
    for looks in [1, 2, 5, 10, 20] {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::stream("a.tar".into(), Box::new(&*bytes)).unwrap();
        let stopped = import(source, &folder.path().join("archive"), &mut Until(looks));
        assert!(matches!(stopped, Err(ImportError::Stopped)), "{stopped:?}");
        assert_eq!(names(folder.path()), [""; 0]);
    }
    let folder = tempfile::tempdir().unwrap();
    let occupied = original();
    let refused = import_from(&*bytes, &occupied.archive());
    assert!(matches!(refused, Err(ImportError::Archive(ArchiveError::Occupied { .. }))), "{refused:?}");
    import_from(&*bytes, &folder.path().join("archive")).unwrap();
}
