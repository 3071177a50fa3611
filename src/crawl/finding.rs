//! Capture → what it means: article, feed, asset, gone, blocked, or nothing worth keeping. Pure but for looking at what is held.

use crate::archive::{ArchiveError, ArticleRow, Reader};
use crate::crawl::asset;
use crate::crawl::providers::{self, Provider, history};
use crate::extract::wechat::listing::ListingError;
use crate::extract::{self, Hints, Page, entry};
use crate::model::{
    CanonicalUrl, Capture, Digest, Document, EntryHint, Extracted, Finding, Judgement, PageStatus, Target, TargetKind,
};

/// What is to be done with a capture.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Keep it, as this.
    Keep(Box<Finding>),
    /// A captcha or frequency page, in its own words.
    Blocked(String),
    /// The owner's session is at its end, or held back.
    Closed(ListingError),
    /// Nothing came of it; trying again may help. What was attempted and what went wrong.
    Again(String),
    /// The same, but not within this pass.
    Later(String),
}

/// What is said of a verification page that says nothing itself.
const CAPTCHA: &str = "captcha";

/// Judges a capture.
pub(crate) fn of(reader: &Reader, target: &Target, capture: &Capture) -> Result<Verdict, ArchiveError> {
    let keep = |finding| Ok(Verdict::Keep(Box::new(finding)));
    let list = providers::list_of(target);
    if list.is_some_and(Provider::is_private) && (300..400).contains(&capture.status) {
        // Sent away, to the login: an ended session.
        return Ok(Verdict::Closed(ListingError::LoginNeeded));
    }
    if let Some(words) = captcha(target, capture) {
        return Ok(Verdict::Blocked(words));
    }
    if let Some(verdict) = by_status(reader, target, capture)? {
        return Ok(verdict);
    }
    if target.kind == TargetKind::Asset {
        return asset::judge(reader, target, capture);
    }
    if capture.payload.is_empty() {
        return Ok(Verdict::Again(format!("{} answered with nothing", capture.final_url)));
    }
    if let Some(list) = list {
        return Ok(of_list(list, target, capture));
    }
    if history::is_history(target) {
        return Ok(of_history(target, capture));
    }
    let (page, hints) = (page_of(capture), Hints { entry: target.hint.as_ref() });
    match extract::extract(&page, &hints) {
        Extracted::Feed(feed) => match feed.error {
            None => keep(Finding::Feed { entries: feed.entries.len() as u32 }),
            Some(error) => Ok(Verdict::Again(format!("the feed {} could not be read: {error}", target.url))),
        },
        Extracted::Document(document) => of_document(reader, target, capture, *document),
        Extracted::Opaque => {
            let media_type = capture.media_type();
            let reason = Some(format!("{} is {media_type}, not a page", target.url));
            keep(Finding::Page { status: PageStatus::NotAnArticle, reason })
        }
    }
}

/// What the verification page says, where it answered: whatever it looks like and whatever its status, unless it shows an article.
fn captcha(target: &Target, capture: &Capture) -> Option<String> {
    if !capture.is_from_captcha() {
        return None;
    }
    match extract::extract(&page_of(capture), &Hints { entry: target.hint.as_ref() }) {
        Extracted::Document(document) if document.status == PageStatus::Article && !document.is_empty() => None,
        Extracted::Document(document) if document.status == PageStatus::Blocked => {
            Some(document.reason.unwrap_or_else(|| CAPTCHA.to_owned()))
        }
        _ => Some(CAPTCHA.to_owned()),
    }
}

fn of_list(list: &dyn Provider, target: &Target, capture: &Capture) -> Verdict {
    let in_words = |error: &ListingError| format!("{}: {error}", target.url);
    match list.read(&target.url, &capture.payload) {
        Ok(listing) => Verdict::Keep(Box::new(Finding::Feed { entries: listing.entries.len() as u32 })),
        Err(error @ (ListingError::LoginNeeded | ListingError::HeldBack)) if list.is_private() => {
            Verdict::Closed(error)
        }
        // The list alone is held back: a captcha is a page.
        Err(error @ ListingError::HeldBack) if capture.payload.trim_ascii_start().starts_with(b"{") => {
            Verdict::Later(in_words(&error))
        }
        Err(error @ ListingError::HeldBack) => Verdict::Blocked(error.to_string()),
        // It is no more, and is not asked for again.
        Err(error @ ListingError::Missing) if target.kind == TargetKind::List => {
            let (status, reason) = (PageStatus::Deleted, Some(format!("{}: there is no such list", target.url)));
            tracing::debug!(url = %target.url, %error, "a list is left out");
            Verdict::Keep(Box::new(Finding::Page { status, reason }))
        }
        Err(error @ ListingError::Unreadable { .. }) => Verdict::Again(in_words(&error)),
        // A feed asks for its first page at every poll; nothing leads to a further page, or to a list within, but what is pending.
        Err(error) if target.kind == TargetKind::List => Verdict::Later(in_words(&error)),
        Err(error) => Verdict::Keep(Box::new(Finding::Failed { error: in_words(&error) })),
    }
}

