//! The URL by which a page names itself, where it may be believed.

use crate::extract::generic::facts::Facts;
use crate::extract::generic::same_site;
use crate::model::CanonicalUrl;

/// `rel=canonical` or `og:url`, on the same site only, and never the root or a feed: sites put those on every page by mistake.
/// Otherwise the URL that answered.
pub(super) fn choose(facts: &Facts, answered: &CanonicalUrl) -> CanonicalUrl {
    let named = facts.canonical.iter().chain(facts.og_url.iter());
    let mut named = named.filter_map(|href| CanonicalUrl::join(answered.url(), href).ok());
    named.find(|url| same_site(url, answered) && names_a_page(url)).unwrap_or_else(|| answered.clone())
}

fn names_a_page(url: &CanonicalUrl) -> bool {
    let path = url.url().path().trim_end_matches('/').to_ascii_lowercase();
    let root = path.is_empty() && url.url().query().is_none();
    let feed = [".rss", ".atom", ".xml", ".rdf", "/feed", "/rss", "/atom"].iter().any(|ending| path.ends_with(ending));
    !root && !feed
}
