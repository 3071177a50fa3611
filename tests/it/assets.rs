//! An article's files: pictures as originals, from whoever refuses hot-linkers; audio and video before their URLs expire.

use crate::support::Bench;
use crate::support::article;
use chrono::TimeDelta;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use wangqi::archive::{Archive, verify};
use wangqi::cli::demo::picture;
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::crawl::{Pass, Report};
use wangqi::model::{CanonicalUrl, Digest, Outcome, Rel};

const WECHAT: &str = "mp.weixin.qq.com";
const PICTURES: &str = "mmbiz.qpic.cn";
const VIDEOS: &str = "mpvideo.qpic.cn";
const VOICES: &str = "res.wx.qq.com";
const HOSTS: &[&str] = &[WECHAT, PICTURES, VIDEOS, VOICES];

/// The answer for a file, given the request and how often this path was asked for before.
type Files = Box<dyn Fn(&Asked, usize) -> Answer + Send + Sync>;

/// Serves the first article with this body, and files as told.
async fn start(body: impl Fn(u64) -> String + Send + Sync + 'static, files: Files, options: &str) -> Bench {
    let (fetches, seen) = (AtomicU64::new(0), Mutex::new(Vec::<String>::new()));
    let handler: Handler = Arc::new(move |asked: &Asked| {
        if asked.host == WECHAT {
            let fetch = fetches.fetch_add(1, Ordering::Relaxed);
            return article::answer(asked, &body(fetch), fetch);
        }
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|path| **path == asked.path).count();
        seen.push(asked.path.clone());
        drop(seen);
        files(asked, before)
    });
    let feed = format!("[[feed]]\nname = \"a\"\nurl = \"{}\"\n{options}\n", article::link(1));
    Bench::start(HOSTS, handler, &feed).await
}

fn image(id: &str, size: &str, width: u32) -> String {
    let ratio = if width == 140 { "1" } else { "0.5625" };
    format!(
        "<p><img class=\"rich_pages wxw-img\" data-src=\"https://{PICTURES}/mmbiz_png/{id}/{size}?wx_fmt=png&amp;tp=webp&amp;wxfrom=5\" data-w=\"{width}\" data-ratio=\"{ratio}\"></p>"
    )
}

async fn crawl(bench: &Bench) -> Vec<Report> {
    bench.crawl(Pass { poll: true, due: true, ..Pass::default() }).await.1
}

/// What came of the files, by path.
fn of_files(reports: &[Report]) -> Vec<(String, Outcome)> {
    let path = |report: &Report| CanonicalUrl::parse(&report.url).unwrap().url().path().to_owned();
    let files = reports.iter().filter(|report| report.via.is_some());
    let mut files: Vec<_> = files.map(|report| (path(report), report.outcome)).collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}

fn asked_of<'a>(asked: &'a [Asked], host: &str) -> Vec<&'a str> {
    asked.iter().filter(|asked| asked.host == host).map(|asked| asked.path.as_str()).collect()
}

/// The bytes that are held of a URL.
fn held(archive: &Archive, url: &str) -> Option<Vec<u8>> {
    let reader = archive.reader();
    let digest = reader.url(&CanonicalUrl::parse(url).unwrap()).unwrap()?.digest?;
    reader.payload(&digest).unwrap()
}

