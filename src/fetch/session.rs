//! The owner's own session at WeChat's back-end: added to a request where it leaves, and shown to nobody.

use crate::model::Digest;
use std::fmt;
use url::Url;

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

    pub(super) fn cookie(&self) -> &str {
        &self.cookie
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Session(***)")
    }
}
