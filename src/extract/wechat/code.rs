//! Code blocks: WeChat writes one `<code>` a line, line numbers beside them, and sometimes its style sheet's counter among them.
//! Other editors write blocks for lines; and many a `<pre>` holds no code at all, but a page as its author laid it out.

use super::reading::is_block;
use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

/// The line numbers beside WeChat's code snippets.
pub(super) fn is_line_numbers(element: ElementRef<'_>) -> bool {
    element.value().classes().any(|class| class == "code-snippet__line-index")
}

/// Whether a `<pre>` is code. It is writing where it shows pictures or plays something, or has links among its blocks, unless all its
/// words stand in `<code>`s or it names a language.
pub(super) fn is_code(element: ElementRef<'_>) -> bool {
    let (mut shows, mut links, mut blocks, mut words, mut loose, mut inside) =
        (false, false, false, false, false, 0_u32);
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if node.id() == element.id() => {}
            Edge::Open(node) => {
                if let Some(inner) = ElementRef::wrap(node) {
                    let name = inner.value().name();
                    shows |= is_shown(inner);
                    links |= name == "a";
                    blocks |= is_block(name) && name != "br";
                    inside += u32::from(name == "code");
                } else if node.value().as_text().is_some_and(|text| !text.trim().is_empty()) {
                    words = true;
                    loose |= inside == 0;
                }
            }
            Edge::Close(node) => {
                inside -= u32::from(node.value().as_element().is_some_and(|inner| inner.name() == "code"));
            }
        }
    }
    !(shows || links && blocks) || words && !loose || language(element).is_some()
}

/// Whether an element is a picture or plays something: in code it has no place.
pub(super) fn is_shown(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    matches!(name, "img" | "image" | "iframe" | "video" | "audio" | "qqmusic")
        || name.starts_with("mp") && name != "mp-style-type"
}

/// The text of a code block, no-break spaces made plain; a line ends at a line break and where a block or a `<code>` ends.
pub(super) fn text(element: ElementRef<'_>) -> String {
    let (mut whole, mut lines, mut loose, mut inside) = (String::new(), Vec::<String>::new(), false, 0_u32);
    for edge in element.traverse() {
        let piece = match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(_) if is_between_blocks(node) => continue,
                Node::Text(piece) => piece.replace('\u{a0}', " "),
                Node::Element(inner) if inner.name() == "br" => "\n".to_owned(),
                Node::Element(inner) if inner.name() == "code" => {
                    if inside == 0 {
                        lines.push(String::new());
                    }
                    inside += 1;
                    continue;
                }
                Node::Element(inner) if ends_lines(inner.name()) => String::new(),
                _ => continue,
            },
            Edge::Close(node) => {
                let name = node.value().as_element().map_or("", |inner| inner.name());
                inside -= u32::from(name == "code");
                if !ends_lines(name) {
                    continue;
                }
                String::new()
            }
        };
        let write = |text: &mut String| match piece.as_str() {
            // A block's edge: a line ends where one is open.
            "" if text.is_empty() || text.ends_with('\n') => {}
            "" => text.push('\n'),
            piece => text.push_str(piece),
        };
        write(&mut whole);
        match lines.last_mut() {
            Some(line) if inside > 0 => write(line),
            _ => loose |= !piece.trim().is_empty(),
        }
    }
    let code = if lines.is_empty() || loose { whole } else { joined(&lines) };
    // The style sheet's line counter, where a saver wrote it out.
    if code.contains("counter(line") {
        return code.lines().filter(|line| !line.trim().starts_with("counter(line")).collect::<Vec<_>>().join("\n");
    }
    code
}

/// Lines as one text. A line's own break at its end is the one that follows it anyway: an empty line is a `<code>` with a `<br>`.
fn joined(lines: &[String]) -> String {
    let bare: Vec<&str> = lines.iter().map(|line| line.strip_suffix('\n').unwrap_or(line)).collect();
    bare.join("\n")
}

/// Whether an element's edges end a line of code: a table's cells stand beside each other.
fn ends_lines(name: &str) -> bool {
    is_block(name) && !matches!(name, "br" | "td")
}

/// Whether a text is only the white space between two blocks, as the page's source is laid out.
fn is_between_blocks(node: NodeRef<'_, Node>) -> bool {
    let block = |side: NodeRef<'_, Node>| side.value().as_element().is_some_and(|element| ends_lines(element.name()));
    let (before, after) = (node.prev_sibling(), node.next_sibling());
    node.value().as_text().is_some_and(|text| text.trim().is_empty())
        && (before.is_some() || after.is_some())
        && before.is_none_or(block)
        && after.is_none_or(block)
}

/// The language that a code block names.
pub(super) fn language(element: ElementRef<'_>) -> Option<String> {
    let value = element.value();
    let by_class = || value.classes().find_map(|class| class.strip_prefix("language-"));
    let name = value.attr("data-lang").or_else(by_class)?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'#' | b'_'));
    (plain && (1..=20).contains(&name.len())).then(|| name.to_owned())
}
