//! Bytes → text: BOM, then the `Content-Type` header, then the document's own declaration, then detection.
//!
//! A declaration is believed unless the bytes disprove it: text that is valid UTF-8 beyond ASCII is UTF-8, whatever it says.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far a document may declare its charset (the HTML standard's prescan).
const DECLARED_WITHIN: usize = 1024;

/// How many bytes detection looks at (judgement: beyond that its answer no longer changes).
const DETECT_WITHIN: usize = 256 << 10;

/// Decodes a document's bytes, and names the charset used (`utf-8`, `gb18030`, …). Total: malformed bytes become U+FFFD.
pub fn decode(payload: &[u8], content_type: &str) -> (String, &'static str) {
    if let Some((encoding, bom)) = Encoding::for_bom(payload) {
        return decoded(encoding, &payload[bom..]);
    }
    let declared = of_content_type(content_type).or_else(|| of_document(payload)).or_else(|| wide(payload));
    let utf8 = std::str::from_utf8(payload);
    match declared {
        Some(encoding) if encoding != UTF_8 => match utf8 {
            Ok(text) if !text.is_ascii() && !is_stateful(encoding) => (text.to_owned(), "utf-8"),
            _ => decoded(encoding, payload),
        },
        _ => match utf8 {
            Ok(text) => (text.to_owned(), "utf-8"),
            Err(_) if declared.is_some() && is_mostly_utf8(payload) => decoded(UTF_8, payload),
            Err(_) => decoded(detected(payload), payload),
        },
    }
}

fn decoded(encoding: &'static Encoding, payload: &[u8]) -> (String, &'static str) {
    // GB18030 holds all of GBK and GB2312, and pages that name those use it.
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    let (text, _) = encoding.decode_without_bom_handling(payload);
    (text.into_owned(), lower_name(encoding))
}

/// Encodings whose bytes are all ASCII or may be valid UTF-8 by accident.
fn is_stateful(encoding: &'static Encoding) -> bool {
    encoding == UTF_16BE || encoding == UTF_16LE || encoding == encoding_rs::ISO_2022_JP
}

/// The charset that a `Content-Type` value names.
pub(in crate::extract) fn of_content_type(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset")?;
    label(rest.trim_start().strip_prefix('=')?)
}

/// Reads a charset's label, quoted or not.
pub(in crate::extract) fn label(text: &str) -> Option<&'static Encoding> {
    let text = text.trim_start();
    let text = text.strip_prefix(['"', '\'']).unwrap_or(text);
    let end = text.find(|letter: char| matches!(letter, '"' | '\'' | ';' | '>' | '/' | '?') || letter.is_whitespace());
    Encoding::for_label(&text.as_bytes()[..end.unwrap_or(text.len())])
}

/// The charset that the document's XML declaration or `<meta>` names.
fn of_document(payload: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&payload[..payload.len().min(DECLARED_WITHIN)]).to_ascii_lowercase();
    let declaration = head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let xml = declaration
        .and_then(|(rest, _)| rest.split_once("encoding"))
        .and_then(|(_, rest)| label(rest.trim_start().strip_prefix('=')?));
    let meta = || {
        head.match_indices("<meta").find_map(|(at, _)| {
            let tag = &head[at..];
            let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
            let (_, rest) = tag.split_once("charset")?;
            label(rest.trim_start().strip_prefix('=')?)
        })
    };
    // A declaration that could be read byte by byte is not in a two-byte encoding: the standard takes it for UTF-8.
    xml.or_else(meta).map(|encoding| if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding })
}

/// UTF-16 without a mark, told by the zeros beside its first markup character.
fn wide(payload: &[u8]) -> Option<&'static Encoding> {
    match payload {
        [b'<' | b'{', 0, ..] => Some(UTF_16LE),
        [0, b'<' | b'{', ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether text that calls itself UTF-8 is so but for some damage.
pub(in crate::extract) fn is_mostly_utf8(payload: &[u8]) -> bool {
    let (mut broken, mut beyond_ascii) = (0_usize, 0_usize);
    for chunk in payload.utf8_chunks() {
        beyond_ascii += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken * 4 <= beyond_ascii
}

pub(in crate::extract) fn detected(payload: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // The first bytes beyond ASCII are the ones that tell.
    let from = payload.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let end = payload.len().min(from + DETECT_WITHIN);
    detector.feed(&payload[from..end], end == payload.len());
    let guess = detector.guess(None, Utf8Detection::Deny);
    // Damaged UTF-8 is likelier than the detector's last resort.
    if guess == WINDOWS_1252 && is_mostly_utf8(payload) { UTF_8 } else { guess }
}

/// Charset names in lower case, as feeds and logs write them.
const NAMES: &[&str] = &[
    "utf-8",
    "gb18030",
    "big5",
    "euc-jp",
    "shift_jis",
    "iso-2022-jp",
    "euc-kr",
    "utf-16be",
    "utf-16le",
    "windows-1252",
    "windows-1251",
    "windows-1250",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "koi8-r",
    "koi8-u",
    "ibm866",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "macintosh",
    "x-mac-cyrillic",
    "x-user-defined",
    "replacement",
];

pub(in crate::extract) fn lower_name(encoding: &'static Encoding) -> &'static str {
    NAMES.iter().find(|name| encoding.name().eq_ignore_ascii_case(name)).copied().unwrap_or(encoding.name())
}
