//! Where an article's content lies, by its kind (our research, "item_show_type and where each type's content lies").

use super::dom::Dom;
use super::escapes::{self, escape_html};
use super::media;
use super::sources::Sources;
use super::value::Value;
use crate::model::{ArticleKind, Media};
use scraper::{ElementRef, Node};
use std::fmt::Write as _;

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

/// The kind of a page that does not name it: by the body's class, else by what it holds.
fn guessed(sources: &Sources<'_>) -> Option<u32> {
    let body = sources.dom.elements().find(|element| element.value().name() == "body")?;
    let has = |class: &str| body.value().has_class(class, scraper::CaseSensitivity::CaseSensitive);
    for (class, number) in [("page_share_img", 8), ("page_share_text", 10), ("video_share_page", 5)] {
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

/// Finds the content of a post of this kind: its proper place first, then wherever content has been seen.
pub(super) fn find(sources: &Sources<'_>, kind: ArticleKind) -> Content {
    let media = match kind {
        ArticleKind::Video => media::videos(sources),
        ArticleKind::Audio | ArticleKind::Music => media::voices(sources),
        _ => Vec::new(),
    };
    let proper: &[fn(&Sources<'_>) -> Option<Content>] = match kind {
        ArticleKind::Article | ArticleKind::Repost => &[in_page, in_data],
        ArticleKind::Pictures => &[picture_post],
        ArticleKind::Text => &[text_post],
        ArticleKind::Video | ArticleKind::Audio | ArticleKind::Music => &[caption],
    };
    let anywhere: &[fn(&Sources<'_>) -> Option<Content>] = match kind {
        // The body element of a video page is a shell of scripts and share buttons, never content.
        ArticleKind::Video | ArticleKind::Text | ArticleKind::Pictures => &[in_data, text_post, picture_post, caption],
        _ => &[in_page, in_data, picture_post, text_post, caption],
    };
    let found = proper.iter().chain(anywhere).find_map(|find| find(sources));
    Content { media, ..found.unwrap_or_default() }
}

/// Whether the page has an article's body or data: then words on it are no error message.
pub(super) fn is_there(sources: &Sources<'_>) -> bool {
    let named = sources.raw("title").is_some() || sources.raw("content_noencode").is_some();
    named
        || sources.dom.by_id("js_content").is_some_and(holds_anything)
        || !text_info(sources).items().is_empty()
        || !pictures(sources).is_empty()
        || (sources.dom.by_id("js_article").is_some() && sources.data.text("ct").is_some())
}

fn in_page(sources: &Sources<'_>) -> Option<Content> {
    let there = sources.dom.by_id("js_content").is_some_and(holds_anything);
    there.then(|| Content { source: "#js_content", ..Content::default() })
}

fn in_data(sources: &Sources<'_>) -> Option<Content> {
    built("cgiDataNew.content_noencode", &sources.raw("content_noencode")?)
}

fn picture_post(sources: &Sources<'_>) -> Option<Content> {
    let mut html = String::new();
    for picture in pictures(sources) {
        let Some(url) = picture.get("cdn_url").text() else { continue };
        html.push_str("<p><img src=\"");
        escape_html(&escapes::url(&url), &mut html);
        html.push('"');
        for name in ["width", "height"] {
            if let Some(size) = picture.get(name).number().filter(|size| (1.0..100_000.0).contains(size)) {
                let _ = write!(html, " {name}=\"{size:.0}\"");
            }
        }
        html.push_str("></p>");
    }
    if html.is_empty() {
        return None;
    }
    let caption = sources.raw("content_noencode").or_else(|| sources.raw("desc")).or_else(|| described(sources));
    html.push_str(&paragraphs(&caption.unwrap_or_default()));
    built("picture_page_info_list", &html)
}

fn text_post(sources: &Sources<'_>) -> Option<Content> {
    let info = text_info(sources);
    let text = info.get("content_noencode").text().or_else(|| info.get("content").text());
    built("text_page_info", &paragraphs(&text.or_else(|| sources.raw("content_noencode"))?))
}

fn caption(sources: &Sources<'_>) -> Option<Content> {
    let data = sources.raw("content_noencode").or_else(|| sources.raw("desc"));
    let text = data.or_else(|| sources.data.text("desc")).or_else(|| sources.data.text("msg_desc"));
    built("desc", &paragraphs(&text.or_else(|| described(sources))?))
}

fn described(sources: &Sources<'_>) -> Option<String> {
    sources.dom.meta("og:description").or_else(|| sources.dom.meta("description"))
}

fn text_info<'a>(sources: &'a Sources<'_>) -> &'a Value {
    let data = &sources.data;
    let places = [
        sources.object().get("text_page_info"),
        data.structure("cgiData").get("text_page_info"),
        data.structure("text_page_info"),
    ];
    let full = |info: &&&Value| info.get("content_noencode").text().is_some() || info.get("content").text().is_some();
    places.iter().find(full).copied().unwrap_or(&Value::Undefined)
}

/// The pictures of a picture post. The global list is cut at 20, so the data object's comes first.
fn pictures<'a>(sources: &'a Sources<'_>) -> &'a [Value] {
    sources.list("picture_page_info_list", "picture_page_info_list")
}

fn built(source: &'static str, html: &str) -> Option<Content> {
    let dom = Dom::parse(html);
    holds_anything(dom.root()).then(|| Content { own: Some(dom), source, media: Vec::new() })
}

/// Whether an element holds text, a picture or a player.
fn holds_anything(root: ElementRef<'_>) -> bool {
    root.descendants().any(|node| match node.value() {
        Node::Text(text) => text.chars().any(|letter| !letter.is_whitespace() && letter != '\u{200b}'),
        Node::Element(element) => {
            matches!(element.name(), "img" | "image" | "iframe" | "video" | "audio" | "qqmusic")
                || element.name().starts_with("mp") && element.name() != "mp-style-type"
        }
        _ => false,
    })
}

/// A caption's text as paragraphs: in these posts line breaks are what separates them. Its links are markup already.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace("\\n", "\n");
    let whole = text.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    whole.fold(String::new(), |html, text| html + "<p>" + &text.replace('\n', "<br>") + "</p>")
}
