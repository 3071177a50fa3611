//! The private-address guard: whatever the spelling, whoever asks, no connection is made.

use super::{class, fetcher, open_options, open_rule, page, wall_clock};
use crate::support::raw::RawServer;
use crate::support::server::{Server, reply};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wangqi::fetch::{FetchError, Fetcher, Lookup, Options, Request};
use wangqi::model::CanonicalUrl;

/// Options with the guard as it is by default, and nothing to wait for.
fn guarded() -> Options {
    Options { allow_private: Vec::new(), sites: vec![open_rule("127.0.0.1"), open_rule("test")], ..open_options() }
}

/// Ways to write loopback and its neighbours; `PORT` is the canary's.
const SPELLINGS: &[&str] = &[
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0x7f.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0x0.0.01:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://127.255.255.254:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127%2e0%2e0%2e1:PORT/",
    "http://１２７.0.0.1:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://127。0。0。1:PORT/",
    "http://user:pass@127.0.0.1:PORT/",
    "http://example.com@127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http:/127.0.0.1:PORT/",
    " http://127.0.0.1:PORT/ ",
    "http://127.0.\t0.1:PORT/",
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://localhost:PORT/",
    "http://LOCALHOST.:PORT/",
    "http://localhost%2E:PORT/",
    "http://ｌｏｃａｌｈｏｓｔ:PORT/",
];

/// Other places that a page must not lead us to.
const PLACES: &[&str] = &[
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.100.100.200/",
    "http://198.18.0.1/",
    "http://192.0.0.192/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[::ffff:0:0]/",
];

#[tokio::test]
async fn no_spelling_of_a_private_address_gets_through() {
    let canary = RawServer::start(vec![]).await;
    let port = canary.address.port().to_string();
    let fetcher = fetcher(guarded());
    for spelling in SPELLINGS.iter().chain(PLACES) {
        let url = spelling.replace("PORT", &port);
        // What does not even parse is refused before there is anything to fetch.
        let Ok(url) = CanonicalUrl::parse(&url) else { continue };
        for asked_by_owner in [false, true] {
            let request = Request { url: url.clone(), asked_by_owner, ..page("http://x/") };
            assert_eq!(class(&fetcher.fetch(&request).await), "refused", "{spelling} is {url}");
        }
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn no_redirect_leads_to_one() {
    let canary = RawServer::start(vec![]).await;
    let port = canary.address.port().to_string();
    // `http:/x` in a redirect is a path on the same host, by the URL standard.
    let others = SPELLINGS.iter().filter(|one| !one.starts_with("http:/1"));
    let spellings: Vec<String> = others.chain(PLACES).map(|one| one.trim().replace("PORT", &port)).collect();
    let list = spellings.clone();
    let server = Server::plain(move |seen| {
        let number: usize = seen.path.trim_start_matches('/').parse().unwrap();
        let location = hyper::header::HeaderValue::from_bytes(list[number].as_bytes()).unwrap();
        let mut reply = reply(302, &[], "");
        reply.headers_mut().insert("location", location);
        reply
    })
    .await;
    let hosts = [("site.test".to_owned(), server.address)].into();
    let fetcher = fetcher(Options { hosts, ..guarded() });
    for (number, spelling) in spellings.iter().enumerate() {
        let result = fetcher.fetch(&page(&format!("http://site.test/{number}"))).await;
        let class = class(&result);
        assert!(class == "refused" || class == "redirects", "{spelling}: {class}");
    }
    assert_eq!((canary.connections(), server.seen().len()), (0, spellings.len()));
}

/// A resolver that answers each question with the next of these.
fn answering(answers: Vec<Vec<&'static str>>) -> Lookup {
    let asked = AtomicUsize::new(0);
    Arc::new(move |_| {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let answer: Vec<IpAddr> = answers[number % answers.len()].iter().map(|text| text.parse().unwrap()).collect();
        Box::pin(async move { Ok(answer) })
    })
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused() {
    let canary = RawServer::start(vec![]).await;
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "169.254.169.254", "fd00::1", "0.0.0.0"] {
        let fetcher = Fetcher::with_lookup(guarded(), wall_clock(), answering(vec![vec![address]])).unwrap();
        let url = format!("http://innocent.test:{}/", canary.address.port());
        let result = fetcher.fetch(&page(&url)).await;
        assert_eq!(class(&result), "refused", "{address}: {:?}", result.err());
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_never_connected_to() {
    let honest = Server::plain(|_| reply(200, &[("connection", "close")], "honest")).await;
    // Where 127.0.0.2 cannot be bound, nobody can connect to it either.
    let second = SocketAddr::new("127.0.0.2".parse().unwrap(), honest.address.port());
    let canary = tokio::net::TcpListener::bind(second).await.ok();
    let allowed = Options { allow_private: vec!["127.0.0.1/32".parse().unwrap()], ..guarded() };
    let lookup = answering(vec![vec!["127.0.0.1"], vec!["127.0.0.2"], vec!["127.0.0.2", "127.0.0.1"]]);
    let fetcher = Fetcher::with_lookup(allowed, wall_clock(), lookup).unwrap();
    let url = format!("http://rebind.test:{}/", honest.address.port());
    let mut honestly = 0;
    for _ in 0..300 {
        match fetcher.fetch(&page(&url)).await {
            Ok(capture) => {
                assert_eq!(&capture.payload[..], b"honest");
                honestly += 1;
            }
            Err(error) => assert_eq!(error.class(), "refused"),
        }
    }
    assert_eq!(honestly, 200);
    if let Some(canary) = canary {
        let waiting = std::future::poll_fn(|context| std::task::Poll::Ready(canary.poll_accept(context).is_ready()));
        assert!(!waiting.await, "somebody connected");
    }
}

#[tokio::test]
async fn the_refusal_says_what_to_write() {
    let line = |url: &'static str, options: Options| async move {
        let error = fetcher(options).fetch(&page(url)).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }) && error.is_permanent());
        error.to_string()
    };
    assert!(line("http://192.168.1.77/feed", guarded()).await.contains("allow_private = [\"192.168.1.0/24\"]"));
    assert!(line("http://127.1/", guarded()).await.contains("allow_private = [\"127.0.0.1/32\"]"));
    assert!(line("http://[fd12:3456::1]/", guarded()).await.contains("allow_private = [\"fd12:3456::/64\"]"));
    assert!(line("http://[::ffff:10.0.0.9]/", guarded()).await.contains("allow_private = [\"10.0.0.0/24\"]"));
    let more = Options { allow_private: vec!["10.0.0.0/8".parse().unwrap()], ..guarded() };
    assert!(line("http://192.168.0.1/", more).await.contains("allow_private = [\"10.0.0.0/8\", \"192.168.0.0/24\"]"));
}

