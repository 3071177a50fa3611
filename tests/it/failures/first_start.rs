//! `init`, and feeds that come and go.

use super::hostile::{Hostile, Line, Nobody, html, reply, rss};
use super::scene::{Ran, Scene};
use crate::support::say;

/// `feed add` of a site that answers like this; crawl.toml has to be what it was.
fn added(scene: &Scene, act: impl Fn(&str, &mut dyn Line) + Send + Sync + 'static) -> Ran {
    let site = Hostile::plain(act);
    scene.reach(&site, "");
    unchanged(scene, &["feed", "add", "http://site.example/feed"])
}

/// Runs something that must leave crawl.toml as it is.
fn unchanged(scene: &Scene, arguments: &[&str]) -> Ran {
    let before = std::fs::read(scene.path("crawl.toml")).unwrap();
    let ran = scene.run(arguments);
    assert!(std::fs::read(scene.path("crawl.toml")).unwrap() == before, "crawl.toml was changed");
    ran
}

#[test]
fn init_over_a_config() {
    let scene = Scene::new("init_over_a_config");
    scene.write("crawl.toml", "# mine\n");
    scene.tells(&unchanged(&scene, &["init"]));
}

#[test]
fn init_may_not_write() {
    let scene = Scene::new("init_may_not_write");
    let Some(command) = scene.unprivileged(&["init"]) else {
        return say("init_may_not_write: skipped, nobody to run as whom permissions bind");
    };
    Scene::shut(scene.folder(), 0o555);
    let ran = Scene::start(command).end();
    Scene::shut(scene.folder(), 0o755);
    scene.tells(&ran);
}

#[test]
fn feed_add_without_a_config() {
    let scene = Scene::new("feed_add_without_a_config");
    scene.tells(&scene.run(&["feed", "add", "http://site.example/feed"]));
}

#[test]
fn feed_add_into_a_wrong_config() {
    let scene = Scene::new("feed_add_into_a_wrong_config");
    scene.write("crawl.toml", "[crawl]\nschedule = \"often\"\n");
    scene.tells(&unchanged(&scene, &["feed", "add", "http://site.example/feed"]));
}

#[test]
fn feed_add_of_no_url() {
    let scene = Scene::new("feed_add_of_no_url");
    scene.write("crawl.toml", "");
    scene.tells(&unchanged(&scene, &["feed", "add", "site.example/feed"]));
}

#[test]
fn feed_add_with_a_password() {
    let scene = Scene::new("feed_add_with_a_password");
    scene.write("crawl.toml", "");
    scene.tells(&unchanged(&scene, &["feed", "add", "http://me:hunter2@site.example/feed"]));
}

#[test]
fn feed_add_of_nothing_there() {
    let scene = Scene::new("feed_add_of_nothing_there");
    scene.tells(&added(&scene, |_, line| reply(line, "404 Not Found", "", "no such feed")));
}

#[test]
fn feed_add_of_a_server_that_refuses() {
    let scene = Scene::new("feed_add_of_a_server_that_refuses");
    let nobody = Nobody::new();
    scene.reach_all(&[("site.example", nobody.address)], "");
    scene.tells(&unchanged(&scene, &["feed", "add", "http://site.example/feed"]));
}

#[test]
fn feed_add_of_a_private_address() {
    let scene = Scene::new("feed_add_of_a_private_address");
    scene.write("crawl.toml", "");
    scene.tells(&unchanged(&scene, &["feed", "add", "http://192.168.7.9/feed"]));
}

#[test]
fn feed_add_of_a_page_without_a_feed() {
    let scene = Scene::new("feed_add_of_a_page_without_a_feed");
    scene.tells(&added(&scene, |_, line| html(line, "<title>Log in</title><form><input name=user></form>")));
}

#[test]
fn feed_add_of_what_is_watched() {
    let scene = Scene::new("feed_add_of_what_is_watched");
    let site = Hostile::plain(|_, line| reply(line, "200 OK", "content-type: application/rss+xml\r\n", rss(&[])));
    scene.reach(&site, "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/feed\"\n");
    scene.tells(&unchanged(&scene, &["feed", "add", "http://site.example/feed"]));
}

#[test]
fn feed_remove_of_what_is_not_watched() {
    let scene = Scene::new("feed_remove_of_what_is_not_watched");
    scene.write("crawl.toml", "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/feed\"\n");
    scene.tells(&unchanged(&scene, &["feed", "remove", "hull"]));
}

/// `feed import` of a file that holds this; crawl.toml has to be what it was.
fn imported(scene: &Scene, name: &str, contents: impl AsRef<[u8]>) -> Ran {
    scene.write("crawl.toml", "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/feed\"\n");
    let file = scene.write(name, contents);
    unchanged(scene, &["feed", "import", &file.display().to_string()])
}

