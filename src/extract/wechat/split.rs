//! A page taken apart in one linear pass: its markup, without scripts, styles and comments, and its scripts.
//!
//! 97 % of a page is script. What is left for the tree builder is the body and a few kilobytes around it.

use memchr::{memchr, memmem};

/// The two halves of a page.
#[derive(Debug, Default)]
pub(super) struct Split<'a> {
    /// The markup, without scripts, styles and comments.
    pub(super) markup: String,
    /// The inline scripts, in page order; templates (`type="text/html"`) are not among them.
    pub(super) scripts: Vec<&'a str>,
    /// The start tags of all scripts, in page order.
    pub(super) script_tags: Vec<&'a str>,
}

/// Takes a page apart.
pub(super) fn split(page: &str) -> Split<'_> {
    let mut split = Split::default();
    let mut at = 0;
    while let Some(found) = memchr(b'<', &page.as_bytes()[at..]) {
        let open = at + found;
        split.markup.push_str(&page[at..open]);
        let rest = &page[open..];
        if rest.starts_with("<!--") {
            at = open + comment(rest);
            continue;
        }
        let tag = &rest[..tag_length(rest)];
        at = open + tag.len();
        let Some(name) = ["script", "style"].into_iter().find(|name| is_tag(tag, name)) else {
            // What a page preloads is a seventh of its tags (measured), and says nothing.
            if !is_tag(tag, "link") || tag.contains("__biz=") {
                split.markup.push_str(tag);
            }
            continue;
        };
        let content = &page[at..at + end_of_raw(&page[at..], name)];
        at += content.len();
        at += if at < page.len() { tag_length(&page[at..]) } else { 0 };
        if name == "script" {
            split.script_tags.push(tag);
            if !tag.contains("text/html") && !tag.contains("template") && !content.trim().is_empty() {
                split.scripts.push(content);
            }
        }
    }
    split.markup.push_str(&page[at..]);
    split
}

fn is_tag(tag: &str, name: &str) -> bool {
    let named = tag.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
    named
        && tag[1 + name.len()..].starts_with(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '>' | '/'))
}

/// The length of the tag that a text opens with; a `<` that opens no tag is one byte long.
fn tag_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?')) {
        return 1;
    }
    let (mut at, mut after_equals) = (1, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'>' => return at + 1,
            b'"' | b'\'' if after_equals => {
                let Some(end) = memchr(byte, &bytes[at + 1..]) else { return bytes.len() };
                // The quote's end leaves the `=` in force: `a=""""` is read as before.
                at += end + 1;
            }
            b'=' => after_equals = true,
            byte if byte.is_ascii_whitespace() => {}
            _ => after_equals = false,
        }
        at += 1;
    }
    bytes.len()
}

fn comment(text: &str) -> usize {
    // `<!-->` and `<!--->` are whole comments.
    for whole in ["<!-->", "<!--->"] {
        if text.starts_with(whole) {
            return whole.len();
        }
    }
    text.find("-->").map_or(text.len(), |end| end + 3)
}

/// Where the end tag of a raw-text element opens; the text's end where there is none.
fn end_of_raw(text: &str, name: &str) -> usize {
    let bytes = text.as_bytes();
    let closes = |at: &usize| {
        bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    memmem::find_iter(bytes, "</").find(closes).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_from_markup_as_a_browser_would() {
        let page = "<!--trap <script>no</script>--><p title='<script>'>a < b</p><SCRIPT nonce=\"1\">var x = '<p>';</SCRIPT>\
                    <script type=\"text/html\"><li><#=x#></li></script><style>p{}</style>end<script>never closed";
        let split = split(page);
        assert_eq!(split.markup, "<p title='<script>'>a < b</p>end");
        assert_eq!(split.scripts, ["var x = '<p>';", "never closed"]);
        assert_eq!(split.script_tags.len(), 3);
    }

    #[test]
    fn unclosed_tags_do_not_make_it_slow() {
        let page = "<a '".repeat(200_000);
        assert_eq!(split(&page).markup.len(), page.len());
    }
}
