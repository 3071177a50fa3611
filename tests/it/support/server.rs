//! A small HTTP server on loopback, plain or TLS (HTTP/2 by ALPN), that answers by a closure and remembers every request.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Path and query.
    pub(crate) path: String,
    /// The `Host` header or `:authority`.
    pub(crate) host: String,
    /// The header fields.
    pub(crate) headers: hyper::HeaderMap,
    /// Over which version of HTTP.
    pub(crate) version: hyper::Version,
    /// When it arrived.
    pub(crate) at: Instant,
}

impl Seen {
    /// A header's value, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer.
pub(crate) type Reply = hyper::Response<Full<Bytes>>;

/// An answer of this status, with these header fields and this body.
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
    let mut reply = hyper::Response::builder().status(status);
    for (name, value) in headers {
        reply = reply.header(*name, *value);
    }
    reply.body(Full::new(body.into())).unwrap()
}

/// A server that runs until the test's runtime ends.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The certificate to trust, in a PEM file; only of a TLS server.
    pub(crate) ca_file: Option<tempfile::NamedTempFile>,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    /// A plain server on 127.0.0.1.
    pub(crate) async fn plain(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, answer).await
    }

    /// A TLS server with a certificate for these names, made on the spot.
    pub(crate) async fn tls(names: &[&str], answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let own = rcgen::generate_simple_self_signed(names).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(own.cert.pem().as_bytes()).unwrap();
        let key = rustls_pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.into())
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let server = Self::start(Some(acceptor), answer).await;
        Self { ca_file: Some(file), ..server }
    }

    /// The URL of a path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The certificate's file.
    pub(crate) fn ca_path(&self) -> &Path {
        self.ca_file.as_ref().unwrap().path()
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many connections were accepted so far.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    async fn start(tls: Option<TlsAcceptor>, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let answer: Answer = Arc::new(answer);
        let (seen_here, connections_here) = (Arc::clone(&seen), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections_here.lock().unwrap() += 1;
                let _ = stream.set_nodelay(true);
                let (answer, seen, tls) = (Arc::clone(&answer), Arc::clone(&seen_here), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(TokioIo::new(stream), answer, seen).await;
                            }
                        }
                        None => serve(TokioIo::new(stream), answer, seen).await,
                    }
                });
            }
        });
        Self { address, ca_file: None, seen, connections }
    }
}

type Answer = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

async fn serve<S>(stream: S, answer: Answer, seen: Arc<Mutex<Vec<Seen>>>)
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let header = request.headers().get("host").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let host = header.or_else(|| request.uri().authority().map(ToString::to_string)).unwrap_or_default();
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let now =
            Seen { path, host, headers: request.headers().clone(), version: request.version(), at: Instant::now() };
        seen.lock().unwrap().push(now.clone());
        let reply = answer(&now);
        async move { Ok::<_, Infallible>(reply) }
    });
    // A client that hangs up is no failure of the test.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await;
}
