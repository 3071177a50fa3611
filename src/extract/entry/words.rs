//! Words compared: what of a text counts, how alike two are.

use std::collections::HashMap;

/// Words that make a short line with a number in it a counter (judgement, from what blogs and their plugins write).
const COUNTED: &[&str] = &[
    "comment",
    "repl",
    "view",
    "read",
    "like",
    "share",
    "评论",
    "阅读",
    "点赞",
    "分享",
    "回复",
    "浏览",
    "kommentar",
    "commentaire",
];

/// Whole lines that only ask to share.
const ASKING: &[&str] =
    &["share", "share this", "share this:", "tweet", "like this", "like this:", "分享到", "分享到："];

/// A line with more letters is no counter (judgement).
const LONGEST_COUNTER: usize = 40;

/// Texts with fewer letters say too little to be told apart by a simhash (judgement: about 20 words).
const FEWEST: usize = 100;

/// Text without the lines that only count or ask.
pub(super) fn without_counts(text: &str) -> String {
    text.lines().filter(|line| !is_counter(line)).collect::<Vec<_>>().join("\n")
}

fn is_counter(line: &str) -> bool {
    let line = line.trim();
    if line.chars().count() > LONGEST_COUNTER {
        return false;
    }
    let low = line.to_lowercase();
    if ASKING.contains(&low.as_str()) {
        return true;
    }
    let counts = low.chars().any(|letter| letter.is_ascii_digit()) || low.starts_with("no comment");
    let others = low.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).count();
    counts && others <= 4 && COUNTED.iter().any(|word| low.contains(word))
}

fn ink(text: &str) -> Vec<char> {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The 64-bit simhash of a text, over runs of four letters; `None` where there are too few.
pub(super) fn simhash(text: &str) -> Option<u64> {
    let ink = ink(&without_counts(text));
    if ink.len() < FEWEST {
        return None;
    }
    let mut weights = [0_i64; 64];
    for run in ink.windows(4) {
        let hash = run.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, letter| {
            (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x0100_0000_01b3)
        });
        let hash = mixed(hash);
        for (bit, weight) in weights.iter_mut().enumerate() {
            *weight += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    Some(weights.iter().enumerate().fold(0, |hash, (bit, weight)| hash | u64::from(*weight > 0) << bit))
}

/// The end of `MurmurHash3`, by which every bit depends on every other.
fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// How much of two texts differs, from 0 to 1: by the pairs of letters that only one of them has.
pub fn changed_share(before: &str, after: &str) -> f64 {
    let (before, after) = (ink(&without_counts(before)), ink(&without_counts(after)));
    let mut pairs: HashMap<(char, char), i64> = HashMap::new();
    for pair in before.windows(2) {
        *pairs.entry((pair[0], pair[1])).or_default() += 1;
    }
    for pair in after.windows(2) {
        *pairs.entry((pair[0], pair[1])).or_default() -= 1;
    }
    let differing: i64 = pairs.values().map(|count| count.abs()).sum();
    let all = before.len().saturating_sub(1) + after.len().saturating_sub(1);
    if all == 0 { f64::from(u8::from(before != after)) } else { differing as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The ferry crosses the river at dawn, and the ferryman counts his passengers twice, for he was once one short. \
        Nobody has drowned since, he says, but the river keeps its own accounts, and it does not tell anybody what they come to.";

    #[test]
    fn counters_are_no_words() {
        for no in ["12 comments", "评论 (3)", "3 条评论", "Share this:", "No comments yet", "1,024 views · 3 likes"]
        {
            assert!(is_counter(no), "{no}");
        }
        for yes in
            ["He read 12 books that winter on the river and liked 3", "2024", "Comments are closed because of spam"]
        {
            assert!(!is_counter(yes), "{yes}");
        }
        assert_eq!(without_counts("a\n5 comments\nb"), "a\nb");
    }

    #[test]
    fn near_texts_have_near_hashes() {
        let hash = |text: &str| simhash(text).unwrap();
        let near = TEXT.replace("dawn", "dusk");
        assert!((hash(TEXT) ^ hash(&near)).count_ones() <= 8);
        assert_eq!(hash(TEXT), hash(&TEXT.replace(", ", " — ")), "only letters count");
        let other: String = TEXT.chars().rev().collect();
        assert!((hash(TEXT) ^ hash(&other)).count_ones() > 10);
        assert_eq!(simhash("too short"), None);
    }

    #[test]
    fn the_share_that_changed_is_small_for_a_word_and_whole_for_another_text() {
        let long = TEXT.repeat(5);
        assert!(changed_share(&long, &long) < f64::EPSILON);
        assert!(changed_share(&long, &long.replacen("dawn", "dusk", 1)) < 0.02);
        assert!(changed_share(TEXT, "完全是另一段文字，没有一个字相同。") > 0.99);
        assert!(changed_share("", "x") > 0.5);
    }
}
