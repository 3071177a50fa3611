//! A poll's entries → which entry of before each is, under which URL it stands, and whether it changed. Pure.

use super::identity::{choose, counted, tally};
use super::{Item, digest, document, words};
use crate::model::{CanonicalUrl, Digest, EntryNotes, EntryWindow, Facets, Identity, Key, KnownEntry, Time};
use chrono::TimeDelta;
use std::collections::{HashMap, HashSet};

/// Two texts are one another's versions where their simhashes differ in no more bits,
const NEAR: u32 = 3;

/// their titles are this much alike,
const ALIKE: f64 = 0.9;

/// and the second came so soon after the first.
const SOON: TimeDelta = TimeDelta::days(7);

/// The most letters of a title that are compared.
const LONGEST_TITLE: usize = 200;

/// How many former keys of an entry are remembered (judgement: an entry rarely moves twice).
const FORMER: usize = 8;

/// An entry of a poll, in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Which of the items.
    pub item: usize,
    /// The URL that its article stands under.
    pub url: CanonicalUrl,
    /// The page that tells the article, by the link that the feed gives now; `None` where it has none of its own.
    pub page: Option<CanonicalUrl>,
    /// Whether it was known before, and is not what it was.
    pub has_changed: bool,
}

/// Places a poll's entries. `feed` is the feed's URL, `home` the page that it calls its own: an entry that leads there has no page.
pub fn place(
    window: &EntryWindow,
    items: &[Item],
    (feed, home): (&CanonicalUrl, Option<&CanonicalUrl>),
    now: Time,
) -> (Vec<Placed>, EntryNotes) {
    let mut fresh = distinct(window, items, home, feed);
    evidence(window, &mut fresh);
    let pairs: Vec<(Facets, Option<Facets>)> =
        fresh.iter().map(|fresh| (fresh.facets, fresh.evidence.map(|known| window.known[known].facets))).collect();
    let tally = tally(&pairs);
    let identity = choose(&window.tally.and(&tally));
    let matched = matches(window, &fresh, identity, now);
    let links = counted(fresh.iter().filter_map(|fresh| fresh.facets.link));
    let mut taken: HashSet<CanonicalUrl> =
        matched.iter().flatten().map(|known| window.known[*known].url.clone()).collect();
    let mut placed = Vec::with_capacity(fresh.len());
    let mut notes = EntryNotes {
        identity,
        tally,
        entries: u32::try_from(items.len()).unwrap_or(u32::MAX),
        ..EntryNotes::default()
    };
    for (fresh, known) in fresh.iter().zip(matched) {
        let known = known.map(|known| &window.known[known]);
        let link = items[fresh.item].link.as_ref();
        let own = link.filter(|_| fresh.facets.link.is_some_and(|link| links[&link] == 1));
        let own = own.filter(|own| known.is_some_and(|known| known.url == **own) || !taken.contains(*own));
        let url = match known {
            Some(known) => known.url.clone(),
            None => own.cloned().unwrap_or_else(|| {
                let mut names = [fresh.facets.of(identity).map(|key| format!("{key:016x}")), Some(fresh.finest())]
                    .into_iter()
                    .flatten()
                    .map(|name| CanonicalUrl::of_entry(feed.host(), &format!("{feed}\n{name}")));
                let first = names.next();
                first.filter(|url| !taken.contains(url)).or(names.next()).unwrap_or_else(|| feed.clone())
            }),
        };
        let page = own.cloned().or_else(|| url.entry().is_none().then(|| url.clone()));
        // Of two links to one page on WeChat one may be answered more willingly: the feed's own is passed on.
        let same = own.filter(|own| Key::of_url(own) == Key::of_url(&url));
        let has_changed = known.is_some_and(|known| known.facets.content != fresh.facets.content);
        let is_news = known.is_none_or(|known| known.facets != fresh.facets || known.raw != fresh.raw);
        if is_news {
            notes.learnt.push(fresh.remembered(&url, known, now));
        }
        taken.insert(url.clone());
        placed.push(Placed { item: fresh.item, url: same.cloned().unwrap_or(url), page, has_changed });
    }
    (placed, notes)
}

