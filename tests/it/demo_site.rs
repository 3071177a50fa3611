//! The demo's site keeps its own promises, and its server speaks both protocols under a certificate made on the spot.

use rustls_pki_types::pem::PemObject as _;
use scraper::{Html, Selector};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use wangqi::cli::demo::address::{ACCOUNTS_HOST, Address, PICTURES_HOST};
use wangqi::cli::demo::server::{Answer, Asked, Server};
use wangqi::cli::demo::{picture, site, texts, web};
use wangqi::model::{CanonicalUrl, Key};

/// What the site answers to a URL of one of its hosts.
fn ask(url: &str, pass: u32, fetch: u64) -> Answer {
    let url = url::Url::parse(url).unwrap();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    site::answer(&Asked::get(url.host_str().unwrap(), &format!("{}{query}", url.path())), pass, fetch)
}

fn page(url: &str, pass: u32, fetch: u64) -> String {
    String::from_utf8(ask(url, pass, fetch).body.to_vec()).unwrap()
}

fn select<'a>(html: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn text_of(html: &Html, selector: &str) -> String {
    select(html, selector).first().map(|found| found.text().collect::<String>().trim().to_owned()).unwrap_or_default()
}

/// The body's text; empty for a page that has none.
fn body_of(page: &str) -> String {
    text_of(&Html::parse_document(page), "#js_content")
}

#[test]
fn every_article_is_a_page_of_real_shape() {
    for address in Address::published_by(2).into_iter().filter(|address| address.essay().title != site::DELETED) {
        let essay = address.essay();
        let text = page(&address.long_link(), 2, 7);
        assert!((40_000..200_000).contains(&text.len()), "{}: {} bytes", essay.title, text.len());
        let html = Html::parse_document(&text);
        assert_eq!(text_of(&html, "h1#activity-name"), essay.title);
        assert_eq!(text_of(&html, "#js_name"), address.account().name);
        assert_eq!(text_of(&html, "#js_author_name_text"), essay.author);
        assert_eq!(text_of(&html, "title"), "");
        assert!(body_of(&text).contains(essay.body.lines().next().unwrap()), "{}", essay.title);
        let hidden = select(&html, "#js_content")[0].value().attr("style").unwrap();
        assert!(hidden.contains("visibility: hidden"));
        assert!(select(&html, "#js_content img").iter().all(|image| image.value().attr("src").is_none()));
        let past = select(&html, "#js_content a").len();
        let own = essay.issues.len() + essay.body.matches("[[").count();
        assert_eq!(past, own, "{}", essay.title);
        assert_eq!(text.matches("LINK_TYPE_MP_APPMSG").count(), own * 2);
        assert!(text.contains(&format!("ori_create_time: '{}' * 1", china(essay.published))));
        assert!(!text.contains("[[") && !body_of(&text).contains("**"), "{}: notation left over", essay.title);
    }
}

/// The instant of a time in the texts, worked out another way than the site does.
fn china(text: &str) -> i64 {
    chrono::DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().timestamp()
}

#[test]
fn every_form_of_a_link_leads_to_the_same_article() {
    let mut keys = HashSet::new();
    for address in Address::published_by(2) {
        let key = address.key();
        assert!(keys.insert(key.clone()), "{key} twice");
        let long = CanonicalUrl::parse(&address.long_link()).unwrap();
        assert_eq!(Key::of_url(&long).as_str(), key);
        assert_eq!(long.as_str(), address.long_link(), "a long link is canonical as it is");
        assert_eq!((long.wechat_rank(), CanonicalUrl::parse(&address.short_link()).unwrap().wechat_rank()), (2, 3));
        assert_eq!(address.token().len(), 22);
        let (short, long) = (page(&address.short_link(), 1, 1), page(&address.long_link(), 1, 1));
        assert_eq!(body_of(&short), body_of(&long));
        for from in Address::published_by(2) {
            let form = CanonicalUrl::parse(&address.link_from(from)).unwrap();
            assert!(form.as_str() == address.long_link() || form.as_str() == address.short_link(), "{form}");
        }
    }
}

