//! Albums without a list: each article's page names the one before and the one after it, with links that WeChat answers.

use super::{Look, Provider, Shows};
use crate::archive::ArchiveError;
use crate::model::{CanonicalUrl, Rel, Target, TargetKind};

/// The articles before and after this one in its albums.
pub(super) struct Neighbours;

impl Provider for Neighbours {
    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        let Shows::Article(document) = &look.shows else { return Ok(Vec::new()) };
        // The walk ends with `max_articles`, or where every neighbour is known: it comes by no article twice.
        let told = document.wechat.iter().flat_map(|facts| &facts.neighbours);
        let linked = document.links.iter().filter(|link| link.rel == Rel::Album).map(|link| &link.url);
        let neighbours = told.chain(linked).filter(|url| look.follow.albums && url.wechat_rank() > 0);
        let lead = |url: &CanonicalUrl| look.lead(url.clone(), TargetKind::Article, Rel::Album, look.target.depth);
        Ok(neighbours.map(lead).collect())
    }
}