/// An item with what it is known by.
struct Fresh {
    item: usize,
    facets: Facets,
    title: String,
    words: Option<u64>,
    raw: u64,
    /// The known entry that it is by all but its keys.
    evidence: Option<usize>,
}

impl Fresh {
    /// What tells it from every other entry of its poll.
    fn finest(&self) -> String {
        self.facets.all().map(|key| format!("{key:016x}")).collect()
    }

    fn remembered(&self, url: &CanonicalUrl, known: Option<&KnownEntry>, now: Time) -> KnownEntry {
        let mut former: Vec<u64> = known.map(|known| known.former.clone()).unwrap_or_default();
        if let Some(known) = known {
            let gone = known.facets.all().filter(|key| !self.facets.all().any(|own| own == *key));
            former.extend(gone.filter(|key| Some(*key) != known.facets.content));
            former.dedup();
            former.drain(..former.len().saturating_sub(FORMER));
        }
        KnownEntry {
            url: url.clone(),
            facets: self.facets,
            former,
            title: self.title.clone(),
            words: self.words,
            raw: self.raw,
            at: now,
        }
    }
}

/// Every entry once. The same again is the same; one guid for two pages with two contents is two entries.
fn distinct(window: &EntryWindow, items: &[Item], home: Option<&CanonicalUrl>, feed: &CanonicalUrl) -> Vec<Fresh> {
    let by_raw: HashMap<u64, &KnownEntry> = window.known.iter().map(|known| (known.raw, known)).collect();
    let mut seen = HashSet::new();
    let mut fresh: Vec<Fresh> = Vec::new();
    for (at, item) in items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.says_something() || item.title.is_some() || item.link.is_some())
    {
        let raw = raw(item);
        let title: String = item.title.as_deref().unwrap_or_default().chars().take(LONGEST_TITLE).collect();
        let (content, words) = match by_raw.get(&raw) {
            Some(known) => (known.facets.content, known.words),
            None => understood(item, feed),
        };
        let date = item.published.map(|at| at.to_rfc3339());
        let link = item.link.as_ref().filter(|link| Some(*link) != home).map(Key::of_url);
        let link = link.as_ref().map(Key::as_str);
        let dated = |text: Option<&str>| text.zip(date.as_deref()).map(|(text, date)| format!("{text}\n{date}"));
        let facets = Facets {
            guid: item.id.as_deref().map(|id| hash("guid", without_fragment(id))),
            link: link.map(|link| hash("link", link)),
            link_date: dated(link).map(|text| hash("link+date", &text)),
            title_date: dated(Some(title.as_str()).filter(|title| !title.is_empty()))
                .map(|text| hash("title+date", &text)),
            content,
        };
        // Twice in one poll by content, or by title where guid and link agree as well.
        let same = hash("same", &format!("{:?}{:?}{title}", facets.guid, facets.link));
        let named = facets.guid.is_some() || facets.link.is_some();
        let is_again = !seen.insert((facets.guid, facets.link, facets.content))
            | (named && !seen.insert((Some(same), None, None)));
        if !(is_again && (named || facets.content.is_some())) {
            fresh.push(Fresh { item: at, facets, title, words, raw, evidence: None });
        }
    }
    fresh
}

fn understood(item: &Item, feed: &CanonicalUrl) -> (Option<u64>, Option<u64>) {
    let document = document(item, None, feed);
    let is_empty = document.text.trim().is_empty() && document.images.is_empty() && document.title.is_none();
    let content = (!is_empty).then(|| head(&digest(&document)));
    (content, words::simhash(&document.text))
}

/// A guid as the BBC writes it, with the number of a version behind it, names the entry before that number.
fn without_fragment(id: &str) -> &str {
    let Some((before, number)) = id.rsplit_once('#') else { return id };
    let is_version =
        before.starts_with("http") && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_version { before } else { id }
}

fn raw(item: &Item) -> u64 {
    let link = item.link.as_ref().map(CanonicalUrl::as_str).unwrap_or_default();
    let date = item.published.map(|at| at.to_rfc3339()).unwrap_or_default();
    let files: Vec<&str> = item.files.iter().map(|(_, url)| url.as_str()).collect();
    let (id, title) = (item.id.as_deref().unwrap_or_default(), item.title.as_deref().unwrap_or_default());
    head(&Digest::of_parts(&[id, link, title, &date, &item.html, &files.join("\n")]))
}

