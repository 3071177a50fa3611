//! What is typed.

use super::hostile::{Hostile, page};
use super::scene::Scene;
use crate::support::say;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt as _;

#[test]
fn command_is_unknown() {
    let scene = Scene::new("command_is_unknown");
    scene.tells(&scene.run(&["lsit"]));
}

#[test]
fn option_is_unknown() {
    let scene = Scene::new("option_is_unknown");
    scene.tells(&scene.run(&["list", "--jsno"]));
}

#[test]
fn option_has_a_wrong_value() {
    let scene = Scene::new("option_has_a_wrong_value");
    scene.tells(&scene.run(&["list", "--limit", "many"]));
}

#[test]
fn argument_is_not_utf8() {
    let scene = Scene::new("argument_is_not_utf8");
    scene.tells(
        &Scene::start(scene.wangqi([OsStr::new("list"), OsStr::new("--feed"), OsStr::from_bytes(b"caf\xe9")])).end(),
    );
}

#[test]
fn config_path_is_not_utf8() {
    let scene = Scene::new("config_path_is_not_utf8");
    let command = scene.wangqi([OsStr::new("--config"), OsStr::from_bytes(b"caf\xe9.toml"), OsStr::new("list")]);
    scene.tells(&Scene::start(command).end());
}

#[test]
fn url_is_no_url() {
    let scene = Scene::new("url_is_no_url");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["save", "example.org/article"]));
}

#[test]
fn url_is_not_http() {
    let scene = Scene::new("url_is_not_http");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["save", "file:///etc/passwd"]));
}

#[test]
fn url_holds_a_password() {
    let scene = Scene::new("url_holds_a_password");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["save", "ftp://me:hunter2@a.example/x"]));
}

#[test]
fn feed_is_unknown() {
    let scene = Scene::new("feed_is_unknown");
    scene.write("crawl.toml", "[[feed]]\nname = \"往期\"\nurl = \"https://a.example/feed\"\n");
    scene.tells(&scene.run(&["crawl", "往日"]));
}

#[test]
fn nothing_matches() {
    let scene = Scene::new("nothing_matches");
    let site = Hostile::plain(|_, line| page(line, "A page"));
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/page"]).exit, 0);
    scene.tells(&scene.run(&["list", "--account", "nobody"]));
}

#[test]
fn article_is_unknown() {
    let scene = Scene::new("article_is_unknown");
    let site = Hostile::plain(|_, line| page(line, "A page"));
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/page"]).exit, 0);
    scene.tells(&scene.run(&["show", "http://site.example/other"]));
}

#[test]
fn file_is_missing() {
    let scene = Scene::new("file_is_missing");
    scene.tells(&scene.run(&["extract", "page.html"]));
}

#[test]
fn output_is_full() {
    let scene = Scene::new("output_is_full");
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        return say("output_is_full: skipped, there is no /dev/full");
    };
    let site = Hostile::plain(|_, line| page(line, "A page"));
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/page"]).exit, 0);
    scene.tells(&Scene::start_with_output(scene.wangqi(["list"]), full.into()).end());
}

#[test]
fn output_of_a_crawl_is_full() {
    let scene = Scene::new("output_of_a_crawl_is_full");
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        return say("output_of_a_crawl_is_full: skipped, there is no /dev/full");
    };
    let site = Hostile::plain(|_, line| page(line, "A page"));
    scene.reach(&site, "");
    let command = scene.wangqi(["save", "--jsonl", "http://site.example/page"]);
    scene.tells(&Scene::start_with_output(command, full.into()).end());
}
