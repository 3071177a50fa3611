//! Players and cards in a body: video, audio, music, mini programs, other accounts.

use super::body::paragraph;
use super::media;
use super::sources::Sources;
use crate::model::Media;
use scraper::ElementRef;
use url::Url;

/// What stands in a card's place.
#[derive(Debug, Default)]
pub(super) struct Card {
    /// The markup: a line of text, linked where there is something to open.
    pub(super) html: String,
    /// What it plays.
    pub(super) media: Option<Media>,
}

impl Card {
    fn playing(kind: &str, label: &str, title: Option<String>, url: String) -> Self {
        let words = title.as_ref().map_or_else(|| label.to_owned(), |title| format!("{label}：{title}"));
        let html = paragraph(&words, Some(&url));
        Self { html, media: Some(Media { kind: kind.to_owned(), url, title }) }
    }

    fn words(words: &str) -> Self {
        Self { html: paragraph(words, None), media: None }
    }
}

/// Lines for what the data names and the body does not show: of a post that is nothing but a film, its line is the body.
pub(super) fn named(sources: &Sources<'_>, held: &[Media], shown: &[Media]) -> String {
    let unseen = held.iter().filter(|media| !shown.iter().any(|shown| shown.url == media.url));
    unseen.fold(String::new(), |html, media| {
        let label = match media.kind.as_str() {
            "video" => "视频",
            "music" => "音乐",
            _ => "音频",
        };
        let (url, length) = media::played(sources, media);
        let title = media.title.as_ref().map(|title| format!("：{title}")).unwrap_or_default();
        let length = length.map(|length| format!("（{}:{:02}）", length / 60, length % 60)).unwrap_or_default();
        html + &paragraph(&format!("{label}{title}{length}"), Some(&url))
    })
}

/// A frame, or one of the elements that play.
pub(super) fn player(element: ElementRef<'_>, sources: &Sources<'_>) -> Card {
    match element.value().name() {
        "iframe" => frame(element, sources),
        "qqmusic" => music(element),
        name => {
            let inner =
                || element.descendants().filter_map(ElementRef::wrap).find(|inner| inner.value().name() == "source");
            let source = attribute(element, &["src", "data-src"]).or_else(|| attribute(inner()?, &["src"]));
            let Some(url) = source.and_then(|url| media::web(&url)) else { return Card::default() };
            let label = if name == "video" { "视频" } else { "音频" };
            Card::playing(name, label, attribute(element, &["title", "data-title"]), url)
        }
    }
}

/// Any of WeChat's own elements (`mp-…`). What it holds is written after it.
pub(super) fn card(element: ElementRef<'_>, sources: &Sources<'_>) -> Card {
    let get = |names: &[&str]| attribute(element, names);
    match element.value().name() {
        "mpvoice" | "mp-common-mpaudio" => {
            let Some(id) = get(&["voice_encode_fileid"]) else { return Card::default() };
            Card::playing("audio", "音频", get(&["name"]).map(|name| unpercented(&name)), media::voice(&id))
        }
        "mp-common-qqmusic" | "mp-common-plain-music" => music(element),
        "mpvideosnap" | "mp-common-videosnap" => {
            let words: Vec<String> = [get(&["data-nickname"]), get(&["data-desc"])].into_iter().flatten().collect();
            Card::words(&format!("视频号：{}", words.join(" · ")))
        }
        "mp-common-miniprogram" | "mp-miniprogram" | "mp-weapp" => {
            let title = get(&["data-miniprogram-title", "data-miniprogram-nickname"]);
            title.map_or_else(Card::default, |title| Card::words(&format!("小程序：{title}")))
        }
        "mp-common-profile" => {
            let name = get(&["data-nickname"]);
            name.map_or_else(Card::default, |name| Card::words(&format!("公众号：{name}")))
        }
        "mp-common-sticker" => {
            let Some(url) = get(&["data-emoji_url", "data-src"]).and_then(|url| media::web(&url)) else {
                return Card::default();
            };
            Card { html: picture(&url), media: None }
        }
        "mpvideo" | "mp-video" => {
            let vid = get(&["data-mpvid", "vid", "data-vid"]);
            vid.map_or_else(Card::default, |vid| video(&vid, None, sources))
        }
        _ => {
            let said = [get(&["data-title"]), get(&["data-nickname"]), get(&["data-desc"])];
            let said: Vec<String> = said.into_iter().flatten().collect();
            let url = get(&["data-url", "data-link"]).and_then(|url| media::web(&url));
            if said.is_empty() {
                return Card::default();
            }
            Card { html: paragraph(&said.join(" · "), url.as_deref()), media: None }
        }
    }
}

fn frame(element: ElementRef<'_>, sources: &Sources<'_>) -> Card {
    let source = attribute(element, &["data-src", "src"]).and_then(|url| media::web(&url));
    let inner = source.as_deref().and_then(|source| Url::parse(source).ok());
    let vid = attribute(element, &["data-mpvid", "data-vidid"]).or_else(|| {
        let url = inner.as_ref()?;
        url.query_pairs().find(|(name, _)| name == "vid").map(|(_, vid)| vid.into_owned())
    });
    if let Some(vid) = vid.filter(|vid| !vid.is_empty()) {
        return video(&vid, attribute(element, &["data-title"]), sources);
    }
    match (source, inner) {
        // Votes and the like work only inside WeChat.
        (Some(source), Some(url)) if url.host_str() != Some("mp.weixin.qq.com") => {
            Card { html: paragraph("嵌入内容", Some(&source)), media: None }
        }
        _ => Card::default(),
    }
}

fn video(vid: &str, title: Option<String>, sources: &Sources<'_>) -> Card {
    let player = media::player(vid);
    let mut card = Card::playing("video", "视频", title, player);
    // The file's own URL soon expires: good for fetching it now, not for a reader to follow.
    if let (Some(file), Some(media)) = (media::file_of_video(sources, vid), card.media.as_mut()) {
        media.url = file;
    }
    card
}

fn music(element: ElementRef<'_>) -> Card {
    let get = |names: &[&str]| attribute(element, names);
    let said: Vec<String> =
        [get(&["songname", "music_name", "data-title"]), get(&["singer"])].into_iter().flatten().collect();
    let title = said.join(" · ");
    let url = get(&["audiourl", "play_url"]).and_then(|url| media::web(&url));
    match (url, title.is_empty()) {
        (Some(url), _) => Card::playing("music", "音乐", (!title.is_empty()).then_some(title), url),
        (None, false) => Card::words(&format!("音乐：{title}")),
        (None, true) => Card::default(),
    }
}

fn picture(url: &str) -> String {
    let mut html = String::from("<img src=\"");
    super::escapes::escape_html(url, &mut html);
    html.push_str("\">");
    html
}

/// A name as people read it: editors of some years percent-encode it.
fn unpercented(name: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(name).decode_utf8();
    decoded.map_or_else(|_| name.to_owned(), std::borrow::Cow::into_owned)
}

fn attribute(element: ElementRef<'_>, names: &[&str]) -> Option<String> {
    let value = |name: &&str| element.value().attr(name).map(str::trim).filter(|value| !value.is_empty());
    names.iter().find_map(value).map(|value| super::escapes::entities(value).into_owned())
}
