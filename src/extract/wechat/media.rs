//! Audio and video: what the data and the body's elements say of them, as something that can be fetched or opened.

use super::escapes;
use super::sources::Sources;
use super::value::Value;
use crate::model::Media;
use std::time::Duration;

/// The videos of a video post: those that the data describes, else the one whose id it names.
pub(super) fn videos(sources: &Sources<'_>) -> Vec<Media> {
    let mut found = described_videos(sources);
    if found.is_empty()
        && let Some(vid) = sources.data.text("vid").or_else(|| sources.data.structure("cgiData").get("vid").text())
    {
        found.push(Media { kind: "video".to_owned(), url: player(&vid), title: title(sources) });
    }
    found
}

/// Whether the data describes a video or a voice: what a post may be made of without any words.
pub(super) fn is_described(sources: &Sources<'_>) -> bool {
    infos(sources).next().is_some() || !voices(sources).is_empty()
}

/// The videos that the data describes; of each the largest file (a format's number tells nothing), else its player.
pub(super) fn described_videos(sources: &Sources<'_>) -> Vec<Media> {
    let title = title(sources);
    let media = |info: &Value| {
        let url = file_of(info).or_else(|| Some(player(&info.get("video_id").text()?)))?;
        Some(Media { kind: "video".to_owned(), url, title: title.clone() })
    };
    infos(sources).filter_map(media).collect()
}

fn title(sources: &Sources<'_>) -> Option<String> {
    sources.words("title").or_else(|| sources.data.words("title"))
}

/// The most videos of a page that are looked through for each frame (judgement: real pages have a handful).
const MOST_VIDEOS: usize = 100;

/// The file of the video with this id, where the data names one.
pub(super) fn file_of_video(sources: &Sources<'_>, vid: &str) -> Option<String> {
    infos(sources).find(|info| info.get("video_id").text().as_deref() == Some(vid)).and_then(file_of)
}

fn infos<'a>(sources: &'a Sources<'_>) -> impl Iterator<Item = &'a Value> {
    let object = sources.object();
    let globals = ["__videoPageInfos", "videoPageInfos"].map(|name| sources.data.structure(name).items());
    let own = [object.get("video_page_infos").items(), object.get("video_page_info").items()];
    let all = own.into_iter().chain(globals).flatten().take(MOST_VIDEOS);
    all.filter(|info| info.get("video_id").text().is_some())
}

fn file_of(info: &Value) -> Option<String> {
    let number = |file: &Value, name: &str| file.get(name).number().unwrap_or(0.0);
    // Where no measures are told, the longer file is the better one.
    let worth = |file: &Value| (number(file, "width") * number(file, "height"), number(file, "filesize"));
    let files = info.get("mp_video_trans_info").items().iter().filter(|file| file.get("url").text().is_some());
    let best = files.max_by(|a, b| {
        let ((a, size_a), (b, size_b)) = (worth(a), worth(b));
        a.total_cmp(&b).then(size_a.total_cmp(&size_b))
    })?;
    web(&best.get("url").text()?)
}

/// The voices that the data names.
pub(super) fn voices(sources: &Sources<'_>) -> Vec<Media> {
    let own = sources.object().get("voice_in_appmsg").items();
    let global = sources.data.structure("voiceList").get("voice_in_appmsg").items();
    let told = sources.raw("voice_in_appmsg_list_json").and_then(|text| Value::of_json(&text)).unwrap_or_default();
    let title = title(sources);
    let mut seen = std::collections::HashSet::new();
    let all = own.iter().chain(global).chain(told.get("voice_in_appmsg").items());
    all.filter_map(|voice| {
        let id = voice.get("voice_id").text().or_else(|| voice.get("voice_encode_fileid").text())?;
        let title = voice.get("title").text().or_else(|| title.clone());
        seen.insert(id.clone()).then(|| Media { kind: "audio".to_owned(), url: self::voice(&id), title })
    })
    .collect()
}

/// Where a reader plays what the data names, and how long it lasts in seconds, where that is told. A video's file has a URL that
/// soon expires: good for fetching it now, not to follow.
pub(super) fn played(sources: &Sources<'_>, media: &Media) -> (String, Option<u64>) {
    for info in infos(sources).filter(|_| media.kind == "video") {
        let page = info.get("video_id").text().map(|id| player(&id));
        if let Some(page) = page.filter(|page| *page == media.url || file_of(info).as_ref() == Some(&media.url)) {
            let files = info.get("mp_video_trans_info").items().iter();
            let length = files.filter_map(|file| file.get("duration_ms").number()).find(|length| *length >= 1000.0);
            let length = length.and_then(|length| Duration::try_from_secs_f64(length / 1000.0).ok());
            return (page, length.map(|length| length.as_secs()));
        }
    }
    (media.url.clone(), None)
}

/// Where a voice's bytes are.
pub(super) fn voice(id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.trim().as_bytes()).collect();
    format!("https://res.wx.qq.com/voice/getvoice?mediaid={id}")
}

/// The page that plays a video of WeChat's own.
pub(super) fn player(vid: &str) -> String {
    let vid: String = url::form_urlencoded::byte_serialize(vid.trim().as_bytes()).collect();
    if vid.starts_with("wxv_") || vid.starts_with("live_") {
        return format!(
            "https://mp.weixin.qq.com/mp/readtemplate?t=pages/video_player_tmpl&action=mpvideo&auto=0&vid={vid}"
        );
    }
    format!("https://v.qq.com/x/page/{vid}.html")
}

/// A URL of the page's data or markup as an absolute one; only http and https.
pub(super) fn web(url: &str) -> Option<String> {
    let url = escapes::url(url);
    let url = if url.starts_with("//") { format!("https:{url}") } else { url };
    (url.starts_with("http://") || url.starts_with("https://")).then_some(url)
}
