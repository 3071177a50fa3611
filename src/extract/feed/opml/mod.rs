//! OPML, as other readers write it → the feeds it lists; and the feeds that are watched → OPML.
//!
//! Total: whatever the bytes are, what can be read of them is, and what could not is told. No entity of a document's own is ever
//! expanded, nothing is fetched, and outlines are walked without recursion. (OPML 2.0, <http://opml.org/spec2.opml>.)

mod lines;
mod tags;
mod write;

pub use lines::read_lines;
pub use write::{Outline, write};

use super::alternates::looks_like_feed;
use crate::extract::charset;
use crate::model::CanonicalUrl;
use std::collections::HashSet;
use tags::{Tag, Tags};

/// The largest list that is read (judgement: ten thousand feeds have about 3 MB).
pub const LARGEST: usize = 16 << 20;

/// The most feeds that are taken from one list (judgement: far more than anybody watches).
pub const MOST_FEEDS: usize = 20_000;

/// The most labels of one feed (judgement).
const MOST_LABELS: usize = 16;

/// How many folders within each other may be labels (judgement).
const DEEPEST: usize = 64;

/// The longest name and label, in letters (judgement).
const LONGEST: usize = 80;

/// How many problems are told one by one.
const MOST_PROBLEMS: usize = 50;

/// What a list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opml {
    /// Its title.
    pub title: Option<String>,
    /// Its feeds, each once, in its order.
    pub feeds: Vec<Listed>,
    /// What could not be read, for people; at most 50, and a last one that counts the rest.
    pub problems: Vec<String>,
}

/// One feed of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub url: CanonicalUrl,
    /// How the list calls it: one line.
    pub name: Option<String>,
    /// The folders that it is in, the outermost first, then its categories; each once.
    pub labels: Vec<String>,
}

/// Whether a document begins as OPML does.
pub fn is_opml(payload: &[u8], content_type: &str) -> bool {
    let (head, _) = charset::decode(&payload[..payload.len().min(4096)], content_type);
    let opening = Tags::of(&head).find_map(|tag| match tag {
        Tag::Open { name, .. } => Some(is_root(local(name))),
        _ => None,
    });
    opening.unwrap_or(false)
}

/// Reads a list.
pub fn read(payload: &[u8], content_type: &str) -> Opml {
    let mut reading = Reading::default();
    if payload.len() > LARGEST {
        reading.opml.problems.push(format!("it has {} bytes; no more than {LARGEST} are read", payload.len()));
        return reading.opml;
    }
    let (text, _) = charset::decode(payload, content_type);
    let mut has_root = false;
    for tag in Tags::of(&text) {
        match tag {
            Tag::Open { name, attributes, is_closed, line } => {
                let name = local(name);
                has_root |= is_root(name);
                reading.in_title = name.eq_ignore_ascii_case("title") && !is_closed;
                if name.eq_ignore_ascii_case("outline") {
                    reading.outline(&Attributes(&attributes), is_closed, line);
                }
            }
            Tag::Close { name } => {
                reading.in_title = false;
                if local(name).eq_ignore_ascii_case("outline") {
                    reading.folders.pop();
                }
            }
            Tag::Text(text) if reading.in_title && reading.opml.title.is_none() => {
                reading.opml.title = line_of(&tags::unescaped(text));
            }
            Tag::Text(_) => {}
        }
    }
    if !has_root {
        reading.problem(|| "it is no OPML: there is no <opml> in it".to_owned());
    }
    if reading.unsaid > 0 {
        reading.opml.problems.push(format!("and {} more", reading.unsaid));
    }
    reading.opml
}

#[derive(Default)]
struct Reading {
    opml: Opml,
    seen: HashSet<CanonicalUrl>,
    /// The open outlines; what is no folder has no name.
    folders: Vec<Option<String>>,
    in_title: bool,
    unsaid: usize,
}

