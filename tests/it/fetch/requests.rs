//! What goes out and what is kept of it: headers, TLS, HTTP/2, connection reuse, validators, redaction.

use super::{class, fetcher, get, open_options, open_rule, page, wall_clock};
use crate::support::server::{Server, reply};
use std::time::Duration;
use wangqi::fetch::{Fetcher, Options, Request, RequestKind, SiteRule};

#[tokio::test]
async fn hosts_and_ca_file_lead_to_a_local_server_over_http2() {
    let server = Server::tls(&["mp.weixin.qq.com"], |seen| reply(200, &[("x-saw", &seen.host)], "文章")).await;
    let options = Options {
        hosts: [("mp.weixin.qq.com".to_owned(), server.address)].into(),
        ca_file: Some(server.ca_path().into()),
        allow_private: Vec::new(),
        ..open_options()
    };
    let fetcher = fetcher(options.clone());
    for number in 0..3 {
        let capture = fetcher.fetch(&page(&format!("https://mp.weixin.qq.com/s/{number}"))).await.unwrap();
        assert_eq!((capture.status, capture.response.protocol.as_str()), (200, "h2"));
        assert_eq!((capture.response.line.as_str(), capture.request.protocol.as_str()), ("200 OK", "h2"));
        assert_eq!(capture.header("x-saw"), Some("mp.weixin.qq.com"));
        assert_eq!(capture.request.line, format!("GET /s/{number}"));
        assert_eq!(capture.address, Some(server.address.ip()));
        assert!(capture.complete);
    }
    assert_eq!(server.connections(), 1, "connections are used again");
    let seen = &server.seen()[0];
    assert_eq!(seen.version, hyper::Version::HTTP_2);
    assert!(seen.header("user-agent").starts_with("Mozilla/5.0"), "WeChat turns away anything else");
    assert_eq!(seen.header("accept-language"), "zh-CN,zh;q=0.9");
    let distrusting = Fetcher::new(Options { ca_file: None, ..options }, wall_clock()).unwrap();
    assert_eq!(class(&distrusting.fetch(&page("https://mp.weixin.qq.com/s/x")).await), "tls");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_taken() {
    let server = Server::tls(&["other.test"], |_| reply(200, &[], "")).await;
    let options = Options {
        hosts: [("own.test".to_owned(), server.address)].into(),
        ca_file: Some(server.ca_path().into()),
        ..open_options()
    };
    assert_eq!(class(&fetcher(options).fetch(&page("https://own.test/")).await), "tls");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn we_say_who_we_are_and_what_we_want() {
    let server = Server::plain(|_| reply(200, &[], "")).await;
    let fetcher = fetcher(open_options());
    for kind in [RequestKind::Page, RequestKind::Feed, RequestKind::Asset] {
        fetcher.fetch(&Request { kind, ..page(&server.url("/a?b=c")) }).await.unwrap();
    }
    let seen = server.seen();
    assert!(seen[0].header("user-agent").starts_with(concat!("wangqi/", env!("CARGO_PKG_VERSION"), " (")));
    assert_eq!(seen[0].header("accept-encoding"), "gzip, deflate, br, zstd");
    assert!(seen[0].header("accept").starts_with("text/html"));
    assert!(seen[1].header("accept").starts_with("application/atom+xml"));
    assert_eq!(seen[2].header("accept"), "*/*");
    let own = Options { user_agent: Some("me/1".into()), ..open_options() };
    super::fetcher(own).fetch(&page(&server.url("/"))).await.unwrap();
    assert_eq!(server.seen()[3].header("user-agent"), "me/1");
}

#[tokio::test]
async fn site_rules_shape_the_request_and_secrets_are_not_kept() {
    let server = Server::plain(|_| reply(200, &[("set-cookie", "theirs=1")], "")).await;
    let secrets = ["Cookie", "Authorization", "Proxy-Authorization", "X-Auth-Token", "X-Api-Key"];
    let mut headers: Vec<_> = secrets.iter().map(|name| ((*name).to_owned(), "canary".to_owned())).collect();
    headers.push(("Accept".into(), "text/plain".into()));
    let rule = SiteRule { headers, user_agent: Some("rule/2".into()), ..open_rule("127.0.0.1") };
    let capture =
        fetcher(Options { sites: vec![rule], ..open_options() }).fetch(&page(&server.url("/"))).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!((seen.header("accept"), seen.header("user-agent")), ("text/plain", "rule/2"));
    for name in secrets {
        assert_eq!((seen.header(name), capture.request.header(name)), ("canary", Some("[redacted]")), "{name}");
    }
    assert_eq!(capture.request.header("host").unwrap(), server.address.to_string());
    assert_eq!(capture.request.header("accept-encoding"), Some("gzip, deflate, br, zstd"));
    assert!(!format!("{capture:?}").contains("canary"));
}

#[tokio::test]
async fn validators_are_sent_and_304_is_an_answer() {
    let server = Server::plain(|seen| {
        let status = if seen.header("if-none-match") == "\"v1\"" { 304 } else { 200 };
        reply(status, &[("etag", "\"v1\"")], "")
    })
    .await;
    let first = get(&server.url("/feed")).await.unwrap();
    let given = first.validators.clone().unwrap();
    assert_eq!((given.of.as_str(), given.etag.as_deref()), (server.url("/feed").as_str(), Some(&b"\"v1\""[..])));
    let validators =
        wangqi::model::Validators { last_modified: Some(b"Tue, 24 Nov 2026 00:00:00 GMT".to_vec()), ..given };
    let request = Request { validators: Some(validators), ..page(&server.url("/feed")) };
    let again = fetcher(open_options()).fetch(&request).await.unwrap();
    assert_eq!((first.status, again.status, again.complete), (200, 304, true));
    assert_eq!(server.seen()[1].header("if-modified-since"), "Tue, 24 Nov 2026 00:00:00 GMT");
}

#[tokio::test]
async fn referers_are_shortened_across_origins_and_set_by_rules() {
    let server = Server::plain(|_| reply(200, &[], "")).await;
    let own = server.url("/page?q=1");
    let cases = [
        (own.as_str(), own.as_str()),
        ("http://other.test/path?secret=1", "http://other.test/"),
        ("https://other.test/path", ""),
        ("nonsense", ""),
    ];
    let fetcher = fetcher(open_options());
    for (given, sent) in cases {
        let request = Request { referer: Some(given.to_owned()), ..page(&server.url("/x")) };
        fetcher.fetch(&request).await.unwrap();
        assert_eq!(server.seen().last().unwrap().header("referer"), sent, "{given}");
    }
    let picture = SiteRule { delay: Duration::ZERO, ..SiteRule::default_for("mmbiz.qpic.cn") };
    assert!(picture.headers.contains(&("Referer".into(), "https://mp.weixin.qq.com/".into())));
}

#[tokio::test]
async fn every_status_is_an_answer() {
    let server = Server::plain(|seen| reply(seen.path[1..].parse().unwrap(), &[("x-a", "b")], "body")).await;
    let fetcher = fetcher(open_options());
    for status in [200, 201, 204, 206, 400, 401, 403, 404, 410, 418, 429, 451, 500, 502, 503] {
        let capture = fetcher.fetch(&page(&server.url(&format!("/{status}")))).await.unwrap();
        assert_eq!((capture.status, capture.header("X-A")), (status, Some("b")));
        assert!(capture.response.line.starts_with(&status.to_string()));
    }
}

#[tokio::test]
async fn connections_that_fail_say_so() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(class(&get(&format!("http://{gone}/")).await), "connect");
    let plain = Server::plain(|_| reply(200, &[], "")).await;
    assert_eq!(class(&get(&format!("https://{}/", plain.address)).await), "tls");
}

#[test]
fn options_that_cannot_work_are_refused_with_their_name() {
    let message = |options: Options| Fetcher::new(options, wall_clock()).err().unwrap().to_string();
    let proxy = |text: &str| message(Options { proxy: Some(text.into()), ..Options::default() });
    assert!(proxy("ftp://proxy:21").contains("socks5://"));
    assert!(proxy("nonsense").starts_with("cannot use proxy = \"nonsense\""));
    assert!(!proxy("ftp://user:canary@proxy").contains("canary"));
    let missing = message(Options { ca_file: Some("/nowhere/ca.pem".into()), ..Options::default() });
    assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
    let empty = tempfile::NamedTempFile::new().unwrap();
    let none = message(Options { ca_file: Some(empty.path().into()), ..Options::default() });
    assert!(none.contains("no certificate"), "{none}");
}
