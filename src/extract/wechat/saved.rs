//! What a browser or a tool notes in a page that it saves: where the page came from.

use crate::model::CanonicalUrl;

/// How far into a page such a note stands, in bytes: browsers write it first of all.
pub(super) const WITHIN: usize = 4096;

/// The article's URL that a saved page's first comments note: `saved from url=(0048)…`, SingleFile's `url: …`, or a bare URL.
pub(super) fn noted_url(page: &str) -> Option<CanonicalUrl> {
    let end = (0..=WITHIN.min(page.len())).rev().find(|end| page.is_char_boundary(*end))?;
    let mut rest = &page[..end];
    while let Some((_, comment)) = rest.split_once("<!--") {
        let (comment, after) = comment.split_once("-->").unwrap_or((comment, ""));
        if let Some(url) = in_comment(comment) {
            return Some(url);
        }
        rest = after;
    }
    None
}

fn in_comment(comment: &str) -> Option<CanonicalUrl> {
    let note =
        ["saved from url=(", "url:"].iter().find_map(|mark| comment.split_once(mark)).map_or(comment, |(_, url)| url);
    let from = note.find("http")?;
    // Nothing but the length that browsers write may stand before it.
    let length = |letter: char| letter.is_ascii_digit() || matches!(letter, '(' | ')') || letter.is_whitespace();
    if !note[..from].chars().all(length) {
        return None;
    }
    let url = note[from..].split_whitespace().next()?;
    CanonicalUrl::parse(&super::escapes::url(url)).ok().filter(CanonicalUrl::is_wechat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_browsers_and_tools_are_read() {
        let expected = "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA";
        for page in [
            "<!DOCTYPE html>\n<!-- saved from url=(0052)http://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA -->\n<html>",
            "<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA \n saved date: x\n-->",
            "<!--headTrap<body>--><!--https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA-->",
        ] {
            assert_eq!(noted_url(page).as_ref().map(CanonicalUrl::as_str), Some(expected), "{page}");
        }
        assert_eq!(noted_url("<!-- see https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA -->"), None);
        assert_eq!(noted_url("<!-- saved from url=(0020)https://a.example/ -->"), None);
    }
}
