//! The pending targets and the rule for who is next. Pure: no clock, no I/O.
//!
//! Each site has a queue of its own, so a slow site holds nobody up; sites take turns; within a site feeds go first, then
//! entries, past issues, rechecks, and assets. A bare WeChat link, which draws captchas, goes last and alone: whatever is pending or out
//! may still bring a better link to the same article. What drew a captcha goes after what did not, so that the one page that is tried
//! after a block is another one.

mod queue;

use crate::model::{CanonicalUrl, Site, Target, Time};
use queue::{Queue, Ready, earlier};
use std::collections::{BTreeMap, HashMap};

/// What to do next.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Visit this target; tell [`Frontier::release`] when it is done.
    Visit(Box<Target>, Site),
    /// Nothing may start before this instant.
    WaitUntil(Time),
    /// Nothing is pending that may ever start; something may still be out.
    Idle,
}

/// When a site lets its next request start, and how many may be out at once.
pub trait Paces {
    /// When the next request may start.
    fn ready_at(&self, site: &Site, now: Time) -> Time;
    /// How many may be out at once.
    fn concurrency(&self, site: &Site, now: Time) -> usize;
    /// When a request for this very URL may start, where its form has a pace beside its site's.
    fn ready_for(&self, _: &CanonicalUrl, site: &Site, now: Time) -> Time {
        self.ready_at(site, now)
    }
}

/// The pending targets.
#[derive(Debug, Default)]
pub struct Frontier {
    sites: BTreeMap<Site, Queue>,
    /// Identities that are queued or out, and at which site.
    known: HashMap<String, Site>,
    /// The site that was served last: the next one after it has the next turn.
    served: Option<Site>,
    order: u64,
    /// How many captchas a target has drawn, by identity; those that drew none are not in it.
    blocks: HashMap<String, u32>,
}

impl Frontier {
    /// Notes how many captchas a target has drawn. Call it before it is pushed or renewed.
    pub fn note_blocks(&mut self, target: &Target, blocks: u32) {
        match blocks {
            0 => drop(self.blocks.remove(&target.identity())),
            _ => drop(self.blocks.insert(target.identity(), blocks)),
        }
    }

    /// Adds a target; false where the same one is queued or out already. One that is queued under a worse URL takes the better one.
    pub fn push(&mut self, site: Site, target: Target) -> bool {
        let identity = target.identity();
        if let Some(queue) = self.known.get(&identity).and_then(|site| self.sites.get_mut(site)) {
            queue.improve(&identity, &target);
            return false;
        }
        self.known.insert(identity, site.clone());
        self.order += 1;
        let queue = self.sites.entry(site).or_default();
        queue.later.insert((target.not_before, self.order), target);
        true
    }

    /// Adds a target, or puts it in the place of the same one that is queued for later or by another URL. One that is out stays as it is.
    pub fn renew(&mut self, site: Site, target: Target) {
        let identity = target.identity();
        if let Some(known) = self.known.get(&identity) {
            let Some(queue) = self.sites.get_mut(known) else { return };
            if queue.improve(&identity, &target) {
                return;
            }
            let is_it = |queued: &Target| queued.identity() == identity;
            let later = queue.later.iter().find(|(_, queued)| is_it(queued)).map(|(place, _)| *place);
            let Some(place) = later else { return };
            let is_worse = |queued: &Target| {
                target.not_before < place.0 || (target.not_before == place.0 && queued.url != target.url)
            };
            if !queue.later.get(&place).is_some_and(is_worse) {
                return;
            }
            queue.later.remove(&place);
            self.known.remove(&identity);
        }
        self.push(site, target);
    }