#[test]
fn fetches_differ_and_articles_do_not() {
    for address in Address::published_by(1) {
        let (one, two) = (page(&address.long_link(), 1, 1), page(&address.long_link(), 1, 2));
        assert_ne!(one, two);
        assert_eq!(body_of(&one), body_of(&two));
        assert_eq!(page(&address.long_link(), 1, 1), one, "the same fetch is the same bytes");
    }
}

#[test]
fn past_issues_reach_every_article_from_the_feeds() {
    for (pass, seeds) in [(1, None), (2, Some("把秋天装进罐子"))] {
        let all = Address::published_by(pass);
        let seeds: Vec<Address> = match seeds {
            None => site::feeds()
                .iter()
                .filter_map(|feed| Address::of_path(&feed.url["https://mp.weixin.qq.com".len()..]))
                .collect(),
            Some(title) => all.iter().copied().filter(|one| one.essay().title == title).collect(),
        };
        assert!(!seeds.is_empty());
        let mut reached: BTreeMap<String, u32> = BTreeMap::new();
        let mut next: Vec<(Address, u32)> = seeds.into_iter().map(|seed| (seed, 0)).collect();
        while let Some((address, depth)) = next.pop() {
            if reached.get(&address.key()).is_none_or(|known| *known > depth) {
                reached.insert(address.key(), depth);
                next.extend(address.past_issues().map(|past| (past, depth + 1)));
            }
        }
        assert!(reached.values().all(|depth| *depth <= site::DEPTH));
        if pass == 1 {
            assert_eq!((reached.len(), all.len()), (site::ARTICLES, site::ARTICLES));
        } else {
            assert_eq!(reached.len(), 8, "the new article leads to all of its account");
        }
    }
}

#[test]
fn every_picture_is_served_and_decodes() {
    let mut drawn = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for address in Address::published_by(2) {
        let text = wangqi::cli::demo::pages::page(address, 1, "").render(1);
        let html = Html::parse_document(&text);
        let images = select(&html, "#js_content img").into_iter().filter_map(|image| image.value().attr("data-src"));
        let covers =
            select(&html, "meta[property='og:image']").into_iter().filter_map(|meta| meta.value().attr("content"));
        let urls: Vec<&str> = images.chain(covers).collect();
        assert!(urls.len() >= 3, "{}", address.essay().title);
        for url in urls {
            let canonical = CanonicalUrl::parse(url).unwrap();
            assert_eq!(canonical.host(), PICTURES_HOST);
            let answer = ask(canonical.as_str(), 1, 1);
            assert_eq!(answer.status, 200, "{url}");
            check_png(&answer.body);
            ids.insert(canonical.as_str().split('/').nth(4).unwrap().to_owned());
            drawn.insert(answer.body);
        }
    }
    assert!(ids.len() > drawn.len(), "a banner was uploaded twice");
    assert!(drawn.len() > 20, "{} pictures", drawn.len());
    assert_eq!(ask("https://mmbiz.qpic.cn/mmbiz_png/unknown/0", 1, 1).status, 404);
}

/// Signature, every chunk's CRC, and as many pixels as the header says.
fn check_png(file: &[u8]) {
    let rest = file.strip_prefix(b"\x89PNG\r\n\x1a\n").expect("a PNG signature");
    let (mut rest, mut kinds, mut pixels) = (rest, Vec::new(), Vec::new());
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let mut crc = flate2::Crc::new();
        crc.update(&rest[4..8 + length]);
        assert_eq!(crc.sum().to_be_bytes(), rest[8 + length..12 + length]);
        kinds.push(String::from_utf8_lossy(&rest[4..8]).into_owned());
        if rest[4..8] == *b"IDAT" {
            flate2::read::ZlibDecoder::new(&rest[8..8 + length]).read_to_end(&mut pixels).unwrap();
        }
        rest = &rest[12 + length..];
    }
    assert_eq!(kinds, ["IHDR", "IDAT", "IEND"]);
    let (width, height) = picture::SIZE;
    assert_eq!(pixels.len(), (usize::from(width) * 3 + 1) * usize::from(height));
    assert!((2_000..60_000).contains(&file.len()), "{} bytes", file.len());
}

