//! Albums without a list: each article's page names the one before and the one after it, with links that WeChat answers.

use super::{Look, Provider, Shows};
use crate::archive::ArchiveError;
use crate::model::{Rel, Target, TargetKind};

/// The articles before and after this one in its albums.
pub(super) struct Neighbours;

impl Provider for Neighbours {
    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        let Shows::Article(document) = &look.shows else { return Ok(Vec::new()) };
        // The walk ends with `max_articles`, or where every neighbour is known: it comes by no article twice.
        let neighbours = document.links.iter().filter(|link| link.rel == Rel::Album && link.url.wechat_rank() > 0);
        let neighbours = neighbours.filter(|_| look.follow.albums);
        let lead = |url| look.lead(url, TargetKind::Article, Rel::Album, look.target.depth);
        Ok(neighbours.map(|link| lead(link.url.clone())).collect())
    }
}
