//! What stands between us and a page, and what a server does before there is one.

use super::hostile::{Counter, Hostile, Nobody, Wrong, hang, page, reply, tell};
use super::scene::{Ran, Scene};
use std::time::Duration;

/// Saves one page of site.example.
fn save(scene: &Scene) -> Ran {
    scene.run(&["save", "http://site.example/page"])
}

#[test]
fn connection_is_refused() {
    let scene = Scene::new("connection_is_refused");
    let nobody = Nobody::new();
    scene.reach_all(&[("site.example", nobody.address)], "");
    scene.tells(&save(&scene));
}

#[test]
fn name_has_no_address() {
    let scene = Scene::new("name_has_no_address");
    scene.write("crawl.toml", "[[site]]\nhost = \"example\"\ndelay = \"0s\"\nrobots = \"ignore\"\n");
    // No label may have more than 63 letters: no name server has to be asked.
    scene.tells(&scene.run(&["save", &format!("http://{}.example/page", "lamp".repeat(16))]));
}

#[test]
fn server_says_nothing() {
    let scene = Scene::new("server_says_nothing");
    let site = Hostile::plain(|_, line| hang(line));
    scene.reach(&site, "total_timeout = \"200ms\"\n");
    scene.tells(&save(&scene));
}

#[test]
fn handshake_hangs() {
    let scene = Scene::new("handshake_hangs");
    let site = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    scene.reach_all(&[("site.example", site.local_addr().unwrap())], "connect_timeout = \"200ms\"\n");
    scene.tells(&scene.run(&["save", "https://site.example/page"]));
}

#[test]
fn server_stops_after_the_head() {
    let scene = Scene::new("server_stops_after_the_head");
    let site = Hostile::plain(|_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9000\r\n\r\n");
        hang(line);
    });
    scene.reach(&site, "rate_window = \"150ms\"\n");
    scene.tells(&save(&scene));
}

