//! What becomes of an article when its page says that it is gone, came unfinished, moved or was edited.

use crate::support::Bench;
use crate::support::article;
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use wangqi::archive::{ArticleRow, forget_index, verify};
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::crawl::{Pass, Report};
use wangqi::model::{ArticleState, CanonicalUrl, Change, ChangeKind, Key, Outcome, PageStatus, Rel};

const WECHAT: &str = "mp.weixin.qq.com";
const DELETED: &str = "该内容已被发布者删除";
const VIOLATION: &str = "此内容因违规无法查看";

/// What WeChat answers for an article: nothing said is the article itself.
type Answers = Arc<Mutex<HashMap<u64, String>>>;

fn site() -> (Answers, Handler) {
    let answers = Answers::default();
    let (told, fetches) = (Arc::clone(&answers), std::sync::atomic::AtomicU64::new(0));
    let handler: Handler = Arc::new(move |asked: &Asked| {
        let fetch = fetches.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let Some((_, mid)) = article::ids(asked) else { return Answer::status(404) };
        match told.lock().unwrap().get(&mid).map(String::as_str) {
            None => article::answer(asked, "", fetch),
            Some(edit) if edit.starts_with("<p>") => article::answer(asked, edit, fetch),
            Some(page) => Answer::ok("text/html; charset=UTF-8", page.to_owned()),
        }
    });
    (answers, handler)
}

fn notice(words: &str) -> String {
    article::notice(words, "")
}

fn moved(to: &str) -> String {
    article::notice("该公众号已迁移", &format!("var transferTargetLink = '{}';", to.replace('&', "&amp;")))
}

async fn start() -> (Answers, Bench) {
    let (answers, handler) = site();
    (answers, Bench::start(&[WECHAT], handler, "").await)
}

/// A pass that archives the first article.
fn save() -> Pass {
    let pages = vec![CanonicalUrl::parse(&article::link(1)).unwrap()];
    Pass { pages, due: true, ..Pass::default() }
}

/// The first look at the first article.
async fn first(bench: &Bench) {
    let (summary, reports) = bench.crawl(save()).await;
    assert_eq!(summary.counts.new, 1, "{reports:#?}");
}

/// A look at what is due again.
async fn due(bench: &Bench, ahead: TimeDelta) -> Vec<Report> {
    bench.ahead(ahead);
    bench.crawl(Pass { due: true, ..Pass::default() }).await.1
}

async fn look_again(bench: &Bench) -> Vec<Report> {
    bench.crawl(Pass { due: true, recheck: true, ..Pass::default() }).await.1
}

fn key(mid: u64) -> Key {
    Key::wechat(article::BIZUIN, mid, 1)
}

fn row(bench: &Bench, key: &Key) -> ArticleRow {
    bench.open().reader().article(key).unwrap().unwrap()
}

fn changes(bench: &Bench) -> Vec<Change> {
    bench.open().reader().changes(0).map(Result::unwrap).collect()
}

fn kinds(bench: &Bench) -> Vec<ChangeKind> {
    changes(bench).iter().map(|change| change.kind).collect()
}

