//! Pages of mp.weixin.qq.com: articles of every template since 2017, and the pages that say why there is none.
//!
//! The page's own data is asked first, its markup second, the legacy variables of old templates third; the document's provenance
//! says for each field who answered. The data is read by a small evaluator, never by a JavaScript engine, and the tree builder sees
//! the markup without its scripts.

mod about;
mod body;
mod cards;
mod code;
mod content;
mod data;
mod dom;
mod dumps;
mod escapes;
mod evaluate;
mod facts;
mod fields;
mod href;
mod identity;
mod links;
pub mod listing;
mod media;
mod messages;
mod notices;
mod past_issues;
mod reading;
mod saved;
mod sources;
mod split;
mod value;

use super::{Extractor, Hints, Page, charset, render};
use crate::model::{ArticleKind, CanonicalUrl, Document, Extracted, Key, Media, PageStatus};
pub use identity::best_fetch_url;
use memchr::memmem;
pub(super) use past_issues::heads_past_issues;
use sources::Sources;
use split::Split;
use std::borrow::Cow;
use std::collections::HashSet;

/// The extractor for WeChat's pages.
#[derive(Clone, Copy, Debug, Default)]
pub struct WeChat;

/// Its name and version.
const NAME: &str = "wechat/3";

impl Extractor for WeChat {
    fn name(&self) -> &'static str {
        NAME
    }

    fn matches(&self, page: &Page<'_>) -> bool {
        page.final_url.is_wechat() && !is_media(page) || shows_the_template(page) || is_noted_as_wechat(page)
    }

    fn extract(&self, page: &Page<'_>, hints: &Hints<'_>) -> Extracted {
        // WeChat's pages are UTF-8; anything else is a copy that someone made.
        let text = match std::str::from_utf8(page.payload) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(charset::decode(page.payload, page.content_type).0),
        };
        let page_text = dumps::opened(&text);
        let noted = page.is_from_nowhere().then(|| saved::noted_url(&page_text)).flatten();
        let (url, final_url) = (noted.as_ref().unwrap_or(page.url), noted.as_ref().unwrap_or(page.final_url));
        let split = split::split(&page_text);
        let told = data::Data::of_json(&page_text);
        let markup = if told.is_some() { "" } else { split.markup.as_str() };
        let dom = dom::Dom::parse(markup);
        let data = told.unwrap_or_else(|| data::Data::read(&split.scripts));
        let sources = Sources { page: Page { url, final_url, ..*page }, hints: *hints, data, dom };
        Extracted::Document(Box::new(understand(&sources, &split)))
    }
}

/// A page taken apart → what it says.
fn understand(sources: &Sources<'_>, split: &Split<'_>) -> Document {
    if let Some(notice) = notices::classify(sources, split) {
        let mut document = Document::new(notice.status, NAME);
        identify(sources, &mut document);
        notices::fill(notice, sources, &mut document);
        about::fill(sources, &mut document);
        return document;
    }
    let mut document = Document::new(PageStatus::Article, NAME);
    identify(sources, &mut document);
    fields::read(sources, &mut document);
    write_body(sources, &mut document);
    warn(sources, &mut document);
    if document.is_empty() {
        // Asking again brings no more of a paid article.
        let is_paid = document.wechat.as_ref().is_some_and(|facts| facts.preview_only);
        let (status, reason) =
            if is_paid { (PageStatus::Restricted, NOTHING_FREE) } else { (PageStatus::Incomplete, NOTHING_IN_IT) };
        document.status = status;
        document.reason = Some(reason.to_owned());
    }
    document
}

/// Why a page that is an article's is none yet.
const NOTHING_IN_IT: &str = "the page came without its content";

/// Why there is nothing to keep of a paid article.
const NOTHING_FREE: &str = "a paid article: nothing of it is shown";

/// Ids, key, canonical URL and WeChat's facts.
fn identify(sources: &Sources<'_>, document: &mut Document) {
    let mut facts = facts::read(sources);
    identity::read(sources, &mut facts);
    document.key = identity::key(&facts);
    if document.key.is_some() {
        document.provenance.insert("key".to_owned(), identity::source(sources).to_owned());
    }
    facts.asked = identity::asked(sources, document.key.as_ref());
    let article = document.status == PageStatus::Article;
    document.canonical_url =
        identity::canonical_url(sources, document.key.as_ref(), article).or_else(|| identity::url_of_ids(&facts));
    if article && document.key.is_none() {
        let short = document.canonical_url.as_ref().filter(|url| url.wechat_rank() > 0);
        document.key = Some(Key::of_url(short.unwrap_or(sources.page.final_url)));
    }
    facts.moved_to = notices::moved_to(sources);
    let known = document.key.is_some() || facts.moved_to.is_some() || facts.biz.is_some() || facts.account_id.is_some();
    if document.status != PageStatus::Article {
        facts.template = None;
    }
    if document.status == PageStatus::Article || known {
        document.wechat = Some(facts);
    }
}

