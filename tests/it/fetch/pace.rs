//! Politeness: as a pure function under every sequence of events, and as servers see it.

use super::{class, fetcher, open_options, open_rule, page};
use crate::support::raw::{Act, RawServer};
use crate::support::server::{Server, reply};
use chrono::{TimeDelta, TimeZone as _, Utc};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use wangqi::fetch::{Event, Fetcher, Options, Pace, SiteRule, step};
use wangqi::model::{Clock, Site, Time};

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 24, 3, 0, 0).unwrap()
}

fn rule(delay_ms: u64, jitter: f64, daily_limit: Option<u32>) -> SiteRule {
    SiteRule { delay: Duration::from_millis(delay_ms), jitter, daily_limit, ..SiteRule::general() }
}

fn answered_with((status, retry_after, max_age): (u16, Option<Duration>, Option<Duration>)) -> Event {
    Event::Answered { status, retry_after, max_age }
}

/// What can happen between two requests: an event, and how long after the last one.
fn happenings() -> impl Strategy<Value = (Event, i64)> {
    let status = prop_oneof![Just(200_u16), Just(404), Just(429), Just(500), Just(503)];
    let wait = proptest::option::of((0_u64..200_000).prop_map(Duration::from_secs));
    let event = prop_oneof![
        4 => (status, wait.clone(), wait).prop_map(answered_with),
        1 => Just(Event::Throttled),
        1 => Just(Event::Failed),
        1 => Just(Event::Blocked),
        1 => Just(Event::Fine),
        1 => (0_u64..1000).prop_map(|seconds| Event::CrawlDelay(Duration::from_secs(seconds))),
    ];
    (event, 0_i64..20_000)
}

proptest! {
    #[test]
    fn whatever_happens_starts_keep_their_distance(
        delay in 0_u64..10_000, jitter in 0.0..1.0_f64, daily in proptest::option::of(1_u32..50), seed in any::<u64>(),
        happenings in proptest::collection::vec(happenings(), 1..80),
    ) {
        let rule = rule(delay, jitter, daily);
        let mut pace = Pace { seed, ..Pace::default() };
        let mut now = start();
        let mut last: Option<Time> = None;
        let mut asked_until = now;
        let mut on_day = std::collections::BTreeMap::<_, u32>::new();
        for (event, after) in happenings {
            let ready = pace.ready_at(&rule, now);
            prop_assert!(ready >= now);
            now = ready;
            prop_assert_eq!(pace.ready_at(&rule, now), now, "what is ready stays so until something happens");
            if let Some(last) = last {
                prop_assert!((now - last).to_std().unwrap() >= rule.delay);
            }
            prop_assert!(now >= asked_until, "Retry-After is never shortened");
            last = Some(now);
            let today = on_day.entry(now.date_naive()).or_default();
            *today += 1;
            prop_assert!(daily.is_none_or(|limit| *today <= limit));
            pace = step(&rule, &pace, Event::Started, now);
            now += TimeDelta::milliseconds(after);
            if let Event::Answered { status: 429 | 503, retry_after, max_age } = event {
                let wait = retry_after.max(max_age).unwrap_or_default();
                asked_until = asked_until.max(now + wait.min(Duration::from_secs(7 * 86_400)));
            }
            pace = step(&rule, &pace, event, now);
        }
    }

    #[test]
    fn a_pace_survives_being_stored(events in proptest::collection::vec(happenings(), 0..20)) {
        let rule = rule(1000, 0.5, Some(5));
        let mut now = start();
        let mut pace = Pace::default();
        for (event, after) in events {
            now += TimeDelta::milliseconds(after);
            pace = step(&rule, &step(&rule, &pace, Event::Started, now), event, now);
        }
        let stored = serde_json::to_string(&pace).unwrap();
        prop_assert_eq!(serde_json::from_str::<Pace>(&stored).unwrap(), pace);
    }
}

