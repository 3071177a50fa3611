//! Relative links → absolute ones.

use std::sync::Arc;
use url::Url;

/// Schemes that a base may have: what is relative to anything else is left as it is.
const SCHEMES: &[&str] = &["http", "https", "ftp", "file", "feed"];

/// The longest base, in bytes: it stands in every link that is relative to it (judgement: no browser takes much more).
const LONGEST_BASE: usize = 2048;

/// How many bytes of a document's links may be made (judgement: three times the largest document).
const MOST_MADE: usize = 64 << 20;

/// Joins links to bases; the base that was used last is kept parsed.
#[derive(Debug, Default)]
pub(super) struct Bases {
    last: Option<(Arc<str>, Option<Url>)>,
    made: usize,
}

impl Bases {
    /// A link as it is written → where it leads.
    pub(super) fn join(&mut self, base: Option<&Arc<str>>, link: &str) -> String {
        let link = link.trim();
        if is_absolute(link) {
            // `http:///host`: nobody means an empty host.
            return match link.split_once(":///") {
                Some((scheme, rest)) if scheme.len() <= 5 && scheme.starts_with("http") => {
                    format!("{scheme}://{}", rest.trim_start_matches('/'))
                }
                _ => link.to_owned(),
            };
        }
        if self.made > MOST_MADE {
            return link.to_owned();
        }
        if link.is_empty() {
            self.made += base.map_or(0, |base| base.len());
            return base.filter(|base| is_absolute(base)).map_or_else(String::new, ToString::to_string);
        }
        let Some(base) = base.and_then(|base| self.parsed(base)) else { return link.to_owned() };
        let Ok(joined) = base.join(link) else { return link.to_owned() };
        self.made += joined.as_str().len();
        // Letters that are written as letters stay so, as in links that are absolute.
        if link.is_ascii() { joined.into() } else { with_letters(joined.as_str()) }
    }

    fn parsed(&mut self, base: &Arc<str>) -> Option<&Url> {
        if self.last.as_ref().is_none_or(|(known, _)| !Arc::ptr_eq(known, base)) {
            let url = Url::parse(base).ok().filter(|url| SCHEMES.contains(&url.scheme()));
            self.last = Some((Arc::clone(base), url));
        }
        self.last.as_ref().and_then(|(_, url)| url.as_ref())
    }
}

/// A URL with the letters beyond ASCII that it has in percent signs.
fn with_letters(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find('%') {
        let run = rest.as_bytes()[at..].chunks_exact(3).take_while(|three| three[0] == b'%').count() * 3;
        out.push_str(&rest[..at]);
        // Of what decodes only the letters beyond ASCII: the rest has a meaning as it is.
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(&rest[at..at + run]).collect();
        match String::from_utf8(decoded) {
            Ok(letters) if run > 0 && letters.chars().all(|letter| letter > '\u{a0}') => out.push_str(&letters),
            _ => out.push_str(&rest[at..at + run.max(1)]),
        }
        rest = &rest[at + run.max(1)..];
    }
    out + rest
}

/// Whether links can be relative to it: a base that is no address is as none.
pub(super) fn is_usable(base: &str) -> bool {
    let scheme = base.split(':').next().unwrap_or_default();
    let is_ours = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    base.len() <= LONGEST_BASE && (is_ours || !is_absolute(base))
}

/// Whether a link has a scheme.
pub(super) fn is_absolute(link: &str) -> bool {
    let Some(colon) = link.bytes().take(24).position(|byte| byte == b':') else { return false };
    let scheme = &link.as_bytes()[..colon];
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}
