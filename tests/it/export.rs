//! The tarball: what is in it, that every tar reads it, and that the same archive gives the same bytes.

use crate::crawl::{demo_feeds, demo_site};
use crate::support::child::{Running, is_there, run, until};
use crate::support::{Bench, say};
use chrono::TimeDelta;
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::Ordering;
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::cli::demo::site;
use wangqi::crawl::Pass;

/// The demo's site, crawled twice, with an edited and a deleted article.
pub(crate) async fn held() -> Bench {
    let (pass, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
    let poll = || Pass { poll: true, due: true, ..Pass::default() };
    bench.crawl(poll()).await;
    pass.store(2, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(2));
    bench.crawl(Pass { recheck: true, ..poll() }).await;
    bench.ahead(TimeDelta::hours(2));
    bench.crawl(Pass { recheck: true, ..poll() }).await;
    bench
}

/// The files of a tar, by path.
pub(crate) fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut tar = tar::Archive::new(bytes);
    let mut files = BTreeMap::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert!(files.insert(path.clone(), content).is_none(), "{path} stands twice");
    }
    files
}

pub(crate) fn exported(bench: &Bench, arguments: &[&str]) -> Output {
    run(bench.command(&["export"]).args(arguments))
}

pub(crate) fn good(bench: &Bench, arguments: &[&str]) -> Vec<u8> {
    let output = exported(bench, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tarball_holds_everything_and_says_so() {
    let bench = held().await;
    let target = bench.path("out.tar");
    good(&bench, &["-o", target.to_str().unwrap()]);
    let bytes = std::fs::read(&target).unwrap();
    let files = files(&bytes);
    let names: Vec<&String> = files.keys().collect();
    assert!(names.iter().all(|name| name.starts_with("wangqi-archive/")), "{names:?}");
    assert_eq!(files["wangqi-archive/VERSION"], std::fs::read(bench.path("archive/VERSION")).unwrap());
    for entry in std::fs::read_dir(bench.path("archive/segments")).unwrap() {
        let entry = entry.unwrap();
        let name = format!("wangqi-archive/segments/{}", entry.file_name().to_str().unwrap());
        assert!(files[&name] == std::fs::read(entry.path()).unwrap(), "{name} is as it is");
    }
    // The manifest comes last and has every other file.
    let manifest = String::from_utf8(files["wangqi-archive/manifest.jsonl"].clone()).unwrap();
    let mut lines = manifest.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let head = lines.next().unwrap();
    let articles = names.iter().filter(|name| name.ends_with("/article.html")).count();
    assert_eq!((head["wangqi"].as_str(), head["version"].as_u64()), (Some("tarball"), Some(1)));
    assert_eq!((head["segments"].as_bool(), &head["selection"]), (Some(true), &serde_json::Value::Null));
    assert_eq!(head["articles"].as_u64().unwrap() as usize, articles);
    assert_eq!(articles, site::ARTICLES + site::NOTICES + site::NEW);
    let listed: Vec<_> = lines.collect();
    assert_eq!(listed.len(), files.len() - 1);
    assert_eq!(head["files"].as_u64().unwrap() as usize, listed.len());
    let total: u64 = listed.iter().map(|line| line["size"].as_u64().unwrap()).sum();
    assert_eq!(head["bytes"].as_u64().unwrap(), total);
    for line in &listed {
        let content = &files[line["path"].as_str().unwrap()];
        let digest: String = sha2::Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (line["size"].as_u64().unwrap() as usize, line["sha256"].as_str().unwrap()),
            (content.len(), digest.as_str())
        );
    }
    each_article_reads_by_itself(&bench, &files);
}

fn each_article_reads_by_itself(bench: &Bench, files: &BTreeMap<String, Vec<u8>>) {
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let mut pictures = 0;
    for page in files.keys().filter(|name| name.ends_with("/article.html")) {
        let folder = page.strip_suffix("/article.html").unwrap();
        let html = text(page);
        assert!(html.contains("default-src 'none'"), "{page}");
        // Every picture is there, and nothing is loaded from anywhere else.
        for source in html.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(files.contains_key(&format!("{folder}/{source}")), "{page} shows {source}");
            pictures += 1;
        }
        // A link to an article that is here too leads there.
        for link in html.split("href=\"../").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let path = percent_encoding::percent_decode_str(link).decode_utf8().unwrap();
            assert!(files.contains_key(&format!("wangqi-archive/articles/{path}")), "{page} leads to {path}");
        }
        let json: serde_json::Value = serde_json::from_str(&text(&format!("{folder}/article.json"))).unwrap();
        let shown = bench.wangqi(&["show", json["key"].as_str().unwrap(), "--format", "json"]);
        assert_eq!(json, serde_json::from_str::<serde_json::Value>(&shown).unwrap());
        let markdown = text(&format!("{folder}/article.md"));
        assert!(markdown.starts_with("# "), "{markdown}");
        for picture in markdown.split("](images/").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            assert!(files.contains_key(&format!("{folder}/images/{picture}")), "{page}: {picture}");
        }
    }
    assert!(pictures > 10, "{pictures}");
    let deleted = files.iter().filter(|(name, _)| name.ends_with("/article.html") && name.contains(site::DELETED));
    let deleted: Vec<String> = deleted.map(|(name, _)| text(name)).collect();
    assert_eq!(deleted.len(), 1);
    assert!(deleted[0].contains("原文已被作者删除"), "{}", deleted[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_archive_gives_the_same_bytes() {
    let bench = held().await;
    let answers = bench.can_answer("the_same_archive_gives_the_same_bytes");
    if answers {
        look_once(&bench);
    }
    let first = good(&bench, &["-o", "-"]);
    let compressed = good(&bench, &["-o", "-", "--zstd"]);
    assert!(first == good(&bench, &["-o", "-"]), "again");
    assert!(compressed == good(&bench, &["-o", "-", "--zstd"]), "again, compressed");
    assert!(zstd::decode_all(compressed.as_slice()).unwrap() == first, "compressed, it is the same tar");
    // From another path, with another crawl.toml.
    let elsewhere = crate::support::folder();
    let copied = run(Command::new("cp").arg("-r").arg(bench.path("archive")).arg(elsewhere.path().join("held")));
    assert!(copied.status.success());
    std::fs::write(elsewhere.path().join("crawl.toml"), "[archive]\npath = \"held\"\n").unwrap();
    let other = run(Command::new(env!("CARGO_BIN_EXE_wangqi"))
        .args(["--config", "crawl.toml", "export", "-o", "-"])
        .current_dir(elsewhere.path()));
    assert!(other.status.success() && first == other.stdout, "from another path");
    if answers {
        through_the_daemon(&bench, &first, &compressed);
    }
    bench.wangqi(&["reindex"]);
    assert!(first == good(&bench, &["-o", "-"]), "after reindex");
}

/// Lets the daemon come up once. Its feed was polled a moment ago, and a start is no reason to ask again.
fn look_once(bench: &Bench) {
    let mut daemon = Running::start(&mut quiet(bench));
    until("the control socket", || bench.path("archive/control.sock").exists());
    daemon.signal("TERM");
    assert_eq!(daemon.code(), Some(0));
}

fn through_the_daemon(bench: &Bench, first: &Vec<u8>, compressed: &Vec<u8>) {
    // Through the daemon that holds it, to standard output and to a file.
    let mut daemon = Running::start(&mut quiet(bench));
    until("the control socket", || bench.path("archive/control.sock").exists());
    assert!(*first == good(bench, &["-o", "-"]), "through the daemon");
    let target = bench.path("held.tar.zst");
    good(bench, &["-o", target.to_str().unwrap(), "--zstd"]);
    assert!(*compressed == std::fs::read(&target).unwrap(), "through the daemon, compressed");
    let none = exported(bench, &["-o", bench.path("none.tar").to_str().unwrap(), "--account", "无此号"]);
    assert_eq!(none.status.code(), Some(6), "{none:?}");
    assert!(!bench.path("none.tar").exists());
    daemon.signal("TERM");
    assert_eq!(daemon.code(), Some(0));
}

/// The daemon with a feed that is not due for a hundred years.
fn quiet(bench: &Bench) -> Command {
    let toml = std::fs::read_to_string(bench.path("crawl.toml")).unwrap();
    let calm = toml.split("[[feed]]").next().unwrap().to_owned()
        + "[[feed]]\nname = \"x\"\nurl = \"https://127.0.0.1:1/x\"\nschedule = \"0 0 0 1 1 * 2099\"\n";
    let calm = calm.replacen("[archive]", "[crawl]\nrecheck = []\n[archive]", 1);
    std::fs::write(bench.path("calm.toml"), calm).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
    command.arg("--config").arg(bench.path("calm.toml")).arg("run");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tar_reads_it() {
    let bench = held().await;
    let (plain, packed) = (bench.path("a.tar"), bench.path("a.tar.zst"));
    good(&bench, &["-o", plain.to_str().unwrap()]);
    good(&bench, &["-o", packed.to_str().unwrap(), "--zstd"]);
    let expected = files(&std::fs::read(&plain).unwrap());
    let python = "import sys, tarfile\nsafely = {'filter': 'data'} if hasattr(tarfile, 'data_filter') else {}\n\
                  with tarfile.open(sys.argv[1]) as tar:\n    tar.extractall(sys.argv[2], **safely)";
    let into = |name: &str| {
        let folder = bench.path(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    };
    let mut read_by = Vec::new();
    let mut check = |name: &str, program: &str, arguments: &dyn Fn(&Path) -> Vec<std::ffi::OsString>| {
        if !is_there(program) {
            say(&format!("every_tar_reads_it: {program} is not here, {name} is left out"));
            return;
        }
        let folder = into(name);
        // UTF-8, as everywhere: in a C locale bsdtar refuses names that are not ASCII.
        let output = run(Command::new(program).args(arguments(&folder)).env("LC_ALL", "C.UTF-8"));
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        // The test's clock is ahead, and some tell.
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.lines().filter(|line| !line.contains("in the future")).collect();
        assert_eq!(said, [""; 0], "{name} has nothing to complain about");
        for (path, content) in &expected {
            assert!(std::fs::read(folder.join(path)).unwrap() == *content, "{name}: {path}");
        }
        assert!(!folder.join("PaxHeaders").exists());
        read_by.push(name.to_owned());
    };
    let plain_arguments = |folder: &Path| vec!["-xf".into(), plain.clone().into(), "-C".into(), folder.into()];
    check("tar", "tar", &plain_arguments);
    check("bsdtar", "bsdtar", &plain_arguments);
    check("python", "python3", &|folder| vec!["-c".into(), python.into(), plain.clone().into(), folder.into()]);
    check("bsdtar-zstd", "bsdtar", &|folder| vec!["-xf".into(), packed.clone().into(), "-C".into(), folder.into()]);
    if is_there("zstd") {
        check("tar-zstd", "tar", &|folder| {
            vec!["--zstd".into(), "-xf".into(), packed.clone().into(), "-C".into(), folder.into()]
        });
    }
    assert!(!read_by.is_empty(), "not one program to read it with");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_is_what_was_chosen() {
    let bench = held().await;
    let titles = |arguments: &[&str]| -> Vec<String> {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-o", "-"]).collect();
        let files = files(&good(&bench, &arguments));
        assert!(!files.keys().any(|name| name.contains("/segments/") || name.ends_with("/VERSION")), "{arguments:?}");
        let manifest = String::from_utf8(files["wangqi-archive/manifest.jsonl"].clone()).unwrap();
        assert!(manifest.starts_with("{\"wangqi\":\"tarball\",\"version\":1,"), "{manifest}");
        assert!(manifest.lines().next().unwrap().contains("\"segments\":false"), "{manifest}");
        let json = files.iter().filter(|(name, _)| name.ends_with("/article.json"));
        let json = json.map(|(_, text)| serde_json::from_slice::<serde_json::Value>(text).unwrap());
        let mut titles: Vec<String> = json.map(|one| one["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    let list: serde_json::Value = serde_json::from_str(&bench.wangqi(&["list", "--json"])).unwrap();
    let listed = |so: &dyn Fn(&serde_json::Value) -> bool| -> Vec<String> {
        let chosen = list.as_array().unwrap().iter().filter(|row| so(row) && row["snapshots"].as_u64() != Some(0));
        let mut titles: Vec<String> = chosen.map(|row| row["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    assert_eq!(titles(&["--readable"]), listed(&|_| true));
    assert_eq!(titles(&["--state", "deleted"]), [site::DELETED]);
    let feeds: Vec<&str> = site::feeds().iter().map(|feed| feed.name).collect();
    assert_eq!(titles(&["--feed", feeds[0]]), listed(&|row| row["feed"] == feeds[0]));
    let both = titles(&["--feed", feeds[0], "--feed", feeds[1]]);
    assert_eq!(both, listed(&|row| row["feed"] == feeds[0] || row["feed"] == feeds[1]));
    assert!(both.len() > titles(&["--feed", feeds[0]]).len());
    let account = list[0]["account"].as_str().unwrap();
    assert_eq!(titles(&["--account", account]), listed(&|row| row["account"] == account));
    let mut days: Vec<String> = listed(&|_| true).iter().map(|_| String::new()).collect();
    days.clear();
    days.extend(list.as_array().unwrap().iter().filter_map(|row| Some(row["published"].as_str()?[..10].to_owned())));
    days.sort();
    let day = days[days.len() / 2].as_str();
    let on = |row: &serde_json::Value| row["published"].as_str().map(|at| at[..10].to_owned()).unwrap_or_default();
    assert_eq!(titles(&["--since", day, "--until", day]), listed(&|row| on(row) == day));
    for (arguments, code) in [
        (vec!["--account", "无此号"], 6),
        (vec!["--since", "2999-01-01"], 6),
        (vec!["--since", "gestern"], 2),
        (vec!["--state", "gone"], 2),
        (vec!["--format", "markdown", "--zstd"], 2),
        (vec!["--format", "epub"], 2),
    ] {
        let output = exported(&bench, &[arguments.as_slice(), &["-o", bench.path("no").to_str().unwrap()]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        assert!(!bench.path("no").exists() && output.stdout.is_empty());
    }
}

/// A feed of one page, with these pictures beside it.
fn one_page(html: &'static str, pictures: &'static [(&'static str, u16, &'static str, &'static [u8])]) -> Handler {
    std::sync::Arc::new(move |asked: &Asked| {
        let answer = |kind: &str, body: &'static [u8], status| Answer {
            status,
            headers: vec![("content-type".into(), kind.into())],
            body: bytes::Bytes::from_static(body),
        };
        if asked.path == "/feed.xml" {
            let feed = "<rss version=\"2.0\"><channel><title>x</title><item><title>t</title><link>https://pages.example/page</link>\
                        </item></channel></rss>";
            return answer("application/rss+xml", feed.as_bytes(), 200);
        }
        match pictures.iter().find(|(path, ..)| *path == asked.path) {
            Some((_, status, kind, body)) => answer(kind, body, *status),
            None if asked.path == "/page" => answer("text/html", html.as_bytes(), 200),
            None => Answer::status(404),
        }
    })
}

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR-not-much-of-a-picture";
const DRAWING: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
const PARAGRAPH: &str = "<p>A paragraph that is long enough to be taken for the body of an article, with a comma or two, \
                         and a second clause so that nobody doubts it. It goes on for a while, as paragraphs do, and ends.</p>";

#[tokio::test(flavor = "multi_thread")]
async fn only_pictures_are_exported_as_pictures() {
    let page = format!(
        "<html><head><title>../../etc/CON: \u{202e}gpj\u{7}.exe|{}</title></head><body><article><h1>Pictures</h1>{PARAGRAPH}{PARAGRAPH}\
         <p><img src=\"/good.png\" alt=\"good\"> <img src=\"/same.png\"> <img src=\"/gone.png\" alt=\"gone\"> <img src=\"/json.png\" alt=\"json\">\
         <img src=\"/draw.svg\" alt=\"draw\"></p>{PARAGRAPH}{PARAGRAPH}</article></body></html>",
        "长".repeat(300)
    );
    let html: &'static str = Box::leak(page.into_boxed_str());
    let handler = one_page(
        html,
        &[
            ("/good.png", 200, "image/png", PICTURE),
            ("/same.png", 200, "text/plain", PICTURE),
            ("/gone.png", 404, "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR-of-an-error-page"),
            ("/json.png", 200, "image/png", b"{\"error\": \"not found\"}"),
            ("/draw.svg", 200, "image/svg+xml", DRAWING),
        ],
    );
    let feed = "[[feed]]\nname = \"x\"\nurl = \"https://pages.example/feed.xml\"\n";
    let bench = Bench::start(&["pages.example"], handler, feed).await;
    bench.crawl(Pass { poll: true, due: true, ..Pass::default() }).await;
    let files = files(&good(&bench, &["--readable", "-o", "-"]));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let folder = names.iter().find_map(|name| name.strip_suffix("/article.html")).unwrap();
    let name = folder.rsplit('/').next().unwrap();
    assert!(name.len() <= 143 && !name.contains(['\u{202e}', '\u{7}', ':', '|']), "{name}");
    assert_eq!(folder, format!("wangqi-archive/articles/{name}"));
    let files_beside: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix(folder)).collect();
    let [_, _, _, drawing, picture] = files_beside[..] else { panic!("{files_beside:?}") };
    let (drawing, picture) = if drawing.ends_with("txt") { (drawing, picture) } else { (picture, drawing) };
    assert!(crate::vault::is(picture, "png") && drawing.ends_with(".svg.txt"), "{files_beside:?}");
    assert_eq!(files[&format!("{folder}{picture}")], PICTURE);
    let html = String::from_utf8(files[&format!("{folder}/article.html")].clone()).unwrap();
    assert_eq!(html.matches(&format!("src=\"{}\"", &picture[1..])).count(), 2, "two URLs, one picture: {html}");
    assert!(html.contains("src=\"data:image/svg+xml;base64,"), "{html}");
    for missing in ["gone", "json"] {
        let link = format!(
            "<a href=\"https://pages.example/{missing}.png\" rel=\"noopener noreferrer\">[图片: {missing}]</a>"
        );
        assert!(html.contains(&link), "{html}");
    }
    let loaded: Vec<&str> = html.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(
        loaded.iter().all(|source| source.starts_with("images/") || source.starts_with("data:image/")),
        "{loaded:?}"
    );
    assert!(!html.contains("<script") && !html.contains('\u{202e}'), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_cannot_be_read_is_left_out_and_said() {
    let bench = held().await;
    let whole = files(&good(&bench, &["-o", "-", "--readable"]));
    // One byte in the middle of the first web page that is held.
    let segment = std::fs::read_dir(bench.path("archive/segments")).unwrap().map(|entry| entry.unwrap().path());
    let segment = segment.filter(|path| path.to_str().unwrap().contains("wechat")).min().unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    // Hurt the records one after another until one of them is an article's last.
    let archive = bench.open();
    let row = archive
        .reader()
        .articles()
        .find_map(|row| row.ok().filter(|(key, _)| key.as_str().starts_with("wx:")))
        .unwrap();
    drop(archive);
    let place = serde_json::to_value(row.1.snapshots.last().unwrap().place).unwrap();
    let (at, length) = (place[1].as_u64().unwrap() as usize, place[2].as_u64().unwrap() as usize);
    bytes[at + length / 2] ^= 0x55;
    std::fs::write(&segment, &bytes).unwrap();
    let target = bench.path("hurt.tar");
    let output = exported(&bench, &["-o", target.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains(&format!("the article {} is left out: segment", row.0)), "{said}");
    let left = files(&std::fs::read(&target).unwrap());
    let count = |files: &BTreeMap<String, Vec<u8>>| files.keys().filter(|name| name.ends_with("/article.html")).count();
    assert_eq!(count(&left), count(&whole) - 1, "everything else is there");
    assert!(left.keys().any(|name| name.ends_with(".warc.zst")), "and the segments as they are");
}

/// What a title may be that means no good.
fn hostile_titles() -> Vec<String> {
    let long = "往".repeat(500);
    let titles = [
        "../../../etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "",
        "CON",
        "nul.txt",
        "a\u{0}b",
        "line\nbreak\r\u{1b}[31m",
        "\u{202e}txt.exe",
        "Same Title",
        "same title",
        "SAME TITLE.",
        "same title ",
        "e\u{301}",
        "\u{e9}",
        &long,
        "C:\\x|y*?\"<>",
        "\u{200b}\u{feff}",
        "~",
        "-rf",
    ];
    titles.map(str::to_owned).to_vec()
}

/// An archive of pages with these titles.
fn hostile_archive(root: &Path, titles: &[String]) {
    use wangqi::model::{Finding, Key};
    let archive = wangqi::archive::Archive::open(root, &mut |_| {}).unwrap();
    for (number, title) in titles.iter().enumerate() {
        let link = format!("https://titles.example/{number}");
        let mut visit = crate::archive::article(&link, &Key::from_written(link.as_str()), "text", &link, 1);
        let Finding::Article(judgement) = &mut visit.finding else { unreachable!() };
        judgement.document.title = Some(title.clone());
        judgement.document.account = Some("../account\u{0}/\u{202e}".into());
        judgement.document.html = format!("<p>{number}</p><script>alert(1)</script><img src=\"javascript:x\">");
        archive.commit(visit).unwrap();
    }
}

#[test]
fn no_title_leaves_its_folder_or_takes_anothers() {
    let folder = crate::support::folder();
    let titles = hostile_titles();
    hostile_archive(&folder.path().join("archive"), &titles);
    std::fs::write(folder.path().join("crawl.toml"), "").unwrap();
    let wangqi = |arguments: &[&str]| {
        let output = run(Command::new(env!("CARGO_BIN_EXE_wangqi")).args(arguments).current_dir(folder.path()));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    let files = files(&wangqi(&["export", "-o", "-"]).stdout);
    let mut seen = std::collections::BTreeSet::new();
    for (path, content) in files.iter().filter(|(path, _)| path.contains("/articles/")) {
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!((parts.len(), parts[0], parts[1]), (4, "wangqi-archive", "articles"), "{path}");
        assert!(parts[2].starts_with("2023-11-14 ") && parts[2].len() <= 143, "{path}");
        assert!(
            !parts[2].chars().any(|letter| letter.is_control() || "<>:\"\\|?*\u{202e}\u{200b}".contains(letter)),
            "{path}"
        );
        assert!(!parts[2].ends_with(['.', ' ']), "{path}");
        assert!(seen.insert(path.to_lowercase()), "{path} is another's where case does not count");
        let text = String::from_utf8_lossy(content);
        assert!(crate::vault::is(path, "json") || !text.contains("<script") && !text.contains("javascript:"), "{text}");
    }
    assert_eq!(seen.len(), 3 * titles.len());
    if is_there("python3") {
        let script = "import sys, tarfile\ntarfile.open(fileobj=sys.stdin.buffer, mode='r|').extractall('out')";
        wangqi(&["export", "-o", "all.tar"]);
        let tar = std::fs::File::open(folder.path().join("all.tar")).unwrap();
        let mut python = Command::new("python3");
        let python = python.args(["-c", script]).current_dir(folder.path()).stdin(tar);
        let done = crate::support::child::finish(
            python.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap(),
            "python3",
        );
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(std::fs::read_dir(folder.path().join("out/wangqi-archive/articles")).unwrap().count(), titles.len());
    }
    // As notes too: one each, and the index names them all.
    wangqi(&["export", "--format", "markdown", "-o", "notes"]);
    let notes = std::fs::read_dir(folder.path().join("notes")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(notes.filter(|name| crate::vault::is(name.to_str().unwrap(), "md")).count(), titles.len() + 1);
}
