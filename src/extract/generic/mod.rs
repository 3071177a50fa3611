//! Any other page: its main text by a Readability port, its facts by what pages say of themselves.
//!
//! One tree is built, behind the guard. From it come the facts, and a clean copy of the page for `dom_smoothie`, which is
//! quadratic and worse in nesting (10,000 levels took it 18 s) and so gets no more than [`DEEPEST`] levels.

mod canonical;
mod dates;
mod facts;
mod json_ld;
mod links;
mod simplify;

use crate::extract::wechat::heads_past_issues;
use crate::extract::{Extractor, Hints, Page, charset, guard, render};
use crate::model::{ArticleKind, CanonicalUrl, Document, Extracted, Key, Link, PageStatus, Rel};
use ego_tree::NodeRef;
use facts::Facts;
use scraper::{Html, Node};
use url::Url;

/// The deepest nesting that the Readability port is given (measured: pages of 30,000 elements this deep take under a second).
pub const DEEPEST: usize = 200;

/// The most elements that it is given (judgement: long articles have under 20,000).
pub const MOST_ELEMENTS: usize = 30_000;

/// A page with fewer letters than this, and no picture, is no article (judgement).
const SHORTEST: usize = 50;

/// The extractor.
pub struct Generic;

impl Extractor for Generic {
    fn name(&self) -> &'static str {
        "generic/1"
    }

    fn matches(&self, page: &Page<'_>) -> bool {
        let media_type = page.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "text/html" | "application/xhtml+xml" => true,
            "" | "text/plain" | "application/octet-stream" | "text/xml" | "application/xml" => is_html(page.payload),
            _ => false,
        }
    }

    fn extract(&self, page: &Page<'_>, hints: &Hints<'_>) -> Extracted {
        Extracted::Document(Box::new(document(page, *hints, self.name())))
    }
}

/// Whether bytes without a telling label look like a page.
fn is_html(payload: &[u8]) -> bool {
    let head = &payload[..payload.len().min(1024)];
    let (head, _) = charset::decode(head, "");
    let head = head.to_ascii_lowercase();
    let marks =
        ["<!doctype html", "<html", "<head", "<body", "<meta", "<title", "<div", "<p>", "<p ", "<article", "<h1"];
    !head.contains('\0') && marks.iter().any(|mark| head.contains(mark))
}

fn document(page: &Page<'_>, hints: Hints<'_>, extractor: &str) -> Document {
    let (text, _) = charset::decode(page.payload, page.content_type);
    let guard::Tree { html: tree, warnings } = guard::parse_document(&text);
    let base = base(&tree, page.final_url.url());
    let facts = Facts::read(&tree, &base);
    let body = main_text(&tree, &base);
    let canonical = canonical::choose(&facts, page.final_url);

    let mut document = Document::new(PageStatus::Article, extractor);
    document.warnings = warnings;
    document.key = Some(Key::of_url(&canonical));
    document.canonical_url = Some(canonical);
    facts.fill(&mut document, hints, &body.text);
    document.links = links::read(&body.html, page.final_url);
    let no_article = no_article(&body, &document, hints);
    if document.links.iter().all(|link| link.rel != Rel::PastIssue) {
        document.links.extend(past_issues_beside(&tree, &base, page.final_url));
    }
    if let Some(reason) = no_article {
        document.status = PageStatus::NotAnArticle;
        document.reason = Some(reason);
        return document;
    }
    document.kind = Some(ArticleKind::Article);
    document.markdown = body.markdown;
    document.html = body.html;
    document.text = body.text;
    document.images = body.images;
    document
}

/// What relative links are relative to: `<base href>` where the page has one.
fn base(tree: &Html, url: &Url) -> Url {
    let href = tree.tree.nodes().filter_map(|node| node.value().as_element()).find(|element| element.name() == "base");
    let base = href.and_then(|element| element.attr("href")).and_then(|href| url.join(href).ok());
    base.filter(|base| matches!(base.scheme(), "http" | "https")).unwrap_or_else(|| url.clone())
}

/// The page's main text, as the Readability port finds it. Where it finds next to none, the element that the page itself marks
/// as its main one; empty where there is none either.
fn main_text(tree: &Html, base: &Url) -> render::Rendered {
    let found = readable(tree, base);
    if letters(&found.text) >= 4 * SHORTEST {
        return found;
    }
    let marked = |node: &NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|element| {
            let is = |name: &str, value: &str| element.attr(name) == Some(value);
            is("itemprop", "articleBody") || is("role", "main") || matches!(element.name(), "article" | "main")
        })
    };
    let marked = tree.tree.nodes().find(marked).map(|node| simplify::simplify(node, DEEPEST, MOST_ELEMENTS));
    let marked = marked.map(|html| render::render(&html, base)).unwrap_or_default();
    if letters(&marked.text) > 3 * letters(&found.text) { marked } else { found }
}

/// Past issues that stand beside the main text, as lists of them often do.
fn past_issues_beside(tree: &Html, base: &Url, page: &CanonicalUrl) -> Vec<Link> {
    let text = |node: NodeRef<'_, Node>| node.value().as_text().is_some_and(|text| heads_past_issues(text));
    if !tree.tree.nodes().any(text) {
        return Vec::new();
    }
    let whole = simplify::simplify(tree.tree.root(), DEEPEST, MOST_ELEMENTS);
    let mut links = links::read(&render::render(&whole, base).html, page);
    links.retain(|link| link.rel == Rel::PastIssue);
    links
}

fn readable(tree: &Html, base: &Url) -> render::Rendered {
    let clean = simplify::simplify(tree.tree.root(), DEEPEST, MOST_ELEMENTS);
    let config = dom_smoothie::Config { keep_classes: true, disable_json_ld: true, ..dom_smoothie::Config::default() };
    let reader = dom_smoothie::Readability::new(clean.as_str(), Some(base.as_str()), Some(config));
    let article = reader.and_then(|mut reader| reader.parse());
    article.map(|article| render::render(&article.content, base)).unwrap_or_default()
}

fn no_article(body: &render::Rendered, document: &Document, hints: Hints<'_>) -> Option<String> {
    let total = letters(&body.text);
    // A feed that led here says that there is an article, however short.
    if total == 0 && body.images.is_empty() || hints.entry.is_none() && total < SHORTEST && body.images.is_empty() {
        return Some("no article text was found on the page".to_owned());
    }
    let linked: usize = document.links.iter().map(|link| letters(&link.title)).sum();
    (document.links.len() > 10 && linked * 10 > total * 8).then(|| "the page is a list of links".to_owned())
}

fn letters(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).count()
}

/// Whether two URLs are of the same site.
fn same_site(one: &CanonicalUrl, other: &CanonicalUrl) -> bool {
    crate::model::Site::of(one, &[]) == crate::model::Site::of(other, &[])
}