fn hash(kind: &str, text: &str) -> u64 {
    head(&Digest::of_parts(&[kind, text]))
}

fn head(digest: &Digest) -> u64 {
    let mut head = [0; 8];
    head.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_be_bytes(head)
}

/// What an entry is recognised by, from its keys and its title.
type Sign = fn(&Facets, &str) -> Option<(u64, u64)>;

/// Finds for each entry the one of before that it is, whatever its keys say: by its content, by title and link, or by guid and link.
fn evidence(window: &EntryWindow, fresh: &mut [Fresh]) {
    let signs: [Sign; 3] = [
        |facets, _| facets.content.map(|content| (content, 0)),
        |facets, title| facets.link.filter(|_| !title.is_empty()).map(|link| (link, hash("title", title))),
        |facets, _| facets.guid.zip(facets.link),
    ];
    for sign in signs {
        let mut known: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
        for (at, entry) in window.known.iter().enumerate() {
            if let Some(sign) = sign(&entry.facets, &entry.title) {
                known.entry(sign).or_default().push(at);
            }
        }
        let own: Vec<_> = fresh.iter().map(|fresh| sign(&fresh.facets, &fresh.title)).collect();
        let mut counts: HashMap<(u64, u64), usize> = HashMap::new();
        own.iter().flatten().for_each(|sign| *counts.entry(*sign).or_default() += 1);
        for (at, sign) in own.iter().enumerate() {
            let Some(sign) = sign else { continue };
            let found = known.get(sign).filter(|found| found.len() == 1 && counts[sign] == 1);
            fresh[at].evidence = fresh[at].evidence.or(found.map(|found| found[0]));
        }
    }
}

/// Which known entry each is: by the learnt key, then by every other key that is nobody else's, then by its words.
fn matches(window: &EntryWindow, fresh: &[Fresh], identity: Identity, now: Time) -> Vec<Option<usize>> {
    let mut matched: Vec<Option<usize>> = vec![None; fresh.len()];
    let mut taken: HashSet<usize> = HashSet::new();
    let others = Identity::ALL.into_iter().filter(|kind| *kind != identity);
    for kind in std::iter::once(identity).chain(others) {
        let own = counted(fresh.iter().filter_map(|fresh| fresh.facets.of(kind)));
        let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, entry) in window.known.iter().enumerate() {
            let keys = entry.facets.of(kind).into_iter().chain(entry.former.iter().copied());
            keys.for_each(|key| known.entry(key).or_default().push(at));
        }
        for (at, entry) in fresh.iter().enumerate() {
            let Some(key) = entry.facets.of(kind).filter(|key| matched[at].is_none() && own[key] == 1) else {
                continue;
            };
            let Some([found]) = known.get(&key).map(Vec::as_slice) else { continue };
            // The same words under another key may be said twice, unless they are many and come soon.
            let by_words = kind == Identity::Content && identity != kind;
            let is_it = !by_words || is_version(&window.known[*found], entry, now);
            if is_it && taken.insert(*found) {
                matched[at] = Some(*found);
            }
        }
    }
    for (at, entry) in fresh.iter().enumerate().filter(|(_, entry)| entry.words.is_some()) {
        if matched[at].is_some() {
            continue;
        }
        let mut near = (0..window.known.len()).filter(|known| !taken.contains(known));
        let found = near.find(|known| is_version(&window.known[*known], entry, now));
        if let Some(found) = found.filter(|found| taken.insert(*found)) {
            matched[at] = Some(found);
        }
    }
    matched
}

/// Whether an entry is a version of one that came shortly before, by its words alone.
fn is_version(known: &KnownEntry, fresh: &Fresh, now: Time) -> bool {
    let Some((before, after)) = known.words.zip(fresh.words) else { return false };
    (before ^ after).count_ones() <= NEAR
        && now - known.at <= SOON
        && strsim::normalized_levenshtein(&known.title, &fresh.title) >= ALIKE
}
