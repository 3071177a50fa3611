//! How each site is to be treated: the compiled-in defaults, and the owner's rules over them.

use crate::fetch::options::Options;
use crate::model::{CanonicalUrl, Site};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How one site is treated.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteRule {
    /// The host it is for, and every host below it.
    pub host: String,
    /// The least time between the starts of two requests. Zero means no waiting and no jitter.
    pub delay: Duration,
    /// How much is added to the delay at most, as a part of it: 0.5 means between 1 and 1.5 times the delay. Only ever added, so that
    /// `delay` stays a promise.
    pub jitter: f64,
    /// How many requests may be under way at once.
    pub concurrency: usize,
    /// How many requests may start in one day (UTC).
    pub daily_limit: Option<u32>,
    /// Whether robots.txt is asked for URLs that the owner did not name.
    pub robots: RobotsPolicy,
    /// Header fields to send; one of the same name replaces ours.
    pub headers: Vec<(String, String)>,
    /// What we call ourselves here.
    pub user_agent: Option<String>,
}

/// What robots.txt means for a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RobotsPolicy {
    /// It is obeyed.
    #[default]
    Respect,
    /// It is not asked.
    Ignore,
}

/// A desktop browser of today: WeChat answers `curl/…` and the like with a captcha at once, and such a one with the page (our research).
const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.0.0 Safari/537.36";

/// The hosts of WeChat's pictures and sounds.
const WECHAT_MEDIA: &[&str] = &[
    "mmbiz.qpic.cn",
    "mmbiz.qlogo.cn",
    "mmecoa.qpic.cn",
    "wx.qlogo.cn",
    "mmsns.qpic.cn",
    "mpvideo.qpic.cn",
    "res.wx.qq.com",
];

/// Hosts of many feeds that throttle readers, and the gap in seconds at which they do not (our research: what readers of others met).
const BUSY: &[(&str, u64)] = &[("reddit.com", 65), ("tumblr.com", 10), ("youtube.com", 5)];

impl SiteRule {
    /// The compiled-in rules.
    ///
    /// mp.weixin.qq.com: measured by others, 2 s apart is unsafe, 5 s is safe, and a block lasts hours; its robots.txt turns away all
    /// generic crawlers, and we are the personal archiver of what its owner follows. Its media hosts want a referer.
    pub fn defaults() -> Vec<Self> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pages = Self {
            host: "mp.weixin.qq.com".into(),
            delay: Duration::from_secs(6),
            jitter: 0.5,
            daily_limit: Some(600),
            robots: RobotsPolicy::Ignore,
            headers: vec![
                pair("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
                pair("Accept-Language", "zh-CN,zh;q=0.9"),
            ],
            user_agent: Some(BROWSER.into()),
            ..Self::general()
        };
        let media = WECHAT_MEDIA.iter().map(|host| Self {
            host: (*host).to_owned(),
            delay: Duration::from_millis(200),
            jitter: 0.0,
            concurrency: 4,
            robots: RobotsPolicy::Ignore,
            headers: vec![pair("Referer", "https://mp.weixin.qq.com/"), pair("Accept-Language", "zh-CN,zh;q=0.9")],
            user_agent: Some(BROWSER.into()),
            ..Self::general()
        });
        let busy = BUSY.iter().map(|(host, seconds)| Self {
            host: (*host).to_owned(),
            delay: Duration::from_secs(*seconds),
            ..Self::general()
        });
        std::iter::once(pages).chain(media).chain(busy).collect()
    }

    /// Whether the site is one of WeChat's, which throttle by captchas and have a back-off of their own.
    pub(super) fn has_own_back_off(&self) -> bool {
        self.host.starts_with("mp.weixin.qq.com") || WECHAT_MEDIA.contains(&self.host.as_str())
    }