#[tokio::test]
async fn what_the_owner_allows_or_names_is_fetched() {
    let server = Server::plain(|_| reply(200, &[], "home")).await;
    let port = server.address.port();
    let allowed = fetcher(open_options());
    for url in [format!("http://127.0.0.1:{port}/"), format!("http://2130706433:{port}/")] {
        assert_eq!(&allowed.fetch(&page(&url)).await.unwrap().payload[..], b"home");
    }
    let named = fetcher(Options { hosts: [("Blog.test".to_owned(), server.address)].into(), ..guarded() });
    let capture = named.fetch(&page("http://blog.test/x")).await.unwrap();
    assert_eq!(capture.address, Some(server.address.ip()));
    assert_eq!(server.seen().last().unwrap().host, "blog.test");
    // Named for one port, not for all of them.
    assert_eq!(class(&named.fetch(&page(&format!("http://blog.test:{port}/"))).await), "ok");
    assert_eq!(class(&named.fetch(&page("http://blog.test:22/")).await), "refused");
}

#[tokio::test]
async fn ports_of_other_protocols_are_for_the_owner_only() {
    let fetcher = fetcher(open_options());
    for port in [22, 25, 6667] {
        let request = page(&format!("http://127.0.0.1:{port}/"));
        assert_eq!(class(&fetcher.fetch(&request).await), "refused");
        let owner = Request { asked_by_owner: true, ..request };
        assert_ne!(class(&fetcher.fetch(&owner).await), "refused");
    }
}

#[tokio::test]
async fn beside_a_proxy_the_guard_still_stands() {
    let proxy = Server::plain(|seen| reply(200, &[], format!("proxied {}", seen.host))).await;
    let options = |allow: &[&str]| Options {
        proxy: Some(format!("http://user:secret@{}", proxy.address)),
        allow_private: allow.iter().map(|text| text.parse().unwrap()).collect(),
        hosts: [("direct.test".to_owned(), proxy.address)].into(),
        ..guarded()
    };
    let fetcher = fetcher(options(&[]));
    let capture = fetcher.fetch(&page("http://far.test/a?b")).await.unwrap();
    assert_eq!((&capture.payload[..], capture.address), (&b"proxied far.test"[..], None));
    assert!(proxy.seen()[0].headers.contains_key("proxy-authorization"));
    assert!(!format!("{capture:?}").contains("secret"));
    for url in ["http://127.0.0.1/", "http://[::1]/", "http://localhost/", "http://a.localhost/", "http://10.0.0.1/"] {
        assert_eq!(class(&fetcher.fetch(&page(url)).await), "refused", "{url}");
    }
    assert_eq!(proxy.seen().len(), 1);
    fetcher.fetch(&page("http://direct.test/")).await.unwrap();
    assert!(!proxy.seen()[1].headers.contains_key("proxy-authorization"));
}

#[tokio::test]
async fn a_socks_proxy_is_told_only_addresses_that_passed() {
    let proxy = RawServer::start(vec![]).await;
    let options = Options { proxy: Some(format!("socks5://{}", proxy.address)), ..guarded() };
    let fetcher = Fetcher::with_lookup(options, wall_clock(), answering(vec![vec!["10.0.0.1"]])).unwrap();
    let result = fetcher.fetch(&page("http://innocent.test/")).await;
    assert_eq!(class(&result), "refused", "{:?}", result.err());
}

#[tokio::test]
async fn a_name_with_nothing_behind_it_is_a_name_error() {
    let lookup: Lookup = Arc::new(|_| Box::pin(async { Err(std::io::Error::other("no such host")) }));
    let failing = Fetcher::with_lookup(guarded(), wall_clock(), lookup).unwrap();
    let error = failing.fetch(&page("http://nowhere.test/")).await.unwrap_err();
    assert_eq!((error.class(), error.is_permanent()), ("dns", false));
    assert!(error.to_string().contains("no such host"), "{error}");
    let empty = Fetcher::with_lookup(guarded(), wall_clock(), answering(vec![vec![]])).unwrap();
    assert_eq!(class(&empty.fetch(&page("http://nowhere.test/")).await), "dns");
}
