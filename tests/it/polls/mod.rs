//! The politeness of polls: an auditor between ten thousand feeds and their servers, in simulated time; and the same rules over HTTP.

mod auditor;
mod http;
mod server;
mod world;

use chrono::TimeDelta;
use server::Kind;
use wangqi::crawl::poll::Condition;
use world::{Breach, World, start};

/// So many days of so many feeds, with a restart in the middle of the second one.
fn simulated(feeds: usize, days: i64, breach: Breach) -> World {
    let mut world = World::new(feeds, breach);
    world.run_until(start() + TimeDelta::hours(37));
    world.restart();
    let end = start() + TimeDelta::days(days);
    world.run_until(end);
    world.judge(end);
    world
}

#[test]
fn ten_thousand_feeds_break_no_rule() {
    let world = simulated(10_000, 3, Breach::None);
    assert!(world.auditor.violations.is_empty(), "{:#?}", world.auditor.violations.iter().take(20).collect::<Vec<_>>());
    assert!(world.auditor.requests > 60_000, "{}", world.auditor.requests);
}

#[test]
fn a_fortnight_shows_what_takes_time() {
    let world = simulated(1_000, 20, Breach::None);
    assert!(world.auditor.violations.is_empty(), "{:#?}", world.auditor.violations.iter().take(20).collect::<Vec<_>>());
    let end = start() + TimeDelta::days(20);
    let all = |kind: Kind| world.of(|other| other == kind).into_iter().map(|feed| world.poll(feed)).collect::<Vec<_>>();
    for poll in all(Kind::Moved) {
        assert!(poll.moved_to.as_ref().unwrap().as_str().contains("//new."), "{poll:?}");
    }
    for poll in all(Kind::Safer) {
        assert!(poll.moved_to.as_ref().unwrap().as_str().starts_with("https:"), "{poll:?}");
    }
    assert!(all(Kind::Away).iter().all(|poll| poll.moved_to.is_none()), "302 changes nothing");
    assert!(all(Kind::Gone).iter().all(|poll| poll.condition(end) == Condition::Gone && poll.next_at.is_none()));
    assert!(all(Kind::Missing).iter().all(|poll| poll.condition(end) == Condition::Failing && poll.errors > 5));
    assert!(all(Kind::Stuck).iter().all(|poll| poll.forced_at.is_some()), "304s are doubted in the end");
    for kind in [Kind::Both(24), Kind::Herd, Kind::Bare429, Kind::Busy503, Kind::Refuser, Kind::MaxAge] {
        assert!(
            all(kind).iter().all(|poll| poll.errors == 0),
            "{kind:?}: neither a rest nor our own outage is an error"
        );
    }
    for tell in ["Moved", "SaidGone", "Gone"] {
        assert!(world.told.contains_key(tell), "{tell}: {:?}", world.told);
    }
}

#[test]
fn every_planted_breach_is_found() {
    for (breach, rules) in [
        (Breach::Cut, &["validators"][..]),
        (Breach::LeftOut, &["validators"]),
        (Breach::Carried, &["validators"]),
        (Breach::NoGap, &["spacing"]),
        (Breach::TwoAtOnce, &["one in flight"]),
        (Breach::NoRest, &["cool-down"]),
        (Breach::Early, &["floor", "back-off", "skip", "gone"]),
        (Breach::Forgetful, &["floor"]),
        (Breach::Credulous, &["redirect"]),
        (Breach::NoJitter, &["jitter"]),
        (Breach::Lost, &["forgotten"]),
        (Breach::Unfair, &["order"]),
    ] {
        let broken = simulated(1_000, 4, breach).auditor.broken();
        for rule in rules {
            assert!(broken.contains(rule), "{breach:?} is no breach of {rule:?}, only of {broken:?}");
        }
    }
}
