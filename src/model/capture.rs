//! What a server said at an instant.

use crate::model::{CanonicalUrl, Digest, Time, Validators};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One request and its answer. Immutable; the payload is held after transfer- and content-decoding.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The URL that was asked for.
    pub url: CanonicalUrl,
    /// The URL that answered, after redirects.
    pub final_url: CanonicalUrl,
    /// When the last request was sent.
    pub at: Time,
    /// The request as sent, secrets already taken out.
    pub request: MessageHead,
    /// The status code of the answer.
    pub status: u16,
    /// The answer's head as received.
    pub response: MessageHead,
    /// The body after decoding.
    pub payload: Bytes,
    /// The digest of the payload.
    pub digest: Digest,
    /// How many bytes the body took on the wire.
    pub wire_bytes: u64,
    /// The redirects on the way, first to last.
    pub hops: Vec<Hop>,
    /// The address that answered, where known.
    pub address: Option<IpAddr>,
    /// Whether the body's length was checked (by `Content-Length` or chunking); a connection closed early cannot be told otherwise.
    pub complete: bool,
    /// What the URL that answered gave to ask with next time; `None` where it gave nothing.
    pub validators: Option<Validators>,
}

impl Capture {
    /// A header's first value, by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// The media type, lower case, without parameters; empty where the server named none.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// The head of an HTTP message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageHead {
    /// `GET /path` for a request, `200 OK` for an answer: the first line without the protocol.
    pub line: String,
    /// `http/1.1` or `h2`.
    pub protocol: String,
    /// Header fields in order; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
}

impl MessageHead {
    /// A header's first value, by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// One redirect that was followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The URL that redirected.
    pub url: CanonicalUrl,
    /// Its status code.
    pub status: u16,
}
