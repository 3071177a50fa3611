//! The page's tree, with what we look up in it by id, class and meta name.

use crate::extract::guard;
use memchr::memmem;
use scraper::{CaseSensitivity, ElementRef, Html, Node};
use std::collections::HashMap;

/// Attributes that WeChat's editor and its template write, and nobody here reads: sorted.
const UNREAD: &[&str] = &[
    "aria-hidden",
    "aria-labelledby",
    "crossorigin",
    "data-imgfileid",
    "data-pm-slice",
    "leaf",
    "mpa-font-style",
    "nodeleaf",
    "powered-by",
    "reportloaderror",
    "role",
    "tabindex",
    "textstyle",
];

/// Whether nobody reads this attribute: two thirds of a body's markup are styles (measured), and of those only pictures and
/// what hides an element count.
fn is_unread(name: &str, value: &str) -> bool {
    if name != "style" {
        return UNREAD.binary_search(&name).is_ok();
    }
    let hides = || {
        memmem::find_iter(value.as_bytes(), "display").any(|at| {
            let rest = value[at + "display".len()..].trim_start().trim_start_matches(':').trim_start();
            rest.starts_with(['n', '&'])
        })
    };
    // A letter may be written as a number.
    memmem::find(value.as_bytes(), b"url").is_none() && memmem::find(value.as_bytes(), b"&#").is_none() && !hides()
}

/// A page as a tree.
#[derive(Debug)]
pub(super) struct Dom {
    html: Html,
    ids: HashMap<String, ego_tree::NodeId>,
    /// What the guard had to change.
    pub(super) warnings: Vec<String>,
}

impl Dom {
    /// Builds the tree of a page's markup, behind the guard.
    pub(super) fn parse(markup: &str) -> Self {
        let guard::Tree { html, warnings } = guard::parse_slim(markup, is_unread);
        let mut ids = HashMap::new();
        for node in html.tree.nodes() {
            if let Some(id) = node.value().as_element().and_then(|element| element.attr("id")) {
                ids.entry(id.to_owned()).or_insert_with(|| node.id());
            }
        }
        Self { html, ids, warnings }
    }

    /// The whole tree.
    pub(super) fn root(&self) -> ElementRef<'_> {
        self.html.root_element()
    }

    /// The first element with this id.
    pub(super) fn by_id(&self, id: &str) -> Option<ElementRef<'_>> {
        self.html.tree.get(*self.ids.get(id)?).and_then(ElementRef::wrap)
    }

    /// The elements with this class, in page order.
    pub(super) fn with_class<'a>(&'a self, class: &'a str) -> impl Iterator<Item = ElementRef<'a>> {
        let has = move |element: &ElementRef<'_>| element.value().has_class(class, CaseSensitivity::CaseSensitive);
        self.elements().filter(has)
    }

    /// All elements, in page order.
    pub(super) fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.html.tree.root().descendants().filter_map(ElementRef::wrap)
    }

    /// The text of the element with this id, where there is any.
    pub(super) fn text_of(&self, id: &str) -> Option<String> {
        self.by_id(id).map(text).filter(|text| !text.is_empty())
    }

    /// A meta tag's content by `property` or `name`, with the backslash escapes that WeChat leaves in it taken off.
    pub(super) fn meta(&self, name: &str) -> Option<String> {
        let named = |element: &ElementRef<'_>| {
            let value = element.value();
            value.name() == "meta" && (value.attr("property") == Some(name) || value.attr("name") == Some(name))
        };
        let content = self.elements().find(named)?.value().attr("content")?.to_owned();
        let content = super::escapes::js_decode(content);
        (!content.trim().is_empty()).then_some(content)
    }

    /// The text of the page's `<title>`.
    pub(super) fn page_title(&self) -> Option<String> {
        let title = self.elements().find(|element| element.value().name() == "title").map(text);
        title.filter(|text| !text.is_empty())
    }

    /// What a reader sees of the page, white space collapsed, up to about `most` bytes.
    pub(super) fn visible(&self, most: usize) -> String {
        let mut out = String::new();
        for node in self.html.tree.root().descendants() {
            if let Node::Text(text) = node.value()
                && !hidden(node)
            {
                push_collapsed(&mut out, text);
                if out.len() > most {
                    break;
                }
            }
        }
        out.trim().to_owned()
    }
}

/// Whether a text stands in an element that is not shown: the head, or one with `display: none`.
fn hidden(node: ego_tree::NodeRef<'_, Node>) -> bool {
    // Five steps up are enough for the pages this is used on.
    node.ancestors().take(5).filter_map(ElementRef::wrap).any(|element| {
        let value = element.value();
        matches!(value.name(), "head" | "title" | "textarea" | "template" | "noscript")
            || value.attr("style").is_some_and(|style| style.replace(' ', "").contains("display:none"))
    })
}

/// An element's text, white space collapsed.
pub(super) fn text(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    for piece in element.text() {
        push_collapsed(&mut out, piece);
    }
    out.trim().to_owned()
}

/// Adds a text with each run of white space as one space.
pub(super) fn push_collapsed(out: &mut String, text: &str) {
    for letter in text.chars() {
        if !letter.is_whitespace() {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_show_pictures_or_hide_are_read() {
        assert!(UNREAD.is_sorted());
        for style in [
            "background:URL(x);background:url(y)",
            "display:none",
            "a:b;display : none",
            "background:&#117;rl(x)",
            "display:&nbsp;none",
        ] {
            assert!(!is_unread("style", style), "{style}");
        }
        assert!(
            is_unread("style", "display:block;font-family:&quot;x&quot;")
                && is_unread("leaf", "")
                && !is_unread("class", "")
        );
    }
}
