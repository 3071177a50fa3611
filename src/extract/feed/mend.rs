//! JSON as it is written by hand and by string concatenation → JSON.

/// The same document, with what breaks it mended where it is plain what was meant: control characters in strings, escapes that there
/// are not, halves of surrogate pairs, commas before the end of a list. Linear; anything else stays as it is.
pub(super) fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        match letter {
            '"' => in_string = !in_string,
            '\\' if in_string => {
                rest = escape(after, &mut out);
                continue;
            }
            ',' if !in_string && after.trim_start().starts_with(['}', ']']) => {
                rest = after.trim_start();
                continue;
            }
            _ if letter.is_ascii_control() => {
                out.push(if letter == '\n' && !in_string { '\n' } else { ' ' });
                rest = after;
                continue;
            }
            _ => {}
        }
        out.push(letter);
        rest = after;
    }
    out
}

/// Writes the escape whose backslash stands before `rest`; what follows it.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let hex = |text: &str| text.get(..4).and_then(|four| u32::from_str_radix(four, 16).ok());
    if let Some(digits) = rest.strip_prefix('u') {
        let Some(unit) = hex(digits) else { return rest };
        let after = &digits[4..];
        let low = after.strip_prefix("\\u").and_then(|low| Some((hex(low)?, &low[4..])));
        return match (unit, low) {
            (0xD800..=0xDBFF, Some((low @ 0xDC00..=0xDFFF, after))) => {
                let letter = char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
                out.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
                after
            }
            (0xD800..=0xDFFF, _) => {
                out.push(char::REPLACEMENT_CHARACTER);
                after
            }
            _ => {
                out.push_str("\\u");
                out.push_str(&digits[..4]);
                after
            }
        };
    }
    match rest.chars().next() {
        Some(letter @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {
            out.push('\\');
            out.push(letter);
            &rest[1..]
        }
        // Not an escape: the letter is meant.
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn what_was_meant_is_plain() {
        for (written, meant) in [
            ("{\"a\":\"x\ty\",}", "{\"a\":\"x y\"}"),
            ("[1, 2, ]", "[1, 2]"),
            ("\"it\\'s\"", "\"it's\""),
            ("\"cut \\ud83d\"", "\"cut \u{fffd}\""),
            ("\"\\ud83d\\ude09\"", "\"\u{1f609}\""),
            ("\"a\\\\\", \"b, }\"", "\"a\\\\\", \"b, }\""),
            ("\"\\u12", "\"u12"),
            ("\"\\", "\""),
            ("[ 1,\n\n  ]", "[ 1]"),
        ] {
            assert_eq!(mended(written), meant, "{written}");
        }
    }
}
