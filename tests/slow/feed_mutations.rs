//! Mutated feeds in their thousands: none may panic, or take more than a second.
//!
//! ```text
//! WANGQI_MUTATIONS=1000000 cargo test --release --test feed_mutations
//! ```
//! Without the variable a small number is tried, so that the gate runs it too. `WANGQI_SEED` begins elsewhere. The seeds are
//! feeds made here, and small saved ones where `WANGQI_SHARED` has some.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "dice.rs"]
mod dice;

use dice::{Dice, Stopwatch};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wangqi::extract::feed::{self, Source};

/// Longest input, in bytes.
const LONGEST_INPUT: usize = 64 * 1024;

/// How long one feed may take. A debug build is some twenty times slower than what people run.
const LONGEST: Duration = if cfg!(debug_assertions) { Duration::from_secs(20) } else { Duration::from_secs(1) };

/// How long no feed may be done before one is taken to hang: ample on the busiest machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SEEDS: &[&str] = &[
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><!DOCTYPE rss [<!ENTITY who 'Lin'>]><rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
     xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" xmlns:georss=\"http://www.georss.org/georss\" xml:base=\"https://hill.example/\"><channel>\
     <title>Hill &who;</title><link>/</link><image><url>i.png</url><width>80</width></image><textInput><name>q</name></textInput><skipHours><hour>1</hour></skipHours>\
     <item><title>One &amp; two</title><link>1</link><guid isPermaLink=\"false\">g1</guid><description>&lt;p&gt;<b>x</b>&lt;/p&gt;</description>\
     <pubDate>Mon, 02 Nov 2026 10:00:00 +0800</pubDate><category domain=\"d\">c</category><enclosure url=\"a.mp3\" type=\"audio/mpeg\" length=\"1\"/>\
     <media:group><media:credit role=\"r\">Lin</media:credit><media:thumbnail url=\"t\"/></media:group><georss:point>1 2</georss:point>\
     <itunes:category text=\"a\"><itunes:category text=\"b\"/></itunes:category><source url=\"s\">S</source></item><item><title><![CDATA[<b>2</b>]]></title></item></channel></rss>",
    "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\"><title type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">A <b>b</b></div></title>\
     <link rel=\"self\" href=\"/f\"/><author><name>Lin</name><email>l@hill.example</email></author><generator uri=\"/g\" version=\"1\">G</generator>\
     <entry><id>urn:1</id><title>1</title><content type=\"application/octet-stream\">PGI+eDwvYj4=</content><updated>2026-11-02T10:00:00Z</updated></entry>\
     <entry><id>urn:2</id><summary type=\"html\">&lt;a href='x'&gt;&#55357;&#56841;&lt;/a&gt;</summary><source><title>s</title></source></entry></feed>",
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel rdf:about=\"/\">\
     <title>R</title></channel><item rdf:about=\"/1\"><title>1</title><dc:creator>Lin (l@hill.example)</dc:creator><dc:date>2026-11-02</dc:date></item></rdf:RDF>",
    "<CHANNEL HREF=\"/\" LASTMOD=\"2026-11-02\"><TITLE>C</TITLE><ITEM HREF=\"/1\"><ABSTRACT>a</ABSTRACT></ITEM></CHANNEL>",
    "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"J\", \"items\": [{\"id\": \"1\", \"content_html\": \"<p>x</p>\", \"tags\": [\"a\"]}, {\"id\": 2, \"url\": \"/2\"}]}",
];

/// What mutations put into feeds: the pieces of which they, and trouble, are made.
const PIECES: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!",
    "&",
    "&#",
    "&#x",
    "&amp;",
    "&lt;",
    "&who;",
    ";",
    "\"",
    "'",
    "=",
    " a='",
    "<item>",
    "</item>",
    "<entry>",
    "</entry>",
    "<title>",
    "</title>",
    "<link>",
    "<content type='xhtml'>",
    "<source>",
    "<author>",
    "<image>",
    "<category>",
    "<itunes:category text='a'>",
    "<gml:Point><gml:pos>1 2",
    "<!DOCTYPE x [<!ENTITY who '&who;&who;'>]>",
    "xmlns=\"",
    "xmlns:p='",
    "xml:base='",
    "&#55357;",
    "\u{0}",
    "\u{feff}",
    "\r",
    "中",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"items\": [",
];

