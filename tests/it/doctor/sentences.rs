//! The troubles that feeds have most, and what their owners are told: read them as one.

/// A feed, and the whole line about it.
pub(super) fn sentences() -> Vec<(String, &'static str)> {
    use super::cases::{atom, rss};
    let item = |text: &str| rss("", text);
    vec![
        (
            item("<category>Q & A</category>"),
            "line 14: the text of <category> has an & that begins no reference (&); write every & of a text or an address as &amp;",
        ),
        (
            item("<category>a&nbsp;b</category>"),
            "line 14: &nbsp; in <category> is an HTML entity that XML does not know; write the character itself, or its number such as &#160;",
        ),
        (
            format!("\n{}", item("")),
            "line 2: something stands before the XML declaration; let <?xml …?> be the very first characters: no blank line, no output of a plugin",
        ),
        (
            item("<pubDate>2024-07-11 10:00</pubDate>"),
            "line 14: <pubDate> is not a date as RSS wants it: 2024-07-11 10:00; write it like Thu, 11 Jul 2024 10:00:00 +0800",
        ),
        (
            atom("", "<published>2024-07-11</published>"),
            "line 14: <published> is not a date of RFC 3339: 2024-07-11; write it like 2024-07-11T10:00:00+08:00; the zone (or Z) is required",
        ),
        (
            item("").replacen("<guid isPermaLink=\"false\">", "<guid>", 1),
            "line 13: <guid> should be a full address, not ferry-letter-1; add isPermaLink=\"false\" to the guid, or make it the entry's address",
        ),
        (
            item("").replacen("<guid isPermaLink=\"false\">ferry-letter-1</guid>", "", 1),
            "line 10: <item> has no <guid>; add one that never changes, so that readers know the entry again",
        ),
        (
            item("<description>&lt;img src=\"/a.png\"&gt;</description>"),
            "line 14: <description> has an address that is not full: /a.png; \
             write it with http:// or https:// and the host: readers do not know where the text came from",
        ),
        (
            item("<foo:bar>x</foo:bar>"),
            "line 14: the prefix foo of <foo:bar> is declared nowhere; declare the namespace on the root element: xmlns:foo=\"…\"",
        ),
        (item("<title>another</title>"), "line 14: <item> has more than one <title>; keep one of them"),
        (
            "<rss version=\"2.0\"><channel><title>a</title><item><title>b".to_owned(),
            "line 1: <title> is never closed: the feed is cut off or an end tag is missing; \
             check that the whole file is sent, and that each element has its end tag",
        ),
        (
            "<!DOCTYPE html><html><body>404</body></html>".to_owned(),
            "line 1: the document is a web page, not a feed; \
             give the address of the feed itself; the page may name it in a <link rel=\"alternate\">",
        ),
    ]
}
