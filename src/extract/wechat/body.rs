//! WeChat's body markup → ordinary HTML, for the renderer: lazy pictures, background pictures, code line by line, players and cards.
//!
//! Attributes are dropped but for those that carry content; `visibility: hidden` never hides anything; what is inside an element
//! we do not know stays.

use super::cards;
use super::code;
use super::dom;
use super::escapes::{self, escape_html};
use super::href::{self, link};
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
    /// How many `<pre>`s that are no code are open: in them line breaks count.
    laid_out: u32,
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

/// In how many `<pre>`s that are no code another is still asked whether it is (judgement: each asks all it holds).
const MOST_LAID_OUT: u32 = 4;

/// Turns a body into ordinary HTML.
pub(super) fn ordinary(root: ElementRef<'_>, sources: &Sources<'_>) -> Body {
    let mut body = Body::default();
    let mut skipped = None;
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) if skipped.is_none() => match node.value() {
                Node::Text(text) if body.laid_out > 0 => {
                    let mut words = String::new();
                    escape_html(text, &mut words);
                    body.html.push_str(&words.replace('\n', "<br>"));
                }
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
        if DROPPED.contains(&name) || code::is_line_numbers(element) {
            return false;
        }
        if let Some(formula) = value.attr("data-formula").map(str::trim).filter(|formula| !formula.is_empty()) {
            self.formula(formula, element);
            return false;
        }
        match name {
            "br" | "hr" => {
                let _ = write!(self.html, "<{name}>");
            }
            "img" => self.image(element),
            "image" => {
                if let Some(url) = href::of(element).and_then(web) {
                    self.picture(&url, "", (None, None));
                }
            }
            "pre" if self.laid_out < MOST_LAID_OUT && code::is_code(element) => {
                self.code(element, sources);
                return false;
            }
            "pre" => {
                self.laid_out += 1;
                self.html.push_str("<section>");
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
            "area" => {
                if let Some(url) = link(element) {
                    let words = Some(href::area_words(element)).filter(|words| !words.is_empty()).unwrap_or("链接");
                    self.html.push_str(&paragraph(words, Some(&url)));
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
        if name == "pre" {
            self.laid_out -= 1;
            self.html.push_str("</section>");
        }
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
        let size = (width, height.filter(|height| (1.0..1_000_000.0).contains(height)));
        let alt = value.attr("alt").filter(|alt| !matches!(*alt, "图片" | "Image" | "img" | "cover_image"));
        self.picture(&url, alt.unwrap_or_default(), size);
    }

    fn picture(&mut self, url: &str, alt: &str, size: (Option<f64>, Option<f64>)) {
        // The fragment only numbers the picture within the page.
        let url = url.split('#').next().unwrap_or_default();
        self.html.push_str("<img src=\"");
        escape_html(url, &mut self.html);
        self.html.push_str("\" alt=\"");
        escape_html(alt, &mut self.html);
        self.html.push('"');
        for (name, length) in [("width", size.0), ("height", size.1)] {
            if let Some(length) = length {
                let _ = write!(self.html, " {name}=\"{length:.0}\"");
            }
        }
        self.html.push('>');
    }

    /// The pictures that an element has as its background: many editors show pictures only so.
    fn background(&mut self, element: ElementRef<'_>) {
        let value = element.value();
        let lazy = value.attr("data-lazy-bgimg");
        if lazy.is_none() && (!value.attr("style").is_some_and(|style| style.contains("url(")) || is_frame(element)) {
            return;
        }
        let styled = value.attr("style").into_iter().flat_map(|style| style.split("url(").skip(1));
        let styled = styled.map(|rest| rest.split(')').next().unwrap_or_default());
        for url in lazy.into_iter().chain(styled) {
            let url = escapes::entities(url);
            if let Some(url) = web(url.trim().trim_matches(['"', '\'']))
                && self.backgrounds.insert(url.clone())
            {
                self.picture(&url, "", (None, None));
            }
        }
    }

    /// A formula of which the editor kept the LaTeX: on a line of its own where its element is a block.
    fn formula(&mut self, formula: &str, element: ElementRef<'_>) {
        let value = element.value();
        let block = matches!(value.name(), "section" | "div" | "p" | "figure")
            || value.classes().any(|class| class.contains("block"));
        let (open, close) = if block {
            ("<p><span class=\"math\">$$", "$$</span></p>")
        } else {
            ("<span class=\"math\">$", "$</span>")
        };
        self.html.push_str(open);
        escape_html(formula, &mut self.html);
        self.html.push_str(close);
    }

    /// Code: WeChat's own snippets hold one `<code>` a line. The pictures and players among it stand below.
    fn code(&mut self, element: ElementRef<'_>, sources: &Sources<'_>) {
        let text = code::text(element);
        let first = || element.descendants().filter_map(ElementRef::wrap).find(|inner| inner.value().name() == "code");
        match code::language(element).or_else(|| code::language(first()?)) {
            Some(language) => {
                let _ = write!(self.html, "<pre><code class=\"language-{language}\">");
            }
            None => self.html.push_str("<pre><code>"),
        }
        escape_html(text.trim_matches('\n'), &mut self.html);
        self.html.push_str("</code></pre>");
        for inner in element.descendants().skip(1).filter_map(ElementRef::wrap).filter(|inner| code::is_shown(*inner)) {
            self.open(inner, sources);
        }
    }
}

/// How many nodes of an element are looked at to tell a frame from a picture: judgement; a picture's box holds a handful.
const FRAME_WITHIN: usize = 200;

/// Whether what an element has as its background is only the paper that words or a player stand on.
/// A drawing is always a picture: what it holds is what opens when it is touched.
fn is_frame(element: ElementRef<'_>) -> bool {
    element.value().name() != "svg"
        && element.descendants().skip(1).take(FRAME_WITHIN).any(|node| match node.value() {
            Node::Text(text) => text.chars().any(|letter| !letter.is_whitespace() && letter != '\u{200b}'),
            Node::Element(inner) => {
                matches!(inner.name(), "qqmusic" | "iframe" | "video" | "audio" | "mpvoice" | "table")
            }
            _ => false,
        })
}

/// Where a picture is. `data-src` is what the reader was shown; `data-croporisrc` is what it was cut from and only a stand-in.
pub(super) fn picture_url(element: ElementRef<'_>) -> Option<String> {
    let lazy = ["data-src", "data-croporisrc", "data-original", "src", "data-backsrc"];
    lazy.into_iter()
        .find_map(|name| element.value().attr(name).and_then(web))
        .filter(|_| element.value().name() == "img")
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
