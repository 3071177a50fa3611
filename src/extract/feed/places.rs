//! An address → where its feeds are, for who knows the place: platforms that say nothing of their feeds on their pages, and the
//! paths at which most sites have theirs. Pure: nothing is asked.

use crate::model::CanonicalUrl;

/// What a platform has for one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// How it is called.
    pub name: &'static str,
    /// The feeds of the address, the best first; none where the platform has none.
    pub feeds: Vec<CanonicalUrl>,
    /// Whether the address can be nothing else: then the page itself need not be asked.
    pub is_certain: bool,
}

/// Platforms without feeds of their own.
const WITHOUT: &[(&str, &str)] = &[
    ("bilibili.com", "Bilibili"),
    ("zhihu.com", "Zhihu"),
    ("weibo.com", "Weibo"),
    ("weibo.cn", "Weibo"),
    ("xiaohongshu.com", "Xiaohongshu"),
    ("douyin.com", "Douyin"),
    ("toutiao.com", "Toutiao"),
    ("x.com", "X"),
    ("twitter.com", "X"),
    ("instagram.com", "Instagram"),
    ("facebook.com", "Facebook"),
    ("threads.net", "Threads"),
    ("tiktok.com", "TikTok"),
    ("linkedin.com", "LinkedIn"),
];

