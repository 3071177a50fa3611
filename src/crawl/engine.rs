//! The loop: takes targets from the frontier, visits them side by side, and reports each as it ends.

use crate::archive::{ArchiveError, State};
use crate::crawl::frontier::{Frontier, Next};
use crate::crawl::poll::{Book, is_poll, is_ruled};
use crate::crawl::providers;
use crate::crawl::renew::{self, Due};
use crate::crawl::visit::{Visited, keep_pending, visit};
use crate::crawl::{Crawler, Pass, Renewals, Reports, Summary, blocking};
use crate::fetch::Fetcher;
use crate::model::{CanonicalUrl, FeedName, Outcome, Rel, Site, Target, TargetKind, Time};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The longest a pass waits for a site's pace or a retry before it leaves the rest for the next one (judgement).
pub(super) const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// The longest it waits for a recheck: long enough for a retry, not for one that is planned for later.
const SHORT_PATIENCE: TimeDelta = TimeDelta::minutes(1);

/// How long visits that are out may go on after a shutdown was asked for; then they are dropped, unacknowledged. Judgement: half of the
/// ten seconds that a container is given to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Sleeps are cut into slices, so that a clock that was set, or a machine that slept, is noticed.
pub(crate) const SLICE: Duration = Duration::from_secs(30);

/// How often the daemon keeps its paces.
const KEEP_PACES: Duration = Duration::from_secs(60);

type Done = (Target, Site, Result<Visited, ArchiveError>);

pub(super) struct Engine {
    pub(super) crawler: Crawler,
    pub(super) frontier: Frontier,
    out: JoinSet<Done>,
    reports: Reports,
    pub(super) summary: Summary,
    /// The feeds this engine works for; empty for all.
    feeds: Vec<FeedName>,
    /// Pages that were asked for by name and have not been visited yet, by identity.
    asked_for: BTreeMap<String, Target>,
    /// The pauses that were told of, by the instant they end: each is told once.
    pub(super) told: BTreeMap<Site, Time>,
    /// The sites whose day was used up, by the day: kept once each.
    spent: BTreeMap<Site, i64>,
    /// When pauses were last looked for.
    pub(super) looked: Option<tokio::time::Instant>,
    /// The feeds that are polled by rule.
    pub(super) book: Book,
    /// Whether polls have begun since what is known of them was last kept.
    pub(super) has_begun: bool,
    /// When what is known of them was last kept.
    pub(super) polls_kept: Option<tokio::time::Instant>,
}

