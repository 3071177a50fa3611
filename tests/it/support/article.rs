//! Small WeChat articles for a test's own server: one account, an article for each number.

use wangqi::cli::demo::server::{Answer, Asked};
use wangqi::cli::demo::wechat_page::{Template, WeChatPage};

/// The number that the account's `__biz` encodes.
pub(crate) const BIZUIN: u64 = 3_000_000_001;

/// The long link of an article by its number.
pub(crate) fn link(mid: u64) -> String {
    page(mid).link
}

/// An article's page; the body is the text of the test's own.
pub(crate) fn page(mid: u64) -> WeChatPage {
    page_of(BIZUIN, mid)
}

/// An article's page of another account.
pub(crate) fn page_of(bizuin: u64, mid: u64) -> WeChatPage {
    let mut page = WeChatPage {
        template: Template::G4,
        url: String::new(),
        title: format!("第{mid}篇"),
        account: format!("试号{}", bizuin % 10),
        account_id: format!("gh_{bizuin:012x}"),
        bizuin,
        mid,
        idx: 1,
        sn: format!("{mid:032x}"),
        link: String::new(),
        author: String::new(),
        place: "四川".into(),
        published: chrono::DateTime::parse_from_rfc3339("2026-11-01T10:00:00+08:00").unwrap(),
        edited: None,
        cover: String::new(),
        summary: "摘要".into(),
        content: format!("<p>这是第{mid}篇的正文，写给测试看，说的是往期的事。</p>"),
        links: Vec::new(),
    };
    let sn = &page.sn;
    page.link = format!("https://mp.weixin.qq.com/s?__biz={}&mid={mid}&idx=1&sn={sn}&chksm={sn}", page.biz());
    page.url.clone_from(&page.link);
    page
}

/// Answers a long link with its article, `more` added to its body.
pub(crate) fn answer(asked: &Asked, more: &str, fetch: u64) -> Answer {
    let Some((bizuin, mid)) = ids(asked) else { return Answer::status(404) };
    let mut page = page_of(bizuin, mid);
    page.content.push_str(more);
    Answer::ok("text/html; charset=UTF-8", page.render(fetch))
}

/// The account and the number of the article that is asked for.
pub(crate) fn ids(asked: &Asked) -> Option<(u64, u64)> {
    let url = wangqi::model::CanonicalUrl::parse(&format!("https://{}{}", asked.host, asked.path)).ok()?;
    url.wechat_ids().map(|(bizuin, mid, _)| (bizuin, mid))
}

/// A page that stands in for an article: a message, and a script of its own.
pub(crate) fn notice(words: &str, script: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title></title></head><body id=\"activity-detail\" class=\"zh_CN wx_wap_page\">\n\
         <div class=\"weui-msg\"><div class=\"weui-msg__text-area\"><div class=\"weui-msg__title warn\">{words}</div></div></div>\n\
         <script type=\"text/javascript\">{script}</script></body></html>"
    )
}
