//! Ctrl-C and its like, at moments that matter.

use super::hostile::{Gate, Hostile, page};
use super::scene::{Running, Scene};
use std::io::Read as _;
use std::process::Stdio;
use wangqi::archive::Archive;

/// A site whose first page comes at once, and whose second hangs until it is let go.
fn slow_site() -> (Hostile, Gate) {
    let gate = Gate::default();
    let inner = gate.clone();
    let site = Hostile::plain(move |path, line| {
        if path != "/a" {
            inner.wait();
        }
        page(line, if path == "/a" { "A lamp" } else { "Another lamp" });
    });
    (site, gate)
}

/// `save` of both pages, until it waits for the second.
fn until_the_second(scene: &Scene, site: &Hostile) -> Running {
    scene.reach(site, "");
    let mut running = Scene::start(scene.wangqi(["save", "http://site.example/a", "http://site.example/b"]));
    running.until("its second page", || site.asked().len() == 2);
    running.until_it_says("A lamp");
    running
}

#[test]
fn ctrl_c_during_a_fetch() {
    let scene = Scene::new("ctrl_c_during_a_fetch");
    let (site, gate) = slow_site();
    let mut running = until_the_second(&scene, &site);
    running.signal("INT");
    running.until_it_says("stopping");
    gate.open();
    scene.tells(&running.end());
}

#[test]
fn ctrl_c_while_a_server_hangs() {
    let scene = Scene::new("ctrl_c_while_a_server_hangs");
    let (site, _gate) = slow_site();
    let running = until_the_second(&scene, &site);
    running.signal("INT");
    scene.tells(&running.end());
}

#[test]
fn ctrl_c_twice() {
    let scene = Scene::new("ctrl_c_twice");
    let (site, _gate) = slow_site();
    let mut running = until_the_second(&scene, &site);
    running.signal("INT");
    running.until_it_says("stopping");
    // Two that come within a second are taken for one.
    running.until_it_ends("INT");
    scene.tells(&running.end());
}

#[test]
fn sigterm_during_a_fetch() {
    let scene = Scene::new("sigterm_during_a_fetch");
    let (site, gate) = slow_site();
    scene.reach(&site, "[[feed]]\nname = \"hill\"\nurl = \"http://site.example/b\"\n");
    let mut running = Scene::start(scene.wangqi(["run"]));
    running.until("its feed", || site.asked().len() == 1);
    running.signal("TERM");
    running.until_it_says("stopping");
    gate.open();
    scene.tells(&running.end());
}

#[test]
fn killed_during_a_fetch() {
    let scene = Scene::new("killed_during_a_fetch");
    let (site, _gate) = slow_site();
    let running = until_the_second(&scene, &site);
    running.signal("KILL");
    scene.tells(&running.end());
}

#[test]
fn reader_stalls() {
    let scene = Scene::new("reader_stalls");
    let site = Hostile::plain(|_, line| page(line, "A lamp"));
    scene.reach(&site, "");
    let (kept, write) = std::io::pipe().unwrap();
    let urls: Vec<String> = (0..200).map(|page| format!("http://site.example/{page}/{}", "lamp".repeat(500))).collect();
    let mut arguments = vec!["save", "--jsonl"];
    arguments.extend(urls.iter().map(String::as_str));
    let mut running = Scene::start_with_output(scene.wangqi(arguments), Stdio::from(write));
    // Some fifteen lines fit into the pipe, and as many again wait in the program: it cannot get rid of the rest.
    running.until("more than its reader takes", || site.asked().len() >= 50);
    running.signal("INT");
    let mut ran = running.end();
    drop(kept);
    assert!(site.asked().len() < 200, "it never waited for its reader");
    // How many pages fit into the pipe is the machine's business.
    let counted = ran.err.lines().find(|line| line.contains(" new, ")).unwrap_or_default();
    let (new, rest) = counted.split_once(" new, ").unwrap_or_default();
    let counts: Vec<&str> = rest.split("; ").collect();
    let left = counts.iter().find_map(|count| count.strip_suffix(" left for later")).unwrap_or_default();
    let (new, left): (usize, usize) = (new.parse().unwrap(), left.parse().unwrap());
    assert_eq!(new + left, 200, "every page is held or pending: {}", ran.err);
    let archive = Archive::open(&scene.path("archive"), &mut |_| {}).unwrap();
    let stats = archive.reader().stats().unwrap();
    assert!(stats.articles as usize == new && stats.pending as usize >= left, "{stats:?} {}", ran.err);
    drop(archive);
    ran.err = ran.err.lines().filter(|line| !line.contains(" new, ")).map(|line| line.to_owned() + "\n").collect();
    scene.tells_but_for(&ran, "all is held or pending");
}

#[test]
fn reader_goes_away() {
    let scene = Scene::new("reader_goes_away");
    let site = Hostile::plain(|_, line| page(line, "A lamp"));
    scene.reach(&site, "");
    let (mut kept, write) = std::io::pipe().unwrap();
    let command = scene.wangqi(["save", "--jsonl", "http://site.example/a", "http://site.example/b"]);
    let mut running = Scene::start_with_output(command, Stdio::from(write));
    running.until_done("its first byte", move || drop(kept.read(&mut [0])));
    scene.tells(&running.end());
}
