//! The reader under the evaluator: blanks, words, numbers, and how to pass over what is not known. It only moves forward.

use crate::extract::wechat::value::Value;

/// A place in a source.
pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) depth: u32,
    pub(super) values: u32,
    pub(super) unknown: u32,
}

impl<'a> Reader<'a> {
    /// Digits with at most one point and an exponent; hexadecimal as JavaScript writes it.
    pub(super) fn number(&mut self) -> Value {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'.').count();
        let text = &self.source[self.at..self.at + length];
        self.at += length.max(1);
        let number = match text.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).map_or(f64::NAN, |number| number as f64),
            None => text.parse().unwrap_or(f64::NAN),
        };
        Value::Number(number)
    }

    /// A regular expression, or whatever a slash opens: up to the next slash on this line.
    pub(super) fn regex(&mut self) {
        self.unknown += 1;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'\n' => return,
                b'/' => {
                    self.at += 1;
                    self.word();
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    /// Goes on to the next separator after something unknown, and past one byte where that stands still.
    pub(super) fn recover(&mut self) {
        let before = self.at;
        let _ = self.pass_over();
        if self.at == before
            && let Some(letter) = self.source[self.at..].chars().next()
        {
            self.at += letter.len_utf8();
        }
    }

    pub(super) fn pass_over_to(&mut self, close: u8) -> Value {
        let _ = self.pass_over();
        let _ = self.take(close);
        Value::Undefined
    }

    /// Passes over something unknown: up to the `,`, `;` or closing bracket that ends it.
    pub(super) fn pass_over(&mut self) -> Value {
        self.unknown += 1;
        let mut open = 0_u32;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b',' | b';' | b'}' | b']' | b')' if open == 0 => break,
                b'{' | b'[' | b'(' => open += 1,
                b'}' | b']' | b')' => open -= 1,
                b'\'' | b'"' | b'`' => {
                    self.at = end_of_literal(self.bytes, self.at);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        Value::Undefined
    }

    pub(super) fn word(&mut self) -> &'a str {
        self.blank();
        let source = self.source;
        let rest = &source[self.at..];
        let length = rest.bytes().take_while(|byte| is_name(*byte)).count();
        self.at += length;
        &source[self.at - length..self.at]
    }

    pub(super) fn next_is(&mut self, byte: u8) -> bool {
        self.blank();
        self.bytes.get(self.at) == Some(&byte)
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let there = self.next_is(byte);
        self.at += usize::from(there);
        there
    }

    /// White space and comments.
    pub(super) fn blank(&mut self) {
        loop {
            let rest = &self.bytes[self.at..];
            self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let rest = &self.source[self.at..];
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                return;
            }
        }
    }
}

/// Letters of names; every byte of a letter beyond ASCII counts as one.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// Where a string literal that opens at `at` ends, without reading it.
fn end_of_literal(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut here = at + 1;
    while let Some(&byte) = bytes.get(here) {
        match byte {
            b'\\' => here += 2,
            b'\n' if quote != b'`' => return here,
            _ if byte == quote => return here + 1,
            _ => here += 1,
        }
    }
    here.min(bytes.len())
}
