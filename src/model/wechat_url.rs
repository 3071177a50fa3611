//! What WeChat does to its URLs, and how we undo it (our research, "URL forms and identity").
//!
//! Identity is (biz, mid, idx). `sn` and `chksm` are credentials for fetching: they stay in the URL, and are no part of a key.

use crate::model::url::drop_parameters;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use url::Url;

/// The host of every WeChat article page.
pub(crate) const HOST: &str = "mp.weixin.qq.com";

/// The path of the verification page.
pub(crate) const CAPTCHA_PATH: &str = "/mp/wappoc_appmsgcaptcha";

/// Hosts of WeChat's pictures; they share ids.
const PICTURE_HOSTS: &[&str] = &["mmbiz.qpic.cn", "mmbiz.qlogo.cn", "mmecoa.qpic.cn"];

/// Hosts of WeChat's sounds, videos and other files.
pub(crate) const FILE_HOSTS: &[&str] =
    &["mpvideo.qpic.cn", "res.wx.qq.com", "wx.qlogo.cn", "mmsns.qpic.cn", "findermp.video.qq.com"];

/// The host of videos: their path names the file, their query is a signature and its hour.
const VIDEO_HOST: &str = "mpvideo.qpic.cn";

/// Parameters that say who shared, scanned or opened, and a session's secrets. Never part of a canonical URL.
const NOISE: &[&str] = &[
    "scene",
    "ascene",
    "subscene",
    "sessionid",
    "clicktime",
    "enterid",
    "srcid",
    "mpshare",
    "share_token",
    "exportkey",
    "pass_ticket",
    "uin",
    "key",
    "wx_header",
    "version",
    "devicetype",
    "nettype",
    "abtest_cookie",
    "lang",
    "poc_token",
    "token",
    "forceh5",
    "from",
    "isappinstalled",
    "click_id",
    "cur_album_id",
    "sharer_shareinfo",
    "sharer_sharetime",
    "sharer_shareid",
    "sharer_shareinfo_first",
    "shareid",
    "exptype",
    "exptsubtype",
    "ref",
    "chksm_from",
];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Makes a WeChat page's or picture's URL canonical; `None` for any other host.
pub(crate) fn canonical(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    if PICTURE_HOSTS.contains(&host) {
        return Some(picture(url.clone()));
    }
    if host == VIDEO_HOST {
        // The pages' data says http, and the pages, which are https, play it over https.
        let mut url = url.clone();
        let _ = url.set_scheme("https");
        return Some(url);
    }
    if host != HOST {
        return None;
    }
    Some(page(url, 3))
}

/// `unwrap` bounds how often a redirect wrapper inside a wrapper is taken off.
fn page(url: &Url, unwrap: u8) -> Url {
    let mut url = url.clone();
    // Always https, and its own port only: the address that answers is the `hosts` option's business.
    let _ = url.set_scheme("https");
    if url.port() == Some(80) {
        let _ = url.set_port(None);
    }
    if unwrap > 0
        && let Some(target) = wrapped(&url)
    {
        return if target.host_str() == Some(HOST) { page(&target, unwrap - 1) } else { target };
    }
    if let Some((biz, mid, idx)) = raw_ids(&url) {
        let mut query = format!("__biz={biz}&mid={mid}&idx={idx}");
        for (name, other) in [("sn", "sign"), ("chksm", "chksm")] {
            if let Some(value) = parameter(&url, name).or_else(|| parameter(&url, other))
                && is_word(&value)
            {
                query = format!("{query}&{name}={value}");
            }
        }
        url.set_path("/s");
        url.set_query(Some(&query));
        return url;
    }
    if url.path().starts_with("/s/") {
        url.set_query(None);
        return url;
    }
    if url.path() == "/mp/appmsgalbum"
        && let (Some(biz), Some(album)) = (parameter(&url, "__biz"), parameter(&url, "album_id"))
        && album.bytes().all(|byte| byte.is_ascii_digit())
        && biz
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b' ' | b'-' | b'_'))
    {
        let mut query = format!("__biz={}&action=getalbum&album_id={album}", clean_biz(&biz));
        // As JSON it is one answer of several, each a resource of its own; as a page it is the album.
        if parameter(&url, "f").as_deref() == Some("json") {
            for name in ["count", "begin_msgid", "begin_itemidx", "is_reverse", "f"] {
                if let Some(value) = parameter(&url, name).filter(|value| is_word(value)) {
                    query = format!("{query}&{name}={value}");
                }
            }
        }
        url.set_query(Some(&query));
        return url;
    }
    drop_parameters(&mut url, |name| NOISE.contains(&name));
    url
}