    /// Who is next. `waits_for` says of a target that is not due yet whether it is worth waiting for.
    pub fn pop(&mut self, now: Time, paces: &dyn Paces, waits_for: &dyn Fn(&Target) -> bool) -> Next {
        let mut wait: Option<Time> = None;
        for site in self.turns() {
            let Some(queue) = self.sites.get_mut(&site) else { continue };
            queue.promote(now, &self.blocks);
            if queue.out >= paces.concurrency(&site, now) {
                continue;
            }
            let ready = paces.ready_at(&site, now);
            if ready > now && !queue.due.is_empty() {
                wait = Some(earlier(wait, ready));
                continue;
            }
            match queue.first_ready(now, |url| paces.ready_for(url, &site, now)) {
                Ready::Now(key) => {
                    let target = queue.due.remove(&key).expect("its key was just found");
                    queue.out += 1;
                    self.served = Some(site.clone());
                    return Next::Visit(Box::new(target), site);
                }
                Ready::At(at) => wait = Some(earlier(wait, at)),
                Ready::Never => {}
            }
            if let Some(((at, _), _)) = queue.later.iter().find(|(_, target)| waits_for(target)) {
                wait = Some(earlier(wait, ready.max(*at)));
            }
        }
        wait.map_or(Next::Idle, Next::WaitUntil)
    }

    /// Says that a target that was handed out is done.
    pub fn release(&mut self, site: &Site, target: &Target) {
        self.known.remove(&target.identity());
        if let Some(queue) = self.sites.get_mut(site) {
            queue.out = queue.out.saturating_sub(1);
            if queue.out == 0 && queue.due.is_empty() && queue.later.is_empty() {
                self.sites.remove(site);
            }
        }
    }

    /// Gives every queued target the site it has by now, and lets go of those that are to have none. What is out stays out.
    pub fn resettle(&mut self, site_of: impl Fn(&Target) -> Option<Site>) {
        for (old, queue) in std::mem::take(&mut self.sites) {
            if queue.out > 0 {
                self.sites.entry(old).or_default().out += queue.out;
            }
            for ((rank, order), target) in queue.due {
                if let Some(site) = self.settle(&target, &site_of) {
                    self.sites.entry(site).or_default().due.insert((rank, order), target);
                }
            }
            for ((at, order), target) in queue.later {
                if let Some(site) = self.settle(&target, &site_of) {
                    self.sites.entry(site).or_default().later.insert((at, order), target);
                }
            }
        }
    }

    /// Notes the site that a queued target has by now, or that it has none.
    fn settle(&mut self, target: &Target, site_of: impl Fn(&Target) -> Option<Site>) -> Option<Site> {
        let (identity, site) = (target.identity(), site_of(target));
        match &site {
            Some(site) => drop(self.known.insert(identity, site.clone())),
            None => drop(self.known.remove(&identity)),
        }
        site
    }

    /// How many targets are queued.
    pub fn len(&self) -> usize {
        self.sites.values().map(|queue| queue.due.len() + queue.later.len()).sum()
    }

    /// Whether nothing is queued.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many targets of a site wait: all but the rechecks that are planned for later.
    pub fn waiting(&self, site: &Site, now: Time) -> usize {
        let Some(queue) = self.sites.get(site) else { return 0 };
        let waits = |target: &&Target| target.recheck.is_none() || target.not_before <= now;
        queue.due.len() + queue.later.values().filter(waits).count()
    }

