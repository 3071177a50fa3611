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
            // What does not tell whose it is stands in this account's list.
            Rel::PastIssue => whose(document, link) != Some(Whose::Another),
            Rel::Reference => whose(document, link) == Some(Whose::Own),
            _ => false,
        });
        let lead = |link: &Link| look.lead(link.url.clone(), TargetKind::Article, link.rel, look.target.depth + 1);
        Ok(leads.map(lead).collect())
    }
}

/// Whose article a link leads to.
#[derive(PartialEq)]
enum Whose {
    Own,
    Another,
}

/// Whose article a link leads to: by the ids in it, else by what the page says of it; `None` where neither tells.
fn whose(document: &Document, link: &Link) -> Option<Whose> {
    if link.url.wechat_rank() == 0 {
        return None;
    }
    let own = document.wechat.as_ref().and_then(|facts| facts.biz.as_deref()).and_then(bizuin_of);
    let is_own = match (own, link.url.wechat_ids()) {
        (Some(own), Some((bizuin, _, _))) => Some(own == bizuin),
        _ => link.account.as_ref().zip(document.account.as_ref()).map(|(of_link, own)| of_link == own),
    };
    is_own.map(|is_own| if is_own { Whose::Own } else { Whose::Another })
}
