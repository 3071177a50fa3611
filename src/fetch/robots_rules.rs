//! What one robots.txt says to us (RFC 9309), as plain text patterns.
//!
//! Written here because the crate we tried compiles every pattern with a `$` to a regular expression of its own: a file within the
//! 512 KiB that must be read took 3 s and 480 MB (measured). This needs the file's size, and a match costs one pass over the path
//! for each rule.

use std::time::Duration;

/// The rules of the groups that name us, or else of those for everybody.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RobotsRules {
    rules: Vec<Rule>,
    /// What `Crawl-delay` asks for.
    pub(super) delay: Option<Duration>,
}

#[derive(Debug, PartialEq)]
struct Rule {
    pattern: String,
    allows: bool,
}

impl RobotsRules {
    /// Reads a file for the robot of this name (lower case). Total: lines that say nothing we know are passed over.
    pub(super) fn read(text: &[u8], name: &str) -> Self {
        let (mut ours, mut everybodys) = (Self::default(), Self::default());
        let mut named = false;
        // Which of the two the lines at hand belong to, and whether the next User-agent line begins a new group.
        let (mut for_us, mut for_all, mut closed) = (false, false, true);
        for (key, value) in text.split(|byte| matches!(byte, b'\n' | b'\r' | 0)).filter_map(key_and_value) {
            if is_agent(&key) {
                if closed {
                    (for_us, for_all, closed) = (false, false, false);
                }
                for_us |= token(&value).eq_ignore_ascii_case(name);
                for_all |= value == "*" || value.starts_with("* ");
                named |= for_us;
                continue;
            }
            let rule = is_disallow(&key).then_some(false).or((key == "allow").then_some(true));
            closed |= rule.is_some();
            for (concerned, group) in [(for_us, &mut ours), (for_all, &mut everybodys)] {
                if !concerned {
                    continue;
                }
                if let Some(allows) = rule.filter(|_| !value.is_empty()) {
                    group.rules.push(Rule { pattern: normal(&value), allows });
                } else if matches!(key.as_str(), "crawl-delay" | "crawldelay") {
                    group.delay = group.delay.or_else(|| seconds(&value));
                }
            }
        }
        if named { ours } else { everybodys }
    }

    /// Whether a path (with its query) may be fetched: the longest pattern decides; of two as long, the one that allows.
    pub(super) fn allow(&self, path: &str) -> bool {
        let path = normal(path);
        if path == "/robots.txt" {
            return true;
        }
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        matching.max_by_key(|rule| (rule.pattern.len(), rule.allows)).is_none_or(|rule| rule.allows)
    }
}

/// Whether a pattern matches from the path's start: `*` is any text, a `$` at the end is the path's end.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, anchored) = pattern.strip_suffix('$').map_or((pattern, false), |rest| (rest, true));
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    // What stands after the last star must stand at the end; each part before it is taken where it comes first.
    let last = if anchored { parts.pop() } else { None };
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    match (anchored, last) {
        (true, Some(last)) => rest.ends_with(last),
        (true, None) => rest.is_empty(),
        (false, _) => true,
    }
}

fn key_and_value(line: &[u8]) -> Option<(String, String)> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line = line.split(|byte| *byte == b'#').next()?;
    let line = String::from_utf8_lossy(line);
    // A colon may be missing, as in `Disallow /x`.
    let (key, value) = line.split_once(':').or_else(|| line.trim().split_once([' ', '\t']))?;
    Some((key.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

fn is_agent(key: &str) -> bool {
    matches!(key, "user-agent" | "useragent" | "user agent")
}

/// The word, and the ways it is mistyped often enough that Google's parser knows them.
fn is_disallow(key: &str) -> bool {
    matches!(key, "disallow" | "dissallow" | "dissalow" | "disalow" | "diasllow" | "disallaw")
}

/// The product token that a User-agent line begins with: `wangqi` of `Wangqi/1.0`.
fn token(value: &str) -> &str {
    let end = value.find(|letter: char| !(letter.is_ascii_alphabetic() || matches!(letter, '-' | '_')));
    &value[..end.unwrap_or(value.len())]
}

fn seconds(value: &str) -> Option<Duration> {
    let seconds: f64 = value.parse().ok()?;
    // A day is more than anybody means; the pace has a lower cap of its own.
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(86_400.0)))
}

