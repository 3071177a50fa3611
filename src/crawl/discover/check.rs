//! One poll of a feed that is watched, of which nothing is kept: how it is, in words.

use super::look::{ask, newest, permanent};
use super::{DiscoverError, look};
use crate::extract::feed;
use crate::extract::{self, Hints, Page};
use crate::fetch::Fetcher;
use crate::model::{CanonicalUrl, Capture, Extracted, Time};

/// How a feed is.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The answer's first line.
    pub line: String,
    /// What it calls itself. From the web: may hold anything.
    pub title: Option<String>,
    /// Its format by feedparser's name (`rss20`, `atom10`); empty where it is no feed.
    pub version: String,
    /// How many entries it has.
    pub entries: usize,
    /// The newest of them.
    pub newest: Vec<(Option<Time>, String)>,
    /// What is wrong with it, or could be better, in words. From the web in part: may hold anything.
    pub problems: Vec<String>,
}

/// Polls a feed once and says how it is.
///
/// # Errors
/// When it does not answer as a feed does.
pub async fn check(fetcher: &Fetcher, url: &CanonicalUrl) -> Result<Health, DiscoverError> {
    let capture = ask(fetcher, url, true).await?;
    let gave_up = |_| DiscoverError::Unreadable { url: url.clone(), why: "reading it ended in a panic".into() };
    tokio::task::spawn_blocking(move || judge(&capture)).await.map_err(gave_up)?
}

fn judge(capture: &Capture) -> Result<Health, DiscoverError> {
    let page = Page {
        url: &capture.url,
        final_url: &capture.final_url,
        content_type: capture.header("content-type").unwrap_or_default(),
        payload: &capture.payload,
    };
    let Extracted::Feed(document) = extract::extract(&page, &Hints::default()) else {
        return as_page(capture);
    };
    if let Some(why) = &document.error {
        return Err(DiscoverError::Unreadable { url: capture.final_url.clone(), why: why.clone() });
    }
    let mut problems = of_answer(capture);
    problems.extend(document.problems.iter().cloned());
    let newest = newest(&document, &capture.final_url);
    if document.entries.is_empty() {
        problems.push("it has no entries".to_owned());
    } else if newest.is_empty() {
        problems.push("no entry has a link that could be visited".to_owned());
    } else if newest.iter().all(|(at, _)| at.is_none()) {
        problems.push("no entry has a date that can be read".to_owned());
    }
    Ok(Health {
        line: capture.response.line.clone(),
        title: feed::title(&document),
        version: document.version.clone(),
        entries: document.entries.len(),
        newest,
        problems,
    })
}

/// What stands for a feed without being one: an article that stands for its account, a page.
fn as_page(capture: &Capture) -> Result<Health, DiscoverError> {
    let (title, problem) = match look::understand(capture)? {
        look::Seen::Found(found) => (found.name, None),
        look::Seen::Page { named, .. } => {
            let other = named.first().map(|feed| format!(", but names one: {}", feed.url)).unwrap_or_default();
            (None, Some(format!("it is a page and no feed{other}")))
        }
    };
    let line = capture.response.line.clone();
    let problems = of_answer(capture).into_iter().chain(problem).collect();
    Ok(Health { line, title, version: String::new(), entries: 0, newest: Vec::new(), problems })
}

/// What the answer itself gives to say.
fn of_answer(capture: &Capture) -> Vec<String> {
    let mut problems = Vec::new();
    let lasting = permanent(capture);
    if lasting != capture.url {
        problems.push(format!("it has moved for good, to {lasting}"));
    }
    if capture.header("etag").is_none() && capture.header("last-modified").is_none() {
        problems.push("its server names neither ETag nor Last-Modified: every poll transfers all of it".to_owned());
    }
    problems
}
