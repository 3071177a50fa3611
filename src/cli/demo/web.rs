//! The paper: an ordinary RSS feed with validators, and ordinary pages.

use super::address::Address;
use super::escape::html;
use super::pages::china_time;
use super::server::{Answer, Asked};
use super::texts::{NOTICES, Notice, PAPER};

/// The paper's host.
pub const WEB_HOST: &str = "news.example";

/// Answers for the paper: the feed, an article, the front page.
pub fn answer(asked: &Asked, pass: u32) -> Answer {
    let path = asked.path.split('?').next().unwrap_or_default();
    match path {
        "/feed.xml" => feed(asked, pass),
        "/robots.txt" => Answer::ok("text/plain", "User-agent: *\nDisallow: /admin/\n"),
        "/" => Answer::ok("text/html; charset=utf-8", front(pass)),
        _ => match notices(pass).into_iter().find(|notice| path == notice_path(notice)) {
            Some(notice) => Answer::ok("text/html; charset=utf-8", article(notice)),
            None => Answer { status: 404, ..Answer::ok("text/html; charset=utf-8", "<h1>没有这一页</h1>") },
        },
    }
}

/// What the paper has published by `pass`.
pub fn notices(pass: u32) -> Vec<&'static Notice> {
    let out = if pass < 2 { NOTICES.len() - 1 } else { NOTICES.len() };
    NOTICES.iter().take(out).collect()
}

/// The URL of a notice.
pub fn notice_url(notice: &Notice) -> String {
    format!("https://{WEB_HOST}{}", notice_path(notice))
}

fn notice_path(notice: &Notice) -> String {
    format!("/2026/{}", notice.slug)
}

/// The feed: newest first; from the second pass on also with the accounts' new articles, as feeds of accounts have them.
fn feed(asked: &Asked, pass: u32) -> Answer {
    let out = notices(pass);
    let newest = out.last().map_or_else(String::new, |notice| china_time(notice.published).to_rfc2822());
    let modified = out.last().map_or_else(String::new, |notice| {
        china_time(notice.published).naive_utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    });
    let tag = format!("\"hewan-{}\"", out.len());
    let same_tag = asked.header("if-none-match").is_some_and(|given| given.contains(&tag));
    // RFC 9110: a date counts only where no tag is given.
    let same_date = asked.header("if-none-match").is_none()
        && asked.header("if-modified-since").is_some_and(|given| given == modified);
    if same_tag || same_date {
        return Answer::status(304).with("etag", &tag).with("last-modified", &modified);
    }
    let mut items: Vec<String> = out.iter().rev().map(|notice| item(notice)).collect();
    let before = Address::published_by(1);
    let new = Address::published_by(pass).into_iter().filter(|address| !before.contains(address));
    items.splice(1..1, new.map(guest));
    let rss = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{PAPER}</title>
<link>https://{WEB_HOST}/</link>
<atom:link href="https://{WEB_HOST}/feed.xml" rel="self" type="application/rss+xml"/>
<description>两岸的小事，每月两期。</description>
<language>zh-cn</language>
<pubDate>{newest}</pubDate>
<ttl>120</ttl>
{}</channel>
</rss>
"#,
        items.concat()
    );
    Answer::ok("application/rss+xml; charset=utf-8", rss).with("etag", &tag).with("last-modified", &modified)
}

fn item(notice: &Notice) -> String {
    let first = notice.body.lines().next().unwrap_or_default();
    entry(notice.title, &notice_url(notice), notice.author, notice.published, first)
}

fn guest(address: Address) -> String {
    let essay = address.essay();
    entry(essay.title, &address.long_link(), address.account().name, essay.published, essay.summary)
}

fn entry(title: &str, url: &str, author: &str, published: &str, summary: &str) -> String {
    let (title, url, author) = (html(title), html(url), html(author));
    let (date, summary) = (china_time(published).to_rfc2822(), html(&format!("<p>{}</p>", html(summary))));
    format!(
        "<item>\n<title>{title}</title>\n<link>{url}</link>\n<guid isPermaLink=\"true\">{url}</guid>\n\
         <dc:creator>{author}</dc:creator>\n<pubDate>{date}</pubDate>\n<description>{summary}</description>\n</item>\n"
    )
}

fn article(notice: &Notice) -> String {
    let (title, author, url) = (html(notice.title), html(notice.author), notice_url(notice));
    let time = china_time(notice.published).to_rfc3339();
    let shown = notice.published;
    let paragraphs: Vec<String> = notice.body.lines().map(|line| format!("<p>{}</p>\n", html(line))).collect();
    let paragraphs = paragraphs.concat();
    let first = html(notice.body.lines().next().unwrap_or_default());
    format!(
        r#"<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{title} - {PAPER}</title>
<link rel="canonical" href="{url}">
<link rel="alternate" type="application/rss+xml" href="/feed.xml" title="{PAPER}">
<meta name="author" content="{author}">
<meta name="description" content="{first}">
<meta property="og:type" content="article">
<meta property="og:title" content="{title}">
<meta property="og:site_name" content="{PAPER}">
<meta property="article:published_time" content="{time}">
</head>
<body>
<header><nav><a href="/">{PAPER}</a> · <a href="/feed.xml">订阅</a></nav></header>
<main>
<article>
<h1>{title}</h1>
<p class="byline">文／<span class="author">{author}</span> <time datetime="{time}">{shown}</time></p>
<div class="content">
{paragraphs}</div>
</article>
</main>
<footer><p>{PAPER}，欢迎张贴在楼道里。</p></footer>
</body>
</html>
"#
    )
}

fn front(pass: u32) -> String {
    let link = |notice: &&Notice| format!("<li><a href=\"{}\">{}</a></li>\n", notice_path(notice), html(notice.title));
    let links: String = notices(pass).iter().rev().map(link).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{PAPER}</title>\n\
         <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed.xml\"></head>\n<body><ul>\n{links}</ul></body></html>\n"
    )
}