/// One pass, from polling to nothing left that is worth waiting for.
pub(crate) async fn pass(
    crawler: &Crawler,
    pass: Pass,
    reports: Reports,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, ArchiveError> {
    let begun = crawler.now();
    let mut engine = Engine::new(crawler, reports, pass.feeds.clone());
    if pass.poll {
        engine.poll_by_hand(begun)?;
    }
    // First what is looked at now: the same target may be pending for later.
    for url in pass.pages {
        let page = saved(url, begun);
        engine.asked_for.insert(page.identity(), page.clone());
        engine.push(page);
    }
    if pass.recheck {
        engine.push_everything_held(begun)?;
    }
    if pass.due {
        engine.take_up_pending()?;
    }
    let mut shutdown = pin!(shutdown);
    loop {
        engine.start_polls();
        let wait = engine.fill(|target, now| {
            // A recheck that is not due yet is the next pass's business; one that stumbled is tried again in this one.
            let patience = if target.recheck.is_some() { SHORT_PATIENCE } else { PATIENCE };
            target.not_before - now < patience
        })?;
        engine.keep_polls(false).await?;
        let wait = [wait, engine.book.next()].into_iter().flatten().min();
        let until = match wait {
            None if engine.out.is_empty() => break,
            Some(at) if engine.out.is_empty() && at - crawler.now() > PATIENCE => break,
            wait => wait,
        };
        tokio::select! {
            // Who asks to stop is heard first: what ends at the same moment is taken in below.
            biased;
            () = &mut shutdown => {
                engine.summary.interrupted = true;
                break;
            }
            done = engine.out.join_next(), if !engine.out.is_empty() => engine.finish(done).await?,
            () = sleep_until(crawler, until), if until.is_some() => {}
        }
    }
    if !engine.summary.interrupted {
        engine.tell_waiting()?;
    }
    engine.end(begun).await
}

/// The daemon: every feed by its schedule, until shutdown.
pub(crate) async fn run(
    crawler: &Crawler,
    reports: Reports,
    mut renewals: Renewals,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, ArchiveError> {
    let begun = crawler.now();
    let mut engine = Engine::new(crawler, reports, Vec::new());
    engine.take_up_pending()?;
    let mut due = Due::new();
    engine.watch_all(begun)?;
    for feed in crawler.options.feeds.iter().filter(|feed| !is_ruled(&feed.url)) {
        let last = crawler.reader.last_run(&feed.name)?;
        due.insert(feed.name.clone(), crawler.next_run(feed, last, begun));
    }
    let mut kept = tokio::time::Instant::now();
    let mut shutdown = pin!(shutdown);
    loop {
        engine.poll_due(&mut due).await?;
        engine.start_polls();
        let wait = engine.fill(|_, _| true)?;
        engine.keep_polls(false).await?;
        engine.tell_of_pauses();
        let next = due.values().flatten().min().copied();
        let until = [wait, next, engine.book.next(), engine.keep_at()].into_iter().flatten().min();
        tokio::select! {
            done = engine.out.join_next(), if !engine.out.is_empty() => engine.finish(done).await?,
            () = sleep_until(crawler, until) => {}
            renewal = renew::next_of(&mut renewals) => {
                renew::renew(&mut engine.crawler, &mut engine.frontier, &mut due, renewal)?;
                engine.watch_all(engine.crawler.now())?;
            }
            () = &mut shutdown => break,
        }
        if kept.elapsed() >= KEEP_PACES {
            crawler.keep_paces().await?;
            kept = tokio::time::Instant::now();
        }
    }
    engine.end(begun).await
}

impl Engine {
    fn new(crawler: &Crawler, reports: Reports, feeds: Vec<FeedName>) -> Self {
        let (frontier, out, summary) = (Frontier::default(), JoinSet::new(), Summary::default());
        Self {
            crawler: crawler.clone(),
            frontier,
            out,
            reports,
            summary,
            feeds,
            asked_for: BTreeMap::new(),
            told: BTreeMap::new(),
            spent: BTreeMap::new(),
            looked: None,
            book: Book::default(),
            has_begun: false,
            polls_kept: None,
        }
    }

    pub(super) fn is_wanted(&self, feed: &FeedName) -> bool {
        self.feeds.is_empty() || self.feeds.contains(feed)
    }

    pub(super) fn push(&mut self, target: Target) -> bool {
        let site = self.crawler.fetcher.site_of(&target.url);
        self.frontier.push(site, target)
    }

    /// What was pending when the archive was last closed, however it was closed.
    fn take_up_pending(&mut self) -> Result<(), ArchiveError> {
        let reader = self.crawler.reader.clone();
        let has_session = self.crawler.session()?.is_some();
        for row in reader.pending() {
            let (mut target, attempt) = row?;
            if let Some(attempt) = attempt {
                // A session's list waits for that session: another one is asked at once.
                let is_free = attempt.tries == 0 && has_session && providers::is_private(&target);
                target.not_before = if is_free { target.not_before } else { target.not_before.max(attempt.not_before) };
                self.frontier.note_blocks(&target, attempt.blocks);
            }
            if self.is_wanted(&target.feed) {
                self.push(target);
            }
        }
        Ok(())
    }

    /// Polls a feed that is polled by no rule.
    pub(super) fn push_poll(&mut self, feed: &FeedName, url: &CanonicalUrl, now: Time) -> Result<(), ArchiveError> {
        let target = poll(feed, url, now);
        if let Some(attempt) = self.crawler.reader.attempt(&target)? {
            self.frontier.note_blocks(&target, attempt.blocks);
        }
        self.push(target);
        Ok(())
    }

    fn push_everything_held(&mut self, now: Time) -> Result<(), ArchiveError> {
        let reader = self.crawler.reader.clone();
        for row in reader.articles() {
            let (key, row) = row?;
            if self.is_wanted(&row.feed) {
                self.push(row.recheck_at(&key, now));
            }
        }
        Ok(())
    }

    /// Claims and polls the feeds that are due. A feed whose last poll is still out is skipped this once.
    async fn poll_due(&mut self, due: &mut Due) -> Result<(), ArchiveError> {
        let now = self.crawler.now();
        let crawler = self.crawler.clone();
        if due.values().flatten().min().is_none_or(|at| *at > now) {
            return Ok(());
        }
        for feed in crawler.options.feeds.iter().filter(|feed| !is_ruled(&feed.url)) {
            let Some(Some(at)) = due.get(&feed.name).copied() else { continue };
            if at > now {
                continue;
            }
            let (archive, name) = (Arc::clone(&crawler.archive), feed.name.clone());
            blocking(move || archive.mark(State::Run(name, at))).await?;
            self.push_poll(&feed.name, &feed.url, now)?;
            due.insert(feed.name.clone(), crawler.next_run(feed, Some(now), now));
        }
        Ok(())
    }

    /// Starts as many visits as the paces let start now, and says when the next may.
    fn fill(&mut self, waits_for: impl Fn(&Target, Time) -> bool) -> Result<Option<Time>, ArchiveError> {
        self.crawler.pulse.beat();
        let most = Fetcher::concurrency(&self.crawler.fetcher);
        while self.out.len() < most {
            let now = self.crawler.now();
            match self.frontier.pop(now, &self.crawler.fetcher, &|target| waits_for(target, now)) {
                Next::Visit(target, site) => {
                    if self.is_settled(&target)? {
                        self.frontier.release(&site, &target);
                        continue;
                    }
                    let asking = self.asking(&target, now);
                    if asking.is_none() && is_poll(&target) {
                        // It is watched no longer, or elsewhere.
                        self.frontier.release(&site, &target);
                        continue;
                    }
                    let crawler = self.crawler.clone();
                    self.out.spawn(async move {
                        let visited = visit(&crawler, (*target).clone(), asking).await;
                        (*target, site, visited)
                    });
                }
                Next::WaitUntil(at) => return Ok(Some(at)),
                Next::Idle => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Whether a link's target was settled by another visit since it was queued: the same article by another URL.
    fn is_settled(&self, target: &Target) -> Result<bool, ArchiveError> {
        Ok(target.via.is_some() && !self.crawler.reader.is_pending(target)?)
    }

    async fn finish(&mut self, done: Option<Result<Done, tokio::task::JoinError>>) -> Result<(), ArchiveError> {
        let (target, site, visited) = match done {
            Some(Ok(done)) => done,
            Some(Err(error)) => {
                return Err(ArchiveError::Stopped { why: format!("a visit ended in a panic: {error}"), full: false });
            }
            None => return Ok(()),
        };
        self.frontier.release(&site, &target);
        let visited = visited?;
        self.keep_spent(&site).await?;
        self.polled(&target, visited.heard.as_deref(), visited.back_at);
        self.asked_for.remove(&target.identity());
        if visited.report.is_some() {
            let blocks = visited.blocked.as_ref().map_or(0, |(_, blocks)| *blocks);
            self.frontier.note_blocks(&target, blocks);
        }
        for target in visited.pending {
            let site = self.crawler.fetcher.site_of(&target.url);
            self.frontier.renew(site, target);
        }
        if let Some(mut report) = visited.report {
            if report.outcome == Outcome::Blocked && !is_poll(&target) {
                let answered = visited.blocked.map_or(site, |(answered, _)| answered);
                self.tell_of_block(&mut report, &answered);
            }
            self.summary.add(&report);
            if let Some(reports) = &self.reports {
                // A listener that went away does not stop the crawl.
                let _ = reports.send(report).await;
            }
        }
        Ok(())
    }

    /// Keeps the pace of a site whose day is used up, at once: it must be remembered however the program ends.
    async fn keep_spent(&mut self, site: &Site) -> Result<(), ArchiveError> {
        let Some((pace, rule)) = self.crawler.fetcher.pace_of(site) else { return Ok(()) };
        if !pace.is_spent(&rule, self.crawler.now()) || self.spent.insert(site.clone(), pace.day) == Some(pace.day) {
            return Ok(());
        }
        let (crawler, site) = (self.crawler.clone(), site.clone());
        blocking(move || crawler.keep_pace(&site).map(drop)).await
    }

    /// Pages that were asked for by name and not visited stay pending, for nothing else leads to them.
    async fn keep_asked_for(&mut self) -> Result<(), ArchiveError> {
        let mut left = std::mem::take(&mut self.asked_for);
        let crawler = self.crawler.clone();
        blocking(move || {
            let mut known = Vec::new();
            for (identity, page) in &left {
                if crawler.reader.is_pending(page)? {
                    known.push(identity.clone());
                }
            }
            for identity in &known {
                left.remove(identity);
            }
            keep_pending(&crawler, left.into_values().collect(), "not visited yet")
        })
        .await
    }

    /// Lets what is out end, keeps the paces, and sums up.
    async fn end(mut self, begun: Time) -> Result<Summary, ArchiveError> {
        let deadline = tokio::time::Instant::now() + GRACE;
        while !self.out.is_empty() {
            match tokio::time::timeout_at(deadline, self.out.join_next()).await {
                Ok(done) => self.finish(done).await?,
                Err(_) => self.out.shutdown().await,
            }
        }
        self.keep_asked_for().await?;
        self.book.give_up(self.crawler.now());
        self.keep_polls(true).await?;
        self.crawler.keep_paces().await?;
        let demanded = if self.book.is_by_hand() { self.book.left().values().sum() } else { 0 };
        self.summary.pending = self.frontier.left() as u64 + demanded;
        let now = self.crawler.now();
        let paused = self.pauses().into_iter().filter(|(site, ..)| self.is_paused(site, now));
        self.summary.paused = paused.map(|(_, _, words)| words).collect();
        self.summary.seconds = (self.crawler.now() - begun).as_seconds_f64();
        Ok(self.summary)
    }
}

async fn sleep_until(crawler: &Crawler, at: Option<Time>) {
    let wait = at.map_or(SLICE, |at| (at - crawler.now()).to_std().unwrap_or_default());
    tokio::time::sleep(wait.min(SLICE)).await;
}

pub(super) fn poll(name: &FeedName, url: &CanonicalUrl, now: Time) -> Target {
    Target {
        url: url.clone(),
        kind: TargetKind::Feed,
        feed: name.clone(),
        rel: Rel::Entry,
        via: None,
        depth: 0,
        not_before: now,
        recheck: None,
        hint: None,
    }
}

fn saved(url: CanonicalUrl, now: Time) -> Target {
    let feed = FeedName("save".into());
    let kind = TargetKind::Article;
    Target { url, kind, feed, rel: Rel::Entry, via: None, depth: 0, not_before: now, recheck: None, hint: None }
}
