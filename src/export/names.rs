//! Names of files and folders: readable, safe on every file system, unique, and the same in every export.

use crate::archive::ArticleRow;
use crate::model::{Digest, Key};

/// The longest name, in bytes: eCryptfs, with which a NAS encrypts folders, takes 143; every other file system more.
const LONGEST: usize = 143;

/// How many hexadecimal digits of the key's digest end a name. 64 bits: nobody can make a page whose name takes another's place.
const TAIL: usize = 16;

/// The name of an article's folder or note: its date, its title, and the beginning of its key's digest. `room` bytes are left for an
/// ending.
pub(crate) fn of_article(key: &Key, row: &ArticleRow, room: usize) -> String {
    let captured = row.snapshots.first().map(|first| first.captured_at.format("%Y-%m-%d").to_string());
    let published = row.published.map(|at| at.format("%Y-%m-%d").to_string());
    // A year of five digits is no date that sorts.
    let date = published.filter(|date| date.len() == 10).or(captured).unwrap_or_else(|| "0000-00-00".to_owned());
    let tail = &Digest::of(key.as_str().as_bytes()).hex()[..TAIL];
    let left = LONGEST - room - date.len() - tail.len() - 2;
    let title = safe(row.title.as_deref().unwrap_or_default(), left);
    if title.is_empty() { format!("{date} {tail}") } else { format!("{date} {title} {tail}") }
}

/// A title as a part of a name: no separators, no characters that any file system refuses or that turn text around, no more than so
/// many bytes.
fn safe(title: &str, most: usize) -> String {
    let mut out = String::new();
    for letter in title.chars() {
        let letter = match letter {
            // Refused by Windows, or a separator somewhere; the full-width forms read the same.
            '/' => '／',
            '\\' => '＼',
            ':' => '：',
            '*' => '＊',
            '?' => '？',
            '"' => '＂',
            '<' => '＜',
            '>' => '＞',
            '|' => '｜',
            // Read by shells and by Markdown's links as more than letters.
            '[' => '［',
            ']' => '］',
            '#' => '＃',
            '%' => '％',
            '^' => '＾',
            letter if letter.is_whitespace() => ' ',
            letter if is_unseen(letter) => continue,
            letter => letter,
        };
        // No white space in a row, none in front.
        if letter == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + letter.len_utf8() > most {
            break;
        }
        out.push(letter);
    }
    out.trim_end_matches([' ', '.']).to_owned()
}

/// Characters that are not seen, or change how others are: controls, marks of direction, zero width, unassigned private ones.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// A path as it stands in a link: what a URL or Markdown would take for something else is percent-encoded.
pub(crate) fn linked(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '.' | '_' | '~' | '/') {
            out.push_str(&format!("%{:02X}", u32::from(letter)));
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names_that_every_file_system_takes() {
        assert_eq!(safe("../../etc/passwd", 99), "..／..／etc／passwd");
        assert_eq!(safe("a\u{0}b\u{202e}gpj.exe\u{7}\nc", 99), "abgpj.exe c");
        assert_eq!(safe("  尾部 . . ", 99), "尾部");
        assert_eq!(safe("C:\\*?\"<>|", 99), "C：＼＊？＂＜＞｜");
        assert_eq!(safe(&"往".repeat(50), 10), "往往往");
        assert_eq!(safe("\u{200b}\u{2066}\u{0085}", 9), "");
    }

    #[test]
    fn links_to_names_hold() {
        assert_eq!(linked("../2024-07-11 往期 (1)/article.html"), "../2024-07-11%20往期%20%281%29/article.html");
    }
}
