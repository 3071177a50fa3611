//! Media RSS: texts, ratings, digests, restrictions, groups.

use super::address;
use super::code::Code;
use super::markup;
use super::problem::Found;
use super::walk::Doctor;

/// Media RSS's texts: plain unless declared HTML.
pub(super) fn typed_text(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    match doctor.tree.attribute(node, "type") {
        Some("html") => markup::html(&node.text, &mut |code, value| found.add(doctor.place(at), code, value)),
        Some(_) => {}
        None => {
            if let Some(sign) = markup::sign(&node.text) {
                found.add(doctor.place(at), Code::UndeclaredHtml, sign);
            }
        }
    }
}

/// Media RSS's ratings by their schemes.
pub(super) fn media_rating(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    let text = node.text.trim();
    let known: &[&str] = match doctor.tree.attribute(node, "scheme").unwrap_or("urn:simple") {
        "urn:simple" => &["adult", "nonadult"],
        "urn:mpaa" => &["g", "pg", "pg-13", "r", "nc-17", "x"],
        "urn:v-chip" => &["tv-y", "tv-y7", "tv-y7-fv", "tv-g", "tv-pg", "tv-14", "tv-ma"],
        "urn:icra" => {
            let inner = text.strip_prefix("r (").and_then(|rest| rest.strip_suffix(')')).unwrap_or("?");
            let words: Vec<&str> = inner.split(' ').collect();
            let fits = words.chunks(2).all(|pair| {
                pair.len() == 2
                    && pair[0].len() == 2
                    && pair[0].starts_with(['c', 'l', 'n', 'o', 'v'])
                    && matches!(pair[1], "0" | "1")
            });
            if !fits {
                found.add(doctor.place(at), Code::BadRating, text);
            }
            return;
        }
        scheme => {
            address::full_address(scheme, &mut |code, value| found.add(doctor.place_of(at, "scheme"), code, value));
            return;
        }
    };
    if !known.contains(&text.to_ascii_lowercase().as_str()) {
        found.add(doctor.place(at), Code::BadRating, text);
    }
}

/// A digest in hexadecimal, as long as its kind has it.
pub(super) fn media_hash(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    let text = node.text.trim();
    let length = match doctor.tree.attribute(node, "algo") {
        None | Some("md5") => 32,
        Some("sha-1") => 40,
        Some(other) => {
            found.add(doctor.place(at), Code::BadHash, other);
            return;
        }
    };
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        found.add(doctor.place(at), Code::BadHash, text);
    }
}

/// Who may see it: countries or addresses by the type, else all or none.
pub(super) fn media_restriction(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let node = doctor.node(at);
    let text = node.text.trim();
    match doctor.tree.attribute(node, "type") {
        Some("country") => {
            for country in text.split_whitespace() {
                // XX and the letters after it are kept for private use in ISO 3166.
                let fits = country.len() == 2
                    && country.bytes().all(|byte| byte.is_ascii_alphabetic())
                    && !country.starts_with(['X', 'x']);
                if !fits {
                    found.add(doctor.place(at), Code::BadCountry, country);
                }
            }
        }
        Some("uri") => {
            for uri in text.split_whitespace() {
                address::full_address(uri, &mut |code, value| found.add(doctor.place(at), code, value));
            }
        }
        None if !matches!(text, "" | "all" | "none") => found.add(doctor.place(at), Code::BadRestriction, text),
        _ => {}
    }
}

/// A group is for the same thing in several files.
pub(super) fn several_media(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let files = doctor.tree.children(at).filter(|(_, child)| child.is("media", "content")).count();
    if files < 2 {
        found.add(doctor.place(at), Code::LoneMedia, "");
    }
}
