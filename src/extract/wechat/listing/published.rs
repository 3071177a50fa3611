//! The owner's own back-end (`appmsgpublish`): what an account has published, as its own editor lists it.

use super::said;
use super::{Cursor, Listed, Listing, ListingError};
use crate::extract::wechat::{escapes, media};
use crate::model::CanonicalUrl;
use serde_json::Value;
use url::Url;

/// How many publications an answer may hold: the most that the back-end gives.
const COUNT: &str = "20";

/// The URL that lists what an account published, from a publication on (0 is the newest).
///
/// It holds the session's token: never log it, never keep it, and never make it a target's URL. `biz` is the account's.
pub fn published_url(biz: &str, token: &str, from: u32) -> Option<Url> {
    let mut url = Url::parse("https://mp.weixin.qq.com/cgi-bin/appmsgpublish").ok()?;
    url.query_pairs_mut()
        .append_pair("sub", "list")
        .append_pair("search_field", "null")
        .append_pair("begin", &from.to_string())
        .append_pair("count", COUNT)
        .append_pair("query", "")
        .append_pair("fakeid", biz)
        .append_pair("type", "101_1")
        .append_pair("free_publish_type", "1")
        .append_pair("sub_action", "list_ex")
        .append_pair("token", token)
        .append_pair("lang", "zh_CN")
        .append_pair("f", "json")
        .append_pair("ajax", "1");
    Some(url)
}

/// Reads an answer of the back-end that was asked from publication `from` on: `appmsgpublish`, or the older `list_ex`.
///
/// # Errors
/// When it says why it lists nothing, or is no such answer.
pub fn published(bytes: &[u8], from: u32) -> Result<Listing, ListingError> {
    let start = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if start == Some(&b'<') {
        // The back-end answers a session that is none with its login page.
        return Err(ListingError::LoginNeeded);
    }
    let answer = said::answer(bytes)?;
    said::refusal(&answer)?;
    if let Some(list) = answer.get("app_msg_list") {
        return Ok(of_list_ex(&answer, list, from));
    }
    let page = said::nested(answer.get("publish_page")).ok_or_else(|| said::unreadable("it has no publish_page"))?;
    let groups = said::items(page.get("publish_list"));
    let entries = groups.iter().flat_map(of_group).collect();
    Ok(listing(entries, said::number(page.get("total_count")), groups.len(), from))
}

fn of_list_ex(answer: &Value, list: &Value, from: u32) -> Listing {
    let items = said::items(Some(list));
    let entries: Vec<Listed> = items.iter().filter_map(of_item).collect();
    // Here, too, it is messages that are counted, not the articles in them.
    let messages: std::collections::BTreeSet<_> = entries.iter().filter_map(|entry| entry.position).collect();
    let messages: std::collections::BTreeSet<u64> = messages.into_iter().map(|(mid, _)| mid).collect();
    listing(entries, said::number(answer.get("app_msg_cnt")), messages.len(), from)
}

fn listing(entries: Vec<Listed>, total: Option<i64>, seen: usize, from: u32) -> Listing {
    let total = total.and_then(|total| u64::try_from(total).ok());
    let next = from.saturating_add(u32::try_from(seen).unwrap_or(u32::MAX));
    let goes_on = seen > 0 && total.is_some_and(|total| u64::from(next) < total);
    Listing { total, entries, next: goes_on.then_some(Cursor::From(next)), ..Listing::default() }
}

/// The articles of one publication. Its text is empty where it was withdrawn.
fn of_group(group: &Value) -> Vec<Listed> {
    let Some(info) = said::nested(group.get("publish_info")) else { return Vec::new() };
    let lists = ["appmsgex", "appmsg_info"].map(|name| said::items(info.get(name)));
    lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default().iter().filter_map(of_item).collect()
}

fn of_item(item: &Value) -> Option<Listed> {
    let link = ["link", "content_url"].iter().find_map(|name| item.get(name)?.as_str());
    let covers = ["cover", "pic_cdn_url_235_1", "pic_cdn_url_16_9", "pic_cdn_url_1_1"];
    let yes = |name: &str| said::number(item.get(name)).unwrap_or(0) != 0;
    Some(Listed {
        url: CanonicalUrl::parse(&escapes::url(link?)).ok()?,
        title: said::text(item.get("title")).unwrap_or_default(),
        account: None,
        published: said::moment(item.get("create_time")).or_else(|| said::moment(item.get("update_time"))),
        author: said::text(item.get("author_name")).or_else(|| said::text(item.get("author"))),
        summary: said::text(item.get("digest")),
        cover: covers.iter().find_map(|name| media::web(item.get(name)?.as_str()?)),
        item_show_type: said::number(item.get("item_show_type")).and_then(|number| u32::try_from(number).ok()),
        is_deleted: yes("is_deleted"),
        position: said::position(said::number(item.get("appmsgid")), said::number(item.get("itemidx"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn publications_are_counted_and_their_articles_listed() {
        let info = json!({"type": 9, "appmsgex": [
            {"title": "一", "link": "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA", "create_time": 1_784_973_400, "item_show_type": 10,
             "itemidx": 1, "appmsgid": 7, "digest": "", "is_deleted": false},
            {"title": "二", "link": "http://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&amp;mid=7&amp;idx=2&amp;sn=aa", "itemidx": 2, "appmsgid": 7,
             "is_deleted": true, "author_name": "阿渡"},
        ]})
        .to_string();
        let groups = json!([{"publish_type": 1, "publish_info": info}, {"publish_type": 1, "publish_info": ""}]);
        let page = json!({"total_count": 30, "publish_list": groups}).to_string();
        let answer = json!({"base_resp": {"ret": 0}, "publish_page": page}).to_string();
        let listing = published(answer.as_bytes(), 20).unwrap();
        assert_eq!((listing.entries.len(), listing.total), (2, Some(30)));
        assert_eq!(listing.next, Some(Cursor::From(22)));
        assert_eq!(published(answer.as_bytes(), 28).unwrap().next, None);
        let [first, second] = &listing.entries[..] else { panic!("two articles") };
        assert_eq!((first.item_show_type, first.summary.as_deref(), first.is_deleted), (Some(10), None, false));
        assert_eq!((second.author.as_deref(), second.is_deleted, second.position), (Some("阿渡"), true, Some((7, 2))));
    }

    #[test]
    fn the_older_list_is_read_too() {
        let item = json!({"title": "一", "link": "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA", "itemidx": 1, "appmsgid": 7});
        let answer = json!({"app_msg_cnt": 2, "app_msg_list": item}).to_string();
        let listing = published(answer.as_bytes(), 0).unwrap();
        assert_eq!((listing.entries.len(), listing.next), (1, Some(Cursor::From(1))));
    }

    #[test]
    fn a_closed_door_is_no_empty_list() {
        let ret = |code: i64| json!({"base_resp": {"ret": code, "err_msg": "x"}}).to_string();
        assert_eq!(published(ret(200_003).as_bytes(), 0), Err(ListingError::LoginNeeded));
        assert_eq!(published(ret(200_013).as_bytes(), 0), Err(ListingError::HeldBack));
        assert_eq!(published(b"<html>login</html>", 0), Err(ListingError::LoginNeeded));
        assert!(matches!(published(ret(0).as_bytes(), 0), Err(ListingError::Unreadable { .. })));
        assert!(published_url("Mzk=", "1&x", 20).is_some_and(|url| url.as_str().contains("token=1%26x&lang")));
    }
}
