//! A small, total evaluator for the data that WeChat writes into its pages as JavaScript.
//!
//! It knows the grammar that `window.cgiDataNew = {…}` and the inline `var x = …;` use, and nothing else: no statements, no
//! functions, no names but `xml` (false) and a few decoders. What it does not know becomes `Undefined`, is counted, and is
//! passed over to the next `,` or closing bracket. It only moves forward, and depth and number of values are bounded.

mod calls;
mod operators;
mod reader;

use super::escapes;
use super::value::Value;
use operators::{apply, operator};
use reader::{Reader, is_name};

/// How deep values may nest: judgement; the deepest seen is 9.
const DEEPEST: u32 = 64;

/// How many values one expression may hold: judgement; the most seen is about 6,000.
const MOST_VALUES: u32 = 300_000;

/// Longest chain of members and calls on one value (judgement: real pages have `.html(false).html(false)`).
const MOST_STEPS: u32 = 16;

/// What evaluating gave.
#[derive(Debug)]
pub(super) struct Evaluated {
    /// The value.
    pub(super) value: Value,
    /// Where the expression ended.
    pub(super) end: usize,
    /// How many things were passed over.
    pub(super) unknown: u32,
}

/// Evaluates the expression that stands at `at`.
pub(super) fn evaluate(source: &str, at: usize) -> Evaluated {
    let mut reader = Reader { source, bytes: source.as_bytes(), at, depth: 0, values: 0, unknown: 0 };
    let value = reader.expression();
    Evaluated { value, end: reader.at, unknown: reader.unknown }
}

