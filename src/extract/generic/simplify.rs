//! A page's tree → plain, balanced markup of bounded depth: what a second parser builds from it is known beforehand.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::Node;

/// Elements that hold no article, or that a parser reads in ways of its own.
const DROPPED: &[&str] = &[
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "applet",
    "canvas",
    "select",
    "textarea",
    "plaintext",
    "xmp",
    "noembed",
    "noframes",
    "frameset",
    "frame",
    "base",
    "link",
    "meta",
    "button",
    "input",
];

/// Attributes that readability looks at, or that the body needs.
const KEPT: &[&str] = &[
    "alt",
    "class",
    "colspan",
    "content",
    "data-original",
    "data-src",
    "data-srcset",
    "datetime",
    "dir",
    "height",
    "hidden",
    "href",
    "id",
    "itemprop",
    "itemscope",
    "itemtype",
    "lang",
    "poster",
    "rel",
    "role",
    "rowspan",
    "src",
    "srcset",
    "start",
    "style",
    "title",
    "width",
    "aria-hidden",
    "aria-modal",
    "property",
];

/// Writes the tree anew: no deeper than `deepest`, no more elements than `most`; text is kept in any case.
pub(super) fn simplify(root: NodeRef<'_, Node>, deepest: usize, most: usize) -> String {
    let mut out = String::from("<!DOCTYPE html>");
    let mut open: Vec<bool> = Vec::new();
    let (mut depth, mut elements, mut dropped) = (0_usize, 0_usize, 0_usize);
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) if dropped == 0 => escape(text, &mut out),
                Node::Element(element) => {
                    let name = element.name();
                    dropped += usize::from(dropped > 0 || DROPPED.contains(&name));
                    elements += 1;
                    let written = dropped == 0 && depth < deepest && elements <= most && is_plain(name);
                    open.push(written);
                    if written {
                        depth += 1;
                        out.push('<');
                        out.push_str(name);
                        // React streams finished parts as `<div hidden id="S:0">`, and a script would put them in place.
                        let streamed = element.id().is_some_and(|id| id.starts_with("S:"));
                        let kept = |name: &str| KEPT.contains(&name) && !(streamed && name == "hidden");
                        for (name, value) in element.attrs().filter(|(name, _)| kept(name)) {
                            out.push(' ');
                            out.push_str(name);
                            out.push_str("=\"");
                            escape(value, &mut out);
                            out.push('"');
                        }
                        out.push('>');
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    dropped = dropped.saturating_sub(1);
                    if open.pop() == Some(true) {
                        depth -= 1;
                        if !is_void(element.name()) {
                            out.push_str("</");
                            out.push_str(element.name());
                            out.push('>');
                        }
                    }
                }
            }
        }
    }
    out
}

/// Whether a name can be written back as it is.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_void(name: &str) -> bool {
    matches!(name, "area" | "br" | "col" | "hr" | "img" | "param" | "source" | "track" | "wbr")
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
}
