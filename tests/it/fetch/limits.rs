//! Servers that drip, stall, lie about lengths, or never end.

use super::{class, fetcher, get, open_options, page};
use crate::support::raw::{Act, RawServer};
use std::time::{Duration, Instant};
use wangqi::fetch::Options;

fn say(text: &str) -> Act {
    Act::Say(text.as_bytes().to_vec())
}

/// Limits short enough for a test.
fn hasty() -> Options {
    Options {
        total_timeout: Duration::from_millis(600),
        rate_window: Duration::from_millis(150),
        minimum_rate: 1000,
        ..open_options()
    }
}

async fn hastily(acts: Vec<Act>) -> &'static str {
    let server = RawServer::start(acts).await;
    let before = Instant::now();
    let class = class(&fetcher(hasty()).fetch(&page(&server.url("/"))).await);
    assert!(before.elapsed() < Duration::from_secs(3));
    class
}

#[tokio::test]
async fn nobody_is_listened_to_for_ever() {
    let tick = Duration::from_millis(10);
    assert_eq!(hastily(vec![Act::Stall]).await, "timeout");
    assert_eq!(hastily(vec![say("HTTP/1.1 200 OK\r\nX-Slow: "), Act::Drip(b'x', tick)]).await, "timeout");
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    assert_eq!(hastily(vec![say(head), Act::Stall]).await, "too_slow");
    assert_eq!(hastily(vec![say(head), Act::Drip(b'x', tick)]).await, "too_slow");
    assert_eq!(hastily(vec![say(head), Act::Say(vec![b'x'; 90_000]), Act::Stall]).await, "too_slow");
}

#[tokio::test]
async fn a_body_that_comes_fast_enough_still_has_a_deadline() {
    let server = RawServer::start(vec![
        say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
        Act::Drip(b'x', Duration::from_millis(5)),
    ])
    .await;
    let options = Options { minimum_rate: 1, ..hasty() };
    assert_eq!(class(&fetcher(options).fetch(&page(&server.url("/"))).await), "timeout");
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "x".repeat(65_536)).into_bytes();
    let chunked = say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    let server = RawServer::start(vec![chunked, Act::Flood(chunk)]).await;
    assert_eq!(class(&get(&server.url("/")).await), "too_large");
    let bare = say("HTTP/1.0 200 OK\r\n\r\n");
    let server = RawServer::start(vec![bare, Act::Flood(vec![b'x'; 65_536])]).await;
    assert_eq!(class(&get(&server.url("/")).await), "too_large");
}

#[tokio::test]
async fn a_length_that_is_too_large_is_believed_at_once() {
    let head = say("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
    let server = RawServer::start(vec![head, Act::Stall]).await;
    assert_eq!(class(&get(&server.url("/")).await), "too_large");
}

#[tokio::test]
async fn answers_that_break_off_are_no_answers() {
    let cases = [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        "",
        "HTTP/1.1 200",
    ];
    for case in cases {
        let server = RawServer::start(vec![say(case)]).await;
        assert_eq!(class(&get(&server.url("/")).await), "truncated", "{case:?}");
    }
}

#[tokio::test]
async fn a_body_ended_by_the_connection_is_taken_and_marked() {
    let server = RawServer::start(vec![say("HTTP/1.0 200 Fine\r\nX-A: b\r\n\r\nhello")]).await;
    let capture = get(&server.url("/")).await.unwrap();
    assert_eq!((&capture.payload[..], capture.complete), (&b"hello"[..], false));
    assert_eq!((capture.response.line.as_str(), capture.response.protocol.as_str()), ("200 Fine", "http/1.0"));
}

#[tokio::test]
async fn huge_heads_are_refused() {
    let one = format!("HTTP/1.1 200 OK\r\nX-Huge: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(70_000));
    let flood = vec![say("HTTP/1.1 200 OK\r\n"), Act::Flood(b"X-Again: and again\r\n".repeat(1000))];
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-A: b\r\n".repeat(500));
    for acts in [vec![say(&one)], flood, vec![say(&many)]] {
        let server = RawServer::start(acts).await;
        assert_eq!(class(&get(&server.url("/")).await), "too_large");
    }
}

#[tokio::test]
async fn what_is_not_http_is_said_so() {
    let server = RawServer::start(vec![say("SSH-2.0-OpenSSH_9.2\r\n\r\n")]).await;
    assert_eq!(class(&get(&server.url("/")).await), "protocol");
}
