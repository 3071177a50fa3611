//! Addresses and names: URLs, ids, tag and URN, mail addresses, media types, languages.

use super::check::Tell;
use super::code::Code;
use super::dates;

/// Schemes that feeds use, of IANA's list (the usual ones; any other is worth a look).
const SCHEMES: &[&str] = &[
    "http", "https", "ftp", "mailto", "urn", "tag", "info", "news", "nntp", "gopher", "sip", "sips", "xmpp", "tel",
    "sms", "data", "file", "magnet", "rtsp", "mms", "acct", "geo", "dns", "ldap", "cid", "mid", "im", "pres", "wais",
    "telnet", "xri", "ni", "ipfs", "gemini",
];

/// The scheme, where there is one.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let mut letters = scheme.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
    (first && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))).then_some(scheme)
}

fn bad_character(text: &str) -> bool {
    text.contains(|letter: char| letter.is_whitespace() || letter.is_control() || "<>\"{}|\\^`".contains(letter))
}

/// An address that may be relative.
pub(super) fn address(text: &str, tell: &mut Tell<'_>) {
    if bad_character(text) {
        tell(Code::BadAddressCharacter, text);
    } else if !is_whole(text) {
        tell(Code::BadLink, text);
    }
}

/// A relative reference, or a URL that has what its scheme wants.
fn is_whole(text: &str) -> bool {
    let Some(scheme) = scheme(text) else { return !text.starts_with(':') };
    let rest = &text[scheme.len() + 1..];
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "ftp") {
        return !rest.is_empty();
    }
    let Some(rest) = rest.strip_prefix("//") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let brackets = host.contains(['[', ']']);
    !host.is_empty() && !host.starts_with(':') && (!brackets || (host.starts_with('[') && host.contains(']')))
}

/// An address with a scheme.
pub(super) fn full_address(text: &str, tell: &mut Tell<'_>) {
    if bad_character(text) {
        tell(Code::BadAddressCharacter, text);
    }
    match scheme(text.trim_start()) {
        None => tell(Code::RelativeLink, text),
        Some(_) if !is_whole(text) => tell(Code::BadLink, text),
        Some(scheme) => known_scheme(scheme, text, tell),
    }
}

/// An address with a scheme, in ASCII.
pub(super) fn full_iri(text: &str, tell: &mut Tell<'_>) {
    full_address(text, tell);
    if !text.is_ascii() || text.trim().is_empty() {
        tell(Code::RelativeLink, text);
    }
}

fn known_scheme(scheme: &str, text: &str, tell: &mut Tell<'_>) {
    let scheme = scheme.to_ascii_lowercase();
    if !SCHEMES.contains(&scheme.as_str()) {
        tell(Code::UnknownScheme, text);
    }
}

/// An address in the text of an element of RSS.
pub(super) fn url(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    full_address(text, tell);
    if !text.is_ascii() {
        tell(Code::NotUri, text);
    }
}

/// An address of RSS 1.1, white space around it or not.
pub(super) fn iri(text: &str, tell: &mut Tell<'_>) {
    address(text.trim(), tell);
}

/// An address in the text of an element of Atom.
pub(super) fn uri(text: &str, tell: &mut Tell<'_>) {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        tell(Code::Blank, text);
        return;
    }
    if trimmed != text {
        tell(Code::Padded, text);
    }
    address(trimmed, tell);
}

/// The address of a file, in an attribute.
pub(super) fn url_attribute(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    if !is_http(text) && !text.to_ascii_lowercase().starts_with("ftp://") {
        tell(Code::BadUrlAttribute, text);
    }
    full_address(text, tell);
}

/// A whole http address.
pub(super) fn is_http(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")) && is_whole(text) && !bad_character(text)
}

/// An http address.
pub(super) fn full_url(text: &str, tell: &mut Tell<'_>) {
    if !is_http(text.trim()) {
        tell(Code::BadLink, text);
    }
}

/// An address that is unique within the feed: what it may hold is checked here, the rest by the rules.
pub(super) fn id(text: &str, tell: &mut Tell<'_>) {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        tell(Code::Blank, text);
        tell(Code::RelativeLink, text);
        return;
    }
    if trimmed != text {
        tell(Code::Padded, text);
    }
    let lower = trimmed.to_ascii_lowercase();
    if lower.starts_with("tag:") {
        if !is_tag(trimmed) {
            tell(Code::BadTagUri, trimmed);
        }
    } else if lower.starts_with("urn:uuid:") {
        if !is_uuid(&trimmed[9..]) {
            tell(Code::BadUuid, trimmed);
        }
    } else if lower.starts_with("urn:") {
        if !is_urn(trimmed) {
            tell(Code::BadUrn, trimmed);
        }
    } else {
        full_address(trimmed, tell);
        if scheme(trimmed).is_some() && !is_canonical(trimmed) {
            tell(Code::NotCanonical, trimmed);
        }
    }
}

/// RFC 4151: `tag:authority,date:specific`.
fn is_tag(text: &str) -> bool {
    let Some((authority, rest)) = text[4..].split_once(',') else { return false };
    let Some((date, specific)) = rest.split_once(':') else { return false };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host_fits =
        !host.is_empty() && host.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-".contains(letter));
    let parts: Vec<&str> = date.split('-').collect();
    let lengths = [4, 2, 2];
    let date_fits = parts.len() <= 3
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()));
    host_fits && date_fits && !bad_character(specific) && !specific.contains(['[', ']'])
}

