//! The fields of an article, each from its best source (our research, "Field sources").

use super::dom;
use super::escapes;
use super::sources::{Sources, first};
use crate::model::Document;
use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone as _};

/// China's zone, in which all of WeChat's local times are.
const CHINA: i32 = 8 * 3600;

/// Reads all plain fields into the document.
pub(super) fn read(sources: &Sources<'_>, document: &mut Document) {
    document.title = title(sources, document);
    document.account = account(sources, document);
    document.author = author(sources, document);
    document.published = published(sources, document);
    document.place = place(sources, document);
    document.cover = cover(sources, document);
    document.summary = summary(sources, document);
}

fn note(document: &mut Document, field: &str, found: Option<(&'static str, String)>) -> Option<String> {
    let (source, text) = found?;
    document.provenance.insert(field.to_owned(), source.to_owned());
    Some(text)
}

fn title(sources: &Sources<'_>, document: &mut Document) -> Option<String> {
    let (data, dom) = (&sources.data, &sources.dom);
    let entry = sources.hints.entry.and_then(|entry| entry.title.clone());
    let found = first(&[
        ("cgiDataNew.title", &|| sources.words("title")),
        ("msg_title", &|| data.words("msg_title")),
        ("window.title", &|| data.words("title")),
        ("#activity-name", &|| dom.text_of("activity-name")),
        ("og:title", &|| dom.meta("og:title").map(|text| text.replace("\\n", " "))),
        ("#js_text_title", &|| dom.text_of("js_text_title")),
        ("#video_title", &|| dom.text_of("video_title")),
        ("<title>", &|| dom.page_title()),
        ("entry", &|| entry.clone()),
    ]);
    note(document, "title", found)
}

fn account(sources: &Sources<'_>, document: &mut Document) -> Option<String> {
    let (data, dom) = (&sources.data, &sources.dom);
    let by_class = |class: &str| dom.with_class(class).map(dom::text).find(|text| !text.is_empty());
    let found = first(&[
        ("cgiDataNew.nick_name", &|| sources.words("nick_name")),
        ("nickname", &|| data.words("nickname")),
        ("nick_name", &|| data.words("nick_name")),
        ("#js_name", &|| dom.text_of("js_name")),
        (".wx_follow_nickname", &|| by_class("wx_follow_nickname")),
        (".account_nickname_inner", &|| by_class("account_nickname_inner")),
        (".profile_nickname", &|| by_class("profile_nickname")),
        ("#post-user", &|| dom.text_of("post-user")),
    ]);
    note(document, "account", found)
}

fn author(sources: &Sources<'_>, document: &mut Document) -> Option<String> {
    let (data, dom) = (&sources.data, &sources.dom);
    let found = first(&[
        ("cgiDataNew.author", &|| sources.words("author")),
        ("author", &|| data.words("author")),
        ("#js_author_name", &|| dom.text_of("js_author_name")),
        ("og:article:author", &|| dom.meta("og:article:author")),
        ("meta author", &|| dom.meta("author")),
        (".rich_media_meta_text", &|| written_author(sources)),
    ]);
    note(document, "author", found)
}

/// The author as old templates show it: the first piece of the line under the title that has no id of its own and is no date.
fn written_author(sources: &Sources<'_>) -> Option<String> {
    let line = sources.dom.by_id("meta_content").or_else(|| sources.dom.by_id("img-content"))?;
    let inside = |element: &scraper::ElementRef<'_>| element.ancestors().any(|above| above.id() == line.id());
    sources
        .dom
        .with_class("rich_media_meta_text")
        .filter(|element| element.value().attr("id").is_none() && inside(element))
        .map(dom::text)
        .find(|text| !text.is_empty() && moment(text).is_none())
}

fn published(sources: &Sources<'_>, document: &mut Document) -> Option<DateTime<FixedOffset>> {
    let (data, dom) = (&sources.data, &sources.dom);
    let entry = sources.hints.entry.and_then(|entry| entry.published).map(|at| at.timestamp().to_string());
    let asks: [(&'static str, &dyn Fn() -> Option<String>); 11] = [
        ("cgiDataNew.ori_create_time", &|| sources.raw("ori_create_time")),
        ("cgiDataNew.create_timestamp", &|| sources.raw("create_timestamp")),
        ("ct", &|| data.text("ct")),
        ("oriCreateTime", &|| data.text("oriCreateTime")),
        ("create_time", &|| data.text("create_time")),
        ("cgiDataNew.create_time", &|| sources.raw("create_time")),
        ("createTime", &|| data.text("createTime")),
        ("publish_time", &|| data.text("publish_time")),
        ("#post-date", &|| dom.text_of("post-date")),
        ("#publish_time", &|| dom.text_of("publish_time")),
        ("entry", &|| entry.clone()),
    ];
    let (source, at) = asks.iter().find_map(|(name, ask)| Some((*name, moment(&ask()?)?)))?;
    document.provenance.insert("published".to_owned(), source.to_owned());
    Some(at)
}

/// A time as the pages write it: seconds since 1970, or a local date with or without the time of day.
pub(super) fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let zone = FixedOffset::east_opt(CHINA)?;
    let text = text.trim();
    if text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // WeChat's accounts began in August 2012.
        let seconds: i64 = text.parse().ok().filter(|seconds| *seconds > 1_340_000_000)?;
        return zone.timestamp_opt(seconds, 0).single();
    }
    let text = text.replace(['年', '月'], "-").replace('日', "");
    let whole = if text.contains(':') { text } else { format!("{text} 00:00") };
    let local = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&whole, form).ok())?;
    zone.from_local_datetime(&local).single()
}

