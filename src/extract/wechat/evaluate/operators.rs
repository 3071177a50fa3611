//! The operators that WeChat's data uses.

use crate::extract::wechat::value::Value;

/// With precedence; longer ones first where one begins another.
const OPERATORS: &[(&str, u8)] = &[
    ("===", 3),
    ("!==", 3),
    ("||", 1),
    ("??", 1),
    ("&&", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 4),
    (">=", 4),
    ("<", 4),
    (">", 4),
    ("+", 5),
    ("-", 5),
    ("*", 6),
    ("/", 6),
    ("%", 6),
];

/// The operator that stands first, with its precedence.
pub(super) fn operator(rest: &[u8]) -> Option<(&'static str, u8)> {
    // Most values are followed by a comma.
    rest.first().filter(|first| b"=!|?&<>+-*/%".contains(first))?;
    OPERATORS.iter().find(|(text, _)| rest.starts_with(text.as_bytes())).copied()
}

/// What an operator makes of two values.
pub(super) fn apply(operator: &str, left: Value, right: Value) -> Value {
    let (a, b) = (&left, &right);
    match operator {
        "||" => {
            if left.truthy() {
                left
            } else {
                right
            }
        }
        "??" => {
            if matches!(left, Value::Undefined | Value::Null) {
                right
            } else {
                left
            }
        }
        "&&" => {
            if left.truthy() {
                right
            } else {
                left
            }
        }
        "===" | "==" => Value::Bool(equal(a, b)),
        "!==" | "!=" => Value::Bool(!equal(a, b)),
        "<" => Value::Bool(a.as_number() < b.as_number()),
        ">" => Value::Bool(a.as_number() > b.as_number()),
        "<=" => Value::Bool(a.as_number() <= b.as_number()),
        ">=" => Value::Bool(a.as_number() >= b.as_number()),
        "+" => add(left, &right),
        "-" => Value::Number(a.as_number() - b.as_number()),
        "*" => Value::Number(a.as_number() * b.as_number()),
        "/" => Value::Number(a.as_number() / b.as_number()),
        "%" => Value::Number(a.as_number() % b.as_number()),
        _ => Value::Undefined,
    }
}

/// Loose equality, as far as data needs it: of one kind by value, of two kinds by number.
fn equal(a: &Value, b: &Value) -> bool {
    let absent = |value: &Value| matches!(value, Value::Undefined | Value::Null);
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(_) | Value::Object(_), _) | (_, Value::List(_) | Value::Object(_)) => false,
        _ if absent(a) || absent(b) => absent(a) && absent(b),
        _ => a.as_number().partial_cmp(&b.as_number()) == Some(std::cmp::Ordering::Equal),
    }
}

fn add(left: Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Text(mut text), Value::Text(more)) => {
            text.push_str(more);
            Value::Text(text)
        }
        (Value::Text(mut text), Value::Number(number)) => {
            text.push_str(&number.to_string());
            Value::Text(text)
        }
        (Value::Number(number), Value::Text(text)) => Value::Text(format!("{number}{text}")),
        (Value::Text(_) | Value::List(_) | Value::Object(_), _) | (_, Value::Text(_)) => Value::Undefined,
        (left, right) => Value::Number(left.as_number() + right.as_number()),
    }
}
