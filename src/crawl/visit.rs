//! The visit: one target from fetch to follow. The first function to read.

use crate::archive::{ArchiveError, Attempt, Committed, FeedRow, State};
use crate::crawl::finding::{self, Verdict};
use crate::crawl::poll::{self, Asking, Heard};
use crate::crawl::providers::backend::{self, Rest};
use crate::crawl::providers::{self, Provider};
use crate::crawl::retry::{self, Again, Failure};
use crate::crawl::{Crawler, Report, asset, blocking, entry, follow};
use crate::extract::wechat::listing::ListingError;
use crate::fetch::{FetchError, Request, RequestKind};
use crate::model::{Capture, Finding, Outcome, PageStatus, Rel, Site, Target, TargetKind, Time, Validators, Visit};
use chrono::TimeDelta;
use std::time::Duration;

/// A pause that is worth keeping the feed's words for: longer than a pass waits (judgement).
const LONG_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// What a visit leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    /// What to say of it; `None` where nothing ended: it is tried again shortly, or its site is paused.
    pub(crate) report: Option<Report>,
    /// Targets that are pending because of it.
    pub(crate) pending: Vec<Target>,
    /// What a poll by rule brought.
    pub(crate) heard: Option<Box<Heard>>,
    /// The site that answered with a captcha, and how many the target has drawn by now.
    pub(crate) blocked: Option<(Site, u32)>,
    /// From when on a poll may be tried whose site is paused.
    pub(crate) back_at: Option<Time>,
}

/// Takes one target through fetch, extract, commit and follow.
///
/// # Errors
/// When the archive fails. Whatever a page or a server does ends in a report.
pub(crate) async fn visit(crawler: &Crawler, target: Target, asking: Option<Asking>) -> Result<Visited, ArchiveError> {
    if entry::is_alone(crawler, &target) {
        let (crawler, target) = (crawler.clone(), target.clone());
        if let Some(visited) = blocking(move || entry::alone(&crawler, &target)).await? {
            return Ok(visited);
        }
    }
    let capture = match (fetch(crawler, &target, asking.as_ref()).await?, &asking) {
        (Ok(capture), _) => capture,
        (Err(error), Some(asking)) => return Ok(poll::unreached(crawler, &target, asking, &error)),
        (Err(error), None) => return failed(crawler, target, error).await,
    };
    let crawler = crawler.clone();
    if let Some(asking) = asking {
        return blocking(move || poll::answered(&crawler, target, capture, &asking)).await;
    }
    blocking(move || match finding::of(&crawler.reader, &target, &capture)? {
        Verdict::Keep(finding) => {
            if let Some(visited) = asset::expired(&crawler, &target, &capture)? {
                return Ok(visited);
            }
            // A refusal says nothing of whether a block is over.
            if !matches!(*finding, Finding::Failed { .. }) {
                crawler.fetcher.report_fine_by(&capture);
            }
            let (target, finding) = entry::or_entry(&crawler, target, *finding)?;
            let visit = follow::plan(&crawler, target, Some(capture), finding)?;
            Ok(commit(&crawler, visit)?.0)
        }
        Verdict::Blocked(reason) => blocked(&crawler, &target, &capture, &reason),
        Verdict::Closed(error) => closed(&crawler, target, &error),
        Verdict::Again(reason) => try_again(&crawler, target, Some(capture), &reason, Failure::Passing, None),
        Verdict::Later(reason) => try_again(&crawler, target, Some(capture), &reason, Failure::Lasting, None),
    })
    .await
}

