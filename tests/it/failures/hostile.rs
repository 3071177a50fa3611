//! A server that may do anything with a connection: plain threads, so that nothing here waits on a runtime.

use super::scene::PATIENCE;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// A connection whose request has been read: what is written goes to the client.
pub(super) trait Line: Read + Write {}

impl<T: Read + Write> Line for T {}

/// What a server does with a path; the connection is closed afterwards.
type Act = dyn Fn(&str, &mut dyn Line) + Send + Sync;

/// A server; its threads end with the process.
pub(super) struct Hostile {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// What has to be trusted, for a TLS server.
    pub(super) pem: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What is wrong with a server's certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Nothing, once its authority is trusted.
    Nothing,
    /// It ran out years ago.
    Expired,
    /// It is another host's.
    Foreign,
}

impl Hostile {
    /// A server without TLS.
    pub(super) fn plain(act: impl Fn(&str, &mut dyn Line) + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(act))
    }

    /// A TLS server for these names.
    pub(super) fn tls(names: &[&str], wrong: Wrong, act: impl Fn(&str, &mut dyn Line) + Send + Sync + 'static) -> Self {
        let (pem, config) = certified(names, wrong);
        Self { pem, ..Self::start(Some(Arc::new(config)), Arc::new(act)) }
    }

    /// The paths asked for so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn start(tls: Option<Arc<rustls::ServerConfig>>, act: Arc<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, act, noted) = (tls.clone(), Arc::clone(&act), Arc::clone(&noted));
                std::thread::spawn(move || serve(stream, tls, act.as_ref(), &noted));
            }
        });
        Self { address, pem: String::new(), asked }
    }
}

fn serve(stream: TcpStream, tls: Option<Arc<rustls::ServerConfig>>, act: &Act, asked: &Mutex<Vec<String>>) {
    // Whatever the client does, this thread ends.
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let _ = stream.set_nodelay(true);
    match tls {
        None => answer(&mut &stream, act, asked),
        Some(tls) => {
            let Ok(connection) = rustls::ServerConnection::new(tls) else { return };
            let mut stream = rustls::StreamOwned::new(connection, stream);
            answer(&mut stream, act, asked);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}

fn answer(line: &mut dyn Line, act: &Act, asked: &Mutex<Vec<String>>) {
    let (mut head, mut buffer) = (Vec::new(), [0; 2048]);
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match line.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend_from_slice(&buffer[..count]),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(path.clone());
    act(&path, line);
}

/// Says exactly this; a client that is gone does not hear it.
pub(super) fn tell(line: &mut dyn Line, bytes: impl AsRef<[u8]>) {
    let _ = line.write_all(bytes.as_ref()).and_then(|()| line.flush());
}

/// A whole answer.
pub(super) fn reply(line: &mut dyn Line, status: &str, headers: &str, body: impl AsRef<[u8]>) {
    let body = body.as_ref();
    let length = body.len();
    tell(line, format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"));
    tell(line, body);
}

/// A whole page of HTML.
pub(super) fn html(line: &mut dyn Line, body: impl AsRef<[u8]>) {
    reply(line, "200 OK", "content-type: text/html; charset=utf-8\r\n", body);
}

/// A page with an article on it.
pub(super) fn page(line: &mut dyn Line, title: &str) {
    html(line, article(title));
}

/// An article's HTML.
pub(super) fn article(title: &str) -> String {
    let paragraph = "<p>The lamp stood in the window all winter, and whoever came over the hill in the evening saw it \
        before the house, before the trees, before anything else that one could call a place.</p>";
    format!(
        "<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{}</article></body></html>",
        paragraph.repeat(6)
    )
}

/// So many bytes that do not compress, always the same.
pub(super) fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let noise = std::iter::from_fn(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some((state >> 40) as u8)
    });
    noise.take(bytes).collect()
}

/// A page with a picture that is larger than any pipe.
pub(super) fn with_a_picture(path: &str, line: &mut dyn Line) {
    match path {
        "/lamp.png" => reply(line, "200 OK", "content-type: image/png\r\n", noise(400_000)),
        _ => html(line, article("A lamp").replace("</h1>", "</h1><img src=\"/lamp.png\">")),
    }
}

/// A feed with an entry for each of these URLs.
pub(super) fn rss(urls: &[&str]) -> String {
    let items = urls.iter().map(|url| format!("<item><title>{url}</title><link>{url}</link></item>"));
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Hill</title><link>http://site.example/</link>\
        <description>Lamps</description>{}</channel></rss>",
        items.collect::<String>()
    )
}

/// Answers with a feed.
pub(super) fn feed(line: &mut dyn Line, urls: &[&str]) {
    reply(line, "200 OK", "content-type: application/rss+xml\r\n", rss(urls));
}

/// Says nothing more until the client hangs up, or the case is long over.
pub(super) fn hang(line: &mut dyn Line) {
    let mut buffer = [0; 256];
    while matches!(line.read(&mut buffer), Ok(count) if count > 0) {}
}

/// An address where nobody listens: its port was free a moment ago, and is held without listening for as long as this lives.
pub(super) struct Nobody {
    /// The address.
    pub(super) address: SocketAddr,
    _held: TcpStream,
}

impl Nobody {
    pub(super) fn new() -> Self {
        // A connection's own port takes no other connection, and cannot be given to a listener while it is open.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let held = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        Self { address: held.local_addr().unwrap(), _held: held }
    }
}

fn certified(names: &[&str], wrong: Wrong) -> (String, rustls::ServerConfig) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let names = if wrong == Wrong::Foreign {
        vec!["other.example".to_owned()]
    } else {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    let mut leaf = CertificateParams::new(names).unwrap();
    if wrong == Wrong::Expired {
        leaf.not_before = rcgen::date_time_ymd(2020, 1, 1);
        leaf.not_after = rcgen::date_time_ymd(2020, 12, 31);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = leaf.signed_by(&key, &issuer).unwrap();
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (pem, config)
}

/// A gate that servers wait at until a case opens it, or is over.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Waits until it is open, but not for ever.
    pub(super) fn wait(&self) {
        let (open, opened) = &*self.0;
        drop(opened.wait_timeout_while(open.lock().unwrap(), PATIENCE, |open| !*open));
    }

    /// Lets everybody through.
    pub(super) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

/// A counter that servers and cases share.
#[derive(Clone, Default)]
pub(super) struct Counter(Arc<AtomicUsize>);

impl Counter {
    /// The number before this call.
    pub(super) fn next(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}
