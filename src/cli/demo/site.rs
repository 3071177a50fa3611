//! The demo's site: what it answers in its first and in its second pass, and what a right crawl of it ends with.
//!
//! Between the passes one article is edited, one is deleted, one is published by an account (the paper's feed tells of it),
//! and the paper prints one more notice.

use super::address::{ACCOUNTS_HOST, Address, PICTURES_HOST, picture_of};
use super::server::{Answer, Asked};
use super::web::{self, WEB_HOST};
use super::{pages, picture, special};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

/// The host that answers everything with a captcha. On a host of its own, so that the accounts' host is not held back.
pub const CAPTCHA_HOST: &str = "captcha.weixin.example";
/// Every host of the site: the server's certificate has to name them all.
pub const HOSTS: &[&str] = &[ACCOUNTS_HOST, PICTURES_HOST, WEB_HOST, CAPTCHA_HOST];

/// How many articles the two accounts have published in the first pass, all of them within reach of the feeds.
pub const ARTICLES: usize = 13;
/// How many articles the paper has published in the first pass.
pub const NOTICES: usize = 3;
/// How many articles are new in the second pass: one of an account and one of the paper.
pub const NEW: usize = 2;
/// The title of the article that is edited before the second pass.
pub const EDITED: &str = "夜车经过小站";
/// The title of the article that is deleted before the second pass.
pub const DELETED: &str = "旧图书馆的第三排书架";
/// How deep the feeds have to follow past issues to reach every article; the longest chain has three links.
pub const DEPTH: u32 = 4;

/// One feed of the demo's crawl.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoFeed {
    /// Its name.
    pub name: &'static str,
    /// Its URL.
    pub url: String,
    /// How deep its past issues are followed.
    pub past_issues: u32,
}

/// Answers a request. The same request, pass and fetch number always get the same bytes; the fetch number decides only
/// what differs at every fetch of a real page: nonces, counters and the server's time.
pub fn answer(asked: &Asked, pass: u32, fetch: u64) -> Answer {
    let answer = match asked.host.as_str() {
        ACCOUNTS_HOST => account_page(&asked.path, pass, fetch),
        PICTURES_HOST => served_picture(&asked.path),
        WEB_HOST => web::answer(asked, pass),
        CAPTCHA_HOST => page(special::captcha(&format!("https://{}{}", asked.host, asked.path), fetch)),
        _ => Answer::status(421),
    };
    compressed(asked, answer)
}

/// The feeds that a right crawl starts from: each account by its newest article of the first pass, the paper's feed, and
/// the page behind the captcha.
pub fn feeds() -> Vec<DemoFeed> {
    let first = Address::published_by(1);
    let newest = |name: &str| first.iter().rev().find(|address| address.account().name == name);
    let mut feeds: Vec<DemoFeed> = super::texts::ACCOUNTS
        .iter()
        .filter_map(|account| newest(account.name))
        .map(|address| DemoFeed { name: address.account().name, url: address.long_link(), past_issues: DEPTH })
        .collect();
    let paper = format!("https://{WEB_HOST}/feed.xml");
    feeds.push(DemoFeed { name: super::texts::PAPER, url: paper, past_issues: 0 });
    let behind = format!("https://{CAPTCHA_HOST}/s/0behindTheCaptcha00000");
    feeds.push(DemoFeed { name: "验证码之后", url: behind, past_issues: 0 });
    feeds
}

/// The configuration that the demo runs with.
pub fn crawl_toml(server: SocketAddr, ca_file: &Path, archive: &Path) -> String {
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let path = |path: &Path| quoted(&path.to_string_lossy());
    let hosts: Vec<String> = HOSTS.iter().map(|host| format!("{} = \"{server}\"", quoted(host))).collect();
    let mut out = format!(
        "[archive]\npath = {}\n\n[crawl]\ntimezone = \"Asia/Shanghai\"\n\n[fetch]\nca_file = {}\nhosts = {{ {} }}\n",
        path(archive),
        path(ca_file),
        hosts.join(", ")
    );
    for host in HOSTS {
        let robots = if *host == WEB_HOST { "respect" } else { "ignore" };
        let _ = write!(
            out,
            "\n[[site]]\nhost = {}\ndelay = \"0s\"\nconcurrency = 4\nrobots = \"{robots}\"\n",
            quoted(host)
        );
    }
    for DemoFeed { name, url, past_issues } in feeds() {
        let _ = write!(out, "\n[[feed]]\nname = {}\nurl = {}\n", quoted(name), quoted(&url));
        if past_issues > 0 {
            let _ = writeln!(out, "follow = {{ past_issues = {past_issues}, max_articles = 100 }}");
        }
    }
    out
}

fn account_page(path: &str, pass: u32, fetch: u64) -> Answer {
    if path == "/robots.txt" {
        return Answer::status(404);
    }
    let published = Address::published_by(pass);
    let Some(address) = Address::of_path(path).filter(|address| published.contains(address)) else {
        return page(special::wrong_parameters(fetch));
    };
    if pass >= 2 && address.essay().title == DELETED {
        return page(special::deleted(fetch));
    }
    let url = if path.starts_with("/s/") { address.short_link() } else { address.long_link() };
    page(pages::page(address, pass, &url).render(fetch))
}

fn served_picture(path: &str) -> Answer {
    let path = path.split('?').next().unwrap_or_default();
    let Some(["mmbiz_png", id, "0" | "640"]) = path.strip_prefix('/').map(|path| {
        let mut parts = path.splitn(3, '/');
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    }) else {
        return Answer::status(404);
    };
    match picture_of(id) {
        Some(name) => Answer::ok("image/png", picture::draw(&name)),
        None => Answer::status(404),
    }
}

fn page(html: String) -> Answer {
    Answer::ok("text/html; charset=UTF-8", html)
}

/// Compresses a page for who accepts it, as the real hosts do.
fn compressed(asked: &Asked, mut answer: Answer) -> Answer {
    let text = answer.headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("text/html"));
    if !text || !asked.header("accept-encoding").is_some_and(|accepted| accepted.contains("gzip")) {
        return answer;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&answer.body).expect("writing to a Vec does not fail");
    answer.body = Bytes::from(encoder.finish().expect("writing to a Vec does not fail"));
    answer.with("content-encoding", "gzip")
}
