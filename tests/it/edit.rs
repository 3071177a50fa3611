//! Feeds in and out of crawl.toml's text: every other byte stays, and a feed that is added and removed again leaves no trace.

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use wangqi::config::{Config, edit, template};
use wangqi::model::CanonicalUrl;

fn parse(text: &str) -> Option<Config> {
    Config::parse(text, Some(Path::new("/w/crawl.toml")), Path::new("/w"), &BTreeMap::new()).ok()
}

fn feed() -> edit::NewFeed {
    edit::NewFeed {
        name: Some("往期 \"new\" # ] ,".into()),
        url: CanonicalUrl::parse("https://new.example/atom.xml").unwrap(),
        schedule: Some("@hourly".into()),
        past_issues: Some(2),
        labels: vec!["科技".into(), "a \"b\" # ]".into()],
    }
}

/// Adds and removes, and looks at everything that has to hold on the way.
fn there_and_back(text: &str) -> Result<String, TestCaseError> {
    let before = parse(text).unwrap();
    let added = edit::add(text, &feed()).unwrap();
    let after = parse(&added);
    prop_assert!(after.is_some(), "{text:?} became {added:?}");
    let after = after.unwrap();
    let count = before.crawl.feeds.len();
    prop_assert_eq!(&after.crawl.feeds[..count], &before.crawl.feeds[..], "{:?} became {:?}", text, added);
    let new = &after.crawl.feeds[count];
    prop_assert_eq!((new.name.0.as_str(), new.follow.past_issues), ("往期 \"new\" # ] ,", 2));
    // What there was is still there, in its order: taking letters out of the new text gives the old one.
    let mut letters = added.chars();
    prop_assert!(text.chars().all(|letter| letters.any(|other| other == letter)), "{text:?} became {added:?}");
    prop_assert_eq!(edit::remove(&added, count).unwrap(), text, "by way of {:?}", added);
    Ok(added)
}

/// Removes each feed: the others stay as they were, and so does everything that is a comment of its own.
fn each_can_go(text: &str) -> Result<(), TestCaseError> {
    let before = parse(text).unwrap();
    for number in 0..before.crawl.feeds.len() {
        let left = edit::remove(text, number).unwrap();
        let after = parse(&left);
        prop_assert!(after.is_some(), "{text:?} without {number} became {left:?}");
        let after = after.unwrap();
        let mut expected = before.crawl.feeds.clone();
        expected.remove(number);
        prop_assert_eq!(&after.crawl.feeds, &expected, "{:?} without {} became {:?}", text, number, left);
        prop_assert_eq!(&after.archive, &before.archive);
        prop_assert_eq!(&after.serve, &before.serve);
    }
    prop_assert!(edit::remove(text, before.crawl.feeds.len()).is_none());
    Ok(())
}

