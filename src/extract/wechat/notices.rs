//! Pages that say why there is no article: one table (our research, "Error / special pages").
//!
//! Two rules keep an article that quotes these words from being taken for one of them. A captcha's structure always counts; words
//! count only where the page has neither an article's body nor its data, and only where they stand as the page's message.

use super::content;
use super::dom;
use super::escapes;
use super::listing::{ListingError, album as listing};
use super::media;
use super::messages;
use super::sources::{Sources, one_line};
use super::split::Split;
use super::value::Value;
use crate::model::{CanonicalUrl, Document, Link, PageStatus, Rel, wechat_url};
use serde::de::IgnoredAny;

/// What a page says instead of an article.
#[derive(Debug)]
pub(super) struct Notice {
    /// What that means.
    pub(super) status: PageStatus,
    /// In the page's own words.
    pub(super) reason: Option<String>,
}

/// The classes of the elements that hold messages, best first.
const MESSAGE_PLACES: [&str; 6] =
    ["weui-msg__title", "weui-msg__desc", "mesg-block", "global_error_msg", "page_msg", "text_area"];

/// Those of them that nothing but a message has.
const TITLES: [&str; 3] = ["weui-msg__title", "mesg-block", "global_error_msg"];

/// A script or a markup that is no longer than this may be a bare message's, in bytes: judgement; an article's are ten times it.
const SMALL: usize = 20_000;

/// A page with more to read than this is no bare message, in bytes: judgement; the longest seen has 400.
const LONGEST_MESSAGE: usize = 900;

/// What the page says instead of an article; `None` where it is one.
pub(super) fn classify(sources: &Sources<'_>, split: &Split<'_>) -> Option<Notice> {
    let says = |status| Some(Notice { status, reason: message(sources) });
    if is_captcha(sources, split) {
        let said: Vec<String> = message(sources).into_iter().chain(written(split)).collect();
        let known = said.iter().find(|words| messages::meaning(words).is_some());
        return Some(Notice { status: PageStatus::Blocked, reason: known.or(said.first()).cloned() });
    }
    let there = content::is_there(sources);
    if let Some(notice) = json(sources.page.payload).filter(|_| !there) {
        return Some(notice);
    }
    if there || is_post(sources) {
        return None;
    }
    if !listing::of_sources(sources).entries.is_empty() {
        return Some(Notice { status: PageStatus::NotAnArticle, reason: None });
    }
    if moved_to(sources).is_some() {
        return says(PageStatus::AccountMigrated);
    }
    let message = message(sources);
    let known = |words: &str| messages::meaning(words);
    // What the title says counts before what stands below it: a complaint's text may hold any words. Not being there for now is no
    // reason yet; that stands below.
    let title = title(sources).and_then(|title| known(&title)).filter(|status| *status != PageStatus::Unavailable);
    if let Some(status) = title.or_else(|| known(message.as_deref()?)) {
        return Some(Notice { status, reason: message });
    }
    if let Some((status, words)) = written(split).into_iter().find_map(|words| Some((known(&words)?, words))) {
        return Some(Notice { status, reason: Some(words) });
    }
    if let Some(data) = removed(sources) {
        let told = || data.get("del_reason").text().map(|reason| one_line(&reason));
        return Some(Notice { status: PageStatus::Violation, reason: message.or_else(told) });
    }
    Some(by_address(sources, split, message))
}

/// Fills the document of such a page: whose it is, where it went, what it lists.
pub(super) fn fill(notice: Notice, sources: &Sources<'_>, document: &mut Document) {
    let data = sources.data.structure("cgiData");
    document.account = data.get("nick_name").text().or_else(|| sources.raw("nick_name")).map(|name| one_line(&name));
    if let Some(url) = moved_to(sources) {
        document.links.push(Link { url, title: String::new(), rel: Rel::Reference, account: None });
    }
    let listed = if is_json(sources.page.payload) {
        listing::album(sources.page.payload).unwrap_or_default()
    } else {
        listing::of_sources(sources)
    };
    document.account = document.account.take().or(listed.account);
    document.links.extend(listed.entries.iter().map(|entry| entry.link(Rel::Album)));
    document.reason = notice.reason;
}

