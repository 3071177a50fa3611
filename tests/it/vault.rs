//! A folder of Markdown that is kept up to date: what its owner wrote stays, what broke off goes on.

use crate::crawl::{demo_feeds, demo_site};
use crate::export::{exported, held};
use crate::support::Bench;
use crate::support::child::{Running, until};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use wangqi::cli::demo::site;
use wangqi::crawl::Pass;

/// Everything in a folder of notes but its state, by path.
fn notes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(within) = folders.pop() {
        for entry in std::fs::read_dir(folder.join(&within)).unwrap() {
            let entry = entry.unwrap();
            let path = within.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if !path.to_str().unwrap().starts_with(".wangqi-export") {
                found.insert(path.to_str().unwrap().to_owned(), std::fs::read(entry.path()).unwrap_or_default());
            }
        }
    }
    found
}

/// Whether a name has this ending.
pub(crate) fn is(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == ending)
}

/// Exports into a folder and gives what it says of it.
fn into(bench: &Bench, folder: &Path, more: &[&str]) -> String {
    let arguments = [&["--format", "markdown", "-o", folder.to_str().unwrap()], more].concat();
    let output = exported(bench, &arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_pictures_and_an_index() {
    let bench = held().await;
    let folder = bench.path("notes");
    let said = into(&bench, &folder, &[]);
    let found = notes(&folder);
    let texts: Vec<&String> = found.keys().filter(|name| is(name, "md") && *name != "index.md").collect();
    assert_eq!(texts.len(), site::ARTICLES + site::NOTICES + site::NEW);
    assert!(said.contains(&format!("{} files written, 0 unchanged", found.len())), "{said}");
    let index = String::from_utf8(found["index.md"].clone()).unwrap();
    let mut leads = 0;
    for (name, text) in found.iter().filter(|(name, _)| is(name, "md")) {
        let text = std::str::from_utf8(text).unwrap();
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if target.starts_with("http") || target.starts_with("<http") {
                continue;
            }
            let path = percent_encoding::percent_decode_str(target).decode_utf8().unwrap();
            assert!(found.contains_key(&*path), "{name} leads to {target}");
            leads += 1;
        }
    }
    assert!(leads > texts.len(), "{leads}");
    assert_eq!(index.matches("\n- [").count(), texts.len(), "{index}");
    assert!(found.keys().any(|name| name.starts_with("assets/") && is(name, "png")));

    let matter = bench.path("matter");
    into(&bench, &matter, &["--front-matter", "--state", "deleted"]);
    let found = notes(&matter);
    let (_, text) = found.iter().find(|(name, _)| name.contains(site::DELETED)).unwrap();
    let text = std::str::from_utf8(text).unwrap();
    assert!(text.starts_with(&format!("---\ntitle: \"{}\"\n", site::DELETED)), "{text}");
    assert!(text.contains("\nstate: \"deleted\"\n") && text.contains("\n---\n\n# "), "{text}");
    assert!(!text.contains("\n发布时间: "), "{text}");
    // A smaller choice into the same folder takes nothing out of the list; what its owner deleted is not in it.
    let before = notes(&folder);
    into(&bench, &folder, &["--feed", site::feeds()[0].name]);
    let index = |notes: &BTreeMap<String, Vec<u8>>| String::from_utf8(notes["index.md"].clone()).unwrap();
    assert_eq!(index(&notes(&folder)), index(&before));
    let gone = before.keys().find(|name| name.contains(site::DELETED)).unwrap();
    std::fs::remove_file(folder.join(gone)).unwrap();
    into(&bench, &folder, &["--state", "deleted"]);
    assert_eq!(index(&notes(&folder)), index(&before));
    let foreign = "2024-01-01 mine 0123456789abcdef.md";
    std::fs::write(folder.join(foreign), "mine").unwrap();
    into(&bench, &folder, &["--feed", site::feeds()[0].name]);
    assert!(notes(&folder)["index.md"] == before["index.md"], "what is not ours is not listed");
    std::fs::remove_file(folder.join(foreign)).unwrap();
    // Through a pipe it is a tar of the same files.
    let piped = crate::export::good(&bench, &["--format", "markdown", "-o", "-"]);
    let piped: BTreeMap<String, Vec<u8>> = crate::export::files(&piped)
        .into_iter()
        .map(|(name, content)| (name.trim_start_matches("./").to_owned(), content))
        .collect();
    into(&bench, &folder, &[]);
    assert!(piped == notes(&folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_changed_is_written_and_what_was_edited_stays() {
    let (pass, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
    let poll = || Pass { poll: true, due: true, ..Pass::default() };
    bench.crawl(poll()).await;
    let folder = bench.path("notes");
    into(&bench, &folder, &[]);
    let first = notes(&folder);
    let said = into(&bench, &folder, &[]);
    assert!(said.contains(&format!("0 files written, {} unchanged", first.len())), "{said}");
    assert!(notes(&folder) == first);

    // The owner writes: into a note that stays the same, into one that will change, a file of his own, and a link in a note's place.
    let name_of = |title: &str| first.keys().find(|name| name.contains(title)).unwrap().clone();
    let (edited, calm) = (name_of(site::EDITED), name_of(site::DELETED));
    let add = |name: &str| {
        let path = folder.join(name);
        let mut text = std::fs::read(&path).unwrap();
        text.extend_from_slice("\n我的批注\n".as_bytes());
        std::fs::write(&path, text).unwrap();
    };
    add(&calm);
    add(&edited);
    std::fs::write(folder.join("mine.md"), "mine").unwrap();
    let linked = first.keys().find(|name| is(name, "md") && **name != edited && **name != calm && *name != "index.md");
    let linked = linked.unwrap().clone();
    std::fs::remove_file(folder.join(&linked)).unwrap();
    std::fs::write(bench.path("elsewhere"), "elsewhere").unwrap();
    std::os::unix::fs::symlink(bench.path("elsewhere"), folder.join(&linked)).unwrap();
    let lost = first.keys().find(|name| name.starts_with("assets/")).unwrap().clone();
    std::fs::remove_file(folder.join(&lost)).unwrap();
    let owned = notes(&folder);

    pass.store(2, Ordering::Relaxed);
    bench.ahead(chrono::TimeDelta::hours(2));
    bench.crawl(Pass { recheck: true, ..poll() }).await;
    // Through whoever holds the archive it is the same.
    let daemon = bench.can_answer("only_what_changed").then(|| Running::start(&mut bench.command(&["run"])));
    until("the control socket", || daemon.is_none() || bench.path("archive/control.sock").exists());
    let said = into(&bench, &folder, &[]);
    if let Some(mut daemon) = daemon {
        daemon.signal("TERM");
        assert_eq!(daemon.code(), Some(0));
    }
    let then = notes(&folder);
    for name in [&calm, &edited, &linked] {
        assert!(then[name] == owned[name], "{name} is its owner's");
        assert!(said.contains(name.as_str()), "{said}");
    }
    assert_eq!(std::fs::read(bench.path("elsewhere")).unwrap(), b"elsewhere");
    assert_eq!(then["mine.md"], b"mine");
    assert!(then[&lost] == first[&lost], "what was lost comes back");
    let texts = |notes: &BTreeMap<String, Vec<u8>>| notes.keys().filter(|name| is(name, "md")).count();
    assert_eq!(texts(&then), texts(&owned) + site::NEW);
    assert!(then["index.md"] != owned["index.md"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_broke_off_goes_on() {
    let bench = held().await;
    let whole = bench.path("whole");
    into(&bench, &whole, &[]);
    let folder = bench.path("notes");
    for _ in 0..4 {
        let arguments = ["export", "--format", "markdown", "-o", folder.to_str().unwrap()];
        let mut writing = Running::start(&mut bench.command(&arguments));
        until("a few notes", || {
            let found = std::fs::read_dir(&folder).into_iter().flatten().count();
            found > 3 || writing.0.try_wait().unwrap().is_some()
        });
        writing.signal("KILL");
        writing.code();
    }
    // A line of the state that was cut short.
    let state = folder.join(".wangqi-export");
    let mut text = std::fs::read(&state).unwrap();
    text.truncate(text.len() - 9);
    std::fs::write(&state, text).unwrap();
    into(&bench, &folder, &[]);
    assert!(notes(&folder) == notes(&whole), "and nothing half written is left");
    let said = into(&bench, &folder, &[]);
    assert!(said.contains(" 0 files written"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_other_things_is_refused() {
    let bench = held().await;
    let folder = bench.path("photos");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("holiday.jpg"), "mine").unwrap();
    let file = folder.join("holiday.jpg");
    for (target, says) in
        [(&folder, "photos holds other things; name a new or empty folder"), (&file, "is not a folder")]
    {
        let output = exported(&bench, &["--format", "markdown", "-o", target.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(notes(&folder).len(), 1);
    // Nothing chosen writes nothing.
    let none = bench.path("none");
    let output = exported(&bench, &["--format", "markdown", "-o", none.to_str().unwrap(), "--since", "2999-01-01"]);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert!(!none.exists());
    // A folder that another export is writing into is left to it.
    into(&bench, &none, &["--state", "deleted"]);
    let taken = std::fs::File::options().append(true).open(none.join(".wangqi-export")).unwrap();
    taken.lock().unwrap();
    let output = exported(&bench, &["--format", "markdown", "-o", none.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("none is being written by another export just now"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}