/// Fetches the target politely.
async fn fetch(
    crawler: &Crawler,
    target: &Target,
    asking: Option<&Asking>,
) -> Result<Result<Capture, FetchError>, ArchiveError> {
    if let Some(Asking { url, validators, .. }) = asking {
        let (url, validators) = (url.clone(), validators.clone());
        let request = Request { url, kind: RequestKind::Feed, referer: None, validators, asked_by_owner: true };
        return Ok(crawler.fetcher.fetch(&request).await);
    }
    let is_feed = target.kind == TargetKind::Feed;
    let polled = if is_feed { crawler.reader.feed(&target.feed)? } else { FeedRow::default() };
    let known = polled.validators.filter(|_| polled.url.as_ref() == Some(&target.url));
    let request = Request {
        url: crawler.reader.best_url(target)?,
        kind: match target.kind {
            TargetKind::Feed => RequestKind::Feed,
            TargetKind::Article | TargetKind::List => RequestKind::Page,
            TargetKind::Asset => RequestKind::Asset,
        },
        referer: target
            .via
            .as_ref()
            .filter(|_| matches!(target.kind, TargetKind::Asset | TargetKind::List))
            .map(ToString::to_string),
        validators: known.map(|(etag, last_modified)| Validators {
            of: target.url.clone(),
            etag: etag.map(String::into_bytes),
            last_modified: last_modified.map(String::into_bytes),
        }),
        asked_by_owner: target.via.is_none(),
    };
    if target.kind == TargetKind::Asset {
        return asset::fetch(crawler, target, request).await;
    }
    if providers::list_of(target).is_some_and(Provider::is_private) {
        return fetch_in_session(crawler, &request).await;
    }
    Ok(crawler.fetcher.fetch(&request).await)
}

/// Fetches a list of the owner's own back-end; a session that rests is waited for as a paused site is.
async fn fetch_in_session(crawler: &Crawler, request: &Request) -> Result<Result<Capture, FetchError>, ArchiveError> {
    let Some(session) = &crawler.options.session else {
        let why = "no session is given any more".to_owned();
        return Ok(Err(FetchError::Setup { what: "the back-end's list".to_owned(), why }));
    };
    let now = crawler.now();
    if let Some(rest) = crawler.rest()?.filter(|rest| rest.holds(session, now)) {
        let (site, wait) = (crawler.fetcher.site_of(&request.url), (rest.until - now).to_std().unwrap_or_default());
        return Ok(Err(FetchError::Paused { site, until: rest.until, wait }));
    }
    Ok(crawler.fetcher.fetch_in_session(request, session).await)
}

/// The back-end turned the session away: it rests, and the feed goes on by the other ways. The list stays pending until then, for nothing
/// else leads to a further page of it.
fn closed(crawler: &Crawler, target: Target, error: &ListingError) -> Result<Visited, ArchiveError> {
    let mut said = format!("the back-end's list of {}: {error}", target.feed);
    let (before, mut until) = (crawler.rest()?, None);
    let session = crawler.options.session.as_ref();
    if let Some(rest) = session.and_then(|session| Rest::after(error, session, before.as_ref(), crawler.now())) {
        said = format!("{said}; it is left alone until {}, and the feed goes on by the other ways", minute(rest.until));
        until = Some(rest.until);
        let rest = serde_json::to_string(&rest).expect("a rest is plain data");
        crawler.archive.mark(State::Rest(backend::NAME.to_owned(), rest))?;
    }
    if let Some(until) = until.filter(|_| target.kind == TargetKind::List) {
        let mut report = Report::new(&target, Outcome::Failed);
        let pending = leave(crawler, &target, Attempt::until(until, &said))?;
        report.reason = Some(said);
        return Ok(Visited { report: Some(report), pending, ..Visited::default() });
    }
    let visit = follow::plan(crawler, target, None, Finding::Failed { error: said })?;
    Ok(commit(crawler, visit)?.0)
}

