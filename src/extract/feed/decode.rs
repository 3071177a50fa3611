//! A feed's bytes → text: byte order mark, UTF-16/32 by their zeros, the header, the declaration, whether it is UTF-8, a guess.
//!
//! Whoever declares something else and sends what is valid UTF-8 means UTF-8: text of another charset is that by accident only
//! where it has next to no letters beyond ASCII.

use super::problem::Flaw;
use crate::extract::charset::{detected, label, lower_name};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// How far a declaration is looked for: junk may stand before it.
const DECLARED_WITHIN: usize = 1024;

/// How many letters beyond ASCII are too few to tell a charset by (judgement).
const FEW: usize = 32;

/// A document as text.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// The charset's name as it was given, in lower case; else the standard's.
    pub(super) encoding: Cow<'static, str>,
    pub(super) flaws: Vec<Flaw>,
}

/// Decodes a document. Total: what cannot be read becomes U+FFFD; control characters are left out, and lines end in `\n`.
pub(super) fn decode<'a>(payload: &'a [u8], content_type: &str) -> Decoded<'a> {
    let mut decoded = charset(payload, content_type);
    if let Some(text) = clean(&decoded.text, &mut decoded.flaws) {
        decoded.text = Cow::Owned(text);
    }
    decoded
}

/// The same, with everything that stands in it.
pub(super) fn charset<'a>(payload: &'a [u8], content_type: &str) -> Decoded<'a> {
    let plain = |text: Cow<'a, str>, name: &'static str, flaws| Decoded { text, encoding: Cow::Borrowed(name), flaws };
    if let Some((text, name)) = utf32(payload) {
        return plain(Cow::Owned(text), name, Vec::new());
    }
    if let Some((encoding, bom)) = Encoding::for_bom(payload) {
        let (text, bad) = encoding.decode_without_bom_handling(&payload[bom..]);
        // A mark that lies: what follows UTF-16's mark is plain ASCII.
        if encoding == UTF_8 && bad && !is_mostly_utf8(payload) {
            let guess = guessed(&payload[bom..], true);
            let (text, _) = guess.decode_without_bom_handling(&payload[bom..]);
            return plain(text, lower_name(guess), vec![Flaw::WrongCharset, Flaw::BadCharset]);
        }
        return plain(text, lower_name(encoding), if bad { vec![Flaw::BadCharset] } else { Vec::new() });
    }
    if let Some(encoding) = wide(payload) {
        let (text, bad) = encoding.decode_without_bom_handling(payload);
        return plain(text, lower_name(encoding), if bad { vec![Flaw::BadCharset] } else { Vec::new() });
    }
    narrow(payload, content_type)
}

/// Bytes that are no UTF-16 or UTF-32.
fn narrow<'a>(payload: &'a [u8], content_type: &str) -> Decoded<'a> {
    let mut flaws = Vec::new();
    let header = in_header(content_type);
    let declared = in_document(payload);
    let known = |name: &Option<String>| {
        let encoding = label(name.as_deref()?);
        // What was read byte by byte to get here is in no two-byte encoding.
        encoding.map(|encoding| if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding })
    };
    if header.is_none() && declared.is_some() && known(&declared).is_none() {
        flaws.push(Flaw::UnknownCharset);
    }
    let utf8 = std::str::from_utf8(payload);
    let (encoding, name) = match (known(&header), known(&declared)) {
        // A server that calls everything UTF-8.
        (Some(first), Some(second)) if first == UTF_8 && utf8.is_err() => (Some(second), declared),
        (Some(encoding), _) => (Some(encoding), header),
        (None, Some(encoding)) => (Some(encoding), declared),
        (None, None) => (None, None),
    };
    let as_utf8 = |text, flaws| Decoded { text, encoding: Cow::Borrowed("utf-8"), flaws };
    match (encoding, utf8) {
        (Some(encoding), Ok(text)) if encoding == UTF_8 || text.is_ascii() && encoding != encoding_rs::ISO_2022_JP => {
            let name = name.filter(|name| !name.starts_with("utf")).map_or(Cow::Borrowed("utf-8"), Cow::Owned);
            Decoded { text: Cow::Borrowed(text), encoding: name, flaws }
        }
        (Some(encoding), Ok(text)) if encoding != encoding_rs::ISO_2022_JP => {
            flaws.push(Flaw::WrongCharset);
            as_utf8(Cow::Borrowed(text), flaws)
        }
        (None, Ok(text)) => {
            let is_ascii = content_type.trim_start().to_ascii_lowercase().starts_with("text/") && text.is_ascii();
            let encoding = if is_ascii { "us-ascii" } else { "utf-8" };
            Decoded { text: Cow::Borrowed(text), encoding: Cow::Borrowed(encoding), flaws }
        }
        (Some(encoding), _) if encoding != UTF_8 => {
            // GB18030 holds all of GBK and GB2312, and documents that name those use it.
            let wider = if encoding == GBK { GB18030 } else { encoding };
            let (text, bad) = wider.decode_without_bom_handling(payload);
            if bad {
                flaws.push(Flaw::BadCharset);
                if is_mostly_utf8(payload) {
                    return as_utf8(Cow::Owned(repaired(payload)), flaws);
                }
            }
            Decoded { text, encoding: name.map_or(Cow::Borrowed(lower_name(encoding)), Cow::Owned), flaws }
        }
        (declared, _) => {
            flaws.push(Flaw::BadCharset);
            if is_mostly_utf8(payload) {
                return as_utf8(Cow::Owned(repaired(payload)), flaws);
            }
            let encoding = guessed(payload, declared.is_some());
            let (text, _) = encoding.decode_without_bom_handling(payload);
            Decoded { text, encoding: Cow::Borrowed(lower_name(encoding)), flaws }
        }
    }
}

