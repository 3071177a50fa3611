//! The archive's promises: whole visits or none, dedup, states, and an index that follows from the segments.

use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use wangqi::archive::{Archive, ArchiveError, Committed, forget_index, verify};
use wangqi::model::*;

fn at(hours: i64) -> Time {
    Time::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::hours(hours)
}

fn url(text: &str) -> CanonicalUrl {
    CanonicalUrl::parse(text).unwrap()
}

fn target(link: &str) -> Target {
    Target {
        url: url(link),
        kind: TargetKind::Article,
        feed: FeedName("feed".into()),
        rel: Rel::Entry,
        via: None,
        depth: 0,
        not_before: at(0),
        recheck: None,
        hint: None,
    }
}

fn capture(link: &str, payload: &str, hours: i64) -> Capture {
    let head = |line: &str| MessageHead {
        line: line.into(),
        protocol: "h2".into(),
        headers: vec![("content-type".into(), "text/html".into()), ("content-encoding".into(), "gzip".into())],
    };
    Capture {
        url: url(link),
        final_url: url(link),
        at: at(hours),
        request: head("GET /"),
        status: 200,
        response: head("200 OK"),
        payload: payload.as_bytes().to_vec().into(),
        digest: Digest::of(payload.as_bytes()),
        wire_bytes: 1,
        hops: Vec::new(),
        address: None,
        complete: true,
        validators: None,
    }
}

/// A visit that finds an article whose content is `content`, on a page with these bytes.
pub(crate) fn article(link: &str, key: &Key, content: &str, page: &str, hours: i64) -> Visit {
    let mut document = Document::new(PageStatus::Article, "test/1");
    document.key = Some(key.clone());
    document.title = Some(content.into());
    document.text = content.into();
    Visit {
        target: target(link),
        at: at(hours),
        capture: Some(capture(link, page, hours)),
        finding: Finding::Article(Box::new(Judgement {
            document,
            content: Digest::of(content.as_bytes()),
            held_content: None,
            entry: None,
        })),
        follow: Vec::new(),
        follow_limit: 100,
        recheck_at: None,
        notes: None,
    }
}

fn gone(link: &str, hours: i64) -> Visit {
    let finding = Finding::Gone { status: PageStatus::Deleted, reason: Some("该内容已被发布者删除".into()) };
    Visit { finding, ..article(link, &Key::from_written("x"), "x", "gone page", hours) }
}

fn open(root: &Path) -> Archive {
    Archive::open(root, &mut |_| {}).unwrap()
}

fn commit(archive: &Archive, visit: Visit) -> Committed {
    archive.commit(visit).unwrap()
}

fn assert_clean(archive: &Archive) {
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

const LINK: &str = "https://mp.weixin.qq.com/s?__biz=Mzg5NTc4ODkzOA==&mid=1&idx=1&sn=a&chksm=b";

fn key() -> Key {
    Key::of_url(&url(LINK))
}

#[test]
fn the_same_article_is_kept_once() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    assert_eq!(commit(&archive, article(LINK, &key(), "text", "page 1", 0)).outcome, Outcome::New);
    assert_eq!(commit(&archive, article(LINK, &key(), "text", "page 1", 1)).outcome, Outcome::Unchanged);
    assert_eq!(commit(&archive, article(LINK, &key(), "text", "page 1, other nonce", 2)).outcome, Outcome::Unchanged);
    let short = "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(commit(&archive, article(short, &key(), "text", "page 1, short", 3)).outcome, Outcome::Unchanged);
    assert_eq!(commit(&archive, article(LINK, &key(), "new text", "page 2", 4)).outcome, Outcome::Edited);
    let reader = archive.reader();
    let (_, row) = reader.find(short).unwrap().unwrap();
    assert_eq!(row.url, url(short), "the short link is the best to fetch by");
    assert_eq!((row.snapshots.len(), row.state), (2, ArticleState::Edited));
    assert_eq!(reader.document(&row.snapshots[0]).unwrap().text, "text");
    let stats = reader.stats().unwrap();
    assert_eq!((stats.articles, stats.payloads, stats.unchanged), (1, 2, 3));
    let capture = reader.capture(&row.snapshots[1]).unwrap().unwrap();
    assert_eq!(capture.payload, b"page 2");
    assert_eq!(capture.head.header("X-Archive-Orig-content-encoding"), Some("gzip"));
    let kinds: Vec<_> = reader.changes(0).map(|change| change.unwrap().kind).collect();
    assert_eq!(kinds, [ChangeKind::New, ChangeKind::Edited]);
    assert_clean(&archive);
}

