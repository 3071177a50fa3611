//! stub
use crate::model::{Digest, Document};
/// The digest.
pub fn content_digest(document: &Document) -> Digest {
    Digest::of_parts(&[document.title.as_deref().unwrap_or_default(), &document.text])
}