/// Commits a visit, and says what came of it; also gives the targets that it really leads to.
pub(crate) fn commit(crawler: &Crawler, visit: Visit) -> Result<(Visited, Vec<Target>), ArchiveError> {
    let mut report = Report::new(&visit.target, Outcome::Page);
    report.bytes = visit.capture.as_ref().map_or(0, |capture| capture.wire_bytes);
    match &visit.finding {
        Finding::Article(judgement) => {
            report.title.clone_from(&judgement.document.title);
            report.reason = judgement.entry.as_ref().and_then(|entry| entry.why.clone());
        }
        Finding::Gone { status, reason } | Finding::Page { status, reason } => {
            report.reason = Some(reason.clone().unwrap_or_else(|| status.word().to_owned()));
        }
        Finding::Moved { to, reason } => {
            let said = reason.as_deref().unwrap_or(PageStatus::AccountMigrated.word());
            report.reason = Some(format!("{said}; it went to {to}"));
        }
        Finding::Failed { error } => report.reason = Some(error.clone()),
        Finding::Feed { entries: 0 } if visit.capture.as_ref().is_some_and(|capture| capture.status != 304) => {
            report.reason = Some(format!("{} has no entries", visit.target.url));
        }
        Finding::Feed { .. } | Finding::Asset => {}
    }
    if let Some(ruled_out) = visit.notes.as_ref().map(|notes| notes.ruled_out).filter(|count| *count > 0) {
        report.ruled_out = ruled_out;
        report.reason = Some(format!("{ruled_out} blocked by rule"));
    }
    let (recheck_at, rechecked) = (visit.recheck_at, visit.target.recheck.clone());
    let Committed { outcome, key, asked, follow, improved, .. } = crawler.archive.commit(visit)?;
    if let (Some(asked), Some(key)) = (&asked, &key) {
        tracing::warn!(url = report.url, %asked, came = %key, "another article came than was asked for");
        report.reason = Some(format!("{asked} was asked for, and {key} came; it is kept as what it is"));
    }
    let mut pending: Vec<Target> = follow.iter().cloned().chain(improved).collect();
    // The article that came, and the one that was to be looked at again, where that is another.
    let rechecked = rechecked.filter(|rechecked| Some(rechecked) != key.as_ref());
    for key in key.iter().chain(&rechecked) {
        if let (Some(at), Some(row)) = (recheck_at, crawler.reader.article(key)?) {
            pending.push(row.recheck_at(key, at));
        }
    }
    if report.title.is_none()
        && let Some(key) = &key
    {
        report.title = crawler.reader.article(key)?.and_then(|row| row.title);
    }
    report.outcome = outcome;
    report.key = key;
    Ok((Visited { report: Some(report), pending, ..Visited::default() }, follow))
}

/// A captcha page: the site that answered with it waits, the target stays pending, and nothing is held against it but that others are
/// tried before it.
fn blocked(crawler: &Crawler, target: &Target, capture: &Capture, reason: &str) -> Result<Visited, ArchiveError> {
    let (site, until) = crawler.fetcher.report_blocked_by(capture, crawler.now());
    let mut report = Report::new(target, Outcome::Blocked);
    report.bytes = capture.wire_bytes;
    let words = crawler.keep_pace(&site)?.map(|standing| standing.words(crawler.now(), None));
    let words = words.unwrap_or_else(|| format!("{site} asked for a captcha; left alone until {}", minute(until)));
    report.reason = Some(format!("{words} (the page says: {reason})"));
    let before = crawler.reader.attempt(target)?.unwrap_or_default();
    let blocks = before.blocks.saturating_add(1);
    // What the feed says of it is kept in the meantime; that is another visit's report.
    entry::meanwhile(crawler, target, until, reason)?;
    let attempt = Attempt { not_before: until, error: reason.to_owned(), blocks, ..before };
    let pending = leave(crawler, target, attempt)?;
    let blocked = Some((crawler.fetcher.site_of(&capture.final_url), blocks));
    Ok(Visited { report: Some(report), pending, blocked, ..Visited::default() })
}

/// No capture came: paused sites are waited for, the rest is retried by its class.
async fn failed(crawler: &Crawler, target: Target, error: FetchError) -> Result<Visited, ArchiveError> {
    let crawler = crawler.clone();
    blocking(move || {
        if let FetchError::Paused { until, .. } = &error {
            // A site that is left alone for long is no reason to lose what the feed says of its page.
            let meanwhile = if *until - crawler.now() > LONG_PAUSE {
                entry::meanwhile(&crawler, &target, *until, &error.to_string())?
            } else {
                None
            };
            let before = crawler.reader.attempt(&target)?.unwrap_or_default();
            let attempt = Attempt { not_before: *until, error: error.to_string(), ..before };
            let pending = leave(&crawler, &target, attempt)?;
            let kept = meanwhile.unwrap_or_default();
            return Ok(Visited { pending: [kept.pending, pending].concat(), ..kept });
        }
        let failure = match &error {
            // The sentence says what to write into crawl.toml: what was refused is tried again once it stands there.
            error if error.is_the_owners() && target.rel == Rel::Entry => Failure::Lasting,
            error if error.is_permanent() => Failure::Permanent,
            _ => Failure::Passing,
        };
        let words = asset::too_large(&crawler, &target, &error).unwrap_or_else(|| error.to_string());
        try_again(&crawler, target, None, &words, failure, error.retry_after())
    })
    .await
}

