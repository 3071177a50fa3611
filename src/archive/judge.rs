//! Visit → what to write: which outcome it is, and how much of the capture has to be kept. Decided by the writer, under the
//! eyes of everything written before it.

use crate::archive::error::ArchiveError;
use crate::archive::index::keys;
use crate::archive::index::ledger::Ledger;
use crate::archive::index::rows::{ArticleRow, PayloadRow};
use crate::archive::sightings;
use crate::model::{
    CanonicalUrl, Capture, Finding, Judgement, Key, Outcome, PageStatus, Target, TargetKind, Visit, VisitRecord, media,
};

/// How much of a capture is kept.
#[derive(Debug, PartialEq)]
pub(crate) enum Keep {
    /// Request and whole response.
    Response,
    /// Request and a `revisit`: the payload is held already (`None` for a 304, which has none).
    Revisit(Option<Box<PayloadRow>>),
    /// Digest and size only: the article is the same, its page differs in nonces and counters.
    Seen,
    /// Nothing: there was no answer.
    Nothing,
}

/// Decides a visit. The record's `records` are filled in once they are written.
pub(crate) fn judge(ledger: &Ledger<'_>, visit: &Visit, seq: u64) -> Result<(VisitRecord, Keep), ArchiveError> {
    let mut record = begun(ledger, visit, seq)?;
    let mut keep = Keep::Nothing;
    if let Some(capture) = &visit.capture {
        describe(&mut record, capture);
        keep = keep_of(ledger, capture)?;
    }
    match &visit.finding {
        Finding::Article(judgement) => {
            let seen = article(ledger, visit, judgement, &mut record)?;
            if seen && keep == Keep::Response {
                keep = Keep::Seen;
            }
        }
        Finding::Gone { status, reason } => {
            gone(ledger, visit, &mut record)?;
            record.page = Some(*status);
            record.reason.clone_from(reason);
        }
        Finding::Moved { to, reason } => {
            gone(ledger, visit, &mut record)?;
            record.page = Some(PageStatus::AccountMigrated);
            record.reason.clone_from(reason);
            record.moved_to = Some(to.clone());
        }
        Finding::Feed { .. } => {
            record.outcome = Outcome::Feed;
            record.validators = visit.capture.as_ref().and_then(validators);
        }
        Finding::Asset => {
            record.outcome = Outcome::Asset;
            let payload = visit.capture.as_ref().map(|capture| &capture.payload[..]).unwrap_or_default();
            // By its bytes: servers say image/jpeg of anything.
            if let Some(kind) = media::sniff(payload) {
                record.media_type = Some(kind.to_owned());
            }
        }
        Finding::Page { status, reason } => {
            record.outcome = Outcome::Page;
            record.page = Some(*status);
            record.reason.clone_from(reason);
        }
        Finding::Failed { error } => record.reason = Some(error.clone()),
    }
    // Whatever came of it stands for every URL that the same file will have.
    let lasting = visit.target.url.lasting();
    if visit.target.kind == TargetKind::Asset && lasting != visit.target.url {
        record.aliases.push(lasting);
    }
    Ok((record, keep))
}

/// A visit's record with nothing said of what came of it.
fn begun(ledger: &Ledger<'_>, visit: &Visit, seq: u64) -> Result<VisitRecord, ArchiveError> {
    Ok(VisitRecord {
        seq,
        at: visit.at,
        target: visit.target.clone(),
        outcome: Outcome::Failed,
        records: Vec::new(),
        final_url: None,
        hops: Vec::new(),
        status: None,
        digest: None,
        size: None,
        media_type: None,
        validators: None,
        key: None,
        aliases: Vec::new(),
        asked: None,
        sighted: sightings::sighted(ledger, visit)?,
        instead: sightings::instead(ledger, visit)?,
        snapshot: None,
        content: None,
        from_entry: None,
        notes: visit.notes.clone(),
        page: None,
        reason: None,
        moved_to: None,
        follow: admitted(ledger, visit)?,
        recheck_at: visit.recheck_at,
    })
}

/// Fills in what a visit to an article that is gone says of whom.
fn gone(ledger: &Ledger<'_>, visit: &Visit, record: &mut VisitRecord) -> Result<(), ArchiveError> {
    let rechecked = visit.target.recheck.as_ref().filter(|key| ledger.article(key).is_ok_and(|row| row.is_some()));
    record.key = Some(match rechecked {
        Some(key) => key.clone(),
        None => ledger.key_of(&visit.target.url)?,
    });
    record.outcome = Outcome::Gone;
    Ok(())
}

