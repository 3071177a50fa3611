//! The way from a URL to the answer at the end of its redirects; every hop is judged, asked of robots.txt, and waited for.

use crate::fetch::Inner;
use crate::fetch::answer::{Answer, Body, BodyLimits};
use crate::fetch::error::FetchError;
use crate::fetch::headers::{Fields, Shape, path_to_keep};
use crate::fetch::politeness::Event;
use crate::fetch::retry_after::{max_age, retry_after};
use crate::fetch::rules::Class;
use crate::fetch::{RequestKind, Session};
use crate::model::{CanonicalUrl, Hop, MessageHead, Site, Time, Validators};
use reqwest::Method;
use reqwest::header::LOCATION;
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// How much of a redirect's own body is read, and for how long, so that its connection can be used again.
const REDIRECT_BODY: BodyLimits = BodyLimits { size: 16 * 1024, cut: true, wire: None };
const REDIRECT_PATIENCE: Duration = Duration::from_secs(1);

/// What is to be fetched, and how.
pub(super) struct Errand<'a> {
    pub(super) start: &'a Url,
    /// `None` for robots.txt itself.
    pub(super) kind: Option<RequestKind>,
    pub(super) referer: Option<&'a str>,
    pub(super) validators: Option<&'a Validators>,
    pub(super) named_by_owner: bool,
    pub(super) session: Option<&'a Session>,
    pub(super) limits: BodyLimits,
}

/// Where the way ended.
pub(super) struct Arrival {
    pub(super) url: CanonicalUrl,
    pub(super) at: Time,
    pub(super) request: MessageHead,
    pub(super) status: u16,
    pub(super) response: MessageHead,
    pub(super) body: Body,
    pub(super) hops: Vec<Hop>,
    pub(super) address: Option<IpAddr>,
    pub(super) validators: Option<Validators>,
}

/// One hop: the URL as it is sent, and as it is kept and shown.
struct Stop {
    url: Url,
    canonical: CanonicalUrl,
    site: Site,
}

impl Inner {
    /// Goes the whole way.
    pub(super) async fn travel(&self, errand: &Errand<'_>) -> Result<Arrival, FetchError> {
        let mut seen = Vec::new();
        let mut hops = Vec::new();
        let mut url = cleaned(errand.start.clone());
        loop {
            let stop = self.stop_at(url, errand.start)?;
            self.check(&stop, errand, hops.is_empty()).await?;
            // The URL's form is what was asked for; a captcha's page, to which it may lead, has none.
            let class = if hops.is_empty() { Class::of(&stop.canonical).map(Class::site) } else { None };
            match self.hop(&stop, class.as_ref(), errand).await? {
                Step::Arrived(mut arrival) => {
                    arrival.hops = hops;
                    return Ok(*arrival);
                }
                Step::Redirected { status, to } => {
                    seen.push(stop.url);
                    let lost = |why: String| FetchError::Redirects { url: errand.start.to_string(), why };
                    if seen.contains(&to) {
                        return Err(lost(format!("they come back to {}", stop.canonical)));
                    }
                    if seen.len() > self.options.max_redirects {
                        return Err(lost(format!("there are more than {}", self.options.max_redirects)));
                    }
                    if seen.last().is_some_and(|from: &Url| from.scheme() == "https") && to.scheme() == "http" {
                        tracing::info!(from = %stop.canonical, "a redirect leaves https for http");
                    }
                    hops.push(Hop { url: stop.canonical, status });
                    url = to;
                }
            }
        }
    }

    fn stop_at(&self, url: Url, start: &Url) -> Result<Stop, FetchError> {
        let canonical = CanonicalUrl::from_url(url.clone())
            .map_err(|why| FetchError::BadRedirect { url: start.to_string(), why })?;
        // The site is that of the URL as sent: a wrapper's canonical form may lie elsewhere.
        let site = if canonical.host() == url.host_str().unwrap_or_default() {
            self.turnstile.site_of(&canonical)
        } else {
            let mut root = url.clone();
            root.set_path("/");
            root.set_query(None);
            self.turnstile.site_of(&CanonicalUrl::from_url(root).unwrap_or_else(|_| canonical.clone()))
        };
        Ok(Stop { url, canonical, site })
    }

    async fn check(&self, stop: &Stop, errand: &Errand<'_>, first: bool) -> Result<(), FetchError> {
        let judged = self.guard.check(&stop.url, errand.named_by_owner && first);
        judged.map_err(|why| FetchError::Refused { url: stop.canonical.to_string(), why })?;
        if errand.kind.is_some() && !errand.named_by_owner {
            // Boxed, because asking robots.txt is a journey of its own.
            Box::pin(self.ask_robots(&stop.url, &stop.site, stop.canonical.as_str())).await?;
        }
        Ok(())
    }