/// An older page of a feed, or a sitemap; anything else ends the way back.
fn of_history(target: &Target, capture: &Capture) -> Verdict {
    let entries = match entry::sitemap(&capture.payload) {
        Some(sitemap) => sitemap.pages.len() + sitemap.sitemaps.len(),
        None => match extract::extract(&page_of(capture), &Hints::default()) {
            Extracted::Feed(feed) if feed.error.is_none() => feed.entries.len(),
            _ => {
                let reason = Some(format!("{} is no older page of a feed: its history ends here", target.url));
                return Verdict::Keep(Box::new(Finding::Page { status: PageStatus::NotAnArticle, reason }));
            }
        },
    };
    Verdict::Keep(Box::new(Finding::Feed { entries: u32::try_from(entries).unwrap_or(u32::MAX) }))
}

/// The page an extractor sees.
pub(crate) fn page_of(capture: &Capture) -> Page<'_> {
    Page {
        url: &capture.url,
        final_url: &capture.final_url,
        content_type: capture.header("content-type").unwrap_or_default(),
        payload: &capture.payload,
    }
}

/// What the status code alone decides; WeChat answers 200 to almost everything.
fn by_status(reader: &Reader, target: &Target, capture: &Capture) -> Result<Option<Verdict>, ArchiveError> {
    let keep = |finding| Ok(Some(Verdict::Keep(Box::new(finding))));
    let said = format!("{} answered {}", capture.final_url, capture.response.line);
    match capture.status {
        200..=299 => Ok(None),
        304 if target.kind == TargetKind::Feed => keep(Finding::Feed { entries: 0 }),
        404 | 410 if target.kind == TargetKind::Article && held(reader, &target.url)?.is_some() => {
            keep(Finding::Gone { status: PageStatus::Deleted, reason: Some(said) })
        }
        // A picture's server that takes us for a stranger may think better of it.
        403 if target.kind == TargetKind::Asset && target.url.is_wechat_picture() => Ok(Some(Verdict::Again(said))),
        // A feed may name an entry before its page is there.
        404 if target.kind == TargetKind::Article && target.is_entry() => Ok(Some(Verdict::Later(said))),
        407 | 408 | 425 | 429 | 500..=599 => Ok(Some(Verdict::Again(said))),
        // Whoever is refused is not always told by 429, and nothing else may lead there again.
        403 if is_worth_waiting_for(target) => Ok(Some(Verdict::Later(format!("{said}{}", advice(403, target))))),
        _ if target.kind == TargetKind::List => Ok(Some(Verdict::Later(said))),
        // A feed that answers so is polled again by its schedule all the same.
        status => keep(Finding::Failed { error: format!("{said}{}", advice(status, target)) }),
    }
}

/// Whether a page that is refused today is asked for again: one of a feed's, or of WeChat's. A held article's turn comes round anyway.
fn is_worth_waiting_for(target: &Target) -> bool {
    let is_page = target.kind == TargetKind::Article && target.recheck.is_none();
    is_page && (target.is_entry() || target.url.is_wechat())
}

/// What the owner can do about a status that will not change by itself.
fn advice(status: u16, target: &Target) -> &'static str {
    match status {
        401 | 403 => "; what it wants to see may go into user_agent and headers of its [[site]] entry",
        404 | 410 if target.kind == TargetKind::Feed => "; correct the url of this [[feed]], or take it out",
        404 | 410 if target.via.is_none() => "; check the URL",
        _ => "",
    }
}

