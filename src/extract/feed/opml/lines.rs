//! A plain list of URLs, one a line → the feeds in it.
//!
//! Behind a URL may stand its labels, in quotes or not, and its name after a `~`, as newsboat keeps them. Lines that begin with `#` are
//! comments.

use super::{LARGEST, Listed, MOST_FEEDS, MOST_LABELS, MOST_PROBLEMS, Opml, line_of, url_of};
use crate::extract::charset;
use std::collections::HashSet;

/// Reads a list. Total, as [`super::read`].
pub fn read_lines(payload: &[u8]) -> Opml {
    let mut opml = Opml::default();
    if payload.len() > LARGEST {
        opml.problems.push(format!("it has {} bytes; no more than {LARGEST} are read", payload.len()));
        return opml;
    }
    let (text, _) = charset::decode(payload, "text/plain");
    let mut seen = HashSet::new();
    let mut unsaid = 0_usize;
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let problem = match listed(line) {
            None => format!("line {number} is no http(s) URL that can be watched"),
            Some(feed) if seen.contains(&feed.url) => format!("line {number}: {} is listed a second time", feed.url),
            Some(_) if opml.feeds.len() >= MOST_FEEDS => {
                format!("line {number}: no more than {MOST_FEEDS} feeds are read")
            }
            Some(feed) => {
                seen.insert(feed.url.clone());
                opml.feeds.push(feed);
                continue;
            }
        };
        if opml.problems.len() < MOST_PROBLEMS {
            opml.problems.push(problem);
        } else {
            unsaid += 1;
        }
    }
    if unsaid > 0 {
        opml.problems.push(format!("and {unsaid} more"));
    }
    opml
}

fn listed(line: &str) -> Option<Listed> {
    let (url, mut rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let mut feed = Listed { url: url_of(url)?, name: None, labels: Vec::new() };
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some(feed);
        }
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        rest = after;
        if let Some(name) = word.strip_prefix('~') {
            feed.name = line_of(name);
        } else {
            let label = line_of(word).filter(|label| !feed.labels.contains(label));
            feed.labels.extend(label.filter(|_| feed.labels.len() < MOST_LABELS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_urls_is_read() {
        let text = "# mine\nhttps://a.example/f\n\n  b.example/f  \"big tech\" rust \"~The B\"\nftp://c.example/\nnot a url\nhttps://a.example/f#x\n\
                    https://me:geheim@d.example/\n";
        let list = read_lines(text.as_bytes());
        assert_eq!(list.feeds.len(), 2, "{list:?}");
        assert_eq!(list.feeds[1].url.as_str(), "https://b.example/f");
        assert_eq!(
            (list.feeds[1].name.as_deref(), list.feeds[1].labels.join("|")),
            (Some("The B"), "big tech|rust".into())
        );
        assert_eq!(list.problems.len(), 4, "{list:?}");
        assert!(!list.problems.concat().contains("geheim"));
        assert_eq!(read_lines(&[0, 159, 146, 150].repeat(1000)).feeds, []);
    }
}
