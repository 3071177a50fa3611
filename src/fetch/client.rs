//! The one HTTP client: TLS, proxy and resolver as the options say, and nothing from the environment.

use crate::fetch::error::FetchError;
use crate::fetch::guard::Guard;
use crate::fetch::options::Options;
use crate::fetch::resolver::{GuardedResolver, Lookup};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// The largest head of an answer over HTTP/2 (over HTTP/1.1 hyper stops at 400 KB, and we judge again): 64 KiB, judgement.
pub(super) const LARGEST_HEAD: u32 = 64 * 1024;

/// Makes the client. Redirects, decoding and cookies are off: `fetch` does the first two itself, and nobody does the third.
pub(super) fn build(options: &Options, guard: &Arc<Guard>, lookup: Lookup) -> Result<reqwest::Client, FetchError> {
    let setup = |why: reqwest::Error| FetchError::Setup { what: "the HTTP client".into(), why: why.to_string() };
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(options.ca_file.as_deref())?)
        .dns_resolver(GuardedResolver { guard: Arc::clone(guard), lookup })
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_max_idle_per_host(4)
        .http2_max_header_list_size(LARGEST_HEAD)
        .no_proxy();
    if let Some(proxy) = proxy_url(options)? {
        let guard = Arc::clone(guard);
        // A host that is sent elsewhere by `hosts` is connected to, not asked of the proxy.
        let direct = move |url: &Url| url.host_str().is_some_and(|host| guard.sent_to(host).is_some());
        builder = builder.proxy(reqwest::Proxy::custom(move |url| (!direct(url)).then(|| proxy.clone())));
    }
    builder.build().map_err(setup)
}

/// The proxy's own host, where it is a name.
pub(super) fn proxy_host(options: &Options) -> Result<Option<String>, FetchError> {
    Ok(proxy_url(options)?.and_then(|url| url.host_str().map(str::to_ascii_lowercase)))
}

fn proxy_url(options: &Options) -> Result<Option<Url>, FetchError> {
    let Some(text) = &options.proxy else { return Ok(None) };
    // The proxy's password must not reach a message: only what stands after it is shown.
    let shown = text.rsplit('@').next().unwrap_or_default();
    let wrong = |why: &str| FetchError::Setup { what: format!("proxy = \"{shown}\""), why: why.to_owned() };
    let url = Url::parse(text).map_err(|why| wrong(&why.to_string()))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err(wrong("write it as http://, https://, socks5:// or socks5h://"));
    }
    match url.host_str() {
        Some(host) if Host::parse(host).is_ok() => Ok(Some(url)),
        _ => Err(wrong("it names no host")),
    }
}

/// TLS with ring, Mozilla's roots and the owner's own, offering HTTP/2 before HTTP/1.1.
fn tls(ca_file: Option<&Path>) -> Result<rustls::ClientConfig, FetchError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        add_roots(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| FetchError::Setup { what: "TLS".into(), why: why.to_string() })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn add_roots(roots: &mut RootCertStore, path: &Path) -> Result<(), FetchError> {
    let wrong = |why: String| FetchError::Setup { what: format!("ca_file = \"{}\"", path.display()), why };
    let mut found = false;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|why| wrong(why.to_string()))? {
        roots.add(certificate.map_err(|why| wrong(why.to_string()))?).map_err(|why| wrong(why.to_string()))?;
        found = true;
    }
    if found { Ok(()) } else { Err(wrong("there is no certificate in it; a PEM file is wanted".into())) }
}