/// Whether bytes are UTF-8 but for some damage: no fewer letters beyond ASCII than breaks.
fn is_mostly_utf8(payload: &[u8]) -> bool {
    let (mut broken, mut letters) = (0_usize, 0_usize);
    for chunk in payload.utf8_chunks() {
        letters += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken <= letters
}

/// Damaged UTF-8 as text: single odd bytes are what windows-1252 makes of them, for that is where they usually come from.
fn repaired(payload: &[u8]) -> String {
    let mut out = String::with_capacity(payload.len());
    for chunk in payload.utf8_chunks() {
        out.push_str(chunk.valid());
        match chunk.invalid() {
            [] => {}
            [byte] => out.push_str(&WINDOWS_1252.decode_without_bom_handling(&[*byte]).0),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

/// The charset that bytes are likely in. Of a few letters beyond ASCII nobody can tell one Latin charset from another: there it
/// is the most usual one.
fn guessed(payload: &[u8], is_claimed_utf8: bool) -> &'static Encoding {
    let guess = detected(payload);
    let few = payload.iter().filter(|byte| !byte.is_ascii()).take(FEW + 1).count() <= FEW;
    let is_latin = ["windows-1250", "windows-1254", "windows-1257", "windows-1258", "iso-8859-2"];
    let is_latin = is_latin.iter().any(|name| guess.name().eq_ignore_ascii_case(name));
    if few && is_claimed_utf8 && is_latin { WINDOWS_1252 } else { guess }
}

/// UTF-32, by its mark or by the zeros around its first character.
fn utf32(payload: &[u8]) -> Option<(String, &'static str)> {
    let (is_little, skip) = match payload {
        [0xFF, 0xFE, 0, 0, ..] => (true, 4),
        [0, 0, 0xFE, 0xFF, ..] => (false, 4),
        [b'<' | b'{' | b'\n' | b' ', 0, 0, 0, ..] => (true, 0),
        [0, 0, 0, b'<' | b'{' | b'\n' | b' ', ..] => (false, 0),
        _ => return None,
    };
    let letters = payload[skip..].chunks(4).map(|four| {
        let mut bytes = [0; 4];
        bytes[..four.len()].copy_from_slice(four);
        let code = if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
        char::from_u32(code).unwrap_or('\u{fffd}')
    });
    Some((letters.collect(), if is_little { "utf-32le" } else { "utf-32be" }))
}

/// UTF-16 without a mark, by the zeros beside its first characters.
fn wide(payload: &[u8]) -> Option<&'static Encoding> {
    match payload {
        [b'<' | b'{' | b'\n' | b'\r' | b' ', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        [0, b'<' | b'{' | b'\n' | b'\r' | b' ', 0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The charset that a `Content-Type` names.
fn in_header(content_type: &str) -> Option<String> {
    let lower = content_type.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset")?;
    word(rest.trim_start().strip_prefix('=')?)
}

/// The charset that the document's XML declaration names.
fn in_document(payload: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&payload[..payload.len().min(DECLARED_WITHIN)]).to_ascii_lowercase();
    let (_, declaration) = head.split_once("<?xml")?;
    let declaration = declaration.split('>').next()?;
    let (_, rest) = declaration.split_once("encoding")?;
    word(rest.trim_start().strip_prefix('=')?)
}

fn word(text: &str) -> Option<String> {
    let text = text.trim_start().trim_start_matches(['"', '\'']);
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_' | '.' | ':'));
    let word = &text[..end.unwrap_or(text.len())];
    (!word.is_empty() && word.len() <= 40).then(|| word.to_owned())
}

/// The text with what stands for windows-1252's quotes and dashes in C1's places; `None` where there is nothing there.
fn demoronized(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_c1 = |at: usize| bytes.get(at + 1).is_some_and(|second| *second < 0xA0);
    memchr::memchr_iter(0xC2, bytes).find(|at| is_c1(*at))?;
    let better = |letter: char| match letter {
        '\u{80}'..='\u{9f}' => html5ever::data::C1_REPLACEMENTS[letter as usize - 0x80].unwrap_or(letter),
        _ => letter,
    };
    Some(text.chars().map(better).collect())
}

/// The text without control characters and carriage returns; `None` where it has none.
fn clean(text: &str, flaws: &mut Vec<Flaw>) -> Option<String> {
    match demoronized(text) {
        Some(text) => Some(without_controls(&text, flaws).unwrap_or(text)),
        None => without_controls(text, flaws),
    }
}

fn without_controls(text: &str, flaws: &mut Vec<Flaw>) -> Option<String> {
    let is_odd = |byte: &u8| *byte < 0x20 && *byte != b'\n' && *byte != b'\t';
    // Whole blocks at a time, without a branch: the compiler does sixteen bytes at once.
    let mut blocks = text.as_bytes().chunks(4096);
    if !blocks.any(|block| block.iter().fold(false, |odd, byte| odd | is_odd(byte))) {
        return text.strip_prefix('\u{feff}').map(str::to_owned);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(at) = rest.as_bytes().iter().position(is_odd) {
        out.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'\r' {
            if rest.as_bytes().get(at + 1) != Some(&b'\n') {
                out.push('\n');
            }
        } else if !flaws.contains(&Flaw::ControlCharacter) {
            flaws.push(Flaw::ControlCharacter);
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    Some(out)
}
