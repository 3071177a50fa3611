//! Checks of an element with what is in it: Atom's texts and contents, XHTML, guids, media.

use super::address;
use super::check::listed;
use super::code::Code;
use super::markup;
use super::problem::Found;
use super::walk::Doctor;

/// How an Atom element says its text is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Html,
    Xhtml,
}

/// RFC 4287, section 3.1: a title, a summary, a subtitle, rights.
pub(super) fn text_construct(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    let mode = match doctor.tree.attribute(node, "type") {
        None | Some("text") => Mode::Plain,
        Some("html") => Mode::Html,
        Some("xhtml") => Mode::Xhtml,
        Some(other) => {
            let code = match other {
                "" => Code::BlankAttribute,
                _ if address::is_media_type(other) => Code::BadTextType,
                _ => Code::BadMediaType,
            };
            found.add(doctor.place(at), code, other);
            inline_or(doctor, at, mode_of(other))
        }
    };
    read(doctor, at, mode, found);
    let blank = node.text.trim().is_empty() && node.end == at + 1;
    if blank {
        found.add(doctor.place(at), Code::Blank, "");
    }
}

/// What a media type means for a text.
fn mode_of(media_type: &str) -> Mode {
    match media_type.to_ascii_lowercase().as_str() {
        "text/html" => Mode::Html,
        "application/xhtml+xml" => Mode::Xhtml,
        _ => Mode::Plain,
    }
}

/// Atom 0.3's mode: markup may stand there as it is.
fn inline_or(doctor: &Doctor<'_, '_>, at: usize, mode: Mode) -> Mode {
    match doctor.tree.attribute(doctor.node(at), "mode") {
        Some("xml") => Mode::Xhtml,
        _ => mode,
    }
}

fn read(doctor: &Doctor<'_, '_>, at: usize, mode: Mode, found: &mut Found) {
    let node = doctor.node(at);
    match mode {
        Mode::Plain => {
            for (child, _) in doctor.tree.children(at) {
                found.add(doctor.place(child), Code::UnknownElement, "");
            }
            if let Some(sign) = markup::sign(&node.text) {
                found.add(doctor.place(at), Code::UndeclaredHtml, sign);
            }
        }
        Mode::Html => {
            if node.end > at + 1 {
                found.add(doctor.place(at), Code::NotEscaped, "");
                for (child, _) in doctor.tree.children(at) {
                    found.add(doctor.place(child), Code::UnknownElement, "");
                }
            }
            let has_base = doctor.has_base(at);
            markup::html(&node.text, &mut |code, value| {
                // Where xml:base says from where, a relative address is whole.
                if code != Code::RelativeReference || !has_base {
                    found.add(doctor.place(at), code, value);
                }
            });
        }
        Mode::Xhtml => {
            let mut children = doctor.tree.children(at);
            let first = children.next().map(|(_, child)| child);
            let one_div = first.is_some_and(|child| child.is("xhtml", "div")) && children.next().is_none();
            if !one_div || !node.text.trim().is_empty() {
                found.add(doctor.place(at), Code::NoDiv, "");
            }
            inline(doctor, at, found);
        }
    }
}

/// XHTML's elements and attributes, to any depth, and whether its markup is escaped.
fn inline(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    xhtml(doctor, at, found);
    let node = doctor.node(at);
    let elements = (at + 1..node.end).filter(|child| !doctor.node(*child).is("xhtml", "div")).count();
    let escaped = (at..node.end).find_map(|child| markup::tag(&doctor.node(child).text));
    if elements == 0 && escaped.is_some() {
        found.add(doctor.place(at), Code::NotInline, escaped.unwrap_or_default());
    }
}

/// What is wrong with the XHTML in an element.
pub(super) fn xhtml(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let whole = doctor.node(at);
    for child in at + 1..whole.end {
        let node = doctor.node(child);
        match node.space.prefix() {
            Some("xhtml") => {
                if markup::is_harmful(node.local) {
                    found.add(doctor.place(child), Code::UnsafeMarkup, node.raw);
                } else if !markup::is_known(node.local) && whole.local != "body" {
                    found.add(doctor.place(child), Code::BadHtml, node.raw);
                }
                for attribute in doctor.tree.attributes(node) {
                    let mut tell = |code, value: &str| found.add(doctor.place_of(child, attribute.raw), code, value);
                    // The base of relative addresses is the document's: that they are relative is no mistake in Atom.
                    markup::attribute(attribute.raw, &attribute.value, &mut |code, value| {
                        if code != Code::RelativeReference {
                            tell(code, value);
                        }
                    });
                }
            }
            Some("svg" | "math") => foreign(doctor, child, found),
            Some("") if markup::is_known(node.local) => found.add(doctor.place(child), Code::NoNamespace, ""),
            Some("atom" | "") => found.add(doctor.place(child), Code::BadHtml, node.raw),
            Some(_) => {}
            None => found.add(doctor.place(child), Code::UnknownNamespace, node.raw),
        }
    }
}

/// Drawings and formulas: elements that can do harm, and names that neither language has.
fn foreign(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    const SVG: &str = "\
    a|animate|circle|clipPath|defs|desc|ellipse|g|line|linearGradient|marker|metadata|path|polygon|polyline|\
    radialGradient|rect|set|stop|svg|switch|symbol|text|title|tspan|use";
    const MATH: &str = "\
    annotation|maction|math|mathml|menclose|merror|mfenced|mfrac|mi|mmultiscripts|mn|mo|mover|mpadded|\
    mphantom|mprescripts|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder|\
    munderover|none|semantics";
    let node = doctor.node(at);
    let known = if node.space.prefix() == Some("svg") { SVG } else { MATH };
    if !listed(known, node.local) {
        found.add(doctor.place(at), Code::UnsafeMarkup, node.raw);
    }
    for attribute in doctor.tree.attributes(node) {
        if attribute.raw.starts_with("on") {
            found.add(doctor.place_of(at, attribute.raw), Code::UnsafeAttribute, attribute.raw);
        }
    }
}

