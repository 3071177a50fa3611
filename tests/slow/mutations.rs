//! Mutated WeChat pages in their thousands: none may panic, take more than a second, or cost more than half a gigabyte.
//!
//! ```text
//! WANGQI_MUTATIONS=1000000 WANGQI_FULL_SIZE=1000 cargo test --release --test mutations
//! ```
//! Without the variables a small number of each is tried, so that the gate runs it too. `WANGQI_SEED` begins elsewhere.
//! The seeds are the golden pages; full-size ones are golden pages blown up with script, or saved pages where `WANGQI_SHARED` has some.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "dice.rs"]
mod dice;

use dice::{Dice, Stopwatch};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use wangqi::extract::wechat::listing;
use wangqi::extract::{self, Hints, Page, mhtml};
use wangqi::model::CanonicalUrl;

/// Longest input of the small kind, in bytes.
const SMALL: usize = 64 * 1024;

/// How long one page may take. A debug build is some twenty times slower than what people run.
const LONGEST: Duration = if cfg!(debug_assertions) { Duration::from_secs(20) } else { Duration::from_secs(1) };

/// How long a page is waited for by the clock before it is taken to hang: ample on the busiest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most memory that the process may ever have held, in kB.
const MOST_MEMORY: u64 = 512 * 1024;

/// What mutations put into pages: the pieces of which these pages, and trouble, are made.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    "\\",
    "\\x27",
    "\\u4e2d",
    "\\x5cx26",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ";",
    "||",
    "?",
    " * 1",
    ".html(false)",
    "JsDecode('",
    "JSON.parse('[",
    "window.cgiDataNew = {",
    "var ct = \"",
    "/*",
    "*/",
    "//",
    "/",
    "=>",
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<style>",
    "<div id=\"js_content\">",
    "<table>",
    "<td>",
    "<svg>",
    "<math>",
    "<foreignObject>",
    "<template>",
    "<a href=\"https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA\">",
    "</a>",
    "<pre><code>",
    "<mp-common-profile data-nickname=\"",
    "&amp;",
    "&#x",
    "往期推荐",
    "该内容已被发布者删除",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "=\r\n",
    "--b\r\nContent-Type: text/html\r\n\r\n",
];

fn main() {
    let count =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let seed = count("WANGQI_SEED", 1);
    let seeds = golden_pages();
    run("small pages", &seeds, count("WANGQI_MUTATIONS", 400), seed, SMALL);
    let large = large_pages(&seeds);
    run("full-size pages", &large, count("WANGQI_FULL_SIZE", 2), seed, usize::MAX);
    let peak = peak_memory();
    if peak.is_some_and(|peak| peak > MOST_MEMORY) {
        eprintln!("mutations: the process held {} MB", peak.unwrap_or_default() / 1024);
        exit(1);
    }
}

/// What a core is at, and since when.
type AtWork = (Instant, Vec<u8>);

/// Tries so many mutations of some pages, on all cores.
fn run(what: &str, seeds: &[Vec<u8>], count: u64, seed: u64, longest: usize) {
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let slowest = AtomicU64::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // What each core is at, and since when: a page that never ends is found by the watchman, not waited for.
    let at_work: Vec<Mutex<Option<AtWork>>> = (0..cores).map(|_| Mutex::new(None)).collect();
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for place in &at_work {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let page = mutation(seeds, &mut Dice::of(seed, number), longest);
                    *place.lock().unwrap() = Some((Instant::now(), page.clone()));
                    let started = Stopwatch::start();
                    if catch_unwind(AssertUnwindSafe(|| understand(&page))).is_err() {
                        give_up("panicked", number, &page);
                    }
                    let took = started.worked();
                    if took > LONGEST {
                        give_up(&format!("took {took:?}"), number, &page);
                    }
                    slowest.fetch_max(took.as_micros() as u64, Ordering::Relaxed);
                    *place.lock().unwrap() = None;
                }
                done.fetch_add(1, Ordering::Release);
            });
        }
        while done.load(Ordering::Acquire) < cores {
            std::thread::sleep(Duration::from_millis(20));
            for place in &at_work {
                if let Some((since, page)) = &*place.lock().unwrap()
                    && since.elapsed() > PATIENCE
                {
                    give_up("does not end", next.load(Ordering::Relaxed), page);
                }
            }
        }
    });
    println!(
        "mutations: {count} {what} in {:.1} s, the slowest took {:.1} ms, peak {} MB",
        begun.elapsed().as_secs_f64(),
        slowest.load(Ordering::Relaxed) as f64 / 1000.0,
        peak_memory().unwrap_or_default() / 1024
    );
}

