//! What a visit leads to: entries, past issues, albums and assets within the feed's scope, and when to look again.

use crate::archive::ArchiveError;
use crate::crawl::providers::{self, Look, Provider, Shows, history};
use crate::crawl::{AssetKind, Crawler, entries};
use crate::extract::entry;
use crate::extract::wechat::listing::Listing;
use crate::model::{
    CanonicalUrl, Capture, Document, EntryNotes, Finding, Follow, Outcome, PageStatus, Rel, Sighting, Target,
    TargetKind, Time, Visit,
};
use chrono::TimeDelta;

/// How long after the first sighting a gone article is looked at again: past the hour that makes the second one count.
const SECOND_SIGHTING_MINUTES: i64 = 61;

/// Completes a visit with what follows from it.
pub(crate) fn plan(
    crawler: &Crawler,
    target: Target,
    capture: Option<Capture>,
    finding: Finding,
) -> Result<Visit, ArchiveError> {
    let now = crawler.now();
    // What came in a file's place is nothing to keep under the file's name.
    let is_no_file = target.kind == TargetKind::Asset && matches!(finding, Finding::Failed { .. });
    let capture = capture.filter(|_| !is_no_file);
    let (follow, assets) = crawler.follow_of(&target.feed);
    let Found { mut targets, notes } = found(crawler, &target, capture.as_ref(), &finding, follow)?;
    match (&finding, &capture) {
        (Finding::Article(judgement), _) if capture.is_some() || judgement.entry.is_some() => {
            targets.extend(files(&judgement.document, &target, &assets, now));
        }
        // Once: a page that was reached so and moved again leads nowhere, so that two accounts cannot send us round.
        (Finding::Moved { to, .. }, _) if target.rel != Rel::Migrated => {
            targets.push(outlink(&target, to.clone(), TargetKind::Article, Rel::Migrated, target.depth, now));
        }
        _ => {}
    }
    let capture = capture.filter(|_| !providers::list_of(&target).is_some_and(Provider::is_private));
    let recheck_at = match recheck(crawler, &target, &finding, now)? {
        Some(at) => Some(at),
        None => come_round(crawler, &target, now)?,
    };
    let (follow, follow_limit) = (targets, follow.max_articles);
    Ok(Visit { target, at: now, capture, finding, follow, follow_limit, recheck_at, notes })
}

/// What an answer leads to.
#[derive(Default)]
struct Found {
    targets: Vec<Target>,
    /// What a poll taught about its feed's entries.
    notes: Option<Box<EntryNotes>>,
}

/// What every way of finding articles makes of the answer.
fn found(
    crawler: &Crawler,
    target: &Target,
    capture: Option<&Capture>,
    finding: &Finding,
    follow: Follow,
) -> Result<Found, ArchiveError> {
    let (listing, mut notes) = (&mut Listing::default(), None);
    let held;
    let shows = match (finding, capture) {
        (Finding::Article(judgement), Some(_)) => Shows::Article(&judgement.document),
        (Finding::Gone { .. }, _) => {
            held = last_held(crawler, target)?;
            Shows::Gone(held.as_ref())
        }
        (Finding::Feed { .. }, Some(capture)) => {
            let sitemap = history::is_history(target).then(|| entry::sitemap(&capture.payload)).flatten();
            if let Some(list) = providers::list_of(target) {
                // It was read before, to see that it is one.
                *listing = list.read(&target.url, &capture.payload).unwrap_or_default();
                Shows::List(listing)
            } else if let Some(sitemap) = sitemap {
                Shows::Sitemap(sitemap)
            } else {
                let mut feed = entries::read(crawler, target, capture)?;
                notes = feed.notes.take();
                Shows::Feed(Box::new(feed))
            }
        }
        _ => return Ok(Found::default()),
    };
    let row = crawler.reader.feed(&target.feed)?;
    let reader = &crawler.reader;
    let is_known = |target: &Target| Ok(reader.was_visited(target)? || reader.is_pending(target)?);
    let is_missing = |url: &CanonicalUrl| {
        let row = reader.url(url)?;
        Ok(row.is_some_and(|row| row.kind == TargetKind::List && row.outcome == Outcome::Page))
    };
    let look = Look {
        target,
        shows,
        follow,
        followed: row.followed,
        history: crawler.backfill_of(&target.feed).saturating_sub(row.filled),
        is_known_feed: row.read_at.is_some()
            && (target.kind != TargetKind::Feed || row.url.as_ref() == Some(&target.url)),
        has_session: crawler.session()?.is_some(),
        now: crawler.now(),
        is_known: &is_known,
        is_missing: &is_missing,
    };
    if target.kind == TargetKind::Feed {
        let what = providers::what(&look);
        // Said when the feed is met first, and where it is more than the feed it was meant to be: the rest would be noise.
        if look.is_known_feed || !providers::is_wechat(&look) {
            tracing::debug!(feed = %target.feed, "{what}");
        } else {
            tracing::info!(feed = %target.feed, "{what}");
        }
    }
    Ok(Found { targets: providers::leads(&look)?, notes })
}

