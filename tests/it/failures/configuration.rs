//! crawl.toml and the environment.

use super::scene::Scene;
use crate::support::say;

#[test]
fn config_is_missing() {
    let scene = Scene::new("config_is_missing");
    scene.tells(&scene.run(&["--config", "nowhere/crawl.toml", "crawl"]));
}

#[test]
fn no_config_anywhere() {
    let scene = Scene::new("no_config_anywhere");
    if std::path::Path::new("/config/crawl.toml").exists() {
        return say("no_config_anywhere: skipped, this machine has a /config/crawl.toml");
    }
    scene.tells(&scene.run(&["crawl"]));
}

#[test]
fn config_is_a_folder() {
    let scene = Scene::new("config_is_a_folder");
    std::fs::create_dir(scene.path("crawl.toml")).unwrap();
    scene.tells(&scene.run(&["--config", "crawl.toml", "crawl"]));
}

#[test]
fn config_is_a_pipe() {
    let scene = Scene::new("config_is_a_pipe");
    let made = scene.program("mkfifo").arg("crawl.toml").status();
    if !made.is_ok_and(|status| status.success()) {
        return say("config_is_a_pipe: skipped, mkfifo makes no pipe here");
    }
    scene.tells(&scene.run(&["--config", "crawl.toml", "list"]));
}

#[test]
fn config_may_not_be_read() {
    let scene = Scene::new("config_may_not_be_read");
    let file = scene.write("crawl.toml", "");
    Scene::shut(&file, 0o000);
    let Some(command) = scene.unprivileged(&["--config", "crawl.toml", "list"]) else {
        return say("config_may_not_be_read: skipped, nobody to run as whom permissions bind");
    };
    scene.tells(&Scene::start(command).end());
}

#[test]
fn config_is_huge() {
    let scene = Scene::new("config_is_huge");
    let file = std::fs::File::create(scene.path("crawl.toml")).unwrap();
    // Sparse: it takes no room on the disk.
    file.set_len(3 << 30).unwrap();
    scene.tells(&scene.run(&["list"]));
}

#[test]
fn config_is_not_utf8() {
    let scene = Scene::new("config_is_not_utf8");
    scene.write("crawl.toml", b"[archive]\npath = \"caf\xe9\"\n");
    scene.tells(&scene.run(&["list"]));
}

#[test]
fn config_is_no_toml() {
    let scene = Scene::new("config_is_no_toml");
    scene.write("crawl.toml", "[archive\npath = archive\n\n[[feed]]\nurl = \"https://a.example/feed\n");
    scene.tells(&scene.run(&["crawl"]));
}

#[test]
fn config_has_many_mistakes() {
    let scene = Scene::new("config_has_many_mistakes");
    let text = "[crawl]\nschedule = \"61 * * * *\"\ntimezome = \"Asia/Shanghai\"\n\n[fetch]\ntotal_timeout = 120\n\
        proxy = \"me:hunter2@proxy\"\n\n[[feed]]\nname = \"往期\"\nurl = \"ftp://a.example/feed\"\n\n[[feed]]\nname = \"no url\"\n";
    scene.write("crawl.toml", text);
    scene.tells(&scene.run(&["crawl"]));
}

#[test]
fn config_names_no_feed() {
    let scene = Scene::new("config_names_no_feed");
    scene.write("crawl.toml", "[archive]\npath = \"archive\"\n");
    scene.tells(&scene.run(&["crawl"]));
}

#[test]
fn environment_is_wrong() {
    let scene = Scene::new("environment_is_wrong");
    scene.write("crawl.toml", "");
    let mut command = scene.wangqi(["list"]);
    command
        .env("WANGQI_CRAWL__TIMEZONE", "Mars")
        .env("WANGQI_FETCH__TOTAL_TIMEOUT", "soon")
        .env("WANGQI_FECTH__X", "1");
    scene.tells(&Scene::start(command).end());
}

#[test]
fn ca_file_is_no_certificate() {
    let scene = Scene::new("ca_file_is_no_certificate");
    scene.write("ca.pem", "this is no certificate\n");
    scene.write("crawl.toml", "[fetch]\nca_file = \"ca.pem\"\n[[feed]]\nurl = \"https://a.example/feed\"\n");
    scene.tells(&scene.run(&["crawl"]));
}
