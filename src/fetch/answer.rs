//! One request and its answer: sent, timed, read and decoded within the limits.

use crate::fetch::client::LARGEST_HEAD;
use crate::fetch::decode::{DecodeError, Decoder, Limits};
use crate::fetch::error::FetchError;
use crate::fetch::failure::{failed_body, failed_request};
use crate::fetch::options::Options;
use crate::model::{CanonicalUrl, MessageHead, Validators};
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HeaderMap, LAST_MODIFIED, TRANSFER_ENCODING};
use reqwest::{Response, Version};
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How a body's limits bind.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyLimits {
    /// The most bytes after decoding.
    pub(super) size: u64,
    /// Whether a larger body is cut there (robots.txt) or refused.
    pub(super) cut: bool,
    /// The most bytes on the wire, where it is another than the options'.
    pub(super) wire: Option<u64>,
}

/// An answer whose head has come.
pub(super) struct Answer {
    response: Response,
    deadline: Instant,
}

/// A body that has come.
pub(super) struct Body {
    pub(super) payload: Vec<u8>,
    pub(super) wire_bytes: u64,
    pub(super) complete: bool,
}

impl Answer {
    /// Sends a request and waits for the head of its answer. `name` is the URL as messages show it.
    pub(super) async fn to(
        client: &reqwest::Client,
        request: reqwest::Request,
        options: &Options,
        name: &str,
    ) -> Result<Self, FetchError> {
        let deadline = Instant::now() + options.total_timeout;
        let response = match timeout_at(deadline, client.execute(request)).await {
            Ok(sent) => sent.map_err(|error| failed_request(&error, name, options))?,
            Err(_) => return Err(FetchError::Timeout { url: name.into(), after: options.total_timeout }),
        };
        let size: usize = response.headers().iter().map(|(key, value)| key.as_str().len() + value.len() + 4).sum();
        if size > LARGEST_HEAD as usize {
            return Err(FetchError::TooLarge { url: name.into(), what: "head", limit: u64::from(LARGEST_HEAD) });
        }
        Ok(Self { response, deadline })
    }

    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        self.response.remote_addr().map(|address| address.ip())
    }

    pub(super) fn protocol(&self) -> &'static str {
        match self.response.version() {
            Version::HTTP_2 => "h2",
            Version::HTTP_10 => "http/1.0",
            Version::HTTP_09 => "http/0.9",
            _ => "http/1.1",
        }
    }

    /// The validators of the URL that answered, byte for byte.
    pub(super) fn validators(&self, of: &CanonicalUrl) -> Option<Validators> {
        let bytes = |name| self.headers().get(name).map(|value| value.as_bytes().to_vec()).filter(|it| !it.is_empty());
        let validators = Validators { of: of.clone(), etag: bytes(ETAG), last_modified: bytes(LAST_MODIFIED) };
        Some(validators).filter(|validators| !validators.is_empty())
    }

    /// The head as it is kept.
    pub(super) fn head(&self) -> MessageHead {
        let status = self.response.status();
        let said = self.response.extensions().get::<hyper::ext::ReasonPhrase>();
        let reason = said.map(|phrase| String::from_utf8_lossy(phrase.as_bytes()).into_owned());
        let reason = reason.or_else(|| status.canonical_reason().map(str::to_owned)).unwrap_or_default();
        let headers =
            self.response.headers().iter().map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            });
        MessageHead {
            line: format!("{} {reason}", status.as_u16()).trim_end().to_owned(),
            protocol: self.protocol().to_owned(),
            headers: headers.collect(),
        }
    }

    /// Reads the body to its end.
    pub(super) async fn body(mut self, limits: BodyLimits, options: &Options, name: &str) -> Result<Body, FetchError> {
        let complete = self.length_is_checked();
        let declared = header_number(self.headers(), &CONTENT_LENGTH);
        let size = limits.size.saturating_add(64 * 1024);
        let most_wire = limits.wire.map_or(options.wire_limit.min(size), |_| size);
        let over_wire = || FetchError::TooLarge { url: name.into(), what: "body", limit: most_wire.min(limits.size) };
        if !limits.cut && declared.is_some_and(|length| length > most_wire) {
            return Err(over_wire());
        }
        let encodings: Vec<String> = header_texts(self.headers(), &CONTENT_ENCODING);
        let unpacking = Limits { size: limits.size, ratio: options.ratio_limit, ratio_floor: options.ratio_floor };
        let expected = declared.unwrap_or(0).min(limits.size) as usize;
        let named = |error: DecodeError| decode_failed(&error, name);
        let mut decoder = Decoder::new(&encodings, unpacking, expected).map_err(named)?;
        let mut pulse = Pulse::new(options, self.deadline);
        let mut wire_bytes = 0_u64;
        while let Some(chunk) = pulse.next_chunk(&mut self.response, options, name).await? {
            wire_bytes += chunk.len() as u64;
            match decoder.push(&chunk) {
                Err(DecodeError::TooLarge(_)) if limits.cut => {
                    return Ok(Body { payload: decoder.so_far(), wire_bytes, complete: false });
                }
                pushed => pushed.map_err(named)?,
            }
            if wire_bytes > most_wire {
                return if limits.cut {
                    Ok(Body { payload: decoder.so_far(), wire_bytes, complete: false })
                } else {
                    Err(over_wire())
                };
            }
        }
        Ok(Body { payload: decoder.finish().map_err(named)?, wire_bytes, complete })
    }

    /// Whether the end of the body is told from the connection's end: not so where an HTTP/1 answer has neither length nor chunks.
    fn length_is_checked(&self) -> bool {
        let bodiless = matches!(self.status(), 204 | 304);
        let framed = self.headers().contains_key(CONTENT_LENGTH) || self.headers().contains_key(TRANSFER_ENCODING);
        bodiless || framed || self.response.version() == Version::HTTP_2
    }
}