fn of_document(
    reader: &Reader,
    target: &Target,
    capture: &Capture,
    document: Document,
) -> Result<Verdict, ArchiveError> {
    let (status, reason) = (document.status, document.reason.clone());
    Ok(match status {
        PageStatus::Incomplete => Verdict::Again(format!("{} came without its content", target.url)),
        // A success with nothing in it is a page that did not finish: never stored over something better.
        PageStatus::Article if document.is_empty() => {
            Verdict::Again(format!("{} came without its content", target.url))
        }
        PageStatus::Article if is_only_a_preview_now(reader, target, &document)? => {
            let reason = Some("a paid article: only its preview is shown".to_owned());
            Verdict::Keep(Box::new(Finding::Gone { status: PageStatus::Restricted, reason }))
        }
        PageStatus::Article => Verdict::Keep(Box::new(Finding::Article(Box::new(judge(reader, capture, document)?)))),
        PageStatus::Blocked => Verdict::Blocked(reason.unwrap_or_else(|| CAPTCHA.to_owned())),
        PageStatus::NotAnArticle if target.kind == TargetKind::Feed => {
            let error = format!(
                "{} answered with a page that is neither feed nor article; correct the url of this [[feed]]",
                capture.final_url
            );
            Verdict::Keep(Box::new(Finding::Failed { error }))
        }
        PageStatus::LinkExpired | PageStatus::BadLink if target.kind == TargetKind::Feed => {
            let said = reason.map(|said| format!(" ({said})")).unwrap_or_default();
            let error = format!(
                "{} leads to no article{said}; correct the url of this [[feed]]: a link that WeChat's own menu copies lasts",
                capture.final_url
            );
            Verdict::Keep(Box::new(Finding::Failed { error }))
        }
        PageStatus::LinkExpired | PageStatus::BadLink | PageStatus::NotAnArticle => {
            Verdict::Keep(Box::new(Finding::Page { status, reason }))
        }
        PageStatus::AccountMigrated if let Some(to) = moved_to(&document) => {
            Verdict::Keep(Box::new(Finding::Moved { to, reason }))
        }
        _ => Verdict::Keep(Box::new(Finding::Gone { status, reason })),
    })
}

/// Where a migrated account's page says that its article went: to another page of WeChat's, or nowhere.
fn moved_to(document: &Document) -> Option<CanonicalUrl> {
    let named = document.wechat.as_ref().and_then(|facts| facts.moved_to.as_ref());
    let named = named.or_else(|| document.links.first().map(|link| &link.url));
    named.filter(|url| url.is_wechat()).cloned()
}

/// Whether the free beginning of a paid article would take the place of the whole of it.
fn is_only_a_preview_now(reader: &Reader, target: &Target, document: &Document) -> Result<bool, ArchiveError> {
    let is_preview = |document: &Document| document.wechat.as_ref().is_some_and(|facts| facts.preview_only);
    if !is_preview(document) {
        return Ok(false);
    }
    let key = document.key.clone().map_or_else(|| reader.key_of(&target.url), Ok)?;
    let last = reader.article(&key)?.and_then(|row| row.last(false).cloned());
    match last.map(|last| reader.document(&last)) {
        Some(Ok(held)) => Ok(!is_preview(&held)),
        None | Some(Err(ArchiveError::Damaged { .. })) => Ok(false),
        Some(Err(error)) => Err(error),
    }
}

/// Adds what is needed to tell an edit from a new way of understanding.
fn judge(reader: &Reader, capture: &Capture, document: Document) -> Result<Judgement, ArchiveError> {
    let content = extract::content_digest(&document);
    let held = match &document.key {
        Some(key) => reader.article(key)?,
        None => held(reader, &capture.url)?,
    };
    let held_content = held.map(|row| understood_again(reader, &row, &document.extractor)).transpose()?.flatten();
    Ok(Judgement { document, content, held_content, entry: None })
}

/// The content digest of the snapshot held, as today's extractor understands its capture; `None` where it was made by it.
fn understood_again(reader: &Reader, row: &ArticleRow, extractor: &str) -> Result<Option<Digest>, ArchiveError> {
    let Some(last) = row.last(false).filter(|last| last.extractor != extractor) else { return Ok(None) };
    let capture = match reader.capture(last) {
        Ok(Some(capture)) => capture,
        // Damage to what is held must not stop what is new; `verify` reports it.
        Ok(None) | Err(ArchiveError::Damaged { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let url = &capture.record.target.url;
    let page = Page {
        url,
        final_url: capture.record.final_url.as_ref().unwrap_or(url),
        content_type: capture.head.header("content-type").unwrap_or_default(),
        payload: &capture.payload,
    };
    let hint: Option<&EntryHint> = capture.record.target.hint.as_ref();
    Ok(match extract::extract(&page, &Hints { entry: hint }) {
        Extracted::Document(document) if document.status == PageStatus::Article => {
            Some(extract::content_digest(&document))
        }
        _ => None,
    })
}

fn held(reader: &Reader, url: &CanonicalUrl) -> Result<Option<ArticleRow>, ArchiveError> {
    let row = reader.article(&reader.key_of(url)?)?;
    // What its feed told of it was never its page.
    Ok(row.filter(|row| row.last(false).is_some()))
}
