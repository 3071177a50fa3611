//! `wangqi healthcheck`: whoever holds the archive says how it is, and whoever does not is not believed.

use super::Door;
use std::os::unix::net::UnixListener;

#[test]
fn the_holder_says_how_it_is_and_only_the_holder() {
    let door = Door::new();
    if door.path("archive/control.sock").as_os_str().len() > 100 {
        return crate::support::say("skipped: no folder here is short enough for a socket");
    }
    let nobody = door.run(&["healthcheck"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (Some(1), ""), "{nobody:?}");
    assert!(
        nobody.err.starts_with("unhealthy: nobody answers on ") && nobody.err.contains("control.sock"),
        "{nobody:?}"
    );

    let (daemon, _request) = door.start_waiting(&["run"]);
    let well = door.run(&["healthcheck"]);
    assert_eq!((well.code, well.err.as_str()), (Some(0), ""), "{well:?}");
    assert!(well.out.starts_with("healthy: `wangqi run` holds ") && well.out.contains("/archive"), "{well:?}");

    // A crawl.toml that is spoilt by hand makes the daemon no worse; where the archive is has to be known, though.
    let text = std::fs::read_to_string(door.path("crawl.toml")).unwrap();
    std::fs::write(door.path("crawl.toml"), "[").unwrap();
    let unknown = door.run(&["healthcheck"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.err.starts_with("unhealthy: could not read where the archive is"), "{unknown:?}");
    let mut told = door.command(&["healthcheck"]);
    let told = crate::support::process::run(told.env("WANGQI_ARCHIVE__PATH", door.path("archive")));
    assert_eq!(told.code, Some(0), "{told:?}");
    std::fs::write(door.path("crawl.toml"), text).unwrap();

    daemon.signal("STOP");
    let hung = door.run(&["healthcheck"]);
    assert_eq!((hung.code, hung.out.as_str()), (Some(1), ""), "{hung:?}");
    assert_eq!(hung.err, "unhealthy: no answer within 3 s; start wangqi again\n");
    daemon.signal("KILL");
    drop(daemon);
    let stale = door.run(&["healthcheck"]);
    assert!(stale.code == Some(1) && stale.err.starts_with("unhealthy: nobody answers on "), "{stale:?}");

    let (crawl, _request) = door.start_waiting(&["crawl"]);
    let well = door.run(&["healthcheck"]);
    assert!(well.code == Some(0) && well.out.starts_with("healthy: `wangqi crawl` holds "), "{well:?}");
    drop(crawl);
}

#[test]
fn a_holder_that_hangs_up_is_asked_again_and_given_up() {
    let door = Door::new();
    std::fs::create_dir(door.path("archive")).unwrap();
    let Ok(listener) = UnixListener::bind(door.path("archive/control.sock")) else {
        return crate::support::say("skipped: no socket can be made here");
    };
    listener.set_nonblocking(true).unwrap();
    let mut asking = crate::support::process::start(&mut door.command(&["healthcheck"]));
    let mut times = 0;
    // Each time it is hung up on; the second time it is told.
    asking.until("it asks twice", |_| {
        if let Ok((mut stream, _)) = listener.accept() {
            times += 1;
            if times == 2 {
                let well = "{\"out\": \"well enough\\n\"}\n{\"exit\": 0}\n";
                std::io::Write::write_all(&mut stream, well.as_bytes()).unwrap();
                // It is read before the connection goes away with this block.
                stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
                let _ = std::io::Read::read_to_string(&mut stream, &mut String::new());
            }
        }
        times == 2
    });
    let ended = asking.end();
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "healthy: well enough\n"), "{ended:?}");
}