/// Whether a page without a body is a post all the same: it describes what it plays, or names itself, and shows no message of ours.
fn is_post(sources: &Sources<'_>) -> bool {
    let (plays, is_named) = (media::is_described(sources), content::is_named(sources));
    if !plays && !is_named {
        return false;
    }
    // Dialogs and hints of the template stand in such places too: beside what plays, only a title that we know is a message.
    let places: &[&str] = if plays { &TITLES } else { &MESSAGE_PLACES };
    let shown = places.iter().flat_map(|class| sources.dom.with_class(class)).filter(|element| dom::is_shown(*element));
    let mut said = shown.map(dom::text).filter(|text| !text.is_empty());
    !said.any(|words| !plays || messages::meaning(&words).is_some())
}

/// The data in which the page says that the platform removed the article, where it does.
fn removed<'a>(sources: &'a Sources<'_>) -> Option<&'a Value> {
    let places = [sources.data.structure("cgiData"), sources.object()];
    places.into_iter().find(|data| data.get("del_reason_id").count().is_some_and(|id| id > 0))
}

/// The marks that only the verification page has: some whatever else there is, some where there is no article's content.
fn is_captcha(sources: &Sources<'_>, split: &Split<'_>) -> bool {
    let page_id = sources.data.text("PAGE_MID");
    // Tencent serves it from several hosts (captcha.gtimg.com, turing.captcha.qcloud.com, ssl.captcha.qq.com).
    let captcha_script = split.script_tags.iter().any(|tag| tag.contains("/TCaptcha"));
    let token = || split.scripts.iter().any(|script| script.contains("poc_token"));
    if page_id.is_some_and(|id| id.contains("secitptpage/")) || captcha_script && token() {
        return true;
    }
    let is_asked =
        || captcha_script || is_captcha_address(sources.page.final_url) || sources.dom.by_id("js_verify").is_some();
    (is_asked() || has_ticket(sources, split)) && !content::is_there(sources) && !media::is_described(sources)
}

/// Whether a URL is the verification page's own: one that names no page to go on to, or it would be that page's.
fn is_captcha_address(url: &CanonicalUrl) -> bool {
    url.is_wechat() && url.url().path() == wechat_url::CAPTCHA_PATH
}

/// Whether the page lets one scan a code to prove who one is, as the old frequency page does.
fn has_ticket(sources: &Sources<'_>, split: &Split<'_>) -> bool {
    const TICKET: &str = "appmsgqrcode?";
    let leads_there = |element: scraper::ElementRef<'_>| {
        ["href", "src"].iter().any(|name| element.value().attr(name).is_some_and(|url| url.contains(TICKET)))
    };
    split.scripts.iter().any(|script| script.len() < SMALL && script.contains(TICKET))
        || split.markup.len() < SMALL && sources.dom.elements().any(leads_there)
}

/// An answer in JSON instead of a page: a list, or a refusal.
fn json(payload: &[u8]) -> Option<Notice> {
    if !is_json(payload) {
        return None;
    }
    match listing::album(payload) {
        Ok(_) => Some(Notice { status: PageStatus::NotAnArticle, reason: None }),
        // A text that only begins like JSON.
        Err(ListingError::Unreadable { .. }) if serde_json::from_slice::<IgnoredAny>(payload).is_err() => None,
        Err(error) => {
            let status = if error == ListingError::HeldBack { PageStatus::Blocked } else { PageStatus::NotAnArticle };
            let words = String::from_utf8_lossy(&payload[..payload.len().min(LONGEST_MESSAGE)]);
            Some(Notice { status, reason: Some(one_line(&words)) })
        }
    }
}