impl Reader<'_> {
    /// `condition ? a : b`, or what binds tighter.
    fn expression(&mut self) -> Value {
        self.values += 1;
        if self.depth >= DEEPEST || self.values > MOST_VALUES {
            return self.pass_over();
        }
        self.depth += 1;
        let condition = self.operation(1);
        let value = if self.next_is(b'?') && !matches!(self.bytes.get(self.at + 1), Some(b'?' | b'.')) {
            self.at += 1;
            let yes = self.expression();
            if self.take(b':') {
                let no = self.expression();
                if condition.truthy() { yes } else { no }
            } else {
                self.pass_over()
            }
        } else {
            condition
        };
        self.depth -= 1;
        value
    }

    /// Operators from this precedence on, by climbing.
    fn operation(&mut self, least: u8) -> Value {
        let mut left = self.operand();
        loop {
            self.blank();
            let Some((operator, precedence)) = operator(&self.bytes[self.at..]) else { return left };
            if precedence < least {
                return left;
            }
            self.at += operator.len();
            self.values += 1;
            if self.values > MOST_VALUES {
                return self.pass_over();
            }
            let right = self.operation(precedence + 1);
            left = apply(operator, left, right);
        }
    }

    /// Signs before an operand, then the operand with its members and calls.
    fn operand(&mut self) -> Value {
        let mut signs = Vec::new();
        loop {
            self.blank();
            match self.bytes.get(self.at) {
                Some(&sign @ (b'!' | b'-' | b'+')) => {
                    signs.push(sign);
                    self.at += 1;
                }
                _ => break,
            }
        }
        let value = self.primary();
        let value = self.members(value);
        signs.into_iter().rev().fold(value, |value, sign| match sign {
            b'!' => Value::Bool(!value.truthy()),
            b'-' => Value::Number(-value.as_number()),
            _ => Value::Number(value.as_number()),
        })
    }

    fn primary(&mut self) -> Value {
        self.blank();
        match self.bytes.get(self.at) {
            Some(b'\'' | b'"' | b'`') => {
                let (text, end) = escapes::literal(self.source, self.at);
                self.at = end;
                Value::Text(text)
            }
            Some(b'{') => self.object(),
            Some(b'[') => self.list(b']').map_or(Value::Undefined, Value::List),
            Some(b'(') => {
                self.at += 1;
                let value = self.expression();
                if self.take(b')') { value } else { self.pass_over_to(b')') }
            }
            Some(b'0'..=b'9' | b'.') => self.number(),
            Some(b'/') => {
                self.regex();
                Value::Undefined
            }
            Some(byte) if is_name(*byte) => self.name(),
            _ => self.pass_over(),
        }
    }

    /// `.name`, `.method(…)`, `[index]` after a value.
    fn members(&mut self, mut value: Value) -> Value {
        let mut steps = 0;
        loop {
            // Every step may copy the whole value: a long chain over a long text would cost their product.
            steps += 1;
            if steps > MOST_STEPS {
                self.unknown += 1;
                return self.pass_over();
            }
            self.blank();
            match self.bytes.get(self.at) {
                Some(b'.') => {
                    self.at += 1;
                    let name = self.word();
                    if name.is_empty() {
                        return self.pass_over();
                    }
                    value = if self.next_is(b'(') {
                        let given = self.list(b')').unwrap_or_default();
                        self.method(value, name, &given)
                    } else {
                        value.get(name).clone()
                    };
                }
                Some(b'[') => {
                    let index = self.list(b']').unwrap_or_default().into_iter().next().unwrap_or_default();
                    let at = index.count().unwrap_or(usize::MAX);
                    value = match value {
                        Value::List(mut items) if at < items.len() => items.swap_remove(at),
                        _ => Value::Undefined,
                    };
                }
                Some(b'(') => {
                    let _ = self.list(b')');
                    self.unknown += 1;
                    value = Value::Undefined;
                }
                _ => return value,
            }
        }
    }

    /// A name: a constant, one of the page's decoders, an assignment in a chain — or nothing we know.
    fn name(&mut self) -> Value {
        let word = self.word();
        match word {
            "true" => return Value::Bool(true),
            "false" => return Value::Bool(false),
            "null" => return Value::Null,
            "NaN" => return Value::Number(f64::NAN),
            "function" | "new" | "async" | "class" | "typeof" | "void" => return self.pass_over(),
            _ => {}
        }
        if self.next_is(b'(') {
            let given = self.list(b')').unwrap_or_default().into_iter().next().unwrap_or_default();
            return self.function(word, given);
        }
        let path = self.member_path();
        if word == "JSON" && path == "parse" && self.next_is(b'(') {
            let given = self.list(b')').unwrap_or_default().into_iter().next().unwrap_or_default();
            return given.text().and_then(|text| Value::of_json(&text)).unwrap_or_default();
        }
        if self.next_is(b'=') && self.bytes.get(self.at + 1).is_none_or(|next| !matches!(next, b'=' | b'>')) {
            self.at += 1;
            return self.expression();
        }
        Value::Undefined
    }

    /// `.a.b` after a name we do not know, up to a call.
    fn member_path(&mut self) -> &str {
        let mut last = "";
        while self.next_is(b'.') {
            self.at += 1;
            last = self.word();
        }
        last
    }

    fn object(&mut self) -> Value {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.blank();
            match self.bytes.get(self.at) {
                None => break,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',' | b';') => self.at += 1,
                Some(_) => {
                    let key = self.key();
                    if self.take(b':')
                        && let Some(key) = key
                    {
                        let value = self.expression();
                        if self.values <= MOST_VALUES {
                            members.push((key, value));
                        }
                        self.blank();
                        if matches!(self.bytes.get(self.at), None | Some(b',' | b'}' | b';')) {
                            continue;
                        }
                    }
                    self.recover();
                }
            }
        }
        Value::Object(members)
    }

    fn key(&mut self) -> Option<String> {
        match self.bytes.get(self.at)? {
            b'\'' | b'"' => {
                let (text, end) = escapes::literal(self.source, self.at);
                self.at = end;
                Some(text)
            }
            byte if is_name(*byte) => Some(self.word().to_owned()),
            _ => None,
        }
    }

    /// The values between this bracket and its partner, separated by commas.
    fn list(&mut self, close: u8) -> Option<Vec<Value>> {
        self.blank();
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blank();
            match self.bytes.get(self.at) {
                None => return Some(items),
                Some(b',' | b';') => self.at += 1,
                Some(byte) if *byte == close => {
                    self.at += 1;
                    return Some(items);
                }
                Some(_) => {
                    let item = self.expression();
                    if self.values <= MOST_VALUES {
                        items.push(item);
                    }
                    self.blank();
                    if self.bytes.get(self.at).is_some_and(|byte| *byte != b',' && *byte != close) {
                        self.recover();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(source: &str) -> Option<String> {
        evaluate(source, 0).value.text()
    }

    #[test]
    fn the_grammar_of_the_pages_is_understood() {
        let cases = [
            (r#""" || "MzA=" || "";"#, "MzA="),
            ("xml ? getXmlValue('title.DATA') : 'a\x26b';", "a&b"),
            ("(xml ? getXmlValue('nick') : 'A &amp; B').html(false);", "A & B"),
            ("'x&amp;amp;y'.html(false).html(false),", "x&y"),
            ("window.title = window.other = 'chained';", "chained"),
            ("'' * 1 || '1762747210' * 1", "1762747210"),
            (
                "JsDecode('a\\x0ab')",
                "a
b",
            ),
            ("'true' === 'true' ? 'yes' : 'no'", "yes"),
            ("[1, 2, 'three'].slice(0, 3)[2]", "three"),
            ("('abc'.match(/[',]+/)) ? 'no' : 'kept'", "kept"),
            ("'abcdef'.slice(1, 3)", "bc"),
            ("('http://a/b').replace(/^http(s?):/, location.protocol)", "http://a/b"),
            ("'a-b'.replace('-', '+')", "a+b"),
            ("JSON.parse('{\\x22a\\x22:[1,\\x22b\\x22]}').a[1]", "b"),
            ("decodeURIComponent('%E6%B8%A1')", "渡"),
            ("'never', 'closed", "never"),
        ];
        for (source, expected) in cases {
            assert_eq!(text(source).as_deref(), Some(expected), "{source}");
        }
    }

    #[test]
    fn what_is_not_understood_does_not_take_the_rest_with_it() {
        let source = "{ a: function (x) { return x ? '}' : \"]\"; }, b: new Date(), ...more, window.c = '1' || ''; d: 'kept', // note\n e: [ { f: '5' * 1, }, ], g: x => x, }";
        let found = evaluate(source, 0);
        assert_eq!(found.end, source.len());
        assert!(found.unknown > 0);
        assert_eq!(found.value.at("d").text().as_deref(), Some("kept"));
        assert_eq!(found.value.get("e").items()[0].get("f").number(), Some(5.0));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        for source in
            ["[".repeat(100_000), "(".repeat(100_000), "!".repeat(100_000), "{a:".repeat(50_000), "a?".repeat(50_000)]
        {
            assert_eq!(evaluate(&source, 0).end, source.len());
        }
        let many = format!("[{}]", "1,".repeat(MOST_VALUES as usize * 2));
        assert!(evaluate(&many, 0).value.items().len() <= MOST_VALUES as usize);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(source in "[\\[\\]{}()'\"`,;:.?|&=!*/+a-z0-9\\\\\n中 ]{0,200}") {
            let found = evaluate(&source, 0);
            prop_assert!(found.end <= source.len() && source.is_char_boundary(found.end));
        }
    }
}
