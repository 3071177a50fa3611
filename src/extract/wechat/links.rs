//! Where an article leads: the anchors of its body in order, what its data adds to them, and its albums.

use super::escapes;
use super::past_issues::{self, Scored};
use super::reading::{Anchor, Reading};
use super::sources::{Sources, one_line};
use super::value::Value;
use crate::model::{CanonicalUrl, Document, Key, Link, Rel, url::bizuin_of};
use std::collections::HashMap;

/// The longest title that a link is given, in letters: judgement; a post's own title holds 64.
const LONGEST_TITLE: usize = 200;

/// What the data says of a linked article.
struct Told {
    url: CanonicalUrl,
    title: String,
    account: Option<String>,
}

/// The links of an article: the body's in page order, then those that only the data names, its [`neighbours`] among them.
pub(super) fn read(sources: &Sources<'_>, reading: &Reading, document: &Document, neighbours: &[Link]) -> Vec<Link> {
    let told = told(sources);
    let by_key: HashMap<String, &Told> = told.iter().map(|told| (identity(&told.url), told)).collect();
    let own = document.key.as_ref().map(ToString::to_string);
    let home = Home { sources, bizuin: own_bizuin(document), account: document.account.as_deref() };
    let scored: Vec<Scored<'_>> = reading
        .anchors
        .iter()
        .map(|anchor| {
            let told = by_key.get(&identity(&anchor.url)).copied();
            Scored { anchor, article: home.is_article(&anchor.url), own_account: home.is_own(&anchor.url, told) }
        })
        .collect();
    let past = past_issues::judge(reading, &scored);
    let mut links = Links::default();
    for (anchor, past) in reading.anchors.iter().zip(past) {
        if Some(identity(&anchor.url)) != own {
            let told = by_key.get(&identity(&anchor.url)).copied();
            let own_account = home.is_own(&anchor.url, told) == Some(true);
            let known = document.account.clone().filter(|_| own_account);
            links.add(from_body(anchor, past, told, known));
        }
    }
    for told in &told {
        if Some(identity(&told.url)) != own {
            let (url, title, account) = (told.url.clone(), told.title.clone(), told.account.clone());
            links.add(Link { url, title, rel: rel_of(&told.url, false), account });
        }
    }
    for link in albums(sources, document).into_iter().chain(neighbours.iter().cloned()) {
        links.add(link);
    }
    for link in original(document).into_iter().chain(read_more(sources)) {
        links.add(link);
    }
    links.all
}

/// Links, one for each target.
#[derive(Default)]
struct Links {
    all: Vec<Link>,
    at: HashMap<String, usize>,
}

impl Links {
    /// Adds a link; of two to the same target the stronger relation and the longer text stay, at the first one's place.
    fn add(&mut self, link: Link) {
        let at = *self.at.entry(identity(&link.url)).or_insert(self.all.len());
        let Some(held) = self.all.get_mut(at) else { return self.all.push(link) };
        if held.rel == Rel::Reference {
            held.rel = link.rel;
        }
        if held.title.chars().count() < link.title.chars().count() {
            held.title = link.title;
        }
        held.account = held.account.take().or(link.account);
        if link.url.wechat_rank() > held.url.wechat_rank() {
            held.url = link.url;
        }
    }
}

/// The page that the links stand on.
struct Home<'a> {
    sources: &'a Sources<'a>,
    bizuin: Option<u64>,
    account: Option<&'a str>,
}

impl Home<'_> {
    /// Whether a URL is an article's. On a mirror of WeChat's pages the articles are beside the page.
    fn is_article(&self, url: &CanonicalUrl) -> bool {
        let page = self.sources.page.final_url;
        let beside = !page.is_wechat() && url.host() == page.host() && url.url().port() == page.url().port();
        let path = url.url().path();
        url.wechat_rank() > 0 || beside && (path.starts_with("/s/") || path == "/s")
    }

    /// Whether a link leads to the same account; `None` where that is not known.
    fn is_own(&self, url: &CanonicalUrl, told: Option<&Told>) -> Option<bool> {
        if let (Some(own), Some((bizuin, _, _))) = (self.bizuin, url.wechat_ids()) {
            return Some(own == bizuin);
        }
        Some(told?.account.as_deref()? == self.account?)
    }
}

