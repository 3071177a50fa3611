//! What reqwest's errors mean: the cause is somewhere down their chain.

use crate::fetch::error::FetchError;
use crate::fetch::guard::Refusal;
use crate::fetch::options::Options;
use std::error::Error;
use std::io;

/// Why no head of an answer came.
pub(super) fn failed_request(error: &reqwest::Error, name: &str, options: &Options) -> FetchError {
    let url = name.to_owned();
    if let Some(why) = find::<Refusal>(error) {
        return FetchError::Refused { url, why: why.clone() };
    }
    if let Some(why) = find::<rustls::Error>(error) {
        return FetchError::Tls { url, why: distrust(why) };
    }
    if let Some(proxy) = proxy_of(name, options).filter(|_| error.is_connect()) {
        return FetchError::Proxy { proxy, url, why: root(error) };
    }
    if let Some(hyper) = find::<hyper::Error>(error) {
        if hyper.is_parse_too_large() {
            return FetchError::TooLarge { url, what: "head", limit: 400 * 1024 };
        }
        if hyper.is_parse() {
            return FetchError::Protocol { url, why: root(error) };
        }
        if hyper.is_incomplete_message() {
            return FetchError::Truncated { url, why: "the connection was closed before an answer".into() };
        }
    }
    if error.is_dns() {
        FetchError::Dns { url, why: root(error) }
    } else if error.is_timeout() && error.is_connect() {
        FetchError::Timeout { url, after: options.connect_timeout }
    } else if error.is_connect() {
        FetchError::Connect { url, why: root(error) }
    } else if error.is_builder() {
        FetchError::Setup { what: format!("the URL {url}"), why: root(error) }
    } else {
        FetchError::Protocol { url, why: root(error) }
    }
}

/// The proxy that this URL goes through, as it may be shown.
fn proxy_of(url: &str, options: &Options) -> Option<String> {
    let host = url::Url::parse(url).ok()?.host_str()?.to_owned();
    let proxy = options.proxy.as_ref().filter(|_| !options.hosts.contains_key(&host))?;
    proxy.rsplit(['@', '/']).find(|part| !part.is_empty()).map(str::to_owned)
}

/// What is wrong with a server's TLS, and what can be done about it.
fn distrust(error: &rustls::Error) -> String {
    use rustls::CertificateError::{ExpiredContext, NotValidForNameContext, NotValidYetContext, UnknownIssuer};
    let day = |time: &rustls_pki_types::UnixTime| {
        let at = chrono::DateTime::from_timestamp(i64::try_from(time.as_secs()).unwrap_or(i64::MAX), 0);
        at.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d").to_string())
    };
    match error {
        rustls::Error::InvalidCertificate(UnknownIssuer) => {
            "its certificate comes from an authority that we do not know; one of your own goes into ca_file".to_owned()
        }
        rustls::Error::InvalidCertificate(ExpiredContext { not_after, .. }) => {
            format!("its certificate ran out on {}; its owner has to renew it", day(not_after))
        }
        rustls::Error::InvalidCertificate(NotValidYetContext { not_before, .. }) => {
            format!("its certificate begins on {}; is this machine's clock right?", day(not_before))
        }
        rustls::Error::InvalidCertificate(NotValidForNameContext { presented, .. }) => {
            // `DnsName("other.example")`, as rustls writes them.
            let names: Vec<&str> = presented.iter().map(|name| name.split('"').nth(1).unwrap_or(name)).collect();
            let names = names.join(", ");
            format!("its certificate is another host's ({names}); check the URL")
        }
        rustls::Error::InvalidMessage(_) => "it does not speak TLS there; is it http:// that you want?".to_owned(),
        other => format!("{other}; a certificate of your own goes into ca_file"),
    }
}

/// Why a body did not come to its end.
pub(super) fn failed_body(error: &reqwest::Error, name: &str) -> FetchError {
    FetchError::Truncated { url: name.to_owned(), why: root(error) }
}

/// The first error of this kind in the chain, also inside of I/O errors, which hide what they carry.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// What lies at the bottom of the chain: the rest says only that something failed.
fn root(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
