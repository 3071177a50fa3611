//! Redirects: followed by hand, hop by hop.

use super::{class, fetcher, get, open_options, open_rule, page};
use crate::support::server::{Reply, Server, reply};
use wangqi::fetch::{Options, Request, SiteRule};

fn to(location: &str) -> Reply {
    reply(302, &[("location", location)], "moved")
}

#[tokio::test]
async fn a_chain_is_followed_and_remembered() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/a" => reply(301, &[("location", "/b?x=1#part")], ""),
        "/b?x=1" => reply(307, &[("location", "c")], ""),
        "/c" => reply(308, &[("location", "/d?utm_source=y")], "a body of its own"),
        _ => reply(200, &[], "there"),
    })
    .await;
    let capture = get(&server.url("/a")).await.unwrap();
    let hops: Vec<_> = capture.hops.iter().map(|hop| (hop.url.url().path(), hop.status)).collect();
    assert_eq!(hops, [("/a", 301), ("/b", 307), ("/c", 308)]);
    assert_eq!((capture.url.as_str(), capture.final_url.as_str()), (&*server.url("/a"), &*server.url("/d")));
    // What is sent is what the server said; what is kept is canonical.
    assert_eq!(server.seen()[3].path, "/d?utm_source=y");
    assert_eq!(server.connections(), 1, "one connection serves the whole way");
}

#[tokio::test]
async fn circles_and_endless_ways_are_left() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/self" => to("/self"),
        "/ping" => to("/pong"),
        "/pong" => to("/ping"),
        path => to(&format!("{path}x")),
    })
    .await;
    assert_eq!(class(&get(&server.url("/self")).await), "redirects");
    assert_eq!(class(&get(&server.url("/ping")).await), "redirects");
    let before = server.seen().len();
    assert_eq!(class(&get(&server.url("/e")).await), "redirects");
    assert_eq!(server.seen().len() - before, 11, "the first, and ten more");
}

#[tokio::test]
async fn what_leads_nowhere_is_an_answer_or_an_error() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/none" => reply(302, &[], "no location"),
        "/other" => reply(300, &[("location", "/x")], "choose"),
        "/mail" => to("mailto:a@b"),
        "/script" => to("javascript:alert(1)"),
        "/file" => to("file:///etc/passwd"),
        "/long" => to(&format!("/{}", "x".repeat(9000))),
        _ => to("http://"),
    })
    .await;
    assert_eq!(get(&server.url("/none")).await.unwrap().status, 302);
    assert_eq!(get(&server.url("/other")).await.unwrap().status, 300);
    for path in ["/mail", "/script", "/file", "/long", "/bad"] {
        let result = get(&server.url(path)).await;
        assert_eq!(class(&result), "redirects", "{path}");
        assert!(result.unwrap_err().is_permanent());
    }
}

#[tokio::test]
async fn secrets_stay_on_their_own_site() {
    let server = Server::plain(|seen| match (seen.host.as_str(), seen.path.as_str()) {
        ("own.test", "/away") => to("http://user:pw@other.test/"),
        ("own.test", "/down") => to("http://own.test/plain"),
        _ => reply(200, &[("set-cookie", "a=b")], ""),
    })
    .await;
    let own = SiteRule {
        headers: vec![("Cookie".into(), "sid=canary".into()), ("X-Plain".into(), "p".into())],
        ..open_rule("own.test")
    };
    let hosts = ["own.test", "other.test"].map(|host| (host.to_owned(), server.address)).into();
    let fetcher = fetcher(Options { hosts, sites: vec![own, open_rule("other.test")], ..open_options() });
    let capture = fetcher.fetch(&page("http://own.test/away")).await.unwrap();
    let seen = server.seen();
    assert_eq!((seen[0].header("cookie"), seen[0].header("x-plain")), ("sid=canary", "p"));
    assert_eq!(
        (seen[1].host.as_str(), seen[1].header("cookie"), seen[1].header("authorization")),
        ("other.test", "", "")
    );
    assert!(!format!("{capture:?}").contains("canary"));
    // No cookie that a server sets ever comes back to it.
    fetcher.fetch(&page("http://other.test/again")).await.unwrap();
    assert_eq!(server.seen()[2].header("cookie"), "");
}

#[tokio::test]
async fn from_https_down_to_http_nothing_secret_goes_along() {
    let plain = Server::plain(|_| reply(200, &[], "plain")).await;
    let port = plain.address.port();
    let secure = Server::tls(&["own.test"], move |_| to(&format!("http://own.test:{port}/"))).await;
    let own = SiteRule {
        headers: vec![("Cookie".into(), "sid=canary".into()), ("X-Plain".into(), "p".into())],
        ..open_rule("own.test")
    };
    // The plain server is reached by a name that resolves to it; https goes where `hosts` says.
    let options = Options {
        hosts: [("own.test".to_owned(), secure.address)].into(),
        ca_file: Some(secure.ca_path().into()),
        sites: vec![own, open_rule("127.0.0.1")],
        ..open_options()
    };
    assert_eq!(class(&fetcher(options.clone()).fetch(&page("https://own.test/")).await), "refused");
    let secure = Server::tls(&["own.test"], move |_| to(&format!("http://127.0.0.1:{port}/"))).await;
    let local = SiteRule { headers: vec![("Cookie".into(), "sid=canary".into())], ..open_rule("127.0.0.1") };
    let options = Options {
        hosts: [("own.test".to_owned(), secure.address)].into(),
        ca_file: Some(secure.ca_path().into()),
        sites: vec![local, open_rule("own.test")],
        ..options
    };
    let request = Request { referer: Some("https://own.test/page".into()), ..page("https://own.test/") };
    let capture = fetcher(options).fetch(&request).await.unwrap();
    assert_eq!(&capture.payload[..], b"plain");
    assert_eq!((plain.seen()[0].header("cookie"), plain.seen()[0].header("referer")), ("", ""));
}

#[tokio::test]
async fn wechats_captcha_is_followed_as_it_is_sent() {
    let server = Server::tls(&["mp.weixin.qq.com"], |seen| match seen.path.as_str() {
        "/s/short" => to(
            "http://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=canary&target_url=https%3A%2F%2Fmp.weixin.qq.com%2Fs%2Fshort",
        ),
        path if path.starts_with("/mp/wappoc_appmsgcaptcha?") => reply(200, &[], "环境异常"),
        _ => reply(404, &[], ""),
    })
    .await;
    let options = Options {
        hosts: [("mp.weixin.qq.com".to_owned(), server.address)].into(),
        ca_file: Some(server.ca_path().into()),
        ..open_options()
    };
    let capture = fetcher(options).fetch(&page("https://mp.weixin.qq.com/s/short")).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&capture.payload), "环境异常");
    assert_eq!(capture.final_url.as_str(), "https://mp.weixin.qq.com/s/short");
    assert!(server.seen()[1].path.contains("poc_token=canary"));
    assert!(capture.request.line.contains("/mp/wappoc_appmsgcaptcha?poc_token=[redacted]&target_url="));
    assert!(!format!("{capture:?}").contains("canary"));
}
