//! What `Cache-Control` says of how long an answer is good (RFC 9111 §5.2.2).

/// The `max-age` of these header lines in seconds; `None` where there is none, or the answer is not to be kept at all.
pub fn max_age<'a>(lines: impl Iterator<Item = &'a str>) -> Option<u64> {
    let mut longest = None;
    for directive in lines.flat_map(|line| line.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-cache" | "no-store" => return None,
            "max-age" => {
                let digits = value.trim().trim_matches('"');
                let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                // More digits than fit mean for ever; whoever asks has a cap of its own.
                let seconds = is_number.then(|| digits.parse().unwrap_or(u64::MAX));
                longest = longest.max(seconds);
            }
            _ => {}
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::max_age;

    #[test]
    fn max_age_is_read_where_the_answer_may_be_kept() {
        let of = |line: &str| max_age(std::iter::once(line));
        assert_eq!(of("public, max-age=3600"), Some(3600));
        assert_eq!(of("MAX-AGE = \"60\""), Some(60));
        assert_eq!(of("max-age=99999999999999999999999"), Some(u64::MAX));
        assert_eq!(max_age(["max-age=5", "max-age=9"].into_iter()), Some(9));
        for none in ["", "no-cache, max-age=3600", "max-age=3600, no-store", "max-age=-5", "max-age=x", "s-maxage=9"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
