//! How entries are told apart: what feeds really do, poll after poll, and what is made of it.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use wangqi::extract::entry::{items, place};
use wangqi::extract::feed;
use wangqi::model::{CanonicalUrl, EntryWindow, Identity};

/// An entry as a test writes it: guid, link, title, words; the empty text for none.
type Said<'a> = (&'a str, &'a str, &'a str, &'a str);

/// A feed over time.
struct Feed {
    window: EntryWindow,
    now: DateTime<Utc>,
}

impl Feed {
    fn new() -> Self {
        Self { window: EntryWindow::default(), now: DateTime::from_timestamp(1_760_000_000, 0).unwrap() }
    }

    /// One poll: the URL of each entry, and whether it is new (`+`), changed (`~`) or neither.
    fn poll(&mut self, said: &[Said<'_>]) -> Vec<String> {
        let base = CanonicalUrl::parse("https://blog.example/feed.xml").unwrap();
        let home = CanonicalUrl::parse("https://blog.example/").unwrap();
        let part = |name: &str, text: &str| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            if text.is_empty() { String::new() } else { format!("<{name}>{text}</{name}>") }
        };
        let item = |(guid, link, title, words): &Said<'_>| {
            let parts = [part("guid", guid), part("link", link), part("title", title), part("description", words)];
            format!("<item>{}</item>", parts.concat())
        };
        let rss: String = said.iter().map(item).collect();
        let rss = format!("<rss version=\"2.0\"><channel><title>t</title>{rss}</channel></rss>");
        let document = feed::parse(rss.as_bytes(), "text/xml; charset=utf-8", Some(&base));
        assert_eq!(document.error, None);
        let items = items(&document, &base);
        let known: BTreeSet<_> = self.window.known.iter().map(|known| known.url.clone()).collect();
        let (placed, notes) = place(&self.window, &items, (&base, Some(&home)), self.now);
        let again = place(&self.window, &items, (&base, Some(&home)), self.now);
        assert_eq!((&placed, &notes), (&again.0, &again.1), "the same answer each time");
        self.window = std::mem::take(&mut self.window).after(&notes);
        self.now += TimeDelta::hours(2);
        let stands = |learnt: &CanonicalUrl| self.window.known.iter().any(|known| known.url == *learnt);
        placed
            .iter()
            .map(|placed| {
                let mark = match (known.contains(&placed.url), placed.has_changed) {
                    (false, _) => "+",
                    (true, true) => "~",
                    (true, false) => "",
                };
                assert!(stands(&placed.url), "{} is remembered", placed.url);
                format!("{mark}{}", placed.url)
            })
            .collect()
    }
}

/// Ten entries by this rule.
fn ten(texts: &[[String; 4]]) -> Vec<Said<'_>> {
    texts
        .iter()
        .map(|[guid, link, title, words]| (guid.as_str(), link.as_str(), title.as_str(), words.as_str()))
        .collect()
}

fn texts(rule: impl Fn(usize) -> [String; 4]) -> Vec<[String; 4]> {
    (0..10).map(rule).collect()
}

fn words(n: usize) -> String {
    let words = ["river", "lamp", "ferry", "stone", "letter", "market", "winter", "orchard", "bridge", "well"];
    (0..60).map(|at| words[(at * (n + 3) + at * at * (n + 1) + n) % 10]).collect::<Vec<_>>().join(" ")
}

#[test]
fn guids_that_hold_are_believed() {
    let mut feed = Feed::new();
    let before = texts(|n| [format!("g{n}"), format!("https://blog.example/{n}"), format!("Title {n}"), words(n)]);
    let first = feed.poll(&ten(&before));
    assert_eq!(first.len(), 10);
    assert!(first.iter().all(|url| url.starts_with("+https://blog.example/")), "{first:?}");
    assert_eq!(feed.window.identity, Identity::Guid);
    let again = feed.poll(&ten(&before));
    assert!(again.iter().all(|url| url.starts_with("https://")), "nothing is new: {again:?}");
    // Titles change, guids stay.
    let after =
        texts(|n| [format!("g{n}"), format!("https://blog.example/{n}"), format!("Better title {n}"), words(n)]);
    let changed = feed.poll(&ten(&after));
    assert!(changed.iter().all(|url| url.starts_with('~')), "{changed:?}");
    assert_eq!((feed.window.identity, feed.window.known.len()), (Identity::Guid, 10));
}

#[test]
fn one_guid_on_all_entries_hides_none_of_them() {
    let mut feed = Feed::new();
    let all = texts(|n| ["same".into(), format!("https://blog.example/{n}"), format!("Title {n}"), words(n)]);
    let first: BTreeSet<_> = feed.poll(&ten(&all)).into_iter().collect();
    assert_eq!((first.len(), feed.window.identity), (10, Identity::Link));
    let again = feed.poll(&ten(&all));
    assert!(again.iter().all(|url| url.starts_with("https://blog.example/")), "{again:?}");
}

#[test]
fn one_link_on_all_entries_hides_none_of_them() {
    let mut feed = Feed::new();
    let all = texts(|n| [String::new(), "https://blog.example/live".into(), format!("Title {n}"), words(n)]);
    let first: BTreeSet<_> = feed.poll(&ten(&all)).into_iter().collect();
    assert_eq!((first.len(), feed.window.identity), (10, Identity::Content));
    assert!(
        first.iter().filter(|url| url.starts_with("+https://entry.invalid/blog.example/")).count() >= 9,
        "{first:?}"
    );
    let again: BTreeSet<_> = feed.poll(&ten(&all)).into_iter().map(|url| format!("+{url}")).collect();
    assert_eq!(first, again);
}

