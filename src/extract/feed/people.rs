//! `mail@example.org (Name)`, `Name <mail@example.org>` and the like → name and address.

use crate::model::FeedPerson;

/// How many authors, and how many contributors, are kept of one entry (judgement: papers of physicists aside, nobody has more, and each is
/// looked for among the others).
pub(super) const MOST_PEOPLE: usize = 200;

/// Reads an author line.
pub(super) fn person(text: &str) -> FeedPerson {
    let text = text.trim();
    let Some((from, to)) = address(text) else {
        return FeedPerson { name: some(text), ..FeedPerson::default() };
    };
    let name = format!("{}{}", &text[..from], &text[to..]);
    let name = name.replace("<>", "").replace("()", "").replace("mailto:", "").replace("&lt;&gt;", "");
    let mut name = name.trim();
    if let Some(inner) = name.strip_prefix('(').and_then(|name| name.strip_suffix(')')) {
        name = inner.trim();
    }
    FeedPerson { name: some(name), email: Some(text[from..to].to_owned()), href: None }
}

/// How somebody is written in one line.
pub(super) fn line(person: &FeedPerson) -> Option<String> {
    match (&person.name, &person.email) {
        (Some(name), Some(email)) => Some(format!("{name} ({email})")),
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (None, None) => None,
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Where in a text the first mail address is.
fn address(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.+%'".contains(byte);
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.".contains(byte);
    memchr::memchr_iter(b'@', bytes).take(8).find_map(|at| {
        let from = at - bytes[..at].iter().rev().take(64).take_while(|byte| is_local(byte)).count();
        let mut to = at + 1 + bytes[at + 1..].iter().take(255).take_while(|byte| is_host(byte)).count();
        while to > at + 1 && matches!(bytes[to - 1], b'.' | b'-') {
            to -= 1;
        }
        let host = &text[at + 1..to];
        (from < at && host.contains('.')).then_some((from, to))
    })
}
