//! WARC 1.1 records (ISO 28500:2017): written, and read back. Knows nothing of files or frames.

use crate::model::{Capture, Digest, MessageHead, Time};
use chrono::SecondsFormat;

/// Response headers that describe the transfer, not the payload as held; they are kept under another name.
const TRANSFER: &[&str] = &["content-encoding", "transfer-encoding", "content-length"];

/// What the transfer headers are kept as.
const ORIGINAL: &str = "X-Archive-Orig-";

/// One record: header fields in order, and the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Named fields (WARC 1.1 §5), without the version line.
    pub(crate) fields: Vec<(String, String)>,
    /// The block, `Content-Length` bytes.
    pub(crate) block: Vec<u8>,
}

impl Record {
    /// A field's value.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// `response`, `revisit`, `metadata`, …; empty where the record does not say.
    pub(crate) fn kind(&self) -> &str {
        self.field("WARC-Type").unwrap_or_default()
    }

    /// The record's id without its angle brackets; empty where there is none.
    pub(crate) fn id(&self) -> &str {
        self.field("WARC-Record-ID").unwrap_or_default().trim_matches(['<', '>'])
    }

    /// The digest of the payload, where the record states one.
    pub(crate) fn payload_digest(&self) -> Option<Digest> {
        Digest::parse(self.field("WARC-Payload-Digest")?)
    }

    /// A field of a `warcinfo` block (§6.2).
    pub(crate) fn info(&self, name: &str) -> Option<String> {
        let block = String::from_utf8_lossy(&self.block);
        let mut fields = block.split("\r\n").filter_map(|line| line.split_once(": "));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    /// The HTTP payload of a response block: what follows the blank line.
    pub(crate) fn payload(&self) -> &[u8] {
        let end = self.block.windows(4).position(|four| four == b"\r\n\r\n");
        end.map_or(&[], |at| &self.block[at + 4..])
    }

    /// The status line and headers of a response block.
    pub(crate) fn http_head(&self) -> MessageHead {
        let end = self.block.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(self.block.len());
        let text = String::from_utf8_lossy(&self.block[..end]);
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default();
        let line = line.split_once(' ').map_or(line, |(_, rest)| rest).to_owned();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        MessageHead { line, protocol: self.field("WARC-Protocol").unwrap_or("http/1.1").to_owned(), headers }
    }

    /// The record as it stands in a file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.block.len() + 512);
        bytes.extend_from_slice(b"WARC/1.1\r\n");
        for (name, value) in &self.fields {
            bytes.extend_from_slice(format!("{name}: {}\r\n", one_line(value)).as_bytes());
        }
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", self.block.len()).as_bytes());
        bytes.extend_from_slice(&self.block);
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes
    }

