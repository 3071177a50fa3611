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
        return FetchError::Tls { url, why: why.to_string() };
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