impl Reading {
    fn outline(&mut self, attributes: &Attributes<'_>, is_closed: bool, line: usize) {
        let name = ["title", "text"].iter().find_map(|key| line_of(attributes.get(key)?));
        let kind = attributes.get("type").unwrap_or_default().trim().to_ascii_lowercase();
        match address(attributes, &kind) {
            Some(text) => self.feed(text, name.clone(), attributes, line),
            None if is_closed && matches!(kind.as_str(), "rss" | "atom") => {
                self.problem(|| format!("line {line}: an outline of a feed has no xmlUrl"));
            }
            None => {}
        }
        if !is_closed {
            let is_feed = address(attributes, &kind).is_some();
            self.folders.push(name.filter(|_| !is_feed));
        }
    }

    fn feed(&mut self, text: &str, name: Option<String>, attributes: &Attributes<'_>, line: usize) {
        let Some(url) = url_of(text) else {
            return self
                .problem(|| format!("line {line}: the xmlUrl of an outline is no http(s) URL that can be watched"));
        };
        if self.seen.contains(&url) {
            return self.problem(|| format!("line {line}: {url} is listed a second time"));
        }
        if self.opml.feeds.len() >= MOST_FEEDS {
            return self.problem(|| format!("line {line}: no more than {MOST_FEEDS} feeds are read"));
        }
        self.seen.insert(url.clone());
        let mut labels: Vec<String> = Vec::new();
        let categories = attributes.get("category").unwrap_or_default();
        let categories = categories.split([',', '/']).filter_map(line_of);
        for label in self.folders.iter().take(DEEPEST).flatten().cloned().chain(categories) {
            if labels.len() < MOST_LABELS && !labels.contains(&label) {
                labels.push(label);
            }
        }
        self.opml.feeds.push(Listed { url, name, labels });
    }

    fn problem(&mut self, text: impl FnOnce() -> String) {
        if self.opml.problems.len() < MOST_PROBLEMS {
            self.opml.problems.push(text());
        } else {
            self.unsaid += 1;
        }
    }
}

struct Attributes<'a>(&'a [(&'a str, String)]);

impl Attributes<'_> {
    /// The first of this name, in whatever case.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| local(other).eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The address of an outline that is a feed.
fn address<'a>(attributes: &'a Attributes<'_>, kind: &str) -> Option<&'a str> {
    let some = |name: &str| attributes.get(name).map(str::trim).filter(|text| !text.is_empty());
    let own = ["xmlUrl", "xml_url", "xml-url", "feedUrl", "feed_url", "rssUrl"].iter().find_map(|name| some(name));
    own.or_else(|| {
        let url = some("url")?;
        let is_list = url.trim_end_matches('/').rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("opml"));
        let by_look = || looks_like_feed(url) || url_of(url).is_some_and(|url| url.is_wechat());
        let is_feed = match kind {
            "rss" | "rss1" | "rss2" | "atom" | "rdf" | "feed" | "json" | "jsonfeed" => true,
            "" | "link" => by_look(),
            _ => false,
        };
        (is_feed && !is_list).then_some(url)
    })
}

/// What is typed into such lists: also without its scheme, or with that of programs for feeds.
pub(crate) fn url_of(text: &str) -> Option<CanonicalUrl> {
    let text = text.trim();
    let text = match text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("feed:")) {
        Some(_) => text[5..].trim_start_matches("//"),
        None => text,
    };
    let parsed = match url::Url::parse(text) {
        // `example.org:8080/feed` has a scheme only by its looks.
        Ok(url) if matches!(url.scheme(), "http" | "https") || text.contains("://") => url,
        _ if text.contains('.') && !text.contains(char::is_whitespace) => {
            url::Url::parse(&format!("https://{text}")).ok()?
        }
        _ => return None,
    };
    let has_user = !parsed.username().is_empty() || parsed.password().is_some();
    CanonicalUrl::from_url(parsed).ok().filter(|_| !has_user)
}

