//! What a document is, by its first element; and the small repairs that feed-rs needs.

/// How far the first element is looked for.
pub(super) const WITHIN: usize = 4096;

/// What a document's beginning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rss,
    Rdf,
    Atom,
    Json,
    Html,
}

/// What a document is, by its first element or key.
pub(super) fn kind(head: &str) -> Option<Kind> {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with('{') {
        return head.contains("jsonfeed.org/version").then_some(Kind::Json);
    }
    let name = root(head)?.1.to_ascii_lowercase();
    match name.rsplit_once(':').map_or(name.as_str(), |(_, local)| local) {
        "rss" => Some(Kind::Rss),
        "rdf" => Some(Kind::Rdf),
        "feed" => Some(Kind::Atom),
        "html" | "head" | "body" => Some(Kind::Html),
        _ => None,
    }
}

/// Where the first element's tag stands, and its name: comments, declarations and instructions skipped.
fn root(text: &str) -> Option<(usize, &str)> {
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
            return Some((at, &name[..end.unwrap_or(name.len())]));
        };
        at += skip;
    }
}

/// The document as feed-rs can take it: no declaration, no control characters, an `<rss>` with a version, Atom 0.3 as Atom.
pub(super) fn prepared(text: &str) -> String {
    let mut text = text.to_owned();
    text.retain(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'));
    if let Some(start) = text.find("<?xml ").filter(|start| *start < WITHIN)
        && let Some(end) = text[start..].find("?>")
    {
        text.replace_range(start..start + end + 2, "");
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let tag = root(text).map(|(at, name)| (at + 1 + name.len(), name, attributes(&text[at..])));
    match tag {
        Some((at, name, attributes)) if name.eq_ignore_ascii_case("rss") && !attributes.contains("version") => {
            format!("{} version=\"2.0\"{}", &text[..at], &text[at..])
        }
        Some((_, _, attributes)) if attributes.contains(ATOM_03) => text.replacen(ATOM_03, ATOM_10, 1),
        _ => text.to_owned(),
    }
}

const ATOM_03: &str = "http://purl.org/atom/ns#";
const ATOM_10: &str = "http://www.w3.org/2005/Atom";

fn attributes(tag: &str) -> &str {
    &tag[..tag.find('>').unwrap_or(tag.len())]
}

/// feedparser's name for the version that a document claims; empty where unknown.
pub(super) fn version(text: &str) -> String {
    let tag = root(text).map(|(at, _)| attributes(&text[at..])).unwrap_or_default();
    let versions = |table: &[(&str, &str)]| {
        table.iter().find(|(mark, _)| tag.contains(mark)).map_or("", |(_, name)| *name).to_owned()
    };
    match kind(text) {
        Some(Kind::Rss) => match versions(&[
            ("0.91", "rss091u"),
            ("0.92", "rss092"),
            ("0.93", "rss093"),
            ("0.94", "rss094"),
            ("2.", "rss20"),
        ]) {
            name if name.is_empty() => "rss".to_owned(),
            name => name,
        },
        Some(Kind::Rdf) => versions(&[("my.netscape.com/rdf/simple/0.9", "rss090"), ("purl.org/rss/1.0", "rss10")]),
        Some(Kind::Atom) if tag.contains("version=\"0.3\"") => "atom03".to_owned(),
        Some(Kind::Atom) => "atom10".to_owned(),
        Some(Kind::Json) if text.contains("jsonfeed.org/version/1.1") => "json11".to_owned(),
        Some(Kind::Json) => "json1".to_owned(),
        Some(Kind::Html) | None => String::new(),
    }
}
