//! A page that a browser saved as MHTML (RFC 2557) → its parts, decoded.
//!
//! Total and bounded: the number of parts, the depth of nested multiparts and the bytes of a part are limited, and what cannot be
//! decoded is passed over.

mod encoding;
mod header;

use header::{Header, parameter};

/// The most parts that are looked at: judgement; a long page has some hundred pictures.
const MOST_PARTS: usize = 5_000;

/// How deep multiparts may stand in multiparts: judgement; browsers write one level, mail programs two.
const DEEPEST: u8 = 4;

/// How far from its beginning a file must show that it is MHTML.
const SHOWN_WITHIN: usize = 16 * 1024;

/// One file of a saved page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Where it came from (`Content-Location`), as written.
    pub location: Option<String>,
    /// The name by which the page's links mean it (`cid:`), without brackets.
    pub id: Option<String>,
    /// Its `Content-Type`, parameters and all.
    pub content_type: String,
    transfer_encoding: String,
    body: &'a [u8],
}

impl Part<'_> {
    /// Its bytes as they were before they were packed for mail.
    pub fn decode(&self) -> Vec<u8> {
        encoding::decode(self.body, &self.transfer_encoding)
    }

    /// Whether it is a page.
    pub fn is_page(&self) -> bool {
        let kind = self.content_type.to_ascii_lowercase();
        kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml")
    }
}

/// A saved page, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved<'a> {
    /// The URL of the page, where the browser noted it.
    pub url: Option<String>,
    /// The page itself.
    pub page: usize,
    /// All its files, in file order.
    pub parts: Vec<Part<'a>>,
}

impl Saved<'_> {
    /// The page's own part.
    pub fn root(&self) -> &Part<'_> {
        &self.parts[self.page]
    }
}

/// Whether a file begins as MHTML does.
pub fn is_mhtml(file: &[u8]) -> bool {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    // Every page that is fetched is asked this: its first byte answers for nearly all.
    if !file.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let (header, _) = Header::read(&file[..file.len().min(SHOWN_WITHIN)]);
    header.get("mime-version").is_some() && boundary(&header).is_some()
}

/// Takes a saved page apart; `None` where the file is none, or holds no page.
pub fn open(file: &[u8]) -> Option<Saved<'_>> {
    if !is_mhtml(file) {
        return None;
    }
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let (header, body) = Header::read(file);
    let mut parts = Vec::new();
    collect(body, &boundary(&header)?, DEEPEST, &mut parts);
    let url = header.get("snapshot-content-location").or_else(|| header.get("content-location")).map(str::to_owned);
    let start = header.get("content-type").and_then(|value| parameter(value, "start"));
    let start = start.map(|id| id.trim_matches(['<', '>']).to_owned());
    let is_start = |part: &Part<'_>| part.id.is_some() && part.id == start;
    let is_named = |part: &Part<'_>| url.is_some() && part.location == url;
    let page = parts
        .iter()
        .position(|part| part.is_page() && is_start(part))
        .or_else(|| parts.iter().position(|part| part.is_page() && is_named(part)))
        .or_else(|| parts.iter().position(Part::is_page))?;
    let url = url.or_else(|| parts[page].location.clone());
    Some(Saved { url, page, parts })
}

/// The boundary that a multipart names.
fn boundary(header: &Header) -> Option<String> {
    let value = header.get("content-type")?;
    let multipart = value.trim_start().to_ascii_lowercase().starts_with("multipart/");
    parameter(value, "boundary").filter(|boundary| multipart && (1..=200).contains(&boundary.len()))
}

/// Adds the parts between boundaries, those of nested multiparts too.
fn collect<'a>(body: &'a [u8], boundary: &str, depth: u8, parts: &mut Vec<Part<'a>>) {
    for piece in pieces(body, boundary) {
        if parts.len() >= MOST_PARTS {
            return;
        }
        let (header, body) = Header::read(piece);
        if let Some(inner) = self::boundary(&header) {
            if depth > 0 {
                collect(body, &inner, depth - 1, parts);
            }
            continue;
        }
        let text = |name: &str| header.get(name).map(str::to_owned);
        parts.push(Part {
            location: text("content-location"),
            id: text("content-id").map(|id| id.trim_matches(['<', '>']).to_owned()),
            content_type: text("content-type").unwrap_or_else(|| "text/plain".to_owned()),
            transfer_encoding: text("content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase(),
            body,
        });
    }
}

/// What stands between the lines that are boundaries, up to the closing one or the file's end.
fn pieces<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mark = format!("--{boundary}");
    let mark = mark.as_bytes();
    let (mut pieces, mut open, mut at) = (Vec::new(), None, 0);
    while at < body.len() {
        let end = body[at..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |length| at + length + 1);
        let line = body[at..end].trim_ascii_end();
        if line.starts_with(mark) && matches!(&line[mark.len()..], b"" | b"--") {
            if let Some(start) = open.replace(end) {
                pieces.push(&body[start..at]);
            }
            if line.len() > mark.len() || pieces.len() >= MOST_PARTS {
                return pieces;
            }
        }
        at = end;
    }
    pieces.extend(open.map(|start| &body[start.min(body.len())..]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA\r\n\
        Subject: =?utf-8?Q?x?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----B\"\r\n\r\n\r\n\
        ------B\r\nContent-Type: text/css\r\nContent-Location: cid:css\r\nContent-Transfer-Encoding: base64\r\n\r\ncCB7\r\nfQ==\r\n\r\n\
        ------B\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\
        Content-Location: https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA\r\n\r\n<p class=3D\"a\">=E6=B8=A1=\r\n=E5=8F=A3</p>\r\n------B--\r\nafter";

    #[test]
    fn the_page_and_its_files_are_found() {
        let saved = open(FILE.as_bytes()).unwrap();
        assert_eq!(saved.url.as_deref(), Some("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA"));
        assert_eq!((saved.page, saved.parts.len()), (1, 2));
        assert_eq!(String::from_utf8(saved.root().decode()).unwrap().trim_end(), "<p class=\"a\">渡口</p>");
        assert_eq!(saved.parts[0].decode(), b"p {}");
    }

    #[test]
    fn what_is_none_is_left_alone_and_cut_files_are_read() {
        assert_eq!(open(b"<html></html>"), None);
        assert_eq!(open(b"Dear Sir: hello"), None);
        let cut = &FILE[..FILE.len() - 40];
        assert!(open(cut.as_bytes()).is_some());
        for end in 0..FILE.len() {
            if let Some(saved) = open(&FILE.as_bytes()[..end]) {
                saved.parts.iter().for_each(|part| drop(part.decode()));
            }
        }
    }

    #[test]
    fn many_parts_and_deep_ones_are_bounded() {
        let many = format!(
            "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n{}",
            "--b\n\nx\n".repeat(20_000)
        );
        assert_eq!(open(many.as_bytes()), None);
        let nested = "--b\nContent-Type: multipart/mixed; boundary=b\n\n".repeat(20_000);
        assert_eq!(
            open(format!("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n{nested}").as_bytes()),
            None
        );
    }
}
