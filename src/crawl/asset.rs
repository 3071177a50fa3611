//! An article's file: how it is asked for, and what an answer is worth. Bytes decide, never what the server calls them.

use crate::archive::{ArchiveError, Attempt, Reader, State};
use crate::crawl::finding::Verdict;
use crate::crawl::visit::Visited;
use crate::crawl::{Crawler, blocking};
use crate::fetch::{FetchError, Request};
use crate::model::{CanonicalUrl, Capture, Document, Finding, Rel, Target, TargetKind, media};
use chrono::TimeDelta;

/// WeChat's picture for whoever it takes for a hot-linker (此图片来自微信公众平台 未经允许不可引用) is a square of this side in pixels, as
/// others have measured; its bytes are no constant to rely on.
const PLACEHOLDER_SIDE: u32 = 140;

/// It is drawn of a few strokes: no placeholder is as large as this, in bytes (judgement).
const PLACEHOLDER_BYTES: usize = 16 * 1024;

/// The tries that a file counts once its page was asked for a fresh URL: past every step of the retry rule, so that the next failure
/// is the last.
const ASKED_AFRESH: u32 = 1000;

/// How long a file whose URL expired waits for its page to bring a fresh one, before it is tried by the old one again.
const WAIT_FOR_PAGE: TimeDelta = TimeDelta::hours(1);

/// Fetches a file within its feed's limit; a WeChat picture whose original is not to be had is asked for in the size the page shows.
pub(crate) async fn fetch(
    crawler: &Crawler,
    target: &Target,
    mut request: Request,
) -> Result<Result<Capture, FetchError>, ArchiveError> {
    let limit = crawler.asset_limit(target).map(|(limit, _)| limit);
    let original = match crawler.fetcher.fetch_within(&request, limit).await {
        Ok(capture) => capture,
        Err(error) => return Ok(Err(error)),
    };
    if !target.url.is_wechat_picture() || !(200..=299).contains(&original.status) && !is_missing(original.status) {
        return Ok(Ok(original));
    }
    let (reader, wanted) = (crawler.reader.clone(), target.clone());
    let (original, smaller) = blocking(move || {
        let is_refused = is_missing(original.status) || refusal(&reader, &wanted, &original)?.is_some();
        let smaller = if is_refused { smaller(&reader, &wanted)? } else { None };
        Ok((original, smaller))
    })
    .await?;
    let Some(smaller) = smaller else { return Ok(Ok(original)) };
    request.url = smaller;
    let Ok(second) = crawler.fetcher.fetch_within(&request, limit).await else { return Ok(Ok(original)) };
    // The placeholder is the same whatever size is asked for.
    let is_better = (200..=299).contains(&second.status) && second.digest != original.digest;
    Ok(Ok(if is_better { second } else { original }))
}

/// What an answer to a file's URL is worth.
pub(crate) fn judge(reader: &Reader, target: &Target, capture: &Capture) -> Result<Verdict, ArchiveError> {
    Ok(match refusal(reader, target, capture)? {
        None => Verdict::Keep(Box::new(Finding::Asset)),
        // WeChat's servers have the file, and answer otherwise only when something is wrong.
        Some(why) if target.rel == Rel::Asset || target.url.is_wechat_file() => Verdict::Again(why),
        // Elsewhere what plays a video is often a page.
        Some(error) => {
            Verdict::Keep(Box::new(Finding::Failed { error: format!("{error}, which cannot be kept as one") }))
        }
    })
}

/// A file whose URL has expired: its page is fetched again, once, to bring a fresh one. `None` where that is no help.
pub(crate) fn expired(crawler: &Crawler, target: &Target, capture: &Capture) -> Result<Option<Visited>, ArchiveError> {
    let is_expired =
        matches!(capture.status, 400 | 401 | 403 | 404 | 410) && matches!(target.rel, Rel::Audio | Rel::Video);
    let tries = crawler.reader.attempt(target)?.map_or(0, |attempt| attempt.tries);
    let Some(via) = target.via.as_ref().filter(|_| is_expired && tries < ASKED_AFRESH) else { return Ok(None) };
    let key = crawler.reader.key_of(via)?;
    let Some(row) = crawler.reader.article(&key)? else { return Ok(None) };
    let now = crawler.now();
    let error = format!("{} answered {}: its page is asked for a fresh URL", target.url, capture.response.line);
    tracing::debug!(url = %target.url, %error, "a file's URL has expired");
    let attempt = Attempt { tries: ASKED_AFRESH, ..Attempt::until(now + WAIT_FOR_PAGE, &error) };
    crawler.archive.mark(State::Attempt(Box::new(target.clone()), attempt))?;
    // The file itself comes back with its page, by its fresh URL.
    Ok(Some(Visited { pending: vec![row.recheck_at(&key, now)], ..Visited::default() }))
}