const NASTY: &[&str] = &[
    "",
    "\n",
    "\r\n\r\n",
    "   ",
    "\u{feff}",
    "\u{feff}# 只有注释",
    "# only a comment",
    "# only a comment\r\n",
    "# two\n\n\n# comments\n\n  \n",
    "[archive]\npath = \"a\"",
    "[archive]\r\npath = \"a\"\r\n",
    "[archive]\r\npath = \"a\" # here\r\n\r\n\r\n",
    "[archive]\npath = \"a\"   ",
    "[archive]\npath = \"a\"\n\t \n\n",
    "[[feed]]\nurl = \"https://a.example/\"\n",
    "[[feed]]\nurl = \"https://a.example/\"",
    "[[feed]]\r\nurl = \"https://a.example/\"\r\n\r\n# after it\r\n[serve]\r\nlisten = \"127.0.0.1:1\"\r\n",
    "[[feed]] # header\nurl = \"https://a.example/\" # url\n# after\n\n[[feed]]\nurl = \"https://b.example/\"\n# the end",
    "  [[feed]]\n  url = 'https://a.example/'\n  follow.past_issues = 3\n",
    "[[feed]]\nurl = \"https://a.example/\"\n[feed.follow]\npast_issues = 1\n\n[[feed]]\nurl = \"https://b.example/\"\n[serve]\nlisten = \"127.0.0.1:1\"\n[feed.follow]\npast_issues = 2\n",
    "[[feed]]\nurl = \"https://a.example/\"\nassets = [\n  \"image\", # one\n  # two\n  \"audio\",\n]\n",
    "feed = []",
    "feed = []\n",
    "feed = [ ] # none\r\n",
    "feed = [\n]\n",
    "feed = [ # none, yet\n  # really\n]\n",
    "feed = [{ url = \"https://a.example/\" }]\n",
    "feed = [{ url = \"https://a.example/\" }, ]",
    "feed = [{ url = \"https://a.example/\" } , { url = \"https://b.example/\" } ] # two\n[archive]\npath = \"a\"\n",
    "feed = [\n  { url = \"https://a.example/\" }\n]\n",
    "feed = [\n  { url = \"https://a.example/\" },\n]\n",
    "feed = [\r\n\t{ url = \"https://a.example/\" }, # a, with a comma\r\n\t# b\r\n\t{ url = \"https://b.example/\" } # b, no comma\r\n]\r\n",
    "feed = [\n  { url = \"https://a.example/\" }]\n",
    "feed = [\n  { url = \"https://a.example/\" },]\n",
    "feed = [\n  { url = \"https://a.example/\" },   ]\n",
    "feed = [\n  { url = \"https://a.example/\" }\n  , { url = \"https://b.example/\" }\n]\n",
    "feed = [\n  { url = \"https://a.example/\" }\n  ,\n]\n",
    "feed = [{ url = \"https://a.example/\" },\n{ url = \"https://b.example/\" }, { url = \"https://c.example/\" }\n]\n",
    "\"feed\" = [{ url = \"https://a.example/\", name = \"],}#\" }]\n",
    "[[\"feed\"]]\nurl = '''https://a.example/'''\nname = \"\"\"一\"\"\"\n",
];

