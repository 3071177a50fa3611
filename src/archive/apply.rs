//! Visit record → index rows. The one rule by which the index follows from the segments: used when a visit is committed, when
//! an open segment is replayed, and when the whole index is made anew.

use crate::archive::accounts;
use crate::archive::error::ArchiveError;
use crate::archive::index::keys;
use crate::archive::index::ledger::Ledger;
use crate::archive::index::rows::{ArticleRow, PayloadRow, SnapshotRow, UrlRow};
use crate::archive::judge::yields;
use crate::archive::segments::Locator;
use crate::archive::segments::scan::StoredVisit;
use crate::archive::sightings;
use crate::model::{
    ArticleState, CanonicalUrl, Change, ChangeKind, Document, EntryWindow, Key, Outcome, Rel, Sighting, TargetKind,
    VisitRecord,
};

/// Lays one visit's effects over the index.
pub(crate) fn apply(ledger: &mut Ledger<'_>, visit: &StoredVisit) -> Result<(), ArchiveError> {
    let record = &visit.record;
    ledger.remove(keys::frontier(&record.target));
    ledger.remove(keys::mark("attempt", &record.target.identity()));
    payload(ledger, visit)?;
    match record.outcome {
        Outcome::New | Outcome::Edited | Outcome::Unchanged => article(ledger, record, visit.place)?,
        Outcome::Gone => gone(ledger, record)?,
        _ => {
            if let Some(key) = &record.target.recheck
                && let Some(mut row) = ledger.article(key)?
            {
                if let Some(url) = &record.instead {
                    row.url.clone_from(url);
                    ledger.put(keys::article(key), &row);
                }
                recheck(ledger, record, key, &row);
            }
        }
    }
    if record.target.kind == TargetKind::Feed {
        feed(ledger, record)?;
    }
    if let Some(notes) = &record.notes {
        let row = keys::entries(&record.target.feed);
        let window = ledger.get::<EntryWindow>(&row)?.unwrap_or_default();
        ledger.put(row, &window.after(notes));
    }
    if record.target.kind != TargetKind::Feed || record.key.is_some() {
        urls(ledger, record)?;
    }
    sightings::learn(ledger, record)?;
    follow(ledger, record)
}

fn payload(ledger: &mut Ledger<'_>, visit: &StoredVisit) -> Result<(), ArchiveError> {
    let record = &visit.record;
    let response = visit.others.iter().find(|(kind, _, _)| kind == "response");
    let (Some((_, id, place)), Some(digest)) = (response, record.digest) else { return Ok(()) };
    if ledger.payload(&digest)?.is_none() {
        let row = PayloadRow {
            place: *place,
            record: id.clone(),
            url: record.final_url.clone().unwrap_or_else(|| record.target.url.clone()),
            at: record.at,
            size: record.size.unwrap_or_default(),
            media_type: record.media_type.clone(),
        };
        ledger.put(keys::payload(&digest), &row);
    }
    Ok(())
}

fn article(ledger: &mut Ledger<'_>, record: &VisitRecord, place: Locator) -> Result<(), ArchiveError> {
    let Some(key) = &record.key else { return Ok(()) };
    let (held, is_held) = match ledger.article(key)? {
        Some(row) if yields(key, &row, record.final_url.as_ref().unwrap_or(&record.target.url).host()) => {
            move_away(ledger, key, &row)?;
            (empty_row(record), false)
        }
        Some(row) => (row, true),
        None => (empty_row(record), false),
    };
    let mut row = merge_provisional(ledger, record, key, held.clone())?;
    snapshot(ledger, &mut row, record, place);
    accounts::learn(ledger, record, key)?;
    learn_urls(&mut row, record);
    if record.asked.is_some() && !sightings::may_name(&row.url, key) {
        row.url = record.aliases.first().unwrap_or(&row.url).clone();
    }
    let was = row.state;
    // What a feed goes on saying tells nothing of the page.
    let is_page = record.from_entry.is_none() && record.target.url.entry().is_none();
    if is_page || !was.is_gone() {
        row.sighting = None;
        row.moved_to = None;
        row.state = if row.is_edited() { ArticleState::Edited } else { ArticleState::Alive };
    }
    let kind = match record.outcome {
        // One that was only known to be gone is new.
        Outcome::New => Some(ChangeKind::New),
        _ if was.is_gone() && !row.state.is_gone() => Some(ChangeKind::Restored),
        Outcome::Edited => Some(ChangeKind::Edited),
        _ => None,
    };
    if let Some(kind) = kind {
        let (seq, at, key) = (record.seq, record.at, key.clone());
        ledger.log(&Change { seq, at, key, kind, status: None, reason: None });
    }
    ledger.saw(key, record.at, record.outcome == Outcome::Unchanged && record.snapshot.is_none())?;
    // Other URLs of the same article may be pending: they would bring nothing.
    if record.outcome == Outcome::New {
        ledger.remove(keys::frontier_of(key.as_str()));
    }
    for alias in &record.aliases {
        ledger.remove(keys::frontier_of(Key::of_url(alias).as_str()));
    }
    recheck(ledger, record, key, &row);
    if let Some((asked, row)) = sightings::asked_row(ledger, record)? {
        recheck(ledger, record, &asked, &row);
    }
    // An unchanged article leaves its row alone: looking again must cost next to nothing.
    if !is_held || row != held {
        ledger.put(keys::article(key), &row);
    }
    Ok(())
}

