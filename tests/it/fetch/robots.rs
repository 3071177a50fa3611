//! robots.txt: asked once, obeyed for what the owner did not name.

use super::{class, fetcher, open_options, open_rule, page};
use crate::support::server::{Reply, Server, reply};
use std::time::Duration;
use wangqi::fetch::{FetchError, Fetcher, Options, Request, RobotsPolicy, SiteRule};

fn obeying() -> Options {
    let rule = SiteRule { robots: RobotsPolicy::Respect, ..open_rule("127.0.0.1") };
    Options { sites: vec![rule], ..open_options() }
}

async fn with_robots(answer: impl Fn() -> Reply + Send + Sync + 'static) -> (Server, Fetcher) {
    let server =
        Server::plain(move |seen| if seen.path == "/robots.txt" { answer() } else { reply(200, &[], "page") }).await;
    (server, fetcher(obeying()))
}

fn asked(server: &Server) -> usize {
    server.seen().iter().filter(|seen| seen.path == "/robots.txt").count()
}

#[tokio::test]
async fn rules_are_obeyed_and_asked_for_once() {
    let text = "User-agent: *\nDisallow: /private\nAllow: /private/open\n\nUser-agent: Wangqi\nDisallow: /no\n";
    let (server, fetcher) = with_robots(move || reply(200, &[], text)).await;
    for (path, expected) in [("/yes", "ok"), ("/no", "robots"), ("/no/deeper", "robots"), ("/private", "ok")] {
        assert_eq!(class(&fetcher.fetch(&page(&server.url(path))).await), expected, "{path}");
    }
    assert_eq!(asked(&server), 1);
    let denied = fetcher.fetch(&page(&server.url("/no"))).await.unwrap_err();
    assert!(denied.is_permanent() && denied.to_string().contains("robots = \"ignore\""));
    assert!(!server.seen().iter().any(|seen| seen.path.starts_with("/no")));
    let owner = Request { asked_by_owner: true, ..page(&server.url("/no")) };
    assert_eq!(class(&fetcher.fetch(&owner).await), "ok");
}

#[tokio::test]
async fn what_the_status_means() {
    for (status, expected) in [(404, "ok"), (403, "ok"), (410, "ok"), (500, "robots"), (503, "robots"), (429, "robots")]
    {
        let (server, fetcher) = with_robots(move || reply(status, &[], "Disallow: /")).await;
        let result = fetcher.fetch(&page(&server.url("/x"))).await;
        assert_eq!(class(&result), expected, "{status}");
        if let Err(error) = result {
            assert!(!error.is_permanent() && error.retry_after().unwrap() > Duration::from_secs(600));
            assert!(error.to_string().contains(&status.to_string()), "{error}");
            assert_eq!(class(&fetcher.fetch(&page(&server.url("/y"))).await), "robots");
        }
        assert_eq!(asked(&server), 1);
    }
}

#[tokio::test]
async fn redirects_of_robots_are_followed_and_redirects_to_denied_pages_are_not() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/robots.txt" => reply(302, &[("location", "/real.txt")], ""),
        "/real.txt" => reply(200, &[], "User-agent: *\nDisallow: /denied"),
        "/hop" => reply(302, &[("location", "/denied")], ""),
        _ => reply(200, &[], ""),
    })
    .await;
    let fetcher = fetcher(obeying());
    assert_eq!(class(&fetcher.fetch(&page(&server.url("/hop"))).await), "robots");
    assert!(!server.seen().iter().any(|seen| seen.path == "/denied"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monstrous_file_is_read_in_part_and_fast() {
    let monster = format!("User-agent: *\nDisallow: /first\n{}", "Disallow: /*a*b*c*d*$\n".repeat(400_000));
    let long = format!("User-agent: *\nDisallow: /{}\nDisallow: /first\n", "*a".repeat(200_000));
    for text in [monster, long] {
        let (server, fetcher) = with_robots(move || reply(200, &[], text.clone())).await;
        let before = std::time::Instant::now();
        assert_eq!(class(&fetcher.fetch(&page(&server.url("/first"))).await), "robots");
        assert_eq!(class(&fetcher.fetch(&page(&server.url("/second"))).await), "ok");
        assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
    }
}

#[tokio::test]
async fn a_crawl_delay_slows_the_site_down_and_zero_stays_zero() {
    let text = "User-agent: *\nCrawl-delay: 120\n";
    let slow = SiteRule { delay: Duration::from_millis(1), robots: RobotsPolicy::Respect, ..open_rule("127.0.0.1") };
    let server = Server::plain(move |_| reply(200, &[], text)).await;
    let patient = fetcher(Options { sites: vec![slow], ..open_options() });
    let request = page(&server.url("/x"));
    patient.fetch(&request).await.unwrap();
    let now = chrono::Utc::now();
    let wait = patient.ready_at(&patient.site_of(&request.url), now) - now;
    assert!((100..=144).contains(&wait.num_seconds()), "{wait}");
    let (server, hasty) = with_robots(move || reply(200, &[], text)).await;
    for path in ["/a", "/b"] {
        assert_eq!(class(&hasty.fetch(&page(&server.url(path))).await), "ok");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_reached_is_not_blamed_on_robots() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = fetcher(obeying()).fetch(&page(&format!("http://{gone}/x"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error}");
}