fn main() {
    let count =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (count, seed) = (count("WANGQI_MUTATIONS", 2000), count("WANGQI_SEED", 1));
    let seeds = seeds();
    let (next, done, slowest) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let begun = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let mut dice = Dice::of(seed, number);
                    let payload = mutation(&seeds, &mut dice);
                    let started = Stopwatch::start();
                    if catch_unwind(AssertUnwindSafe(|| understand(&payload))).is_err() {
                        give_up("panicked", number, &payload);
                    }
                    let took = started.worked();
                    if took > LONGEST {
                        give_up(&format!("took {took:?}"), number, &payload);
                    }
                    slowest.fetch_max(took.as_micros() as u64, Ordering::Relaxed);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // The watchman: a hung thread cannot be joined.
        let (mut last, mut since) = (0, Instant::now());
        while last < count {
            std::thread::sleep(Duration::from_millis(20));
            let now = done.load(Ordering::Relaxed);
            if now != last {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() > PATIENCE {
                eprintln!("feed_mutations: nothing was done for {PATIENCE:?}, after {now} feeds (WANGQI_SEED={seed})");
                exit(1);
            }
        }
    });
    let milliseconds = slowest.load(Ordering::Relaxed) as f64 / 1000.0;
    println!(
        "feed_mutations: {count} feeds in {:.1} s, the slowest took {milliseconds:.1} ms",
        begun.elapsed().as_secs_f64()
    );
}

fn understand(payload: &[u8]) {
    let source = Source { content_type: "", base: Some("https://hill.example/feed"), language: None };
    let (document, _) = feed::examine(payload, &source);
    assert!(document.entries.len() <= feed::MOST_ENTRIES);
    assert!(serde_json::to_string(&document).is_ok());
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    seeds.push(SEEDS[0].encode_utf16().flat_map(u16::to_le_bytes).collect());
    let saved = std::env::var_os("WANGQI_SHARED").map(|shared| Path::new(&shared).join("corpus/feeds/real"));
    let files = saved.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.sort();
    seeds.extend(files.iter().filter_map(|file| fs::read(file).ok()).filter(|feed| feed.len() < 32 * 1024));
    seeds
}

/// One to four changes of one feed.
fn mutation(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut feed = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(feed.len() + 1);
        match dice.below(6) {
            0 => feed.truncate(at),
            1 => drop(feed.drain(at..(at + dice.below(200)).min(feed.len()))),
            2 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                let piece = other[from..(from + dice.below(1000)).min(other.len())].to_vec();
                feed.splice(at..at, piece);
            }
            3 => {
                let piece = PIECES[dice.below(PIECES.len())].repeat(1 << dice.below(10));
                feed.splice(at..at, piece.into_bytes());
            }
            4 => {
                let piece = feed[at..(at + dice.below(120)).min(feed.len())].repeat(1 << dice.below(8));
                feed.splice(at..at, piece);
            }
            _ => {
                if let Some(byte) = feed.get_mut(at) {
                    *byte = dice.next() as u8;
                }
            }
        }
        feed.truncate(LONGEST_INPUT);
    }
    feed
}

/// Says what went wrong, keeps the feed, and ends.
fn give_up(what: &str, number: u64, payload: &[u8]) -> ! {
    let file = std::env::temp_dir().join(format!("wangqi-feed-{number}.xml"));
    let kept = fs::write(&file, payload).map_or_else(|error| error.to_string(), |()| file.display().to_string());
    eprintln!("feed_mutations: feed {number} {what}; it is in {kept}");
    exit(1);
}
