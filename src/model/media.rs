//! What a file is, by its first bytes: never by its name, nor by what its server says. Pure and total.

/// The media type that the bytes are of; `None` where they are of none that an article's files have.
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let found = MAGIC.iter().find(|(at, mark, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    if let Some((_, _, kind)) = found {
        return Some(kind);
    }
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some("audio/wav"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Some(of_brand(brand)),
        // MPEG audio and AAC in ADTS: eleven or twelve set bits, then version and layer (ISO 11172-3, 13818-7).
        [0xff, second, ..] if second & 0xf6 == 0xf0 => Some("audio/aac"),
        [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0 => Some("audio/mpeg"),
        _ => is_svg(bytes).then_some("image/svg+xml"),
    }
}

/// Where a mark stands, the mark, and what it means.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"\0\0\x01\0", "image/x-icon"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\0\0\0\x0cJXL \r\n", "image/jxl"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    // WeChat's own voice recordings.
    (0, b"\x02#!SILK", "audio/silk"),
    (0, b"#!SILK", "audio/silk"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\0\0\x01\xba", "video/mpeg"),
    (0, b"\0\0\x01\xb3", "video/mpeg"),
];

/// The brands of the ISO base media file format (ISO 14496-12) that are no video.
fn of_brand(brand: &[u8]) -> &'static str {
    match brand.get(..4) {
        Some(b"avif" | b"avis") => "image/avif",
        Some(b"heic" | b"heix" | b"mif1" | b"msf1" | b"heim" | b"heis") => "image/heic",
        Some(b"M4A " | b"M4B ") => "audio/mp4",
        _ => "video/mp4",
    }
}

/// Whether the text that begins here is a drawing: its root comes early, and no page's before it.
fn is_svg(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<') && start.contains("<svg") && !start.contains("<html") && !start.contains("<!doctype html")
}

/// Whether bytes are text for reading, an answer in words where a file was asked for: no NUL, and nearly all of it printable UTF-8.
pub fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(512)];
    let text = String::from_utf8_lossy(start);
    let odd = text.chars().filter(|letter| letter.is_control() && !letter.is_whitespace() || *letter == '\u{fffd}');
    odd.count() * 20 <= start.len() && !start.contains(&0)
}

/// Width and height of a picture in pixels, for the formats that WeChat serves: PNG, GIF, JPEG, WebP, BMP.
pub fn picture_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let byte = |at: usize| bytes.get(at).copied().map(u32::from);
    let big = |at: usize| Some(byte(at)? << 8 | byte(at + 1)?);
    let little = |at: usize| Some(byte(at + 1)? << 8 | byte(at)?);
    match sniff(bytes)? {
        "image/png" => Some((big(16)? << 16 | big(18)?, big(20)? << 16 | big(22)?)),
        "image/gif" => Some((little(6)?, little(8)?)),
        "image/bmp" => Some((little(18)? | little(20)? << 16, little(22)? | little(24)? << 16)),
        "image/webp" => match bytes.get(12..16)? {
            b"VP8X" => {
                let side = |at: usize| Some(1 + (byte(at)? | byte(at + 1)? << 8 | byte(at + 2)? << 16));
                Some((side(24)?, side(27)?))
            }
            b"VP8L" => {
                let bits = byte(21)? | byte(22)? << 8 | byte(23)? << 16 | byte(24)? << 24;
                Some((1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff)))
            }
            _ => Some((little(26)? & 0x3fff, little(28)? & 0x3fff)),
        },
        "image/jpeg" => jpeg_size(bytes),
        _ => None,
    }
}

/// Walks a JPEG's segments to its frame header (ITU T.81, B.2.2).
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        if *bytes.get(at)? != 0xff {
            return None;
        }
        if marker == 0xff {
            at += 1;
            continue;
        }
        let word = |at: usize| Some(u32::from(*bytes.get(at)?) << 8 | u32::from(*bytes.get(at + 1)?));
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((word(at + 7)?, word(at + 5)?));
        }
        let length = if matches!(marker, 0xd0..=0xd9 | 0x01) { 0 } else { word(at + 2)?.max(2) as usize };
        at += 2 + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_are_told_by_their_bytes() {
        for (bytes, kind) in [
            (b"\xff\xd8\xff\xe0\0\x10JFIF".as_slice(), Some("image/jpeg")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", Some("video/mp4")),
            (b"\0\0\0\x20ftypM4A \0\0\x02\0", Some("audio/mp4")),
            (b"\0\0\0\x20ftypavif", Some("image/avif")),
            (b"\xff\xfb\x90\x64\0\0", Some("audio/mpeg")),
            (b"\xff\xf1\x50\x80", Some("audio/aac")),
            (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"></svg>", Some("image/svg+xml")),
            (b"<!DOCTYPE html><html><body><svg></svg></body></html>", None),
            (b"{\"ret\":-1}", None),
            (b"", None),
        ] {
            assert_eq!(sniff(bytes), kind, "{bytes:?}");
        }
        assert!(is_text("{\"错误\":-1}".as_bytes()) && is_text(b"") && !is_text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
    }

    #[test]
    fn pictures_tell_their_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\xe0\0\0\x01\x0e\x08";
        let gif = b"GIF89a\x8c\0\x8c\0\x80\0\0";
        let jpeg = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x11\x08\0\x8c\0\x8d\x03";
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\x67\x01\0";
        let sizes = [png.as_slice(), gif, jpeg, webp].map(picture_size);
        assert_eq!(sizes, [Some((480, 270)), Some((140, 140)), Some((141, 140)), Some((640, 360))]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..200), mark in 0..MAGIC.len()) {
            let marked = [MAGIC[mark].1, &bytes].concat();
            for bytes in [&bytes, &marked] {
                let _ = (sniff(bytes), picture_size(bytes), is_text(bytes));
            }
        }
    }
}
