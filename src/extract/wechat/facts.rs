//! WeChat's own facts of an article, ids apart: account, kind, copyright, what a repost repeats, what is paid for.

use super::content;
use super::dom;
use super::escapes;
use super::fields::moment;
use super::media;
use super::sources::{Sources, one_line};
use crate::model::{CanonicalUrl, Original, WeChatFacts, url::bizuin_of};

/// Reads the facts.
pub(super) fn read(sources: &Sources<'_>) -> WeChatFacts {
    let copyright = copyright(sources);
    let original = (copyright.as_deref() == Some("repost") || share_card(sources).is_some()).then(|| original(sources));
    WeChatFacts {
        account_id: of(sources, "user_name", &["user_name"]),
        alias: of(sources, "alias", &["alias"]).filter(|alias| alias.len() <= 60),
        item_show_type: item_show_type(sources),
        original: original.filter(|original| *original != Original::default()),
        preview_only: is_preview(sources),
        modified: of(sources, "modify_time", &["modify_time"]).and_then(|text| moment(&text)),
        copyright,
        template: Some(template(sources).to_owned()),
        ..WeChatFacts::default()
    }
}

/// A text of the data object, else of the first variable that has one.
fn of(sources: &Sources<'_>, path: &str, names: &[&str]) -> Option<String> {
    sources.raw(path).or_else(|| names.iter().find_map(|name| sources.data.text(name)))
}

/// The kind of page by number. Zero is a value here, so it is read apart; and an empty text is none.
pub(super) fn item_show_type(sources: &Sources<'_>) -> Option<u32> {
    let object = sources.object();
    let own = ["item_show_type", "real_item_show_type"].iter().find_map(|name| object.get(name).count());
    let named = || ["real_item_show_type", "item_show_type"].iter().find_map(|name| sources.data.count(name));
    own.or_else(named).and_then(|number| u32::try_from(number).ok())
}

fn copyright(sources: &Sources<'_>) -> Option<String> {
    let own = sources.object().at("copyright_info.copyright_stat").count();
    let named = || ["_copyright_stat", "copyright_stat"].iter().find_map(|name| sources.data.count(name));
    let shown = || sources.dom.text_of("copyright_logo").is_some_and(|text| text.contains("原创"));
    let stat = own.or_else(named);
    let word = match stat {
        Some(1) => "original",
        Some(2) => "repost",
        _ if shown() => "original",
        Some(_) => "none",
        None => return None,
    };
    Some(word.to_owned())
}

/// What a repost repeats: from the data, the variables, and the card above the body.
fn original(sources: &Sources<'_>) -> Original {
    let info = |name: &str| sources.raw(&format!("copyright_info.{name}"));
    let (tips_account, author) = sources.dom.with_class("original_primary_card_tips").next().map_or((None, None), tips);
    let by_class = |class: &'static str| sources.dom.with_class(class).map(dom::text).find(|text| !text.is_empty());
    let account = info("platform")
        .map(|name| one_line(&escapes::entities(&name)))
        .or_else(|| by_class("original_primary_nickname"))
        .or_else(|| sources.dom.text_of("js_share_author"))
        .or(tips_account);
    let url = info("reprint_url").and_then(|url| CanonicalUrl::parse(&escapes::url(&url)).ok());
    Original {
        account,
        account_id: of(sources, "copyright_info.source_username", &["source_username"]),
        author,
        url: url.or_else(|| share_card(sources)).or_else(|| url_of_ids(sources)),
    }
}

/// The line above a repost: 以下文章来源于渡口纪事 ，作者阿渡.
fn tips(line: scraper::ElementRef<'_>) -> (Option<String>, Option<String>) {
    let line = dom::text(line);
    let rest = line.strip_prefix("以下文章来源于").unwrap_or_default();
    let (account, author) = rest.rsplit_once("作者").unwrap_or((rest, ""));
    let clean = |text: &str| {
        let text =
            text.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '，' | ',' | '：' | ':'));
        Some(text.to_owned()).filter(|text| !text.is_empty())
    };
    (clean(account), clean(author))
}

/// Where the card of an old repost leads.
pub(super) fn share_card(sources: &Sources<'_>) -> Option<CanonicalUrl> {
    let link = sources.dom.by_id("js_share_source")?.value().attr("data-url")?;
    CanonicalUrl::parse(&escapes::url(link)).ok()
}

fn url_of_ids(sources: &Sources<'_>) -> Option<CanonicalUrl> {
    let text = |name: &str| of(sources, &format!("copyright_info.{name}"), &[name]);
    let (biz, mid, idx) = (text("source_encode_biz")?, text("source_mid")?, text("source_idx")?);
    bizuin_of(&biz)?;
    CanonicalUrl::parse(&format!("https://mp.weixin.qq.com/s?__biz={biz}&mid={mid}&idx={idx}")).ok()
}

/// Whether this is only the free part of a paid article. That it has a price proves nothing: who paid gets all of it.
fn is_preview(sources: &Sources<'_>) -> bool {
    if sources.dom.elements().any(|element| element.value().name() == "mp-pay-preview-filter") {
        return true;
    }
    let object = sources.object();
    let costs = object.get("is_pay_subscribe").count() == Some(1)
        || ["is_pay_subscribe", "need_pay"].iter().any(|name| sources.data.count(name) == Some(1));
    let paid = object.at("user_info.is_paid").count().or_else(|| sources.data.count("is_paid"));
    // Where the page does not say who asks, an empty frame is what one gets who did not pay.
    let shows_nothing = || sources.dom.by_id("js_content").is_some() && !content::is_there(sources);
    costs
        && match paid {
            Some(paid) => paid == 0,
            None => shows_nothing() && !media::is_described(sources),
        }
}

/// The template's generation (our research, "Template generations").
fn template(sources: &Sources<'_>) -> &'static str {
    let data = &sources.data;
    if !sources.object().items().is_empty() {
        return if data.marks.js_decode { "G3" } else { "G4" };
    }
    if data.marks.minified_time {
        "G1"
    } else if data.marks.xml_choice || data.text("oriCreateTime").is_some() {
        "G2"
    } else {
        "G0"
    }
}