#[test]
fn the_breaker_opens_wider_each_time_and_closes_at_once() {
    let rule = rule(6000, 0.5, None);
    let (mut pace, mut now) = (Pace::default(), start());
    for minutes in [15, 60, 240, 960, 1440, 1440] {
        pace = step(&rule, &pace, Event::Blocked, now);
        let until = pace.ready_at(&rule, now);
        assert_eq!((until - now).num_minutes(), minutes);
        let again = step(&rule, &pace, Event::Blocked, now + TimeDelta::seconds(5));
        assert_eq!(again, pace, "requests under way together meet one block");
        now = until;
    }
    pace = step(&rule, &pace, Event::Fine, now);
    assert_eq!(pace.ready_at(&rule, now), now);
    pace = step(&rule, &pace, Event::Blocked, now);
    assert_eq!((pace.ready_at(&rule, now) - now).num_minutes(), 15);
}

#[test]
fn troubles_double_the_wait_and_success_ends_them() {
    let rule = rule(1000, 0.0, None);
    let answered = |status| answered_with((status, None, None));
    let (mut pace, now) = (Pace::default(), start());
    let mut waits = Vec::new();
    for _ in 0..9 {
        pace = step(&rule, &pace, answered(500), now);
        waits.push((pace.ready_at(&rule, now) - now).num_seconds());
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 120, 120, 120]);
    let later = now + TimeDelta::hours(1);
    pace = step(&rule, &pace, answered(200), later);
    assert_eq!((pace.ready_at(&rule, later) - later).num_seconds(), 1);
    // WeChat's hosts keep a back-off of their own.
    let wechat = SiteRule { delay: Duration::from_secs(1), ..SiteRule::default_for("mp.weixin.qq.com") };
    for _ in 0..20 {
        pace = step(&wechat, &pace, answered(429), later);
    }
    assert_eq!((pace.ready_at(&wechat, later) - later).num_seconds(), 3600);
}

#[test]
fn a_site_that_throttles_cools_down_and_is_asked_half_as_often() {
    let rule = rule(2000, 0.0, None);
    let throttled = |retry_after: Option<u64>, max_age: Option<u64>| {
        answered_with((429, retry_after.map(Duration::from_secs), max_age.map(Duration::from_secs)))
    };
    let wait = |pace: &Pace, now: Time| (pace.ready_at(&rule, now) - now).num_minutes();
    let gap = |pace: &Pace, now: Time| {
        let started = step(&rule, pace, Event::Started, now);
        (started.ready_at(&rule, now) - now).num_seconds()
    };
    let (mut pace, mut now) = (Pace::default(), start());
    for (minutes, seconds) in [(15, 4), (30, 8), (60, 16), (120, 32), (240, 64), (480, 120), (960, 120), (1440, 120)] {
        pace = step(&rule, &pace, throttled(None, None), now);
        assert_eq!(wait(&pace, now), minutes);
        let again = step(&rule, &pace, throttled(None, None), now);
        assert_eq!(again.cool_downs, pace.cool_downs, "requests under way together meet one cool-down");
        now = pace.ready_at(&rule, now);
        assert_eq!(gap(&pace, now), seconds);
    }
    pace = step(&rule, &pace, answered_with((403, None, None)), now);
    assert!(pace.is_cooling(), "a 403 may be how it throttles");
    pace = step(&rule, &pace, answered_with((200, None, None)), now);
    assert!(!pace.is_cooling());
    for (hours, seconds) in [(1, 60), (2, 30), (5, 3), (6, 2), (60, 2), (6000, 2)] {
        assert_eq!(gap(&pace, now + TimeDelta::hours(hours)), seconds, "{hours} clean hours");
    }
    // The longest of what the server says and what we know ourselves.
    let fresh = Pace::default();
    for (retry_after, max_age, minutes) in
        [(Some(7200), None, 120), (Some(60), Some(3600), 60), (Some(60), None, 15), (Some(u64::MAX), None, 7 * 1440)]
    {
        assert_eq!(wait(&step(&rule, &fresh, throttled(retry_after, max_age), now), now), minutes);
    }
    assert_eq!(wait(&step(&rule, &fresh, Event::Throttled, now), now), 15);
    let unpaced = SiteRule { delay: Duration::ZERO, ..rule.clone() };
    assert_eq!(step(&unpaced, &fresh, throttled(None, None), now).ready_at(&unpaced, now), now, "a test server");
}

