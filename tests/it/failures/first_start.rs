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
