//! What a feed turned out to be, in plain words for its owner.

use super::{Look, Shows, list_of};
use crate::extract::wechat::listing::Listing;
use crate::model::Document;

/// What the feed is, and by which ways it is watched.
pub(crate) fn what(look: &Look<'_>) -> String {
    let said = match &look.shows {
        Shows::Feed(feed) => {
            let wechat = feed.all.iter().filter(|entry| entry.url.is_wechat()).count();
            match (wechat, feed.all.len()) {
                (0, all) => format!("it is a feed; entries: {all}"),
                (wechat, all) => {
                    format!("it is a feed; entries: {all}, WeChat articles among them: {wechat}, asked for one by one")
                }
            }
        }
        Shows::Sitemap(sitemap) => format!("it is a sitemap; pages: {}", sitemap.pages.len()),
        Shows::List(listing) => of_list(listing, look),
        Shows::Article(document) if list_of(look.target).is_none() => of_article(document, look),
        Shows::Article(_) | Shows::Gone(_) => "its article is gone; it is watched by the ways that are left".to_owned(),
    };
    said.chars().filter(|letter| !letter.is_control()).collect()
}

/// Whether WeChat comes into it.
pub(crate) fn is_wechat(look: &Look<'_>) -> bool {
    match &look.shows {
        Shows::Feed(feed) => feed.all.iter().any(|entry| entry.url.is_wechat()),
        Shows::Sitemap(_) => false,
        Shows::List(_) => true,
        Shows::Article(document) => document.wechat.is_some(),
        Shows::Gone(_) => look.target.url.is_wechat(),
    }
}

fn of_list(listing: &Listing, look: &Look<'_>) -> String {
    let title = listing.title.as_deref().map(|title| format!(" “{title}”")).unwrap_or_default();
    let account = listing.account.as_deref().map(|account| format!(" of {account}")).unwrap_or_default();
    let total = listing.total.map_or_else(String::new, |total| format!(" with {total} articles"));
    let most = look.follow.max_articles;
    format!("it is a WeChat album{title}{account}{total}; it is read page by page, at most {most} articles back")
}

fn of_article(document: &Document, look: &Look<'_>) -> String {
    if document.wechat.is_none() {
        return "it is a page, looked at again at every poll".to_owned();
    }
    let follow = look.follow;
    let mut ways = vec!["this page".to_owned()];
    if follow.albums {
        ways.push("its albums and its neighbours there".to_owned());
    }
    if follow.past_issues > 0 {
        ways.push(format!("{} steps of past issues and links within the account", follow.past_issues));
    }
    if look.has_session {
        ways.push("the list of your own back-end".to_owned());
    }
    let account = document.account.as_deref().unwrap_or("its account");
    let more = if ways.len() == 1 { "; set follow to find more articles of it" } else { "" };
    format!("it is a WeChat article: {account} is watched by {}{more}", ways.join(", "))
}
