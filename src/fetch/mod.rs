//! URL → capture: politely, safely, within limits.
//!
//! Every request of the program leaves through a [`Fetcher`], and nothing skips the way it goes: the guard judges the URL, robots.txt
//! is asked, the turn is waited for, the answer is read within its limits, and each redirect begins again at the guard.
//!
//! What it must not do: understand what it fetched, store it, or keep cookies. HTTP's own types stay in this room.

mod answer;
mod client;
mod decode;
mod error;
mod failure;
mod gate;
mod guard;
mod headers;
mod journey;
mod network;
mod options;
mod politeness;
mod resolver;
mod retry_after;
mod robots;
mod robots_rules;
mod rules;
mod session;
mod turn;

pub use error::FetchError;
pub use guard::Refusal;
pub use network::Network;
pub use options::Options;
pub use politeness::{Event, Pace, step};
pub use resolver::{Answer as LookupAnswer, Lookup, system_lookup};
pub use rules::{RobotsPolicy, SiteRule};
pub use session::Session;

use crate::model::{CanonicalUrl, Capture, Clock, Digest, Site, Time, Validators};
use answer::BodyLimits;
use bytes::Bytes;
use guard::Guard;
use journey::Errand;
use robots::RobotsCache;
use rules::{Class, Rules};
use std::sync::Arc;
use std::time::Duration;
use turn::Turnstile;

/// What is expected behind a URL; it decides the limits and what we say we accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// A page.
    Page,
    /// A feed.
    Feed,
    /// A picture, audio or video.
    Asset,
}

/// What to fetch.
#[derive(Clone, Debug)]
pub struct Request {
    /// The URL.
    pub url: CanonicalUrl,
    /// What is expected there.
    pub kind: RequestKind,
    /// The page that led here; shortened to its origin across origins, as browsers do.
    pub referer: Option<String>,
    /// What the last answer gave us to ask with; sent to the URL that gave it, and to none of the others on the way.
    pub validators: Option<Validators>,
    /// Whether the owner named this URL: then robots.txt is not asked, and any port is right.
    pub asked_by_owner: bool,
}

/// Fetches. Cloning is cheap, and the clones share everything: connections, paces, what robots.txt said.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    options: Options,
    user_agent: String,
    is_proxied: bool,
    client: reqwest::Client,
    guard: Arc<Guard>,
    turnstile: Turnstile,
    robots: Arc<RobotsCache>,
    lookup: Lookup,
}

impl Fetcher {
    /// A fetcher with these options, on this system's resolver.
    ///
    /// # Errors
    /// When the proxy or the certificate file cannot be used.
    pub fn new(options: Options, clock: Clock) -> Result<Self, FetchError> {
        Self::with_lookup(options, clock, system_lookup())
    }

    /// A fetcher that turns names into addresses in its own way; the guard judges its answers like any others.
    ///
    /// # Errors
    /// As [`Fetcher::new`].
    pub fn with_lookup(options: Options, clock: Clock, lookup: Lookup) -> Result<Self, FetchError> {
        let proxy = client::proxy_host(&options)?;
        let is_proxied = proxy.is_some();
        let guard = Arc::new(Guard::new(&options.hosts, &options.allow_private, proxy));
        let client = client::build(&options, &guard, Arc::clone(&lookup))?;
        let turnstile = Turnstile::new(Rules::new(&options), clock, options.concurrency);
        let user_agent = options.user_agent.clone().unwrap_or_else(honest_name);
        let robots = Arc::default();
        Ok(Self(Arc::new(Inner { options, user_agent, is_proxied, client, guard, turnstile, robots, lookup })))
    }

    /// A fetcher with other options that goes on where this one is: it shares this one's paces, so that a site sees one crawler, and as
    /// long as nothing changes in how connections are made also connections and what robots.txt said. Requests that are under way
    /// end as they began; those that wait for their turn go by the new rules.
    ///
    /// Call it once for a change, and off the threads that wait on sockets: it reads the certificate file.
    ///
    /// # Errors
    /// As [`Fetcher::new`]; then nothing has changed.
    pub fn renewed(&self, options: Options) -> Result<Self, FetchError> {
        self.renew(options, false)
    }

    /// As [`Fetcher::renewed`], and connections are made anew even where nothing has changed in how: the certificate file may say something
    /// else by now.
    ///
    /// # Errors
    /// As [`Fetcher::new`]; then nothing has changed.
    pub fn renewed_afresh(&self, options: Options) -> Result<Self, FetchError> {
        self.renew(options, true)
    }