    /// The sites that have anything queued or out.
    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.keys()
    }

    /// How many targets are queued that are no rechecks: work that is left, not work that comes round again.
    pub fn left(&self) -> usize {
        self.sites.values().map(Queue::left).sum()
    }

    /// What is due now, by site.
    pub fn due(&self, now: Time) -> Vec<(Site, Vec<Target>)> {
        let due = self.sites.iter().map(|(site, queue)| {
            let reached = queue.later.values().filter(|target| target.not_before <= now);
            (site.clone(), queue.due.values().chain(reached).cloned().collect::<Vec<_>>())
        });
        due.filter(|(_, targets)| !targets.is_empty()).collect()
    }

    /// All sites, beginning after the one that was served last.
    fn turns(&self) -> Vec<Site> {
        let Some(served) = &self.served else { return self.sites.keys().cloned().collect() };
        let after = self.sites.range::<Site, _>((std::ops::Bound::Excluded(served), std::ops::Bound::Unbounded));
        let before = self.sites.range::<Site, _>(..=served);
        after.chain(before).map(|(site, _)| site.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeedName, Rel, TargetKind};
    use chrono::TimeDelta;

    struct Pace(i64, usize);

    impl Paces for Pace {
        fn ready_at(&self, site: &Site, now: Time) -> Time {
            if site.as_str() == "slow.example" { at(self.0) } else { now }
        }
        fn concurrency(&self, _: &Site, _: Time) -> usize {
            self.1
        }
    }

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    fn target(url: &str, kind: TargetKind, rel: Rel, not_before: i64) -> (Site, Target) {
        let url = CanonicalUrl::parse(url).unwrap();
        let feed = FeedName("f".into());
        let not_before = at(not_before);
        let target = Target { url, kind, feed, rel, via: None, depth: 0, not_before, recheck: None, hint: None };
        (Site::of(&target.url, &[]), target)
    }

    fn drain(frontier: &mut Frontier, now: i64, pace: &Pace) -> (Vec<String>, Next) {
        let mut urls = Vec::new();
        loop {
            match frontier.pop(at(now), pace, &|_| true) {
                Next::Visit(target, site) => {
                    urls.push(target.url.url().path().to_owned());
                    frontier.release(&site, &target);
                }
                next => return (urls, next),
            }
        }
    }

    #[test]
    fn feeds_first_then_entries_past_issues_assets_and_sites_take_turns() {
        let mut frontier = Frontier::default();
        for (url, kind, rel) in [
            ("https://a.example/asset", TargetKind::Asset, Rel::Asset),
            ("https://a.example/past", TargetKind::Article, Rel::PastIssue),
            ("https://a.example/entry", TargetKind::Article, Rel::Entry),
            ("https://a.example/feed", TargetKind::Feed, Rel::Entry),
            ("https://b.example/one", TargetKind::Article, Rel::Entry),
            ("https://b.example/two", TargetKind::Article, Rel::Entry),
        ] {
            let (site, target) = target(url, kind, rel, 0);
            assert!(frontier.push(site.clone(), target.clone()));
            assert!(!frontier.push(site, target), "once is enough");
        }
        let (order, next) = drain(&mut frontier, 0, &Pace(0, 1));
        assert_eq!(order, ["/feed", "/one", "/entry", "/two", "/past", "/asset"]);
        assert_eq!(next, Next::Idle);
        assert!(frontier.is_empty());
    }

    #[test]
    fn a_slow_site_holds_nobody_up_and_what_is_not_due_waits() {
        let mut frontier = Frontier::default();
        for (url, not_before) in
            [("https://slow.example/s", 0), ("https://a.example/now", 0), ("https://a.example/later", 50)]
        {
            let (site, target) = target(url, TargetKind::Article, Rel::Entry, not_before);
            frontier.push(site, target);
        }
        let pace = Pace(30, 1);
        assert_eq!(drain(&mut frontier, 0, &pace), (vec!["/now".into()], Next::WaitUntil(at(30))));
        assert_eq!(drain(&mut frontier, 30, &pace), (vec!["/s".into()], Next::WaitUntil(at(50))));
        assert_eq!(frontier.pop(at(49), &pace, &|_| false), Next::Idle, "not worth waiting for");
        assert_eq!(drain(&mut frontier, 50, &pace).0, ["/later"]);
    }

    #[test]
    fn a_bare_link_goes_last_and_alone_and_takes_a_better_url() {
        struct Slow;
        impl Paces for Slow {
            fn ready_at(&self, _: &Site, now: Time) -> Time {
                now
            }
            fn concurrency(&self, _: &Site, _: Time) -> usize {
                4
            }
            fn ready_for(&self, url: &CanonicalUrl, _: &Site, now: Time) -> Time {
                if url.wechat_rank() == 1 { at(100) } else { now }
            }
        }
        let bare = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&mid=7&idx=1&sn=aa";
        let mut frontier = Frontier::default();
        let push = |frontier: &mut Frontier, url: &str, rel: Rel| {
            let (site, target) = target(url, TargetKind::Article, rel, 0);
            frontier.push(site, target)
        };
        push(&mut frontier, bare, Rel::Entry);
        push(&mut frontier, "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA", Rel::PastIssue);
        let pop = |frontier: &mut Frontier, now: i64| frontier.pop(at(now), &Slow, &|_| true);
        let Next::Visit(first, site) = pop(&mut frontier, 0) else { panic!() };
        assert_eq!(first.url.wechat_rank(), 3);
        assert_eq!(pop(&mut frontier, 0), Next::WaitUntil(at(100)), "its own pace");
        assert_eq!(pop(&mut frontier, 100), Next::Idle, "something is out that may bring a better link");
        assert!(!push(&mut frontier, &format!("{bare}&chksm=bb"), Rel::Album));
        let Next::Visit(second, _) = pop(&mut frontier, 0) else { panic!() };
        assert_eq!((second.url.wechat_rank(), frontier.len()), (2, 0));
        frontier.release(&site, &first);
    }

    #[test]
    fn a_frontier_is_resettled_without_losing_its_order_or_who_is_out() {
        let mut frontier = Frontier::default();
        let urls = ["https://a.example/1", "https://b.a.example/2", "https://a.example/3", "https://a.example/4"];
        for url in urls {
            let (site, target) = target(url, TargetKind::Article, Rel::Entry, 0);
            frontier.push(site, target);
        }
        let pace = Pace(0, 1);
        let Next::Visit(out, old) = frontier.pop(at(0), &pace, &|_| true) else { panic!() };
        let of_host = |target: &Target| Some(Site::named_as(target.url.host().to_owned()));
        frontier.resettle(|target| of_host(target).filter(|_| target.url.url().path() != "/4"));
        assert_eq!(frontier.len(), 2);
        assert_eq!(drain(&mut frontier, 0, &pace).0, ["/2"], "a.example is busy, the other is a site of its own");
        let (site, target) = target(urls[0], TargetKind::Article, Rel::Entry, 0);
        assert!(!frontier.push(site, target), "what is out is known");
        frontier.release(&old, &out);
        assert_eq!(drain(&mut frontier, 0, &pace).0, ["/3"]);
        assert!(frontier.is_empty());
        let (site, target) = super::tests::target(urls[3], TargetKind::Article, Rel::Entry, 0);
        assert!(frontier.push(site, target), "what was let go of may come again");
    }

    #[test]
    fn what_is_queued_for_later_can_be_had_sooner_or_by_another_url() {
        let mut frontier = Frontier::default();
        let signed = |sign: &str, not_before| {
            let url = format!("https://mpvideo.qpic.cn/v.mp4?dis_k={sign}");
            target(&url, TargetKind::Asset, Rel::Video, not_before)
        };
        for (sign, not_before, wins) in [("a", 50, "a"), ("b", 60, "a"), ("c", 50, "c"), ("d", 20, "d"), ("e", 30, "d")]
        {
            let (site, target) = signed(sign, not_before);
            frontier.renew(site, target);
            let queued = frontier.sites.values().flat_map(|queue| queue.later.values());
            let queued: Vec<_> = queued.map(|target| target.url.url().query().unwrap_or_default().to_owned()).collect();
            assert_eq!(queued, [format!("dis_k={wins}")]);
        }
        let Next::Visit(out, site) = frontier.pop(at(20), &Pace(0, 1), &|_| true) else { panic!() };
        frontier.renew(site.clone(), signed("f", 0).1);
        assert!(frontier.is_empty(), "one that is out stays the only one");
        frontier.release(&site, &out);
        frontier.renew(site, signed("f", 0).1);
        assert_eq!(frontier.len(), 1);
    }

    #[test]
    fn no_more_are_out_than_the_site_allows() {
        let mut frontier = Frontier::default();
        for name in ["1", "2", "3"] {
            let (site, target) = target(&format!("https://a.example/{name}"), TargetKind::Article, Rel::Entry, 0);
            frontier.push(site, target);
        }
        let pace = Pace(0, 2);
        let pop = |frontier: &mut Frontier| frontier.pop(at(0), &pace, &|_| true);
        let Next::Visit(first, site) = pop(&mut frontier) else { panic!() };
        assert!(matches!(pop(&mut frontier), Next::Visit(..)));
        assert_eq!(pop(&mut frontier), Next::Idle);
        frontier.release(&site, &first);
        assert!(matches!(pop(&mut frontier), Next::Visit(..)));
    }
}