/// Fills in an article's visit; true where it is held already, the same.
fn article(
    ledger: &Ledger<'_>,
    visit: &Visit,
    judgement: &Judgement,
    record: &mut VisitRecord,
) -> Result<bool, ArchiveError> {
    let document = &judgement.document;
    let entry = judgement.entry.as_ref();
    let claimed = document.key.as_ref().filter(|key| !key.is_provisional());
    let title = document.title.as_deref();
    let key = match (known_again(ledger, &visit.target)?, claimed) {
        // An entry that is known again, under another link too, is the article it was.
        (Some(key), _) => key,
        (None, Some(key)) if !is_spoofed(ledger, visit, key)? && !is_other_work(ledger, visit, key, title)? => {
            key.clone()
        }
        _ => ledger.key_of(&visit.target.url)?,
    };
    record.asked = sightings::asked(ledger, &visit.target, &key)?;
    let mut aliases = vec![&visit.target.url];
    aliases.extend(visit.capture.as_ref().map(|capture| &capture.final_url));
    // A page speaks for URLs of the host that answered, and for no other's.
    let answered = visit.capture.as_ref().map_or(visit.target.url.host(), |capture| capture.final_url.host());
    let own = document.canonical_url.as_ref().filter(|url| url.host() == answered);
    // An entry's document names the page that it is not.
    aliases.extend(own.filter(|_| entry.is_none()));
    // Another link to it that waits would bring nothing new: it is kept in case that this one dies.
    let waiting = ledger.get::<Target>(&keys::frontier_of(key.as_str()))?.map(|target| target.url);
    let is_spare = |url: &&CanonicalUrl| {
        url.is_wechat() && url.wechat_rank() <= visit.target.url.wechat_rank() && sightings::may_name(url, &key)
    };
    aliases.extend(waiting.as_ref().filter(is_spare));
    let held = ledger.article(&key)?.filter(|row| !yields(&key, row, answered));
    let known = held.as_ref().map(|row| row.aliases.as_slice()).unwrap_or_default();
    if record.asked.is_some() {
        aliases.retain(|alias| **alias != visit.target.url && sightings::may_name(alias, &key));
    }
    for alias in aliases {
        if !known.contains(alias) && !record.aliases.contains(alias) {
            record.aliases.push(alias.clone());
        }
    }
    record.key = Some(key);
    record.reason = entry.and_then(|entry| entry.why.clone());
    // What a feed says and what a page says are each compared with their own kind only.
    let last = held.as_ref().and_then(|row| row.last(entry.is_some()));
    let (mut is_first, is_held) = (false, held.as_ref().is_some_and(|row| !row.snapshots.is_empty()));
    record.outcome = match last {
        None if is_held => {
            is_first = true;
            Outcome::Unchanged
        }
        None => Outcome::New,
        Some(last) => {
            // An edit is judged by one extractor over both captures, never because the extractor changed.
            let before =
                judgement.held_content.filter(|_| last.extractor != document.extractor).unwrap_or(last.content);
            if before == judgement.content { Outcome::Unchanged } else { Outcome::Edited }
        }
    };
    let is_minor = record.outcome == Outcome::Edited && entry.is_some_and(|entry| entry.is_minor);
    if record.outcome == Outcome::Unchanged && !is_first {
        return Ok(true);
    }
    // Kept, and not told of: the first of its kind, and a trifle.
    record.outcome = if is_minor { Outcome::Unchanged } else { record.outcome };
    record.from_entry = entry.map(|entry| entry.capture);
    record.content = Some(judgement.content);
    record.snapshot = Some(Box::new(document.clone()));
    Ok(false)
}

/// The article that is looked at again because its feed's entry changed.
fn known_again(ledger: &Ledger<'_>, target: &Target) -> Result<Option<Key>, ArchiveError> {
    let Some(key) = target.recheck.as_ref().filter(|key| target.hint.is_some() && key.bizuin().is_none()) else {
        return Ok(None);
    };
    Ok(ledger.article(key)?.filter(|row| !row.snapshots.is_empty()).map(|_| key.clone()))
}

/// Whether what is held under a WeChat key came from another host: it gives the key up to WeChat's own page, and keeps its URL's.
pub(crate) fn yields(key: &Key, held: &ArticleRow, answered: &str) -> bool {
    let is_own = CanonicalUrl::parse(&format!("https://{answered}/")).is_ok_and(|url| url.is_wechat());
    is_own && key.as_str().starts_with("wx:") && !held.url.is_wechat()
}