/// What hot-linkers are shown: a square of 140 pixels, the same for every picture. A GIF of one colour.
fn placeholder() -> Answer {
    let mut gif = b"GIF89a\x8c\0\x8c\0\x80\0\0\xee\xee\xee\x33\x33\x33,\0\0\0\0\x8c\0\x8c\0\0\x02".to_vec();
    gif.resize(2000, 0x55);
    Answer::ok("image/png", gif)
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_as_originals_with_the_right_referer_and_each_once() {
    let body = |_| [image("ONE", "640", 480), image("TWO", "300", 480), image("TWIN", "640", 480)].concat();
    let files: Files = Box::new(|asked, _| {
        // Whoever comes from elsewhere is shown the placeholder, with a good status.
        if asked.header("referer") != Some("https://mp.weixin.qq.com/") {
            return placeholder();
        }
        let id = asked.path.split('/').nth(2).unwrap_or_default();
        // The type is wrong on purpose: bytes decide.
        Answer::ok("text/html", picture::draw(if id == "TWIN" { "ONE" } else { id }))
    });
    let bench = start(body, files, "").await;
    let reports = crawl(&bench).await;
    assert_eq!(of_files(&reports).iter().filter(|(_, outcome)| *outcome == Outcome::Asset).count(), 3, "{reports:#?}");
    let asked = bench.asked();
    let mut paths = asked_of(&asked, PICTURES);
    paths.sort_unstable();
    assert_eq!(paths, ["/mmbiz_png/ONE/0?wx_fmt=png", "/mmbiz_png/TWIN/0?wx_fmt=png", "/mmbiz_png/TWO/0?wx_fmt=png"]);
    let archive = bench.open();
    let url = |id: &str| format!("https://{PICTURES}/mmbiz_png/{id}/640?wx_fmt=png");
    assert_eq!(held(&archive, &url("ONE")).unwrap(), picture::draw("ONE"));
    assert_eq!(held(&archive, &url("TWIN")), held(&archive, &url("ONE")));
    assert_eq!(
        archive.reader().stats().unwrap().payloads,
        3,
        "the page and two pictures: the same bytes are held once"
    );
    let row = archive.reader().payload_row(&Digest::of(&picture::draw("ONE"))).unwrap().unwrap();
    assert_eq!(row.media_type.as_deref(), Some("image/png"), "by its bytes");
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn placeholders_pages_and_json_are_no_pictures() {
    let ids = ["FAKE", "HALF", "HTML", "JSON", "EMPTY"];
    // The second tells no height.
    let of = |id: &str| {
        image(id, "640", 900)
            .replace(" data-ratio=\"0.5625\"", if id == "HALF" { "" } else { " data-ratio=\"0.5625\"" })
    };
    let body = move |_| ids.map(of).concat();
    let files: Files = Box::new(|asked, _| match asked.path.split('/').nth(2) {
        Some("FAKE") => placeholder(),
        Some("HALF") => Answer::ok("image/png", [placeholder().body.as_ref(), &b"x"[..]].concat()),
        Some("HTML") => Answer::ok("image/jpeg", "<!DOCTYPE html><html><body>请登录</body></html>"),
        Some("JSON") => Answer::ok("image/png", "{\"errcode\":-1,\"errmsg\":\"系统繁忙\"}"),
        _ => Answer::ok("image/png", ""),
    });
    let bench = start(body, files, "").await;
    let reports = crawl(&bench).await;
    let outcomes = of_files(&reports);
    assert_eq!(outcomes.len(), 5, "{reports:#?}");
    assert!(outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Failed), "{outcomes:?}");
    let reasons: String = reports.iter().filter_map(|report| report.reason.as_deref()).collect();
    for words in
        ["the placeholder for hot-linkers", "a page instead", "JSON instead", "with nothing", "to be tried again from"]
    {
        assert!(reasons.contains(words), "{words}: {reasons}");
    }
    let archive = bench.open();
    for id in ids {
        assert_eq!(held(&archive, &format!("https://{PICTURES}/mmbiz_png/{id}/0?wx_fmt=png")), None, "{id}");
    }
    assert_eq!(archive.reader().stats().unwrap().payloads, 1, "the page alone");
    assert_eq!(archive.reader().pending().filter(|row| row.as_ref().unwrap().0.rel == Rel::Asset).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_had_as_an_original_comes_in_the_pages_own_size() {
    let ids = ["LOST", "WALLED", "SMALL"];
    let body = move |_| [image("LOST", "300", 480), image("WALLED", "1080", 480), image("SMALL", "640", 140)].concat();
    let files: Files = Box::new(|asked, _| {
        let mut segments = asked.path.split(['/', '?']).skip(2);
        match (segments.next(), segments.next()) {
            // The second is a picture that is itself so small: it is none.
            (Some("WALLED" | "SMALL"), Some("0")) => placeholder(),
            (Some(id), Some("300" | "1080")) => Answer::ok("image/png", picture::draw(id)),
            _ => Answer::status(404),
        }
    });
    let bench = start(body, files, "").await;
    let reports = crawl(&bench).await;
    assert!(of_files(&reports).iter().all(|(_, outcome)| *outcome == Outcome::Asset), "{reports:#?}");
    let archive = bench.open();
    let held = ids.map(|id| held(&archive, &format!("https://{PICTURES}/mmbiz_png/{id}/0?wx_fmt=png")).unwrap());
    assert_eq!(held[..2], [picture::draw("LOST"), picture::draw("WALLED")]);
    assert_eq!(held[2].len(), 2000);
}

/// An MP4 as far as its first bytes go.
fn video(length: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41".to_vec();
    bytes.resize(length, 7);
    bytes
}

/// A video of the body, whose file's URL is signed at every fetch of the page.
fn video_frame(fetch: u64) -> String {
    format!(
        "<p><iframe class=\"video_iframe rich_pages\" data-mpvid=\"wxv_1\" data-src=\"https://mp.weixin.qq.com/mp/readtemplate?t=pages/video_player_tmpl&amp;vid=wxv_1\"></iframe></p>\
         <p><mp-common-mpaudio voice_encode_fileid=\"VOICE1\" name=\"一段话\" play_length=\"1000\"></mp-common-mpaudio></p>\
         <script>window.__videoPageInfos = [{{ video_id: 'wxv_1', mp_video_trans_info: [\
         {{ format_id: '10002' * 1, url: 'http://{VIDEOS}/0bTEST.f10002.mp4?dis_k=k{fetch}&amp;dis_t=9&amp;auth_key=a{fetch}', width: '1280' * 1, height: '720' * 1 }}] }}];</script>"
    )
}

fn plays(asked: &Asked) -> Answer {
    if asked.host == VOICES {
        Answer::ok("text/plain", b"ID3\x04\0\0\0\0\0\0voice".to_vec())
    } else {
        Answer::ok("video/mp4", video(5000))
    }
}

const ALL: &str = "assets = [\"image\", \"audio\", \"video\"]";

#[tokio::test(flavor = "multi_thread")]
async fn audio_and_video_come_with_their_page_and_once() {
    let bench = start(video_frame, Box::new(|asked, _| plays(asked)), ALL).await;
    let reports = crawl(&bench).await;
    let kinds: Vec<_> = of_files(&reports);
    assert_eq!(
        kinds,
        [("/0bTEST.f10002.mp4".into(), Outcome::Asset), ("/voice/getvoice".into(), Outcome::Asset)],
        "{reports:#?}"
    );
    // The page is signed anew each time; the video is the same one.
    bench.ahead(TimeDelta::hours(2));
    let again = bench.crawl(Pass { poll: true, due: true, recheck: true, ..Pass::default() }).await.1;
    assert_eq!(of_files(&again), [], "{again:#?}");
    let archive = bench.open();
    let signed = format!("https://{VIDEOS}/0bTEST.f10002.mp4?dis_k=k99&dis_t=9&auth_key=a99");
    assert_eq!(held(&archive, &signed).unwrap().len(), 5000);
    let row = archive.reader().url(&CanonicalUrl::parse(&signed).unwrap()).unwrap().unwrap();
    let payload = archive.reader().payload_row(&row.digest.unwrap()).unwrap().unwrap();
    assert_eq!(payload.media_type.as_deref(), Some("video/mp4"));
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_only_pictures_are_kept() {
    let bench = start(video_frame, Box::new(|asked, _| plays(asked)), "").await;
    crawl(&bench).await;
    let asked = bench.asked();
    assert_eq!(asked.iter().filter(|asked| asked.host != WECHAT).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_video_sends_us_to_its_page_once() {
    let files: Files =
        Box::new(|asked, _| if asked.path.contains("dis_k=k0&") { Answer::status(403) } else { plays(asked) });
    let bench = start(video_frame, files, ALL).await;
    let reports = crawl(&bench).await;
    assert!(of_files(&reports).contains(&("/0bTEST.f10002.mp4".into(), Outcome::Asset)), "{reports:#?}");
    let asked = bench.asked();
    let pages = asked_of(&asked, WECHAT).len();
    assert_eq!(pages, 2, "the page, and the page once more");
    assert_eq!(asked_of(&asked, VIDEOS).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_stays_away_does_not_send_us_to_its_page_for_ever() {
    let files: Files = Box::new(|asked, _| if asked.host == VIDEOS { Answer::status(403) } else { plays(asked) });
    let bench = start(video_frame, files, ALL).await;
    let reports = crawl(&bench).await;
    assert!(of_files(&reports).contains(&("/0bTEST.f10002.mp4".into(), Outcome::Failed)), "{reports:#?}");
    for _ in 0..3 {
        bench.ahead(TimeDelta::hours(2));
        bench.crawl(Pass { poll: true, due: true, recheck: true, ..Pass::default() }).await;
    }
    let asked = bench.asked();
    assert_eq!(asked_of(&asked, VIDEOS).len(), 2, "twice, and then it is given up");
    assert!(asked_of(&asked, WECHAT).len() <= 2 + 3 * 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_told_once() {
    let options = format!("{ALL}\nmax_video = \"4KiB\"\nmax_image = \"1KiB\"");
    let body = |fetch| format!("{}{}", video_frame(fetch), image("BIG", "640", 480));
    let files: Files =
        Box::new(
            |asked, _| {
                if asked.host == PICTURES { Answer::ok("image/png", picture::draw("BIG")) } else { plays(asked) }
            },
        );
    // The limit on the wire has 64 kB of grace: the decoded size is what counts.
    let bench = start(body, files, &options).await;
    let reports = crawl(&bench).await;
    let failed: Vec<_> = reports.iter().filter(|report| report.outcome == Outcome::Failed).collect();
    assert_eq!(failed.len(), 2, "{reports:#?}");
    for option in ["max_video in its [[feed]]", "max_image in its [[feed]]"] {
        assert!(failed.iter().any(|report| report.reason.as_deref().unwrap().contains(option)), "{reports:#?}");
    }
    bench.ahead(TimeDelta::hours(30));
    bench.crawl(Pass { poll: true, due: true, recheck: true, ..Pass::default() }).await;
    let asked = bench.asked();
    assert_eq!((asked_of(&asked, VIDEOS).len(), asked_of(&asked, PICTURES).len()), (1, 1), "never again");
}
