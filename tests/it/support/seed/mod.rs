//! The article that the project began with, put back into the page that it came from.
//!
//! The Markdown of `corpus/seed/article.md` is parsed into what a crawl of its page must find, and the page is built in the
//! real template, with three short past issues of our own words at the URLs that it links to.

mod markdown;
mod page;

use std::path::PathBuf;
use std::sync::Arc;
use wangqi::cli::demo::server::{Answer, Asked, Handler};

/// What the seed says: what a crawl of its page must find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seed {
    /// The title.
    pub(crate) title: String,
    /// The account: the head's 文章作者.
    pub(crate) account: String,
    /// When it was published, as RFC 3339 in China's time: `2024-07-11T10:00:00+08:00`.
    pub(crate) published: String,
    /// From where.
    pub(crate) place: String,
    /// The URL, as the head writes it.
    pub(crate) url: String,
    /// The cover's URL, as the head writes it.
    pub(crate) cover: String,
    /// Every paragraph's plain text in order, those before and those after the past issues.
    pub(crate) paragraphs: Vec<String>,
    /// Every heading with its level, 往期回顾 among them.
    pub(crate) headings: Vec<(u8, String)>,
    /// The past issues in order.
    pub(crate) past_issues: Vec<PastIssue>,
    /// The body in order, to build the page from.
    blocks: Vec<Block>,
}

/// One past issue as the seed shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PastIssue {
    /// The title, without its number and brackets.
    pub(crate) title: String,
    /// Where it leads, as written.
    pub(crate) url: String,
    /// The picture that is the link.
    pub(crate) picture: String,
}

/// One block of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    Heading(u8, Vec<Span>),
    Paragraph(Vec<Span>),
    Picture(String),
    Rule,
    Past(PastIssue),
}

/// A run of text, bold or not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    bold: bool,
    text: String,
}

impl Seed {
    /// The seed, where the shared folder is there; otherwise a line says that the test is skipped.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
        let shared = std::env::var_os("WANGQI_SHARED").map_or_else(beside, PathBuf::from);
        let path = shared.join("corpus/seed/article.md");
        let Ok(article) = std::fs::read_to_string(&path) else {
            crate::support::say(&format!("{test}: skipped, there is no {}", path.display()));
            return None;
        };
        Some(Self::parse(&article).expect("the seed has its head lines"))
    }

    /// Reads a seed; `None` where a head line is missing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        markdown::parse(text)
    }

    /// Serves the seed's page, its past issues and all their pictures, on `mp.weixin.qq.com` and `mmbiz.qpic.cn`.
    pub(crate) fn handler(&self) -> Handler {
        let pages = page::pages(self);
        let fetches = std::sync::atomic::AtomicU64::new(0);
        Arc::new(move |asked: &Asked| {
            let fetch = fetches.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            page::answer(&pages, asked, fetch)
        })
    }

    /// Every host that the handler answers for.
    pub(crate) const HOSTS: &'static [&'static str] = &["mp.weixin.qq.com", "mmbiz.qpic.cn"];
}

/// What the handler answers to a URL, without a server.
pub(crate) fn ask(handler: &Handler, url: &str) -> Answer {
    let url = url::Url::parse(url).unwrap();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    handler(&Asked::get(url.host_str().unwrap_or_default(), &format!("{}{query}", url.path())))
}
