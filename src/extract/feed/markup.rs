//! HTML that stays as it is, but for relative links, which become absolute, and for what browsers would take for something
//! else: a `<!` that begins nothing swallows what follows it. One pass, without a tree.

use super::escape::Entities;
use super::resolve::{Bases, is_absolute};
use memchr::{memchr, memchr2};
use std::sync::Arc;

/// Attributes that hold a link.
const LINKS: &[&str] = &[
    "action",
    "background",
    "cite",
    "classid",
    "codebase",
    "data",
    "formaction",
    "href",
    "icon",
    "longdesc",
    "poster",
    "profile",
    "src",
    "usemap",
];

/// The markup with its links made absolute; `None` where nothing changes.
pub(super) fn mended(html: &str, base: Option<&Arc<str>>, bases: &mut Bases) -> Option<String> {
    let base = base.filter(|base| is_absolute(base));
    let bytes = html.as_bytes();
    let mut out: Option<String> = None;
    let (mut done, mut at) = (0, 0);
    while let Some(open) = memchr(b'<', &bytes[at..]).map(|found| at + found) {
        at = open + 1;
        if bytes.get(at) == Some(&b'!')
            && !bytes.get(at + 1).is_some_and(|next| next.is_ascii_alphabetic() || b"-[".contains(next))
        {
            let out = out.get_or_insert_with(|| String::with_capacity(html.len() + 256));
            out.push_str(&html[done..open]);
            out.push_str("&lt;");
            done = at;
            continue;
        }
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        at += bytes[at..]
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<'))
            .unwrap_or(0);
        if bytes[at..].starts_with(b"/>") {
            // `<br/>`: with a space, as XHTML's compatibility guidelines have it (appendix C.2).
            let out = out.get_or_insert_with(|| String::with_capacity(html.len() + 256));
            out.push_str(&html[done..at]);
            out.push(' ');
            done = at;
            continue;
        }
        let Some(base) = base else { continue };
        while let Some(found) = attribute(html, &mut at) {
            let value = &html[found.from..found.to];
            if !LINKS.iter().any(|link| found.name.eq_ignore_ascii_case(link))
                || is_absolute(value.trim())
                || value.starts_with('#')
            {
                continue;
            }
            let plain = Entities::default().resolve(value).into_owned();
            let joined = bases.join(Some(base), &plain);
            if joined == plain {
                continue;
            }
            let out = out.get_or_insert_with(|| String::with_capacity(html.len() + 256));
            out.push_str(&html[done..found.from]);
            out.push_str(&joined.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;"));
            done = found.to;
        }
    }
    let mut out = out?;
    out.push_str(&html[done..]);
    Some(out)
}

struct Found<'a> {
    name: &'a str,
    from: usize,
    to: usize,
}

/// The next attribute of a tag that has a value; `None` at the tag's end.
fn attribute<'a>(html: &'a str, at: &mut usize) -> Option<Found<'a>> {
    let bytes = html.as_bytes();
    loop {
        while bytes.get(*at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'/') {
            *at += 1;
        }
        let from = *at;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'<' | b'/');
        *at += bytes[from..].iter().position(ends)?;
        let name = &html[from..*at];
        while bytes.get(*at).is_some_and(u8::is_ascii_whitespace) {
            *at += 1;
        }
        match bytes.get(*at)? {
            b'>' | b'<' => return None,
            b'=' => {}
            _ => continue,
        }
        *at += 1;
        while bytes.get(*at).is_some_and(u8::is_ascii_whitespace) {
            *at += 1;
        }
        let quote = *bytes.get(*at)?;
        if quote == b'"' || quote == b'\'' {
            let from = *at + 1;
            // A quote that is not closed ends with its tag.
            let to = from + memchr2(quote, b'<', &bytes[from..])?;
            *at = to + usize::from(bytes[to] == quote);
            return Some(Found { name, from, to });
        }
        let from = *at;
        *at += bytes[from..].iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>' || *byte == b'<')?;
        return Some(Found { name, from, to: *at });
    }
}