/// The body in its three forms, with pictures, media and links.
fn write_body(sources: &Sources<'_>, document: &mut Document) {
    let facts = document.wechat.clone().unwrap_or_default();
    let repost = facts.copyright.as_deref() == Some("repost");
    let (kind, known) = content::kind(sources, facts.item_show_type, repost);
    document.kind = Some(kind);
    let named = if facts.item_show_type.is_some() { "item_show_type" } else { "content" };
    document.provenance.insert("kind".to_owned(), named.to_owned());
    if !known {
        document.warnings.push(format!("unknown item_show_type {}", facts.item_show_type.unwrap_or_default()));
    }
    let content = content::find(sources, kind);
    document.media.clone_from(&content.media);
    let base = sources.page.final_url.url();
    let root = content.root(sources);
    let body = root.map(|root| body::ordinary(root, sources)).unwrap_or_default();
    let rendered = render::render(&(cards::named(sources, &content.media, &body.media) + &body.html), base);
    document.markdown = rendered.markdown;
    document.html = rendered.html;
    document.text = rendered.text;
    document.images = rendered.images;
    add_media(&mut document.media, body.media);
    if root.is_some() {
        document.provenance.insert("body".to_owned(), content.source.to_owned());
    }
    let reading = root.map(|root| reading::read(root, base)).unwrap_or_default();
    let neighbours = links::neighbours(sources, document);
    document.links = links::read(sources, &reading, document, &neighbours);
    let neighbours = neighbours.into_iter().map(|link| link.url);
    let mut neighbours: Vec<CanonicalUrl> = neighbours.filter(|url| url.wechat_rank() > 0).collect();
    neighbours.dedup();
    if let Some(facts) = &mut document.wechat {
        facts.neighbours = neighbours;
    }
    document.language = language(document).map(str::to_owned);
}

fn add_media(held: &mut Vec<Media>, more: Vec<Media>) {
    let mut known: HashSet<String> = held.iter().map(|media| media.url.clone()).collect();
    held.extend(more.into_iter().filter(|media| known.insert(media.url.clone())));
}

/// What was odd about the page, for people.
fn warn(sources: &Sources<'_>, document: &mut Document) {
    if document.is_empty() {
        document.warnings.push("no body was found".to_owned());
    }
    let desc_only = document.provenance.get("body").is_some_and(|source| source == "desc");
    if desc_only && matches!(document.kind, Some(ArticleKind::Article | ArticleKind::Repost)) {
        document.warnings.push("only the summary was found, no body".to_owned());
    }
    if document.wechat.as_ref().is_some_and(|facts| facts.preview_only) {
        document.warnings.push("paid article: only its preview is here".to_owned());
    }
    if let Some(asked) = document.wechat.as_ref().and_then(|facts| facts.asked.as_ref()) {
        document.warnings.push(format!("{asked} was asked for; the page is another article"));
    }
    if !sources.page.final_url.is_wechat() {
        document.warnings.push("the page is not on mp.weixin.qq.com; its ids are as it claims".to_owned());
    }
    if sources.data.exhausted {
        document.warnings.push("the page's scripts hold more data than was read".to_owned());
    }
    if sources.data.unknown > 0 {
        document.warnings.push(format!("{} constructs in the page's data were not understood", sources.data.unknown));
    }
    document.warnings.extend(sources.dom.warnings.iter().cloned());
}

/// The language by script alone: Chinese where a good part of the letters is Han and none of the kana, English where all are ASCII.
fn language(document: &Document) -> Option<&'static str> {
    let title = document.title.as_deref().unwrap_or_default();
    let (mut han, mut kana, mut hangul, mut latin) = (0_usize, 0_usize, 0_usize, 0_usize);
    for letter in title.chars().chain(document.text.chars().take(20_000)) {
        match letter {
            '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => han += 1,
            '\u{3040}'..='\u{30ff}' => kana += 1,
            '\u{ac00}'..='\u{d7a3}' => hangul += 1,
            'a'..='z' | 'A'..='Z' => latin += 1,
            _ => {}
        }
    }
    if hangul > han && hangul * 5 > latin {
        Some("ko")
    } else if kana * 5 > han && kana > 0 {
        Some("ja")
    } else if han * 20 > latin {
        Some("zh")
    } else {
        (latin > 0).then_some("en")
    }
}

fn is_media(page: &Page<'_>) -> bool {
    let kind = page.content_type.trim_start().to_ascii_lowercase();
    ["image/", "audio/", "video/"].iter().any(|media| kind.starts_with(media))
}

/// Whether a saved page that nobody knows the origin of says itself that it came from WeChat.
fn is_noted_as_wechat(page: &Page<'_>) -> bool {
    let beginning = &page.payload[..page.payload.len().min(saved::WITHIN)];
    page.is_from_nowhere() && saved::noted_url(&String::from_utf8_lossy(beginning)).is_some()
}

/// Whether a page of another host is in WeChat's template: mirrors, saved copies, tests. The marks must stand in tags and scripts;
/// an article about WeChat's pages shows them as text.
fn shows_the_template(page: &Page<'_>) -> bool {
    let kind = page.content_type.to_ascii_lowercase();
    if !kind.is_empty() && !kind.contains("html") && !kind.contains("text/plain") && !kind.contains("octet-stream") {
        return false;
    }
    let text = page.payload;
    let holds = |mark: &str| memmem::find(text, mark.as_bytes()).is_some();
    let in_tag = |mark: &str| {
        memmem::find_iter(text, mark).take(4).any(|at| {
            let before = text[..at].iter().rev().take(600);
            before.into_iter().find(|byte| matches!(**byte, b'<' | b'>')) == Some(&b'<')
        })
    };
    let body = in_tag("id=\"js_content\"") || in_tag("id=\"js_article\"");
    let article = body && (holds("var biz") || holds("window.cgiDataNew") || in_tag("id=\"activity-name\""));
    // A saved copy without its URL: share pages and notices have no body of their own, and all load WeChat's own styles or scripts.
    let saved = page.is_from_nowhere() && in_tag("res.wx.qq.com/mmbizwap/");
    // The verification page, wherever it is served: what it is must not depend on the host that shows it.
    article || saved || (holds("secitptpage/verify") && in_tag("id=\"js_verify\""))
}
