//! The pending targets of one site: what is due, by rank, and what is for later, by time.

use crate::model::{CanonicalUrl, Rel, Target, TargetKind, Time};
use std::collections::{BTreeMap, HashMap};

/// The targets of one site.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) due: BTreeMap<(u8, u64), Target>,
    pub(super) later: BTreeMap<(Time, u64), Target>,
    pub(super) out: usize,
}

/// When the first of a site's targets may start.
pub(super) enum Ready {
    Now((u8, u64)),
    At(Time),
    Never,
}

impl Queue {
    /// How many targets are no rechecks.
    pub(super) fn left(&self) -> usize {
        self.due.values().chain(self.later.values()).filter(|target| target.recheck.is_none()).count()
    }

    /// The first due target that may start: one whose URL has a pace of its own holds nobody up.
    pub(super) fn first_ready(&self, now: Time, ready_for: impl Fn(&CanonicalUrl) -> Time) -> Ready {
        let mut soonest = None;
        for (key, target) in &self.due {
            let (at, bare) = (ready_for(&target.url), is_bare(target));
            if at <= now && (self.out == 0 || !bare) {
                return Ready::Now(*key);
            }
            if at > now {
                soonest = Some(earlier(soonest, at));
            }
            // All that follow are bare links too, under the same pace.
            if bare {
                break;
            }
        }
        soonest.map_or(Ready::Never, Ready::At)
    }

    /// Gives a queued target the better URL that was found for it; whether there was one to be given it.
    pub(super) fn improve(&mut self, identity: &str, better: &Target) -> bool {
        let is_worse =
            |queued: &Target| queued.url.wechat_rank() < better.url.wechat_rank() && queued.identity() == identity;
        let due = self.due.iter().find(|(_, queued)| is_worse(queued)).map(|(key, _)| *key);
        let later = self.later.iter().find(|(_, queued)| is_worse(queued)).map(|(key, _)| *key);
        let due = due.and_then(|key| Some((key.1, self.due.remove(&key)?)));
        let later = later.and_then(|key| Some((key.1, self.later.remove(&key)?)));
        let Some((order, queued)) = due.or(later) else { return false };
        let not_before = better.not_before.min(queued.not_before);
        let hint = better.hint.clone().or(queued.hint);
        self.later.insert((not_before, order), Target { not_before, hint, ..better.clone() });
        true
    }

    /// Moves what has become due to where rank decides.
    pub(super) fn promote(&mut self, now: Time, blocks: &HashMap<String, u32>) {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            let ((_, order), target) = entry.remove_entry();
            // Few ever drew one: most need no look at who they are.
            let blocks = if blocks.is_empty() { 0 } else { blocks.get(&target.identity()).copied().unwrap_or(0) };
            self.due.insert((rank(&target, blocks), order), target);
        }
    }
}

/// The most captchas that are told apart: judgement; a target that drew more is as unwelcome.
const MOST_BLOCKS: u32 = 9;

/// Lower goes first.
fn rank(target: &Target, blocks: u32) -> u8 {
    let rank = match (target.kind, target.rel) {
        (TargetKind::Feed | TargetKind::List, _) => 0,
        // Right after their page: their URLs expire.
        (TargetKind::Asset, Rel::Audio | Rel::Video) => 1,
        (TargetKind::Asset, _) => 5,
        _ if target.recheck.is_some() => 4,
        (TargetKind::Article, Rel::Entry) => 2,
        (TargetKind::Article, _) => 3,
    };
    let rank = rank + 10 * blocks.min(MOST_BLOCKS) as u8;
    // After everything else, in the same order.
    if is_bare(target) { rank + 100 } else { rank }
}

/// Whether this is a WeChat link without its `chksm`.
fn is_bare(target: &Target) -> bool {
    target.url.wechat_rank() == 1
}

/// The earlier of two instants, of which the first may not be known.
pub(super) fn earlier(wait: Option<Time>, other: Time) -> Time {
    wait.map_or(other, |wait| wait.min(other))
}