#[test]
fn a_page_of_another_host_does_not_speak_for_an_article_of_wechats_own() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    commit(&archive, article(LINK, &key(), "text", "page", 0));
    let elsewhere = "https://evil.example/copy";
    let claimed = commit(&archive, article(elsewhere, &key(), "other words", "their page", 1));
    assert_eq!((claimed.outcome, claimed.key), (Outcome::New, Some(Key::from_written(elsewhere))));
    assert_eq!(archive.reader().article(&key()).unwrap().unwrap().snapshots.len(), 1);
    assert_clean(&archive);
}

#[test]
fn who_only_claims_a_wechat_key_gives_it_up_to_wechats_own_page() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    let elsewhere = "https://evil.example/copy";
    let mut forged = article(elsewhere, &key(), "forged", "their page", 0);
    if let Finding::Article(judgement) = &mut forged.finding {
        judgement.document.canonical_url = Some(url(LINK));
    }
    assert_eq!(commit(&archive, forged).key, Some(key()));
    let reader = archive.reader();
    assert_ne!(reader.find(LINK).unwrap().unwrap().1.url, url(LINK), "it does not name itself by another's URL");
    let real = commit(&archive, article(LINK, &key(), "text", "page", 1));
    assert_eq!((real.outcome, real.key), (Outcome::New, Some(key())), "no edit: the first snapshot of its own");
    let row = reader.article(&key()).unwrap().unwrap();
    assert_eq!((row.title.as_deref(), row.snapshots.len(), row.state), (Some("text"), 1, ArticleState::Alive));
    let (moved, row) = reader.find(elsewhere).unwrap().unwrap();
    assert_eq!((moved.as_str(), row.title.as_deref()), (elsewhere, Some("forged")), "and nothing is lost");
    assert_clean(&archive);
}

#[test]
fn an_edit_is_judged_by_one_extractor() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    commit(&archive, article(LINK, &key(), "as version 1 reads it", "page", 0));
    let newer = |content: &str, held: &str, page: &str| {
        let mut visit = article(LINK, &key(), content, page, 1);
        if let Finding::Article(judgement) = &mut visit.finding {
            judgement.document.extractor = "test/2".into();
            judgement.held_content = Some(Digest::of(held.as_bytes()));
        }
        visit
    };
    let same = newer("as version 2 reads it", "as version 2 reads it", "page, nonce");
    assert_eq!(commit(&archive, same).outcome, Outcome::Unchanged);
    let edited = newer("new words", "as version 2 reads it", "page 2");
    assert_eq!(commit(&archive, edited).outcome, Outcome::Edited);
}

#[test]
fn gone_is_final_after_two_sightings_an_hour_apart_and_can_come_back() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    commit(&archive, article(LINK, &key(), "text", "page", 0));
    let state = || archive.reader().article(&key()).unwrap().unwrap().state;
    assert_eq!(commit(&archive, gone(LINK, 10)).outcome, Outcome::Gone);
    assert_eq!(state(), ArticleState::Alive, "one sighting is not enough");
    commit(&archive, gone(LINK, 10));
    assert_eq!(state(), ArticleState::Alive, "two within the hour are not either");
    commit(&archive, gone(LINK, 11));
    assert_eq!(state(), ArticleState::Deleted);
    let (_, row) = archive.reader().find(LINK).unwrap().unwrap();
    assert_eq!(archive.reader().document(&row.snapshots[0]).unwrap().text, "text", "the snapshot stays");
    commit(&archive, article(LINK, &key(), "text", "page", 12));
    assert_eq!(state(), ArticleState::Alive);
    let kinds: Vec<_> = archive.reader().changes(0).map(|change| change.unwrap().kind).collect();
    assert_eq!(kinds, [ChangeKind::New, ChangeKind::Deleted, ChangeKind::Restored]);
    assert_clean(&archive);
}