    /// Waits for the turn, sends, and reads what comes.
    async fn hop(&self, stop: &Stop, class: Option<&Site>, errand: &Errand<'_>) -> Result<Step, FetchError> {
        let rule = self.turnstile.rule_of(&stop.site);
        let name = stop.canonical.as_str();
        let mut fields = Fields::of(&Shape {
            url: &stop.url,
            kind: errand.kind,
            rule: &rule,
            user_agent: &self.user_agent,
            referer: errand.referer,
            downgraded: errand.start.scheme() == "https" && stop.url.scheme() == "http",
        });
        let sent = match errand.session {
            Some(session) => {
                fields.set("Cookie", session.cookie());
                session.signed(&stop.url)
            }
            None => stop.url.clone(),
        };
        let mut request = reqwest::Request::new(Method::GET, sent);
        let validators = errand.validators.filter(|validators| validators.of == stop.canonical);
        *request.headers_mut() = fields.to_map()?;
        let asked_with = validators.map(|validators| fields.ask_with(validators, request.headers_mut()));
        asked_with.transpose()?;
        let turn = self.turnstile.wait(&stop.site, class).await?;
        let answer = Answer::to(&self.client, request, &self.options, name).await;
        let answer = answer.inspect_err(|error| self.tell_failure(&stop.site, error))?;
        let now = self.turnstile.now();
        let (asked, max_age) = (retry_after(answer.headers(), now), max_age(answer.headers()));
        self.turnstile.tell(&stop.site, Event::Answered { status: answer.status(), retry_after: asked, max_age }, now);
        // A session goes nowhere else: where it is sent away, that is the answer.
        let redirect = if errand.session.is_none() { redirect_of(&stop.url, &answer, name)? } else { None };
        if let Some(to) = redirect {
            let status = answer.status();
            let rest = answer.body(REDIRECT_BODY, &self.options, name);
            // Whatever comes of it: only the connection matters.
            let _ = tokio::time::timeout(REDIRECT_PATIENCE, rest).await;
            return Ok(Step::Redirected { status, to });
        }
        let line = format!("GET {}", path_to_keep(&stop.url));
        let request = MessageHead { line, protocol: answer.protocol().to_owned(), headers: fields.to_keep(&stop.url) };
        let address = if self.is_proxied { None } else { answer.address() };
        let (status, response) = (answer.status(), answer.head());
        let given = answer.validators(&stop.canonical);
        let body = answer.body(errand.limits, &self.options, name).await;
        let body = body.inspect_err(|error| self.tell_failure(&stop.site, error))?;
        let (url, at) = (stop.canonical.clone(), turn.at);
        let hops = Vec::new();
        let arrival = Arrival { url, at, request, status, response, body, hops, address, validators: given };
        Ok(Step::Arrived(Box::new(arrival)))
    }

    /// A site that does not answer, or breaks off, is given time; what we refused ourselves is not its fault.
    fn tell_failure(&self, site: &Site, error: &FetchError) {
        let theirs = matches!(
            error,
            FetchError::Connect { .. }
                | FetchError::Tls { .. }
                | FetchError::Timeout { .. }
                | FetchError::TooSlow { .. }
                | FetchError::Truncated { .. }
                | FetchError::Protocol { .. }
        );
        if theirs {
            self.turnstile.tell(site, Event::Failed, self.turnstile.now());
        }
    }
}

enum Step {
    Arrived(Box<Arrival>),
    Redirected { status: u16, to: Url },
}

/// Where an answer sends us, if it does. One without a `Location` is an answer like any other.
fn redirect_of(from: &Url, answer: &Answer, name: &str) -> Result<Option<Url>, FetchError> {
    if !matches!(answer.status(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.headers().get(LOCATION) else { return Ok(None) };
    let location = match std::str::from_utf8(location.as_bytes()) {
        Ok(text) => text.to_owned(),
        // Bytes of an unknown charset are kept as bytes, as browsers do.
        Err(_) => percent_encoding::percent_encode(location.as_bytes(), NOT_ASCII).to_string(),
    };
    // Judged as a link is: its length, its scheme.
    let wrong = |why| FetchError::BadRedirect { url: name.to_owned(), why };
    CanonicalUrl::join(from, &location).map_err(wrong)?;
    Ok(from.join(location.trim()).ok().map(cleaned))
}

/// The bytes past ASCII, and only those.
const NOT_ASCII: &percent_encoding::AsciiSet = &percent_encoding::AsciiSet::EMPTY;

/// A URL as it may be sent: no fragment, no user info (it would become an Authorization header), no dot after the host, and WeChat
/// over https.
fn cleaned(mut url: Url) -> Url {
    url.set_fragment(None);
    // These calls do not fail: it is http(s) and has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let plain =
        url.host_str().and_then(|host| host.strip_suffix('.')).filter(|host| !host.is_empty()).map(str::to_owned);
    if let Some(plain) = plain {
        let _ = url.set_host(Some(&plain));
    }
    if url.host_str() == Some("mp.weixin.qq.com") && url.scheme() == "http" {
        let _ = url.set_scheme("https");
    }
    url
}