/// Adds the snapshot that a visit made, where it made one.
fn snapshot(ledger: &mut Ledger<'_>, row: &mut ArticleRow, record: &VisitRecord, place: Locator) {
    let digest = record.from_entry.or(record.digest);
    if let (Some(document), Some(content), Some(digest)) = (&record.snapshot, record.content, digest) {
        describe(row, document);
        // Replaying a visit that the index knows already must change nothing.
        row.snapshots.retain(|snapshot| snapshot.id != record.seq);
        row.snapshots.push(SnapshotRow {
            id: record.seq,
            captured_at: record.at,
            digest,
            content,
            extractor: document.extractor.clone(),
            place,
            is_entry: record.from_entry.is_some(),
            is_edit: record.outcome == Outcome::Edited,
        });
        if let Some(key) = &record.key {
            backlinks(ledger, key, document);
        }
    }
}

/// Files an article that only claimed a WeChat key under the URL it came from.
fn move_away(ledger: &mut Ledger<'_>, key: &Key, row: &ArticleRow) -> Result<(), ArchiveError> {
    let own = Key::of_url(&row.url);
    if ledger.article(&own)?.is_none() {
        ledger.put(keys::article(&own), row);
    }
    for url in std::iter::once(&row.url).chain(&row.aliases) {
        if let Some(known) = ledger.url(url)?.filter(|known| known.key.as_ref() == Some(key)) {
            ledger.put(keys::url(url), &UrlRow { key: Some(own.clone()), ..known });
        }
    }
    ledger.remove(keys::seen(key));
    Ok(())
}

fn gone(ledger: &mut Ledger<'_>, record: &VisitRecord) -> Result<(), ArchiveError> {
    let (Some(key), Some(status)) = (&record.key, record.page) else { return Ok(()) };
    let mut row = ledger.article(key)?.unwrap_or_else(|| empty_row(record));
    learn_urls(&mut row, record);
    if row.state.is_gone() && !status.is_gone() {
        // What cannot be had for now says nothing new of an article that is gone.
        recheck(ledger, record, key, &row);
        return ledger.saw(key, record.at, false);
    }
    let sighting = Sighting::after(row.sighting.as_ref(), status, record.reason.clone(), record.at);
    let is_final = sighting.is_final();
    row.sighting = Some(sighting);
    if record.moved_to.is_some() {
        row.moved_to.clone_from(&record.moved_to);
        accounts::learn(ledger, record, key)?;
    }
    if let Some(state) = ArticleState::of(status).filter(|state| is_final && *state != row.state) {
        if state.is_gone() && !row.state.is_gone() {
            let (at, kind, reason) = (record.at, ChangeKind::Deleted, record.reason.clone());
            ledger.log(&Change { seq: record.seq, at, key: key.clone(), kind, status: Some(status), reason });
        }
        row.state = state;
    }
    ledger.saw(key, record.at, false)?;
    recheck(ledger, record, key, &row);
    ledger.put(keys::article(key), &row);
    Ok(())
}

fn feed(ledger: &mut Ledger<'_>, record: &VisitRecord) -> Result<(), ArchiveError> {
    let mut row = ledger.feed(&record.target.feed)?;
    row.polled_at = Some(record.at);
    if row.url.as_ref() != Some(&record.target.url) {
        row.read_at = None;
    }
    if !matches!(record.outcome, Outcome::Failed | Outcome::Page) {
        row.read_at = Some(record.at);
    }
    row.outcome = Some(record.outcome);
    row.url = Some(record.target.url.clone());
    // A 304 repeats the validators it was asked with, or none: those held stay good.
    if record.status != Some(304) && record.outcome == Outcome::Feed {
        row.validators.clone_from(&record.validators);
    }
    ledger.put(keys::feed(&record.target.feed), &row);
    Ok(())
}

