//! RSS, Atom and JSON feeds: their entries. Those that point to mp.weixin.qq.com make the feed one of that account.

use super::{Look, Provider, Shows, history};
use crate::archive::ArchiveError;
use crate::model::{Rel, Target, TargetKind};

/// The entries of a feed.
pub(super) struct Syndication;

impl Provider for Syndication {
    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        let Shows::Feed(feed) = &look.shows else { return Ok(Vec::new()) };
        let is_history = history::is_history(look.target);
        let rel = if is_history { Rel::History } else { Rel::Entry };
        let (mut leads, mut left) = (Vec::new(), look.history);
        for entry in &feed.all {
            let lead = look.lead(entry.url.clone(), TargetKind::Article, rel, 0);
            let lead = Target { hint: Some(entry.hint.clone()), recheck: entry.changed.clone(), ..lead };
            if is_history {
                // An older page tells nothing new of what is held.
                if lead.recheck.is_some() || (look.is_known)(&lead)? {
                    continue;
                }
                if left == 0 {
                    break;
                }
                left -= 1;
            }
            leads.push(lead);
        }
        Ok(leads)
    }
}
