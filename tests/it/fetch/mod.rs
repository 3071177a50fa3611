//! Fetching, against real servers on loopback: politely, safely, within limits.

mod bodies;
mod guard;
mod limits;
mod pace;
mod redirects;
mod renew;
mod requests;
mod robots;

use std::sync::Arc;
use std::time::Duration;
use wangqi::fetch::{FetchError, Fetcher, Options, Request, RequestKind, RobotsPolicy, SiteRule};
use wangqi::model::{CanonicalUrl, Capture, Clock};

fn wall_clock() -> Clock {
    Arc::new(chrono::Utc::now)
}

/// Options under which loopback may be fetched from, at once and without robots.txt.
fn open_options() -> Options {
    Options {
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        sites: vec![open_rule("127.0.0.1"), open_rule("test"), open_rule("mp.weixin.qq.com")],
        ..Options::default()
    }
}

fn open_rule(host: &str) -> SiteRule {
    SiteRule { delay: Duration::ZERO, robots: RobotsPolicy::Ignore, ..SiteRule::default_for(host) }
}

fn fetcher(options: Options) -> Fetcher {
    Fetcher::new(options, wall_clock()).unwrap()
}

fn page(url: &str) -> Request {
    Request {
        url: CanonicalUrl::parse(url).unwrap(),
        kind: RequestKind::Page,
        referer: None,
        validators: None,
        asked_by_owner: false,
    }
}

/// Fetches one page under open options.
async fn get(url: &str) -> Result<Capture, FetchError> {
    fetcher(open_options()).fetch(&page(url)).await
}

/// The class of the error, or `ok`.
fn class(result: &Result<Capture, FetchError>) -> &'static str {
    result.as_ref().map_or_else(FetchError::class, |_| "ok")
}
