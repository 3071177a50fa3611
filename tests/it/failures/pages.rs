//! What a server answers where an article should be.

use super::hostile::{Hostile, Line, Wrong, article, html, reply, tell};
use super::scene::{Ran, Scene};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// What no page may take: measured, 45 MB for an empty crawl, and the largest page let through has 16 MiB.
const MOST_MEMORY: u64 = 200 << 20;

/// Saves one page of a site that answers like this.
fn saved(scene: &Scene, act: impl Fn(&str, &mut dyn Line) + Send + Sync + 'static) -> Ran {
    let site = Hostile::plain(act);
    scene.reach(&site, "");
    scene.run(&["save", "http://site.example/page"])
}

#[test]
fn page_is_not_found() {
    let scene = Scene::new("page_is_not_found");
    scene.tells(&saved(&scene, |_, line| reply(line, "404 Not Found", "", "no such page")));
}

#[test]
fn page_is_gone() {
    let scene = Scene::new("page_is_gone");
    scene.tells(&saved(&scene, |_, line| reply(line, "410 Gone", "", "no longer")));
}

#[test]
fn page_wants_a_login() {
    let scene = Scene::new("page_wants_a_login");
    scene.tells(&saved(&scene, |_, line| reply(line, "401 Unauthorized", "", "who are you?")));
}

#[test]
fn page_is_forbidden() {
    let scene = Scene::new("page_is_forbidden");
    scene.tells(&saved(&scene, |_, line| reply(line, "403 Forbidden", "", "not you")));
}

#[test]
fn server_fails() {
    let scene = Scene::new("server_fails");
    scene.tells(&saved(&scene, |_, line| reply(line, "500 Internal Server Error", "", "oh")));
}

#[test]
fn server_asks_to_wait() {
    let scene = Scene::new("server_asks_to_wait");
    scene.tells(&saved(&scene, |_, line| reply(line, "503 Service Unavailable", "retry-after: 7200\r\n", "later")));
}

#[test]
fn server_still_waits() {
    let scene = Scene::new("server_still_waits");
    let first = saved(&scene, |_, line| reply(line, "429 Too Many Requests", "retry-after: 7200\r\n", "later"));
    assert_eq!(first.exit, 4);
    // The second pass asks nobody: the site's pace was kept.
    scene.tells(&scene.run(&["save", "http://site.example/page"]));
}

#[test]
fn page_is_empty() {
    let scene = Scene::new("page_is_empty");
    scene.tells(&saved(&scene, |_, line| html(line, "")));
}

#[test]
fn page_is_a_picture() {
    let scene = Scene::new("page_is_a_picture");
    let picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";
    scene.tells(&saved(&scene, move |_, line| reply(line, "200 OK", "content-type: image/png\r\n", picture)));
}

#[test]
fn page_is_no_article() {
    let scene = Scene::new("page_is_no_article");
    scene.tells(&saved(&scene, |_, line| {
        html(line, "<title>Log in</title><form><input name=user><input type=password></form>");
    }));
}

#[test]
fn picture_is_a_page() {
    let scene = Scene::new("picture_is_a_page");
    scene.tells(&saved(&scene, |path, line| match path {
        "/page" => html(line, article("A lamp").replace("</h1>", "</h1><img src=\"/lamp.png\" alt=lamp>")),
        _ => html(line, "<p>please log in"),
    }));
}

#[test]
fn page_is_a_captcha() {
    let scene = Scene::new("page_is_a_captcha");
    let url = "https://mp.weixin.qq.com/s?__biz=MTIz&mid=7&idx=1&sn=0a1b2c3d4e5f60718293a4b5c6d7e8f9&chksm=ab";
    let text = wangqi::cli::demo::special::captcha(url, 1);
    let site = Hostile::tls(&["mp.weixin.qq.com"], Wrong::Nothing, move |_, line| html(line, &text));
    scene.write("ca.pem", &site.pem);
    scene.reach_all(&[("mp.weixin.qq.com", site.address)], "ca_file = \"ca.pem\"\n");
    scene.tells(&scene.run(&["save", url]));
}

#[test]
fn coding_is_not_what_it_says() {
    let scene = Scene::new("coding_is_not_what_it_says");
    let headers = "content-type: text/html\r\ncontent-encoding: gzip\r\n";
    scene.tells(&saved(&scene, |_, line| reply(line, "200 OK", headers, article("A lamp"))));
}

#[test]
fn coding_is_unknown() {
    let scene = Scene::new("coding_is_unknown");
    let headers = "content-type: text/html\r\ncontent-encoding: lamp\r\n";
    scene.tells(&saved(&scene, |_, line| reply(line, "200 OK", headers, article("A lamp"))));
}

/// Ten gigabytes of nothing, written until nobody listens.
fn ten_gigabytes(mut to: impl Write) -> io::Result<()> {
    let nothing = vec![b' '; 1 << 20];
    for _ in 0..10 * 1024 {
        to.write_all(&nothing)?;
    }
    to.flush()
}

#[test]
fn page_is_a_gzip_bomb() {
    let scene = Scene::new("page_is_a_gzip_bomb");
    let ran = saved(&scene, |_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n\r\n");
        let _ = ten_gigabytes(GzEncoder::new(line, Compression::fast()));
    });
    assert!(ran.memory < MOST_MEMORY, "it took {} MB", ran.memory >> 20);
    scene.tells(&ran);
}

#[test]
fn page_is_a_bomb_in_a_bomb() {
    let scene = Scene::new("page_is_a_bomb_in_a_bomb");
    let ran = saved(&scene, |_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip, gzip\r\n\r\n");
        let outer = GzEncoder::new(line, Compression::fast());
        let _ = ten_gigabytes(GzEncoder::new(outer, Compression::fast()));
    });
    assert!(ran.memory < MOST_MEMORY, "it took {} MB", ran.memory >> 20);
    scene.tells(&ran);
}

#[test]
fn page_has_50_mb() {
    let scene = Scene::new("page_has_50_mb");
    let ran = saved(&scene, |_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<!DOCTYPE html><p>");
        let text = "lamp ".repeat(200_000);
        for _ in 0..50 {
            if line.write_all(text.as_bytes()).is_err() {
                return;
            }
        }
    });
    assert!(ran.memory < MOST_MEMORY, "it took {} MB", ran.memory >> 20);
    scene.tells(&ran);
}

#[test]
fn page_says_it_has_50_mb() {
    let scene = Scene::new("page_says_it_has_50_mb");
    scene.tells(&saved(&scene, |_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 50000000\r\n\r\n<p>");
    }));
}

#[test]
fn page_has_200_000_nested_tags() {
    let scene = Scene::new("page_has_200_000_nested_tags");
    let ran = saved(&scene, |_, line| {
        let text = article("A lamp").replace("</h1>", &format!("</h1>{}a lamp", "<div>".repeat(200_000)));
        html(line, text);
    });
    assert!(ran.memory < MOST_MEMORY, "it took {} MB", ran.memory >> 20);
    scene.tells(&ran);
}

#[test]
fn title_has_control_characters() {
    let scene = Scene::new("title_has_control_characters");
    scene.tells(&saved(&scene, |_, line| html(line, article("A\u{1b}[31m lamp\u{202e} in\u{7} red"))));
}