#[test]
fn a_feed_comes_and_goes_without_a_trace_in_every_nasty_file() {
    for text in NASTY {
        there_and_back(text).unwrap_or_else(|error| panic!("{error}"));
        each_can_go(text).unwrap_or_else(|error| panic!("{error}"));
    }
    for text in [template(), include_str!("../../crawl.toml").to_owned()] {
        for text in [text.clone(), text.replace('\n', "\r\n"), text.trim_end().to_owned()] {
            there_and_back(&text).unwrap_or_else(|error| panic!("{error}"));
            each_can_go(&text).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn a_feed_is_written_as_its_neighbours_are() {
    let added = |text: &str| {
        edit::add(text, &edit::NewFeed { name: None, schedule: None, past_issues: None, labels: vec![], ..feed() })
    };
    let url = "https://new.example/atom.xml";
    assert_eq!(added("# hello").unwrap(), format!("# hello\n\n[[feed]]\nurl = \"{url}\""));
    assert_eq!(added("x = 1\r\n").unwrap(), format!("x = 1\r\n\r\n[[feed]]\r\nurl = \"{url}\"\r\n"));
    let listed = added("feed = [\n  { url = \"https://a.example/\" } # a\n]\n").unwrap();
    assert_eq!(listed, format!("feed = [\n  {{ url = \"https://a.example/\" }}, # a\n  {{ url = \"{url}\" }}\n]\n"));
    assert_eq!(added("feed = {}"), None);
    assert_eq!(added("feed = ["), None);
}

#[test]
fn many_feeds_are_one_edit_and_go_again() {
    let feeds: Vec<_> = (0..40)
        .map(|number| edit::NewFeed {
            name: (number % 3 > 0).then(|| format!("feed {number}")),
            url: CanonicalUrl::parse(&format!("https://{number}.example/")).unwrap(),
            labels: (0..number % 3).map(|label| format!("label {label}")).collect(),
            ..feed()
        })
        .collect();
    for text in NASTY {
        let before = parse(text).unwrap().crawl.feeds.len();
        let added = edit::add_all(text, &feeds).unwrap();
        let one_by_one = feeds.iter().fold((*text).to_owned(), |text, feed| edit::add(&text, feed).unwrap());
        assert_eq!(added, one_by_one, "{text:?}");
        let after = parse(&added).unwrap();
        assert_eq!(after.crawl.feeds.len(), before + feeds.len());
        assert_eq!(after.crawl.feeds[before + 5].labels, feeds[5].labels);
        let left =
            (before..before + feeds.len()).rev().fold(added, |text, number| edit::remove(&text, number).unwrap());
        assert_eq!(left, *text);
    }
    assert_eq!(edit::add_all("# x\n", &[]).unwrap(), "# x\n");
}

#[test]
fn the_first_crawl_toml_watches_nothing_and_shows_everything() {
    let config = parse(&template()).unwrap();
    assert_eq!(config.show(), parse("").unwrap().show());
    assert!(template().contains("#[[feed]]") && template().contains("# wangqi"));
}

/// A line or two of a crawl.toml, with `\n` for every line end.
fn piece() -> impl Strategy<Value = String> {
    let fixed = |text: &'static str| Just(text.to_owned()).boxed();
    let indent = "[ \t]{0,2}";
    prop_oneof![
        fixed("\n"),
        fixed(" \t\n"),
        "#[ a-z往期,\\[\\]{}\"']{0,8}\n".boxed(),
        (indent, "[a-z]{1,4}")
            .prop_map(|(space, host)| format!("{space}[[feed]]\n{space}url = \"https://{host}.example/\"\n"))
            .boxed(),
        ("[a-z]{1,4}", 0u8..9)
            .prop_map(|(host, n)| format!(
                "[[feed]] # {n}\nfollow.past_issues = {n}\nurl = 'https://{host}.test/' # b\n"
            ))
            .boxed(),
        ("[a-z]{1,4}", 0u8..9)
            .prop_map(|(host, n)| format!(
                "[[feed]]\nurl = 'https://{host}.org/'\n# x\n[feed.follow] # y\npast_issues = {n}\n"
            ))
            .boxed(),
        fixed("[archive]\npath = \"往期\" # where\n"),
        fixed("[serve]\nlisten = \"127.0.0.1:1\"\n"),
    ]
}

/// A list of inline feeds, more or less tidy.
fn list() -> impl Strategy<Value = String> {
    let gap = prop_oneof![Just(""), Just(" "), Just("\n"), Just("\n  "), Just(" # a, ]\n\t"), Just("\n\n")];
    let element = ("[a-z]{1,5}", gap.clone(), gap.clone())
        .prop_map(|(host, before, after)| format!("{before}{{ url = \"https://{host}.example/\" }}{after}"));
    (proptest::collection::vec(element, 0..4), any::<bool>(), gap, "[ \t]{0,2}").prop_map(
        |(elements, comma, gap, end)| {
            let comma = if comma && !elements.is_empty() { "," } else { "" };
            format!("feed = [{}{comma}{gap}]{end}\n", elements.join(","))
        },
    )
}

/// How many texts are tried. Many that are put together by chance are no crawl.toml, and are not counted.
const CASES: u32 = 600;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, max_global_rejects: 100 * CASES, ..ProptestConfig::default() })]

    #[test]
    fn a_feed_comes_and_goes_without_a_trace(
        pieces in proptest::collection::vec(piece(), 0..8),
        list in proptest::option::weighted(0.3, list()),
        crlf in any::<bool>(), mark in any::<bool>(), cut in any::<bool>(),
    ) {
        let mut text = list.unwrap_or_default() + &pieces.concat();
        if cut {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if mark {
            text.insert(0, '\u{feff}');
        }
        // Sections that stand twice, feeds with one URL: no crawl.toml.
        prop_assume!(parse(&text).is_some());
        there_and_back(&text)?;
        each_can_go(&text)?;
    }
}
