//! Where an element leads: links, the links in drawings, the places on a picture.

use super::escapes;
use super::media::web;
use crate::model::CanonicalUrl;
use scraper::ElementRef;
use url::Url;

/// Where a link leads, where it leads anywhere: an absolute URL, or a path of the page's own host as it stands.
pub(super) fn link(element: ElementRef<'_>) -> Option<String> {
    let href = of(element)?;
    let path = || Some(escapes::url(href)).filter(|path| path.starts_with('/') && path.len() > 1);
    let link = web(href).or_else(path)?;
    Some(unwrapped(&link).unwrap_or(link))
}

/// The `href` of an element as it stands; in a drawing it is called `xlink:href`.
pub(super) fn of(element: ElementRef<'_>) -> Option<&str> {
    element.value().attrs().find(|(key, _)| *key == "href" || key.ends_with(":href")).map(|(_, link)| link)
}

/// The words of a place on a picture (`<area>`); empty where it has none.
pub(super) fn area_words(element: ElementRef<'_>) -> &str {
    let words = ["alt", "title"].into_iter().find_map(|name| element.value().attr(name));
    words.map(str::trim).unwrap_or_default()
}

/// WeChat's pages that only lead on to another.
const WRAPPERS: [&str; 2] = ["/mp/jumptoweixin", "/mp/wappoc_appmsgcaptcha"];

/// The page behind a redirect of WeChat's own. The redirect itself is no link to keep: it leads by way of a captcha, and holds a
/// token of whoever copied it.
fn unwrapped(link: &str) -> Option<String> {
    if !WRAPPERS.iter().any(|path| link.contains(path)) {
        return None;
    }
    let url = Url::parse("https://mp.weixin.qq.com/").ok()?.join(link).ok()?;
    let wraps = url.host_str() == Some("mp.weixin.qq.com") && WRAPPERS.contains(&url.path());
    CanonicalUrl::from_url(url).ok().filter(|_| wraps).map(|url| url.to_string())
}