/// The province for China, the country elsewhere. The page may hide it, the value stands all the same.
fn place(sources: &Sources<'_>, document: &mut Document) -> Option<String> {
    let found = place_told(sources);
    note(document, "place", found)
}

/// The place that a page tells, and where it tells it: an article's, or an account's on the account's own page.
pub(super) fn place_told(sources: &Sources<'_>) -> Option<(&'static str, String)> {
    let ip = sources.data.structure("ip_wording");
    let shown = |country: Option<String>, id: Option<String>, province: Option<String>| {
        let china = id.as_deref().is_none_or(|id| id == "156");
        if china { province.or(country) } else { country.or(province) }
    };
    first(&[
        ("cgiDataNew.ip_wording", &|| {
            let raw = |name: &str| sources.words(&format!("ip_wording.{name}"));
            shown(raw("country_name"), raw("country_id"), raw("province_name"))
        }),
        ("ip_wording", &|| {
            let text = |name: &str| ip.get(name).text();
            shown(text("countryName"), text("countryId"), text("provinceName"))
        }),
        ("#js_ip_wording", &|| sources.dom.text_of("js_ip_wording")),
    ])
}

fn cover(sources: &Sources<'_>, document: &mut Document) -> Option<String> {
    let (data, dom) = (&sources.data, &sources.dom);
    let immersive = || {
        let frame = dom.by_id("js_row_immersive_cover_img")?;
        let image = frame
            .descendants()
            .filter_map(scraper::ElementRef::wrap)
            .find(|element| element.value().name() == "img")?;
        image.value().attr("src").map(str::to_owned)
    };
    let found = first(&[
        ("cgiDataNew.cdn_url", &|| sources.raw("cdn_url").filter(is_web)),
        ("msg_cdn_url", &|| data.text("msg_cdn_url").filter(is_web)),
        ("cover", &|| data.text("cover").filter(is_web)),
        ("cdn_url", &|| data.text("cdn_url").filter(is_web)),
        ("og:image", &|| dom.meta("og:image").filter(is_web)),
        ("cgiDataNew.cdn_url_235_1", &|| sources.raw("cdn_url_235_1").filter(is_web)),
        ("cgiDataNew.cdn_url_1_1", &|| sources.raw("cdn_url_1_1").filter(is_web)),
        ("cdn_url_235_1", &|| data.text("cdn_url_235_1").filter(is_web)),
        ("twitter:image", &|| dom.meta("twitter:image").filter(is_web)),
        ("#js_row_immersive_cover_img", &|| immersive().filter(is_web)),
    ]);
    note(document, "cover", found).map(|url| escapes::url(&url))
}

#[expect(clippy::ptr_arg, reason = "shaped for Option<String>::filter")]
fn is_web(url: &String) -> bool {
    let url = url.trim();
    url.starts_with("http://") || url.starts_with("https://")
}

fn summary(sources: &Sources<'_>, document: &mut Document) -> Option<String> {
    let (data, dom) = (&sources.data, &sources.dom);
    // The tree takes one layer of escapes off an attribute; WeChat's descriptions have another.
    let meta = |name: &str| dom.meta(name).map(|text| escapes::entities(&text).into_owned());
    let found = first(&[
        ("cgiDataNew.desc", &|| sources.words("desc")),
        ("msg_desc", &|| data.words("msg_desc")),
        ("desc", &|| data.words("desc")),
        ("og:description", &|| meta("og:description")),
        ("meta description", &|| meta("description")),
    ]);
    let summary = note(document, "summary", found)?;
    Some(unlinked(&summary))
}

/// A summary without the tags of its links: a picture post's is its caption, links and all. Any other tag is what its author wrote of.
fn unlinked(summary: &str) -> String {
    let mut plain = String::with_capacity(summary.len());
    let mut rest = summary;
    while let Some(at) = rest.find("<a ") {
        let tag = rest[at..].find('>').map(|end| &rest[at..=at + end]).filter(|tag| tag.contains('='));
        let words = tag.and_then(|tag| Some((tag, rest[at + tag.len()..].find("</a>")?)));
        let Some((tag, end)) = words else {
            plain.push_str(&rest[..at + "<a ".len()]);
            rest = &rest[at + "<a ".len()..];
            continue;
        };
        let inner = &rest[at + tag.len()..];
        plain.push_str(&rest[..at]);
        plain.push_str(&inner[..end]);
        rest = &inner[end + "</a>".len()..];
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tags_of_links_leave_a_summary() {
        let caption = "水 <a class=\"wx_img_refer_link\" data-refer=\"图2\">图2</a> 涨了 <a href='x'>甲</a>";
        assert_eq!(unlinked(caption), "水 图2 涨了 甲");
        for code in ["以 <br> 换行，</p> 结束", "<a > 与 </a>", "<a href=\"x\"> 是链接", "a < b <a "] {
            assert_eq!(unlinked(code), code);
        }
    }
}
