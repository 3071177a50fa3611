//! RSS, Atom and JSON feeds: their entries. Those that point to mp.weixin.qq.com make the feed one of that account.

use super::{Look, Provider, Shows};
use crate::archive::ArchiveError;
use crate::model::{Rel, Target, TargetKind};

/// The entries of a feed.
pub(super) struct Syndication;

impl Provider for Syndication {
    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        let Shows::Feed(entries) = &look.shows else { return Ok(Vec::new()) };
        let entry = |(url, hint): &(_, _)| Target {
            hint: Some(Clone::clone(hint)),
            ..look.lead(Clone::clone(url), TargetKind::Article, Rel::Entry, 0)
        };
        Ok(entries.iter().map(entry).collect())
    }
}
