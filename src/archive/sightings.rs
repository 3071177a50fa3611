//! Which link leads to an article best, and what a visit shows of identity beside its own article: better URLs of articles that are held, and another article than was asked for.

use crate::archive::error::ArchiveError;
use crate::archive::index::keys;
use crate::archive::index::ledger::Ledger;
use crate::archive::index::rows::ArticleRow;
use crate::archive::reader::Reader;
use crate::model::{CanonicalUrl, Finding, Key, PageStatus, Target, TargetKind, Visit, VisitRecord};

impl Reader {
    /// The URL to fetch a target by: the best that is known of its article, and never a worse one than its own.
    ///
    /// # Errors
    /// When the index fails.
    pub fn best_url(&self, target: &Target) -> Result<CanonicalUrl, ArchiveError> {
        let own = target.url.wechat_rank();
        if target.kind == TargetKind::Asset || !matches!(own, 1 | 2) {
            return Ok(target.url.clone());
        }
        let key = target.recheck.clone().map_or_else(|| self.key_of(&target.url), Ok)?;
        let known = self.article(&key)?.map(|row| row.url).filter(|url| url.wechat_rank() > own);
        Ok(known.unwrap_or_else(|| target.url.clone()))
    }

    /// Whether a held article has a URL, not asked yet in this round, beside this one that leads nowhere any more.
    ///
    /// # Errors
    /// When the index fails.
    pub fn has_another_url(&self, key: &Key, asked: &CanonicalUrl) -> Result<bool, ArchiveError> {
        let next = self.article(key)?.and_then(|row| next_url(&row, key, asked));
        Ok(next.is_some_and(|(_, is_first)| !is_first))
    }
}

/// The URL by which a held article is looked at from now on, where the page says that the one asked for leads nowhere.
pub(crate) fn instead(ledger: &Ledger<'_>, visit: &Visit) -> Result<Option<CanonicalUrl>, ArchiveError> {
    let is_dead = matches!(&visit.finding, Finding::Page { status: PageStatus::BadLink | PageStatus::LinkExpired, .. });
    let Some(key) = visit.target.recheck.as_ref().filter(|_| is_dead) else { return Ok(None) };
    let asked = visit.capture.as_ref().map_or(&visit.target.url, |capture| &capture.url);
    Ok(ledger.article(key)?.and_then(|row| next_url(&row, key, asked)).map(|(url, _)| url))
}

/// The URL that is next after this one, best first, and whether that is the first again: a round through all of them ends.
fn next_url(row: &ArticleRow, key: &Key, asked: &CanonicalUrl) -> Option<(CanonicalUrl, bool)> {
    if row.url != *asked {
        return Some((row.url.clone(), false));
    }
    let mut urls: Vec<&CanonicalUrl> =
        row.aliases.iter().filter(|url| url.wechat_rank() > 0 && may_name(url, key)).collect();
    urls.sort_by_key(|url| std::cmp::Reverse(url.wechat_rank()));
    let at = urls.iter().position(|url| *url == asked)?;
    let first = urls.first().filter(|first| **first != asked);
    let next = urls.get(at + 1).map(|url| ((*url).clone(), false));
    next.or_else(|| first.map(|url| ((*url).clone(), true)))
}