/// What to tell of a file that is larger than its owner wants it.
pub(crate) fn too_large(crawler: &Crawler, target: &Target, error: &FetchError) -> Option<String> {
    let is_it = target.kind == TargetKind::Asset && matches!(error, FetchError::TooLarge { what: "body", .. });
    let limit = match crawler.asset_limit(target) {
        Some((_, option)) => format!("{option} in its [[feed]]"),
        None => "asset_limit in [fetch]".to_owned(),
    };
    is_it.then(|| format!("{error}; it is left out for good: {limit} says how large a file may be"))
}

fn is_missing(status: u16) -> bool {
    matches!(status, 403 | 404 | 410)
}

/// Why an answer is not the file that was asked for.
fn refusal(reader: &Reader, target: &Target, capture: &Capture) -> Result<Option<String>, ArchiveError> {
    let payload = &capture.payload[..];
    if payload.is_empty() {
        return Ok(Some(format!("{} answered with nothing", target.url)));
    }
    let said = |what: &str| Ok(Some(format!("{} answered with {what} instead of a file", target.url)));
    let Some(kind) = media::sniff(payload) else {
        // A format that we do not know is kept; words are not.
        return if !media::is_text(payload) {
            Ok(None)
        } else if payload.trim_ascii_start().starts_with(b"<") {
            said("a page")
        } else if payload.trim_ascii_start().starts_with(b"{") || payload.trim_ascii_start().starts_with(b"[") {
            said("JSON")
        } else {
            said("text")
        };
    };
    if kind.starts_with("image/") && is_placeholder(reader, target, capture)? {
        return said("the placeholder for hot-linkers");
    }
    Ok(None)
}

/// Whether a WeChat picture is the one shown to hot-linkers: of its size and make, where the page tells of another size, or where the
/// same bytes came for another picture already.
fn is_placeholder(reader: &Reader, target: &Target, capture: &Capture) -> Result<bool, ArchiveError> {
    let square = (PLACEHOLDER_SIDE, PLACEHOLDER_SIDE);
    let is_like_it = target.url.is_wechat_picture()
        && capture.payload.len() < PLACEHOLDER_BYTES
        && media::picture_size(&capture.payload) == Some(square);
    if !is_like_it {
        return Ok(false);
    }
    match named(reader, target)? {
        Some(Named { is_cover: true, .. }) => return Ok(true),
        // One side is enough to tell.
        Some(Named { sides: (None, None), .. }) | None => {}
        Some(Named { sides: (width, height), .. }) => {
            return Ok(width.unwrap_or(square.0) != square.0 || height.unwrap_or(square.1) != square.1);
        }
    }
    let held = reader.payload_row(&capture.digest)?;
    Ok(held.is_some_and(|row| row.url.is_wechat_picture() && picture_id(&row.url) != picture_id(&target.url)))
}

fn picture_id(url: &CanonicalUrl) -> Option<&str> {
    url.url().path_segments()?.nth(1)
}

/// The URL to ask for where the original is not to be had.
fn smaller(reader: &Reader, target: &Target) -> Result<Option<CanonicalUrl>, ArchiveError> {
    let named = named(reader, target)?;
    Ok(target.url.picture_fallback(named.as_ref().map(|named| named.url.as_str())))
}

/// A picture as its page names it.
struct Named {
    url: String,
    sides: (Option<u32>, Option<u32>),
    is_cover: bool,
}

fn named(reader: &Reader, target: &Target) -> Result<Option<Named>, ArchiveError> {
    let Some(via) = &target.via else { return Ok(None) };
    let Some(row) = reader.article(&reader.key_of(via)?)? else { return Ok(None) };
    let Some(last) = row.snapshots.last() else { return Ok(None) };
    let document: Document = match reader.document(last) {
        Ok(document) => document,
        // Damage to what is held must not stop what is new; `verify` reports it.
        Err(ArchiveError::Damaged { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_it = |url: &str| CanonicalUrl::parse(url).is_ok_and(|url| url == target.url);
    if let Some(image) = document.images.iter().find(|image| is_it(&image.url)) {
        return Ok(Some(Named { url: image.url.clone(), sides: (image.width, image.height), is_cover: false }));
    }
    let cover = document.cover.filter(|cover| is_it(cover));
    Ok(cover.map(|url| Named { url, sides: (None, None), is_cover: true }))
}
