//! stub
use crate::model::*;
/// The entries.
pub fn entries(_feed: &FeedDocument, _base: &CanonicalUrl) -> Vec<(CanonicalUrl, EntryHint)> {
    Vec::new()
}
