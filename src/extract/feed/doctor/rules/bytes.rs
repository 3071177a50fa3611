//! What the declaration says of the bytes, and what the bytes say.

use super::super::code::Code;
use super::super::problem::Found;
use super::super::walk::Doctor;
use super::{Source, children, named};
use crate::model::CanonicalUrl;
use encoding_rs::{Encoding, UTF_8};

/// Charsets that browsers read but few feed readers do.
const RARE: &[&str] = &[
    "utf-7",
    "utf-32",
    "ibm866",
    "iso-8859-10",
    "iso-8859-14",
    "iso-8859-16",
    "iso-8859-8-i",
    "x-mac-cyrillic",
    "macintosh",
    "iso-2022-jp",
    "hz-gb-2312",
];

/// Names that some software gives to charsets that IANA calls otherwise.
const VENDORS: &[&str] =
    &["win-1250", "win-1251", "win-1252", "cp1252", "x-sjis", "x-gbk", "x-euc-jp", "x-big5", "ansi", "unicode", "utf8"];

/// The XML declaration, and whether the bytes keep its word.
pub(super) fn declaration(doctor: &Doctor<'_, '_>, source: &Source<'_>, found: &mut Found) {
    let (payload, charset) = (source.payload, source.charset);
    let declared = doctor.tree.prolog.declaration;
    let whole = declared.unwrap_or_default();
    if let Some(version) = value(whole, "version").filter(|version| *version != "1.0") {
        found.at(1, Code::XmlVersion, "", version);
    }
    let label = value(whole, "encoding");
    match label {
        None if declared.is_none() && !payload.is_ascii() && !payload.starts_with(b"\xef\xbb\xbf") => {
            found.at(1, Code::NoCharset, "", "");
        }
        None => {}
        Some(label) => named_charset(label, payload, found),
    }
    let declared_encoding = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    if charset == "utf-8" && !payload.is_ascii() && declared_encoding.is_some_and(|encoding| encoding != UTF_8) {
        found.at(1, Code::DisprovedCharset, "", label.unwrap_or_default());
    }
    let is_utf8 = label.is_none_or(|label| Encoding::for_label(label.as_bytes()) == Some(UTF_8));
    let is_wide = payload.starts_with(b"\xff\xfe")
        || payload.starts_with(b"\xfe\xff")
        || payload.iter().take(4).any(|byte| *byte == 0);
    if is_utf8 && !is_wide && std::str::from_utf8(payload).is_err() {
        found.at(line_of_error(payload), Code::InvalidBytes, "", "UTF-8");
    }
    let is_podcast = named(doctor, "", "channel")
        .find(|channel| doctor.tree.children(*channel).any(|(_, child)| child.space.prefix() == Some("itunes")));
    if let Some(channel) = is_podcast
        .filter(|_| !is_utf8 && !payload.is_ascii() || label.is_some_and(|label| !label.eq_ignore_ascii_case("utf-8")))
    {
        found.add(doctor.place(channel), Code::NotUtf8, charset);
    }
}

/// How the feed is served, and whether it knows its address.
pub(super) fn delivery(doctor: &Doctor<'_, '_>, source: &Source<'_>, found: &mut Found) {
    let media_type = source.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_xml = media_type.ends_with("/xml") || media_type.ends_with("+xml");
    if !media_type.is_empty() && !is_xml {
        found.at(1, Code::MediaType, "", &media_type);
    }
    let Some(url) = source.url else { return };
    let place = named(doctor, "", "channel").next().unwrap_or(0);
    if doctor.tree.nodes.is_empty() {
        return;
    }
    let own = children(doctor, place, "atom", "link")
        .find(|link| doctor.tree.attribute(doctor.node(*link), "rel") == Some("self"));
    let Some(link) = own else { return };
    let href = doctor.tree.attribute(doctor.node(link), "href").unwrap_or_default();
    if CanonicalUrl::parse(href).is_ok_and(|own| own != *url) {
        found.add(doctor.place(link), Code::SelfElsewhere, href);
    }
}

fn named_charset(label: &str, payload: &[u8], found: &mut Found) {
    let lower = label.to_ascii_lowercase();
    let bom = Encoding::for_bom(payload).map(|(encoding, _)| encoding);
    if VENDORS.contains(&lower.as_str()) {
        found.at(1, Code::VendorCharset, "", label);
    } else if RARE.contains(&lower.as_str()) {
        found.at(1, Code::RareCharset, "", label);
    } else if lower != "us-ascii" && Encoding::for_label(label.as_bytes()).is_none() {
        found.at(1, if is_registered(&lower) { Code::RareCharset } else { Code::UnknownCharset }, "", label);
    }
    // What the standard reads as Windows-1252 is said to be ASCII: a byte beyond it breaks the word.
    if matches!(lower.as_str(), "us-ascii" | "ascii") && !payload.is_ascii()
        || bom.is_some_and(|bom| bom == UTF_8 && lower != "utf-8")
    {
        found.at(1, Code::InvalidBytes, "", label);
    }
}

/// Whether a name looks like one of IANA's that browsers do not read: old code pages.
fn is_registered(label: &str) -> bool {
    ["ebcdic", "ibm", "cp", "iso-10646", "iso_", "utf-32", "utf-7", "iso-2022", "macroman", "tis", "viscii", "jis"]
        .iter()
        .any(|start| label.starts_with(start))
}

/// The value of a declaration's pseudo-attribute.
fn value<'a>(declaration: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = declaration.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest[1..].split(quote).next()
}

fn line_of_error(payload: &[u8]) -> u32 {
    let at = std::str::from_utf8(payload).err().map_or(0, |error| error.valid_up_to());
    memchr::memchr_iter(b'\n', &payload[..at]).count() as u32 + 1
}