/// Whether a page names itself by a URL that is already an article of another title: a listing that all its pages call canonical.
fn is_other_work(ledger: &Ledger<'_>, visit: &Visit, key: &Key, title: Option<&str>) -> Result<bool, ArchiveError> {
    let answered = visit.capture.as_ref().map(|capture| Key::of_url(&capture.final_url));
    let is_own = *key == Key::of_url(&visit.target.url) || Some(key) == answered.as_ref();
    if is_own || key.as_str().starts_with("wx:") {
        return Ok(false);
    }
    let known = ledger.url(&visit.target.url)?.is_some_and(|row| row.key.as_ref() == Some(key));
    Ok(!known && ledger.article(key)?.is_some_and(|row| !row.snapshots.is_empty() && row.title.as_deref() != title))
}

/// Whether a page of another host claims to be an article that is held from WeChat's own: it must not speak for it.
fn is_spoofed(ledger: &Ledger<'_>, visit: &Visit, key: &Key) -> Result<bool, ArchiveError> {
    let is_own = visit.capture.as_ref().is_some_and(|capture| capture.final_url.is_wechat());
    if is_own || *key == Key::of_url(&visit.target.url) {
        return Ok(false);
    }
    Ok(ledger.article(key)?.is_some_and(|row| row.url.is_wechat() && !row.snapshots.is_empty()))
}

fn describe(record: &mut VisitRecord, capture: &Capture) {
    record.final_url = Some(capture.final_url.clone()).filter(|url| *url != record.target.url);
    record.hops.clone_from(&capture.hops);
    record.status = Some(capture.status);
    if capture.status != 304 {
        record.digest = Some(capture.digest);
        record.size = Some(capture.payload.len() as u64);
    }
    record.media_type = Some(capture.media_type()).filter(|media_type| !media_type.is_empty());
}

fn keep_of(ledger: &Ledger<'_>, capture: &Capture) -> Result<Keep, ArchiveError> {
    if capture.status == 304 {
        return Ok(Keep::Revisit(None));
    }
    Ok(match ledger.payload(&capture.digest)? {
        Some(held) => Keep::Revisit(Some(Box::new(held))),
        None => Keep::Response,
    })
}

fn validators(capture: &Capture) -> Option<(Option<String>, Option<String>)> {
    let header = |name| capture.header(name).map(str::to_owned);
    let found = (header("etag"), header("last-modified"));
    (found.0.is_some() || found.1.is_some()).then_some(found)
}

/// Whether a target knows in which capture of its feed it stands.
fn is_told(target: &Target) -> bool {
    target.hint.as_ref().is_some_and(|hint| hint.capture.is_some())
}

/// The targets that following really brings: not visited, not pending (or pending under a worse URL), within the feed's limit.
fn admitted(ledger: &Ledger<'_>, visit: &Visit) -> Result<Vec<Target>, ArchiveError> {
    let mut admitted: Vec<Target> = Vec::new();
    let mut followed = ledger.feed(&visit.target.feed)?.followed;
    for target in &visit.follow {
        let twice = admitted.iter().any(|other| other.identity() == target.identity());
        // A page may be left pending by its own visit: it is to be tried again.
        let own = target.identity() == visit.target.identity();
        if own && !twice && target.not_before > visit.at {
            admitted.push(target.clone());
            continue;
        }
        if twice || (!own && !target.is_asked_anew() && ledger.was_visited(target)?) {
            continue;
        }
        let pending = ledger.pending(target)?;
        if let Some(pending) = pending {
            // A file's URL with a fresh signature takes the place of one that will have expired.
            let is_fresh = target.kind == TargetKind::Asset && pending.url != target.url;
            // Nor does an article whose entry changed wait for its turn.
            let is_sooner = target.recheck.is_some() && target.not_before < pending.not_before;
            if is_sooner {
                admitted.push(target.clone());
            } else if is_told(target) && !is_told(&pending) {
                // Where its entry stands is known now: what the feed says of it can be kept.
                admitted.push(Target { hint: target.hint.clone(), ..pending });
            } else if is_fresh || pending.url.wechat_rank() < target.url.wechat_rank() {
                admitted.push(Target { hint: pending.hint, ..target.clone() });
            }
            continue;
        }
        if target.is_followed() {
            if followed >= visit.follow_limit {
                continue;
            }
            followed += 1;
        }
        admitted.push(target.clone());
    }
    Ok(admitted)
}
