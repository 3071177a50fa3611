//! Code blocks: WeChat writes one `<code>` a line, line numbers beside them, and sometimes its style sheet's counter among them.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

/// The line numbers beside WeChat's code snippets.
pub(super) fn is_line_numbers(element: ElementRef<'_>) -> bool {
    element.value().classes().any(|class| class == "code-snippet__line-index")
}

/// The text of a code block, line breaks kept, no-break spaces made plain. Where all of it stands in `<code>`s, each is a line.
pub(super) fn text(element: ElementRef<'_>) -> String {
    let (mut whole, mut lines, mut loose, mut inside) = (String::new(), Vec::<String>::new(), false, 0_u32);
    for edge in element.traverse() {
        let piece = match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(piece) => piece.replace('\u{a0}', " "),
                Node::Element(inner) if inner.name() == "br" => "\n".to_owned(),
                Node::Element(inner) if inner.name() == "code" => {
                    if inside == 0 {
                        lines.push(String::new());
                    }
                    inside += 1;
                    continue;
                }
                _ => continue,
            },
            Edge::Close(node) => {
                let code = node.value().as_element().is_some_and(|inner| inner.name() == "code");
                inside -= u32::from(code);
                continue;
            }
        };
        whole.push_str(&piece);
        match lines.last_mut() {
            Some(line) if inside > 0 => line.push_str(&piece),
            _ => loose |= !piece.trim().is_empty(),
        }
    }
    let code = if lines.is_empty() || loose { whole } else { lines.join("\n") };
    // The style sheet's line counter, where a saver wrote it out.
    if code.contains("counter(line") {
        return code.lines().filter(|line| !line.trim().starts_with("counter(line")).collect::<Vec<_>>().join("\n");
    }
    code
}

/// The language that a code block names.
pub(super) fn language(element: ElementRef<'_>) -> Option<String> {
    let value = element.value();
    let by_class = || value.classes().find_map(|class| class.strip_prefix("language-"));
    let name = value.attr("data-lang").or_else(by_class)?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'#' | b'_'));
    (plain && (1..=20).contains(&name.len())).then(|| name.to_owned())
}