    /// Reads a record that fills `bytes` exactly.
    ///
    /// # Errors
    /// With a sentence, when the bytes are no record.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no end of the record header")?;
        let text = std::str::from_utf8(&bytes[..head]).map_err(|_| "the record header is not UTF-8")?;
        let mut lines = text.split("\r\n");
        if !lines.next().is_some_and(|line| line.starts_with("WARC/1.")) {
            return Err("no WARC version line".into());
        }
        let mut fields = Vec::new();
        let mut length = None;
        for line in lines {
            let (name, value) = line.split_once(": ").ok_or_else(|| format!("no field in {line:?}"))?;
            if name.eq_ignore_ascii_case("Content-Length") {
                length = value.parse::<usize>().ok();
            } else {
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        let length = length.ok_or("no Content-Length")?;
        let block = bytes.get(head + 4..).unwrap_or_default();
        if block.len() != length + 4 || !block.ends_with(b"\r\n\r\n") {
            return Err(format!("the block has {} bytes, its header says {length}", block.len().saturating_sub(4)));
        }
        Ok(Self { fields, block: block[..length].to_vec() })
    }
}

/// The first record of every segment: what wrote it, and which archive it is of (WARC 1.1 §6.2).
pub(crate) fn warcinfo(id: &str, at: Time, family: &str, archive_id: &str) -> Record {
    let version = env!("CARGO_PKG_VERSION");
    let block = format!(
        "software: wangqi/{version}\r\nformat: WARC File Format 1.1\r\nconformsTo: \
         http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\nisPartOf: {archive_id}\r\n\
         description: {family}; payloads are held after transfer- and content-decoding, original headers as X-Archive-Orig-*\r\n"
    );
    record("warcinfo", id, at, "application/warc-fields", None, block.into_bytes())
}

/// The request of a capture (§6.5).
pub(crate) fn request(id: &str, response_id: &str, capture: &Capture) -> Record {
    let block =
        format!("{} HTTP/1.1\r\n{}\r\n", one_line(&capture.request.line), lines(&capture.request.headers, |_| false));
    let kind = "application/http;msgtype=request";
    let mut record = record("request", id, capture.at, kind, Some(capture.final_url.as_str()), block.into_bytes());
    record.fields.push(("WARC-Concurrent-To".into(), format!("<{response_id}>")));
    record
}

/// The response of a capture (§6.3), payload decoded.
pub(crate) fn response(id: &str, capture: &Capture) -> Record {
    let mut block = response_head(capture);
    block.extend_from_slice(&capture.payload);
    let kind = "application/http;msgtype=response";
    let mut record = record("response", id, capture.at, kind, Some(capture.final_url.as_str()), block);
    describe(&mut record, capture);
    record
}

/// A response whose payload is held already (§6.7: identical payload digest, or 304 not modified): its head only, and where the payload is.
pub(crate) fn revisit(id: &str, capture: &Capture, held: Option<(&str, &str, Time)>) -> Record {
    let kind = "application/http;msgtype=response";
    let block = response_head(capture);
    let mut record = record("revisit", id, capture.at, kind, Some(capture.final_url.as_str()), block);
    let profile = if capture.status == 304 { "server-not-modified" } else { "identical-payload-digest" };
    let profile = format!("http://netpreserve.org/warc/1.1/revisit/{profile}");
    record.fields.push(("WARC-Profile".into(), profile));
    if let Some((held_id, url, at)) = held {
        record.fields.push(("WARC-Refers-To".into(), format!("<{held_id}>")));
        record.fields.push(("WARC-Refers-To-Target-URI".into(), url.into()));
        record.fields.push(("WARC-Refers-To-Date".into(), date(at)));
    }
    describe(&mut record, capture);
    record
}

/// The last record of a visit (§6.6): the rest of it, as JSON.
pub(crate) fn metadata(id: &str, at: Time, url: &str, refers_to: Option<&str>, json: Vec<u8>) -> Record {
    let mut record = record("metadata", id, at, "application/json", Some(url), json);
    if let Some(other) = refers_to {
        record.fields.push(("WARC-Concurrent-To".into(), format!("<{other}>")));
    }
    record
}

fn record(kind: &str, id: &str, at: Time, media_type: &str, url: Option<&str>, block: Vec<u8>) -> Record {
    let mut fields = vec![
        ("WARC-Type".to_owned(), kind.to_owned()),
        ("WARC-Record-ID".to_owned(), format!("<{id}>")),
        ("WARC-Date".to_owned(), date(at)),
    ];
    if let Some(url) = url {
        fields.push(("WARC-Target-URI".to_owned(), url.to_owned()));
    }
    fields.push(("Content-Type".to_owned(), media_type.to_owned()));
    Record { fields, block }
}

fn describe(record: &mut Record, capture: &Capture) {
    if capture.status != 304 {
        record.fields.push(("WARC-Payload-Digest".into(), capture.digest.to_string()));
    }
    record.fields.push(("WARC-Protocol".into(), capture.response.protocol.clone()));
    if let Some(address) = capture.address {
        record.fields.push(("WARC-IP-Address".into(), address.to_string()));
    }
}

/// The answer's head as it fits the decoded payload: transfer headers renamed, the true length stated.
fn response_head(capture: &Capture) -> Vec<u8> {
    let is_transfer = |name: &str| TRANSFER.iter().any(|transfer| name.eq_ignore_ascii_case(transfer));
    let head = lines(&capture.response.headers, is_transfer);
    let line = one_line(&capture.response.line);
    format!("HTTP/1.1 {line}\r\n{head}Content-Length: {}\r\n\r\n", capture.payload.len()).into_bytes()
}

fn lines(headers: &[(String, String)], rename: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        let prefix = if rename(name) { ORIGINAL } else { "" };
        text.push_str(&format!("{prefix}{}: {}\r\n", one_line(name), one_line(value)));
    }
    text
}

/// A header is one line, whatever a server managed to send.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if matches!(letter, '\r' | '\n' | '\0') { ' ' } else { letter }).collect()
}

fn date(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