/// The article that is watched, as it was held last.
fn last_held(crawler: &Crawler, target: &Target) -> Result<Option<Document>, ArchiveError> {
    if target.kind != TargetKind::Feed {
        return Ok(None);
    }
    let row = crawler.reader.article(&crawler.reader.key_of(&target.url)?)?;
    let Some(last) = row.and_then(|row| row.snapshots.last().cloned()) else { return Ok(None) };
    match crawler.reader.document(&last) {
        Ok(document) => Ok(Some(document)),
        // Damage to what is held must not stop what is new; `verify` reports it.
        Err(ArchiveError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The files of an article that the feed keeps: audio and video, then the cover, then pictures in page order.
fn files(document: &Document, target: &Target, kinds: &[AssetKind], now: Time) -> Vec<Target> {
    let mut urls: Vec<(&str, Rel)> = Vec::new();
    // Audio and video first: their URLs expire.
    for media in &document.media {
        let (kind, rel) =
            if media.kind == "video" { (AssetKind::Video, Rel::Video) } else { (AssetKind::Audio, Rel::Audio) };
        if kinds.contains(&kind) {
            urls.push((&media.url, rel));
        }
    }
    if kinds.contains(&AssetKind::Image) {
        let images =
            document.cover.as_deref().into_iter().chain(document.images.iter().map(|image| image.url.as_str()));
        urls.extend(images.map(|url| (url, Rel::Asset)));
    }
    let urls = urls.into_iter().filter_map(|(url, rel)| Some((CanonicalUrl::parse(url).ok()?, rel)));
    // A page that plays a video is no file.
    let files = urls.filter(|(url, rel)| *rel == Rel::Asset || !url.is_player());
    files.map(|(url, rel)| outlink(target, url, TargetKind::Asset, rel, target.depth, now)).collect()
}

fn outlink(from: &Target, url: CanonicalUrl, kind: TargetKind, rel: Rel, depth: u8, now: Time) -> Target {
    let (feed, via) = (from.feed.clone(), Some(from.url.clone()));
    Target { url, kind, feed, rel, via, depth, not_before: now, recheck: None, hint: None }
}

/// When to look at the article again; a feed's own page is looked at by its schedule.
fn recheck(crawler: &Crawler, target: &Target, finding: &Finding, now: Time) -> Result<Option<Time>, ArchiveError> {
    if target.kind != TargetKind::Article {
        return Ok(None);
    }
    Ok(match finding {
        // What the feed says is looked at again when the feed is; where there is a page to be had, that is.
        Finding::Article(judgement) if judgement.entry.as_ref().is_some_and(|entry| entry.why.is_none()) => None,
        Finding::Article(judgement) => {
            let key = judgement.document.key.clone();
            let key = key.map_or_else(|| crawler.reader.key_of(&target.url), Ok)?;
            let row = crawler.reader.article(&key)?;
            let first = row.and_then(|row| row.snapshots.first().map(|first| first.captured_at)).unwrap_or(now);
            next_recheck(&crawler.options.recheck, first, now)
        }
        Finding::Gone { status, .. } => second_look(crawler, target, *status, now)?,
        Finding::Moved { .. } => second_look(crawler, target, PageStatus::AccountMigrated, now)?,
        // About the link, not the article: it is asked for by the next of its links.
        Finding::Page { status: PageStatus::BadLink | PageStatus::LinkExpired, .. } => {
            let Some(key) = &target.recheck else { return Ok(None) };
            crawler.reader.has_another_url(key, &crawler.reader.best_url(target)?)?.then_some(now)
        }
        _ => None,
    })
}

/// When a held article is looked at again whatever this look brought: a 403 today says nothing about next week.
fn come_round(crawler: &Crawler, target: &Target, now: Time) -> Result<Option<Time>, ArchiveError> {
    let Some(key) = target.recheck.as_ref().filter(|_| !super::entry::is_alone(crawler, target)) else {
        return Ok(None);
    };
    let row = crawler.reader.article(key)?;
    let first = row.and_then(|row| row.snapshots.first().map(|first| first.captured_at));
    Ok(first.and_then(|first| next_recheck(&crawler.options.recheck, first, now)))
}

fn next_recheck(ages: &[std::time::Duration], first: Time, now: Time) -> Option<Time> {
    ages.iter().map(|age| first + *age).filter(|at| *at > now).min()
}

/// When to look a second time, where this sighting alone does not make it final. What is only not to be had for now is looked at
/// by its age afterwards, also where nothing is held of it yet.
fn second_look(
    crawler: &Crawler,
    target: &Target,
    status: PageStatus,
    now: Time,
) -> Result<Option<Time>, ArchiveError> {
    let key = target.recheck.clone().map_or_else(|| crawler.reader.key_of(&target.url), Ok)?;
    let row = crawler.reader.article(&key)?;
    if !status.is_gone() && row.as_ref().is_some_and(|row| row.state.is_gone()) {
        return Ok(None);
    }
    let sighting = Sighting::after(row.as_ref().and_then(|row| row.sighting.as_ref()), status, None, now);
    if !sighting.is_final() {
        return Ok(Some(now + TimeDelta::minutes(SECOND_SIGHTING_MINUTES)));
    }
    let soft = (!status.is_gone()).then(|| next_recheck(&crawler.options.recheck, sighting.first, now));
    Ok(soft.flatten())
}