#[test]
fn between_the_passes_exactly_four_things_happen() {
    let (before, after) = (Address::published_by(1), Address::published_by(2));
    let mut changed = Vec::new();
    for address in &after {
        let (one, two) = (page(&address.long_link(), 1, 9), page(&address.long_link(), 2, 9));
        if one != two {
            changed.push((address.essay().title, body_of(&one), body_of(&two)));
        }
    }
    assert_eq!(changed.len(), 3);
    let (_, old, new) = changed.iter().find(|(title, ..)| *title == site::EDITED).unwrap();
    assert!(!old.is_empty() && old != new && new.contains("双河口"));
    let (_, old, gone) = changed.iter().find(|(title, ..)| *title == site::DELETED).unwrap();
    assert!(!old.is_empty() && gone.is_empty());
    let fresh: Vec<&Address> = after.iter().filter(|address| !before.contains(address)).collect();
    assert_eq!(fresh.len(), 1);
    let (_, old, new) = changed.iter().find(|(title, ..)| *title == fresh[0].essay().title).unwrap();
    assert!(old.is_empty() && !new.is_empty());
    let notices = |pass| web::notices(pass).len();
    assert_eq!((notices(1), notices(2)), (site::NOTICES, site::NOTICES + 1));
    assert_eq!(fresh.len() + notices(2) - notices(1), site::NEW);
    let feed = |pass| page("https://news.example/feed.xml", pass, 1).matches("<item>").count();
    assert_eq!((feed(1), feed(2)), (site::NOTICES, site::NOTICES + site::NEW));
    assert_eq!(texts::ACCOUNTS.iter().map(|account| account.essays.len()).sum::<usize>(), site::ARTICLES + 1);
}

#[test]
fn pages_that_are_no_article_have_their_marks() {
    let gone = Address::published_by(1).into_iter().find(|address| address.essay().title == site::DELETED).unwrap();
    for (page, title) in [
        (page(&gone.short_link(), 2, 1), "该内容已被发布者删除"),
        (page("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA", 1, 1), "参数错误"),
        (page(&gone.long_link().replace("&sn=", "&sn=0"), 1, 1), "参数错误"),
    ] {
        let html = Html::parse_document(&page);
        assert_eq!(text_of(&html, ".weui-msg .weui-msg__title.warn"), title);
        assert!(select(&html, "#js_content, #js_article").is_empty() && !page.contains("cgiDataNew = "));
    }
    let captcha = site::feeds().into_iter().find(|feed| feed.url.contains(site::CAPTCHA_HOST)).unwrap();
    let captcha = page(&captcha.url, 1, 1);
    for mark in ["mmbizwap:secitptpage/verify.html", "TCaptcha.js", "poc_token", "id=\"js_verify\"", "环境异常"] {
        assert!(captcha.contains(mark), "{mark}");
    }
    assert_eq!(site::answer(&Asked::get("elsewhere.example", "/"), 1, 1).status, 421);
}

#[test]
fn the_paper_is_an_ordinary_site_with_validators() {
    let first = ask("https://news.example/feed.xml", 1, 1);
    let value = |answer: &Answer, name: &str| {
        answer.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone()).unwrap()
    };
    let mut again = Asked::get("news.example", "/feed.xml");
    again.headers = vec![("if-none-match".into(), value(&first, "etag"))];
    assert_eq!(site::answer(&again, 1, 2).status, 304);
    assert_eq!(site::answer(&again, 2, 3).status, 200, "the second pass has news");
    again.headers = vec![("if-modified-since".into(), value(&first, "last-modified"))];
    assert_eq!((site::answer(&again, 1, 2).status, site::answer(&again, 2, 2).status), (304, 200));
    for notice in web::notices(2) {
        let html = Html::parse_document(&page(&web::notice_url(notice), 2, 1));
        assert_eq!(text_of(&html, "article h1"), notice.title);
        assert_eq!(select(&html, "article .content p").len(), notice.body.lines().count());
    }
    assert_eq!(ask("https://news.example/2026/river-lights", 1, 1).status, 404);
}