#[test]
fn follow_admits_what_is_new_within_the_limit_and_upgrades_a_worse_url() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    let link = |mid: u32, more: &str| {
        let past = format!("https://mp.weixin.qq.com/s?__biz=Mzg5NTc4ODkzOA==&mid={mid}&idx=1&sn=a{more}");
        Target { depth: 1, rel: Rel::PastIssue, via: Some(url(LINK)), ..target(&past) }
    };
    let mut visit = article(LINK, &key(), "text", "page", 0);
    visit.follow = vec![target(LINK), link(2, ""), link(2, ""), link(3, ""), link(4, "")];
    visit.follow_limit = 2;
    let first = commit(&archive, visit);
    // The visited article itself is not held yet while its own visit is judged, and is no longer pending afterwards.
    let mids = |targets: &[Target]| targets.iter().map(|target| target.url.wechat_ids().unwrap().1).collect::<Vec<_>>();
    assert_eq!(mids(&first.follow), [1, 2, 3]);
    let mut again = article(LINK, &key(), "text", "page", 1);
    again.follow = vec![link(2, "&chksm=c"), link(4, ""), target(LINK)];
    again.follow_limit = 2;
    let second = commit(&archive, again);
    assert_eq!(mids(&second.follow), [2]);
    let pending: Vec<_> = archive.reader().pending().map(|row| row.unwrap().0.url.wechat_rank()).collect();
    assert_eq!(pending.len(), 3 - 1 + 1 - 1);
    assert!(pending.contains(&2), "the URL with chksm replaced the bare one");
    assert_clean(&archive);
}

#[test]
fn an_archive_is_held_by_one_and_is_nobody_elses_folder() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    assert!(matches!(Archive::open(root.path(), &mut |_| {}), Err(ArchiveError::Locked { .. })));
    assert!(matches!(forget_index(root.path()), Err(ArchiveError::Locked { .. })));
    drop(archive);
    fs::write(root.path().join("VERSION"), "wangqi archive format 99\nid x\n").unwrap();
    assert!(matches!(Archive::open(root.path(), &mut |_| {}), Err(ArchiveError::Newer { found: 99, .. })));
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("thesis.doc"), "x").unwrap();
    assert!(matches!(Archive::open(other.path(), &mut |_| {}), Err(ArchiveError::Foreign { .. })));
}

/// Ten visits over all families, with edits, a revisit and a tombstone.
fn furnish(archive: &Archive) -> Vec<Committed> {
    let other = Key::from_written("https://news.example/1");
    let mut follow = article(LINK, &key(), "text", "page 1", 0);
    follow.follow =
        vec![Target { kind: TargetKind::Asset, rel: Rel::Asset, ..target("https://mmbiz.qpic.cn/mmbiz_png/a/0") }];
    follow.recheck_at = Some(at(24));
    let mut asset = article("https://mmbiz.qpic.cn/mmbiz_png/a/0", &key(), "", "PNG", 1);
    asset.target.kind = TargetKind::Asset;
    asset.finding = Finding::Asset;
    let mut feed = article("https://news.example/feed", &key(), "", "<rss/>", 2);
    feed.target.kind = TargetKind::Feed;
    feed.finding = Finding::Feed { entries: 1 };
    feed.follow = vec![target("https://news.example/1"), target("https://news.example/2")];
    let mut failed = article("https://news.example/2", &other, "", "", 5);
    failed.capture = None;
    failed.finding = Finding::Failed { error: "no such host".into() };
    let visits = [
        follow,
        asset,
        feed,
        article("https://news.example/1", &other, "news", "<p>news", 3),
        article("https://news.example/1", &other, "news", "<p>news", 4),
        failed,
        article(LINK, &key(), "text", "page 1 nonce", 6),
        article(LINK, &key(), "edited", "page 2", 7),
        gone("https://news.example/1", 8),
        gone("https://news.example/1", 10),
    ];
    visits.into_iter().map(|visit| commit(archive, visit)).collect()
}

