//! An album: `getalbum`'s JSON, and the page that a browser shows.

use super::said;
use super::{Cursor, Listed, Listing, ListingError};
use crate::extract::wechat::data::Data;
use crate::extract::wechat::dom::{Dom, text as text_of};
use crate::extract::wechat::sources::{Sources, one_line};
use crate::extract::wechat::value::Value;
use crate::extract::wechat::{escapes, fields, media, notices, split};
use crate::extract::{Hints, Page, charset};
use crate::model::{CanonicalUrl, PageStatus};
use serde_json::Value as Json;
use url::Url;

/// Where albums are.
const ADDRESS: &str = "https://mp.weixin.qq.com/mp/appmsgalbum";

/// How many articles an answer may hold: the most that the page itself asks for.
const COUNT: &str = "20";

/// The URL that lists an album from a cursor on, as JSON, in the album's own order. No account is needed.
///
/// `biz` and `album_id` stand as the album's own URL has them; anything in them that is no part of an id is escaped. `None` where
/// the cursor is not an album's.
pub fn album_url(biz: &str, album_id: &str, cursor: Option<&Cursor>) -> Option<CanonicalUrl> {
    let mut url = Url::parse(ADDRESS).ok()?;
    let mut query = url.query_pairs_mut();
    query.append_pair("__biz", biz).append_pair("action", "getalbum").append_pair("album_id", album_id);
    query.append_pair("count", COUNT);
    match cursor {
        None => {}
        Some(Cursor::After { mid, idx }) => {
            query.append_pair("begin_msgid", &mid.to_string()).append_pair("begin_itemidx", &idx.to_string());
        }
        Some(Cursor::From(_)) => return None,
    }
    query.append_pair("f", "json");
    drop(query);
    CanonicalUrl::from_url(url).ok()
}

/// Reads an album's answer, JSON or page.
///
/// # Errors
/// When it says why it lists nothing, or is neither.
pub fn album(bytes: &[u8]) -> Result<Listing, ListingError> {
    let start = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if start == Some(&b'{') { of_json(bytes) } else { of_page(bytes) }
}

fn of_json(bytes: &[u8]) -> Result<Listing, ListingError> {
    let answer = said::answer(bytes)?;
    said::refusal(&answer)?;
    let album = answer.get("getalbum_resp").ok_or_else(|| said::unreadable("it has no getalbum_resp"))?;
    let info = album.get("base_info");
    let about = |name: &str| said::text(info.and_then(|info| info.get(name)));
    let account = about("nickname");
    let entries: Vec<Listed> =
        said::items(album.get("article_list")).iter().filter_map(|item| of_item(item, account.as_deref())).collect();
    let goes_on = said::number(album.get("continue_flag")).unwrap_or(0) != 0;
    let total = said::number(info.and_then(|info| info.get("article_count")));
    Ok(Listing {
        title: about("title"),
        description: about("description"),
        account_id: about("username"),
        account,
        total: total.and_then(|total| u64::try_from(total).ok()),
        next: next(&entries, goes_on),
        entries,
    })
}

fn of_item(item: &Json, account: Option<&str>) -> Option<Listed> {
    let url = CanonicalUrl::parse(&escapes::url(item.get("url")?.as_str()?)).ok()?;
    let cover = ["cover_img_1_1", "cover"].iter().find_map(|name| media::web(item.get(name)?.as_str()?));
    Some(Listed {
        url,
        title: said::text(item.get("title")).unwrap_or_default(),
        account: account.map(str::to_owned),
        published: said::moment(item.get("create_time")),
        author: said::text(item.get("author")),
        summary: said::text(item.get("digest")),
        cover,
        item_show_type: said::number(item.get("item_show_type")).and_then(|number| u32::try_from(number).ok()),
        is_deleted: said::number(item.get("is_deleted")).unwrap_or(0) != 0,
        position: said::position(said::number(item.get("msgid")), said::number(item.get("itemidx"))),
    })
}

/// After the last article that tells its place, where the album goes on.
fn next(entries: &[Listed], goes_on: bool) -> Option<Cursor> {
    let (mid, idx) = entries.iter().rev().find_map(place).filter(|_| goes_on)?;
    Some(Cursor::After { mid, idx })
}

