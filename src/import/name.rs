//! Paths in a tarball: which are safe, and how they are shown.

use crate::model::tarball::TOP;

/// The longest path that is read, in bytes: judgement; ours have less than 300.
pub(crate) const LONGEST: usize = 1024;

/// The longest name of a file, in bytes: what file systems take.
const LONGEST_PART: usize = 255;

/// A path's part below the top folder, where the path is safe and below it.
///
/// # Errors
/// With a clause that says what is wrong.
pub(crate) fn below_top(path: &str) -> Result<&str, String> {
    let wrong = |why: &str| Err(format!("{} {why}", shown(path.as_bytes())));
    if path.len() > LONGEST || path.split('/').any(|part| part.len() > LONGEST_PART) {
        return wrong("is longer than any name of ours");
    }
    if path.chars().any(char::is_control) {
        return wrong("has control characters in its name");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) || path.contains('\\') {
        return wrong("is no path that we write, and leads who knows where");
    }
    match path.strip_prefix(TOP).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => Ok(rest),
        None => wrong(&format!("does not stand in {TOP}/")),
    }
}

/// A name as it may be shown anywhere: whatever is in it, it stays one line, and not a long one.
pub(crate) fn shown(name: &[u8]) -> String {
    const MOST: usize = 120;
    let text = String::from_utf8_lossy(name);
    let letters = text.chars().take(MOST).flat_map(|letter| {
        let is_plain = !letter.is_control()
            && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if is_plain { vec![letter] } else { letter.escape_unicode().collect() }
    });
    let cut = if text.chars().nth(MOST).is_some() { "…" } else { "" };
    format!("{}{cut}", letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_below_the_top_are_safe() {
        assert_eq!(below_top("wangqi-archive/articles/一篇/article.md"), Ok("articles/一篇/article.md"));
        for wrong in [
            "",
            "wangqi-archive",
            "wangqi-archive/",
            "/wangqi-archive/VERSION",
            "wangqi-archive/../VERSION",
            "wangqi-archive/./VERSION",
            "wangqi-archive//VERSION",
            "wangqi-archivex/VERSION",
            "wangqi-archive/a\\b",
            "wangqi-archive/a\u{1b}[2J",
            "wangqi-archive/a\nb",
            "C:/wangqi-archive/VERSION",
        ] {
            let why = below_top(wrong).unwrap_err();
            assert!(!why.chars().any(char::is_control), "{wrong:?}: {why}");
        }
        assert!(below_top(&format!("wangqi-archive/{}", "a/".repeat(600))).is_err());
        assert!(below_top(&format!("wangqi-archive/{}", "a".repeat(256))).is_err());
        assert_eq!(shown(&[b'a'; 500]).chars().count(), 121);
    }
}
