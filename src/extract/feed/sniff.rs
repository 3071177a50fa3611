//! What a document is, by its first element.

/// How far the first element is looked for.
pub(super) const WITHIN: usize = 4096;

/// What a document's beginning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Feed,
    Json,
    Html,
}

/// How feeds begin, behind whatever was said before them.
const ROOTS: &[&str] = &["<rss ", "<rss>", "<feed ", "<rdf:RDF "];

/// What a document is, by its first element or key.
pub(super) fn kind(head: &str) -> Option<Kind> {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with('{') {
        return head.contains("jsonfeed.org/version").then_some(Kind::Json);
    }
    let name = root(head)?.to_ascii_lowercase();
    match name.rsplit_once(':').map_or(name.as_str(), |(_, local)| local) {
        "rss" | "rdf" | "feed" | "channel" => Some(Kind::Feed),
        "html" | "head" | "body" => Some(Kind::Html),
        // What a program in trouble says before its feed: a warning with a `<br />`.
        "br" | "b" | "p" | "div" | "script" | "pre" => {
            ROOTS.iter().any(|root| head.contains(root)).then_some(Kind::Feed)
        }
        _ => None,
    }
}

/// The first element's name: comments, declarations and instructions skipped.
fn root(text: &str) -> Option<&str> {
    let mut at = 0;
    loop {
        at += text[at..].find('<')?;
        let rest = &text[at..];
        let skip = if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            // A document type may hold declarations of its own in brackets.
            let end = rest.find('>')?;
            let inner = rest.find('[').filter(|open| *open < end).and_then(|_| rest.find("]>"));
            inner.map_or(end + 1, |close| close + 2)
        } else {
            let name = &rest[1..];
            let end = name.find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/'));
            return Some(&name[..end.unwrap_or(name.len())]);
        };
        at += skip;
    }
}