/// Everything that reads such bytes.
fn understand(bytes: &[u8]) {
    let url = CanonicalUrl::parse("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: bytes };
    let found = extract::extract(&page, &Hints::default());
    if let wangqi::model::Extracted::Document(document) = found {
        assert!(!document.html.contains("<script"), "a script came through");
        assert!(serde_json::to_string(&document).is_ok());
    }
    let _ = listing::album(bytes);
    let _ = listing::published(bytes, 0);
    if let Some(saved) = mhtml::open(bytes) {
        saved.parts.iter().for_each(|part| drop(part.decode()));
    }
}

/// One to four changes of one page.
fn mutation(seeds: &[Vec<u8>], dice: &mut Dice, longest: usize) -> Vec<u8> {
    let mut page = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(page.len() + 1);
        match dice.below(7) {
            0 => page.truncate(at),
            1 => {
                let to = (at + dice.below(400)).min(page.len());
                page.drain(at..to);
            }
            2 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                let piece = other[from..(from + dice.below(2000)).min(other.len())].to_vec();
                page.splice(at..at, piece);
            }
            3 => {
                let noise: Vec<u8> = (0..=dice.below(16)).map(|_| dice.next() as u8).collect();
                page.splice(at..at, noise);
            }
            4 => {
                let piece = PIECES[dice.below(PIECES.len())];
                let times = 1 << dice.below(11);
                page.splice(at..at, piece.repeat(times).into_bytes());
            }
            5 => {
                let end = (at + dice.below(120)).min(page.len());
                let piece = page[at..end].repeat(1 << dice.below(8));
                page.splice(at..at, piece);
            }
            _ => {
                if let Some(byte) = page.get_mut(at) {
                    *byte = dice.next() as u8;
                }
            }
        }
        page.truncate(longest);
    }
    page
}

fn golden_pages() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/wechat");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|case| case.unwrap().path().join("page.html")).collect();
    cases.sort();
    cases.iter().map(|case| fs::read(case).unwrap()).filter(|page| page.len() <= SMALL).collect()
}

/// Pages of the size that WeChat sends.
fn large_pages(seeds: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let saved = std::env::var_os("WANGQI_SHARED").map(|shared| PathBuf::from(shared).join("corpus/wechat/articles"));
    let saved = saved.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten();
    let mut paths: Vec<PathBuf> = saved.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    let pages: Vec<Vec<u8>> =
        paths.iter().map(|path| fs::read(path).unwrap()).filter(|page| page.len() > 500_000).collect();
    if !pages.is_empty() {
        return pages;
    }
    let filler = "!function(e,t){var n={title:e.title,ct:{a:1}};for(var r=0;r<t.length;r++)n[r]=t[r]||'x';return n}(window,[]);\n";
    let script = format!("<script>{}</script>", filler.repeat(2_500_000 / filler.len()));
    let full = seeds.iter().filter(|page| page.len() > 2000).take(8);
    full.map(|page| [page.as_slice(), script.as_bytes()].concat()).collect()
}

/// Says what went wrong, keeps the page, and ends: a hung thread cannot be joined.
fn give_up(what: &str, number: u64, page: &[u8]) -> ! {
    let file = std::env::temp_dir().join(format!("wangqi-mutation-{number}.html"));
    let kept = fs::write(&file, page).map_or_else(|error| error.to_string(), |()| file.display().to_string());
    eprintln!("mutations: page {number} {what}; it is in {kept}");
    exit(1);
}

/// The most memory this process ever held, in kB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?.trim().parse().ok()
}
