//! Feeds in, entries out: every format, every kind of damage, and what is meant to hurt.

use proptest::prelude::*;
use std::fmt::Write as _;
use wangqi::extract::feed::{self, Flaw, Source};
use wangqi::model::{CanonicalUrl, FeedDocument};

/// How many entries the feeds under damage have.
const ENTRIES: usize = 12;

const BASE: &str = "https://hill.example/feed.xml";

fn read(payload: impl AsRef<[u8]>) -> FeedDocument {
    feed::parse(payload.as_ref(), "", Some(&CanonicalUrl::parse(BASE).unwrap()))
}

fn titles(document: &FeedDocument) -> Vec<&str> {
    document.entries.iter().map(|entry| entry.title.as_deref().unwrap_or_default()).collect()
}

/// A feed of each format, with the same entries.
fn feeds() -> Vec<(&'static str, String)> {
    let each = |write: &dyn Fn(usize) -> String| (1..=ENTRIES).map(write).collect::<String>();
    let items = each(&|n| {
        format!(
            "<item>\n<title>Morning {n}</title>\n<link>https://hill.example/{n}</link>\n<guid>https://hill.example/{n}</guid>\n\
             <pubDate>Mon, 02 Nov 2026 10:00:00 +0800</pubDate>\n<dc:creator>Lin</dc:creator>\n\
             <description>Fog over the river &amp; geese, day {n}</description>\n\
             <content:encoded><![CDATA[<p>Fog over the <b>river</b>, day {n}.</p>]]></content:encoded>\n</item>\n"
        )
    });
    let spaces =
        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"";
    let head = "<title>Hill</title>\n<link>https://hill.example/</link>\n<description>Notes</description>\n";
    let entries = each(&|n| {
        format!(
            "<entry>\n<title>Morning {n}</title>\n<link href=\"https://hill.example/{n}\"/>\n<id>tag:hill.example,{n}</id>\n\
             <updated>2026-11-02T10:00:00+08:00</updated>\n<author><name>Lin</name></author>\n\
             <content type=\"html\">&lt;p&gt;Fog over the &lt;b&gt;river&lt;/b&gt;, day {n}.&lt;/p&gt;</content>\n</entry>\n"
        )
    });
    vec![
        (
            "rss20",
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" {spaces}>\n<channel>\n{head}{items}</channel>\n</rss>\n"
            ),
        ),
        (
            "rss10",
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
                 xmlns=\"http://purl.org/rss/1.0/\" {spaces}>\n<channel>\n{head}</channel>\n{items}</rdf:RDF>\n"
            ),
        ),
        (
            "atom10",
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>Hill</title>\n\
                 <link href=\"https://hill.example/\"/>\n{entries}</feed>\n"
            ),
        ),
    ]
}

/// Puts something behind the seventh title's start tag.
fn in_title(text: &str, what: &str) -> String {
    text.replacen("<title>Morning 7", &format!("<title>{what}Morning 7"), 1)
}

