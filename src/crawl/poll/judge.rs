//! The capture of a poll → what was heard, and what is kept of it: nothing, where nothing is new.

use crate::archive::ArchiveError;
use crate::crawl::finding::{self, Verdict, page_of};
use crate::crawl::poll::stated::Stated;
use crate::crawl::poll::step::{Answer, Asking, Heard};
use crate::crawl::visit::{Visited, commit, minute};
use crate::crawl::{Crawler, Report, follow};
use crate::extract::{self, Hints, challenge, feed};
use crate::fetch::FetchError;
use crate::model::{CanonicalUrl, Capture, Extracted, FeedDocument, Finding, Outcome, Target, Time, Visit, caching};
use chrono::{DateTime, TimeDelta};

/// How far back entries count when a feed is read for the first time: the mean age that the rate's half-life of 14 days gives, 14 d / ln 2.
const LATELY: TimeDelta = TimeDelta::hours(485);
/// How many entries without a date count then (judgement: about one a day).
const UNDATED: u32 = 20;

/// What follows a failed poll, as it is told.
const LATER: &str = "; to be polled again as scheduled";

/// Takes in the answer to a poll.
pub(crate) fn answered(
    crawler: &Crawler,
    target: Target,
    capture: Capture,
    asking: &Asking,
) -> Result<Visited, ArchiveError> {
    let fetcher = &crawler.fetcher;
    let (now, site) = (crawler.now(), fetcher.site_of(&capture.final_url));
    let mut heard = heard_of(&capture, asking);
    let mut report = Report::new(&target, Outcome::Feed);
    report.bytes = capture.wire_bytes;
    let is_rest = matches!(capture.status, 429 | 503);
    if let Some(whose) = challenge::challenge(&capture.response, &capture.payload).filter(|_| capture.status != 304) {
        let until = if is_rest { fetcher.ready_at(&site, now) } else { fetcher.report_throttled(&site, now) };
        report.outcome = Outcome::Blocked;
        let left_alone = format!("; {site} is left alone until {}", minute(until));
        report.reason = Some(format!("a challenge of {whose} stands before {}{left_alone}", capture.final_url));
        crawler.keep_pace(&site)?;
        heard.answer = Answer::Challenge { until, whose: whose.to_owned() };
        return Ok(Visited { report: Some(report), heard: Some(Box::new(heard)), ..Visited::default() });
    }
    if is_rest {
        let until = fetcher.ready_at(&site, now);
        report.outcome = Outcome::Blocked;
        let left_alone = format!("; {site} is left alone until {}", minute(until));
        report.reason = Some(format!("{} answered {}{left_alone}", capture.final_url, capture.response.line));
        crawler.keep_pace(&site)?;
        heard.answer = Answer::Rest { until, status: capture.status };
        return Ok(Visited { report: Some(report), heard: Some(Box::new(heard)), ..Visited::default() });
    }
    let is_same = capture.status == 200 && asking.body == Some(capture.digest);
    if is_same || (capture.status == 304 && asking.was_feed) {
        fetcher.report_fine_by(&capture);
        heard.answer = if is_same { Answer::Same } else { Answer::NotModified };
        return Ok(Visited { report: Some(report), heard: Some(Box::new(heard)), ..Visited::default() });
    }
    read(crawler, target, capture, asking, heard)
}

/// What came is new: it is understood, and kept.
fn read(
    crawler: &Crawler,
    target: Target,
    capture: Capture,
    asking: &Asking,
    mut heard: Heard,
) -> Result<Visited, ArchiveError> {
    let status = capture.status;
    let verdict = finding::of(&crawler.reader, &target, &capture)?;
    let finding = match verdict {
        Verdict::Keep(finding) => match *finding {
            finding @ (Finding::Article(_) | Finding::Page { .. } | Finding::Failed { .. })
                if asking.was_feed && (200..300).contains(&status) =>
            {
                let said = format!("{} answered with a page where a feed was", capture.final_url);
                let feeds: Vec<CanonicalUrl> =
                    feed::alternates(&page_of(&capture)).into_iter().map(|named| named.url).take(3).collect();
                drop(finding);
                heard.answer = Answer::Page { said: said.clone(), feeds };
                Finding::Failed { error: said }
            }
            Finding::Failed { error } => {
                heard.answer = Answer::Failed { status, said: error.clone() };
                Finding::Failed { error }
            }
            finding => {
                crawler.fetcher.report_fine_by(&capture);
                return keep(crawler, target, capture, finding, asking, heard);
            }
        },
        Verdict::Blocked(reason) => {
            let site = crawler.fetcher.site_of(&capture.final_url);
            let until = crawler.fetcher.report_throttled(&site, crawler.now());
            let mut report = Report::new(&target, Outcome::Blocked);
            report.reason = Some(format!("{reason}; {site} is left alone until {}", minute(until)));
            heard.answer = Answer::Challenge { until, whose: site.to_string() };
            return Ok(Visited { report: Some(report), heard: Some(Box::new(heard)), ..Visited::default() });
        }
        Verdict::Closed(error) => failed(&mut heard, status, error.to_string()),
        Verdict::Again(said) | Verdict::Later(said) => failed(&mut heard, status, said),
    };
    // Of what is no success only the sentence is kept, with the feed's state: its bytes say nothing of the feed.
    if !(200..300).contains(&status) {
        return Ok(told(&target, &finding, capture.wire_bytes, heard));
    }
    let visit = follow::plan(crawler, target, Some(capture), finding)?;
    let (visited, _) = commit(crawler, visit)?;
    Ok(Visited { heard: Some(Box::new(heard)), ..visited })
}

