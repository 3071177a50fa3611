//! `wangqi extract` as a user runs it.

use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../corpus/wechat/g0_legacy/page.html");

fn wangqi(folder: &Path, arguments: &[&str], input: impl AsRef<[u8]>) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wangqi"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_ref()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

#[test]
fn every_line_is_answered_once_whatever_it_asks() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), PAGE).unwrap();
    let packed = std::fs::File::create(folder.path().join("page.html.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packed.write_all(PAGE.as_bytes()).unwrap();
    packed.finish().unwrap();
    std::fs::write(folder.path().join("broken.gz"), "not gzip").unwrap();
    let url = "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA";
    let asked = [
        json!({"id": "plain", "file": "page.html", "url": url}).to_string(),
        json!({"id": 2, "file": "page.html.gz", "url": ""}).to_string(),
        json!({"id": "missing", "file": "none.html", "url": url}).to_string(),
        json!({"id": "broken", "file": "broken.gz", "url": url}).to_string(),
        json!({"id": "scheme", "file": "page.html", "url": "file:///x"}).to_string(),
        "no json".to_owned(),
        String::new(),
    ];
    // Bytes that are not UTF-8 are a bad line like any other.
    let input = [b"\xff\n", asked.join("\n").as_bytes(), b"\n"].concat();
    let (code, out, err) = wangqi(folder.path(), &["extract", "--jsonl"], input);
    assert_eq!((code, err.as_str()), (0, ""));
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 7);
    let of = |id: Value| answers.iter().find(|answer| answer["id"] == id).unwrap();
    for id in [json!("plain"), json!(2)] {
        let answer = of(id);
        assert_eq!(answer["status"], "article");
        assert_eq!(answer["key"], "wx:3900000001:2651960100:3");
        assert!(answer.get("error").is_none());
    }
    for id in [json!("missing"), json!("broken"), json!("scheme"), json!(null)] {
        assert_eq!(of(id.clone())["status"], "not_an_article", "{id}");
        assert!(!of(id)["error"].as_str().unwrap().is_empty());
    }
}

#[test]
fn one_page_is_written_as_markdown_with_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = wangqi(folder.path(), &["extract", "--format", "markdown", "-"], PAGE);
    assert_eq!(code, 0);
    let url = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&mid=2651960100&idx=3&sn=3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c&chksm=";
    let head = format!("# 旧时的渡口\n\n文章作者: 渡口纪事 / 老船工\n发布时间: 2017-07-31 20:05\n原文链接: {url}");
    assert!(out.starts_with(&head), "{out}");
    assert!(
        out.contains("\n\n封面图链接: http://mmbiz.qpic.cn/mmbiz_jpg/OLDCOVER/0?wx_fmt=jpeg\n\n十年前这里还没有桥。\n"),
        "{out}"
    );
    // The body has its own section of past issues (相关文章), so none is added.
    assert!(out.contains("[船票的价钱]") && !out.contains("往期回顾"), "{out}");
}

#[test]
fn a_page_that_cannot_be_opened_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = wangqi(folder.path(), &["extract", "none.html"], "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("none.html"), "{err}");
    assert_eq!(wangqi(folder.path(), &["extract"], "").0, 2);
}