type Damage = (&'static str, fn(&str) -> Vec<u8>);

/// What is done to feeds by templates, proxies, plugins and hands.
const DAMAGES: &[Damage] = &[
    ("bare ampersand", |text| in_title(text, "Tea & bread ").into_bytes()),
    ("unknown entity", |text| in_title(text, "a&nbsp;b&hellip;&nosuch; ").into_bytes()),
    ("bare less-than", |text| in_title(text, "5 < 6 ").into_bytes()),
    ("control character", |text| in_title(text, "x\u{8}y ").into_bytes()),
    ("forbidden reference", |text| in_title(text, "x&#8;y ").into_bytes()),
    ("surrogates", |text| in_title(text, "&#55357;&#56841; ").into_bytes()),
    ("half a surrogate pair", |text| in_title(text, "&#55357; ").into_bytes()),
    ("unclosed tag in a title", |text| in_title(text, "a<br>b ").into_bytes()),
    ("end tag misspelt", |text| text.replacen("Morning 7</title>", "Morning 7</titel>", 1).into_bytes()),
    ("end tag missing", |text| text.replacen("Morning 7</title>", "Morning 7", 1).into_bytes()),
    ("item not closed", |text| text.replacen("</item>", "", 1).replacen("</entry>", "", 1).into_bytes()),
    ("stray end tags", |text| text.replacen("<title>Morning 7", "</p></div></span><title>Morning 7", 1).into_bytes()),
    ("attribute without quotes", |text| {
        text.replacen("<title>Morning 7", "<x a=1 b>y</x><title>Morning 7", 1).into_bytes()
    }),
    ("attribute twice", |text| {
        text.replacen("<title>Morning 7", "<x a='1' a='2'>y</x><title>Morning 7", 1).into_bytes()
    }),
    ("quote not closed", |text| text.replacen("<title>Morning 7", "<x a=\"1>y</x><title>Morning 7", 1).into_bytes()),
    ("undeclared prefix", |text| {
        text.replacen("<title>Morning 7", "<foo:bar>1</foo:bar><title>Morning 7", 1).into_bytes()
    }),
    ("no namespaces at all", |text| {
        let mut out = String::new();
        for part in text.split(" xmlns") {
            // From the second part on, what is left of the declaration goes too.
            let rest = if out.is_empty() { part } else { part.splitn(3, '"').nth(2).unwrap_or_default() };
            out.push_str(rest);
        }
        out.into_bytes()
    }),
    ("no version", |text| text.replacen(" version=\"2.0\"", "", 1).into_bytes()),
    ("blank lines in front", |text| format!("\n\n  {text}").into_bytes()),
    ("a warning in front", |text| format!("<br />\n<b>Warning</b>: x in /y.php on line 3<br />\n{text}").into_bytes()),
    ("junk behind", |text| format!("{text}<!-- 0.1 s --><script>a(1)</script>\n&bad <p>").into_bytes()),
    ("a comment that is not closed", |text| {
        text.replacen("<title>Morning 7", "<!-- x > <title>Morning 7", 1).into_bytes()
    }),
    ("]]> inside CDATA", |text| in_title(text, "<![CDATA[a ]]> b ]]>").into_bytes()),
    ("invalid byte", |text| {
        let at = text.find("Morning 7").unwrap();
        [&text.as_bytes()[..at], b"\xff", &text.as_bytes()[at..]].concat()
    }),
    ("windows-1252 declared as UTF-8", |text| {
        let at = text.find("Morning 7").unwrap();
        [&text.as_bytes()[..at], b"caf\xe9 ", &text.as_bytes()[at..]].concat()
    }),
    ("mark of UTF-8", |text| [b"\xef\xbb\xbf", text.as_bytes()].concat()),
    ("declared GB 2312, is UTF-8", |text| in_title(&text.replacen("utf-8", "gb2312", 1), "晨 ").into_bytes()),
    ("declared UTF-16, is UTF-8", |text| text.replacen("utf-8", "utf-16", 1).into_bytes()),
    ("GBK without a word of it", |text| {
        let text = in_title(
            &text.replacen(" encoding=\"utf-8\"", "", 1),
            "这是一篇关于河水涨落的文章，我们认为船家需要更多的时间来适应变化。",
        );
        encoding_rs::GBK.encode(&text).0.into_owned()
    }),
    ("UTF-16 with a mark", |text| {
        [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()
    }),
    ("UTF-16 big endian", |text| [vec![0xfe, 0xff], text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat()),
    ("UTF-16 without a mark", |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("UTF-32", |text| text.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect()),
    ("carriage returns", |text| text.replace('\n', "\r\n").into_bytes()),
    ("upper case", |text| text.replace("<title>", "<TITLE>").replace("</title>", "</TITLE>").into_bytes()),
    ("the whole document twice", |text| format!("{text}{text}").into_bytes()),
];

#[test]
fn no_damage_loses_an_entry() {
    for (format, whole) in feeds() {
        let document = read(&whole);
        assert_eq!(
            (document.version.as_str(), document.bozo, document.problems.len()),
            (format, false, 0),
            "{document:?}"
        );
        assert_eq!(titles(&document)[..2], ["Morning 1", "Morning 2"]);
        for (damage, apply) in DAMAGES {
            let document = read(apply(&whole));
            let found = titles(&document);
            let context = format!("{format}, {damage}: {found:?} {:?} {:?}", document.error, document.problems);
            assert_eq!(document.error, None, "{context}");
            for n in 1..=ENTRIES {
                let is_there =
                    |title: &&str| if n == 7 { title.contains("Morning 7") } else { *title == format!("Morning {n}") };
                assert!(found.iter().any(is_there), "{n} is gone. {context}");
            }
            assert!(found.len() == ENTRIES || *damage == "the whole document twice", "{context}");
            assert!(
                document
                    .entries
                    .iter()
                    .all(|entry| entry.link.as_deref().is_some_and(|link| link.starts_with("https://hill.example/"))),
                "{context}"
            );
        }
    }
}

#[test]
fn a_feed_cut_anywhere_keeps_what_came_whole() {
    for (format, whole) in feeds() {
        let ends: Vec<usize> = whole.match_indices("</title>").skip(1).map(|(at, end)| at + end.len()).collect();
        for cut in (0..whole.len()).step_by(7) {
            let document = read(&whole[..cut]);
            let came = ends.iter().filter(|end| **end <= cut).count();
            let found = titles(&document);
            assert!(found.len() >= came && found.len() <= came + 1, "{format} cut at {cut}: {came} came, {found:?}");
            assert!(cut == 0 || document.bozo, "{format} cut at {cut} is damaged");
            for entry in &document.entries {
                let is_whole =
                    |text: &String| whole.contains(&format!("{text}<")) || whole.contains(&format!("\"{text}\""));
                assert!(entry.link.iter().chain(&entry.id).all(is_whole), "{format} cut at {cut}: {entry:?}");
            }
        }
    }
}

#[test]
fn a_problem_has_its_line_and_an_advice() {
    let text =
        "<rss version=\"2.0\">\n<channel>\n<title>a & b</title>\n<item><title>x</titel></item>\n</channel></rss>";
    let (document, problems) =
        feed::examine(text.as_bytes(), &Source { content_type: "text/html", ..Source::default() });
    let found: Vec<(usize, Flaw)> = problems.iter().map(|problem| (problem.line, problem.flaw)).collect();
    assert_eq!(
        found,
        [(0, Flaw::WrongMediaType), (3, Flaw::BareAmpersand), (4, Flaw::StrayEnd)],
        "{:?}",
        document.problems
    );
    assert_eq!(document.problems[1], "line 3: a bare & in text; write &amp;");
}

#[test]
fn json_feeds_are_read_entry_by_entry() {
    let whole = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Hill", "home_page_url": "/", "authors": [{"name": "Lin"}],
        "items": [{"id": 1, "url": "/1", "title": "One", "content_html": "<a href='x'>x</a>", "date_published": "2026-11-02T10:00:00+08:00",
        "tags": ["fog"], "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12}]},
        {"id": "2", "external_url": "https://else.example/", "content_text": "two"}]}"#;
    let document = read(whole);
    assert_eq!((document.version.as_str(), document.bozo, titles(&document)), ("json11", false, vec!["One", ""]));
    let first = &document.entries[0];
    assert_eq!((first.id.as_deref(), first.link.as_deref()), (Some("1"), Some("https://hill.example/1")));
    assert_eq!(first.content[0].value, "<a href='https://hill.example/x'>x</a>");
    assert_eq!(first.published.as_deref(), Some("2026-11-02T02:00:00Z"));
    assert_eq!(first.enclosures[0].length.as_deref(), Some("12"));
    assert_eq!(document.entries[1].link.as_deref(), Some("https://else.example/"));
    for odd in [format!("\u{feff}{whole} trailing"), whole[..whole.len() - 20].to_owned()] {
        let document = read(&odd);
        assert!(document.bozo && document.error.is_none(), "{document:?}");
        assert_eq!(titles(&document)[0], "One");
    }
    assert!(read("{\"a\": 1}").error.is_some());
}

#[test]
fn languages_bases_and_vocabularies_are_kept() {
    let text = "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='zh_CN' xml:base='/notes/' xmlns:thr='http://purl.org/syndication/thread/1.0'
        xmlns:media='http://wrong.example/' xmlns:x='http://www.itunes.com/dtds/podcast-1.0.dtd'>
        <link rel='hub' href='https://hub.example/'/><link rel='prev-archive' href='2025'/>
        <entry><title type='xhtml' xml:lang='en'><div xmlns='http://www.w3.org/1999/xhtml'>A &amp; <b>b</b></div></title>
        <link href='1' thr:count='3'/><content type='html' xml:base='deep/'>&lt;img src=&quot;p.png&quot;&gt;</content>
        <media:thumbnail url='t.png' width='10'/><x:duration>3:00</x:duration>
        <source><title>Other</title><id>urn:other</id></source></entry></feed>";
    let document = read(text);
    assert!(!document.bozo, "{:?}", document.problems);
    assert_eq!(document.feed.language.as_deref(), Some("zh-CN"));
    let links: Vec<_> = document.feed.links.iter().map(|link| (&*link.rel, link.href.as_deref().unwrap())).collect();
    assert_eq!(links, [("hub", "https://hub.example/"), ("prev-archive", "https://hill.example/notes/2025")]);
    let entry = &document.entries[0];
    assert_eq!(entry.title.as_deref(), Some("A &amp; <b>b</b>"));
    let detail = entry.title_detail.as_ref().unwrap();
    assert_eq!((&*detail.kind, detail.language.as_deref()), ("application/xhtml+xml", Some("en")));
    assert_eq!(entry.content[0].value, "<img src=\"https://hill.example/notes/deep/p.png\">");
    assert_eq!(entry.content[0].detail.language.as_deref(), Some("zh-CN"));
    assert_eq!(entry.more["media_thumbnail"][0]["url"], "https://hill.example/notes/t.png");
    assert_eq!(entry.more["itunes_duration"], "3:00");
    let source = entry.source.as_ref().unwrap();
    assert_eq!((source.title.as_deref(), source.id.as_deref()), (Some("Other"), Some("urn:other")));
}

#[test]
fn entities_of_its_own_are_bounded_and_nothing_is_fetched() {
    let fine = read(
        "<!DOCTYPE rss [<!ENTITY who 'Lin &amp; Wu'>]><rss version='2.0'><channel><title>&who;</title><item><title>x</title></item></channel></rss>",
    );
    assert_eq!((fine.feed.title.as_deref(), fine.bozo), (Some("Lin & Wu"), false));

    let mut laughs = String::from("<!DOCTYPE rss [<!ENTITY l0 'ha'>");
    for n in 1..30 {
        let _ = write!(laughs, "<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10));
    }
    laughs.push_str("]><rss version='2.0'><channel><title>&l29;</title><item><title>x</title></item></channel></rss>");
    let document = read(&laughs);
    assert!(document.error.as_deref().is_some_and(|why| why.contains("entities")), "{:?}", document.error);

    let wide = format!(
        "<!DOCTYPE rss [<!ENTITY a '{}'>]><rss version='2.0'><channel><title>{}</title></channel></rss>",
        "ha".repeat(20_000),
        "&a;".repeat(100_000)
    );
    let document = read(&wide);
    assert!(document.error.as_deref().is_some_and(|why| why.contains("entities")), "{:?}", document.error);

    let outside = read(
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY % y SYSTEM 'http://127.0.0.1/'> %y;]><rss version='2.0'><channel><title>a&x;b</title><item><title>t</title></item></channel></rss>",
    );
    assert_eq!((outside.feed.title.as_deref(), outside.error.as_deref()), (Some("a&x;b"), None));
    assert!(outside.problems.iter().any(|problem| problem.contains("not fetched")), "{:?}", outside.problems);
}

#[test]
fn what_is_no_feed_says_so() {
    for (payload, why) in [
        (String::new(), "empty"),
        ("<!doctype html><html><head><title>Log in</title></head><body><p>x</body></html>".into(), "web page"),
        ("just words".into(), "no feed"),
        ("<opml><body/></opml>".into(), "no feed"),
        ("&lt;".repeat(5 << 20), "no feed"),
        ("x".repeat(feed::LARGEST + 1), "bytes"),
    ] {
        let document = read(&payload);
        let error = document.error.unwrap_or_default();
        assert!(error.contains(why) && document.bozo && document.entries.is_empty(), "{why}: {error}");
    }
}

/// Each would take a quadratic reader minutes, and a recursive one its stack.
#[test]
fn long_and_deep_documents_end() {
    let wrap =
        |inner: String| format!("<rss version=\"2.0\"><channel><item><title>x</title>{inner}</item></channel></rss>");
    for (what, text) in [
        ("deep", wrap("<a>".repeat(400_000))),
        ("deep in a text", wrap(format!("<description>{}", "<div>".repeat(400_000)))),
        ("stray ends", wrap("</a>".repeat(400_000))),
        ("less-than", wrap("<".repeat(1_000_000))),
        ("unclosed quotes", wrap("<a b=\"".repeat(300_000))),
        ("unclosed quotes of both kinds", wrap("<a b=\"<a c='".repeat(150_000))),
        ("unclosed comments", wrap("<!--".repeat(400_000))),
        ("unclosed data", wrap("<![CDATA[".repeat(200_000))),
        ("unclosed instructions", wrap("<?x ".repeat(400_000))),
        ("ampersands", wrap("&".repeat(1_000_000))),
        ("attributes", wrap(format!("<a {}>", "b='1' ".repeat(300_000)))),
        ("prefixes", wrap(format!("<a {}>", (0..60_000).map(|n| format!("xmlns:p{n}='u' ")).collect::<String>()))),
        ("document types", "<!DOCTYPE x [".repeat(200_000)),
        ("entries", wrap("<item>".repeat(300_000))),
        ("categories", wrap((0..100_000).map(|n| format!("<category>{n}</category>")).collect())),
    ] {
        let document = read(&text);
        assert!(document.entries.len() <= feed::MOST_ENTRIES, "{what}");
        assert!(
            document.error.is_some() || document.entries[0].title.as_deref() == Some("x"),
            "{what}: {:?}",
            document.error
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(payload in proptest::collection::vec(any::<u8>(), 0..400)) {
        let document = read(&payload);
        prop_assert!(serde_json::to_string(&document).is_ok());
    }

    #[test]
    fn any_pieces_of_feeds_are_answered(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        let document = read(pieces.concat());
        let printed = serde_json::to_string(&document).unwrap();
        let again: FeedDocument = serde_json::from_str(&printed).unwrap();
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), printed);
    }
}

/// What feeds, and trouble, are made of.
const PIECES: &[&str] = &[
    "<rss version=\"2.0\">",
    "<channel>",
    "<item>",
    "</item>",
    "<entry>",
    "</entry>",
    "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
    "</feed>",
    "<title>",
    "</title>",
    "<link>",
    "<link href=\"/x\"/>",
    "<description>",
    "</description>",
    "<content type=\"xhtml\"><div>",
    "</div></content>",
    "<source>",
    "</source>",
    "<author>",
    "<name>",
    "</name>",
    "</author>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&amp;",
    "&",
    "&#55357;",
    "&#x80;",
    "&lang;",
    "<",
    ">",
    "\"",
    "'",
    "=",
    "/>",
    "text",
    "中文",
    "\u{0}",
    "\r\n",
    "<media:group>",
    "<media:credit role='x'>y</media:credit>",
    "<georss:point>1 2</georss:point>",
    "<gml:pos>1 2</gml:pos>",
    "<category term='a'/>",
    "<itunes:category text='a'><itunes:category text='b'/></itunes:category>",
    "<image><url>/i</url></image>",
    "<psc:chapters version='1'><psc:chapter start='0'/></psc:chapters>",
    "<pubDate>Mon, 02 Nov 2026 10:00:00 +0800</pubDate>",
    "<skipHours><hour>1</hour></skipHours>",
    "<guid isPermaLink='false'>g</guid>",
    "<enclosure url='/e' type='a/b' length='1'/>",
    "<textInput><name>q</name></textInput>",
    "<cloud domain='d'/>",
    "<x:y z='1'>w</x:y>",
    "<b>",
    "<br/>",
    "xml:base='http://b.example/'",
    "{",
    "\"items\": [",
];

#[test]
fn json_that_is_written_by_hand_keeps_its_entries() {
    let feed = |items: &str| {
        format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"t\",\"items\":[{items}]}}")
    };
    for (items, count) in [
        (r#"{"id":"1","title":"a"},{"id":"2","title":"cut \ud83d"},{"id":"3","title":"c"}"#, 3),
        ("{\"id\":\"1\",\"content_html\":\"one\ntwo\tthree\"},{\"id\":\"2\",\"title\":\"b\"}", 2),
        (r#"{"id":"1","title":"it\'s"},{"id":"2","title":"b",},"#, 2),
    ] {
        let read = read(feed(items));
        assert_eq!((read.error.as_deref(), read.bozo, read.entries.len()), (None, true, count), "{items}");
    }
    // Of which nothing came, that is an error and no empty feed.
    let broken = read(feed(r#"{"id":"1","title":[[["#));
    assert!(broken.error.as_deref().is_some_and(|error| error.contains("JSON")), "{:?}", broken.error);
}

#[test]
fn the_people_of_an_entry_are_bounded() {
    let people: String = (0..5_000).map(|number| format!("<author>n{number}</author>")).collect();
    let feed =
        format!("<rss version=\"2.0\"><channel><title>c</title><item><title>a</title>{people}</item></channel></rss>");
    assert_eq!(read(&feed).entries[0].authors.len(), 200);
}
