//! Pages that say why there is no article: one table (our research, "Error / special pages").
//!
//! Two rules keep an article that quotes these words from being taken for one of them. A captcha's structure always counts; words
//! count only where the page has neither an article's body nor its data, and only where they stand as the page's message.

use super::content;
use super::dom;
use super::escapes;
use super::sources::Sources;
use super::split::Split;
use crate::model::{CanonicalUrl, Document, Link, PageStatus, Rel};

/// What a page says instead of an article.
#[derive(Debug)]
pub(super) struct Notice {
    /// What that means.
    pub(super) status: PageStatus,
    /// In the page's own words.
    pub(super) reason: Option<String>,
}

/// Words of messages, and what they mean. The first that is found counts, so narrower ones stand first.
const MESSAGES: &[(&str, PageStatus)] = &[
    // About us.
    ("环境异常", PageStatus::Blocked),
    ("完成验证后即可继续访问", PageStatus::Blocked),
    ("访问过于频繁", PageStatus::Blocked),
    ("操作频繁", PageStatus::Blocked),
    ("freq control", PageStatus::Blocked),
    // About the article.
    ("已被发布者删除", PageStatus::Deleted),
    ("已被作者删除", PageStatus::Deleted),
    ("deleted by the author", PageStatus::Deleted),
    ("deleted by its author", PageStatus::Deleted),
    // About the account.
    ("迁移流程中", PageStatus::Unavailable),
    ("公众号已迁移", PageStatus::AccountMigrated),
    ("帐号已迁移", PageStatus::AccountMigrated),
    ("账号已迁移", PageStatus::AccountMigrated),
    ("account has been migrated", PageStatus::AccountMigrated),
    ("号已被屏蔽", PageStatus::AccountClosed),
    ("号已自主注销", PageStatus::AccountClosed),
    ("号已注销", PageStatus::AccountClosed),
    ("号已被封", PageStatus::AccountClosed),
    ("account has been blocked", PageStatus::AccountClosed),
    ("account has been deleted", PageStatus::AccountClosed),
    // About the article again: the platform removed it.
    ("因违规无法查看", PageStatus::Violation),
    ("涉嫌侵权", PageStatus::Violation),
    ("冒名侵权", PageStatus::Violation),
    ("被投诉", PageStatus::Violation),
    ("相关投诉", PageStatus::Violation),
    ("违反相关法律法规", PageStatus::Violation),
    ("涉嫌违反", PageStatus::Violation),
    ("内容发送失败无法查看", PageStatus::Violation),
    ("第三方辟谣", PageStatus::Violation),
    ("内容违规", PageStatus::Violation),
    ("violation", PageStatus::Violation),
    // About the URL.
    ("链接已过期", PageStatus::LinkExpired),
    ("链接已失效", PageStatus::LinkExpired),
    ("link has expired", PageStatus::LinkExpired),
    ("参数错误", PageStatus::BadLink),
    ("链接不正确", PageStatus::BadLink),
    ("Parameter error", PageStatus::BadLink),
    ("parameter error", PageStatus::BadLink),
    // Not for everyone.
    ("隐私设置", PageStatus::Restricted),
    ("微信客户端打开", PageStatus::Restricted),
    ("微信扫描打开", PageStatus::Restricted),
    ("暂无权限查看", PageStatus::Restricted),
    ("关注后可", PageStatus::Restricted),
    // Not now.
    ("暂时无法查看", PageStatus::Unavailable),
    ("系统出错", PageStatus::Unavailable),
    ("系统错误", PageStatus::Unavailable),
    ("未知错误", PageStatus::Unavailable),
    ("稍后再试", PageStatus::Unavailable),
    ("失效的验证页面", PageStatus::Unavailable),
    ("System error", PageStatus::Unavailable),
];

/// A page with more to read than this is no bare message, in bytes: judgement; the longest seen has 400.
const LONGEST_MESSAGE: usize = 900;