#[test]
fn a_day_has_its_limit_and_the_next_day_its_own() {
    let rule = rule(0, 0.0, Some(3));
    let (mut pace, now) = (Pace::default(), start());
    for _ in 0..3 {
        assert_eq!(pace.ready_at(&rule, now), now);
        pace = step(&rule, &pace, Event::Started, now);
    }
    let midnight = Utc.with_ymd_and_hms(2026, 11, 25, 0, 0, 0).unwrap();
    assert_eq!(pace.ready_at(&rule, now), midnight);
    pace = step(&rule, &pace, Event::Started, midnight);
    assert_eq!((pace.used, pace.ready_at(&rule, midnight)), (1, midnight));
}

#[test]
fn the_compiled_in_rules_are_what_the_research_says() {
    let wechat = SiteRule::default_for("mp.weixin.qq.com");
    assert_eq!((wechat.delay, wechat.concurrency, wechat.daily_limit), (Duration::from_secs(6), 1, Some(600)));
    let picture = SiteRule::default_for("mmbiz.qpic.cn");
    assert_eq!((picture.delay, picture.concurrency), (Duration::from_millis(200), 4));
    let other = SiteRule::default_for("example.org");
    assert_eq!((other.delay, other.concurrency), (Duration::from_secs(2), 1));
    assert_eq!(SiteRule::default_for("old.reddit.com").delay, Duration::from_secs(65));
    // A rule of the owner's takes the place of the compiled-in one, for that host alone.
    let mine = fetcher(Options { sites: vec![SiteRule { concurrency: 9, ..picture }], ..Options::default() });
    assert_eq!(mine.concurrency_of(&site(&mine, "https://mmbiz.qpic.cn/x"), chrono::Utc::now()), 9);
    assert_eq!(mine.concurrency_of(&site(&mine, "https://mmbiz.qlogo.cn/x"), chrono::Utc::now()), 4);
    assert_eq!(site(&mine, "https://a.b.example.co.uk/").as_str(), "example.co.uk");
}

fn site(fetcher: &Fetcher, url: &str) -> Site {
    fetcher.site_of(&page(url).url)
}

#[tokio::test]
async fn a_server_sees_requests_apart_however_many_ask() {
    let server = Server::plain(|_| reply(200, &[], "")).await;
    let delay = Duration::from_millis(40);
    let slow = SiteRule { delay, jitter: 0.5, ..open_rule("127.0.0.1") };
    let fetcher = fetcher(Options { sites: vec![slow], ..open_options() });
    let requests = (0..8).map(|number| {
        let (fetcher, request) = (fetcher.clone(), page(&server.url(&format!("/{number}"))));
        tokio::spawn(async move { fetcher.fetch(&request).await.map(|capture| capture.status) })
    });
    for request in requests.collect::<Vec<_>>() {
        assert_eq!(request.await.unwrap().unwrap(), 200);
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 8);
    for pair in seen.windows(2) {
        assert!(pair[1].at - pair[0].at >= delay, "{:?}", pair[1].at - pair[0].at);
    }
}

