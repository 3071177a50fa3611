//! What differs from run to run → placeholders.

/// A pattern and its placeholder: `#` is one digit, `+` behind it any number more.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("####-##-##T##:##:##.#+Z", "{time}"),
    ("####-##-## ##:##:## UTC", "{time}"),
    ("####-##-## ##:## UTC", "{time}"),
    ("##:## UTC", "{time}"),
    ("127.0.0.1:#+", "127.0.0.1:{port}"),
    ("[::1]:#+", "[::1]:{port}"),
    (" in #+.# s", " in {s} s"),
    ("process #+", "process {id}"),
    ("from byte #+ to #+", "from byte {n} to {n}"),
    ("holds #+ bytes where #+ were", "holds {n} bytes where {n} were"),
    ("its #+ bytes are in", "its {n} bytes are in"),
    (".zst.#+", ".zst.{n}"),
    ("and #+ bytes with it", "and {n} bytes with it"),
    ("bytes=#+", "bytes={n}"),
    ("at byte #+", "at byte {n}"),
    ("(#+.## KiB)", "({n} KiB)"),
    // Where in a frame a bit was flipped decides what its decoder notices first.
    ("does not decode: Restored data doesn't match checksum", "does not decode: {why}"),
    ("does not decode: Data corruption detected", "does not decode: {why}"),
    ("does not decode: Src size is incorrect", "does not decode: {why}"),
    ("failed to lookup address information: Name or service not known", "{resolver}"),
    ("failed to lookup address information: Temporary failure in name resolution", "{resolver}"),
    ("failed to lookup address information: No address associated with hostname", "{resolver}"),
    ("failed to lookup address information: Non-recoverable failure in name resolution", "{resolver}"),
    ("failed to lookup address information: System error", "{resolver}"),
];

/// The text with everything that matches a pattern replaced.
pub(super) fn scrubbed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let found = PLACEHOLDERS.iter().find_map(|(pattern, name)| Some((matched(pattern, rest)?, *name)));
        if let Some((length, name)) = found {
            out.push_str(name);
            rest = &rest[length..];
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    out
}

/// How many bytes at the beginning of `text` match.
fn matched(pattern: &str, text: &str) -> Option<usize> {
    let (mut at, bytes) = (0, text.as_bytes());
    let mut pattern = pattern.bytes().peekable();
    while let Some(wanted) = pattern.next() {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        if wanted == b'#' {
            if !digit(at) {
                return None;
            }
            at += 1;
            if pattern.next_if_eq(&b'+').is_some() {
                while digit(at) {
                    at += 1;
                }
            }
        } else if bytes.get(at) == Some(&wanted) {
            at += 1;
        } else {
            return None;
        }
    }
    Some(at)
}
