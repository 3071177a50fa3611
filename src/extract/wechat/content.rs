//! Where an article's content lies, by its kind (our research, "item_show_type and where each type's content lies").

use super::body;
use super::dom::Dom;
use super::escapes::{self, escape_html};
use super::facts;
use super::media;
use super::sources::Sources;
use super::value::Value;
use crate::model::article::is_seen;
use crate::model::{ArticleKind, Media};
use scraper::node::Element;
use scraper::{ElementRef, Node};
use std::fmt::Write as _;

/// The body in the page's own tree.
const IN_PAGE: &str = "#js_content";

/// The body that the data holds.
const IN_DATA: &str = "cgiDataNew.content_noencode";

/// The content that was found.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The tree of a content that came from data; `None` where it stands in the page's own tree.
    own: Option<Dom>,
    /// Where it was found; empty where nothing was.
    pub(super) source: &'static str,
    /// Audio and video that the data names.
    pub(super) media: Vec<Media>,
}

impl Content {
    /// The element that holds the content.
    pub(super) fn root<'a>(&'a self, sources: &'a Sources<'_>) -> Option<ElementRef<'a>> {
        match &self.own {
            Some(dom) => Some(dom.root()),
            None if self.source.is_empty() => None,
            None => sources.dom.by_id("js_content"),
        }
    }
}

/// The kind of post, and whether the number was one we know.
pub(super) fn kind(sources: &Sources<'_>, show_type: Option<u32>, repost: bool) -> (ArticleKind, bool) {
    let kind = match show_type.or_else(|| guessed(sources)) {
        None | Some(0) if repost => ArticleKind::Repost,
        None | Some(0) => ArticleKind::Article,
        Some(5) => ArticleKind::Video,
        Some(6) => ArticleKind::Music,
        Some(7) => ArticleKind::Audio,
        Some(8) => ArticleKind::Pictures,
        Some(10 | 17) => ArticleKind::Text,
        Some(11) => ArticleKind::Repost,
        Some(_) => return (ArticleKind::Article, false),
    };
    (kind, true)
}

/// What the body element of a page that is no ordinary article is classed as.
const SHARE_PAGES: [(&str, u32); 6] = [
    ("page_share_img", 8),
    ("page_share_text", 10),
    ("page_share_video", 5),
    ("video_share_page", 5),
    ("page_share_audio", 7),
    ("page_share_music", 6),
];

/// The kind of a page that does not name it: by the body's class, else by what it holds.
fn guessed(sources: &Sources<'_>) -> Option<u32> {
    let body = sources.dom.elements().find(|element| element.value().name() == "body")?;
    let has = |class: &str| body.value().has_class(class, scraper::CaseSensitivity::CaseSensitive);
    for (class, number) in SHARE_PAGES {
        if has(class) {
            return Some(number);
        }
    }
    if sources.dom.by_id("js_content").is_some_and(holds_anything) {
        return None;
    }
    if !text_info(sources).items().is_empty() {
        return Some(10);
    }
    (!pictures(sources).is_empty()).then_some(8)
}

