//! robots.txt (RFC 9309): asked for once per origin and day.

use crate::fetch::Inner;
use crate::fetch::answer::BodyLimits;
use crate::fetch::error::FetchError;
use crate::fetch::journey::Errand;
use crate::fetch::politeness::Event;
use crate::fetch::robots_rules::RobotsRules;
use crate::fetch::rules::RobotsPolicy;
use crate::model::{Site, Time};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::spawn_blocking;
use url::{Position, Url};

/// The name by which robots.txt may call us.
const AGENT: &str = "wangqi";
/// How much is read: RFC 9309 asks for 500 KiB at least.
const LIMITS: BodyLimits = BodyLimits { size: 512 * 1024, cut: true, wire: None };
/// How long an answer holds (RFC 9309: at most 24 hours).
const HOLDS: TimeDelta = TimeDelta::hours(24);
/// How long "for now" is when it cannot be had.
const FOR_NOW: TimeDelta = TimeDelta::minutes(15);
/// Above this many origins all answers are forgotten, and asked for again.
const MANY: usize = 2048;

/// What is known of each origin's robots.txt.
#[derive(Default)]
pub(super) struct RobotsCache(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Known>>>>>);

#[derive(Clone)]
struct Known {
    until: Time,
    says: Says,
}

#[derive(Clone)]
enum Says {
    Everything,
    Rules(Arc<RobotsRules>),
    NotNow(String),
}

impl Inner {
    /// Whether robots.txt lets this URL be fetched, where its site's rule cares.
    pub(super) async fn ask_robots(&self, url: &Url, site: &Site, name: &str) -> Result<(), FetchError> {
        if self.turnstile.rule_of(site).robots == RobotsPolicy::Ignore {
            return Ok(());
        }
        let slot = self.robots.slot(url);
        // Held while the file is fetched: whoever else needs it waits for the same answer.
        let mut slot = slot.lock().await;
        let now = self.turnstile.now();
        let known = match slot.as_ref().filter(|known| now < known.until) {
            Some(known) => known.clone(),
            None => slot.insert(self.fetch_robots(url, site).await?).clone(),
        };
        drop(slot);
        match known.says {
            Says::Everything => Ok(()),
            Says::NotNow(why) => {
                let wait = (known.until - now).to_std().unwrap_or_default();
                Err(FetchError::RobotsUnavailable { url: name.to_owned(), why, wait })
            }
            Says::Rules(rules) => {
                let path = url[Position::BeforePath..].to_owned();
                // In a thread of its own: tens of thousands of rules take a while.
                let judged = spawn_blocking(move || rules.allow(&path)).await;
                if judged.unwrap_or(true) { Ok(()) } else { Err(FetchError::Robots { url: name.to_owned() }) }
            }
        }
    }

    /// Asks an origin. Errors are those that would meet the page as well: no address, no connection, not now.
    async fn fetch_robots(&self, page: &Url, site: &Site) -> Result<Known, FetchError> {
        let mut url = page.clone();
        url.set_path("/robots.txt");
        url.set_query(None);
        let errand = Errand {
            start: &url,
            kind: None,
            referer: None,
            validators: None,
            named_by_owner: false,
            session: None,
            limits: LIMITS,
        };
        let arrived = self.travel(&errand).await;
        let now = self.turnstile.now();
        let not_now = |why: String| Known { until: now + FOR_NOW, says: Says::NotNow(why) };
        let known = match arrived {
            Ok(arrival) if matches!(arrival.status, 200..=299) => {
                let rules = RobotsRules::read(&arrival.body.payload, AGENT);
                if let Some(delay) = rules.delay {
                    self.turnstile.tell(site, Event::CrawlDelay(delay), now);
                }
                Known { until: now + HOLDS, says: Says::Rules(Arc::new(rules)) }
            }
            Ok(arrival) if arrival.status >= 500 || arrival.status == 429 => {
                not_now(format!("the server answered {}", arrival.response.line))
            }
            // "Unavailable" in the RFC's words, redirects without end included: there are no rules.
            Ok(_) | Err(FetchError::Redirects { .. } | FetchError::BadRedirect { .. }) => {
                Known { until: now + HOLDS, says: Says::Everything }
            }
            Err(
                error @ (FetchError::Refused { .. }
                | FetchError::Dns { .. }
                | FetchError::Connect { .. }
                | FetchError::Tls { .. }
                | FetchError::Setup { .. }
                | FetchError::Paused { .. }),
            ) => return Err(error),
            Err(error) => not_now(error.to_string()),
        };
        Ok(known)
    }
}

impl RobotsCache {
    fn slot(&self, url: &Url) -> Arc<tokio::sync::Mutex<Option<Known>>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MANY {
            slots.clear();
        }
        Arc::clone(slots.entry(url.origin().ascii_serialization()).or_default())
    }
}
