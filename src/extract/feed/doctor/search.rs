//! Values of OpenSearch.

use super::address;
use super::check::Tell;
use super::code::Code;

/// A charset that browsers know.
pub(super) fn charset(text: &str, tell: &mut Tell<'_>) {
    if encoding_rs::Encoding::for_label(text.trim().as_bytes()).is_none() {
        tell(Code::BadCharset, text);
    }
}

/// A value in percent-encoding.
pub(super) fn encoded_url(text: &str, tell: &mut Tell<'_>) {
    if text.contains(|letter: char| letter.is_control() || "\"<>".contains(letter)) {
        tell(Code::BadEncodedUrl, text);
    }
}

pub(super) fn search_language(text: &str, tell: &mut Tell<'_>) {
    if text.trim() != "*" {
        address::language(text, tell);
    }
}

pub(super) fn syndication(text: &str, tell: &mut Tell<'_>) {
    let known = ["open", "limited", "private", "closed"].iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    if !known {
        tell(Code::BadSyndication, text);
    }
}

pub(super) fn adult(text: &str, tell: &mut Tell<'_>) {
    if !matches!(text.trim(), "true" | "false" | "TRUE" | "FALSE" | "1" | "0" | "yes" | "no" | "YES" | "NO") {
        tell(Code::BadAdult, text);
    }
}

/// OpenSearch's own parameters of a template.
const PARAMETERS: &[&str] =
    &["searchTerms", "count", "startIndex", "startPage", "language", "inputEncoding", "outputEncoding"];

/// An address with parameters in braces.
pub(super) fn template(text: &str, tell: &mut Tell<'_>) {
    let mut bare = String::new();
    for (at, piece) in text.split('{').enumerate() {
        let Some((name, rest)) = piece.split_once('}').filter(|_| at > 0) else {
            bare.push_str(if at > 0 { "{" } else { "" });
            bare.push_str(piece);
            continue;
        };
        let name = name.trim_end_matches('?');
        if name.contains(':') {
            // Which prefixes are declared the caller knows; the name is the rules' business.
        } else if !PARAMETERS.contains(&name) {
            tell(Code::BadParameter, name);
        }
        bare.push('x');
        bare.push_str(rest);
    }
    address::full_address(&bare, tell);
}

pub(super) fn query_role(text: &str, tell: &mut Tell<'_>) {
    let known = ["request", "example", "related", "correction", "subset", "superset"].contains(&text);
    if !known && !text.contains(':') {
        tell(Code::BadRole, text);
    }
}

/// The address of a search engine's picture.
pub(super) fn image_address(text: &str, tell: &mut Tell<'_>) {
    address::full_address(text.trim(), tell);
}
