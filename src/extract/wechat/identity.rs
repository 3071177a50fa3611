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

/// Where the ids were read: the data object, the variables, or a link.
pub(super) fn source(sources: &Sources<'_>) -> &'static str {
    if sources.raw("mid").is_some() {
        "cgiDataNew.mid"
    } else if sources.data.text("mid").or_else(|| sources.data.text("appmsgid")).is_some() {
        "mid"
    } else {
        "link"
    }
}

/// The article's key, where the ids are whole.
pub(super) fn key(facts: &WeChatFacts) -> Option<Key> {
    let bizuin = bizuin_of(facts.biz.as_deref()?)?;
    let mid = facts.mid.as_deref()?.parse().ok()?;
    let idx = facts.idx.as_deref()?.parse().ok()?;
    Some(Key::wechat(bizuin, mid, idx))
}

/// The URL by which an article is best asked for again: of those by which it names itself, and the one that answered.
pub(super) fn canonical_url(sources: &Sources<'_>, key: Option<&Key>, article: bool) -> Option<CanonicalUrl> {
    let agrees = |url: &CanonicalUrl| url.wechat_ids().is_none() || key.is_none_or(|key| Key::of_url(url) == *key);
    let named = own_links(sources).into_iter().filter_map(|url| CanonicalUrl::from_url(url).ok()).filter(agrees);
    let lasting = |url: &CanonicalUrl| is_short_link(url) || url.wechat_rank() == WITH_CHKSM && agrees(url);
    let answered = Some(sources.page.final_url.clone()).filter(|url| article && lasting(url));
    best_fetch_url(named.chain(answered))
}

/// Of several URLs of one article, the one that WeChat answers most willingly: a short link before a long one with `chksm`
/// before a bare one; of equals the first. A bare link mostly meets the captcha, so it never takes the place of another.
pub fn best_fetch_url(urls: impl IntoIterator<Item = CanonicalUrl>) -> Option<CanonicalUrl> {
    urls.into_iter().reduce(|best, url| if url.wechat_rank() > best.wechat_rank() { url } else { best })
}

/// The rank of a long link with its `chksm`: below the short links, above the bare ones.
const WITH_CHKSM: u8 = 2;

/// Whether a URL is a share link with a whole token: 22 letters, as base64 writes 16 bytes.
fn is_short_link(url: &CanonicalUrl) -> bool {
    url.wechat_rank() == 3 && url.url().path().trim_start_matches("/s/").len() == 22
}

/// The article that was asked for, where the page is another one.
pub(super) fn asked(sources: &Sources<'_>, key: Option<&Key>) -> Option<Key> {
    let asked = [sources.page.url, sources.page.final_url].into_iter().find(|url| url.wechat_ids().is_some())?;
    let asked = Key::of_url(asked);
    key.is_some_and(|key| *key != asked).then_some(asked)
}

/// The URL that the ids make, for a page that names no URL of its own.
pub(super) fn url_of_ids(facts: &WeChatFacts) -> Option<CanonicalUrl> {
    let (biz, mid, idx) = (facts.biz.as_deref()?, facts.mid.as_deref()?, facts.idx.as_deref()?);
    let sn = facts.sn.as_deref().map(|sn| format!("&sn={sn}")).unwrap_or_default();
    CanonicalUrl::parse(&format!("https://mp.weixin.qq.com/s?__biz={biz}&mid={mid}&idx={idx}{sn}")).ok()
}

/// The links by which the page names itself, in order of trust.
fn own_links(sources: &Sources<'_>) -> Vec<Url> {
    let named = [
        sources.dom.meta("og:url"),
        sources.raw("link"),
        sources.raw("user_info.short_link"),
        sources.raw("short_link"),
        sources.data.text("short_link"),
        sources.data.text("msg_link"),
    ];
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
