//! `healthcheck`, which a container's engine asks.

use super::hostile::{Hostile, page};
use super::scene::Scene;
use std::os::unix::net::UnixListener;

#[test]
fn nobody_is_there_to_be_well() {
    let scene = Scene::new("nobody_is_there_to_be_well");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["healthcheck"]));
}

#[test]
fn holder_has_ended() {
    let scene = Scene::new("holder_has_ended");
    let site = Hostile::plain(|_, line| page(line, "A lamp"));
    scene.reach(&site, "");
    assert_eq!(scene.run(&["save", "http://site.example/a"]).exit, 0);
    scene.tells(&scene.run(&["healthcheck"]));
}

#[test]
fn holder_hangs() {
    let scene = Scene::new("holder_hangs");
    scene.write("crawl.toml", "");
    std::fs::create_dir(scene.path("archive")).unwrap();
    let _silent = UnixListener::bind(scene.path("archive/control.sock")).unwrap();
    scene.tells(&scene.run(&["healthcheck"]));
}

#[test]
fn health_without_a_config() {
    let scene = Scene::new("health_without_a_config");
    scene.write("crawl.toml", "[archive\n");
    scene.tells(&scene.run(&["healthcheck"]));
}