/// The index that is made anew from the segments is the same.
fn assert_sound(bench: &Bench) {
    let rows = |bench: &Bench| bench.open().reader().articles().map(Result::unwrap).collect::<Vec<_>>();
    let accounts = |bench: &Bench| bench.open().reader().accounts().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(verify(&bench.open().reader()).unwrap().problems, [""; 0]);
    let before = (rows(bench), accounts(bench), changes(bench));
    forget_index(&bench.path("archive")).unwrap();
    assert_eq!((rows(bench), accounts(bench), changes(bench)), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_is_believed_the_second_time_and_keeps_the_pages_words() {
    let (answers, bench) = start().await;
    first(&bench).await;
    answers.lock().unwrap().insert(1, notice(DELETED));
    bench.ahead(TimeDelta::minutes(5));
    look_again(&bench).await;
    let once = row(&bench, &key(1));
    assert_eq!((once.state, once.is_seen_gone_once()), (ArticleState::Alive, true));
    let shown: serde_json::Value = serde_json::from_str(&bench.wangqi(&["list", "--json"])).unwrap();
    assert_eq!((shown[0]["state"].as_str(), shown[0]["seen_gone_once"].as_bool()), (Some("alive"), Some(true)));
    let pending: Vec<_> = bench.open().reader().pending().map(|row| row.unwrap().0).collect();
    let again = pending.iter().find(|target| target.recheck == Some(key(1))).unwrap().not_before;
    assert!(again - once.sighting.unwrap().last >= TimeDelta::hours(1), "a second look an hour later at the soonest");
    // Looking again within the hour changes nothing.
    bench.ahead(TimeDelta::minutes(20));
    look_again(&bench).await;
    assert!(row(&bench, &key(1)).is_seen_gone_once());
    assert_eq!(kinds(&bench), [ChangeKind::New]);

    due(&bench, TimeDelta::minutes(62)).await;
    let twice = row(&bench, &key(1));
    assert_eq!((twice.state, twice.snapshots.len()), (ArticleState::Deleted, 1), "the snapshot stays");
    let deleted = changes(&bench).pop().unwrap();
    assert_eq!((deleted.kind, deleted.status), (ChangeKind::Deleted, Some(PageStatus::Deleted)));
    assert_eq!(deleted.reason.as_deref(), Some(DELETED), "in the page's own words");
    let shown = bench.wangqi(&["show", &article::link(1), "--format", "text"]);
    assert!(shown.contains("这是第1篇的正文"), "{shown}");

    // Another kind of gone is still gone; what is only not to be had for now says nothing.
    for (words, state) in [(VIOLATION, ArticleState::Violation), ("该内容暂时无法查看", ArticleState::Violation)]
    {
        answers.lock().unwrap().insert(1, notice(words));
        bench.ahead(TimeDelta::hours(2));
        look_again(&bench).await;
        let held = row(&bench, &key(1));
        assert_eq!((held.state, held.sighting.and_then(|seen| seen.reason).as_deref()), (state, Some(VIOLATION)));
    }
    assert_eq!(kinds(&bench), [ChangeKind::New, ChangeKind::Deleted], "gone once is enough for the log");

    answers.lock().unwrap().clear();
    bench.ahead(TimeDelta::hours(2));
    look_again(&bench).await;
    let back = row(&bench, &key(1));
    assert_eq!((back.state, back.sighting), (ArticleState::Alive, None));
    assert_eq!(kinds(&bench), [ChangeKind::New, ChangeKind::Deleted, ChangeKind::Restored]);
    assert_sound(&bench);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_and_then_a_violation_are_two_sightings() {
    let (answers, bench) = start().await;
    first(&bench).await;
    answers.lock().unwrap().insert(1, notice(DELETED));
    look_again(&bench).await;
    answers.lock().unwrap().insert(1, notice(VIOLATION));
    due(&bench, TimeDelta::minutes(62)).await;
    assert_eq!(row(&bench, &key(1)).state, ArticleState::Violation);
    let gone = changes(&bench).pop().unwrap();
    assert_eq!((gone.status, gone.reason.as_deref()), (Some(PageStatus::Violation), Some(VIOLATION)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_a_hiccup_leaves_no_trace() {
    let (answers, bench) = start().await;
    first(&bench).await;
    answers.lock().unwrap().insert(1, notice(DELETED));
    look_again(&bench).await;
    answers.lock().unwrap().clear();
    due(&bench, TimeDelta::minutes(62)).await;
    let held = row(&bench, &key(1));
    assert_eq!((held.state, held.sighting, held.snapshots.len()), (ArticleState::Alive, None, 1));
    assert_eq!(kinds(&bench), [ChangeKind::New]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_page_is_tried_again_and_replaces_nothing() {
    let (answers, bench) = start().await;
    first(&bench).await;
    let mut empty = article::page(1);
    (empty.content, empty.summary) = (String::new(), String::new());
    answers.lock().unwrap().insert(1, empty.render(1));
    bench.ahead(TimeDelta::minutes(62));
    let (summary, reports) = bench.crawl(Pass { due: true, recheck: true, ..Pass::default() }).await;
    let counts = summary.counts;
    assert_eq!((counts.gone, counts.edited, counts.unchanged, counts.failed), (0, 0, 0, 1), "{reports:#?}");
    assert!(reports[0].reason.as_deref().unwrap().contains("to be tried again from"), "{reports:#?}");
    let held = row(&bench, &key(1));
    assert_eq!((held.state, held.sighting, held.snapshots.len()), (ArticleState::Alive, None, 1));
    answers.lock().unwrap().clear();
    let reports = due(&bench, TimeDelta::minutes(62)).await;
    assert_eq!(reports.iter().map(|report| report.outcome).collect::<Vec<_>>(), [Outcome::Unchanged]);
    assert_eq!(kinds(&bench), [ChangeKind::New]);
    assert_sound(&bench);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_free_beginning_of_a_paid_article_does_not_replace_the_whole() {
    let (answers, bench) = start().await;
    first(&bench).await;
    let preview = |mid: u64| {
        let mut page = article::page(mid);
        page.content = "<p>只有开头。</p><mp-pay-preview-filter></mp-pay-preview-filter>".into();
        page.render(mid)
    };
    answers.lock().unwrap().insert(1, preview(1));
    look_again(&bench).await;
    due(&bench, TimeDelta::minutes(62)).await;
    let held = row(&bench, &key(1));
    assert_eq!((held.snapshots.len(), held.state), (1, ArticleState::Restricted), "what was whole stays the snapshot");
    answers.lock().unwrap().clear();
    due(&bench, TimeDelta::days(2)).await;
    let held = row(&bench, &key(1));
    assert_eq!((held.snapshots.len(), held.state), (1, ArticleState::Alive));

    // Where nothing better is held, the beginning is what there is.
    answers.lock().unwrap().insert(2, preview(2));
    let pages = vec![CanonicalUrl::parse(&article::link(2)).unwrap()];
    let (summary, _) = bench.crawl(Pass { pages, due: true, ..Pass::default() }).await;
    assert_eq!(summary.counts.new, 1);
    assert_sound(&bench);
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_are_no_edit_and_words_are() {
    let (answers, bench) = start().await;
    first(&bench).await;
    let payloads = |bench: &Bench| bench.open().reader().stats().unwrap().payloads;
    let before = payloads(&bench);
    let reports = due(&bench, TimeDelta::minutes(62)).await;
    assert_eq!(reports.iter().map(|report| report.outcome).collect::<Vec<_>>(), [Outcome::Unchanged]);
    assert_eq!((payloads(&bench), kinds(&bench)), (before, vec![ChangeKind::New]), "a page that differs in nonces");
    answers.lock().unwrap().insert(1, "<p>后来添上的一句。</p>".into());
    let reports = due(&bench, TimeDelta::hours(25)).await;
    assert_eq!(reports.iter().map(|report| report.outcome).collect::<Vec<_>>(), [Outcome::Edited]);
    let held = row(&bench, &key(1));
    assert_eq!((held.state, held.snapshots.len()), (ArticleState::Edited, 2));
    assert_eq!(kinds(&bench), [ChangeKind::New, ChangeKind::Edited]);
    let text = |at: usize| bench.open().reader().document(&held.snapshots[at]).unwrap().text;
    assert!(!text(0).contains("后来添上") && text(1).contains("后来添上"));
}

/// Another account's articles are served by the same site: their number names them.
const NEW_ACCOUNT: u64 = article::BIZUIN + 1;

#[tokio::test(flavor = "multi_thread")]
async fn a_migrated_account_is_followed_once_and_recorded() {
    let (answers, bench) = start().await;
    first(&bench).await;
    let there = article::page_of(NEW_ACCOUNT, 71).link;
    answers.lock().unwrap().insert(1, moved(&there));
    let reports = look_again(&bench).await;
    assert_eq!(reports.iter().map(|report| report.outcome).collect::<Vec<_>>(), [Outcome::Gone, Outcome::New]);
    assert!(reports[0].reason.as_deref().unwrap().contains("该公众号已迁移"), "{reports:#?}");
    let new_key = Key::wechat(NEW_ACCOUNT, 71, 1);
    assert_eq!(reports[1].key.as_ref(), Some(&new_key));
    let old = row(&bench, &key(1));
    let target = CanonicalUrl::parse(&there).unwrap();
    assert_eq!((old.state, old.moved_to.as_ref()), (ArticleState::Alive, Some(&target)));
    due(&bench, TimeDelta::minutes(62)).await;
    assert_eq!(row(&bench, &key(1)).state, ArticleState::AccountMigrated);
    let change = changes(&bench).into_iter().find(|change| change.kind == ChangeKind::Deleted).unwrap();
    assert_eq!((change.status, change.reason.as_deref()), (Some(PageStatus::AccountMigrated), Some("该公众号已迁移")));
    let archive = bench.open();
    let reader = archive.reader();
    let visit = reader.visit(&reader.article(&new_key).unwrap().unwrap().snapshots[0]).unwrap();
    assert_eq!(visit.target.rel, Rel::Migrated);
    let account = |bizuin| reader.account(bizuin).unwrap().unwrap().row;
    assert_eq!(account(article::BIZUIN).moved_to, Some(NEW_ACCOUNT));
    assert_eq!(account(NEW_ACCOUNT).moved_from, [article::BIZUIN]);
    drop((reader, archive));
    let shown: serde_json::Value =
        serde_json::from_str(&bench.wangqi(&["show", key(1).as_str(), "--format", "json"])).unwrap();
    assert_eq!(
        (shown["moved_to"].as_str(), shown["state"].as_str()),
        (Some(target.as_str()), Some("account_migrated"))
    );
    let listed = bench.wangqi(&["list", "--account"]);
    assert!(listed.lines().any(|line| line.starts_with("试号1\t1\t") && line.ends_with("moved to 试号2")), "{listed}");
    assert_sound(&bench);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_that_name_each_other_do_not_send_us_round() {
    let (answers, bench) = start().await;
    let there = article::page_of(NEW_ACCOUNT, 71).link;
    answers.lock().unwrap().extend([(1, moved(&there)), (71, moved(&article::link(1)))]);
    bench.crawl(save()).await;
    for _ in 0..3 {
        bench.ahead(TimeDelta::minutes(62));
        bench.crawl(save()).await;
    }
    let asked =
        |mid: u64| bench.asked().iter().filter(|asked| article::ids(asked).is_some_and(|ids| ids.1 == mid)).count();
    assert!(asked(71) <= 2, "once, and a second look: {}", asked(71));
    assert_eq!(row(&bench, &Key::wechat(NEW_ACCOUNT, 71, 1)).state, ArticleState::AccountMigrated);
    assert_sound(&bench);
}
