//! Feeds → OPML 2.0, as any reader takes it.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// A feed as it is to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it is.
    pub url: &'a str,
    /// Whether a program for feeds can read it; else it is listed as a link, which readers pass over.
    pub is_feed: bool,
    /// Its labels: the first is its folder, all of them are its categories.
    pub labels: &'a [String],
}

/// The list, in UTF-8. Feeds without labels come first, then the folders in the order of their first feeds.
pub fn write(feeds: &[Outline<'_>], now: DateTime<Utc>) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>wangqi</title>\n    \
         <dateCreated>{}</dateCreated>\n  </head>\n  <body>\n",
        now.format("%a, %d %b %Y %H:%M:%S GMT")
    );
    let mut folders: Vec<(&str, Vec<&Outline<'_>>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for feed in feeds {
        let Some(folder) = feed.labels.first() else {
            text.push_str(&line(feed, 4));
            continue;
        };
        let place = *places.entry(folder).or_insert_with(|| {
            folders.push((folder, Vec::new()));
            folders.len() - 1
        });
        folders[place].1.push(feed);
    }
    for (folder, feeds) in folders {
        let name = escaped(folder);
        text.push_str(&format!("    <outline text=\"{name}\" title=\"{name}\">\n"));
        for feed in feeds {
            text.push_str(&line(feed, 6));
        }
        text.push_str("    </outline>\n");
    }
    text.push_str("  </body>\n</opml>\n");
    text
}

fn line(feed: &Outline<'_>, indent: usize) -> String {
    let (kind, key) = if feed.is_feed { ("rss", "xmlUrl") } else { ("link", "url") };
    let (name, url) = (escaped(feed.name), escaped(feed.url));
    // A slash or a comma within a label would make two of it.
    let whole = |label: &&String| !label.contains([',', '/']);
    let categories: Vec<String> =
        feed.labels.iter().filter(whole).map(|label| format!("/{}", escaped(label))).collect();
    let category =
        if feed.labels.len() > 1 { format!(" category=\"{}\"", categories.join(",")) } else { String::new() };
    format!("{:indent$}<outline type=\"{kind}\" text=\"{name}\" title=\"{name}\" {key}=\"{url}\"{category}/>\n", "")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::feed::opml::read;

    #[test]
    fn what_is_written_is_read_again() {
        let labels: Vec<Vec<String>> = [&["科技", "R & \"D\""][..], &[], &["b"]]
            .iter()
            .map(|labels| labels.iter().map(|label| (*label).to_owned()).collect())
            .collect();
        let feeds = [
            Outline { name: "A <&> \"B\"", url: "https://a.example/f?x=1&y=2", is_feed: true, labels: &labels[0] },
            Outline { name: "no label", url: "https://b.example/f", is_feed: true, labels: &labels[1] },
            Outline { name: "account", url: "https://mp.weixin.qq.com/s/abc", is_feed: false, labels: &labels[2] },
        ];
        let text = write(&feeds, DateTime::UNIX_EPOCH);
        assert!(text.contains("<dateCreated>Thu, 01 Jan 1970 00:00:00 GMT</dateCreated>"), "{text}");
        let opml = read(text.as_bytes(), "");
        assert_eq!((opml.title.as_deref(), opml.problems), (Some("wangqi"), Vec::new()));
        let found: Vec<_> = opml
            .feeds
            .iter()
            .map(|feed| (feed.name.as_deref().unwrap(), feed.url.as_str(), feed.labels.clone()))
            .collect();
        let order = [1, 0, 2].map(|at: usize| (feeds[at].name, feeds[at].url, labels[at].clone()));
        assert_eq!(found, order);
    }
}
