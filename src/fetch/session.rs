//! The owner's own session at WeChat's back-end: added to a request where it leaves, and shown to nobody.

use crate::model::{Capture, Digest};
use std::fmt;
use url::Url;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// A token and the cookies that belong to it. It cannot be printed, and its parts cannot be taken out outside of this room.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    token: String,
    cookie: String,
}

impl Session {
    /// The session of a token (the number in the back-end's own URLs) and the `Cookie` header that a browser sends with it.
    pub fn new(token: impl Into<String>, cookie: impl Into<String>) -> Self {
        Self { token: token.into(), cookie: cookie.into() }
    }

    /// What tells this session from another, and nothing about it.
    pub fn fingerprint(&self) -> String {
        let digest = Digest::of(format!("wangqi session\0{}\0{}", self.token, self.cookie).as_bytes());
        digest.hex()[..16].to_owned()
    }

    /// The URL as it is sent.
    pub(super) fn signed(&self, url: &Url) -> Url {
        let mut url = url.clone();
        url.query_pairs_mut().append_pair("token", &self.token).append_pair("lang", "zh_CN");
        url
    }

    /// An answer without whatever it repeats of the session: what is made of it can then hold nothing of it.
    pub(super) fn scrubbed(&self, mut capture: Capture) -> Capture {
        let values = self.cookie.split(';').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.trim());
        // A value that short says nothing, and stands everywhere.
        let secrets: Vec<&str> = values.chain([self.token.as_str()]).filter(|value| value.len() >= 6).collect();
        for secret in &secrets {
            if capture.payload.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                let text = String::from_utf8_lossy(&capture.payload).replace(secret, HIDDEN);
                capture.payload = text.into();
                capture.digest = Digest::of(&capture.payload);
            }
        }
        capture.response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("set-cookie"));
        for (_, value) in &mut capture.response.headers {
            for secret in &secrets {
                *value = value.replace(secret, HIDDEN);
            }
        }
        capture
    }

    pub(super) fn cookie(&self) -> &str {
        &self.cookie
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Session(***)")
    }
}
