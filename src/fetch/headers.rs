//! Which header fields go out, and which of them may be remembered.

use crate::fetch::RequestKind;
use crate::fetch::error::FetchError;
use crate::fetch::rules::SiteRule;
use crate::model::Validators;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use url::Url;

/// The content codings we can undo.
const CODINGS: &str = "gzip, deflate, br, zstd";

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// Header fields in the order we think of them.
pub(super) struct Fields(Vec<(String, String)>);

/// What shapes the header of one hop.
pub(super) struct Shape<'a> {
    pub(super) url: &'a Url,
    pub(super) kind: Option<RequestKind>,
    pub(super) rule: &'a SiteRule,
    pub(super) user_agent: &'a str,
    pub(super) referer: Option<&'a str>,
    /// The way here began with https, and this hop is http: nothing secret goes along.
    pub(super) downgraded: bool,
}

impl Fields {
    pub(super) fn of(shape: &Shape<'_>) -> Self {
        let mut fields = Self(Vec::with_capacity(10));
        let agent = shape.rule.user_agent.as_deref().unwrap_or(shape.user_agent);
        fields.set("User-Agent", agent);
        fields.set("Accept", accept(shape.kind));
        fields.set("Accept-Encoding", CODINGS);
        if let Some(referer) = shape.referer.and_then(|text| referer_for(text, shape.url)) {
            fields.set("Referer", &referer);
        }
        for (name, value) in &shape.rule.headers {
            if !(shape.downgraded && is_secret(name)) {
                fields.set(name, value);
            }
        }
        fields
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    /// As reqwest wants them.
    pub(super) fn to_map(&self) -> Result<HeaderMap, FetchError> {
        let mut map = HeaderMap::with_capacity(self.0.len());
        for (name, value) in &self.0 {
            let wrong = |why: String| FetchError::Setup { what: format!("the header {name:?}"), why };
            let key = HeaderName::try_from(name.as_str()).map_err(|why| wrong(why.to_string()))?;
            let mut value = HeaderValue::try_from(value.as_str()).map_err(|why| wrong(why.to_string()))?;
            value.set_sensitive(is_secret(name));
            map.insert(key, value);
        }
        Ok(map)
    }

    /// Adds both validators, byte for byte as they were received.
    pub(super) fn ask_with(&mut self, validators: &Validators, map: &mut HeaderMap) -> Result<(), FetchError> {
        let fields = [
            (IF_NONE_MATCH, "If-None-Match", &validators.etag),
            (IF_MODIFIED_SINCE, "If-Modified-Since", &validators.last_modified),
        ];
        for (key, name, value) in fields {
            let Some(bytes) = value else { continue };
            let wrong = |why: String| FetchError::Setup { what: format!("the header {name:?}"), why };
            map.insert(key, HeaderValue::from_bytes(bytes).map_err(|why| wrong(why.to_string()))?);
            self.set(name, &String::from_utf8_lossy(bytes));
        }
        Ok(())
    }

    /// As they may be kept: the host first, secrets taken out.
    pub(super) fn to_keep(&self, url: &Url) -> Vec<(String, String)> {
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        let kept = self.0.iter().map(|(name, value)| {
            let value = if is_secret(name) { REDACTED } else { value };
            (name.clone(), value.to_owned())
        });
        std::iter::once(("Host".to_owned(), host)).chain(kept).collect()
    }
}

/// Whether a header field carries something that must not be kept.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["cookie", "authorization", "token", "secret", "api-key", "apikey", "password"]
        .iter()
        .any(|word| name.contains(word))
}

fn accept(kind: Option<RequestKind>) -> &'static str {
    match kind {
        Some(RequestKind::Page) => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        Some(RequestKind::Feed) => {
            "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.8"
        }
        Some(RequestKind::Asset) => "*/*",
        None => "text/plain,*/*;q=0.8",
    }
}

/// As browsers do by default (`strict-origin-when-cross-origin`): whole within an origin, the origin alone across, nothing from https to http.
fn referer_for(referer: &str, url: &Url) -> Option<String> {
    let mut from = Url::parse(referer).ok()?;
    if !matches!(from.scheme(), "http" | "https") || (from.scheme() == "https" && url.scheme() == "http") {
        return None;
    }
    from.set_fragment(None);
    // Neither call fails: it is http(s).
    let _ = from.set_username("");
    let _ = from.set_password(None);
    Some(if from.origin() == url.origin() { from.into() } else { format!("{}/", from.origin().ascii_serialization()) })
}

/// The path and query of a URL as they may be kept: the values of secrets taken out.
pub(super) fn path_to_keep(url: &Url) -> String {
    const SECRETS: &[&str] =
        &["uin", "key", "pass_ticket", "exportkey", "poc_token", "token", "access_token", "cookie", "appmsg_token"];
    let Some(query) = url.query() else { return url.path().to_owned() };
    let kept: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if SECRETS.contains(&name.to_ascii_lowercase().as_str()) => format!("{name}={REDACTED}"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{}?{}", url.path(), kept.join("&"))
}