/// Both sides of a comparison in one spelling: `%7e` and `~` are the same, and `页` is `%E9%A1%B5`.
fn normal(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let escaped = escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let byte = escaped.unwrap_or(bytes[at]);
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if plain || (escaped.is_none() && byte.is_ascii()) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(text: &str, path: &str) -> bool {
        RobotsRules::read(text.as_bytes(), "wangqi").allow(path)
    }

    #[test]
    fn patterns_match_as_the_standard_says() {
        let yes = [
            ("/", "/x"),
            ("/fish", "/fish.html"),
            ("/fish", "/fishheads/y"),
            ("/fish*", "/fish"),
            ("/fish/", "/fish/x"),
            ("/*.php", "/index.php?x"),
            ("/*.php$", "/folder/f.php"),
            ("/fish*.php", "/fishheads/c.php?p"),
            ("*", "/"),
            ("/a*b*c$", "/aXbYbZc"),
            ("/a$", "/a"),
            ("*$", "/x"),
            ("/*a*a$", "/aaa"),
            ("/%7Ejoe", "/~joe/x"),
            ("/页", "/%e9%a1%b5"),
            ("/a%3cd", "/a%3Cd.html"),
            ("/x?y=*", "/x?y=1"),
            ("/*?", "/a?b"),
        ];
        for (pattern, path) in yes {
            assert!(!allows(&format!("User-agent: *\nDisallow: {pattern}"), path), "{pattern} {path}");
        }
        let no = [
            ("/fish", "/Fish"),
            ("/fish", "/catfish"),
            ("/fish/", "/fish"),
            ("/*.php$", "/f.php5"),
            ("/*.php$", "/f.php?x"),
            ("/a$", "/ab"),
            ("/*aa$", "/a"),
            ("/a*b$", "/ab/c"),
            ("fish", "/fish"),
            ("", "/x"),
            ("/a/b", "/a%2Fb"),
            ("/$x", "/y"),
        ];
        for (pattern, path) in no {
            assert!(allows(&format!("User-agent: *\nDisallow: {pattern}"), path), "{pattern} {path}");
        }
    }

    #[test]
    fn the_longest_rule_of_the_right_group_decides() {
        let text = "\u{feff}# hello\r\nDisallow: /nobody\r\nuser-agent: other\nDisallow: /\n\nUser-Agent: Other2\nUSER-AGENT: WangQi/2.0 (x)\n\
                    Sitemap: /s\nDisallow: /p # why\nAllow: /p/open\ncrawl-delay: 2.5\nUser-agent: *\nDisallow: /all\nUser agent: wangqi\n\
                    Dissallow /more\n";
        for (path, expected) in [
            ("/p/x", false),
            ("/p/open/x", true),
            ("/all", true),
            ("/more", false),
            ("/nobody", true),
            ("/robots.txt", true),
        ] {
            assert_eq!(allows(text, path), expected, "{path}");
        }
        assert_eq!(RobotsRules::read(text.as_bytes(), "wangqi").delay, Some(Duration::from_millis(2500)));
        assert!(!RobotsRules::read(text.as_bytes(), "else").allow("/all"));
        assert!(allows("User-agent: *\nDisallow: /a\nAllow: /a", "/a"), "of two as long, the one that allows");
        assert!(allows("User-agent: wangqi\n\nUser-agent: *\nAllow: /x", "/y"));
    }

    #[test]
    fn whatever_the_bytes_it_answers() {
        for delay in ["inf", "nan", "-1", "1e400", "x", "99999999999999999999"] {
            let rules = RobotsRules::read(format!("User-agent: *\nCrawl-delay: {delay}").as_bytes(), "wangqi");
            assert!(rules.delay.is_none_or(|delay| delay.as_secs() <= 86_400), "{delay}");
        }
        for text in [&b"\xff\xfe\x00User-agent: *\x00Disallow: /%\x00"[..], b"<html>", b":", b"%", b""] {
            RobotsRules::read(text, "wangqi").allow("/%");
        }
    }
}