#[test]
fn feed_add_of_a_list_without_feeds() {
    let scene = Scene::new("feed_add_of_a_list_without_feeds");
    scene.tells(&added(&scene, |_, line| {
        reply(line, "200 OK", "content-type: text/x-opml\r\n", "<opml version=\"2.0\"><body/></opml>");
    }));
}

#[test]
fn feed_discover_of_a_platform_without_feeds() {
    let scene = Scene::new("feed_discover_of_a_platform_without_feeds");
    let site = Hostile::plain(|_, line| html(line, "<title>Videos</title><p>Nothing but videos."));
    scene.reach_all(&[("space.bilibili.com", site.address)], "");
    scene.tells(&unchanged(&scene, &["feed", "discover", "http://space.bilibili.com/1"]));
}

#[test]
fn feed_import_of_a_file_that_is_missing() {
    let scene = Scene::new("feed_import_of_a_file_that_is_missing");
    scene.write("crawl.toml", "");
    let file = scene.path("mine.opml").display().to_string();
    scene.tells(&unchanged(&scene, &["feed", "import", &file]));
}

#[test]
fn feed_import_of_garbage() {
    let scene = Scene::new("feed_import_of_garbage");
    scene.tells(&imported(&scene, "mine.opml", [0xff, 0x00, 0x1b, 0x80].repeat(500)));
}

#[test]
fn feed_import_of_a_page() {
    let scene = Scene::new("feed_import_of_a_page");
    scene.tells(&imported(&scene, "mine.opml", "<!doctype html><title>Log in</title><form><input name=user></form>"));
}

#[test]
fn feed_import_of_a_letter() {
    let scene = Scene::new("feed_import_of_a_letter");
    scene.tells(&imported(&scene, "urls.txt", "Dear reader,\n\u{1b}[2Jmy feeds are gone.\n"));
}

#[test]
fn feed_import_of_nothing_that_is_watched_by_http() {
    let scene = Scene::new("feed_import_of_nothing_that_is_watched_by_http");
    let list = "<opml><body>\n<outline xmlUrl='file:///etc/passwd'/>\n<outline xmlUrl='http://me:hunter2@site.example/x'/>\n\
                <outline type='rss' text='hill'/></body></opml>";
    scene.tells(&imported(&scene, "mine.opml", list));
}

#[test]
fn feed_import_of_an_entity_bomb() {
    let scene = Scene::new("feed_import_of_an_entity_bomb");
    let mut list = String::from("<!DOCTYPE opml [<!ENTITY a0 'lamp'><!ENTITY x SYSTEM 'file:///etc/passwd'>");
    for level in 1..60 {
        list.push_str(&format!("<!ENTITY a{level} '{}'>", format!("&a{};", level - 1).repeat(10)));
    }
    list.push_str("]><opml><body><outline text='&a59;' xmlUrl='&x;'/></body></opml>");
    scene.tells(&imported(&scene, "mine.opml", list));
}

#[test]
fn feed_import_of_too_much() {
    let scene = Scene::new("feed_import_of_too_much");
    let path = "lamp/".repeat(60);
    let list: String = (0..15_000).map(|n| format!("<outline xmlUrl='http://site.example/{path}{n:05}'/>\n")).collect();
    scene.tells(&imported(&scene, "mine.opml", format!("<opml><body>{list}")));
}

#[test]
fn feed_import_of_what_is_watched() {
    let scene = Scene::new("feed_import_of_what_is_watched");
    scene.tells(&imported(
        &scene,
        "mine.opml",
        "<opml><outline text='hill' xmlUrl='http://site.example/feed'/></opml>",
    ));
}

#[test]
fn feed_check_of_what_is_not_watched() {
    let scene = Scene::new("feed_check_of_what_is_not_watched");
    scene.write("crawl.toml", "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/feed\"\n");
    scene.tells(&unchanged(&scene, &["feed", "check", "hull"]));
}

#[test]
fn feed_check_of_what_is_not_there() {
    let scene = Scene::new("feed_check_of_what_is_not_there");
    let site = Hostile::plain(|_, line| reply(line, "404 Not Found", "", "no such feed"));
    scene.reach(&site, "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/feed\"\n");
    scene.tells(&unchanged(&scene, &["feed", "check"]));
}

#[test]
fn feed_export_over_a_file() {
    let scene = Scene::new("feed_export_over_a_file");
    scene.write("crawl.toml", "");
    let file = scene.write("mine.opml", "mine").display().to_string();
    scene.tells(&unchanged(&scene, &["feed", "export", "-o", &file]));
}
