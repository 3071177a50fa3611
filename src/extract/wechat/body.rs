//! WeChat's body markup → ordinary HTML, for the renderer: lazy pictures, background pictures, code line by line, players and cards.
//!
//! Attributes are dropped but for those that carry content; `visibility: hidden` never hides anything; what is inside an element
//! we do not know stays.

use super::cards;
use super::dom;
use super::escapes::{self, escape_html};
use super::media::web;
use super::sources::Sources;
use crate::model::Media;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};
use std::collections::HashSet;
use std::fmt::Write as _;

/// A body as ordinary HTML.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The markup.
    pub(super) html: String,
    /// Audio and video in it.
    pub(super) media: Vec<Media>,
    /// Background pictures already written: decoration repeats.
    backgrounds: HashSet<String>,
    /// The link that was opened last.
    last_link: String,
}

/// Elements that go as they are, without attributes.
const PLAIN: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "header",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "caption",
    "blockquote",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "s",
    "del",
    "ins",
    "sup",
    "sub",
    "code",
    "kbd",
    "mark",
    "small",
    "figure",
    "figcaption",
    "ruby",
    "rt",
    "rp",
    "q",
    "cite",
    "details",
    "summary",
    "main",
    "aside",
    "center",
];

/// Elements that go with all they hold: no content, or an advertisement.
const DROPPED: &[&str] = &[
    "script",
    "style",
    "noscript",
    "head",
    "link",
    "meta",
    "title",
    "template",
    "object",
    "embed",
    "input",
    "select",
    "button",
    "textarea",
    "defs",
    "animate",
    "animatetransform",
    "animatemotion",
    "set",
    "mp-style-type",
    "mp-common-cpsad",
    "mp-common-product",
    "mpcps",
    "mp-cps",
    "mp-common-ad",
];

/// Turns a body into ordinary HTML.
pub(super) fn ordinary(root: ElementRef<'_>, sources: &Sources<'_>) -> Body {
    let mut body = Body::default();
    let mut skipped = None;
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) if skipped.is_none() => match node.value() {
                Node::Text(text) => escape_html(text, &mut body.html),
                Node::Element(_) if node.id() != root.id() => {
                    if let Some(element) = ElementRef::wrap(node)
                        && !body.open(element, sources)
                    {
                        skipped = Some(node.id());
                    }
                }
                _ => {}
            },
            Edge::Close(node) if skipped == Some(node.id()) => skipped = None,
            Edge::Close(_) if skipped.is_some() => {}
            Edge::Close(node) if node.id() != root.id() => {
                if let Some(element) = ElementRef::wrap(node) {
                    body.close(element);
                }
            }
            _ => {}
        }
    }
    body
}

impl Body {
    /// Writes an element's opening; false where all it holds has been written or is dropped.
    fn open(&mut self, element: ElementRef<'_>, sources: &Sources<'_>) -> bool {
        let value = element.value();
        let name = value.name();
        if DROPPED.contains(&name) || is_line_numbers(element) {
            return false;
        }
        match name {
            "br" | "hr" => {
                let _ = write!(self.html, "<{name}>");
            }
            "img" => self.image(element),
            "image" => {
                let link = value.attrs().find(|(key, _)| *key == "href" || key.ends_with(":href"));
                if let Some(url) = link.and_then(|(_, link)| web(link)) {
                    self.picture(&url, "", None);
                }
            }
            "pre" => {
                self.code(element);
                return false;
            }
            "iframe" | "video" | "audio" | "qqmusic" => {
                self.card(cards::player(element, sources));
                return false;
            }
            "a" => {
                if let Some(url) = link(element) {
                    self.anchor(url);
                }
            }
            "td" | "th" => self.cell(element, name),
            name if name.starts_with("mp") => self.card(cards::card(element, sources)),
            name if PLAIN.contains(&name) => {
                let _ = write!(self.html, "<{name}>");
            }
            _ => {}
        }
        self.background(element);
        true
    }

    fn close(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        let opened = match name {
            "a" => link(element).is_some(),
            "td" | "th" => true,
            name => PLAIN.contains(&name),
        };
        if opened {
            let _ = write!(self.html, "</{name}>");
        }
    }

    /// A link; one that goes on from the link just closed is that link again (editors split them).
    fn anchor(&mut self, url: String) {
        if url == self.last_link && self.html.ends_with("</a>") {
            self.html.truncate(self.html.len() - "</a>".len());
            return;
        }
        self.html.push_str("<a href=\"");
        escape_html(&url, &mut self.html);
        self.html.push_str("\">");
        self.last_link = url;
    }

    fn card(&mut self, card: cards::Card) {
        self.html.push_str(&card.html);
        self.media.extend(card.media);
    }

    fn cell(&mut self, element: ElementRef<'_>, name: &str) {
        let _ = write!(self.html, "<{name}");
        for span in ["colspan", "rowspan"] {
            if let Some(number) = element.value().attr(span).and_then(|text| text.parse::<u16>().ok()) {
                let _ = write!(self.html, " {span}=\"{number}\"");
            }
        }
        self.html.push('>');
    }

