//! Real pages understood, against only parsed: the same pages, the same run, one thread, by the time the thread worked.
//!
//! ```text
//! WANGQI_PAGES=a/folder/of/saved/pages cargo bench --bench pages
//! ```
//! Pages are read (and unpacked, where they end in `.gz`) before anything is timed; the parse gets its text for nothing, while
//! extraction pays for its own decoding. Without the variable there is nothing to measure, and that is what it says.
//! With `WANGQI_ROUNDS=20` every page is measured so often; what counts is the fastest of its rounds.

use std::hint::black_box;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wangqi::extract::{self, Hints, Page};
use wangqi::model::CanonicalUrl;

/// A page, and the fastest time of each contender.
struct Measured {
    name: String,
    payload: Vec<u8>,
    extract: Duration,
    parse: Duration,
}

fn main() {
    let Some(folder) = std::env::var_os("WANGQI_PAGES") else {
        println!("pages: WANGQI_PAGES names no folder of saved pages, so there is nothing to measure");
        return;
    };
    let rounds = std::env::var("WANGQI_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let mut pages = pages(Path::new(&folder));
    let url = CanonicalUrl::parse("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA").expect("it is a URL");
    for _ in 0..rounds {
        for page in &mut pages {
            let text = String::from_utf8_lossy(&page.payload);
            page.parse = page.parse.min(timed(|| scraper::Html::parse_document(&text)));
            let asked = Page { url: &url, final_url: &url, content_type: "text/html", payload: &page.payload };
            page.extract = page.extract.min(timed(|| extract::extract(&asked, &Hints::default())));
        }
    }
    println!("{:>10} {:>10} {:>10} {:>6}  page", "bytes", "extract", "parse", "ratio");
    pages.iter().for_each(Measured::print);
    let large = pages.iter().filter(|page| page.payload.len() >= 1_000_000);
    total("pages of 1 MB and more", large).print();
    total("all pages", pages.iter()).print();
}

/// All files of a folder that can be pages, by name.
fn pages(folder: &Path) -> Vec<Measured> {
    let files = std::fs::read_dir(folder).expect("WANGQI_PAGES names a folder that can be read");
    let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    paths.iter().filter_map(|path| page(path)).collect()
}

fn page(path: &Path) -> Option<Measured> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let mut payload = std::fs::read(path).ok()?;
    let plain = if let Some(plain) = name.strip_suffix(".gz") {
        let packed = std::mem::take(&mut payload);
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut payload).ok()?;
        plain
    } else {
        name.as_str()
    };
    let is_page = [".html", ".htm", ".mhtml"].iter().any(|ending| plain.ends_with(ending));
    is_page.then_some(Measured { name, payload, extract: Duration::MAX, parse: Duration::MAX })
}

fn total<'a>(name: &str, pages: impl Iterator<Item = &'a Measured>) -> Measured {
    let begin = Measured { name: name.to_owned(), payload: Vec::new(), extract: Duration::ZERO, parse: Duration::ZERO };
    pages.fold(begin, |mut all, page| {
        all.payload.extend_from_slice(&page.payload);
        all.extract += page.extract;
        all.parse += page.parse;
        all
    })
}

impl Measured {
    fn print(&self) {
        let rate = self.payload.len() as f64 / 1e6 / self.extract.as_secs_f64();
        println!(
            "{:>10} {:>7.2} ms {:>7.2} ms {:>6.2}  {} ({rate:.0} MB/s)",
            self.payload.len(),
            self.extract.as_secs_f64() * 1000.0,
            self.parse.as_secs_f64() * 1000.0,
            self.parse.as_secs_f64() / self.extract.as_secs_f64(),
            self.name
        );
    }
}

/// How long this thread worked at something; dropping the answer counts for both.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = worked();
    drop(black_box(work()));
    worked().saturating_sub(begun)
}

fn worked() -> Duration {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).expect("threads have clocks");
    Duration::from(now)
}