fn place(entry: &Listed) -> Option<(u64, u32)> {
    entry.position.or_else(|| entry.url.wechat_ids().map(|(_, mid, idx)| (mid, idx)))
}

fn of_page(bytes: &[u8]) -> Result<Listing, ListingError> {
    let (page_text, _) = charset::decode(bytes, "");
    let address = CanonicalUrl::parse(ADDRESS).map_err(|why| said::unreadable(&why.to_string()))?;
    let page = Page { url: &address, final_url: &address, content_type: "text/html", payload: bytes };
    let split = split::split(&page_text);
    let (data, dom) = (Data::read(&split.scripts), Dom::parse(&split.markup));
    let sources = Sources { page, hints: Hints::default(), data, dom };
    let listing = of_sources(&sources);
    if !listing.entries.is_empty() || listing.total == Some(0) {
        return Ok(listing);
    }
    match notices::classify(&sources, &split) {
        Some(notice) if notice.status == PageStatus::Blocked => Err(ListingError::HeldBack),
        Some(notice) if notice.status == PageStatus::BadLink => Err(ListingError::Missing),
        Some(notice) if notice.reason.is_some() => {
            Err(ListingError::Refused { code: None, said: said::message(&notice.reason.unwrap_or_default()) })
        }
        _ => Err(said::unreadable("it is a page, but no album's")),
    }
}

/// What an album's page lists, by its data, else by its markup; empty where the page is no album's.
pub(in crate::extract::wechat) fn of_sources(sources: &Sources<'_>) -> Listing {
    let data = sources.data.structure_with("cgiData", &["articleList", "albumId"]);
    let words = |name: &str| {
        let text = data.get(name).text()?;
        Some(one_line(&escapes::entities(&text))).filter(|text| !text.is_empty())
    };
    let account = words("nick_name");
    let told = data.get("articleList").items().iter();
    let mut entries: Vec<Listed> = told.filter_map(|item| of_value(item, account.as_deref())).collect();
    if entries.is_empty() {
        entries = of_markup(sources, account.as_deref());
    }
    let goes_on = data.get("continue_flag").number().unwrap_or(0.0) != 0.0;
    Listing {
        title: words("title"),
        description: words("desc"),
        account_id: words("user_name"),
        account,
        total: data.get("article_count").count().map(|count| count as u64),
        next: next(&entries, goes_on),
        entries,
    }
}

fn of_value(item: &Value, account: Option<&str>) -> Option<Listed> {
    let number = |name: &str| item.get(name).text().and_then(|text| text.trim().parse().ok());
    Some(Listed {
        url: CanonicalUrl::parse(&escapes::url(&item.get("url").text()?)).ok()?,
        title: one_line(&escapes::entities(&item.get("title").text().unwrap_or_default())),
        account: account.map(str::to_owned),
        published: item.get("create_time").text().and_then(|text| fields::moment(&text)).map(|at| at.to_utc()),
        author: None,
        summary: None,
        cover: item.get("cover_img_1_1").text().and_then(|url| media::web(&url)),
        item_show_type: item.get("item_show_type").count().map(|number| number as u32),
        is_deleted: false,
        position: said::position(number("msgid"), number("itemidx")),
    })
}