fn failed(heard: &mut Heard, status: u16, said: String) -> Finding {
    let error = format!("{said}{LATER}");
    heard.answer = Answer::Failed { status, said };
    Finding::Failed { error }
}

/// Keeps a feed that was read, and counts what is new in it.
fn keep(
    crawler: &Crawler,
    target: Target,
    capture: Capture,
    finding: Finding,
    asking: &Asking,
    mut heard: Heard,
) -> Result<Visited, ArchiveError> {
    let body = (capture.digest, capture.payload.len() as u64);
    let is_feed = matches!(finding, Finding::Feed { .. });
    let document = match extract::extract(&page_of(&capture), &Hints::default()) {
        Extracted::Feed(document) if is_feed => Some(document),
        _ => None,
    };
    let stated = document.as_ref().map(|document| Stated::of(document, &capture.final_url)).unwrap_or_default();
    let at = capture.at;
    let visit: Visit = follow::plan(crawler, target, Some(capture), finding)?;
    let (visited, follow) = commit(crawler, visit)?;
    let entries = u32::try_from(follow.iter().filter(|target| target.is_entry()).count()).unwrap_or(u32::MAX);
    let new = match document {
        Some(document) if !asking.was_feed => lately(&document, at),
        Some(_) => entries,
        None => u32::from(
            visited.report.as_ref().is_some_and(|report| matches!(report.outcome, Outcome::New | Outcome::Edited)),
        ),
    };
    heard.answer = Answer::Read { body, stated, new, is_feed };
    Ok(Visited { heard: Some(Box::new(heard)), ..visited })
}

/// How many entries a feed published lately, by its own word; where it has no dates, as many as a feed of its length usually did.
fn lately(feed: &FeedDocument, now: Time) -> u32 {
    let dates = feed.entries.iter().filter_map(|entry| entry.published.as_deref().or(entry.updated.as_deref()));
    let dates: Vec<_> = dates.filter_map(|text| DateTime::parse_from_rfc3339(text).ok()).collect();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    if dates.is_empty() {
        return count(feed.entries.len()).min(UNDATED);
    }
    count(dates.iter().filter(|at| now - at.to_utc() <= LATELY && at.to_utc() <= now).count())
}

/// No answer came to a poll.
pub(crate) fn unreached(crawler: &Crawler, target: &Target, asking: &Asking, error: &FetchError) -> Visited {
    if let FetchError::Paused { until, .. } = error {
        return Visited { back_at: Some(*until), ..Visited::default() };
    }
    let said = error.to_string();
    let is_network = matches!(
        error,
        FetchError::Dns { .. } | FetchError::Connect { .. } | FetchError::Timeout { .. } | FetchError::Proxy { .. }
    );
    let answer = if is_network {
        Answer::Unreached { said: said.clone() }
    } else {
        Answer::Failed { status: 0, said: said.clone() }
    };
    let heard = Heard {
        started: crawler.now(),
        asked: asking.url.clone(),
        permanent: None,
        fresh_for: None,
        validators: None,
        answer,
    };
    told(target, &Finding::Failed { error: format!("{said}{LATER}") }, 0, heard)
}

fn told(target: &Target, finding: &Finding, bytes: u64, heard: Heard) -> Visited {
    let mut report = Report::new(target, Outcome::Failed);
    report.bytes = bytes;
    if let Finding::Failed { error } = finding {
        report.reason = Some(error.clone());
    }
    Visited { report: Some(report), heard: Some(Box::new(heard)), ..Visited::default() }
}

/// What an answer's head says; the answer itself is filled in.
fn heard_of(capture: &Capture, asking: &Asking) -> Heard {
    Heard {
        started: capture.at,
        asked: asking.url.clone(),
        permanent: permanent(capture),
        fresh_for: fresh_for(capture),
        validators: capture.validators.clone(),
        answer: Answer::NotModified,
    }
}

/// Where the permanent redirects at the beginning of the way led.
fn permanent(capture: &Capture) -> Option<CanonicalUrl> {
    let led = capture.hops.iter().take_while(|hop| matches!(hop.status, 301 | 308)).count();
    if led == 0 {
        return None;
    }
    Some(capture.hops.get(led).map_or(&capture.final_url, |hop| &hop.url).clone())
}

/// For how many seconds the answer is good: `max-age`, else `Expires` less `Date` (RFC 9111 §4.2.1).
fn fresh_for(capture: &Capture) -> Option<u64> {
    let headers = &capture.response.headers;
    let control = || headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
    if control().next().is_some() {
        let lines = control().map(|(_, value)| value.as_str());
        let age = caching::max_age(lines);
        let forbids = control().any(|(_, value)| {
            let value = value.to_ascii_lowercase();
            value.contains("no-cache") || value.contains("no-store")
        });
        if age.is_some() || forbids {
            // What forbids keeping takes back what an earlier answer allowed.
            return Some(age.unwrap_or(0));
        }
    }
    let date = |name| DateTime::parse_from_rfc2822(capture.header(name)?).ok().map(|at| at.to_utc());
    let expires = date("expires")?;
    let seconds = (expires - date("date").unwrap_or(capture.at)).num_seconds();
    Some(u64::try_from(seconds).unwrap_or(0))
}
