//! What the JSON answers have in common: every number may be a text, a list may be a bare object, and `ret` says how it went.

use super::ListingError;
use crate::extract::wechat::{escapes, fields, sources::one_line};
use crate::model::Time;
use serde_json::Value;

/// The longest message kept of a refusal, in letters: judgement.
const LONGEST_MESSAGE: usize = 200;

/// Reads an answer's JSON.
pub(super) fn answer(bytes: &[u8]) -> Result<Value, ListingError> {
    let answer: Value = serde_json::from_slice(bytes).map_err(|why| unreadable(&why.to_string()))?;
    if answer.is_object() { Ok(answer) } else { Err(unreadable("it is JSON, but no object")) }
}

pub(super) fn unreadable(why: &str) -> ListingError {
    ListingError::Unreadable { why: why.to_owned() }
}

/// What the answer's `ret` says, where it is no success (our research, the table of codes).
pub(super) fn refusal(answer: &Value) -> Result<(), ListingError> {
    let base = answer.get("base_resp").unwrap_or(answer);
    match number(base.get("ret")) {
        None | Some(0) => Ok(()),
        // No session; a session that ended; a token that is not the session's.
        Some(-3 | 200_003 | 200_040) => Err(ListingError::LoginNeeded),
        // Frequency control; the traffic limit.
        Some(200_013 | -6) => Err(ListingError::HeldBack),
        // No such album; an account's id that is none.
        Some(10_004 | 200_002) => Err(ListingError::Missing),
        code => {
            let words = text(base.get("err_msg")).or_else(|| text(base.get("errmsg")));
            Err(ListingError::Refused { code, said: refused(code, words.as_deref()) })
        }
    }
}

fn refused(code: Option<i64>, words: Option<&str>) -> String {
    let code = code.map(|code| format!("ret {code}")).unwrap_or_default();
    [Some(code.as_str()), words].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// A message of theirs: on one line, without control characters, and not too long.
pub(super) fn message(words: &str) -> String {
    one_line(words).chars().filter(|letter| !letter.is_control()).take(LONGEST_MESSAGE).collect()
}

/// The whole number that a value is or spells.
pub(super) fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(yes) => Some(i64::from(*yes)),
        _ => None,
    }
}

/// The text that a value holds, on one line, HTML's escapes taken off once; `None` where there is nothing in it.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    let text = one_line(&escapes::entities(value?.as_str()?));
    Some(text).filter(|text| !text.is_empty())
}

/// The items of a list: an array's, or the bare object that WeChat sends for a list of one.
pub(super) fn items(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(items)) => items,
        Some(object @ Value::Object(members)) if !members.is_empty() => std::slice::from_ref(object),
        _ => &[],
    }
}

/// A time in seconds since 1970.
pub(super) fn moment(value: Option<&Value>) -> Option<Time> {
    fields::moment(&number(value)?.to_string()).map(|at| at.to_utc())
}

/// A JSON text inside JSON.
pub(super) fn nested(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::String(text) => serde_json::from_str(text).ok(),
        object @ Value::Object(_) => Some(object.clone()),
        _ => None,
    }
}

/// A message id and a position, where both are numbers worth something.
pub(super) fn position(mid: Option<i64>, idx: Option<i64>) -> Option<(u64, u32)> {
    let mid = mid.and_then(|mid| u64::try_from(mid).ok()).filter(|mid| *mid > 0)?;
    let idx = idx.and_then(|idx| u32::try_from(idx).ok()).filter(|idx| *idx > 0)?;
    Some((mid, idx))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_code_says_what_to_do() {
        let said = |ret: Value| refusal(&json!({"base_resp": {"ret": ret, "err_msg": "a\nb"}}));
        assert_eq!(said(json!("0")), Ok(()));
        assert_eq!(said(json!(200_003)), Err(ListingError::LoginNeeded));
        assert_eq!(said(json!("200013")), Err(ListingError::HeldBack));
        assert_eq!(said(json!(10_004)), Err(ListingError::Missing));
        let other = ListingError::Refused { code: Some(7), said: "ret 7: a b".into() };
        assert_eq!(said(json!(7)), Err(other));
    }
}
