//! The links of a body, in order: past issues under a heading that says so, references elsewhere.

use crate::extract::wechat::heads_past_issues;
use crate::model::{CanonicalUrl, Link, Rel};
use ego_tree::iter::Edge;
use scraper::{Html, Node};

/// The most links that are kept (judgement: pages with more are directories).
const MOST: usize = 2_000;

/// The longest text that can head a section, in letters.
const LONGEST_HEADING: usize = 24;

/// Reads the links of rendered HTML.
pub(super) fn read(html: &str, page: &CanonicalUrl) -> Vec<Link> {
    // Our own writing: it needs no guard.
    let tree = Html::parse_fragment(html);
    let mut links: Vec<Link> = Vec::new();
    let mut open: Option<(String, String)> = None;
    let mut block = String::new();
    let mut past_issues = false;
    for edge in tree.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => {
                    block.push_str(text);
                    if let Some((_, words)) = &mut open {
                        words.push_str(text);
                    }
                }
                Node::Element(element) if element.name() == "a" => {
                    open = element.attr("href").map(|href| (href.to_owned(), String::new()));
                }
                Node::Element(element) if is_block(element.name()) => block.clear(),
                _ => {}
            },
            Edge::Close(node) => {
                let Node::Element(element) = node.value() else { continue };
                if element.name() == "a" {
                    links.extend(open.take().and_then(|(href, title)| link(&href, &title, past_issues, page)));
                } else if is_block(element.name()) {
                    let heading = element.name().starts_with('h') && element.name() != "hr";
                    let short = !block.trim().is_empty() && block.trim().chars().count() <= LONGEST_HEADING;
                    if short && heads_past_issues(&block) {
                        past_issues = true;
                    } else if heading {
                        past_issues = false;
                    }
                    block.clear();
                }
            }
        }
    }
    links.truncate(MOST);
    links
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "li" | "td" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "figcaption" | "caption"
    )
}

fn link(href: &str, title: &str, past_issue: bool, page: &CanonicalUrl) -> Option<Link> {
    let url = CanonicalUrl::join(page.url(), href).ok()?;
    if url == *page {
        return None;
    }
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Link { url, title, rel: if past_issue { Rel::PastIssue } else { Rel::Reference }, account: None })
}