fn answers(archive: &Archive) -> String {
    let reader = archive.reader();
    let articles: Vec<_> = reader.articles().map(Result::unwrap).collect();
    let pending: Vec<_> = reader.pending().map(Result::unwrap).collect();
    let changes: Vec<_> = reader.changes(0).map(Result::unwrap).collect();
    let feed = reader.feed(&FeedName("feed".into())).unwrap();
    format!("{articles:#?}{pending:#?}{changes:#?}{feed:#?}")
}

#[test]
fn without_its_index_the_archive_gives_the_same_answers() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    furnish(&archive);
    assert_clean(&archive);
    let before = answers(&archive);
    drop(archive);
    forget_index(root.path()).unwrap();
    let archive = open(root.path());
    assert!(archive.recovery().rebuilt);
    assert_eq!(archive.recovery().replayed, 10);
    assert_eq!(answers(&archive), before);
    assert_clean(&archive);
    drop(archive);
    // An index full of nonsense is set aside and made anew by itself.
    fs::write(root.path().join("index/db"), vec![1; 9999]).unwrap();
    fs::write(root.path().join("index/conf"), b"x").unwrap();
    let archive = open(root.path());
    assert_eq!(answers(&archive), before);
    assert_eq!(archive.recovery().notes.len(), 2, "{:?}", archive.recovery());
    let next = commit(&archive, article(LINK, &key(), "more", "page 3", 20));
    assert_eq!(next.seq, 11, "numbers go on");
}

#[test]
fn a_segment_cut_at_any_byte_keeps_its_whole_visits() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    furnish(&archive);
    drop(archive);
    let segment = root.path().join("segments/000001-wechat.warc.zst");
    let whole = fs::read(&segment).unwrap();
    let copy = |to: &Path| {
        fs::create_dir_all(to.join("segments")).unwrap();
        for name in ["000001-wechat.warc.zst", "000002-media.warc.zst", "000003-web.warc.zst"] {
            fs::copy(root.path().join("segments").join(name), to.join("segments").join(name)).unwrap();
        }
        fs::copy(root.path().join("VERSION"), to.join("VERSION")).unwrap();
    };
    let mut kept = Vec::new();
    let cuts: BTreeSet<usize> = (0..whole.len()).step_by(97).chain([whole.len() - 1, whole.len()]).collect();
    for cut in cuts {
        let torn = tempfile::tempdir().unwrap();
        copy(torn.path());
        fs::write(torn.path().join("segments/000001-wechat.warc.zst"), &whole[..cut]).unwrap();
        let archive = open(torn.path());
        assert_clean(&archive);
        kept.push(archive.recovery().replayed);
        let next = commit(&archive, article(LINK, &key(), "after the crash", "page 9", 30));
        assert!(matches!(next.outcome, Outcome::New | Outcome::Edited));
        assert_clean(&archive);
        drop(archive);
        let again = open(torn.path());
        assert_eq!(again.recovery().notes, [""; 0], "one opening mends it");
    }
    assert!(kept.is_sorted(), "{kept:?}");
    assert_eq!((kept[0], *kept.last().unwrap()), (7, 10), "other segments lose nothing");
}

#[test]
fn a_flipped_bit_is_found_and_loses_one_visit() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    furnish(&archive);
    drop(archive);
    let segment = root.path().join("segments/000003-web.warc.zst");
    let mut bytes = fs::read(&segment).unwrap();
    let length = bytes.len();
    bytes[length / 2] ^= 16;
    fs::write(&segment, bytes).unwrap();
    let archive = open(root.path());
    let problems = verify(&archive.reader()).unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("000003-web")), "{problems:?}");
    assert_eq!(fs::metadata(&segment).unwrap().len() as usize, length, "damage in the middle is never cut");
}

