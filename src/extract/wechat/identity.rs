//! Who the article is: its ids, its key, and the URL by which it names itself.

use super::escapes;
use super::sources::Sources;
use crate::model::{CanonicalUrl, Key, WeChatFacts, url::bizuin_of};
use url::Url;

/// Reads the ids into the facts: from the data, from the variables, from the page's own links, from the URL that answered.
pub(super) fn read(sources: &Sources<'_>, facts: &mut WeChatFacts) {
    let data = &sources.data;
    let variable = |names: [&str; 2]| names.into_iter().find_map(|name| data.text(name));
    facts.biz = sources.raw("bizuin").or_else(|| data.text("biz")).filter(|biz| bizuin_of(biz).is_some());
    facts.mid = sources.raw("mid").or_else(|| variable(["mid", "appmsgid"])).filter(is_number);
    facts.idx = sources.raw("idx").or_else(|| variable(["idx", "itemidx"])).filter(is_number);
    facts.sn = sources.raw("sn").or_else(|| data.text("sn"));
    for link in own_links(sources) {
        fill(facts, &link);
    }
    fill(facts, sources.page.final_url.url());
}

/// The article's key, where the ids are whole.
pub(super) fn key(facts: &WeChatFacts) -> Option<Key> {
    let bizuin = bizuin_of(facts.biz.as_deref()?)?;
    let mid = facts.mid.as_deref()?.parse().ok()?;
    let idx = facts.idx.as_deref()?.parse().ok()?;
    Some(Key::wechat(bizuin, mid, idx))
}

/// The URL by which the page names itself: the form that WeChat answers most willingly, and of equals the one that was asked for.
pub(super) fn canonical_url(sources: &Sources<'_>, key: Option<&Key>) -> Option<CanonicalUrl> {
    let agrees = |url: &CanonicalUrl| url.wechat_ids().is_none() || key.is_none_or(|key| Key::of_url(url) == *key);
    let named = own_links(sources).into_iter().filter_map(|url| CanonicalUrl::from_url(url).ok()).filter(agrees);
    let mut best: Option<CanonicalUrl> = None;
    for url in named {
        let standing = |url: &CanonicalUrl| (url.wechat_rank(), url == sources.page.final_url);
        if best.as_ref().is_none_or(|best| standing(&url) > standing(best)) {
            best = Some(url);
        }
    }
    best
}

/// The URL that the ids make, for a page that names no URL of its own.
pub(super) fn url_of_ids(facts: &WeChatFacts) -> Option<CanonicalUrl> {
    let (biz, mid, idx) = (facts.biz.as_deref()?, facts.mid.as_deref()?, facts.idx.as_deref()?);
    let sn = facts.sn.as_deref().map(|sn| format!("&sn={sn}")).unwrap_or_default();
    CanonicalUrl::parse(&format!("https://mp.weixin.qq.com/s?__biz={biz}&mid={mid}&idx={idx}{sn}")).ok()
}

/// The links by which the page names itself, in order of trust.
fn own_links(sources: &Sources<'_>) -> Vec<Url> {
    let named = [sources.dom.meta("og:url"), sources.raw("link"), sources.data.text("msg_link")];
    // Previews and Sogou's links run out, and name nothing for good.
    let passing = |url: &Url| url.query_pairs().any(|(name, _)| matches!(&*name, "tempkey" | "signature"));
    let article = |url: &Url| matches!(url.scheme(), "http" | "https") && url.path().starts_with("/s") && !passing(url);
    named.into_iter().flatten().filter_map(|link| Url::parse(&escapes::url(&link)).ok()).filter(article).collect()
}

/// Fills what is missing from a link's query, where it names the same article.
fn fill(facts: &mut WeChatFacts, link: &Url) {
    let value = |name: &str| link.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let (Some(biz), Some(mid), Some(idx)) = (value("__biz"), value("mid"), value("idx")) else { return };
    let other = |held: &Option<String>, given: &String| held.as_ref().is_some_and(|held| held != given);
    let another_account = facts.biz.as_deref().is_some_and(|held| bizuin_of(held) != bizuin_of(&biz));
    if bizuin_of(&biz).is_none() || another_account || other(&facts.mid, &mid) || other(&facts.idx, &idx) {
        return;
    }
    facts.biz.get_or_insert(biz);
    if is_number(&mid) && is_number(&idx) {
        facts.mid.get_or_insert(mid);
        facts.idx.get_or_insert(idx);
    }
    if let Some(sn) = value("sn") {
        facts.sn.get_or_insert(sn);
    }
}

#[expect(clippy::ptr_arg, reason = "shaped for Option<String>::filter")]
fn is_number(text: &String) -> bool {
    text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte != b'0')
}
