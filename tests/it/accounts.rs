//! WeChat accounts as things of their own, as `list --account` shows them.

use crate::support::Bench;
use crate::support::article;
use chrono::TimeDelta;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wangqi::archive::{forget_index, verify};
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::crawl::Pass;
use wangqi::model::CanonicalUrl;

const WECHAT: &str = "mp.weixin.qq.com";
const OTHER: u64 = article::BIZUIN + 1;

/// Three articles of one account and one of another; from the 1,000th fetch on the first account has another name.
async fn bench() -> (Arc<AtomicU64>, Bench) {
    let fetches = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&fetches);
    let handler: Handler = Arc::new(move |asked: &Asked| {
        let fetch = counted.fetch_add(1, Ordering::Relaxed);
        let Some((bizuin, mid)) = article::ids(asked) else { return Answer::status(404) };
        let mut page = article::page_of(bizuin, mid);
        if fetch >= 1000 && bizuin == article::BIZUIN {
            page.account = "新名".into();
            page.content.push_str("<p>改名之后。</p>");
        }
        // The account's own name for itself stands in the legacy variables only.
        let alias = format!("<script>var alias = 'alias-{bizuin}';</script></body>");
        Answer::ok("text/html; charset=UTF-8", page.render(fetch).replace("</body>", &alias))
    });
    let bench = Bench::start(&[WECHAT], handler, "").await;
    let links = [article::link(1), article::link(2), article::link(3), article::page_of(OTHER, 4).link];
    let pages = links.iter().map(|link| CanonicalUrl::parse(link).unwrap()).collect();
    bench.crawl(Pass { pages, due: true, ..Pass::default() }).await;
    (fetches, bench)
}

fn json(bench: &Bench, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&bench.wangqi(arguments)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_and_articles_found_by_any_of_their_names() {
    let (_, bench) = bench().await;
    let listed = json(&bench, &["list", "--account", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let first = &listed[0];
    let page = article::page(1);
    assert_eq!(first["name"], page.account);
    assert_eq!((first["biz"].as_str(), first["bizuin"].as_u64()), (Some(page.biz().as_str()), Some(article::BIZUIN)));
    assert_eq!((first["account_id"].as_str(), first["place"].as_str()), (Some(page.account_id.as_str()), Some("四川")));
    assert_eq!((first["articles"].as_u64(), listed[1]["articles"].as_u64()), (Some(3), Some(1)));
    assert!(first["first_seen"].is_string() && first["last_seen"].is_string() && first["moved_to"].is_null());
    let lines = bench.wangqi(&["list", "--account", "--jsonl"]);
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(serde_json::from_str::<serde_json::Value>(lines.lines().next().unwrap()).unwrap(), *first);
    let table = bench.wangqi(&["list", "--account"]);
    assert!(table.starts_with(&format!("{}\t3\t", page.account)), "{table}");

    let number = article::BIZUIN.to_string();
    let alias = format!("alias-{number}");
    assert_eq!(first["alias"], alias);
    for name in
        [page.account.as_str(), &page.biz(), page.biz().trim_end_matches('='), &page.account_id, &number, &alias]
    {
        let found = json(&bench, &["list", "--account", name, "--json"]);
        let titles: Vec<_> =
            found.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect();
        assert_eq!(titles.len(), 3, "{name}: {titles:?}");
    }
    let nobody = bench.command(&["list", "--account", "nobody"]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_does_not_lose_the_old_one_and_reindex_gives_the_same() {
    let (fetches, bench) = bench().await;
    fetches.store(1000, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(2));
    bench.crawl(Pass { due: true, recheck: true, ..Pass::default() }).await;
    let listed = json(&bench, &["list", "--account", "--json"]);
    assert_eq!((listed[0]["name"].as_str(), &listed[0]["former_names"]), (Some("新名"), &serde_json::json!(["试号1"])));
    assert_eq!(json(&bench, &["list", "--account", "试号1", "--json"]).as_array().unwrap().len(), 3);
    assert!(listed[0]["last_seen"].as_str() > listed[0]["first_seen"].as_str());
    assert_eq!(verify(&bench.open().reader()).unwrap().problems, [""; 0]);
    forget_index(&bench.path("archive")).unwrap();
    assert_eq!(json(&bench, &["list", "--account", "--json"]), listed);
}