fn of_markup(sources: &Sources<'_>, account: Option<&str>) -> Vec<Listed> {
    let listed = |item: scraper::ElementRef<'_>| {
        let attribute = |name: &str| item.value().attr(name);
        let number = |name: &str| attribute(name).and_then(|text| text.trim().parse().ok());
        let inside = item.descendants().filter_map(scraper::ElementRef::wrap);
        let time = inside.map(text_of).find(|text| text.len() == 10).and_then(|text| fields::moment(&text));
        Some(Listed {
            url: CanonicalUrl::parse(&escapes::url(attribute("data-link")?)).ok()?,
            title: one_line(attribute("data-title").unwrap_or_default()),
            account: account.map(str::to_owned),
            published: time.map(|at| at.to_utc()),
            author: None,
            summary: None,
            cover: None,
            item_show_type: None,
            is_deleted: false,
            position: said::position(number("data-msgid"), number("data-itemidx")),
        })
    };
    sources.dom.with_class("js_album_item").filter_map(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mid: u32) -> String {
        format!(
            "{{\"msgid\":\"{mid}\",\"itemidx\":\"1\",\"title\":\"渡口 &amp; 船\",\"create_time\":\"1762747210\",\
             \"url\":\"http://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&mid={mid}&idx=1&sn=aa&chksm=bb#rd\"}}"
        )
    }

    fn answer(list: &str, goes_on: u8) -> String {
        format!(
            "{{\"base_resp\":{{\"ret\":0}},\"getalbum_resp\":{{{list}\"base_info\":{{\"title\":\"渡口系列\",\
             \"article_count\":\"66\",\"nickname\":\"渡口纪事\",\"username\":\"gh_1\"}},\"continue_flag\":\"{goes_on}\"}}}}"
        )
    }

    #[test]
    fn an_array_an_object_and_no_list_at_all() {
        let many = format!("\"article_list\":[{},{}],", entry(7), entry(8));
        let listing = album(answer(&many, 1).as_bytes()).unwrap();
        assert_eq!(listing.next, Some(Cursor::After { mid: 8, idx: 1 }));
        assert_eq!((listing.total, listing.account.as_deref()), (Some(66), Some("渡口纪事")));
        let first = &listing.entries[0];
        assert_eq!((first.title.as_str(), first.url.wechat_rank()), ("渡口 & 船", 2));
        assert_eq!(first.published.map(|at| at.timestamp()), Some(1_762_747_210));
        assert_eq!(first.hint().entry.as_deref(), Some("7_1"));
        let one = album(answer(&format!("\"article_list\":{},", entry(9)), 0).as_bytes()).unwrap();
        assert_eq!((one.entries.len(), one.next), (1, None));
        let none = album(answer("", 1).as_bytes()).unwrap();
        assert_eq!((none.entries.len(), none.next), (0, None));
    }

    #[test]
    fn the_page_lists_by_data_or_by_markup() {
        let data = "<script>window.cgiData = { albumId: '34', title: '渡口系列', nick_name: '渡口纪事', article_count: '2' * 1, \
                    articleList: [ { title: '一 \\x26amp; 二', url: 'http://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&amp;mid=7&amp;idx=1&amp;sn=aa#rd', \
                    msgid: '7', itemidx: '1', create_time: '1762747210' } , ], continue_flag: '1' * 1 };</script>";
        let listing = album(data.as_bytes()).unwrap();
        assert_eq!((listing.entries[0].title.as_str(), listing.total), ("一 & 二", Some(2)));
        assert_eq!(listing.next, Some(Cursor::After { mid: 7, idx: 1 }));
        let markup = "<ul><li class='js_album_item' data-msgid='7' data-itemidx='2' data-title='一' \
                      data-link='http://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&amp;mid=7&amp;idx=2&amp;sn=aa#rd'>\
                      <span>1762747210</span></li></ul>";
        let listing = album(markup.as_bytes()).unwrap();
        assert_eq!(listing.entries[0].position, Some((7, 2)));
        assert!(listing.entries[0].published.is_some());
    }

    #[test]
    fn refusals_are_told_apart() {
        let captcha = b"<title></title><script>window.PAGE_MID='mmbizwap:secitptpage/verify.html';</script>";
        assert_eq!(album(captcha), Err(ListingError::HeldBack));
        assert_eq!(album(b"{\"base_resp\":{\"ret\":\"10004\"}}"), Err(ListingError::Missing));
        assert!(matches!(album(b"{\"base_resp\":{\"ret\":0}}"), Err(ListingError::Unreadable { .. })));
        assert!(matches!(album(b""), Err(ListingError::Refused { .. } | ListingError::Unreadable { .. })));
    }

    #[test]
    fn the_url_to_ask_is_canonical_and_takes_no_injection() {
        let after = Cursor::After { mid: 7, idx: 2 };
        let url = album_url("MzkwMDAwMDAwMQ==", "34", Some(&after)).unwrap();
        let expected = "https://mp.weixin.qq.com/mp/appmsgalbum?__biz=MzkwMDAwMDAwMQ==&action=getalbum&album_id=34&count=20&\
                        begin_msgid=7&begin_itemidx=2&f=json";
        assert_eq!(url.as_str(), expected);
        assert_eq!(CanonicalUrl::parse(expected).unwrap(), url);
        assert!(!album_url("a&token=b\r\n", "34", None).unwrap().as_str().contains("&token"));
    }
}