/// Decides by the one retry rule whether a failed target is tried again, left for later, or given up.
fn try_again(
    crawler: &Crawler,
    target: Target,
    capture: Option<Capture>,
    error: &str,
    failure: Failure,
    retry_after: Option<Duration>,
) -> Result<Visited, ArchiveError> {
    let delay = crawler.fetcher.delay_of(&crawler.fetcher.site_of(&target.url));
    let before = crawler.reader.attempt(&target)?.unwrap_or_default();
    let (tries, now) = (before.tries + 1, crawler.now());
    let again_at = |at| Attempt { tries, blocks: before.blocks, ..Attempt::until(at, error) };
    match retry::after(tries, failure, delay, retry_after) {
        Again::Soon(wait) => {
            tracing::debug!(url = %target.url, tries, %error, "trying again");
            Ok(Visited { pending: leave(crawler, &target, again_at(now + wait))?, ..Visited::default() })
        }
        // A feed is polled again by its schedule: it needs no later, and is never given up.
        Again::Later(wait) if target.kind != TargetKind::Feed => {
            let at = now + wait;
            let later = format!("{error}; its page is to be tried again from {}", minute(at));
            if let Some(visited) = entry::meanwhile(crawler, &target, at, &later)? {
                let pending = leave(crawler, &target, again_at(at))?;
                return Ok(Visited { pending: [visited.pending, pending].concat(), ..visited });
            }
            let mut report = Report::new(&target, Outcome::Failed);
            report.reason = Some(format!("{error}; to be tried again from {}", minute(at)));
            let pending = leave(crawler, &target, again_at(at))?;
            Ok(Visited { report: Some(report), pending, ..Visited::default() })
        }
        _ => {
            let next = match target.kind {
                TargetKind::Feed => "; to be polled again as scheduled",
                TargetKind::Article if target.via.is_some() => "; given up, `wangqi save` tries it again",
                _ => "",
            };
            let finding = Finding::Failed { error: format!("{error}{next}") };
            let (target, finding) = entry::or_entry(crawler, target, finding)?;
            let visit = follow::plan(crawler, target, capture, finding)?;
            Ok(commit(crawler, visit)?.0)
        }
    }
}

/// Leaves a target pending after an attempt in vain.
fn leave(crawler: &Crawler, target: &Target, attempt: Attempt) -> Result<Vec<Target>, ArchiveError> {
    let pending = Target { not_before: attempt.not_before, ..target.clone() };
    if target.is_asked_for() && !crawler.reader.is_pending(target)? {
        keep_pending(crawler, vec![pending.clone()], &attempt.error)?;
    }
    crawler.archive.mark(State::Attempt(Box::new(target.clone()), attempt))?;
    Ok(vec![pending])
}

/// Keeps pages that the owner asked for by name, and that nothing else leads to, until they are visited: one record for all.
pub(crate) fn keep_pending(crawler: &Crawler, pages: Vec<Target>, why: &str) -> Result<(), ArchiveError> {
    let Some(first) = pages.first().cloned() else { return Ok(()) };
    let finding = Finding::Failed { error: why.to_owned() };
    let at = crawler.now();
    let (follow, follow_limit) = (pages, 0);
    let visit =
        Visit { target: first, at, capture: None, finding, follow, follow_limit, recheck_at: None, notes: None };
    crawler.archive.commit(visit).map(drop)
}

/// An instant as a person reads it, to the minute.
pub(crate) fn minute(at: Time) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