/// A name as one line: no controls and no marks that turn text around, cut where it is too long.
fn line_of(text: &str) -> Option<String> {
    let shown = |letter: &char| {
        !letter.is_control()
            && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line: String = words.chars().filter(shown).take(LONGEST).collect();
    line.truncate(line.trim_end().len());
    Some(line).filter(|line| !line.is_empty())
}

/// OPML's own root, and the one it had before.
fn is_root(name: &str) -> bool {
    name.eq_ignore_ascii_case("opml") || name.eq_ignore_ascii_case("outlineDocument")
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feeds(text: &str) -> Vec<String> {
        let row = |feed: Listed| format!("{}|{}|{}", feed.name.unwrap_or_default(), feed.url, feed.labels.join(","));
        read(text.as_bytes(), "").feeds.into_iter().map(row).collect()
    }

    #[test]
    fn lists_of_all_makes_are_read() {
        for (text, expected) in [
            (
                "<?xml version='1.0'?><opml version='2.0'><head><title>Mine</title></head><body><outline text='Tech'><outline text='Rust'>\
                 <outline text='A &amp; B' type='rss' xmlUrl='https://a.example/f'/></outline></outline>\
                 <outline text='C' xmlUrl='https://c.example/f'/></body></opml>",
                "A & B|https://a.example/f|Tech,Rust C|https://c.example/f|",
            ),
            (
                "<OPML><BODY><OUTLINE TEXT='a' XMLURL='https://a.example/f'></OUTLINE></BODY></OPML>",
                "a|https://a.example/f|",
            ),
            ("<opml><outline xmlurl=https://a.example/f?x=1&y=2 text=a></opml>", "a|https://a.example/f?x=1&y=2|"),
            (
                "<opml><outline text='R & D <x>' xmlUrl='https://a.example/?x=1&y=2'/>",
                "R & D <x>|https://a.example/?x=1&y=2|",
            ),
            (
                "<outline text='a' title='b' xmlUrl='feed://a.example/f' category='/x/y,z'/>",
                "b|https://a.example/f|x,y,z",
            ),
            (
                "<opml><outline type='rss' url='a.example/f'/><outline type='song' url='https://b.example/f.mp3'/>",
                "|https://a.example/f|",
            ),
            (
                "<opml><outline type='link' url='https://b.example/list.opml'/><outline type='link' url='https://c.example/rss.xml'/>",
                "|https://c.example/rss.xml|",
            ),
            (
                "<opml><outline text='x\"y' xmlUrl=\"https://a.example/f\"/><outline text=\"a \"b\" c\" xmlUrl='https://b.example/f'/>",
                "x\"y|https://a.example/f| a \"b\" c|https://b.example/f|",
            ),
            (
                "<opml><outline text=\"open xmlUrl='https://z.example/'>\n<outline text='b' xmlUrl='https://b.example/f'/>",
                "open|https://z.example/| b|https://b.example/f|",
            ),
            (
                "<opml><!-- <outline xmlUrl='https://a.example/'/> --><outline xmlUrl='https://b.example/f'/>",
                "|https://b.example/f|",
            ),
            (
                "<opml><outline text='1'><outline text='f' xmlUrl='https://a.example/f'><outline text='g' xmlUrl='https://b.example/f'/></outline></outline>",
                "f|https://a.example/f|1 g|https://b.example/f|1",
            ),
            (
                "<opml><outline text='\u{1b}[2J\u{202e}a&#27;&#0;\nb' xmlUrl='https://a.example/f'/>",
                "[2Ja b|https://a.example/f|",
            ),
            ("not xml at all", ""),
            ("", ""),
        ] {
            assert_eq!(feeds(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn charsets_are_read_and_what_is_wrong_is_told() {
        let (bytes, _, _) = encoding_rs::GBK.encode(
            "<?xml version=\"1.0\" encoding=\"gb2312\"?><opml><outline text=\"科技\"><outline text=\"小报\" xmlUrl=\"https://a.example/f\"/></outline></opml>",
        );
        let opml = read(&bytes, "");
        assert_eq!((opml.feeds[0].name.as_deref(), opml.feeds[0].labels.join(",")), (Some("小报"), "科技".to_owned()));
        let opml = read(
            b"<opml>\n<outline type='rss' text='x'/>\n<outline xmlUrl='ftp://me:geheim@a.example/'/>\n<outline xmlUrl='https://me:geheim@a.example/'/>\n\
              <outline xmlUrl='https://a.example/f'/><outline xmlUrl='https://a.example/f#x'/></opml>",
            "",
        );
        assert_eq!((opml.feeds.len(), opml.problems.len()), (1, 4), "{:?}", opml.problems);
        assert!(
            opml.problems[0].starts_with("line 2:") && !opml.problems.concat().contains("geheim"),
            "{:?}",
            opml.problems
        );
        assert!(is_opml(b"\xef\xbb\xbf<!-- x --><opml version='1.1'>", ""));
        assert!(!is_opml(b"<rss><channel><title>opml</title>", "") && !is_opml(b"", ""));
    }

    #[test]
    fn hostile_lists_cost_little() {
        let deep =
            format!("<opml>{}<outline text='f' xmlUrl='https://a.example/f'/>", "<outline text='a'>".repeat(50_000));
        assert_eq!(read(deep.as_bytes(), "").feeds[0].labels, ["a"]);
        let distinct: String = (0..1000).map(|number| format!("<outline text='{number}'>")).collect();
        let opml = read(format!("<opml>{distinct}<outline xmlUrl='https://a.example/f'/>").as_bytes(), "");
        assert_eq!(opml.feeds[0].labels.len(), MOST_LABELS);
        let bomb = "<!DOCTYPE opml [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>\
                    <opml><outline text='&b;&x;' xmlUrl='https://a.example/f'/></opml>";
        assert_eq!(feeds(bomb), ["&b;&x;|https://a.example/f|"], "no entity is expanded");
        for unit in [
            "<outline a=\"",
            "<outline a='x' b=\"",
            "<!--",
            "<![CDATA[",
            "<?",
            "<!DOCTYPE [",
            "<",
            "&",
            "</outline>",
            "<outline ",
        ] {
            let _ = read(unit.repeat(50_000).as_bytes(), "");
        }
        let many: String = (0..MOST_FEEDS + 10).map(|n| format!("<outline xmlUrl='https://a.example/{n}'/>")).collect();
        let opml = read(format!("<opml>{many}").as_bytes(), "");
        assert_eq!((opml.feeds.len(), opml.problems.len()), (MOST_FEEDS, 10));
        assert!(read(&vec![b'x'; LARGEST + 1], "").problems[0].contains("bytes"));
    }

    #[test]
    fn the_corpus_is_readable() {
        let shared = std::env::var_os("WANGQI_SHARED").map_or_else(
            || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
            std::path::PathBuf::from,
        );
        let folder = shared.join("corpus/feeds/feedvalidator/files/opml");
        let lists = ["clean", "errors"].into_iter().filter_map(|name| std::fs::read_dir(folder.join(name)).ok());
        let lists: Vec<_> = lists.flatten().filter_map(Result::ok).map(|entry| entry.path()).collect();
        if lists.is_empty() {
            eprintln!("skipped: no lists at {} (set WANGQI_SHARED)", folder.display());
            return;
        }
        for path in lists.iter().filter(|path| path.extension().is_some_and(|end| end == "opml")) {
            let payload = std::fs::read(path).unwrap();
            let text = String::from_utf8_lossy(&payload).into_owned();
            let opml = read(&payload, "");
            // What is no comment, and looks like a feed's outline, is one.
            let body = text.split("-->").last().unwrap_or_default();
            let whole: HashSet<&str> =
                body.split("xmlUrl=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let whole = whole.iter().filter(|url| url_of(url).is_some()).count();
            assert!(opml.feeds.len() >= whole, "{}: {} of {whole}", path.display(), opml.feeds.len());
            let is_list = !path.ends_with("missingOpml.opml");
            assert_eq!(opml.problems.iter().all(|problem| !problem.contains("no OPML")), is_list, "{}", path.display());
        }
    }
}
