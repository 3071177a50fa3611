//! The functions and methods that WeChat's data calls: decoders, conversions, slices. Any other call is something unknown.

use super::reader::Reader;
use crate::extract::wechat::escapes;
use crate::extract::wechat::value::Value;

/// A replacement that could grow past this, in bytes, is not made: judgement; real ones change a word.
const MOST_REPLACED: usize = 1 << 20;

impl Reader<'_> {
    /// A method of a value.
    pub(super) fn method(&mut self, value: Value, name: &str, given: &[Value]) -> Value {
        match (name, value) {
            ("html", Value::Text(text)) => match given.first() {
                // The encoding direction leaves the text as it reads.
                Some(Value::Bool(true)) => Value::Text(text),
                _ => Value::Text(escapes::entities(&text).into_owned()),
            },
            // A pattern is none of our business: what it would replace (a scheme, an escape) is left as it is.
            ("replace" | "replaceAll", Value::Text(text)) => Value::Text(match given {
                [Value::Text(from), Value::Text(to)] if name == "replace" => text.replacen(from.as_str(), to, 1),
                [Value::Text(from), Value::Text(to)] if text.len() * to.len() < MOST_REPLACED => {
                    text.replace(from.as_str(), to)
                }
                _ => text,
            }),
            ("trim", Value::Text(text)) => Value::Text(text.trim().to_owned()),
            ("toString" | "valueOf", value) => value,
            ("slice", Value::List(items)) => {
                let (from, to) = bounds(given);
                Value::List(items.into_iter().take(to).skip(from).collect())
            }
            ("slice" | "substring", Value::Text(text)) => {
                let (from, to) = bounds(given);
                Value::Text(text.chars().take(to).skip(from).collect())
            }
            _ => {
                self.unknown += 1;
                Value::Undefined
            }
        }
    }

    /// A function by name, with its first argument.
    pub(super) fn function(&mut self, name: &str, given: Value) -> Value {
        match (name, given) {
            ("JsDecode", Value::Text(text)) => Value::Text(escapes::js_decode(text)),
            ("htmlDecode", Value::Text(text)) => Value::Text(escapes::entities(&text).into_owned()),
            ("Number" | "parseInt" | "parseFloat", given) => Value::Number(given.as_number()),
            ("String", given) => given,
            ("decodeURIComponent" | "unescape", Value::Text(text)) => {
                Value::Text(percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned())
            }
            ("getXmlValue", _) => Value::Undefined,
            _ => {
                self.unknown += 1;
                Value::Undefined
            }
        }
    }
}

/// From where to where a slice goes; what is left out or negative is the whole.
fn bounds(given: &[Value]) -> (usize, usize) {
    let bound = |at: usize| given.get(at).and_then(Value::count);
    (bound(0).unwrap_or(0), bound(1).unwrap_or(usize::MAX))
}