fn is_word(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The page that a redirect wrapper leads to (`/mp/jumptoweixin?link=`, `/mp/wappoc_appmsgcaptcha?target_url=`).
fn wrapped(url: &Url) -> Option<Url> {
    let inner = match url.path() {
        "/mp/jumptoweixin" => parameter(url, "link")?,
        CAPTCHA_PATH => parameter(url, "target_url")?,
        _ => return None,
    };
    let mut target = Url::parse(&inner).ok()?;
    target.set_fragment(None);
    (matches!(target.scheme(), "http" | "https") && target.host_str().is_some()).then_some(target)
}

fn picture(mut url: Url) -> Url {
    let _ = url.set_scheme("https");
    drop_parameters(&mut url, |name| !matches!(name, "wx_fmt" | "from" | "watermark"));
    let segments: Vec<&str> = url.path().trim_start_matches('/').split('/').collect();
    // {kind}/{id}/{size}: size 0 is the original.
    if let [kind, id, size] = segments[..]
        && !id.is_empty()
        && !size.is_empty()
        && size.bytes().all(|byte| byte.is_ascii_digit())
    {
        let path = format!("/{kind}/{id}/0");
        url.set_path(&path);
    }
    url
}

pub(crate) fn is_picture(url: &Url) -> bool {
    url.host_str().is_some_and(|host| PICTURE_HOSTS.contains(&host))
}

pub(crate) fn picture_fallback(url: &Url, named: Option<&str>) -> Option<Url> {
    if !is_picture(url) {
        return None;
    }
    let named = named.and_then(|named| Url::parse(named).ok());
    let size = named.as_ref().and_then(|named| named.path().rsplit('/').next());
    let is_size = |size: &&str| (1..=4).contains(&size.len()) && size.bytes().all(|byte| byte.is_ascii_digit());
    let size = size.filter(is_size).filter(|size| *size != "0").unwrap_or("640");
    let path = format!("{}/{size}", url.path().strip_suffix("/0")?);
    let mut url = url.clone();
    url.set_path(&path);
    Some(url)
}

pub(crate) fn lasting(url: &Url) -> Option<Url> {
    if url.host_str() != Some(VIDEO_HOST) {
        return None;
    }
    let mut lasting = url.clone();
    lasting.set_query(None);
    Some(lasting)
}

/// The ids that a canonical or raw URL names.
pub(crate) fn ids(url: &Url) -> Option<(u64, u64, u32)> {
    if url.host_str() != Some(HOST) {
        return None;
    }
    let (biz, mid, idx) = raw_ids(url)?;
    Some((bizuin_of(&biz)?, mid, idx))
}

fn raw_ids(url: &Url) -> Option<(String, u64, u32)> {
    if !matches!(url.path(), "/s" | "/s/" | "/mp/appmsg/show") {
        return None;
    }
    let number = |name: &str, other: &str| parameter(url, name).or_else(|| parameter(url, other));
    let biz = clean_biz(&parameter(url, "__biz")?);
    bizuin_of(&biz)?;
    let mid = number("mid", "appmsgid")?.parse().ok()?;
    let idx = number("idx", "itemidx")?.parse().ok()?;
    (mid > 0 && idx > 0).then_some((biz, mid, idx))
}

pub(crate) fn rank(url: &Url) -> u8 {
    if url.host_str() != Some(HOST) {
        0
    } else if url.path().strip_prefix("/s/").is_some_and(is_token) {
        3
    } else if raw_ids(url).is_none() {
        0
    } else if parameter(url, "chksm").is_some() {
        2
    } else {
        1
    }
}

/// Whether this can be a short link's token: base64url, 22 letters wherever one was seen (our research, "URL forms and identity"), with
/// room for longer ones to come (judgement).
fn is_token(text: &str) -> bool {
    (20..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The number inside a `__biz` value: base64 of decimal digits, whose `=` padding may be missing or percent-encoded.
pub(crate) fn bizuin_of(biz: &str) -> Option<u64> {
    let bytes = BASE64.decode(clean_biz(biz)).ok()?;
    std::str::from_utf8(&bytes).ok()?.parse().ok()
}

/// The other way round.
pub(crate) fn biz_of(bizuin: u64) -> String {
    base64::engine::general_purpose::STANDARD.encode(bizuin.to_string())
}

/// Repairs what links do to base64: a space for `+`, lost or encoded padding.
fn clean_biz(biz: &str) -> String {
    let body = biz.trim().replace("%3D", "=").replace("%3d", "=").replace(' ', "+");
    let body = body.trim_end_matches('=');
    let padding = (4 - body.len() % 4) % 4;
    format!("{body}{}", "=".repeat(padding))
}

/// A parameter's value, also where the link's `&` was escaped as `&amp;` (once or more).
fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| {
            let mut key: &str = key;
            while let Some(rest) = key.strip_prefix("amp;") {
                key = rest;
            }
            key == name
        })
        .map(|(_, value)| value.into_owned())
}
