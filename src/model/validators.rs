//! What a server gave us to ask "has it changed?" with.

use crate::model::CanonicalUrl;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The validators of one URL, byte for byte as they were received (RFC 9110 §8.8): they are opaque, quotes and all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The URL that gave them, at the end of its redirects: they are sent to this URL and to no other.
    pub of: CanonicalUrl,
    /// The `ETag`, sent back as `If-None-Match`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "octets")]
    pub etag: Option<Vec<u8>>,
    /// The `Last-Modified`, sent back as `If-Modified-Since`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "octets")]
    pub last_modified: Option<Vec<u8>>,
}

impl Validators {
    /// Whether there is nothing to ask with.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// Bytes as a text in which each byte is the character of that number: any bytes survive, and ASCII reads as it is.
mod octets {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde's own shape")]
    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        let text = bytes.as_ref().map(|bytes| bytes.iter().map(|byte| char::from(*byte)).collect::<String>());
        text.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        bytes.map(Some).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_kept() {
        let of = CanonicalUrl::parse("https://a.example/feed").unwrap();
        let etag = Some((1..=255).collect());
        let validators = Validators { of, etag, last_modified: Some(b"\"yesterday\"".to_vec()) };
        let text = serde_json::to_string(&validators).unwrap();
        assert_eq!(serde_json::from_str::<Validators>(&text).unwrap(), validators);
        assert!(serde_json::from_str::<Validators>(&text.replace("yesterday", "昨天")).is_err());
    }
}