#[test]
fn server_is_too_slow() {
    let scene = Scene::new("server_is_too_slow");
    let site = Hostile::plain(|_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9000\r\n\r\n");
        while line.write_all(b" ").and_then(|()| line.flush()).is_ok() {
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    scene.reach(&site, "rate_window = \"150ms\"\n");
    scene.tells(&save(&scene));
}

#[test]
fn answer_is_cut() {
    let scene = Scene::new("answer_is_cut");
    let site = Hostile::plain(|_, line| {
        tell(line, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9000\r\n\r\n<p>half");
    });
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn connection_is_closed() {
    let scene = Scene::new("connection_is_closed");
    let site = Hostile::plain(|_, _| {});
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn length_is_no_number() {
    let scene = Scene::new("length_is_no_number");
    let site = Hostile::plain(|_, line| tell(line, "HTTP/1.1 200 OK\r\ncontent-length: some\r\n\r\n<p>x"));
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn length_is_too_small() {
    let scene = Scene::new("length_is_too_small");
    let site = Hostile::plain(|_, line| {
        tell(
            line,
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html><p>The rest is not heard.",
        );
    });
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn server_speaks_something_else() {
    let scene = Scene::new("server_speaks_something_else");
    let site = Hostile::plain(|_, line| tell(line, "SSH-2.0-lamp\r\n"));
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn head_is_endless() {
    let scene = Scene::new("head_is_endless");
    let site = Hostile::plain(|_, line| {
        tell(line, "HTTP/1.1 200 OK\r\n");
        while line.write_all(b"x-lamp: lamp lamp lamp lamp lamp lamp lamp lamp lamp\r\n").is_ok() {}
    });
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn https_port_speaks_http() {
    let scene = Scene::new("https_port_speaks_http");
    let site = Hostile::plain(|_, line| page(line, "A page"));
    // A server without TLS answers what it took for a request at once.
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in plain.incoming().flatten() {
            reply(&mut stream, "400 Bad Request", "", "plain HTTP is spoken here");
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            hang(&mut stream);
        }
    });
    drop(site);
    scene.reach_all(&[("site.example", address)], "");
    scene.tells(&scene.run(&["save", "https://site.example/page"]));
}

#[test]
fn http_port_speaks_tls() {
    let scene = Scene::new("http_port_speaks_tls");
    let site = Hostile::tls(&["site.example"], Wrong::Nothing, |_, line| page(line, "A page"));
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn certificate_is_nobodys() {
    let scene = Scene::new("certificate_is_nobodys");
    let site = Hostile::tls(&["site.example"], Wrong::Nothing, |_, line| page(line, "A page"));
    scene.reach(&site, "");
    scene.tells(&scene.run(&["save", "https://site.example/page"]));
}

#[test]
fn certificate_is_expired() {
    let scene = Scene::new("certificate_is_expired");
    let site = Hostile::tls(&["site.example"], Wrong::Expired, |_, line| page(line, "A page"));
    scene.reach(&site, "ca_file = \"ca.pem\"\n");
    scene.tells(&scene.run(&["save", "https://site.example/page"]));
}

#[test]
fn certificate_is_anothers() {
    let scene = Scene::new("certificate_is_anothers");
    let site = Hostile::tls(&["site.example"], Wrong::Foreign, |_, line| page(line, "A page"));
    scene.reach(&site, "ca_file = \"ca.pem\"\n");
    scene.tells(&scene.run(&["save", "https://site.example/page"]));
}

#[test]
fn proxy_is_not_there() {
    let scene = Scene::new("proxy_is_not_there");
    let nobody = Nobody::new();
    let site = "[[site]]\nhost = \"a.example\"\ndelay = \"0s\"\nrobots = \"ignore\"\n";
    scene.write("crawl.toml", format!("[fetch]\nproxy = \"http://me:hunter2@{}\"\n{site}", nobody.address));
    scene.tells(&scene.run(&["save", "https://a.example/page"]));
}

#[test]
fn proxy_refuses() {
    let scene = Scene::new("proxy_refuses");
    let proxy = Hostile::plain(|_, line| reply(line, "407 Proxy Authentication Required", "", "who are you?"));
    let site = "[[site]]\nhost = \"a.example\"\ndelay = \"0s\"\nrobots = \"ignore\"\n";
    scene.write("crawl.toml", format!("[fetch]\nproxy = \"http://me:hunter2@{}\"\n{site}", proxy.address));
    scene.tells(&scene.run(&["save", "https://a.example/page"]));
}

#[test]
fn address_is_private() {
    let scene = Scene::new("address_is_private");
    scene.write("crawl.toml", "");
    scene.tells(&scene.run(&["save", "http://192.168.7.9/page"]));
}

#[test]
fn redirect_leads_home() {
    let scene = Scene::new("redirect_leads_home");
    let site = Hostile::plain(|_, line| reply(line, "302 Found", "location: http://127.0.0.1:8080/\r\n", ""));
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn redirect_leads_to_another_scheme() {
    let scene = Scene::new("redirect_leads_to_another_scheme");
    let site = Hostile::plain(|_, line| reply(line, "302 Found", "location: weixin://dl/business\r\n", ""));
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn redirects_go_in_circles() {
    let scene = Scene::new("redirects_go_in_circles");
    let site = Hostile::plain(|path, line| {
        let to = if path == "/page" { "/again" } else { "/page" };
        reply(line, "302 Found", &format!("location: {to}\r\n"), "");
    });
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn redirects_never_end() {
    let scene = Scene::new("redirects_never_end");
    let count = Counter::default();
    let site = Hostile::plain(move |_, line| {
        reply(line, "302 Found", &format!("location: /{}\r\n", count.next()), "");
    });
    scene.reach(&site, "");
    scene.tells(&save(&scene));
}

#[test]
fn robots_say_no() {
    let scene = Scene::new("robots_say_no");
    let site = Hostile::plain(|path, line| match path {
        "/robots.txt" => reply(line, "200 OK", "content-type: text/plain\r\n", "User-agent: *\nDisallow: /lamp\n"),
        "/lamp" => page(line, "A lamp"),
        _ => super::hostile::feed(line, &["http://site.example/lamp"]),
    });
    let text = format!(
        "[fetch]\nhosts = {{ \"site.example\" = \"{}\" }}\n[[site]]\nhost = \"site.example\"\ndelay = \"0s\"\n\
         [[feed]]\nname = \"hill\"\nurl = \"http://site.example/feed\"\n",
        site.address
    );
    scene.write("crawl.toml", text);
    scene.tells(&scene.run(&["crawl"]));
}
