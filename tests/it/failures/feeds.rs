//! What a feed does, and what its entries lead to.

use super::hostile::{Counter, Hostile, Line, Nobody, feed, html, page, reply, rss, tell};
use super::scene::{Ran, Scene};

const FEED: &str = "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/feed\"\n";

/// One pass over a feed whose site answers like this.
fn crawled(scene: &Scene, act: impl Fn(&str, &mut dyn Line) + Send + Sync + 'static) -> Ran {
    let site = Hostile::plain(act);
    scene.reach(&site, FEED);
    scene.run(&["crawl"])
}

fn xml(line: &mut dyn Line, body: impl AsRef<[u8]>) {
    reply(line, "200 OK", "content-type: application/rss+xml\r\n", body);
}

#[test]
fn feed_is_not_found() {
    let scene = Scene::new("feed_is_not_found");
    scene.tells(&crawled(&scene, |_, line| reply(line, "404 Not Found", "", "no such feed")));
}

#[test]
fn feed_fails() {
    let scene = Scene::new("feed_fails");
    scene.tells(&crawled(&scene, |_, line| reply(line, "502 Bad Gateway", "", "oh")));
}

#[test]
fn feed_is_not_reached() {
    let scene = Scene::new("feed_is_not_reached");
    let nobody = Nobody::new();
    scene.reach_all(&[("site.example", nobody.address)], FEED);
    scene.tells(&scene.run(&["crawl"]));
}

#[test]
fn feed_asks_to_wait() {
    let scene = Scene::new("feed_asks_to_wait");
    scene.tells(&crawled(&scene, |_, line| reply(line, "503 Service Unavailable", "retry-after: 7200\r\n", "later")));
}

#[test]
fn feed_has_nothing_in_it() {
    let scene = Scene::new("feed_has_nothing_in_it");
    scene.tells(&crawled(&scene, |_, line| xml(line, "")));
}

#[test]
fn feed_has_no_entries() {
    let scene = Scene::new("feed_has_no_entries");
    scene.tells(&crawled(&scene, |_, line| xml(line, rss(&[]))));
}

#[test]
fn feed_is_html() {
    let scene = Scene::new("feed_is_html");
    scene.tells(&crawled(&scene, |_, line| html(line, "<title>Log in</title><form><input name=user></form>")));
}

#[test]
fn feed_is_cut() {
    let scene = Scene::new("feed_is_cut");
    scene.tells(&crawled(&scene, |path, line| match path {
        "/feed" => {
            let whole = rss(&["http://site.example/a", "http://site.example/b"]);
            xml(line, &whole[..whole.len() - 60]);
        }
        _ => page(line, "A lamp"),
    }));
}

#[test]
fn feed_is_garbage() {
    let scene = Scene::new("feed_is_garbage");
    scene.tells(&crawled(&scene, |_, line| xml(line, [0xff, 0xfe, 0x00, 0x80].repeat(50))));
}

#[test]
fn feed_is_too_large() {
    let scene = Scene::new("feed_is_too_large");
    scene.tells(&crawled(&scene, |_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\n\r\n<rss><channel>");
        let item = "<item><title>lamp</title></item>".repeat(32_000);
        for _ in 0..25 {
            if line.write_all(item.as_bytes()).is_err() {
                return;
            }
        }
    }));
}

#[test]
fn entry_is_not_found_yet() {
    let scene = Scene::new("entry_is_not_found_yet");
    scene.tells(&crawled(&scene, |path, line| match path {
        "/feed" => feed(line, &["http://site.example/soon"]),
        _ => reply(line, "404 Not Found", "", "not deployed"),
    }));
}

#[test]
fn entry_fails_once() {
    let scene = Scene::new("entry_fails_once");
    let count = Counter::default();
    scene.tells(&crawled(&scene, move |path, line| match path {
        "/feed" => feed(line, &["http://site.example/lamp"]),
        _ if count.next() == 0 => reply(line, "500 Internal Server Error", "", "oh"),
        _ => page(line, "A lamp"),
    }));
}

#[test]
fn entry_is_private() {
    let scene = Scene::new("entry_is_private");
    scene.tells(&crawled(&scene, |_, line| feed(line, &["http://10.0.0.7/admin"])));
}

#[test]
fn entry_is_no_link() {
    let scene = Scene::new("entry_is_no_link");
    scene.tells(&crawled(&scene, |_, line| feed(line, &["javascript:alert(1)"])));
}
