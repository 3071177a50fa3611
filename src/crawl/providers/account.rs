//! The links within an account: its past-issue lists, and whatever else its articles say of each other.

use super::{Look, Provider, Shows};
use crate::archive::ArchiveError;
use crate::model::{Document, Link, Rel, Target, TargetKind, bizuin_of};

/// Past issues, and links in the body to articles of the same account.
pub(super) struct AccountLinks;

impl Provider for AccountLinks {
    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        let Shows::Article(document) = &look.shows else { return Ok(Vec::new()) };
        if look.target.depth >= look.follow.past_issues {
            return Ok(Vec::new());
        }
        let leads = document.links.iter().filter(|link| match link.rel {
            Rel::PastIssue => true,
            Rel::Reference => is_own(document, link),
            _ => false,
        });
        let lead = |link: &Link| look.lead(link.url.clone(), TargetKind::Article, link.rel, look.target.depth + 1);
        Ok(leads.map(lead).collect())
    }
}

/// Whether a link leads to an article of the document's own account: by the ids in it, else by what the page says of it.
fn is_own(document: &Document, link: &Link) -> bool {
    if link.url.wechat_rank() == 0 {
        return false;
    }
    let own = document.wechat.as_ref().and_then(|facts| facts.biz.as_deref()).and_then(bizuin_of);
    match (own, link.url.wechat_ids()) {
        (Some(own), Some((bizuin, _, _))) => own == bizuin,
        _ => link.account.is_some() && link.account == document.account,
    }
}