    fn renew(&self, options: Options, afresh: bool) -> Result<Self, FetchError> {
        let old = &self.0;
        let (is_proxied, guard, client, robots) = if !afresh && options.connects_like(&old.options) {
            (old.is_proxied, Arc::clone(&old.guard), old.client.clone(), Arc::clone(&old.robots))
        } else {
            let proxy = client::proxy_host(&options)?;
            let is_proxied = proxy.is_some();
            let guard = Arc::new(Guard::new(&options.hosts, &options.allow_private, proxy));
            let client = client::build(&options, &guard, Arc::clone(&old.lookup))?;
            (is_proxied, guard, client, Arc::default())
        };
        let turnstile = old.turnstile.renewed(Rules::new(&options), options.concurrency);
        let user_agent = options.user_agent.clone().unwrap_or_else(honest_name);
        let lookup = Arc::clone(&old.lookup);
        Ok(Self(Arc::new(Inner { options, user_agent, is_proxied, client, guard, turnstile, robots, lookup })))
    }

    /// Fetches one URL, following its redirects, and waiting as long as politeness asks (at most some minutes, else [`FetchError::Paused`]).
    ///
    /// # Errors
    /// When no answer came, or none that can be kept. Any status code is an answer, 304 and 500 included.
    pub async fn fetch(&self, request: &Request) -> Result<Capture, FetchError> {
        self.fetch_as(request, None, None).await
    }

    /// As [`Fetcher::fetch`], with a limit of its own in bytes after decoding, which holds in place of those for its kind and for the wire.
    ///
    /// # Errors
    /// As [`Fetcher::fetch`].
    pub async fn fetch_within(&self, request: &Request, limit: Option<u64>) -> Result<Capture, FetchError> {
        self.fetch_as(request, None, limit).await
    }

    /// Fetches a list of the owner's own back-end in the owner's session. Where it is sent away, that is the answer; what is said of
    /// the request anywhere is without token and cookie.
    ///
    /// # Errors
    /// As [`Fetcher::fetch`]; and where the URL is none of the back-end's, which is all that a session is for.
    pub async fn fetch_in_session(&self, request: &Request, session: &Session) -> Result<Capture, FetchError> {
        if Class::of(&request.url) != Some(Class::Backend) || request.url.url().scheme() != "https" {
            let why = format!("{} is not of the back-end it belongs to", request.url);
            return Err(FetchError::Setup { what: "the session".into(), why });
        }
        Ok(session.scrubbed(self.fetch_as(request, Some(session), None).await?))
    }

    async fn fetch_as(
        &self,
        request: &Request,
        session: Option<&Session>,
        limit: Option<u64>,
    ) -> Result<Capture, FetchError> {
        let options = &self.0.options;
        let size = match request.kind {
            RequestKind::Page => options.page_limit,
            RequestKind::Feed => options.feed_limit,
            RequestKind::Asset => options.asset_limit,
        };
        let errand = Errand {
            start: request.url.url(),
            kind: Some(request.kind),
            referer: request.referer.as_deref(),
            validators: request.validators.as_ref(),
            named_by_owner: request.asked_by_owner,
            session,
            limits: BodyLimits { size: limit.unwrap_or(size), cut: false, wire: limit },
        };
        let arrival = self.0.travel(&errand).await?;
        let payload = Bytes::from(arrival.body.payload);
        Ok(Capture {
            url: request.url.clone(),
            final_url: arrival.url,
            at: arrival.at,
            request: arrival.request,
            status: arrival.status,
            response: arrival.response,
            digest: digest_of(&payload).await,
            payload,
            wire_bytes: arrival.body.wire_bytes,
            hops: arrival.hops,
            address: arrival.address,
            complete: arrival.body.complete,
            validators: arrival.validators,
        })
    }

    /// The site of a URL: whose pace it is under.
    pub fn site_of(&self, url: &CanonicalUrl) -> Site {
        self.0.turnstile.site_of(url)
    }

    /// When the pace lets the next request of this site start: `now`, where nothing stands against it.
    pub fn ready_at(&self, site: &Site, now: Time) -> Time {
        self.0.turnstile.ready_at(site, now)
    }

    /// When the pace lets a request for this very URL start: its site's, and that of its form where it has one.
    pub fn ready_for(&self, url: &CanonicalUrl, site: &Site, now: Time) -> Time {
        let own = Class::of(url).map(|class| self.0.turnstile.ready_at(&class.site(), now));
        own.unwrap_or(now).max(self.ready_at(site, now))
    }

