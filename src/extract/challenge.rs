//! An answer → whether it is a challenge: the page of a service in front of a site that asks for a browser or a person.
//!
//! What it must not do: solve one. Blocked means wait.

use crate::model::MessageHead;

/// How far into a page its marks are looked for: challenges are small, and theirs stand in the head.
const WITHIN: usize = 64 * 1024;

/// What services write into their challenges and nowhere else (our research; each from the service's own pages).
const MARKS: &[(&str, &str)] = &[
    ("_cf_chl_opt", "Cloudflare"),
    ("cf-browser-verification", "Cloudflare"),
    ("cf-challenge-running", "Cloudflare"),
    ("<title>Just a moment...</title>", "Cloudflare"),
    ("<title>Attention Required! | Cloudflare</title>", "Cloudflare"),
    ("<title>DDoS-Guard</title>", "DDoS-Guard"),
    ("sucuri_cloudproxy_js", "Sucuri"),
    ("/_Incapsula_Resource?", "Imperva"),
    ("geo.captcha-delivery.com", "DataDome"),
    ("id=\"px-captcha\"", "HUMAN"),
    ("anubis_challenge", "Anubis"),
    ("/.within.website/x/cmd/anubis/", "Anubis"),
    ("token.awswaf.com", "AWS WAF"),
];

/// Whose challenge an answer is, where it is one.
pub fn challenge(head: &MessageHead, payload: &[u8]) -> Option<&'static str> {
    let says = |name: &str, words: &[&str]| {
        let said = head.header(name).map(|value| value.trim().to_ascii_lowercase());
        said.is_some_and(|said| words.contains(&said.as_str()))
    };
    if says("cf-mitigated", &["challenge"]) {
        return Some("Cloudflare");
    }
    if says("x-amzn-waf-action", &["challenge", "captcha"]) {
        return Some("AWS WAF");
    }
    let start = String::from_utf8_lossy(&payload[..payload.len().min(WITHIN)]);
    // A feed may tell of such pages: it is a page only where it begins as one.
    let opening = start.trim_start_matches('\u{feff}').trim_start();
    let opening: String = opening.chars().take(15).collect::<String>().to_ascii_lowercase();
    if !["<!doctype html", "<html", "<head", "<script"].iter().any(|page| opening.starts_with(page)) {
        return None;
    }
    MARKS.iter().find(|(mark, _)| start.contains(mark)).map(|(_, who)| *who)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_told_from_a_feed_that_speaks_of_one() {
        let head = |headers: &[(&str, &str)]| MessageHead {
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..MessageHead::default()
        };
        let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>";
        assert_eq!(challenge(&head(&[]), page.as_bytes()), Some("Cloudflare"));
        assert_eq!(challenge(&head(&[("CF-Mitigated", "challenge")]), b""), Some("Cloudflare"));
        assert_eq!(challenge(&head(&[]), b"<html><script>window._cf_chl_opt={}</script>"), Some("Cloudflare"));
        let feed = format!("<?xml version=\"1.0\"?><rss><channel><title>{page}</title></channel></rss>");
        assert_eq!(challenge(&head(&[]), feed.as_bytes()), None);
        assert_eq!(challenge(&head(&[]), b"<html><title>An ordinary page</title>"), None);
    }
}
