//! feed-rs's model → feedparser's vocabulary.

use crate::extract::feed::MOST_ENTRIES;
use crate::model::{FeedDocument, FeedEntry, FeedInfo};
use chrono::{DateTime, SecondsFormat, Utc};
use feed_rs::model::{Category, Entry, Feed, Image, Link, LinkTarget, MediaObject, Person, Text};
use serde_json::{Map, Value, json};

/// Fills in what the feed says.
pub(super) fn fill(document: &mut FeedDocument, feed: Feed) {
    if feed.entries.len() > MOST_ENTRIES {
        let text = format!("the feed has {} entries; the first {MOST_ENTRIES} were read", feed.entries.len());
        document.problems.push(text);
    }
    document.entries = feed.entries.iter().take(MOST_ENTRIES).map(entry).collect();
    document.feed = info(feed);
}

fn info(feed: Feed) -> FeedInfo {
    let mut more = Map::new();
    more.insert("links".into(), links(&feed.links));
    more.insert("published".into(), json!(feed.published.map(iso)));
    people(&mut more, &feed.authors, &feed.contributors);
    more.insert("tags".into(), tags(&feed.categories));
    more.insert("image".into(), feed.logo.as_ref().map_or(Value::Null, image));
    more.insert("icon".into(), json!(feed.icon.as_ref().map(|icon| &icon.uri)));
    more.insert("logo".into(), json!(feed.logo.as_ref().map(|logo| &logo.uri)));
    more.insert("rights".into(), json!(feed.rights.as_ref().map(|rights| &rights.content)));
    more.insert("generator".into(), json!(feed.generator.as_ref().map(|generator| &generator.content)));
    if let Some(generator) = &feed.generator {
        let detail = json!({ "name": generator.content, "href": generator.uri, "version": generator.version });
        more.insert("generator_detail".into(), detail);
    }
    more.insert("ttl".into(), json!(feed.ttl.map(|minutes| minutes.to_string())));
    FeedInfo {
        link: page(&feed.links),
        title: content(feed.title),
        id: some(feed.id),
        subtitle: content(feed.description),
        updated: feed.updated.map(iso),
        language: feed.language,
        more,
    }
}

fn entry(entry: &Entry) -> FeedEntry {
    let mut more = Map::new();
    more.insert("title_detail".into(), entry.title.as_ref().map_or(Value::Null, detail));
    more.insert("summary_detail".into(), entry.summary.as_ref().map_or(Value::Null, detail));
    more.insert("links".into(), links(&entry.links));
    people(&mut more, &entry.authors, &entry.contributors);
    // The name alone has a field of its own.
    more.remove("author");
    more.insert("tags".into(), tags(&entry.categories));
    more.insert("enclosures".into(), enclosures(entry));
    let comments = entry.links.iter().find(|link| link.target == Some(LinkTarget::Comments)).map(|link| &link.href);
    more.insert("comments".into(), json!(comments));
    more.insert("rights".into(), json!(entry.rights.as_ref().map(|rights| &rights.content)));
    more.insert("source".into(), json!(entry.source));
    more.insert("media".into(), Value::Array(entry.media.iter().map(media).collect()));
    let content = entry.content.iter().map(|content| {
        let src = content.src.as_ref().map(|link| &link.href);
        let kind = content.content_type.to_string();
        json!({ "value": content.body, "type": kind, "language": entry.language, "base": entry.base, "src": src })
    });
    FeedEntry {
        title: entry.title.as_ref().map(|title| title.content.clone()),
        link: page(&entry.links),
        id: some(entry.id.clone()),
        summary: entry.summary.as_ref().map(|summary| summary.content.clone()),
        content: content.collect(),
        published: entry.published.map(iso),
        updated: entry.updated.map(iso),
        author: entry.authors.first().and_then(name),
        more,
    }
}

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn content(text: Option<Text>) -> Option<String> {
    text.map(|text| text.content)
}

fn detail(text: &Text) -> Value {
    json!({ "type": text.content_type.to_string(), "value": text.content })
}

/// The page that a feed or entry stands for: its alternate link, else the first that is not for machines.
fn page(links: &[Link]) -> Option<String> {
    let is_page = |link: &&Link| link.target.is_none() && link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let html = |link: &&Link| is_page(link) && link.media_type.as_deref().is_none_or(|kind| kind.contains("html"));
    links.iter().find(html).or_else(|| links.iter().find(is_page)).map(|link| link.href.clone())
}

fn links(links: &[Link]) -> Value {
    let link = |link: &Link| {
        json!({
            "href": link.href,
            "rel": link.rel.as_deref().unwrap_or("alternate"),
            "type": link.media_type,
            "title": link.title,
            "hreflang": link.href_lang,
            "length": link.length.map(|length| length.to_string()),
        })
    };
    Value::Array(links.iter().map(link).collect())
}

fn name(person: &Person) -> Option<String> {
    bare_name(person).or_else(|| person.email.clone())
}

/// RSS writes `mail@example.org (Name)`, and feed-rs keeps the brackets.
fn bare_name(person: &Person) -> Option<String> {
    let name = person.name.as_deref()?.trim();
    let bare = name.strip_prefix('(').and_then(|name| name.strip_suffix(')')).unwrap_or(name);
    (!bare.is_empty()).then(|| bare.to_owned())
}

fn people(more: &mut Map<String, Value>, authors: &[Person], contributors: &[Person]) {
    let one = |person: &Person| json!({ "name": bare_name(person), "email": person.email, "href": person.uri });
    more.insert("author".into(), json!(authors.first().and_then(name)));
    more.insert("author_detail".into(), authors.first().map_or(Value::Null, one));
    more.insert("authors".into(), Value::Array(authors.iter().map(one).collect()));
    more.insert("contributors".into(), Value::Array(contributors.iter().map(one).collect()));
}

fn tags(categories: &[Category]) -> Value {
    let tag = |tag: &Category| json!({ "term": tag.term, "scheme": tag.scheme, "label": tag.label });
    Value::Array(categories.iter().map(tag).collect())
}

fn image(image: &Image) -> Value {
    json!({ "href": image.uri, "title": image.title, "link": image.link.as_ref().map(|link| &link.href) })
}

/// Files that belong to an entry: enclosure links, and what feed-rs keeps as media.
fn enclosures(entry: &Entry) -> Value {
    let linked = entry.links.iter().filter(|link| link.rel.as_deref() == Some("enclosure"));
    let linked = linked.map(|link| {
        json!({ "href": link.href, "type": link.media_type, "length": link.length.map(|length| length.to_string()) })
    });
    let files = entry.media.iter().flat_map(|media| &media.content).filter(|file| file.url.is_some());
    let files = files.map(|file| {
        json!({
            "href": file.url.as_ref().map(ToString::to_string),
            "type": file.content_type.as_ref().map(ToString::to_string),
            "length": file.size.map(|size| size.to_string()),
        })
    });
    Value::Array(linked.chain(files).collect())
}

fn media(media: &MediaObject) -> Value {
    let file = |file: &feed_rs::model::MediaContent| {
        json!({
            "url": file.url.as_ref().map(ToString::to_string),
            "type": file.content_type.as_ref().map(ToString::to_string),
            "width": file.width,
            "height": file.height,
        })
    };
    json!({
        "title": media.title.as_ref().map(|title| &title.content),
        "content": media.content.iter().map(file).collect::<Vec<_>>(),
        "thumbnails": media.thumbnails.iter().map(|thumbnail| &thumbnail.image.uri).collect::<Vec<_>>(),
    })
}