fn is_json(payload: &[u8]) -> bool {
    payload.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// The title of the page's message, where it has a place of its own.
fn title(sources: &Sources<'_>) -> Option<String> {
    TITLES.iter().find_map(|class| sources.dom.with_class(class).map(dom::text).find(|text| !text.is_empty()))
}

/// The page's message: what stands in the places made for one, else all of a short page.
fn message(sources: &Sources<'_>) -> Option<String> {
    let mut said = Vec::new();
    for class in MESSAGE_PLACES {
        let words = sources.dom.with_class(class).map(dom::text).find(|text| !text.is_empty());
        said.extend(words.filter(|words| !said.contains(words)));
        if said.len() == 2 {
            break;
        }
    }
    if said.is_empty() {
        said.extend(
            Some(sources.dom.visible(LONGEST_MESSAGE + 1))
                .filter(|text| !text.is_empty() && text.len() <= LONGEST_MESSAGE),
        );
    }
    said.extend(sources.dom.page_title().filter(|_| said.is_empty()));
    (!said.is_empty()).then(|| said.join("：").chars().take(400).collect())
}

/// How many pieces that scripts write are looked at: judgement; the pages seen write two.
const MOST_WRITTEN: usize = 8;

/// The messages that a small page's scripts write into it.
fn written(split: &Split<'_>) -> Vec<String> {
    let small = split.scripts.iter().filter(|script| script.len() < SMALL);
    let pieces = small.flat_map(|script| script.split("document.write(").skip(1)).take(MOST_WRITTEN);
    let literals = pieces.filter_map(|piece| {
        let piece = piece.trim_start();
        piece.starts_with(['\'', '"', '`']).then(|| escapes::literal(piece, 0).0)
    });
    let texts = literals.map(|literal| dom::text(dom::Dom::parse(&literal).root()));
    texts.filter(|text| !text.is_empty()).collect()
}

/// Where a migrated account's article went.
pub(super) fn moved_to(sources: &Sources<'_>) -> Option<CanonicalUrl> {
    let link = ["transferTargetLink", "transfer_target_link"].iter().find_map(|name| sources.data.text(name))?;
    CanonicalUrl::parse(&escapes::url(&link)).ok()
}

/// What a page without known words is, by its address and its shape.
fn by_address(sources: &Sources<'_>, split: &Split<'_>, message: Option<String>) -> Notice {
    let url = sources.page.final_url;
    let path = url.url().path();
    let status = if matches!(path, "/mp/rumor" | "/mp/show_refutation") || sources.dom.by_id("page_rumor").is_some() {
        PageStatus::Violation
    } else if url.is_wechat() && !path.starts_with("/s") && path != "/mp/appmsg/show" {
        PageStatus::NotAnArticle
    } else if sources.dom.by_id("app").is_some() && split.markup.len() < 200_000 && sources.dom.page_title().is_none() {
        // For followers only: an empty frame that the client fills.
        PageStatus::Restricted
    } else if is_unfinished(sources, message.as_deref()) {
        return Notice { status: PageStatus::Incomplete, reason: Some(super::NOTHING_IN_IT.to_owned()) };
    } else if url.is_wechat() {
        PageStatus::Unavailable
    } else {
        PageStatus::NotAnArticle
    };
    Notice { status, reason: message }
}

/// Whether a page is an article's frame that came without its content: nothing at all, or the template and no words.
fn is_unfinished(sources: &Sources<'_>, message: Option<&str>) -> bool {
    let dom = &sources.dom;
    let framed = ["js_article", "js_content", "page-content"].iter().any(|id| dom.by_id(id).is_some())
        || dom.with_class("mm_appmsg").next().is_some()
        || sources.data.text("PAGE_MID").is_some_and(|id| id.contains("appmsg/newindex"));
    framed || message.is_none() && sources.page.final_url.is_wechat()
}