fn urls(ledger: &mut Ledger<'_>, record: &VisitRecord) -> Result<(), ArchiveError> {
    let row = UrlRow {
        key: record.key.clone(),
        kind: record.target.kind,
        outcome: record.outcome,
        digest: record.digest,
        page: record.page,
    };
    // Of an article only what leads to it is kept: an unchanged one changes nothing here.
    let row = match record.outcome {
        Outcome::New | Outcome::Edited | Outcome::Unchanged => UrlRow { outcome: Outcome::New, digest: None, ..row },
        _ => row,
    };
    let mut urls: Vec<&CanonicalUrl> = vec![&record.target.url];
    urls.extend(&record.aliases);
    for url in urls {
        // A URL that brought another article than it names leads to neither.
        let strayed = UrlRow { key: None, outcome: Outcome::Page, digest: None, ..row.clone() };
        let row = if record.asked.is_some() && *url == record.target.url { &strayed } else { &row };
        let before = ledger.url(url)?;
        // A page that failed later still leads to its article, and to the payload it once had: the body of a 404 is no picture.
        let lost = before.as_ref().is_some_and(|before| {
            (before.key.is_some() && row.key.is_none())
                || (before.digest.is_some() && row.digest.is_none() && row.key.is_none())
                || (before.outcome == Outcome::Asset && row.outcome == Outcome::Failed)
        });
        // Nor does a name that a page gives itself take another article's URL away.
        let is_taken = *url != record.target.url
            && before
                .as_ref()
                .and_then(|before| before.key.as_ref())
                .is_some_and(|key| !key.is_provisional() && row.key.as_ref() != Some(key));
        if !lost && !is_taken && before.as_ref() != Some(row) {
            ledger.put(keys::url(url), row);
        }
    }
    Ok(())
}

fn follow(ledger: &mut Ledger<'_>, record: &VisitRecord) -> Result<(), ArchiveError> {
    let (mut followed, mut filled) = (0, 0);
    for target in &record.follow {
        let is_new = ledger.pending(target)?.is_none();
        followed += u32::from(is_new && target.is_followed());
        filled += u32::from(is_new && target.kind == TargetKind::Article && target.rel == Rel::History);
        ledger.put(keys::frontier(target), target);
    }
    if followed + filled > 0 {
        let mut row = ledger.feed(&record.target.feed)?;
        row.followed += followed;
        row.filled += filled;
        ledger.put(keys::feed(&record.target.feed), &row);
    }
    Ok(())
}

fn recheck(ledger: &mut Ledger<'_>, record: &VisitRecord, key: &Key, row: &ArticleRow) {
    if let Some(at) = record.recheck_at {
        let target = row.recheck_at(key, at);
        ledger.put(keys::frontier(&target), &target);
    }
}

fn empty_row(record: &VisitRecord) -> ArticleRow {
    ArticleRow {
        title: record.target.hint.as_ref().and_then(|hint| hint.title.clone()),
        account: None,
        author: None,
        published: None,
        url: record.target.url.clone(),
        feed: record.target.feed.clone(),
        depth: record.target.depth,
        kind: None,
        state: ArticleState::Alive,
        aliases: Vec::new(),
        snapshots: Vec::new(),
        sighting: None,
        moved_to: None,
    }
}

fn describe(row: &mut ArticleRow, document: &Document) {
    row.title.clone_from(&document.title);
    row.account.clone_from(&document.account);
    row.author.clone_from(&document.author);
    row.published = document.published;
    row.kind = document.kind;
}

/// Notes the URLs by which the article is known, and keeps the best one to fetch it by; a worse one never replaces it.
fn learn_urls(row: &mut ArticleRow, record: &VisitRecord) {
    for url in &record.aliases {
        if !row.aliases.contains(url) {
            row.aliases.push(url.clone());
        }
        if url.wechat_rank() > row.url.wechat_rank() {
            row.url = url.clone();
        }
    }
}

/// A WeChat page first known by its URL alone joins the article it turned out to be.
fn merge_provisional(
    ledger: &mut Ledger<'_>,
    record: &VisitRecord,
    key: &Key,
    mut row: ArticleRow,
) -> Result<ArticleRow, ArchiveError> {
    for url in std::iter::once(&record.target.url).chain(&record.aliases) {
        let provisional = Key::of_url(url);
        if provisional == *key || !provisional.is_provisional() {
            continue;
        }
        let Some(before) = ledger.article(&provisional)? else { continue };
        for alias in before.aliases {
            if !row.aliases.contains(&alias) {
                row.aliases.push(alias);
            }
        }
        row.snapshots.splice(0..0, before.snapshots);
        row.snapshots.sort_by_key(|snapshot| snapshot.id);
        ledger.remove(keys::article(&provisional));
        ledger.remove(keys::seen(&provisional));
    }
    Ok(row)
}

/// Links to other articles, so that each knows who links to it. References that leave WeChat are not articles here.
fn backlinks(ledger: &mut Ledger<'_>, key: &Key, document: &Document) {
    for link in &document.links {
        let counts = matches!(link.rel, Rel::PastIssue | Rel::Album) || link.url.is_wechat();
        if counts {
            ledger.put(keys::backlink(Key::of_url(&link.url).as_str(), key), &link.rel);
        }
    }
}
