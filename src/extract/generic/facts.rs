//! What a page says of itself: JSON-LD, OpenGraph, meta elements, title and headings.

use crate::extract::Hints;
use crate::extract::generic::dates;
use crate::extract::generic::json_ld::{self, JsonLd};
use crate::model::Document;
use ego_tree::NodeRef;
use scraper::{Html, Node};
use std::collections::HashMap;
use url::Url;

/// The longest value that is kept, in letters (judgement).
const LONGEST: usize = 1_000;

/// How many texts after the heading are looked at for a date (judgement: a byline has a handful).
const NEAR: usize = 24;

/// All that a page says, before any choice.
#[derive(Debug, Default)]
pub(super) struct Facts {
    base: Option<Url>,
    /// Values of `<meta name|property|itemprop>`, lower-case names, the first of each.
    meta: HashMap<String, String>,
    json_ld: JsonLd,
    title: Option<String>,
    /// The first `<h1>`, and how many there are.
    heading: (Option<String>, usize),
    language: Option<String>,
    /// `<time datetime>`, the first; with `pubdate` or `itemprop=datePublished` it wins over others.
    time: Option<String>,
    author: Option<String>,
    /// Short texts right after the first heading, where pages say when and by whom.
    near: Vec<String>,
    pub(super) canonical: Option<String>,
    pub(super) og_url: Option<String>,
}

