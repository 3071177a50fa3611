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
    plant("src/fetch/list.rs", "use crate::{\n    model::Key,\n    extract::guard,\n};\nuse ::scraper::Html;\n");
    plant("src/fetch/deep/far.rs", "use super::super::super::archive::X;\nuse super::near;\nuse sled as s;\n");
    plant(
        "src/extract/late.rs",
        "#[cfg(test)]\nmod probe;\nconst Q: char = '\"'; type X = crate::crawl::X;\nfn f() { chrono::Utc\n    ::now(); }\nuse {sled, std::fs};\n/* crate::cli::x */\n",
    );
    plant("src/archive/utils.rs", "");
    plant("src/config.rs", &"// a line\n".repeat(LONGEST_FILE + 1));
    let found = breaches(house.path());
    let expected = [
        "src/archive/mod.rs:1: `archive` may not import `crawl`",
        "src/archive/utils.rs: no drawers: name the thing it holds",
        "src/config.rs: 401 lines; the ceiling is 400",
        "src/crawl/visit.rs:1: `crawl` may not import `cli`",
        "src/extract/late.rs:3: `extract` may not import `crawl`",
        "src/extract/late.rs:4: `Utc::now` is read only in src/fetch/, src/crawl/mod.rs, src/cli/; take `now` as an argument",
        "src/extract/late.rs:6: only src/archive/index/sled.rs may name `sled`",
        "src/extract/mod.rs:2: `extract` may not import `fetch`",
        "src/extract/mod.rs:3: `extract` may not import `archive`",
        "src/fetch/deep/far.rs:1: `fetch` may not import `archive`",
        "src/fetch/deep/far.rs:3: only src/archive/index/sled.rs may name `sled`",
        "src/fetch/list.rs:3: `fetch` may not import `extract`",
        "src/fetch/list.rs:5: only src/extract/ may name `scraper`",
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
    let module: Vec<&str> =
        name["src/".len()..].trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect();
    for (at, path) in paths(&without_tests(&code(&text))) {
        breach_of_floor(&name, &module, at, &path, &mut found);
        breach_of_fence(&name, at, &path, &mut found);
    }
    found.dedup();
    found
}

/// The text with comments, strings and character literals blanked; lines stay where they are.
fn code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            let hashes = rest[1..].chars().take_while(|letter| *letter == '#').count();
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            rest.get(open..).and_then(|inner| inner.find(&close)).map_or(1, |end| open + end + close.len())
        } else if letter == '"' {
            closed(rest, '"')
        } else if letter == '\'' && (rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\'')) {
            closed(rest, '\'')
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        out.extend(rest[..taken].chars().filter(|letter| *letter == '\n'));
        out.push(' ');
        rest = &rest[taken..];
    }
    out
}

/// The length of a literal that `text` begins with, to its closing quote.
fn closed(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        if letter == quote && !escaped {
            return at + quote.len_utf8();
        }
        escaped = letter == '\\' && !escaped;
    }
    text.len()
}

/// The code without the items under `#[cfg(test)]`: each to its semicolon, or to its closing brace.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let mut depth = 0usize;
        let end = item.char_indices().find_map(|(at, letter)| {
            depth = match letter {
                '{' => depth + 1,
                '}' => depth.saturating_sub(1),
                _ => depth,
            };
            (depth == 0 && matches!(letter, ';' | '}')).then_some(at + 1)
        });
        let end = end.unwrap_or(item.len());
        out.extend(item[..end].chars().filter(|letter| *letter == '\n'));
        rest = &item[end..];
    }
    out + rest
}

/// Every path that the code names, with its line; the braces of a `use` are expanded.
fn paths(code: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut prefixes: Vec<Vec<String>> = Vec::new();
    let (mut path, mut word): (Vec<String>, String) = (Vec::new(), String::new());
    let (mut line, mut in_use, mut began) = (1, false, 1);
    let mut letters = code.chars().chain("\n".chars()).peekable();
    while let Some(letter) = letters.next() {
        if letter.is_alphanumeric() || letter == '_' {
            if word.is_empty() && path.is_empty() {
                began = line;
            }
            word.push(letter);
            continue;
        }
        let joins = letter == ':' && letters.peek() == Some(&':');
        if joins {
            letters.next();
        }
        if !word.is_empty() {
            path.push(std::mem::take(&mut word));
        }
        let goes_on = joins || letter.is_whitespace() && continues(&letters) || in_use && letter == '{';
        if !goes_on && !path.is_empty() {
            let mark = in_use.then(|| "use".to_owned());
            let whole: Vec<String> = mark.iter().chain(prefixes.iter().flatten()).chain(&path).cloned().collect();
            found.push((began, whole));
            in_use = in_use || path == ["use"];
            path.clear();
        }
        match letter {
            '{' if in_use => prefixes.push(std::mem::take(&mut path)),
            '}' if in_use => drop(prefixes.pop()),
            ';' => {
                in_use = false;
                prefixes.clear();
            }
            '\n' => line += 1,
            _ => {}
        }
    }
    found
}

/// Whether the path goes on behind white space: `chrono::Utc` on one line, `::now()` on the next.
fn continues(letters: &std::iter::Peekable<impl Iterator<Item = char> + Clone>) -> bool {
    let mut ahead = letters.clone().skip_while(|letter| letter.is_whitespace());
    ahead.next() == Some(':') && ahead.next() == Some(':')
}

fn breach_of_floor(name: &str, module: &[&str], at: usize, path: &[String], found: &mut Vec<String>) {
    let room = module.first().copied().unwrap_or_default();
    let Some((_, allowed)) = FLOORS.iter().find(|(floor, _)| *floor == room) else { return };
    let path = &path[usize::from(path[0] == "use").min(path.len() - 1)..];
    let supers = path.iter().take_while(|part| *part == "super").count();
    let other = match path.first().map(String::as_str) {
        Some("crate") => path.get(1),
        // `super` leaves the room only when it climbs as high as the room's own folder.
        Some("super") if supers >= module.len() => path.get(supers),
        _ => None,
    };
    let Some(other) = other.filter(|other| FLOORS.iter().any(|(floor, _)| floor == other)) else { return };
    if other != room && !allowed.contains(&other.as_str()) {
        found.push(format!("{name}:{at}: `{room}` may not import `{other}`"));
    }
}

fn breach_of_fence(name: &str, at: usize, path: &[String], found: &mut Vec<String>) {
    if name.starts_with("src/cli/demo") {
        return;
    }
    let within = |places: &[&str]| places.iter().any(|place| name.starts_with(place));
    let begins = path.iter().find(|part| *part != "use");
    for (words, places) in FENCES {
        // A path that begins with the name, or a `use` of the name alone.
        let named = begins.is_some_and(|begin| words.contains(&begin.as_str())) && (path.len() > 1 || path[0] == "use");
        if named && !within(places) {
            let word = begins.map(String::as_str).unwrap_or_default();
            found.push(format!("{name}:{at}: only {} may name `{word}`", places.join(", ")));
        }
    }
    for clock in CLOCKS {
        let (of, now) = clock.split_once("::").unwrap_or_default();
        if path.windows(2).any(|two| two[0] == of && two[1] == now) && !within(CLOCK_PLACES) {
            let places = CLOCK_PLACES.join(", ");
            found.push(format!("{name}:{at}: `{clock}` is read only in {places}; take `now` as an argument"));
        }
    }
}