/// Where a content may be.
type Place = fn(&Sources<'_>) -> Option<Content>;

/// Finds the content of a post of this kind: its proper place first, then wherever content has been seen.
pub(super) fn find(sources: &Sources<'_>, kind: ArticleKind) -> Content {
    let proper: &[Place] = match kind {
        ArticleKind::Article | ArticleKind::Repost => &[in_page, in_data, share_card],
        ArticleKind::Pictures => &[picture_post, shown_pictures],
        ArticleKind::Text => &[text_post, shown_text],
        ArticleKind::Video | ArticleKind::Audio | ArticleKind::Music => &[caption],
    };
    let anywhere: &[Place] = match kind {
        // The body element of these pages is a shell of scripts and share buttons, never content.
        ArticleKind::Video | ArticleKind::Text | ArticleKind::Pictures => {
            &[in_data, text_post, picture_post, caption, title]
        }
        ArticleKind::Audio | ArticleKind::Music => &[in_data, in_page, picture_post, text_post],
        _ => &[picture_post, text_post, paid_for, caption],
    };
    let found = proper.iter().chain(anywhere).find_map(|find| find(sources)).unwrap_or_default();
    Content { media: players(sources, kind, found.source), ..found }
}

/// The places of whole bodies: what plays in one stands in it.
const BODIES: [&str; 2] = [IN_PAGE, IN_DATA];

/// The audio and video of a post that the data names: its kind's; where it has no body, or a kind that we do not know, all there is.
fn players(sources: &Sources<'_>, kind: ArticleKind, source: &str) -> Vec<Media> {
    let own = match kind {
        ArticleKind::Video => media::videos(sources),
        ArticleKind::Audio | ArticleKind::Music => media::voices(sources),
        ArticleKind::Pictures | ArticleKind::Text if !source.is_empty() => return Vec::new(),
        _ => Vec::new(),
    };
    if !own.is_empty() || BODIES.contains(&source) {
        return own;
    }
    media::described_videos(sources).into_iter().chain(media::voices(sources)).collect()
}

/// Whether the page has an article's body, or what one is made of: then words on it are no error message.
pub(super) fn is_there(sources: &Sources<'_>) -> bool {
    sources.object().get("content_noencode").has_text()
        || sources.data.text("content_noencode").is_some()
        || sources.dom.by_id("js_content").is_some_and(holds_anything)
        || !text_info(sources).items().is_empty()
        || !pictures(sources).is_empty()
        || shown_text(sources).is_some()
        || shown_pictures(sources).is_some()
}

/// Whether the page is an article's by its data: the data object has a title, or the variables have a time and beside it a title or
/// ids, or the template's frame is there.
pub(super) fn is_named(sources: &Sources<'_>) -> bool {
    let data = &sources.data;
    let named = || ["msg_title", "title", "mid"].iter().any(|name| data.text(name).is_some());
    sources.raw("title").is_some()
        || data.text("ct").is_some() && (named() || sources.dom.by_id("js_article").is_some())
}

/// The body that the data holds: in the data object, or where share pages of 2020 assign it.
fn told(sources: &Sources<'_>) -> Option<String> {
    sources.raw("content_noencode").or_else(|| sources.data.text("content_noencode"))
}

fn in_page(sources: &Sources<'_>) -> Option<Content> {
    let there = sources.dom.by_id("js_content").is_some_and(holds_anything);
    there.then(|| Content { source: IN_PAGE, ..Content::default() })
}

fn in_data(sources: &Sources<'_>) -> Option<Content> {
    built(IN_DATA, &told(sources)?)
}

fn picture_post(sources: &Sources<'_>) -> Option<Content> {
    let mut html = picture_list(sources);
    if html.is_empty() {
        return None;
    }
    let caption = told(sources).or_else(|| sources.raw("desc")).or_else(|| described(sources));
    html.push_str(&paragraphs(&caption.unwrap_or_default()));
    built("picture_page_info_list", &html)
}

/// The pictures that the data lists, each in a paragraph of its own.
fn picture_list(sources: &Sources<'_>) -> String {
    let mut html = String::new();
    for picture in pictures(sources) {
        let Some(url) = picture.get("cdn_url").text().and_then(|url| media::web(&url)) else { continue };
        html.push_str("<p><img src=\"");
        escape_html(&url, &mut html);
        html.push('"');
        for name in ["width", "height"] {
            if let Some(size) = picture.get(name).number().filter(|size| (1.0..100_000.0).contains(size)) {
                let _ = write!(html, " {name}=\"{size:.0}\"");
            }
        }
        html.push_str("></p>");
    }
    html
}

fn text_post(sources: &Sources<'_>) -> Option<Content> {
    let info = text_info(sources);
    let text = info.get("content_noencode").text().or_else(|| info.get("content").text());
    let mut html = paragraphs(&text.or_else(|| told(sources))?);
    // A short post (17) is a text post with pictures.
    html.push_str(&picture_list(sources));
    built("text_page_info", &html)
}

/// A text post of which only the rendered page is there.
fn shown_text(sources: &Sources<'_>) -> Option<Content> {
    let shown = sources.dom.by_id("js_text_desc").or_else(|| sources.dom.by_id("js_text_content"))?;
    built("#js_text_desc", &shown.inner_html())
}

/// A picture post of which only the rendered page is there.
fn shown_pictures(sources: &Sources<'_>) -> Option<Content> {
    let mut html = String::new();
    let mut seen = std::collections::HashSet::new();
    for item in sources.dom.with_class("swiper_item").chain(sources.dom.with_class("swiper_item_img")) {
        let own = item.value().attr("data-src").and_then(media::web);
        let inner = || item.descendants().filter_map(ElementRef::wrap).find_map(body::picture_url);
        if let Some(url) = own.or_else(inner).filter(|url| seen.insert(url.clone())) {
            html.push_str("<p><img src=\"");
            escape_html(&url, &mut html);
            html.push_str("\"></p>");
        }
    }
    let caption = sources.dom.by_id("js_image_desc").map(|shown| shown.inner_html()).or_else(|| described(sources));
    (!html.is_empty())
        .then(|| html + &paragraphs(&caption.unwrap_or_default()))
        .and_then(|html| built(".swiper_item", &html))
}

/// An old repost: a card with a few words, and the original behind it.
fn share_card(sources: &Sources<'_>) -> Option<Content> {
    let url = facts::share_card(sources)?;
    let words = sources.raw("copyright_info.guide_words").unwrap_or_default();
    let title = sources.dom.text_of("original_panel_title").or_else(|| sources.words("title")).unwrap_or_default();
    let title = if title.is_empty() { url.to_string() } else { title };
    built("#js_share_content", &(paragraphs(&words) + &body::paragraph(&title, Some(url.as_str()))))
}

/// What a paid article that shows nothing says of itself.
fn paid_for(sources: &Sources<'_>) -> Option<Content> {
    built("pay_subscribe_info.desc", &paragraphs(&sources.raw("pay_subscribe_info.desc")?))
}

fn caption(sources: &Sources<'_>) -> Option<Content> {
    let data = told(sources).or_else(|| sources.raw("desc"));
    let text = data.or_else(|| sources.data.text("desc")).or_else(|| sources.data.text("msg_desc"));
    built("desc", &paragraphs(&text.or_else(|| described(sources))?))
}

/// A text post's title is its text, where nothing else is left of it.
fn title(sources: &Sources<'_>) -> Option<Content> {
    let is_text = facts::item_show_type(sources) == Some(10);
    let mut html = String::from("<p>");
    escape_html(&sources.words("title").or_else(|| sources.data.words("msg_title")).filter(|_| is_text)?, &mut html);
    built("title", &(html.replace('\n', "<br>") + "</p>"))
}

fn described(sources: &Sources<'_>) -> Option<String> {
    let told = sources.dom.meta("og:description").or_else(|| sources.dom.meta("description"))?;
    // Only here is a line break written as two letters; elsewhere they are what the author wrote.
    Some(told.replace("\\n", "\n"))
}

fn text_info<'a>(sources: &'a Sources<'_>) -> &'a Value {
    let data = &sources.data;
    let places = [
        sources.object().get("text_page_info"),
        data.structure("cgiData").get("text_page_info"),
        data.structure("text_page_info"),
    ];
    let full = |info: &&&Value| info.get("content_noencode").has_text() || info.get("content").has_text();
    places.iter().find(full).copied().unwrap_or(&Value::Undefined)
}

/// The pictures of a picture post: the longest of the lists, because a copy among them is cut at 20.
fn pictures<'a>(sources: &'a Sources<'_>) -> &'a [Value] {
    let object = sources.object();
    let own = ["picture_page_info_list", "picture_list_in_pictext"].map(|name| object.get(name).items());
    let own = own.into_iter().chain(sources.data.lists("picture_page_info_list"));
    let full = own.filter(|list| list.iter().any(|picture| picture.get("cdn_url").text().is_some()));
    // Of equal lists the first: `max_by_key` would take the last.
    full.reduce(|best, list| if list.len() > best.len() { list } else { best }).unwrap_or_default()
}

fn built(source: &'static str, html: &str) -> Option<Content> {
    let dom = Dom::parse(html);
    holds_anything(dom.root()).then(|| Content { own: Some(dom), source, media: Vec::new() })
}

/// Whether an element holds text, a picture, a formula or a player.
fn holds_anything(root: ElementRef<'_>) -> bool {
    root.descendants().any(|node| match node.value() {
        Node::Text(text) => text.chars().any(is_seen),
        Node::Element(element) => {
            matches!(element.name(), "img" | "image" | "iframe" | "video" | "audio" | "qqmusic")
                || element.name().starts_with("mp") && element.name() != "mp-style-type"
                || shows_by_attribute(element)
        }
        _ => false,
    })
}

/// Whether an element shows something by an attribute alone: a picture as its background, a formula. Many bodies are nothing else.
fn shows_by_attribute(element: &Element) -> bool {
    let is_web = |url: &str| media::web(escapes::entities(url).trim().trim_matches(['"', '\''])).is_some();
    let styled = || element.attr("style").into_iter().flat_map(|style| style.split("url(").skip(1));
    element.attr("data-formula").is_some_and(|formula| !formula.trim().is_empty())
        || element.attr("data-lazy-bgimg").is_some_and(is_web)
        || styled().any(|rest| is_web(rest.split(')').next().unwrap_or_default()))
}

/// A caption's text as paragraphs: in these posts line breaks are what separates them. Its links are markup already.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let whole = text.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    whole.fold(String::new(), |html, text| html + "<p>" + &text.replace('\n', "<br>") + "</p>")
}