/// Better URLs, by what WeChat answers, of articles that are held or pending under worse ones, wherever the feed reaches. Only WeChat's own pages and the owner's feeds are
/// believed: another page could spoil a link that works.
pub(crate) fn sighted(ledger: &Ledger<'_>, visit: &Visit) -> Result<Vec<CanonicalUrl>, ArchiveError> {
    let is_wechat =
        visit.capture.as_ref().map_or(visit.target.url.is_wechat(), |capture| capture.final_url.is_wechat());
    let links: Vec<&CanonicalUrl> = match &visit.finding {
        Finding::Article(judgement) if is_wechat => {
            let told = judgement.document.wechat.iter().flat_map(|facts| &facts.neighbours);
            judgement.document.links.iter().map(|link| &link.url).chain(told).collect()
        }
        Finding::Feed { .. } => Vec::new(),
        _ => return Ok(Vec::new()),
    };
    let mut sighted: Vec<CanonicalUrl> = Vec::new();
    for url in visit.follow.iter().map(|target| &target.url).chain(links) {
        if url.wechat_ids().is_none() || url.wechat_rank() < 2 || sighted.contains(url) {
            continue;
        }
        let key = Key::of_url(url);
        let is_worse = |known: &CanonicalUrl| known.wechat_ids().is_some() && known.wechat_rank() < url.wechat_rank();
        let is_better = if let Some(row) = ledger.article(&key)? {
            // One of its own that is not its best any more was found to be dead.
            is_worse(&row.url) && !row.aliases.contains(url)
        } else {
            let is_followed = visit.follow.iter().any(|target| target.url == *url);
            let pending = ledger.get::<Target>(&keys::frontier_of(key.as_str()))?;
            !is_followed && pending.is_some_and(|pending| is_worse(&pending.url))
        };
        if is_better {
            sighted.push(url.clone());
        }
    }
    Ok(sighted)
}

/// Keeps the better URLs, and looks again by them.
pub(crate) fn learn(ledger: &mut Ledger<'_>, record: &VisitRecord) -> Result<(), ArchiveError> {
    for url in &record.sighted {
        let key = Key::of_url(url);
        let Some(mut row) = ledger.article(&key)? else {
            improve_pending(ledger, &key, url)?;
            continue;
        };
        if row.url.wechat_rank() >= url.wechat_rank() {
            continue;
        }
        row.url = url.clone();
        if !row.aliases.contains(url) {
            row.aliases.push(url.clone());
        }
        let pending = row.recheck_at(&key, record.at);
        if let Some(pending) = ledger.pending(&pending)? {
            ledger.put(keys::frontier(&pending), &Target { url: url.clone(), ..pending.clone() });
        }
        ledger.put(keys::article(&key), &row);
    }
    Ok(())
}

/// Gives a pending target its better URL; what was tried in vain by the worse one is not held against it.
fn improve_pending(ledger: &mut Ledger<'_>, key: &Key, url: &CanonicalUrl) -> Result<(), ArchiveError> {
    let place = keys::frontier_of(key.as_str());
    if let Some(pending) = ledger.get::<Target>(&place)?.filter(|held| held.url.wechat_rank() < url.wechat_rank()) {
        ledger.remove(keys::mark("attempt", &pending.identity()));
        ledger.put(place, &Target { url: url.clone(), ..pending });
    }
    Ok(())
}

/// The article that was asked for, where the one that came (`key`) is another: WeChat redirects, and links lie.
pub(crate) fn asked(ledger: &Ledger<'_>, target: &Target, key: &Key) -> Result<Option<Key>, ArchiveError> {
    let asked = match &target.recheck {
        Some(key) => key.clone(),
        None => ledger.key_of(&target.url)?,
    };
    let both = asked.as_str().starts_with("wx:") && key.as_str().starts_with("wx:") && target.url.is_wechat();
    Ok(Some(asked).filter(|asked| both && asked != key))
}

/// Whether a URL may be kept as one of this article's: it names no other.
pub(crate) fn may_name(url: &CanonicalUrl, key: &Key) -> bool {
    url.wechat_ids().is_none() || Key::of_url(url) == *key
}

/// The article that was to be looked at again and did not come: it is looked at once more.
pub(crate) fn asked_row(ledger: &Ledger<'_>, record: &VisitRecord) -> Result<Option<(Key, ArticleRow)>, ArchiveError> {
    let Some(asked) = record.asked.as_ref().filter(|asked| record.target.recheck.as_ref() == Some(asked)) else {
        return Ok(None);
    };
    Ok(ledger.article(asked)?.map(|row| (asked.clone(), row)))
}