impl Facts {
    /// Reads a page's tree, once.
    pub(super) fn read(tree: &Html, base: &Url) -> Self {
        let mut facts = Self { base: Some(base.clone()), ..Self::default() };
        let mut blocks = Vec::new();
        let mut told = false;
        for node in tree.tree.nodes() {
            if let Node::Text(text) = node.value() {
                if facts.heading.1 > 0 && facts.near.len() < NEAR && !text.trim().is_empty() && is_shown(node) {
                    facts.near.push(text.trim().chars().take(80).collect());
                }
                continue;
            }
            let Node::Element(element) = node.value() else { continue };
            let attr = |name: &str| element.attr(name).map(str::trim).filter(|value| !value.is_empty());
            let prop = attr("itemprop").unwrap_or_default();
            match element.name() {
                "html" => facts.language = attr("lang").map(str::to_owned),
                "title" if facts.title.is_none() && !in_svg(node) => facts.title = words(node),
                "h1" => {
                    facts.heading.1 += 1;
                    facts.heading.0 = facts.heading.0.take().or_else(|| words(node));
                }
                "meta" => facts.meta(element),
                "link" => {
                    let rel = attr("rel").unwrap_or_default().to_ascii_lowercase();
                    if rel.split_whitespace().any(|rel| rel == "canonical") && facts.canonical.is_none() {
                        facts.canonical = attr("href").map(str::to_owned);
                    }
                }
                "script" if attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) => {
                    blocks.extend(
                        node.first_child().and_then(|child| child.value().as_text().map(|text| text.to_string())),
                    );
                }
                "time" => {
                    let telling =
                        attr("pubdate").is_some() || element.attr("pubdate").is_some() || prop == "datePublished";
                    if facts.time.is_none() || telling && !told {
                        facts.time = attr("datetime").map(str::to_owned).or_else(|| words(node)).or(facts.time.take());
                        told |= telling;
                    }
                }
                _ if prop == "datePublished" && !told => {
                    facts.time = attr("datetime").or(attr("content")).map(str::to_owned).or_else(|| words(node));
                    told = facts.time.is_some();
                }
                _ => {
                    let by = attr("rel") == Some("author") || prop == "author";
                    if by && facts.author.is_none() {
                        facts.author = words(node).filter(|name| name.chars().count() <= 60);
                    }
                }
            }
        }
        facts.json_ld = json_ld::read(&blocks);
        facts.og_url = facts.meta.get("og:url").cloned();
        facts
    }

    fn meta(&mut self, element: &scraper::node::Element) {
        let Some(content) = element.attr("content").and_then(tidy) else { return };
        for kind in ["property", "name", "itemprop"] {
            if let Some(name) = element.attr(kind) {
                self.meta.entry(name.trim().to_ascii_lowercase()).or_insert_with(|| content.clone());
            }
        }
    }

    fn first(&self, names: &[&'static str]) -> Option<(String, &'static str)> {
        names.iter().find_map(|name| self.meta.get(*name).map(|value| (value.clone(), *name)))
    }

    /// Fills in a document's facts, each with where it was read.
    pub(super) fn fill(&self, document: &mut Document, hints: Hints<'_>, body: &str) {
        let hint = hints.entry;
        document.language = self.language(body);
        let ld =
            |value: &Option<String>, name: &'static str| value.as_deref().and_then(tidy).map(|value| (value, name));
        let hinted = |value: Option<&String>| value.cloned().map(|value| (value, "feed entry"));

        let account = ld(&self.json_ld.publisher, "json-ld publisher")
            .or_else(|| self.first(&["og:site_name", "application-name"]));
        keep(document, "account", account, |document, value| document.account = Some(value));
        let stated = ld(&self.json_ld.headline, "json-ld headline")
            .or_else(|| self.first(&["og:title", "twitter:title"]))
            .map(|(title, from)| (self.without_site(&title, document.account.as_deref()), from))
            .or_else(|| {
                self.title.as_ref().map(|title| (self.without_site(title, document.account.as_deref()), "title"))
            });
        // The one heading that readers see wins over what was written for search engines, if both say the same thing.
        let heading = self.heading.0.clone().filter(|_| self.heading.1 == 1);
        let seen = heading.filter(|heading| stated.as_ref().is_none_or(|(stated, _)| likeness(heading, stated) > 0.5));
        let title =
            seen.map(|title| (title, "h1")).or(stated).or_else(|| hinted(hint.and_then(|hint| hint.title.as_ref())));
        keep(document, "title", title, |document, value| document.title = Some(value));
        let author = ld(&self.json_ld.author, "json-ld author")
            .or_else(|| {
                self.first(&["author", "article:author", "parsely-author", "dc.creator", "byl", "sailthru.author"])
            })
            .or_else(|| self.author.clone().map(|name| (name, "rel=author")))
            .filter(|(name, _)| !name.contains("://"))
            .map(|(name, from)| (without_by(&name), from))
            .or_else(|| hinted(hint.and_then(|hint| hint.author.as_ref())))
            .filter(|(name, _)| Some(name.as_str()) != document.account.as_deref());
        keep(document, "author", author, |document, value| document.author = Some(value));
        let summary = self
            .first(&["og:description", "description", "twitter:description"])
            .or_else(|| ld(&self.json_ld.description, "json-ld description"));
        keep(document, "summary", summary, |document, value| document.summary = Some(value));
        let cover = self
            .first(&["og:image", "og:image:url", "twitter:image", "twitter:image:src"])
            .or_else(|| ld(&self.json_ld.image, "json-ld image"))
            .and_then(|(url, from)| Some((self.base.as_ref()?.join(&url).ok().filter(is_web)?.to_string(), from)));
        keep(document, "cover", cover, |document, value| document.cover = Some(value));
        self.published(document, hints, body);
    }

    fn published(&self, document: &mut Document, hints: Hints<'_>, body: &str) {
        let zone = dates::zone(document.language.as_deref());
        let ld = self.json_ld.published.clone().map(|date| (date, "json-ld datePublished"));
        let told = self.first(&[
            "article:published_time",
            "og:published_time",
            "datepublished",
            "publishdate",
            "pubdate",
            "publish_date",
            "parsely-pub-date",
            "sailthru.date",
            "dc.date.issued",
            "dc.date",
            "date",
            "weibo:article:create_at",
            "bytedance:published_time",
            "og:release_date",
        ]);
        let time = self.time.clone().map(|date| (date, "time"));
        let mut stated = [ld, told, time].into_iter().flatten();
        let stated = stated.find_map(|(date, from)| dates::read(&date, zone).map(|at| (at, from)));
        let hinted = || hints.entry.and_then(|hint| hint.published).map(|at| (at.with_timezone(&zone), "feed entry"));
        let written = || {
            let mut lines = body.lines().take(6).filter(|line| line.chars().count() <= 60);
            let near = self.near.iter().find_map(|text| dates::spotted(text, zone));
            near.or_else(|| lines.find_map(|line| dates::written(line, zone))).map(|at| (at, "text"))
        };
        if let Some((at, from)) = stated.or_else(hinted).or_else(written) {
            document.published = Some(at);
            document.provenance.insert("published".into(), from.into());
        }
    }

    fn language(&self, body: &str) -> Option<String> {
        let named = self
            .language
            .clone()
            .or_else(|| self.json_ld.language.clone())
            .or_else(|| self.meta.get("og:locale").cloned());
        let named = named.map(|tag| tag.replace('_', "-")).filter(|tag| {
            (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        named.or_else(|| {
            let (mut han, mut letters) = (0, 0);
            for letter in body.chars().filter(|letter| letter.is_alphabetic()).take(2_000) {
                han += usize::from(matches!(letter, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}'));
                letters += 1;
            }
            (letters >= 20 && han * 3 > letters).then(|| "zh".to_owned())
        })
    }

    /// A title without the site's name that many pages append: `Title | Site`, `Title - Site`, `题_站`.
    fn without_site(&self, title: &str, account: Option<&str>) -> String {
        for mark in [" | ", " - ", " – ", " — ", " · ", " :: ", " » ", "_", "-", "|"] {
            let Some((head, tail)) = title.rsplit_once(mark) else { continue };
            let (head, tail) = (head.trim(), tail.trim());
            let spaced = mark.starts_with(' ');
            let is_site = account.is_some_and(|account| account.eq_ignore_ascii_case(tail))
                || self.heading.0.as_deref().is_some_and(|heading| heading == head)
                || spaced
                    && mark != " - "
                    && head.chars().count() > 3 * tail.chars().count()
                    && tail.chars().count() <= 24;
            if is_site && !head.is_empty() {
                return head.to_owned();
            }
        }
        title.to_owned()
    }
}

fn keep(document: &mut Document, field: &str, found: Option<(String, &str)>, set: fn(&mut Document, String)) {
    if let Some((value, from)) = found.filter(|(value, _)| !value.is_empty()) {
        document.provenance.insert(field.to_owned(), from.to_owned());
        set(document, value);
    }
}

/// How much two titles share: of the shorter one's pairs of letters, the part that the longer one has too.
fn likeness(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<std::collections::HashSet<_>>()
    };
    let (one, other) = (pairs(one), pairs(other));
    one.intersection(&other).count() as f64 / one.len().min(other.len()).max(1) as f64
}

fn is_shown(node: NodeRef<'_, Node>) -> bool {
    let parent = node.parent().and_then(|parent| parent.value().as_element().map(|element| element.name().to_owned()));
    parent.is_none_or(|name| {
        !matches!(name.as_str(), "script" | "style" | "noscript" | "template" | "title" | "textarea")
    })
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn in_svg(node: NodeRef<'_, Node>) -> bool {
    node.parent().is_some_and(|parent| parent.value().as_element().is_some_and(|element| element.name() == "svg"))
}

/// The words inside an element, on one line. The walk is a flat one.
fn words(node: NodeRef<'_, Node>) -> Option<String> {
    let text = node.descendants().take(200).filter_map(|inner| inner.value().as_text().map(|text| &**text));
    tidy(&text.collect::<Vec<&str>>().concat())
}

fn tidy(text: &str) -> Option<String> {
    // Some sites escape twice: `&amp;amp;`.
    let text = text.replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'").replace("&nbsp;", " ");
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

fn without_by(name: &str) -> String {
    let bare =
        ["By ", "by ", "BY ", "作者：", "作者:", "文/", "文｜"].iter().find_map(|prefix| name.strip_prefix(prefix));
    bare.unwrap_or(name).trim().to_owned()
}
