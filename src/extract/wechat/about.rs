//! An account's own page (`/mp/aboutbiz`, `/mp/getverifyinfo`): what it says of the account, as facts of a page that is no article.

use super::dom;
use super::fields;
use super::sources::Sources;
use crate::model::{Document, WeChatFacts, url::bizuin_of};
use scraper::{CaseSensitivity, ElementRef};
use url::Url;

/// Fills in what an account's page says; does nothing on any other.
pub(super) fn fill(sources: &Sources<'_>, document: &mut Document) {
    if sources.dom.with_class("about-page").next().is_none() {
        return;
    }
    document.reason = None;
    document.summary = said(sources, "简介");
    let facts = WeChatFacts {
        biz: biz(sources),
        alias: said(sources, "微信号"),
        account_place: fields::place_told(sources).map(|(_, place)| place),
        ..WeChatFacts::default()
    };
    if facts != WeChatFacts::default() {
        document.wechat = Some(facts);
    }
}

/// What stands beside a label.
fn said(sources: &Sources<'_>, label: &str) -> Option<String> {
    let title = sources.dom.with_class("item-title").find(|title| dom::text(*title).ends_with(label))?;
    let beside = title.next_siblings().filter_map(ElementRef::wrap);
    let mut beside = beside.filter(|next| next.value().has_class("item-desc", CaseSensitivity::CaseSensitive));
    beside.next().map(dom::text).filter(|text| !text.is_empty())
}

/// The account's number, from the URL or from the page's links to itself.
fn biz(sources: &Sources<'_>) -> Option<String> {
    let of_url = |url: &Url| url.query_pairs().find(|(name, _)| name == "__biz").map(|(_, biz)| biz.into_owned());
    let links = sources.dom.elements().filter_map(|element| element.value().attr("href"));
    let links = links.filter(|link| link.contains("__biz=")).filter_map(|link| Url::parse(link).ok());
    let urls = std::iter::once(sources.page.final_url.url().clone()).chain(links);
    urls.filter_map(|url| of_url(&url)).find(|biz| bizuin_of(biz).is_some())
}