/// What the page says instead of an article; `None` where it is one.
pub(super) fn classify(sources: &Sources<'_>, split: &Split<'_>) -> Option<Notice> {
    if is_captcha(sources, split) {
        return Some(Notice { status: PageStatus::Blocked, reason: message(sources) });
    }
    if let Some(notice) = json(&split.markup) {
        return Some(notice);
    }
    if content::is_there(sources) {
        return None;
    }
    if album_items(sources).next().is_some() {
        return Some(Notice { status: PageStatus::NotAnArticle, reason: None });
    }
    if migrated_to(sources).is_some() {
        return Some(Notice { status: PageStatus::AccountMigrated, reason: message(sources) });
    }
    let message = message(sources);
    let words = message.clone().or_else(|| written(split)).unwrap_or_default();
    if let Some((_, status)) = MESSAGES.iter().find(|(known, _)| words.contains(known)) {
        return Some(Notice { status: *status, reason: Some(message.unwrap_or(words)) });
    }
    Some(by_address(sources, split, message))
}

/// Fills the document of such a page.
pub(super) fn fill(notice: Notice, sources: &Sources<'_>, document: &mut Document) {
    if let Some(url) = migrated_to(sources) {
        document.links.push(Link { url, title: String::new(), rel: Rel::Reference, account: None });
    }
    document.links.extend(album_items(sources));
    document.reason = notice.reason;
}

/// The marks that only the verification page has.
fn is_captcha(sources: &Sources<'_>, split: &Split<'_>) -> bool {
    let page_id = sources.data.text("PAGE_MID");
    let captcha_script = || split.script_tags.iter().any(|tag| tag.contains("captcha.gtimg.com/TCaptcha"));
    let token = || split.scripts.iter().any(|script| script.contains("poc_token"));
    page_id.is_some_and(|id| id.contains("secitptpage/"))
        || (captcha_script() && token())
        || (sources.dom.by_id("js_verify").is_some() && !content::is_there(sources))
}

/// An answer in JSON instead of a page.
fn json(markup: &str) -> Option<Notice> {
    let text = markup.trim();
    if !text.starts_with('{') || text.len() > LONGEST_MESSAGE {
        return None;
    }
    let answer: serde_json::Value = serde_json::from_str(text).ok()?;
    let base = answer.get("base_resp").unwrap_or(&answer);
    let code = base.get("ret").and_then(serde_json::Value::as_i64)?;
    // Frequency control, and the traffic limit.
    let status = if matches!(code, 200_013 | -6) { PageStatus::Blocked } else { PageStatus::NotAnArticle };
    Some(Notice { status, reason: Some(text.to_owned()) })
}

/// The page's message: what stands in the places made for one, else all of a short page.
fn message(sources: &Sources<'_>) -> Option<String> {
    let mut said = Vec::new();
    for class in ["weui-msg__title", "weui-msg__desc", "mesg-block", "global_error_msg", "page_msg", "text_area"] {
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

/// A message that a small page's script writes into it.
fn written(split: &Split<'_>) -> Option<String> {
    let writes = split.scripts.iter().find(|script| script.len() < 20_000 && script.contains("document.write("))?;
    let text = writes.split("document.write(").nth(1)?.trim_start();
    let literal = text.starts_with(['\'', '"', '`']).then(|| escapes::literal(text, 0).0)?;
    Some(dom::text(dom::Dom::parse(&literal).root())).filter(|text| !text.is_empty())
}

/// Where a migrated account's article went.
fn migrated_to(sources: &Sources<'_>) -> Option<CanonicalUrl> {
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
    } else if url.is_wechat() {
        PageStatus::Unavailable
    } else {
        PageStatus::NotAnArticle
    };
    Notice { status, reason: message }
}

/// The articles that an album's page lists.
fn album_items<'a>(sources: &'a Sources<'_>) -> impl Iterator<Item = Link> + 'a {
    sources.dom.with_class("js_album_item").filter_map(|item| {
        let url = CanonicalUrl::parse(&escapes::url(item.value().attr("data-link")?)).ok()?;
        let title = item.value().attr("data-title").unwrap_or_default();
        Some(Link { url, title: super::sources::one_line(title), rel: Rel::Album, account: None })
    })
}
