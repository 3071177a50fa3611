//! A fetcher with other options goes on where the old one is: a site sees one crawler.

use super::{class, fetcher, open_options, open_rule, page};
use crate::support::raw::{Act, RawServer};
use crate::support::server::{Server, reply};
use chrono::Utc;
use std::time::Duration;
use wangqi::fetch::{Fetcher, Options, SiteRule};
use wangqi::model::{CanonicalUrl, Site};

fn options(delay: Duration, concurrency: usize) -> Options {
    let rule = SiteRule { delay, jitter: 0.0, concurrency, ..open_rule("127.0.0.1") };
    Options { sites: vec![rule], ..open_options() }
}

fn site() -> Site {
    Site::named_as("127.0.0.1".into())
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_shared_as_long_as_they_are_made_the_same_way() {
    let server = Server::plain(|_| reply(200, &[], "x")).await;
    let old = fetcher(options(Duration::ZERO, 1));
    assert_eq!(class(&old.fetch(&page(&server.url("/1"))).await), "ok");
    let new = old.renewed(options(Duration::ZERO, 2)).unwrap();
    assert_eq!(class(&new.fetch(&page(&server.url("/2"))).await), "ok");
    assert_eq!((server.connections(), new.concurrency_of(&site(), chrono::Utc::now())), (1, 2));
    let other = Options { connect_timeout: Duration::from_secs(3), ..options(Duration::ZERO, 2) };
    assert_eq!(class(&new.renewed(other).unwrap().fetch(&page(&server.url("/3"))).await), "ok");
    assert_eq!(server.connections(), 2);
    let closed = new.renewed(Options { allow_private: Vec::new(), ..options(Duration::ZERO, 2) }).unwrap();
    assert_eq!(class(&closed.fetch(&page(&server.url("/4"))).await), "refused");
    let wrong = new.renewed(Options { ca_file: Some("/nowhere.pem".into()), ..options(Duration::ZERO, 7) });
    assert!(wrong.is_err_and(|error| error.class() == "setup"));
    assert_eq!(new.concurrency_of(&site(), chrono::Utc::now()), 2, "what cannot be used changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_the_old_and_the_new_one_stay_apart() {
    let delay = Duration::from_millis(300);
    let server = Server::plain(|_| reply(200, &[], "x")).await;
    let old = fetcher(options(delay, 1));
    let get = |fetcher: &Fetcher, path: &str| {
        let (fetcher, page) = (fetcher.clone(), page(&server.url(path)));
        tokio::spawn(async move { fetcher.fetch(&page).await })
    };
    let mut out = vec![get(&old, "/1"), get(&old, "/2")];
    let new = old.renewed(options(delay, 1)).unwrap();
    out.extend([get(&new, "/3"), get(&old, "/4"), get(&new, "/5")]);
    for one in out {
        assert_eq!(class(&one.await.unwrap()), "ok");
    }
    let mut times: Vec<_> = server.seen().iter().map(|seen| seen.at).collect();
    times.sort();
    assert_eq!(times.len(), 5);
    for two in times.windows(2) {
        assert!(two[1] - two[0] >= delay, "{:?}", two[1] - two[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_counts_for_the_new_number_too() {
    let server = RawServer::start(vec![Act::Stall]).await;
    let old = fetcher(options(Duration::ZERO, 3));
    let get = |fetcher: &Fetcher| {
        let (fetcher, page) = (fetcher.clone(), page(&server.url("/")));
        tokio::spawn(async move { drop(fetcher.fetch(&page).await) })
    };
    let mut out: Vec<_> = (0..3).map(|_| get(&old)).collect();
    let until = async |count: usize| {
        let arrived = async {
            while server.connections() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), arrived).await.unwrap();
    };
    until(3).await;
    let new = old.renewed(options(Duration::ZERO, 1)).unwrap();
    let waiting = get(&new);
    for _ in 0..2 {
        out.pop().unwrap().abort();
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.connections(), 3, "one is still out, and one may be");
    out.pop().unwrap().abort();
    until(4).await;
    waiting.abort();
}

#[test]
fn a_breaker_stays_open_also_where_a_site_gets_another_name() {
    let now = Utc::now();
    let named = |host: &str| Options { sites: vec![open_rule(host)], ..Options::default() };
    let url = CanonicalUrl::parse("https://blog.example.org/post").unwrap();
    let old = fetcher(Options::default());
    let site = old.site_of(&url);
    assert_eq!(site.as_str(), "example.org");
    let until = old.report_blocked(&site, now);
    let same = old.renewed(Options { concurrency: 3, ..Options::default() }).unwrap();
    assert_eq!(same.ready_at(&site, now), until);
    // A host of its own begins with the pace that it was under, and gives it back when it has none any more.
    let own = same.renewed(named("blog.example.org")).unwrap();
    let own_site = own.site_of(&url);
    assert_eq!((own_site.as_str(), own.ready_at(&own_site, now)), ("blog.example.org", until));
    let later = own.report_blocked(&own_site, until);
    assert!(later > until);
    let back = own.renewed(Options::default()).unwrap();
    assert_eq!(back.site_of(&url), site);
    assert_eq!(back.ready_at(&site, now), later);
    let kept: Vec<String> = back.paces().into_iter().map(|(site, _)| site.as_str().to_owned()).collect();
    assert_eq!(kept, ["blog.example.org", "example.org"]);
}