#[test]
fn guids_that_change_at_every_poll_make_nothing_new() {
    let mut feed = Feed::new();
    for poll in 0..6 {
        let all = texts(|n| {
            [
                format!("{poll}-{n}"),
                format!("https://blog.example/{n}?utm_source={poll}"),
                format!("Title {n}"),
                words(n),
            ]
        });
        let urls = feed.poll(&ten(&all));
        let new = urls.iter().filter(|url| url.starts_with('+')).count();
        assert_eq!((urls.len(), new), (10, if poll == 0 { 10 } else { 0 }), "poll {poll}: {urls:?}");
        assert_eq!(feed.window.identity, if poll == 0 { Identity::Guid } else { Identity::Link });
    }
    assert_eq!(feed.window.known.len(), 10);
}

#[test]
fn hosts_that_flip_make_nothing_new() {
    let mut feed = Feed::new();
    for poll in 0..6 {
        let host = if poll % 2 == 0 { "mail.blog.example" } else { "www.blog.example" };
        let all = texts(|n| {
            let link = format!("https://{host}/{n}");
            [link.clone(), link, format!("Title {n}"), words(n)]
        });
        let new = feed.poll(&ten(&all)).iter().filter(|url| url.starts_with('+')).count();
        assert_eq!(new, if poll == 0 { 10 } else { 0 }, "poll {poll}");
    }
    assert_eq!(feed.window.known.len(), 10);
}

#[test]
fn versions_behind_a_guid_are_versions() {
    let mut feed = Feed::new();
    for poll in 0..4 {
        let all = texts(|n| {
            let link = format!("https://blog.example/news/{n}");
            [format!("{link}#{poll}"), link, format!("Title {n}"), words(n)]
        });
        let new = feed.poll(&ten(&all)).iter().filter(|url| url.starts_with('+')).count();
        assert_eq!((new, feed.window.identity), (if poll == 0 { 10 } else { 0 }, Identity::Guid));
    }
}

#[test]
fn an_entry_without_guid_link_or_date_is_known_by_its_words() {
    let mut feed = Feed::new();
    let long = words(4).repeat(4);
    let first = feed.poll(&[("", "", "A walk", &long), ("", "", "Another walk", &words(7).repeat(4))]);
    assert!(first.iter().all(|url| url.starts_with("+https://entry.invalid/blog.example/")), "{first:?}");
    let second =
        feed.poll(&[("", "", "A walk", &format!("{long} river.")), ("", "", "Another walk", &words(7).repeat(4))]);
    assert_eq!(second, [first[0].replace('+', "~"), first[1].replace('+', "")]);
    // The same a month later is said anew.
    feed.now += TimeDelta::days(30);
    let third = feed.poll(&[("", "", "A walk", &format!("{long} river, river."))]);
    assert!(third[0].starts_with('+') && !first.contains(&third[0]), "{third:?}");
}

#[test]
fn a_new_guid_for_the_same_page_is_the_entry_it_was() {
    let mut feed = Feed::new();
    let all = texts(|n| [format!("g{n}"), format!("https://blog.example/{n}"), format!("Title {n}"), words(n)]);
    feed.poll(&ten(&all));
    let mut after = ten(&all);
    let other = words(23);
    after[3] = ("quite-another", "https://blog.example/3", "Title 3, corrected", &other);
    let urls = feed.poll(&after);
    assert_eq!(urls[3], "~https://blog.example/3");
    assert_eq!(feed.window.identity, Identity::Guid, "one in twenty is no rule");
    // Its old guid still is its name.
    let urls = feed.poll(&ten(&all));
    assert_eq!((urls[3].as_str(), feed.window.known.len()), ("~https://blog.example/3", 10));
}

#[test]
fn one_guid_for_two_pages_in_one_poll_is_two_entries() {
    let mut feed = Feed::new();
    let mut all = texts(|n| [format!("g{n}"), format!("https://blog.example/{n}"), format!("Title {n}"), words(n)]);
    all.extend(texts(|n| [format!("h{n}"), format!("https://blog.example/h{n}"), format!("Other {n}"), words(n + 20)]));
    all[4][0] = "g5".into();
    let urls: BTreeSet<_> = feed.poll(&ten(&all)).into_iter().collect();
    assert_eq!(urls.len(), 20);
    // Once more the very same is the same.
    let mut twice = ten(&all);
    twice.push(twice[7]);
    assert_eq!(feed.poll(&twice).len(), 20);
}

#[test]
fn what_only_counts_comments_is_no_change() {
    let mut feed = Feed::new();
    let said = |count: usize| format!("<p>{}</p><p>{count} comments</p><img src=\"/p.jpg?w={count}\">", words(1));
    feed.poll(&[("g", "https://blog.example/1", "One", &said(1))]);
    let after = feed.poll(&[("g", "https://blog.example/1", "One", &said(12))]);
    assert_eq!(after, ["https://blog.example/1"]);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut feed = Feed::new();
    for poll in 0..60 {
        let all = texts(|n| {
            let n = poll * 10 + n;
            [format!("g{n}"), format!("https://blog.example/{n}"), format!("Title {n}"), words(n)]
        });
        feed.poll(&ten(&all));
    }
    assert_eq!(feed.window.known.len(), 200);
    assert_eq!(feed.window.known.last().unwrap().url.as_str(), "https://blog.example/590", "the newest stays longest");
}