    /// How many requests to this site may be under way at once.
    pub fn concurrency_of(&self, site: &Site, now: Time) -> usize {
        let pace = self.0.turnstile.pace_of(site).unwrap_or_default();
        pace.concurrency(&self.0.turnstile.rule_of(site), now)
    }

    /// The pace of a site and the rule it is under, where anything was asked of it.
    pub fn pace_of(&self, site: &Site) -> Option<(Pace, Arc<SiteRule>)> {
        let pace = self.0.turnstile.pace_of(site)?;
        Some((pace, self.0.turnstile.rule_of(site)))
    }

    /// Whether this site may be asked without any waiting: a test server of its owner's.
    pub fn is_unpaced(&self, site: &Site) -> bool {
        self.delay_of(site).is_zero()
    }

    /// The delay between two requests to this site, as its rule has it.
    pub fn delay_of(&self, site: &Site) -> Duration {
        self.0.turnstile.rule_of(site).delay
    }

    /// How many requests may be under way at once, over all sites.
    pub fn concurrency(&self) -> usize {
        self.0.options.concurrency
    }

    /// Says that the site answered with a captcha or frequency page, and hears until when it is left alone: 15 minutes, four times
    /// longer each further time, a day at most.
    pub fn report_blocked(&self, site: &Site, now: Time) -> Time {
        self.0.turnstile.tell(site, Event::Blocked, now)
    }

    /// Says that the site does not want us now although it did not say 429: it is left alone as if it had. Hears until when.
    pub fn report_throttled(&self, site: &Site, now: Time) -> Time {
        self.0.turnstile.tell(site, Event::Throttled, now)
    }

    /// Says that the site answered as it should: whatever blocks there were are over.
    pub fn report_fine(&self, site: &Site) {
        self.0.turnstile.tell(site, Event::Fine, self.0.turnstile.now());
    }

    /// Says that this URL was answered with a captcha, and hears what is left alone until when: only the links of its form, where they
    /// draw captchas whatever we do; else its site.
    pub fn report_blocked_at(&self, url: &CanonicalUrl, now: Time) -> (Site, Time) {
        let site = Class::of(url).map_or_else(|| self.site_of(url), Class::site);
        let until = self.report_blocked(&site, now);
        (site, until)
    }

    /// Says that this URL was answered as it should be.
    pub fn report_fine_at(&self, url: &CanonicalUrl) {
        self.report_fine(&self.site_of(url));
        if let Some(class) = Class::of(url) {
            self.report_fine(&class.site());
        }
    }

    /// Says that this answer is a captcha, as [`Fetcher::report_blocked_at`] does: what is left alone is the form of link that was
    /// asked for, where it has a pace of its own, else the site that answered, which is not the one asked where a redirect led away.
    pub fn report_blocked_by(&self, capture: &Capture, now: Time) -> (Site, Time) {
        self.report_blocked_at(form_of(capture).unwrap_or(&capture.final_url), now)
    }

    /// Says that the site that gave this answer, and the form of link that was asked for, answered as they should.
    pub fn report_fine_by(&self, capture: &Capture) {
        self.report_fine(&self.site_of(&capture.final_url));
        if let Some(class) = form_of(capture).and_then(Class::of) {
            self.report_fine(&class.site());
        }
    }

    /// The paces of all sites, to be stored.
    pub fn paces(&self) -> Vec<(Site, Pace)> {
        self.0.turnstile.paces()
    }

    /// Takes up a pace that was stored.
    pub fn restore(&self, site: Site, pace: Pace) {
        self.0.turnstile.restore(site, pace);
    }
}

/// The URL on the way to an answer whose form has a pace of its own.
fn form_of(capture: &Capture) -> Option<&CanonicalUrl> {
    let way = std::iter::once(&capture.url).chain(capture.hops.iter().map(|hop| &hop.url));
    way.chain([&capture.final_url]).find(|url| Class::of(url).is_some())
}

/// What we call ourselves: name, version, and where to read about us.
fn honest_name() -> String {
    let home = env!("CARGO_PKG_REPOSITORY");
    let about = if home.is_empty() { String::from("a personal archiver of feeds") } else { format!("+{home}") };
    format!("wangqi/{} ({about})", env!("CARGO_PKG_VERSION"))
}

/// The digest of a payload; a large one is hashed off the threads that wait on sockets.
async fn digest_of(payload: &Bytes) -> Digest {
    const LARGE: usize = 256 * 1024;
    if payload.len() > LARGE {
        let shared = payload.clone();
        if let Ok(digest) = tokio::task::spawn_blocking(move || Digest::of(&shared)).await {
            return digest;
        }
    }
    Digest::of(payload)
}
