//! A small HTTP server on loopback, for the demo and for tests: a handler answers, and what was asked is remembered.
//!
//! It listens on 127.0.0.1 at a port of the system's choice where nothing else is asked, and stops, connections and all, when it is dropped.

use super::certificate::Authority;
use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// What answers: called for every request, on the server's tasks.
pub type Handler = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// How many requests are remembered: `demo --serve` answers for as long as it is left running. No test asks so often.
const MOST_REMEMBERED: usize = 100_000;

/// One request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `HEAD`, …
    pub method: String,
    /// The host that was meant, without its port: from `:authority` or `Host`.
    pub host: String,
    /// The path with its query.
    pub path: String,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Asked {
    /// A plain GET, for asking a handler directly.
    pub fn get(host: &str, path: &str) -> Self {
        Self { method: "GET".into(), host: host.into(), path: path.into(), headers: Vec::new() }
    }

    /// A header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers; `content-length` is added by itself.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A good answer of one content type.
    pub fn ok(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into() }.with("content-type", content_type)
    }

    /// An answer that is only a status.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// The answer with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    authority: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts a server; with `tls`, under a fresh certificate for `names`.
    ///
    /// # Errors
    /// When loopback cannot be listened on, or the certificate cannot be made for one of the names.
    pub async fn start(tls: bool, names: &[&str], handler: Handler) -> anyhow::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into(), tls, names, handler).await
    }

    /// Starts a server on an address of one's own choice; port 0 for one of the system's.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the certificate cannot be made for one of the names.
    pub async fn start_on(address: SocketAddr, tls: bool, names: &[&str], handler: Handler) -> anyhow::Result<Self> {
        let authority = if tls { Some(Authority::new(names)?) } else { None };
        let listener = TcpListener::bind(address).await.with_context(|| format!("could not listen on {address}"))?;
        let address = listener.local_addr().context("reading the address that was bound")?;
        let (pem, acceptor) = match authority {
            Some(Authority { pem, server }) => (pem, Some(TlsAcceptor::from(server))),
            None => (String::new(), None),
        };
        let asked = Arc::default();
        let desk = Desk { handler, asked: Arc::clone(&asked) };
        let accepting = tokio::spawn(accept(listener, acceptor, desk));
        Ok(Self { address, authority: pem, asked, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate that clients have to trust; empty without TLS.
    pub fn ca_pem(&self) -> &str {
        &self.authority
    }

    /// What was asked so far, in order of arrival.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The accepting task owns the connections' tasks: they end with it.
        self.accepting.abort();
    }
}

/// What every connection needs.
#[derive(Clone)]
struct Desk {
    handler: Handler,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Desk {
    fn answer(&self, request: &hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
        let asked = read(request);
        let mut remembered = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() < MOST_REMEMBERED {
            remembered.push(asked.clone());
        }
        drop(remembered);
        let answer = (self.handler)(&asked);
        let mut response = hyper::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        response.body(Full::new(answer.body)).unwrap_or_else(|_| {
            // The handler named an impossible status or header: its author sees it at once.
            let mut broken = hyper::Response::new(Full::default());
            *broken.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
            broken
        })
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, desk: Desk) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve(stream, tls.clone(), desk.clone())); }
                // Out of file handles, or the client is gone already: others may still be served.
                Err(_) => tokio::task::yield_now().await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, desk: Desk) {
    // Small answers must not wait for an acknowledgement of the packet before.
    let _ = stream.set_nodelay(true);
    match tls {
        None => speak(stream, desk).await,
        Some(acceptor) => {
            // A client that does not trust us hangs up here; that is its right.
            if let Ok(stream) = acceptor.accept(stream).await {
                speak(stream, desk).await;
            }
        }
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, desk: Desk) {
    let service = service_fn(|request| {
        let answer = desk.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let http = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    // It ends with an error whenever the client hangs up first.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

fn read(request: &hyper::Request<Incoming>) -> Asked {
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let named = headers.iter().find(|(name, _)| name == "host").map(|(_, value)| value.as_str());
    let host = request.uri().host().or_else(|| named.map(without_port)).unwrap_or_default().to_ascii_lowercase();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Asked { method: request.method().to_string(), host, path, headers }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