#[test]
fn the_configuration_is_toml_and_names_every_host() {
    let address: SocketAddr = "127.0.0.1:4433".parse().unwrap();
    let text = site::crawl_toml(address, Path::new("/tmp/a \"b\"/ca.pem"), Path::new("/tmp/archive"));
    let toml: toml_edit::DocumentMut = text.parse().unwrap();
    assert_eq!(toml["fetch"]["ca_file"].as_str(), Some("/tmp/a \"b\"/ca.pem"));
    for host in site::HOSTS {
        assert_eq!(toml["fetch"]["hosts"][host].as_str(), Some("127.0.0.1:4433"));
    }
    assert_eq!(toml["site"].as_array_of_tables().unwrap().len(), site::HOSTS.len());
    let feeds = toml["feed"].as_array_of_tables().unwrap();
    assert_eq!(feeds.iter().filter(|feed| feed.contains_key("follow")).count(), 2);
    assert_eq!(feeds.len(), site::feeds().len());
}

fn client(server: &Server, http1: bool) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls_pki_types::CertificateDer::from_pem_slice(server.ca_pem().as_bytes()).unwrap()).unwrap();
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = if http1 { vec![b"http/1.1".to_vec()] } else { vec![b"h2".to_vec()] };
    let mut builder = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls);
    for host in site::HOSTS {
        builder = builder.resolve(host, server.address());
    }
    builder.build().unwrap()
}

#[tokio::test]
async fn the_server_speaks_both_protocols_and_remembers() {
    let handler = Arc::new(|asked: &Asked| site::answer(asked, 1, 5));
    let server = Server::start(true, site::HOSTS, handler).await.unwrap();
    assert!(server.address().ip().is_loopback());
    let address = Address::published_by(1)[0];
    let port = server.address().port();
    let url = address.short_link().replace(ACCOUNTS_HOST, &format!("{ACCOUNTS_HOST}:{port}"));
    for (http1, version) in [(true, http::Version::HTTP_11), (false, http::Version::HTTP_2)] {
        let answer = client(&server, http1).get(&url).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
        assert_eq!(answer.text().await.unwrap(), page(&address.short_link(), 1, 5));
    }
    let squeezed = client(&server, false).get(&url).header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(squeezed.headers()["content-encoding"], "gzip");
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&*squeezed.bytes().await.unwrap()).read_to_string(&mut plain).unwrap();
    assert_eq!(plain, page(&address.short_link(), 1, 5));
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|one| one.host == ACCOUNTS_HOST && one.path.starts_with("/s/") && one.method == "GET"));
    assert_eq!(asked[2].header("accept-encoding"), Some("gzip, br"));

    let (address, trusting) = (server.address(), client(&server, true));
    drop(server);
    assert!(trusting.get(&url).send().await.is_err(), "a dropped server answers nobody");
    drop(trusting);
    // Its port can be listened on again: nothing of it is left.
    let mut tries = 0;
    while tokio::net::TcpListener::bind(address).await.is_err() {
        tries += 1;
        assert!(tries < 1_000_000, "the port is never let go");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_server_speaks_plain_http_too() {
    let handler = Arc::new(|asked: &Asked| Answer::ok("text/plain", asked.path.clone()).with("x-a", "b"));
    let server = Server::start(false, &[], handler).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(plain_tls()).build().unwrap();
    let answer = client.get(format!("http://{}/a?b=c", server.address())).send().await.unwrap();
    assert_eq!(answer.headers()["x-a"], "b");
    assert_eq!(answer.text().await.unwrap(), "/a?b=c");
    assert_eq!((server.ca_pem(), server.asked()[0].host.as_str()), ("", "127.0.0.1"));
}

fn plain_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
