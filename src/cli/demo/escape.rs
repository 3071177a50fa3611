//! The ways in which a page's server writes text into HTML and into script.

use std::fmt::Write as _;

/// Text as HTML content or as a double-quoted attribute.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text as the inside of a single-quoted script string: `\xNN` for what could end the string or the script.
pub fn script(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '"' | '&' | '\'' | '<' | '>' | '\n' | '\r' => {
                let _ = write!(out, "\\x{:02x}", letter as u32);
            }
            other => out.push(other),
        }
    }
    out
}