    /// The rule for every site that no other rule names; its host is empty.
    pub fn general() -> Self {
        Self {
            host: String::new(),
            delay: Duration::from_secs(2),
            jitter: 0.2,
            concurrency: 1,
            daily_limit: None,
            robots: RobotsPolicy::Respect,
            headers: Vec::new(),
            user_agent: None,
        }
    }

    /// What is compiled in for a host: what a `[[site]]` entry that names it starts from.
    pub fn default_for(host: &str) -> Self {
        let governs = |rule: &Self| host == rule.host || host.ends_with(&format!(".{}", rule.host));
        let found = Self::defaults().into_iter().filter(governs).max_by_key(|rule| rule.host.len());
        Self { host: host.to_owned(), ..found.unwrap_or_else(Self::general) }
    }
}

/// A form of WeChat's URLs with a pace of its own, beside its site's: what is asked for in it waits for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Long links without `chksm`: most are answered with the captcha, and that must not hold up the rest (our research).
    BareLinks,
    /// The owner's own back-end.
    Backend,
}

impl Class {
    /// The class of a URL, where it has one.
    pub(super) fn of(url: &CanonicalUrl) -> Option<Self> {
        if url.wechat_rank() == 1 {
            Some(Self::BareLinks)
        } else {
            (url.is_wechat() && url.url().path().starts_with("/cgi-bin/")).then_some(Self::Backend)
        }
    }

    /// The class as it is paced and shown.
    pub(super) fn site(self) -> Site {
        Site::named_as(match self {
            Self::BareLinks => "mp.weixin.qq.com (links without chksm)".to_owned(),
            Self::Backend => "mp.weixin.qq.com (back-end)".to_owned(),
        })
    }
}

/// All rules of one fetcher.
pub(super) struct Rules {
    named: BTreeMap<String, Arc<SiteRule>>,
    hosts: Vec<String>,
    general: Arc<SiteRule>,
}

impl Rules {
    /// The owner's rules over the compiled-in ones; of two for one host the owner's first stands.
    pub(super) fn new(options: &Options) -> Self {
        let own = &options.sites;
        let mut named = BTreeMap::new();
        for rule in own.iter().cloned().chain(SiteRule::defaults()) {
            let host = rule.host.trim_end_matches('.').to_ascii_lowercase();
            named.entry(host).or_insert_with(|| Arc::new(rule));
        }
        let hosts = named.keys().cloned().collect();
        let delays = [(Class::BareLinks, options.bare_link_delay), (Class::Backend, options.backend_delay)];
        // Where its site is asked faster than by default (a mirror, a test server), a class is so in proportion.
        let usual = SiteRule::default_for("mp.weixin.qq.com").delay;
        let delay = named.get("mp.weixin.qq.com").map_or(usual, |rule: &Arc<SiteRule>| rule.delay);
        let share = (delay.as_secs_f64() / usual.as_secs_f64()).min(1.0);
        for (class, delay) in delays {
            let (host, jitter) = (class.site().as_str().to_owned(), 0.5);
            let delay = delay.mul_f64(share);
            named.insert(host.clone(), Arc::new(SiteRule { host, delay, jitter, ..SiteRule::general() }));
        }
        Self { named, hosts, general: Arc::new(SiteRule::general()) }
    }

    pub(super) fn site_of(&self, url: &CanonicalUrl) -> Site {
        Site::of(url, &self.hosts)
    }

    /// The hosts that rules name.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(String::as_str)
    }

    /// The site of everything on a host that a rule names.
    pub(super) fn site_of_host(&self, host: &str) -> Site {
        match CanonicalUrl::parse(&format!("https://{host}/")) {
            Ok(url) => self.site_of(&url),
            // A host that no URL can have is met by none.
            Err(_) => Site::named_as(host.to_owned()),
        }
    }

    pub(super) fn rule_of(&self, site: &Site) -> Arc<SiteRule> {
        Arc::clone(self.named.get(site.as_str()).unwrap_or(&self.general))
    }
}