#[tokio::test]
async fn every_hop_waits_its_turn() {
    let server = Server::plain(|seen| match seen.path.len() {
        1..4 => reply(302, &[("location", &format!("{}x", seen.path))], ""),
        _ => reply(200, &[], ""),
    })
    .await;
    let delay = Duration::from_millis(40);
    let slow = SiteRule { delay, jitter: 0.0, ..open_rule("127.0.0.1") };
    fetcher(Options { sites: vec![slow], ..open_options() }).fetch(&page(&server.url("/"))).await.unwrap();
    let seen = server.seen();
    assert!(seen.len() == 4 && seen.windows(2).all(|pair| pair[1].at - pair[0].at >= delay));
}

/// A clock that a test sets on.
fn hand_clock() -> (Arc<Mutex<Time>>, Clock) {
    let hand = Arc::new(Mutex::new(start()));
    let read = Arc::clone(&hand);
    (hand, Arc::new(move || *read.lock().unwrap()))
}

#[tokio::test]
async fn long_waits_are_told_not_slept() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/busy" => reply(429, &[("retry-after", "7200")], ""),
        "/dated" => reply(503, &[("retry-after", "Tue, 24 Nov 2026 09:00:00 GMT")], ""),
        _ => reply(200, &[], ""),
    })
    .await;
    let (hand, clock) = hand_clock();
    let fetcher = Fetcher::new(open_options(), clock).unwrap();
    let request = page(&server.url("/x"));
    let site = fetcher.site_of(&request.url);
    assert_eq!(fetcher.fetch(&page(&server.url("/busy"))).await.unwrap().status, 429);
    let error = fetcher.fetch(&request).await.unwrap_err();
    assert_eq!((error.class(), error.retry_after()), ("paused", Some(Duration::from_secs(7200))));
    assert!(error.to_string().contains("2026-11-24 05:00:00"), "{error}");
    *hand.lock().unwrap() += TimeDelta::hours(2);
    assert_eq!(class(&fetcher.fetch(&request).await), "ok");

    assert_eq!(fetcher.fetch(&page(&server.url("/dated"))).await.unwrap().status, 503);
    assert_eq!(fetcher.ready_at(&site, start()), start() + TimeDelta::hours(6));
    *hand.lock().unwrap() = start() + TimeDelta::hours(6);

    let until = fetcher.report_blocked(&site, start() + TimeDelta::hours(6));
    assert_eq!(until, start() + TimeDelta::minutes(6 * 60 + 15));
    assert_eq!(class(&fetcher.fetch(&request).await), "paused");
    let stored = fetcher.paces();
    let clock = Arc::clone(&hand);
    let next_run = Fetcher::new(open_options(), Arc::new(move || *clock.lock().unwrap())).unwrap();
    for (site, pace) in stored {
        next_run.restore(site, pace);
    }
    assert_eq!(class(&next_run.fetch(&request).await), "paused");
    // What was asked before the block may still come, and says nothing of it.
    next_run.report_fine(&site);
    assert_eq!(class(&next_run.fetch(&request).await), "paused");
    *hand.lock().unwrap() += TimeDelta::minutes(15);
    next_run.report_fine(&site);
    assert_eq!(class(&next_run.fetch(&request).await), "ok");
}

#[tokio::test]
async fn concurrency_is_bounded_over_all_sites() {
    let stalling = RawServer::start(vec![Act::Stall]).await;
    let server = Server::plain(|_| reply(200, &[], "")).await;
    let hosts = [("slow.test".to_owned(), stalling.address), ("quick.test".to_owned(), server.address)].into();
    let sites = vec![open_rule("slow.test"), open_rule("quick.test")];
    let total_timeout = Duration::from_millis(200);
    let fetcher = fetcher(Options { hosts, sites, concurrency: 1, total_timeout, ..open_options() });
    let started = Instant::now();
    let slow = page("http://slow.test/");
    let quick = page("http://quick.test/");
    // Both are polled in this order: the slow one takes the only place.
    let (first, second) = tokio::join!(biased; fetcher.fetch(&slow), fetcher.fetch(&quick));
    assert_eq!((class(&first), class(&second)), ("timeout", "ok"));
    assert!(server.seen()[0].at - started >= total_timeout);
}
