//! The seed's page, and its past issues' pages, in the template of its time.

use super::{Block, Seed, Span};
use chrono::{DateTime, Duration};
use wangqi::cli::demo::escape::html;
use wangqi::cli::demo::server::{Answer, Asked};
use wangqi::cli::demo::wechat_page::{PageLink, Template, WeChatPage};
use wangqi::cli::demo::{picture, special};
use wangqi::model::CanonicalUrl;

/// What the past issues say, in our own words: what matters is that they are there.
const PAST: [&str; 3] = [
    "这是一篇更早的文章，为往期链接而写。它只有两段，第一段说明自己为什么在这里：顺着往期回顾走过来的人，应该找得到它。",
    "这一篇排在第二位，所以放在第二条。它谈的是顺序：链接在页面上先后排着，存下来的时候也要先后排着，不能打乱。",
    "最后一篇谈双向：从新文章能走到旧文章，从旧文章也应该看得见是谁提到了它。两边都记着，路才算是通的。",
];

/// Every page that is served.
pub(super) fn pages(seed: &Seed) -> Vec<WeChatPage> {
    let published = DateTime::parse_from_rfc3339(&seed.published).unwrap();
    let link =
        |url: &str, title: &str| PageLink { url: url.into(), title: title.into(), account: seed.account.clone() };
    let links = seed.past_issues.iter().map(|issue| link(&issue.url, &issue.title)).collect();
    let base = WeChatPage {
        template: Template::G3,
        account_id: "gh_0a1b2c3d4e5f".into(),
        account: seed.account.clone(),
        place: seed.place.clone(),
        published,
        edited: None,
        author: String::new(),
        summary: seed.paragraphs.first().map(|text| text.chars().take(60).collect()).unwrap_or_default(),
        ..empty()
    };
    let mut pages = vec![WeChatPage {
        title: seed.title.clone(),
        cover: seed.cover.clone(),
        content: seed.blocks.iter().enumerate().map(|(at, block)| block_html(seed, at, block)).collect(),
        links,
        ..at(&base, &seed.url)
    }];
    for ((number, issue), own) in (1..).zip(&seed.past_issues).zip(PAST.iter().cycle()) {
        let again = format!("以上是第{number}篇。正文到此为止，后面没有别的了。");
        pages.push(WeChatPage {
            title: issue.title.clone(),
            cover: issue.picture.clone(),
            published: published - Duration::days(7 * number),
            content: format!("<section><p>{}</p></section><p>{}</p>", leaf(own), leaf(&again)),
            summary: String::new(),
            ..at(&base, &issue.url)
        });
    }
    pages
}

/// Answers like the two hosts: a page by its ids and signature, and any picture at all.
pub(super) fn answer(pages: &[WeChatPage], asked: &Asked, fetch: u64) -> Answer {
    let path = asked.path.split('?').next().unwrap_or_default();
    match asked.host.as_str() {
        "mp.weixin.qq.com" => {
            let url = CanonicalUrl::parse(&format!("https://mp.weixin.qq.com{}", asked.path)).unwrap();
            let ids = url.wechat_ids();
            let same = |page: &&WeChatPage| {
                ids == Some((page.bizuin, page.mid, page.idx)) && value(url.url(), "sn") == page.sn
            };
            let page = pages.iter().find(same).map(|page| page.render(fetch));
            Answer::ok("text/html; charset=UTF-8", page.unwrap_or_else(|| special::wrong_parameters(fetch)))
        }
        "mmbiz.qpic.cn" => match path.trim_matches('/').split('/').collect::<Vec<_>>()[..] {
            [kind, id, _] if kind.starts_with("mmbiz") => Answer::ok("image/png", picture::draw(id)),
            _ => Answer::status(404),
        },
        _ => Answer::status(421),
    }
}

/// The page that a long link names.
fn at(base: &WeChatPage, url: &str) -> WeChatPage {
    let canonical = CanonicalUrl::parse(url).unwrap();
    let (bizuin, mid, idx) = canonical.wechat_ids().expect("the seed's links are long links");
    let link = format!("{canonical}#rd");
    let sn = value(canonical.url(), "sn");
    WeChatPage { url: canonical.to_string(), bizuin, mid, idx, sn, link, ..base.clone() }
}

fn value(url: &url::Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn block_html(seed: &Seed, place: usize, block: &Block) -> String {
    match block {
        Block::Heading(level, spans) => format!("<h{level}>{}</h{level}>", spans_html(spans)),
        Block::Paragraph(spans) => format!("<section><p>{}</p></section>", spans_html(spans)),
        Block::Picture(url) => format!("<section nodeleaf=\"\">{}</section>", image(url)),
        Block::Rule => "<hr style=\"border-style: solid;border-width: 1px 0 0;\" />".to_owned(),
        Block::Past(issue) => {
            let earlier = seed.blocks[..place].iter().filter(|block| matches!(block, Block::Past(_))).count();
            let (number, href, picture) = (earlier + 1, html(&issue.url), html(&issue.picture));
            let title = html(&issue.title);
            format!(
                "<p><a href=\"{href}\" imgurl=\"{picture}\" linktype=\"image\" tab=\"innerlink\" data-itemshowtype=\"0\" \
                 target=\"_blank\" data-linktype=\"1\">{}<span class=\"js_jump_icon h5_image_link\">{}</span></a></p>",
                leaf(&format!("{number}、[{title}]")),
                image(&issue.picture)
            )
        }
    }
}

fn spans_html(spans: &[Span]) -> String {
    let run = |span: &Span| {
        let text = leaf(&html(&span.text));
        if span.bold { format!("<strong>{text}</strong>") } else { text }
    };
    spans.iter().map(run).collect()
}

fn leaf(inside: &str) -> String {
    format!("<span leaf=\"\">{inside}</span>")
}

fn image(url: &str) -> String {
    let url = html(url);
    format!(
        "<img class=\"rich_pages wxw-img\" data-src=\"{url}\" data-ratio=\"0.5625\" data-type=\"png\" data-w=\"480\" />"
    )
}

fn empty() -> WeChatPage {
    WeChatPage {
        template: Template::G3,
        url: String::new(),
        title: String::new(),
        account: String::new(),
        account_id: String::new(),
        bizuin: 0,
        mid: 0,
        idx: 0,
        sn: String::new(),
        link: String::new(),
        author: String::new(),
        place: String::new(),
        published: DateTime::UNIX_EPOCH.fixed_offset(),
        edited: None,
        cover: String::new(),
        summary: String::new(),
        content: String::new(),
        links: Vec::new(),
    }
}
