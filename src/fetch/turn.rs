//! Whose turn it is: requests wait here until their site's pace and the two limits on concurrency let them start.

use crate::fetch::error::FetchError;
use crate::fetch::gate::Gate;
use crate::fetch::politeness::{Event, Pace, step};
use crate::fetch::rules::{Rules, SiteRule};
use crate::model::{CanonicalUrl, Clock, Site, Time};
use chrono::TimeDelta;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep};

/// A wait longer than this is not slept through: the caller is told instead (judgement).
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// The clock may be set on, or the machine may have slept: a waiting request looks at it this often.
const GLANCE: Duration = Duration::from_millis(500);

/// Above this many sites, those with nothing to remember are forgotten.
const MANY: usize = 4096;

/// The right to send one request now. Dropped, it lets the next one start.
pub(super) struct Turn {
    /// When the request starts.
    pub(super) at: Time,
    _site: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

/// All sites' paces, and everybody who waits. A turnstile and the one it was renewed from share them: only the rules are its own.
pub(super) struct Turnstile {
    rules: Rules,
    clock: Clock,
    lanes: Arc<Mutex<HashMap<Site, Lane>>>,
    all: Arc<Gate>,
}

struct Lane {
    pace: Pace,
    rule: Arc<SiteRule>,
    gate: Arc<Gate>,
}

impl Turnstile {
    pub(super) fn new(rules: Rules, clock: Clock, concurrency: usize) -> Self {
        Self { rules, clock, lanes: Arc::default(), all: Arc::new(Gate::new(concurrency)) }
    }

    /// The same paces under other rules, from now on for everybody: also requests that wait here already go by the new rules.
    ///
    /// A site that the new rules name otherwise (`blog.example.org` had its registrable domain's pace, and has its own now, or the other
    /// way round) begins with the pace it had under its old name.
    pub(super) fn renewed(&self, rules: Rules, concurrency: usize) -> Self {
        self.all.resize(concurrency);
        let mut lanes = self.lanes();
        let hosts: BTreeSet<&str> = self.rules.hosts().chain(rules.hosts()).collect();
        for host in hosts {
            let (old, new) = (self.rules.site_of_host(host), rules.site_of_host(host));
            if old != new
                && let Some(pace) = lanes.get(&old).map(|lane| lane.pace.clone())
            {
                let rule = rules.rule_of(&new);
                let lane = lanes.entry(new).or_insert_with(|| Lane::new(rule));
                lane.pace = lane.pace.joined(&pace);
            }
        }
        for (site, lane) in lanes.iter_mut() {
            lane.rule = rules.rule_of(site);
            lane.gate.resize(lane.rule.concurrency);
        }
        drop(lanes);
        Self { rules, clock: Arc::clone(&self.clock), lanes: Arc::clone(&self.lanes), all: Arc::clone(&self.all) }
    }

    /// Waits for the turn of one request to this site, and to the class of URLs within it, where the URL has one.
    pub(super) async fn wait(&self, site: &Site, class: Option<&Site>) -> Result<Turn, FetchError> {
        // How far waiting has brought us: the clock's word, or what was slept where the clock stands still (a test's).
        let mut reached = (self.clock)();
        self.until_ready(site, class, &mut reached).await?;
        let gate = self.with_lane(site.clone(), |lane| Arc::clone(&lane.gate));
        let own = gate.enter().await;
        loop {
            self.until_ready(site, class, &mut reached).await?;
            let all = self.all.enter().await;
            let now = reached.max((self.clock)());
            if class.is_some_and(|class| self.ready_at(class, now) > now) {
                continue;
            }
            let started = self.with_lane(site.clone(), |lane| {
                let ready = lane.pace.ready_at(&lane.rule, now) <= now;
                if ready {
                    lane.pace = step(&lane.rule, &lane.pace, Event::Started, now);
                }
                ready
            });
            if started {
                if let Some(class) = class {
                    self.tell(class, Event::Started, now);
                }
                return Ok(Turn { at: now, _site: own, _all: all });
            }
        }
    }

    async fn until_ready(&self, site: &Site, class: Option<&Site>, reached: &mut Time) -> Result<(), FetchError> {
        loop {
            let now = (*reached).max((self.clock)());
            let ready = |site| (self.ready_at(site, now), site);
            let (until, site) = std::iter::once(site).chain(class).map(ready).max().unwrap_or((now, site));
            if until <= now {
                return Ok(());
            }
            if until - now > PATIENCE {
                let wait = (until - now).to_std().unwrap_or_default();
                return Err(FetchError::Paused { site: site.clone(), until, wait });
            }
            self.sleep_until(until, now).await;
            *reached = until;
        }
    }

    async fn sleep_until(&self, until: Time, now: Time) {
        let end = Instant::now() + (until - now).to_std().unwrap_or_default();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || (self.clock)() >= until {
                return;
            }
            sleep(left.min(GLANCE)).await;
        }
    }

    /// Tells the pace what happened, and answers when the site is ready again.
    pub(super) fn tell(&self, site: &Site, event: Event, now: Time) -> Time {
        self.with_lane(site.clone(), |lane| {
            lane.pace = step(&lane.rule, &lane.pace, event, now);
            lane.pace.ready_at(&lane.rule, now)
        })
    }

    /// When the pace lets the next request of this site start.
    pub(super) fn ready_at(&self, site: &Site, now: Time) -> Time {
        match self.lanes().get(site) {
            Some(lane) => lane.pace.ready_at(&lane.rule, now),
            None => now,
        }
    }

    pub(super) fn site_of(&self, url: &CanonicalUrl) -> Site {
        self.rules.site_of(url)
    }

    pub(super) fn rule_of(&self, site: &Site) -> Arc<SiteRule> {
        self.rules.rule_of(site)
    }

    pub(super) fn pace_of(&self, site: &Site) -> Option<Pace> {
        self.lanes().get(site).map(|lane| lane.pace.clone())
    }

    pub(super) fn paces(&self) -> Vec<(Site, Pace)> {
        let mut paces: Vec<_> = self.lanes().iter().map(|(site, lane)| (site.clone(), lane.pace.clone())).collect();
        paces.sort_by(|one, other| one.0.cmp(&other.0));
        paces
    }

    pub(super) fn restore(&self, site: Site, pace: Pace) {
        self.with_lane(site, |lane| lane.pace = pace);
    }

    pub(super) fn now(&self) -> Time {
        (self.clock)()
    }

    fn with_lane<T>(&self, site: Site, act: impl FnOnce(&mut Lane) -> T) -> T {
        let mut lanes = self.lanes();
        if lanes.len() >= MANY && !lanes.contains_key(&site) {
            let now = (self.clock)();
            lanes.retain(|_, lane| !lane.pace.is_idle(now) || !lane.gate.is_idle());
        }
        let rule = self.rules.rule_of(&site);
        let lane = lanes.entry(site).or_insert_with(|| Lane::new(rule));
        act(lane)
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<Site, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn new(rule: Arc<SiteRule>) -> Self {
        let gate = Arc::new(Gate::new(rule.concurrency));
        let pace = Pace { seed: RandomState::new().build_hasher().finish(), ..Pace::default() };
        Self { pace, rule, gate }
    }
}