/// The paths at which sites have their feeds where they name none, the most frequent first.
const PATHS: &[&str] = &["feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "rss", "feed.json", "index.rdf"];

/// The feeds of an address on a platform that is known; `None` where it is none.
pub fn platform(url: &CanonicalUrl) -> Option<Platform> {
    let host = url.host().trim_start_matches("www.").trim_start_matches("m.");
    let parts: Vec<&str> = url.url().path().split('/').filter(|part| !part.is_empty()).collect();
    let parts = parts.as_slice();
    let at = |name, feeds: &[String]| {
        let feeds: Vec<_> = feeds.iter().filter_map(|feed| CanonicalUrl::parse(feed).ok()).collect();
        (!feeds.is_empty()).then_some(Platform { name, feeds, is_certain: true })
    };
    if let Some((_, name)) = WITHOUT.iter().find(|(known, _)| is_at(host, known)) {
        return Some(Platform { name, feeds: Vec::new(), is_certain: true });
    }
    match host {
        "youtube.com" | "youtu.be" | "music.youtube.com" => at("YouTube", &youtube(url, parts)),
        "reddit.com" | "old.reddit.com" | "new.reddit.com" => at("Reddit", &reddit(parts)),
        "github.com" => at("GitHub", &github(parts)),
        "gist.github.com" => at("GitHub", &one(parts, |user| format!("https://gist.github.com/{user}.atom"))),
        "gitlab.com" => at("GitLab", &gitlab(parts)),
        "codeberg.org" => at("Codeberg", &codeberg(parts)),
        "medium.com" => at("Medium", &medium(parts)),
        "bsky.app" => at("Bluesky", &second(parts, "profile", |who| format!("https://bsky.app/profile/{who}/rss"))),
        "tumblr.com" => {
            at("Tumblr", &one(parts, |blog| format!("https://{}.tumblr.com/rss", blog.trim_start_matches('@'))))
        }
        "vimeo.com" => at("Vimeo", &one(parts, |user| format!("https://vimeo.com/{user}/videos/rss"))),
        "dailymotion.com" => {
            at("Dailymotion", &one(parts, |user| format!("https://www.dailymotion.com/rss/user/{user}")))
        }
        "dev.to" => at("DEV", &one(parts, |user| format!("https://dev.to/feed/{user}"))),
        "news.ycombinator.com" => at("Hacker News", &["https://news.ycombinator.com/rss".to_owned()]),
        "lobste.rs" => at("Lobsters", &second(parts, "t", |tag| format!("https://lobste.rs/t/{tag}.rss"))),
        "pypi.org" => {
            at("PyPI", &second(parts, "project", |name| format!("https://pypi.org/rss/project/{name}/releases.xml")))
        }
        "crates.io" => {
            at("crates.io", &second(parts, "crates", |name| format!("https://static.crates.io/rss/crates/{name}.xml")))
        }
        "arxiv.org" => at("arXiv", &second(parts, "list", |list| format!("https://rss.arxiv.org/rss/{list}"))),
        _ => forum(host, parts)
            .and_then(|(name, feed)| at(name, &[feed]))
            .or_else(|| blog(host).and_then(|(name, path)| at(name, &[format!("https://{host}{path}")])))
            .or_else(|| mastodon(url, parts)),
    }
}

/// The addresses at which a site most often has its feed: beside the page's own folder first, then at the top.
pub fn well_known(url: &CanonicalUrl) -> Vec<CanonicalUrl> {
    let mut found: Vec<CanonicalUrl> = Vec::new();
    let path = url.url().path();
    let folder = if path.ends_with('/') { path.to_owned() } else { format!("{path}/") };
    let is_top = folder == "/";
    // Of a page below the top only the likeliest are tried there.
    let below = PATHS.iter().take(if is_top { 0 } else { 3 }).map(|name| format!("{folder}{name}"));
    for path in below.chain(PATHS.iter().map(|name| format!("/{name}"))) {
        if let Ok(url) = CanonicalUrl::join(url.url(), &path)
            && !found.contains(&url)
        {
            found.push(url);
        }
    }
    found
}

fn is_at(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn one(parts: &[&str], feed: impl Fn(&str) -> String) -> Vec<String> {
    parts.first().map(|first| feed(first)).into_iter().collect()
}

fn second(parts: &[&str], first: &str, feed: impl Fn(&str) -> String) -> Vec<String> {
    match parts {
        [one, two, ..] if *one == first => vec![feed(two)],
        _ => vec![],
    }
}

fn youtube(url: &CanonicalUrl, parts: &[&str]) -> Vec<String> {
    let feed = |what: &str, id: &str| vec![format!("https://www.youtube.com/feeds/videos.xml?{what}={id}")];
    let list = url.url().query_pairs().find(|(name, _)| name == "list").map(|(_, id)| id.into_owned());
    let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    match (parts, list) {
        (["channel", id, ..], _) if is_id(id) => feed("channel_id", id),
        (["user", name, ..], _) if is_id(name) => feed("user", name),
        (["playlist", ..], Some(id)) if is_id(&id) => feed("playlist_id", &id),
        // A handle's channel stands on its page.
        _ => vec![],
    }
}

fn reddit(parts: &[&str]) -> Vec<String> {
    match parts {
        [kind @ ("r" | "user" | "u"), name, rest @ ..] if !rest.contains(&".rss") => {
            let kind = if *kind == "u" { "user" } else { kind };
            match rest {
                ["comments", id, ..] => vec![format!("https://www.reddit.com/{kind}/{name}/comments/{id}/.rss")],
                [order @ ("new" | "top" | "rising" | "hot"), ..] => {
                    vec![format!("https://www.reddit.com/{kind}/{name}/{order}/.rss")]
                }
                _ => vec![format!("https://www.reddit.com/{kind}/{name}/.rss")],
            }
        }
        [] => vec!["https://www.reddit.com/.rss".to_owned()],
        _ => vec![],
    }
}

fn github(parts: &[&str]) -> Vec<String> {
    let is_feed = parts.last().is_some_and(|last| last.rsplit('.').next() == Some("atom"));
    let of = |owner: &str, repository: &str, names: &[&str]| {
        names.iter().map(|name| format!("https://github.com/{owner}/{repository}/{name}.atom")).collect()
    };
    match parts {
        _ if is_feed => vec![],
        [owner] => vec![format!("https://github.com/{owner}.atom")],
        [owner, repository, "tags", ..] => of(owner, repository, &["tags"]),
        [owner, repository, "releases", ..] => of(owner, repository, &["releases", "tags"]),
        [owner, repository, "commits", branch @ ..] if !branch.is_empty() => {
            of(owner, repository, &[&format!("commits/{}", branch.join("/"))])
        }
        [owner, repository, "wiki", ..] => of(owner, repository, &["wiki"]),
        [owner, repository] => of(owner, repository, &["releases", "tags", "commits"]),
        [owner, repository, "commits"] => of(owner, repository, &["commits"]),
        _ => vec![],
    }
}

fn gitlab(parts: &[&str]) -> Vec<String> {
    match parts {
        [group, project] => ["/-/releases.atom", "/-/tags?format=atom", ".atom"]
            .map(|end| format!("https://gitlab.com/{group}/{project}{end}"))
            .into(),
        _ => vec![],
    }
}

fn codeberg(parts: &[&str]) -> Vec<String> {
    match parts {
        [owner] => vec![format!("https://codeberg.org/{owner}.rss")],
        [owner, repository] => {
            [".rss", "/releases.rss"].map(|end| format!("https://codeberg.org/{owner}/{repository}{end}")).into()
        }
        [owner, repository, "releases", ..] => vec![format!("https://codeberg.org/{owner}/{repository}/releases.rss")],
        _ => vec![],
    }
}

fn medium(parts: &[&str]) -> Vec<String> {
    match parts {
        ["feed" | "p", ..] | [] => vec![],
        ["tag", tag, ..] => vec![format!("https://medium.com/feed/tag/{tag}")],
        [who, ..] => vec![format!("https://medium.com/feed/{who}")],
    }
}

/// Places where many write under one host.
fn forum(host: &str, parts: &[&str]) -> Option<(&'static str, String)> {
    match (host, parts) {
        ("stackoverflow.com", ["questions", "tagged", tag, ..]) => {
            Some(("Stack Overflow", format!("https://stackoverflow.com/feeds/tag/{tag}")))
        }
        ("stackoverflow.com", ["questions", number, ..]) => {
            Some(("Stack Overflow", format!("https://stackoverflow.com/feeds/question/{number}")))
        }
        ("v2ex.com", ["go", node, ..]) => Some(("V2EX", format!("https://www.v2ex.com/feed/{node}.xml"))),
        ("v2ex.com", ["member", who, ..]) => Some(("V2EX", format!("https://www.v2ex.com/feed/member/{who}.xml"))),
        ("v2ex.com", _) => Some(("V2EX", "https://www.v2ex.com/index.xml".to_owned())),
        ("sspai.com", _) => Some(("少数派", "https://sspai.com/feed".to_owned())),
        ("cnblogs.com", [user, ..]) => Some(("博客园", format!("https://www.cnblogs.com/{user}/rss"))),
        ("douban.com", ["people", who, ..]) => {
            Some(("豆瓣", format!("https://www.douban.com/feed/people/{who}/interests")))
        }
        _ => None,
    }
}

/// Blogs that have a host of their own each.
fn blog(host: &str) -> Option<(&'static str, &'static str)> {
    let of = |domain: &str| is_at(host, domain) && host != domain;
    match host {
        _ if of("substack.com") => Some(("Substack", "/feed")),
        _ if of("medium.com") => Some(("Medium", "/feed")),
        _ if of("wordpress.com") => Some(("WordPress", "/feed/")),
        _ if of("tumblr.com") => Some(("Tumblr", "/rss")),
        _ if of("hashnode.dev") => Some(("Hashnode", "/rss.xml")),
        _ if of("bearblog.dev") => Some(("Bear", "/feed/")),
        _ if of("ghost.io") => Some(("Ghost", "/rss/")),
        _ if of("livejournal.com") => Some(("LiveJournal", "/data/rss")),
        _ if of("write.as") => Some(("Write.as", "/feed/")),
        // Blogger has a name of every country.
        _ if host.contains(".blogspot.") => Some(("Blogger", "/feeds/posts/default")),
        _ => None,
    }
}

/// An account of Mastodon and its kin, on whatever host: `/@name`. Others write addresses so too.
fn mastodon(url: &CanonicalUrl, parts: &[&str]) -> Option<Platform> {
    let host = url.host();
    let feed = match parts {
        [who] if who.len() > 1 && who.starts_with('@') && !who.contains('.') => format!("https://{host}/{who}.rss"),
        [who, "tagged", tag] if who.starts_with('@') => format!("https://{host}/{who}/tagged/{tag}.rss"),
        _ => return None,
    };
    Some(Platform { name: "Mastodon", feeds: vec![CanonicalUrl::parse(&feed).ok()?], is_certain: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feeds_of_platforms_are_known() {
        for (url, expected) in [
            (
                "https://www.youtube.com/channel/UCabc_-1/videos",
                "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc_-1",
            ),
            (
                "https://www.youtube.com/playlist?list=PL1&x=2",
                "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1",
            ),
            ("https://youtube.com/user/lamp", "https://www.youtube.com/feeds/videos.xml?user=lamp"),
            ("https://www.youtube.com/@lamp", "unknown"),
            ("https://old.reddit.com/r/rust/", "https://www.reddit.com/r/rust/.rss"),
            ("https://www.reddit.com/r/rust/new", "https://www.reddit.com/r/rust/new/.rss"),
            ("https://www.reddit.com/u/lamp", "https://www.reddit.com/user/lamp/.rss"),
            ("https://www.reddit.com/r/rust/.rss", "unknown"),
            (
                "https://github.com/o/r",
                "https://github.com/o/r/releases.atom https://github.com/o/r/tags.atom https://github.com/o/r/commits.atom",
            ),
            ("https://github.com/o/r/commits/main", "https://github.com/o/r/commits/main.atom"),
            ("https://github.com/o/r/releases.atom", "unknown"),
            ("https://github.com/o", "https://github.com/o.atom"),
            ("https://medium.com/@lamp", "https://medium.com/feed/@lamp"),
            ("https://lamp.medium.com/a-post", "https://lamp.medium.com/feed"),
            ("https://lamp.substack.com/p/x", "https://lamp.substack.com/feed"),
            ("https://lamp.wordpress.com/", "https://lamp.wordpress.com/feed/"),
            ("https://lamp.blogspot.co.uk/2020/", "https://lamp.blogspot.co.uk/feeds/posts/default"),
            ("https://lamp.tumblr.com/", "https://lamp.tumblr.com/rss"),
            ("https://www.tumblr.com/lamp", "https://lamp.tumblr.com/rss"),
            ("https://social.example/@lamp", "https://social.example/@lamp.rss"),
            ("https://bsky.app/profile/lamp.example", "https://bsky.app/profile/lamp.example/rss"),
            ("https://crates.io/crates/serde", "https://static.crates.io/rss/crates/serde.xml"),
            ("https://www.v2ex.com/go/rust", "https://www.v2ex.com/feed/rust.xml"),
            ("https://space.bilibili.com/1", "none"),
            ("https://www.zhihu.com/people/x", "none"),
            ("https://x.com/lamp", "none"),
            ("https://index.com/lamp", "unknown"),
            ("https://notgithub.com/o/r", "unknown"),
        ] {
            let found = match platform(&CanonicalUrl::parse(url).unwrap()) {
                None => "unknown".to_owned(),
                Some(found) if found.feeds.is_empty() => "none".to_owned(),
                Some(found) => found.feeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            };
            assert_eq!(found, expected, "{url}");
        }
        let below = well_known(&CanonicalUrl::parse("https://a.example/blog/").unwrap());
        assert_eq!((below[0].as_str(), below.len()), ("https://a.example/blog/feed", 11));
        assert_eq!(
            well_known(&CanonicalUrl::parse("https://a.example").unwrap())[0].as_str(),
            "https://a.example/feed"
        );
    }
}
