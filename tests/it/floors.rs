//! Holds the house: who may import whom, who may name what, and how long a file may be.
//!
//! A room may import only rooms on lower floors, neighbours do not see each other, and some names are fenced to one place.
//! Comments, strings and test modules do not count.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms it may import. A row names only rows above it, so a circle cannot be written down.
const FLOORS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("extract", &["model"]),
    ("fetch", &["model"]),
    ("archive", &["model"]),
    ("search", &["model", "archive"]),
    ("crawl", &["model", "extract", "fetch", "archive"]),
    ("export", &["model", "extract", "archive"]),
    ("import", &["model", "extract", "archive"]),
    ("notify", &["model", "fetch", "archive"]),
    ("serve", &["model", "extract", "archive", "search", "export"]),
    ("config", &["model", "extract", "fetch", "archive", "search", "crawl", "export", "import", "notify", "serve"]),
    (
        "cli",
        &["model", "extract", "fetch", "archive", "search", "crawl", "export", "import", "notify", "serve", "config"],
    ),
];

/// Names, and the only places that may say them. `src/cli/demo` stands apart, as tests do.
const FENCES: &[(&[&str], &[&str])] = &[
    (&["sled"], &["src/archive/index/sled.rs"]),
    (&["tokio_postgres"], &["src/archive/index/postgres.rs"]),
    (&["object_store"], &["src/archive/segments/"]),
    (&["reqwest", "hyper", "hyper_util"], &["src/fetch/"]),
    (&["axum", "tower", "tower_http"], &["src/serve/"]),
    (&["scraper", "html5ever", "ammonia", "dom_smoothie", "ego_tree"], &["src/extract/"]),
    (&["cron"], &["src/crawl/schedule.rs"]),
    (&["tantivy"], &["src/search/"]),
    (&["anyhow", "clap"], &["src/cli/", "src/main.rs"]),
];

/// Calls that read the clock, and the only places that may.
const CLOCKS: &[&str] = &["Utc::now", "SystemTime::now", "Local::now"];
const CLOCK_PLACES: &[&str] = &["src/fetch/", "src/crawl/mod.rs", "src/cli/"];

/// No file is longer: past it, a second idea has moved in.
const LONGEST_FILE: usize = 400;

/// A folder that no file may be named after: a thing with no home is a missing noun.
const DRAWERS: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "misc"];

#[test]
fn floors_and_fences_hold() {
    let breaches = breaches(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn planted_breaches_are_found() {
    let house = tempfile::tempdir().unwrap();
    let plant = |path: &str, text: &str| {
        let path = house.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    plant("src/extract/mod.rs", "//! x\nuse crate::fetch::Fetcher;\nuse crate::{model::Key, archive::Archive};\n");
    plant("src/fetch/mod.rs", "fn f() { let t = sled::open(\"x\"); }\n");
    plant("src/model/mod.rs", "fn now() { chrono::Utc::now(); }\n");
    plant("src/crawl/visit.rs", "use crate::cli::main;\n// use crate::serve::x in a comment is nothing\n");
    plant("src/archive/mod.rs", "use super::crawl::Crawler;\n#[cfg(test)]\nmod tests { use crate::crawl::X; }\n");
    plant("src/archive/utils.rs", "");
    plant("src/config.rs", &"// a line\n".repeat(LONGEST_FILE + 1));
    let found = breaches(house.path());
    let expected = [
        "src/archive/mod.rs:1: `archive` may not import `crawl`",
        "src/archive/utils.rs: no drawers: name the thing it holds",
        "src/config.rs: 401 lines; the ceiling is 400",
        "src/crawl/visit.rs:1: `crawl` may not import `cli`",
        "src/extract/mod.rs:2: `extract` may not import `fetch`",
        "src/extract/mod.rs:3: `extract` may not import `archive`",
        "src/fetch/mod.rs:1: only src/archive/index/sled.rs may name `sled`",
        "src/model/mod.rs:1: `Utc::now` is read only in src/fetch/, src/crawl/mod.rs, src/cli/; take `now` as an argument",
    ];
    assert_eq!(found, expected);
}

fn breaches(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    walk(&root.join("src"), &mut files);
    files.sort();
    files.iter().flat_map(|file| breaches_in(root, file)).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

fn breaches_in(root: &Path, file: &Path) -> Vec<String> {
    let name = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
    let text = fs::read_to_string(file).unwrap();
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        found.push(format!("{name}: {lines} lines; the ceiling is {LONGEST_FILE}"));
    }
    let mut parts = name.trim_end_matches(".rs").split('/');
    if parts.any(|part| DRAWERS.contains(&part)) {
        found.push(format!("{name}: no drawers: name the thing it holds"));
    }
    let floor = name.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default().to_owned();
    for (at, line) in code_lines(&text) {
        breach_of_floor(&name, &floor, at, &line, &mut found);
        breach_of_fence(&name, at, &line, &mut found);
    }
    found
}

/// The lines that are code: comments and strings blanked, everything from a file's `#[cfg(test)]` on left out.
fn code_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            break;
        }
        let mut code = String::new();
        let (mut quoted, mut escaped) = (false, false);
        let mut chars = line.chars().peekable();
        while let Some(letter) = chars.next() {
            if quoted {
                quoted = escaped || letter != '"';
                escaped = !escaped && letter == '\\';
            } else if letter == '"' {
                quoted = true;
            } else if letter == '/' && chars.peek() == Some(&'/') {
                break;
            } else {
                code.push(letter);
            }
        }
        lines.push((at + 1, code));
    }
    lines
}

fn breach_of_floor(name: &str, room: &str, at: usize, line: &str, found: &mut Vec<String>) {
    let Some((_, allowed)) = FLOORS.iter().find(|(floor, _)| *floor == room) else { return };
    for (other, _) in FLOORS {
        let direct = [format!("crate::{other}"), format!("super::{other}::")];
        let listed = line.contains("crate::{") && has_word(line, other) && line.contains(&format!("{other}::"));
        let named = direct.iter().any(|path| has_word(line, path)) || listed;
        // `super::x` reaches another room only from a room's own mod.rs.
        let inner = !name.ends_with("/mod.rs") && !line.contains("crate::");
        if named && !inner && *other != room && !allowed.contains(other) {
            found.push(format!("{name}:{at}: `{room}` may not import `{other}`"));
        }
    }
}

fn breach_of_fence(name: &str, at: usize, line: &str, found: &mut Vec<String>) {
    if name.starts_with("src/cli/demo") {
        return;
    }
    let within = |places: &[&str]| places.iter().any(|place| name.starts_with(place));
    for (words, places) in FENCES {
        for word in *words {
            let named = has_word(line, &format!("{word}::")) || has_word(line, &format!("use {word};"));
            if named && !line.contains(&format!("::{word}::")) && !within(places) {
                found.push(format!("{name}:{at}: only {} may name `{word}`", places.join(", ")));
            }
        }
    }
    for clock in CLOCKS {
        if line.contains(clock) && !within(CLOCK_PLACES) {
            let places = CLOCK_PLACES.join(", ");
            found.push(format!("{name}:{at}: `{clock}` is read only in {places}; take `now` as an argument"));
        }
    }
}

/// Whether `word` stands in the line with no identifier running into it on either side.
fn has_word(line: &str, word: &str) -> bool {
    let identifier = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let open = word.ends_with(identifier);
        !(before.is_some_and(identifier) || open && after.is_some_and(identifier))
    })
}
