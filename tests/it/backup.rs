//! Backups: whole, the newest kept, and nothing taken away that is not certainly an old one of ours.

use crate::crawl::{demo_feeds, demo_site};
use crate::export::good;
use crate::support::Bench;
use crate::support::child::{Running, until};
use std::collections::BTreeSet;
use std::path::Path;
use wangqi::archive::Reader;
use wangqi::cli::demo::site;
use wangqi::crawl::Pass;
use wangqi::export::backup::{Made, Plan, last, make};
use wangqi::export::{Done, ExportError, Watch};
use wangqi::model::{FeedName, Time};

/// Lets a backup go on for so many steps.
struct Steps(u64);

impl Watch for Steps {
    fn go_on(&mut self, _: Done) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }

    fn warn(&mut self, _: &str) {}
}

fn at(day: u32) -> Time {
    format!("2026-07-{day:02}T02:30:00Z").parse().unwrap()
}

fn made(reader: &Reader, folder: &Path, keep: usize, day: u32) -> Made {
    make(reader, &Plan { folder: folder.to_owned(), keep }, at(day), &mut Steps(u64::MAX)).unwrap()
}

fn names(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn name(day: u32) -> String {
    format!("wangqi-202607{day:02}T023000Z.tar.zst")
}

async fn crawled() -> Bench {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
    bench.crawl(Pass { poll: true, due: true, ..Pass::default() }).await;
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_are_kept_and_nothing_else_is_touched() {
    let (bench, other) = (crawled().await, crawled().await);
    let folder = bench.path("backups");
    let archive = bench.open();
    let reader = archive.reader();
    let first = made(&reader, &folder, 2, 2);
    assert_eq!((first.removed, first.damage.len(), first.done.unread), (0, 0, 0));
    // What is no old backup of this archive, whatever it is called.
    std::fs::write(folder.join(name(1)), "not a tarball").unwrap();
    std::fs::write(folder.join("wangqi-20260701T023000Z.tar.zst.bak"), "mine").unwrap();
    std::fs::write(folder.join("holiday.jpg"), "mine").unwrap();
    let whole = std::fs::read(folder.join(name(2))).unwrap();
    std::fs::write(folder.join("wangqi-20260630T023000Z.tar.zst"), &whole[..whole.len() - 1]).unwrap();
    std::fs::write(folder.join("wangqi-20260629T023000Z.tar.zst"), &whole[1..]).unwrap();
    std::fs::write(folder.join("wangqi-21260701T023000Z.tar.zst"), &whole).unwrap();
    std::fs::create_dir(folder.join("wangqi-20260628T023000Z.tar.zst")).unwrap();
    std::os::unix::fs::symlink(folder.join(name(2)), folder.join("wangqi-20260627T023000Z.tar.zst")).unwrap();
    let of_another = made(&other.open().reader(), &other.path("backups"), 1, 3);
    std::fs::copy(&of_another.path, folder.join("wangqi-20260626T023000Z.tar.zst")).unwrap();
    let foreign: BTreeSet<String> = names(&folder).into_iter().filter(|found| *found != name(2)).collect();
    assert_eq!(foreign.len(), 9);

    for day in 4..=7 {
        made(&reader, &folder, 2, day);
    }
    let expected: BTreeSet<String> = foreign.iter().cloned().chain([name(6), name(7)]).collect();
    assert_eq!(names(&folder), expected);
    let plan = Plan { folder: folder.clone(), keep: 2 };
    assert_eq!(last(&reader, &plan, at(9)).unwrap(), Some(at(7)), "one from the future does not count");
    assert_eq!(last(&reader, &Plan { folder: bench.path("nowhere"), keep: 2 }, at(9)).unwrap(), None);
    // A clock that was set back takes nothing newer away.
    made(&reader, &folder, 1, 5);
    assert_eq!(names(&folder), expected.iter().cloned().chain([name(5)]).collect());
    let same = make(&reader, &plan, at(7), &mut Steps(u64::MAX)).unwrap_err();
    assert!(matches!(same, ExportError::Exists { .. }), "{same}");
    drop((reader, archive));
    // A backup is what export writes.
    assert!(std::fs::read(folder.join(name(7))).unwrap() == good(&bench, &["-o", "-", "--zstd"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_archive_takes_no_good_backup_away() {
    let bench = crawled().await;
    let folder = bench.path("backups");
    let archive = bench.open();
    let reader = archive.reader();
    made(&reader, &folder, 1, 1);
    let segments = bench.path("archive/segments");
    let media = names(&segments).into_iter().find(|name| name.contains("media")).unwrap();
    let sound = std::fs::read(segments.join(&media)).unwrap();
    let mut hurt = sound.clone();
    hurt[sound.len() / 2] ^= 0x55;
    std::fs::write(segments.join(&media), &hurt).unwrap();
    let second = made(&reader, &folder, 1, 2);
    assert!(second.damage[0].contains(&format!("segment {media} is damaged from byte")), "{second:?}");
    let damaged = |day: u32| name(day).replace(".tar", "-damaged.tar");
    assert_eq!(names(&folder), BTreeSet::from([name(1), damaged(2)]));
    made(&reader, &folder, 1, 3);
    assert_eq!(names(&folder), BTreeSet::from([name(1), damaged(3)]), "one damaged one is enough");
    // Mended, the next good one takes the place of the old good one.
    std::fs::write(segments.join(&media), &sound).unwrap();
    made(&reader, &folder, 1, 4);
    assert_eq!(names(&folder), BTreeSet::from([name(4), damaged(3)]));
    drop((reader, archive));
    // A segment that is gone does not come back when the index is made anew without it. That is sound, and the last backup knows more.
    std::fs::remove_file(segments.join(&media)).unwrap();
    bench.wangqi(&["reindex"]);
    let archive = bench.open();
    let less = made(&archive.reader(), &folder, 1, 5);
    assert_eq!(less.damage, Vec::<String>::new());
    let said = less.differs.unwrap();
    assert!(said.contains(&name(4)) && said.contains(&format!("segment {media} holds 0 bytes, and")), "{said}");
    assert_eq!(names(&folder), BTreeSet::from([name(4), damaged(3), differs(5)]));
}

fn differs(day: u32) -> String {
    name(day).replace(".tar", "-differs.tar")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_history_holds_is_never_taken_away() {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
    let (folder, older) = (bench.path("backups"), bench.path("older"));
    // By the first feed alone, by two, and by all.
    let feeds: Vec<FeedName> = site::feeds().iter().map(|feed| FeedName(feed.name.to_string())).collect();
    let all = Pass { poll: true, due: true, ..Pass::default() };
    bench.crawl(Pass { feeds: feeds[..1].to_vec(), ..all.clone() }).await;
    copy(&bench.path("archive"), &older);
    bench.crawl(Pass { feeds: feeds[..2].to_vec(), ..all.clone() }).await;
    made(&bench.open().reader(), &folder, 2, 1);
    made(&bench.open().reader(), &folder, 2, 2);
    let newer = lengths(&bench.path("archive"));
    // The older one comes back: it holds less, and is not damaged.
    std::fs::rename(bench.path("archive"), bench.path("aside")).unwrap();
    copy(&older, &bench.path("archive"));
    for day in 3..=5 {
        let less = made(&bench.open().reader(), &folder, 2, day);
        assert_eq!(less.damage, Vec::<String>::new());
        assert!(less.differs.unwrap().contains(&name(2)));
    }
    assert_eq!(names(&folder), BTreeSet::from([name(1), name(2), differs(4), differs(5)]));
    // It goes its own way, and is longer than the old one was in the end.
    let grown = |(name, bytes): &(String, u64)| !name.contains("media") && newer[name] > *bytes;
    let (web, _) = lengths(&older).into_iter().find(grown).expect("one that grew");
    let web = web.as_str();
    for _ in 0..8 {
        bench.ahead(chrono::TimeDelta::hours(2));
        bench.crawl(Pass { recheck: true, ..all.clone() }).await;
        if lengths(&bench.path("archive"))[web] > newer[web] {
            break;
        }
    }
    assert!(lengths(&bench.path("archive"))[web] > newer[web]);
    let apart = made(&bench.open().reader(), &folder, 2, 6).differs.unwrap();
    assert!(apart.contains(&format!("the first {} bytes of segment {web} are not the same", newer[web])), "{apart}");
    assert_eq!(names(&folder), BTreeSet::from([name(1), name(2), differs(5), differs(6)]));
    // Once their owner moved them away it is one history again.
    std::fs::rename(folder.join(name(1)), bench.path("first")).unwrap();
    std::fs::rename(folder.join(name(2)), bench.path("second")).unwrap();
    let plain = made(&bench.open().reader(), &folder, 2, 7);
    assert_eq!((plain.differs, plain.removed), (None, 1));
    assert_eq!(names(&folder), BTreeSet::from([differs(6), name(7)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_made_is_told_at_the_start() {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
    if !bench.can_answer("a_folder_that_cannot_be_made_is_told_at_the_start") {
        return;
    }
    let toml = std::fs::read_to_string(bench.path("crawl.toml")).unwrap();
    let toml = format!("[backup]\nschedule = \"@every 366d\"\npath = \"not/mounted\"\n{toml}");
    std::fs::write(bench.path("crawl.toml"), toml).unwrap();
    let mut daemon = Running::start(&mut bench.command(&["run"]));
    until("the control socket", || bench.path("archive/control.sock").exists());
    // Though nothing is held yet, and so nothing would be backed up.
    until("the word of it", || bench.wangqi(&["stats"]).contains("could not create the folder"));
    daemon.signal("TERM");
    assert_eq!(daemon.code(), Some(0));
}

/// How long each segment is.
fn lengths(archive: &Path) -> std::collections::BTreeMap<String, u64> {
    let entries = std::fs::read_dir(archive.join("segments")).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len())).collect()
}

/// Copies an archive that nobody has open: VERSION and segments; the index is made anew.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("segments")).unwrap();
    std::fs::copy(from.join("VERSION"), to.join("VERSION")).unwrap();
    for name in names(&from.join("segments")) {
        std::fs::copy(from.join("segments").join(&name), to.join("segments").join(&name)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_stopped_leaves_nothing() {
    let bench = crawled().await;
    let archive = bench.open();
    let plan = Plan { folder: bench.path("backups"), keep: 1 };
    made(&archive.reader(), &plan.folder, 1, 1);
    // What a process that was killed left behind, and what another is writing just now.
    std::fs::write(plan.folder.join(".wangqi-1-0.partial"), "left behind").unwrap();
    let busy = std::fs::File::create(plan.folder.join(".wangqi-1-1.partial")).unwrap();
    busy.lock().unwrap();
    for steps in [1, 5, 20, 100] {
        let stopped = make(&archive.reader(), &plan, at(2), &mut Steps(steps)).unwrap_err();
        assert!(matches!(stopped, ExportError::Stopped), "{stopped}");
        assert_eq!(names(&plan.folder), BTreeSet::from([name(1), ".wangqi-1-1.partial".to_owned()]));
    }
    let inside = Plan { folder: bench.path("archive/backups"), keep: 1 };
    let refused = make(&archive.reader(), &inside, at(2), &mut Steps(u64::MAX)).unwrap_err();
    assert!(refused.to_string().contains("is in the archive's own folder"), "{refused}");
    assert!(!refused.to_string().contains("with -o"), "{refused}");
    assert!(!inside.folder.exists());
    let nowhere = Plan { folder: bench.path("not/mounted"), keep: 1 };
    let refused = make(&archive.reader(), &nowhere, at(2), &mut Steps(u64::MAX)).unwrap_err();
    assert!(refused.to_string().contains("could not create the folder"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_writes_them_and_stats_says_so() {
    let bench = crawled().await;
    if !bench.can_answer("the_daemon_writes_them_and_stats_says_so") {
        return;
    }
    let toml = std::fs::read_to_string(bench.path("crawl.toml")).unwrap();
    let toml = format!("[backup]\nschedule = \"@every 366d\"\npath = \"kept\"\nkeep = 3\n{toml}");
    std::fs::write(bench.path("crawl.toml"), toml).unwrap();
    assert!(!bench.wangqi(&["stats"]).contains("last backup"));
    let stats =
        |bench: &Bench| -> serde_json::Value { serde_json::from_str(&bench.wangqi(&["stats", "--json"])).unwrap() };
    let mut daemon = Running::start(&mut bench.command(&["run"]));
    until("the control socket", || bench.path("archive/control.sock").exists());
    until("the first backup", || !stats(&bench)["last_backup"].is_null());
    let backup = stats(&bench)["last_backup"].clone();
    assert_eq!(backup["problem"], serde_json::Value::Null, "{backup}");
    let file = Path::new(backup["file"].as_str().unwrap());
    assert_eq!(std::fs::metadata(file).unwrap().len(), backup["bytes"].as_u64().unwrap());
    assert_eq!(file.parent().unwrap(), bench.path("kept"));
    assert!(bench.wangqi(&["stats"]).contains(&format!("last backup    {}", &backup["at"].as_str().unwrap()[..10])));
    daemon.signal("TERM");
    assert_eq!(daemon.code(), Some(0));
    // Not again before it is due.
    let mut daemon = Running::start(&mut bench.command(&["run"]));
    until("the control socket", || bench.path("archive/control.sock").exists());
    assert_eq!(stats(&bench)["last_backup"], backup);
    daemon.signal("TERM");
    assert_eq!(daemon.code(), Some(0));
    assert_eq!(names(&bench.path("kept")).len(), 1);
    assert!(bench.wangqi(&["verify"]).starts_with("clean"));
}