    fn image(&mut self, element: ElementRef<'_>) {
        let value = element.value();
        let Some(url) = picture_url(element) else { return };
        let number = |name: &str| value.attr(name).and_then(|text| text.parse::<f64>().ok());
        let width = number("data-w").or_else(|| number("width")).filter(|width| (1.0..100_000.0).contains(width));
        let height = match (width, number("data-ratio")) {
            (Some(width), Some(ratio)) if ratio > 0.0 => Some(width * ratio),
            _ => number("height"),
        };
        let size = width.zip(height.filter(|height| (1.0..1_000_000.0).contains(height)));
        let alt = value.attr("alt").filter(|alt| !matches!(*alt, "图片" | "Image" | "img" | "cover_image"));
        self.picture(&url, alt.unwrap_or_default(), size);
    }

    fn picture(&mut self, url: &str, alt: &str, size: Option<(f64, f64)>) {
        // The fragment only numbers the picture within the page.
        let url = url.split('#').next().unwrap_or_default();
        self.html.push_str("<img src=\"");
        escape_html(url, &mut self.html);
        self.html.push_str("\" alt=\"");
        escape_html(alt, &mut self.html);
        self.html.push('"');
        if let Some((width, height)) = size {
            let _ = write!(self.html, " width=\"{width:.0}\" height=\"{height:.0}\"");
        }
        self.html.push('>');
    }

    /// The pictures that an element has as its background: many editors show pictures only so.
    fn background(&mut self, element: ElementRef<'_>) {
        let value = element.value();
        let lazy = value.attr("data-lazy-bgimg");
        let styled = value.attr("style").into_iter().flat_map(|style| style.split("url(").skip(1));
        let styled = styled.map(|rest| rest.split(')').next().unwrap_or_default());
        for url in lazy.into_iter().chain(styled) {
            let url = escapes::entities(url);
            if let Some(url) = web(url.trim().trim_matches(['"', '\'']))
                && self.backgrounds.insert(url.clone())
            {
                self.picture(&url, "", None);
            }
        }
    }

    /// Code: WeChat's own snippets hold one `<code>` a line.
    fn code(&mut self, element: ElementRef<'_>) {
        let code = code_text(element);
        let first = || element.descendants().filter_map(ElementRef::wrap).find(|inner| inner.value().name() == "code");
        match language(element).or_else(|| language(first()?)) {
            Some(language) => {
                let _ = write!(self.html, "<pre><code class=\"language-{language}\">");
            }
            None => self.html.push_str("<pre><code>"),
        }
        escape_html(code.trim_matches('\n'), &mut self.html);
        self.html.push_str("</code></pre>");
    }
}

/// Where a picture is. `data-src` is what the reader was shown; `data-croporisrc` is what it was cut from and only a stand-in.
pub(super) fn picture_url(element: ElementRef<'_>) -> Option<String> {
    let lazy = ["data-src", "data-croporisrc", "data-original", "src", "data-backsrc"];
    lazy.into_iter()
        .find_map(|name| element.value().attr(name).and_then(web))
        .filter(|_| element.value().name() == "img")
}

/// Where a link leads, where it leads anywhere: an absolute URL, or a path of the page's own host as it stands.
pub(super) fn link(element: ElementRef<'_>) -> Option<String> {
    let href = element.value().attr("href")?;
    let path = || Some(escapes::url(href)).filter(|path| path.starts_with('/') && path.len() > 1);
    web(href).or_else(path)
}

/// The line numbers beside WeChat's code snippets.
fn is_line_numbers(element: ElementRef<'_>) -> bool {
    element.value().classes().any(|class| class == "code-snippet__line-index")
}

/// The text of a code block, line breaks kept, no-break spaces made plain. Where all of it stands in `<code>`s, each is a line.
fn code_text(element: ElementRef<'_>) -> String {
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
    if lines.is_empty() || loose { whole } else { lines.join("\n") }
}

/// The language that a code block names.
fn language(element: ElementRef<'_>) -> Option<String> {
    let value = element.value();
    let by_class = || value.classes().find_map(|class| class.strip_prefix("language-"));
    let name = value.attr("data-lang").or_else(by_class)?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'#' | b'_'));
    (plain && (1..=20).contains(&name.len())).then(|| name.to_owned())
}

/// A paragraph with a link, or without where there is none.
pub(super) fn paragraph(words: &str, url: Option<&str>) -> String {
    let mut html = String::from("<p>");
    if let Some(url) = url {
        html.push_str("<a href=\"");
        escape_html(url, &mut html);
        html.push_str("\">");
    }
    let mut plain = String::new();
    dom::push_collapsed(&mut plain, &escapes::entities(words));
    escape_html(plain.trim(), &mut html);
    html.push_str(if url.is_some() { "</a></p>" } else { "</p>" });
    html
}