/// RFC 4287, section 4.1.3: what an entry has to say.
pub(super) fn content(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    let media_type = doctor.tree.attribute(node, "type");
    if doctor.tree.attribute(node, "src").is_some() {
        if media_type.is_some_and(|kind| !address::is_media_type(kind)) {
            found.add(doctor.place_of(at, "type"), Code::BadMediaType, media_type.unwrap_or_default());
        }
        if !node.text.trim().is_empty() {
            found.add(doctor.place(at), Code::StrayText, &node.text);
        }
        for (child, _) in doctor.tree.children(at) {
            found.add(doctor.place(child), Code::UnknownElement, "");
        }
        return;
    }
    if node.text.trim().is_empty() && node.end == at + 1 {
        found.add(doctor.place(at), Code::Blank, "");
    }
    match media_type {
        None | Some("text") => read(doctor, at, Mode::Plain, found),
        Some("html") => read(doctor, at, Mode::Html, found),
        Some("xhtml") => read(doctor, at, Mode::Xhtml, found),
        Some("") => found.add(doctor.place(at), Code::BlankAttribute, ""),
        Some(kind) => foreign_content(doctor, at, kind, found),
    }
}

/// A content of some media type.
fn foreign_content(doctor: &Doctor<'_, '_>, at: usize, kind: &str, found: &mut Found) {
    let node = doctor.node(at);
    let lower = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !address::is_media_type(kind) || lower.starts_with("multipart/") || lower.starts_with("message/") {
        found.add(doctor.place(at), Code::BadMediaType, kind);
    } else if lower.ends_with("/xml") || lower.ends_with("+xml") {
        if !node.text.trim().is_empty() && node.end > at + 1 {
            found.add(doctor.place(at), Code::StrayText, &node.text);
        }
        if lower == "application/xhtml+xml" {
            if doctor.tree.children(at).any(|(_, child)| !child.is("xhtml", "html")) {
                found.add(doctor.place(at), Code::WholePage, kind);
            }
            inline(doctor, at, found);
        }
    } else if lower == "text/html" {
        let is_page = node
            .text
            .trim_start()
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("<html") || start.eq_ignore_ascii_case("<!doc"));
        if !is_page {
            found.add(doctor.place(at), Code::WholePage, kind);
        }
        read(doctor, at, inline_or(doctor, at, Mode::Html), found);
    } else if lower.starts_with("text/") {
        for (child, _) in doctor.tree.children(at) {
            found.add(doctor.place(child), Code::UnknownElement, "");
        }
        if lower == "text/plain"
            && let Some(sign) = markup::sign(&node.text)
        {
            found.add(doctor.place(at), Code::UndeclaredHtml, sign);
        }
    } else if !is_base64(&node.text) {
        found.add(doctor.place(at), Code::BadBase64, "");
    } else {
        base64_text(doctor, at, found);
    }
}

fn is_base64(text: &str) -> bool {
    let letters = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let (mut count, mut fits) = (0_usize, true);
    for byte in letters {
        count += 1;
        fits &= byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    }
    fits && count.is_multiple_of(4)
}

/// HTML that hides in base64.
fn base64_text(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    use base64::Engine as _;
    let packed: String = doctor.node(at).text.split_whitespace().collect();
    if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(packed)
        && let Ok(text) = String::from_utf8(bytes)
    {
        markup::html(&text, &mut |code, value| {
            if code == Code::UnsafeMarkup {
                found.add(doctor.place(at), code, value);
            }
        });
    }
}

/// A link of Atom is empty.
pub(super) fn link_contents(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    if !doctor.node(at).text.trim().is_empty() {
        found.add(doctor.place(at), Code::LinkNotEmpty, "");
    }
}

/// An id of RSS: an address unless it says otherwise.
pub(super) fn guid(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    let text = node.text.trim();
    let permanent = doctor.tree.attribute(node, "isPermaLink");
    if text.is_empty() {
        found.add(doctor.place(at), Code::Blank, "");
        found.add(doctor.place(at), Code::BadGuid, text);
    } else if permanent != Some("false") {
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("tag:") || lower.starts_with("urn:") {
            found.add(doctor.place(at), Code::BadPermalink, text);
        } else if !address::is_http(text) && !lower.starts_with("ftp://") {
            found.add(doctor.place(at), Code::BadGuid, text);
        } else if !address::is_canonical(text) {
            found.add(doctor.place(at), Code::NotCanonical, text);
        }
    } else if let Some(sign) = markup::tag(text) {
        found.add(doctor.place(at), Code::HtmlInText, sign);
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < 8 {
        found.add(doctor.place(at), Code::NotUnique, text);
    }
}

/// TrackBack: RDF puts the address into an attribute, RSS 2.0 and Atom into the text.
pub(super) fn trackback(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    let resource = doctor.tree.attributes(node).iter().find(|attribute| attribute.local == "resource");
    if doctor.is_rdf {
        match resource {
            None => found.add(doctor.place(at), Code::MissingAttribute, "rdf:resource"),
            Some(resource) => {
                address::full_address(&resource.value, &mut |code, value| found.add(doctor.place(at), code, value));
            }
        }
    } else {
        let text = node.text.trim();
        address::full_address(text, &mut |code, value| found.add(doctor.place(at), code, value));
    }
}