/// RFC 2141: `urn:nid:specific`.
fn is_urn(text: &str) -> bool {
    let Some((name, specific)) = text[4..].split_once(':') else { return false };
    let name_fits = (2..=32).contains(&name.len())
        && !name.starts_with('-')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    name_fits && !specific.is_empty() && !bad_character(specific)
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 5
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// RFC 3986, section 6: in the spelling that others would use.
pub(super) fn is_canonical(text: &str) -> bool {
    let Some(scheme) = scheme(text) else { return true };
    if scheme.contains(|letter: char| letter.is_ascii_uppercase()) {
        return false;
    }
    let rest = &text[scheme.len() + 1..];
    let is_web = matches!(scheme, "http" | "https");
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let host = authority.rsplit('@').next().unwrap_or_default();
            let default = match scheme {
                "http" => ":80",
                "https" => ":443",
                _ => ":-",
            };
            let empty_user = authority.starts_with('@') || authority.starts_with(":@");
            if host.contains(|letter: char| letter.is_ascii_uppercase())
                || empty_user
                || host.ends_with(':')
                || host.ends_with(default)
            {
                return false;
            }
            if is_web && path.is_empty() {
                return false;
            }
            path
        }
        None => rest,
    };
    let dots = path.split(['?', '#']).next().unwrap_or_default().split('/').any(|part| part == "." || part == "..");
    !dots && escapes_fit(path)
}

/// Whether percent-encoding is in capitals, of what needs it, and of composed letters.
fn escapes_fit(path: &str) -> bool {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| path.get(at + 1..at + 3)).flatten();
        let Some(value) = escape.and_then(|escape| u8::from_str_radix(escape, 16).ok()) else {
            decoded.push(bytes[at]);
            at += 1;
            continue;
        };
        let in_small = bytes[at + 1..at + 3].iter().any(u8::is_ascii_lowercase);
        if in_small || value.is_ascii_alphanumeric() || b"-._~".contains(&value) {
            return false;
        }
        decoded.push(value);
        at += 3;
    }
    // A letter with its mark apart (U+0300 to U+036F) has a composed form.
    String::from_utf8_lossy(&decoded).chars().all(|letter| !('\u{300}'..='\u{36f}').contains(&letter))
}

/// A mail address alone, as Atom wants it.
pub(super) fn mail_address(text: &str, tell: &mut Tell<'_>) {
    if !is_mail(text.trim()) {
        tell(Code::BadMail, text);
    } else if !has_domain(text.trim()) {
        tell(Code::NoHost, text);
    }
}

pub(super) fn is_mail(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    let user_fits = !user.is_empty()
        && !user.starts_with('.')
        && user.chars().all(|letter| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter));
    let host_fits = !host.is_empty() && !host.starts_with(['.', '-']) && !host.contains("..");
    user_fits && host_fits && host.chars().all(|letter| letter.is_alphanumeric() || ".-[]:".contains(letter))
}

fn has_domain(text: &str) -> bool {
    text.rsplit('@').next().is_some_and(|host| host.contains('.'))
}

/// A mail address with a name, as RSS wants it.
pub(super) fn contact(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    let decoded = text.strip_prefix("mailto:").map(|rest| {
        let address = rest.split('?').next().unwrap_or_default();
        percent_encoding::percent_decode_str(address).decode_utf8_lossy().into_owned()
    });
    let text = decoded.as_deref().unwrap_or(text);
    let bare =
        |text: &str| text.trim_matches(|letter: char| letter.is_whitespace() || "<>()\"".contains(letter)).to_owned();
    if super::markup::sign(text).is_some_and(|sign| !is_mail(sign.trim_matches(['<', '>']))) {
        tell(Code::HtmlInText, text);
    }
    if let Some((address, name)) = text.split_once(" (").or_else(|| text.split_once('(')) {
        if is_mail(address.trim()) && name.ends_with(')') {
            if !has_domain(address.trim()) {
                tell(Code::NoHost, text);
            }
        } else if is_mail(&bare(name)) {
            tell(Code::OddContact, text);
        } else {
            tell(Code::BadContact, text);
        }
    } else if is_mail(text) {
        tell(Code::NamelessContact, text);
        if !has_domain(text) {
            tell(Code::NoHost, text);
        }
    } else if text.split_whitespace().any(|word| is_mail(&bare(word))) {
        tell(Code::OddContact, text);
    } else {
        tell(Code::BadContact, text);
    }
}

/// A media type: `type/subtype`, perhaps with parameters.
pub(super) fn is_media_type(text: &str) -> bool {
    let bare = text.split(';').next().unwrap_or_default().trim_end();
    let token = |part: &str| {
        !part.is_empty()
            && part.chars().all(|letter| letter.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(letter))
    };
    bare.split_once('/').is_some_and(|(kind, of)| token(kind) && token(of))
}

pub(super) fn media_type(text: &str, tell: &mut Tell<'_>) {
    if !is_media_type(text) {
        tell(Code::BadMediaType, text);
    }
}

/// The media type of a file.
pub(super) fn file_type(text: &str, tell: &mut Tell<'_>) {
    if !is_media_type(text) {
        tell(Code::BadFileType, text);
    }
}

/// A range of media types, as the Atom Publishing Protocol's `accept` has it.
pub(super) fn accept(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    if !text.is_empty() && !text.split(',').all(|kind| is_media_type(kind.trim())) {
        tell(Code::BadMediaType, text);
    }
}

/// A language of RFC 5646.
pub(super) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let first_fits = matches!(first.len(), 2 | 3) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    let private = matches!(first, "x" | "X" | "i" | "I") && text.len() > 2;
    (first_fits || private)
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

pub(super) fn language(text: &str, tell: &mut Tell<'_>) {
    if !is_language(text.trim()) {
        tell(Code::BadLanguage, text);
    }
}

/// A date or two with a slash between, and nothing else.
pub(super) fn date_range(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    if !text.split('/').all(|part| dates::is_date(part) || dates::is_date_time(part)) {
        tell(Code::BadValue, text);
    }
}