#[test]
fn every_record_is_a_frame_of_its_own_that_any_zstd_reads() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    furnish(&archive);
    drop(archive);
    let bytes = fs::read(root.path().join("segments/000003-web.warc.zst")).unwrap();
    let text = zstd::decode_all(bytes.as_slice()).unwrap();
    let text = String::from_utf8_lossy(&text);
    assert!(text.starts_with("WARC/1.1\r\nWARC-Type: warcinfo\r\n"));
    for kind in ["request", "response", "revisit", "metadata"] {
        assert!(text.contains(&format!("WARC-Type: {kind}\r\n")), "{kind}");
    }
    assert!(text.contains("X-Archive-Orig-content-encoding: gzip"));
    assert!(text.contains("WARC-Protocol: h2"));
}

#[test]
fn pages_that_call_one_listing_their_canonical_url_stay_apart() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    let listing = Key::from_written("https://news.example/blog/");
    for name in ["one", "two", "three"] {
        let link = format!("https://news.example/{name}");
        let done = commit(&archive, article(&link, &listing, name, name, 0));
        assert_eq!(done.outcome, Outcome::New, "{name}");
        let again = commit(&archive, article(&link, &listing, name, name, 1));
        assert_eq!((again.outcome, again.key), (Outcome::Unchanged, done.key), "{name}");
    }
    assert_eq!(archive.reader().articles().count(), 3);
    assert_clean(&archive);
}

#[test]
fn a_page_that_was_asked_for_as_a_picture_can_still_be_visited() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    let page = "https://news.example/b";
    let mut first = article("https://news.example/a", &Key::from_written("https://news.example/a"), "a", "a", 0);
    first.follow = vec![Target { kind: TargetKind::Asset, rel: Rel::Asset, ..target(page) }];
    commit(&archive, first);
    let mut feed = article("https://news.example/feed", &key(), "", "<rss/>", 1);
    feed.target.kind = TargetKind::Feed;
    feed.finding = Finding::Feed { entries: 1 };
    feed.follow = vec![target(page)];
    assert_eq!(commit(&archive, feed).follow.len(), 1, "pending as a picture is not pending as a page");
    let mut picture = article(page, &key(), "", "", 2);
    picture.target.kind = TargetKind::Asset;
    picture.finding = Finding::Failed { error: "a page instead of a file".into() };
    commit(&archive, picture);
    assert!(!archive.reader().was_visited(&target(page)).unwrap());
    assert_clean(&archive);
}

#[test]
fn a_held_article_comes_round_again_whatever_one_look_brought() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    commit(&archive, article(LINK, &key(), "text", "page", 0));
    let (_, row) = archive.reader().find(LINK).unwrap().unwrap();
    let mut look = article(LINK, &key(), "", "", 1);
    look.target = row.recheck_at(&key(), at(1));
    look.finding = Finding::Failed { error: "403".into() };
    look.recheck_at = Some(at(24));
    commit(&archive, look);
    let pending: Vec<_> = archive.reader().pending().map(|row| row.unwrap().0).collect();
    assert_eq!((pending.len(), pending[0].not_before), (1, at(24)));
    assert_clean(&archive);
}

#[test]
fn a_picture_that_answers_404_later_is_still_held() {
    let root = tempfile::tempdir().unwrap();
    let archive = open(root.path());
    let link = "https://pictures.example/a.png";
    let mut picture = article(link, &key(), "", "PNG", 0);
    picture.target.kind = TargetKind::Asset;
    picture.finding = Finding::Asset;
    let held = picture.capture.as_ref().unwrap().digest;
    let mut missing = article(link, &key(), "", "<h1>no such page", 1);
    missing.target.kind = TargetKind::Asset;
    missing.finding = Finding::Failed { error: "404".into() };
    commit(&archive, missing.clone());
    assert_eq!(archive.reader().asset(&url(link)).unwrap(), None, "the body of a 404 is no picture");
    commit(&archive, picture);
    commit(&archive, missing);
    assert_eq!(archive.reader().asset(&url(link)).unwrap().map(|(digest, _)| digest), Some(held));
    assert_clean(&archive);
}
