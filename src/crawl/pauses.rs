//! The sites that are left alone while work waits for them: who waits, and what is said of it.

use crate::archive::ArchiveError;
use crate::crawl::engine::{Engine, PATIENCE};
use crate::crawl::{Report, Stand, Standing, Waiting};
use crate::model::{Site, Time};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often pauses are looked for that are to be told of.
const LOOK: Duration = Duration::from_secs(1);

impl Engine {
    /// Says which sites make targets wait that are due, and until when.
    pub(super) fn tell_waiting(&mut self) -> Result<(), ArchiveError> {
        let now = self.crawler.now();
        for (site, targets) in self.frontier.due(now) {
            // What a captcha or the day's limit holds up is told as that.
            if self.is_paused(&site, now) {
                continue;
            }
            let mut why = None;
            for target in &targets {
                why = why.or(self.crawler.reader.attempt(target)?.map(|attempt| attempt.error));
            }
            // A form of link may have a pace beside its site's.
            let ready = targets.iter().map(|target| self.crawler.fetcher.ready_for(&target.url, &site, now)).min();
            let (until, targets) = (ready.unwrap_or(now), targets.len() as u64);
            self.summary.waiting.push(Waiting { site, until, targets, why });
        }
        for (site, targets) in self.book.left() {
            if !self.is_paused(&site, now) {
                let until = self.crawler.fetcher.ready_at(&site, now);
                self.summary.waiting.push(Waiting { site, until, targets, why: None });
            }
        }
        Ok(())
    }

    /// A captcha's report says how much waits for the site; so it is told of.
    pub(super) fn tell_of_block(&mut self, report: &mut Report, site: &Site) {
        let now = self.crawler.now();
        let waiting = self.frontier.waiting(site, now);
        self.told.insert(site.clone(), self.crawler.fetcher.ready_at(site, now));
        if let Some(reason) = &mut report.reason {
            reason.push_str(&format!("; {waiting} wait"));
        }
    }

    pub(super) fn is_paused(&self, site: &Site, now: Time) -> bool {
        let standing = Standing::of(&self.crawler.fetcher, site);
        standing.is_some_and(|standing| matches!(standing.stand(now), Stand::Open | Stand::HalfOpen | Stand::Spent))
    }

    /// The sites that work waits for and that are left alone for longer than a pass has patience, in words.
    pub(super) fn pauses(&self) -> Vec<(Site, Time, String)> {
        let now = self.crawler.now();
        let mut waiting: BTreeMap<&Site, usize> = self.book.waiting().collect();
        for site in self.frontier.sites() {
            *waiting.entry(site).or_default() += self.frontier.waiting(site, now);
        }
        let paused = waiting.into_iter().filter_map(|(site, waiting)| {
            let until = self.crawler.fetcher.ready_at(site, now);
            if until - now <= PATIENCE {
                return None;
            }
            let standing = Standing::of(&self.crawler.fetcher, site)?;
            Some((site.clone(), until, standing.words(now, Some(waiting))))
        });
        paused.collect()
    }

    /// Logs each pause once.
    pub(super) fn tell_of_pauses(&mut self) {
        // All sites are looked at: not at every turn of the loop.
        if self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return;
        }
        self.looked = Some(tokio::time::Instant::now());
        for (site, until, words) in self.pauses() {
            if self.told.insert(site.clone(), until) != Some(until) {
                tracing::warn!(%site, "{words}");
            }
        }
    }
}