/// Watches that a body keeps coming: neither past the deadline, nor slower than the least rate in any window.
struct Pulse {
    deadline: Instant,
    window: Duration,
    window_end: Instant,
    window_bytes: u64,
}

impl Pulse {
    fn new(options: &Options, deadline: Instant) -> Self {
        let window = options.rate_window.max(Duration::from_millis(1));
        Self { deadline, window, window_end: Instant::now() + window, window_bytes: 0 }
    }

    async fn next_chunk(
        &mut self,
        response: &mut Response,
        options: &Options,
        name: &str,
    ) -> Result<Option<bytes::Bytes>, FetchError> {
        loop {
            match timeout_at(self.deadline.min(self.window_end), response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    self.window_bytes += chunk.len() as u64;
                    if Instant::now() >= self.window_end {
                        self.judge(options, name)?;
                    }
                    return Ok(Some(chunk));
                }
                Ok(Ok(None)) => return Ok(None),
                Ok(Err(error)) => return Err(failed_body(&error, name)),
                Err(_) => self.judge(options, name)?,
            }
        }
    }

    fn judge(&mut self, options: &Options, name: &str) -> Result<(), FetchError> {
        if Instant::now() >= self.deadline {
            return Err(FetchError::Timeout { url: name.into(), after: options.total_timeout });
        }
        let least = options.minimum_rate as f64 * self.window.as_secs_f64();
        if (self.window_bytes as f64) < least {
            return Err(FetchError::TooSlow { url: name.into(), least: options.minimum_rate });
        }
        (self.window_end, self.window_bytes) = (Instant::now() + self.window, 0);
        Ok(())
    }
}

fn decode_failed(error: &DecodeError, name: &str) -> FetchError {
    let url = name.to_owned();
    match *error {
        DecodeError::TooLarge(limit) => FetchError::TooLarge { url, what: "body", limit },
        DecodeError::Bomb(ratio) => FetchError::Bomb { url, ratio },
        DecodeError::EndsEarly => FetchError::Truncated { url, why: error.to_string() },
        DecodeError::Corrupt(_) | DecodeError::Unknown(_) => FetchError::Decode { url, why: error.to_string() },
    }
}

fn header_number(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn header_texts(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}