/// A link of the body, with what the data tells of its target.
fn from_body(anchor: &Anchor, past: bool, told: Option<&Told>, own: Option<String>) -> Link {
    let text = label(&anchor.text);
    let title = if text.is_empty() { told.map(|told| told.title.clone()).unwrap_or_default() } else { text };
    let rel = rel_of(&anchor.url, past);
    Link { url: anchor.url.clone(), title, rel, account: told.and_then(|told| told.account.clone()).or(own) }
}

/// A link's title: one line, and no longer than any title is.
fn label(text: &str) -> String {
    one_line(text).chars().take(LONGEST_TITLE).collect()
}

/// How a link leads on.
fn rel_of(url: &CanonicalUrl, past: bool) -> Rel {
    if url.is_wechat() && url.url().path() == "/mp/appmsgalbum" {
        Rel::Album
    } else if past {
        Rel::PastIssue
    } else {
        Rel::Reference
    }
}

/// What makes two links lead to the same thing.
fn identity(url: &CanonicalUrl) -> String {
    Key::of_url(url).to_string()
}

fn own_bizuin(document: &Document) -> Option<u64> {
    bizuin_of(document.wechat.as_ref()?.biz.as_deref()?)
}

/// The linked articles that the data lists, with title and account: also for links that are only pictures, and for posts without
/// a body of markup.
fn told(sources: &Sources<'_>) -> Vec<Told> {
    let lists = [sources.object().get("ainfos").items(), sources.data.structure("jumpInfo").items()];
    let tell = |info: &Value| {
        let url = CanonicalUrl::parse(&escapes::url(&info.get("url").text()?)).ok()?;
        let title = label(&escapes::entities(&info.get("title").text().unwrap_or_default()));
        Some(Told { url, title, account: info.get("subject_name").text().map(|name| one_line(&name)) })
    };
    let mut all: Vec<Told> = lists.into_iter().flatten().filter_map(tell).collect();
    let mut seen = std::collections::HashSet::new();
    all.retain(|told| seen.insert(identity(&told.url)));
    all
}

/// The article that a repost repeats.
fn original(document: &Document) -> Option<Link> {
    let original = document.wechat.as_ref()?.original.as_ref()?;
    let title = document.title.clone().unwrap_or_default();
    Some(Link {
        url: original.url.clone()?,
        title: label(&title),
        rel: Rel::Reference,
        account: original.account.clone(),
    })
}

/// 阅读原文, the link below an article to whatever its author likes.
fn read_more(sources: &Sources<'_>) -> Option<Link> {
    let shown = || {
        let element = sources.dom.by_id("js_view_source")?;
        element.value().attr("data-url").or_else(|| element.value().attr("href")).map(str::to_owned)
    };
    let link = sources.raw("source_url").or_else(|| sources.data.text("msg_source_url")).or_else(shown)?;
    let url = CanonicalUrl::parse(&escapes::url(&link)).ok()?;
    Some(Link { url, title: "阅读原文".to_owned(), rel: Rel::Reference, account: None })
}

/// The albums that the article is in.
fn albums(sources: &Sources<'_>, document: &Document) -> Vec<Link> {
    let info = sources.object().get("appmsgalbuminfo");
    let listed = sources.data.structure("album_info_list").items().iter();
    let tags = sources.object().at("public_tag_info.tags").items().iter().map(|tag| tag.get("album_info"));
    let albums = std::iter::once(info).chain(tags).chain(listed);
    albums.filter_map(|album| album_link(document, album.get("link"), album.get("title"))).collect()
}

/// The articles before and after it in the albums that it is read from.
pub(super) fn neighbours(sources: &Sources<'_>, document: &Document) -> Vec<Link> {
    let info = sources.object().get("appmsgalbuminfo");
    let reading = sources.data.structure("album_keep_read_info");
    let sides = ["pre", "next"].into_iter().flat_map(|way| [(way, info), (way, reading)]);
    let told = sides.filter_map(|(way, info)| {
        let tell = |what: &str| info.get(&format!("{way}_article_{what}"));
        album_link(document, tell("link"), tell("title"))
    });
    told.collect()
}

fn album_link(document: &Document, url: &Value, title: &Value) -> Option<Link> {
    let url = CanonicalUrl::parse(&escapes::url(&url.text()?)).ok()?;
    let title = label(&escapes::entities(&title.text().unwrap_or_default()));
    Some(Link { url, title, rel: Rel::Album, account: document.account.clone() })
}
