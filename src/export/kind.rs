//! What a payload is by its first bytes, whatever its server called it; `None` for what no article shows or plays.

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Picture, or audio or video.
    pub(crate) is_picture: bool,
    /// The ending its file gets.
    pub(crate) ending: &'static str,
}

/// The ending of an SVG: as text no browser runs what is written in it. The page shows it from a `data:` URL, where scripts do not run.
pub(crate) const SVG: &str = "svg.txt";

/// How far a text is looked into for `<svg`.
const TEXT_WINDOW: usize = 4096;

/// Tells what a payload is.
pub(crate) fn of(payload: &[u8]) -> Option<Kind> {
    let picture = |ending| Some(Kind { is_picture: true, ending });
    let player = |ending| Some(Kind { is_picture: false, ending });
    let at = |from: usize, what: &[u8]| payload.get(from..from + what.len()) == Some(what);
    match payload {
        _ if at(0, b"\xff\xd8\xff") => picture("jpg"),
        _ if at(0, b"\x89PNG\r\n\x1a\n") => picture("png"),
        _ if at(0, b"GIF87a") || at(0, b"GIF89a") => picture("gif"),
        _ if at(0, b"RIFF") && at(8, b"WEBP") => picture("webp"),
        _ if at(0, b"RIFF") && at(8, b"WAVE") => player("wav"),
        _ if at(0, b"BM") && at(6, b"\0\0\0\0") => picture("bmp"),
        _ if at(0, b"\0\0\x01\0") && payload.get(4).is_some_and(|count| *count > 0) => picture("ico"),
        _ if at(0, b"II*\0") || at(0, b"MM\0*") => picture("tif"),
        _ if at(4, b"ftyp") => match payload.get(8..12) {
            Some(b"avif" | b"avis") => picture("avif"),
            Some(b"heic" | b"heix" | b"mif1" | b"msf1" | b"heim" | b"heis" | b"hevc") => picture("heic"),
            Some(b"M4A " | b"M4B ") => player("m4a"),
            Some(b"qt  ") => player("mov"),
            _ => player("mp4"),
        },
        _ if at(0, b"\x1a\x45\xdf\xa3") => player("webm"),
        _ if at(0, b"OggS") => player("ogg"),
        _ if at(0, b"fLaC") => player("flac"),
        _ if at(0, b"#!AMR") => player("amr"),
        _ if at(0, b"ID3") => player("mp3"),
        // Frame sync of ADTS before that of MPEG audio, whose layer bits it has as nought.
        [0xff, second, ..] if second & 0xf6 == 0xf0 => player("aac"),
        [0xff, second, third, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0 && third & 0xf0 != 0xf0 => {
            player("mp3")
        }
        _ if is_svg(payload) => picture(SVG),
        _ => None,
    }
}

/// Whether it is an SVG document: `<svg` is the first element, behind declarations and comments.
fn is_svg(payload: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&payload[..payload.len().min(TEXT_WINDOW)]);
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<!") => ">",
            _ => break,
        };
        let Some(at) = rest.find(end) else { return false };
        rest = rest[at + end.len()..].trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let name =
        name.split(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/')).next().unwrap_or_default();
    name == "svg" || name.ends_with(":svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        let ending = |payload: &[u8]| of(payload).map(|kind| kind.ending);
        assert_eq!(ending(b"\x89PNG\r\n\x1a\n...."), Some("png"));
        assert_eq!(ending(b"<!DOCTYPE html><html><svg></svg>"), None, "a page with a drawing in it is a page");
        assert_eq!(ending(b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- x --><svg xmlns=\"\">"), Some(SVG));
        assert_eq!(ending(b"<html>404</html>"), None);
        assert_eq!(ending(b"{\"error\": 404}"), None);
        assert_eq!(ending(b""), None);
        assert_eq!(ending(b"\xff\xfb\x90\x00"), Some("mp3"));
        assert_eq!(ending(b"\0\0\0\x20ftypisom"), Some("mp4"));
    }
}
