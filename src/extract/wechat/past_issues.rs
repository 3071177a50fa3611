//! Which links of a body are its past issues (往期回顾): a score for each, from where and how it stands.
//!
//! No single sign is needed: many accounts put pictures without a heading at the end, others a heading and a list. The weights
//! are our research's ("Past-issue sections"), checked on the corpus.

use super::reading::{Anchor, Block, Reading};
use std::collections::HashSet;

/// From this score on a link is a past issue.
const ENOUGH: i32 = 3;

/// The longest block that can be a heading, in letters.
const LONGEST_HEADING: usize = 60;

/// A block with more prose than this ends the section that a heading began.
const PROSE: usize = 120;

/// Words that head a list of past issues.
const HEADINGS: &[&str] = &[
    "往期",
    "往年回顾",
    "推荐阅读",
    "阅读推荐",
    "推荐文章",
    "文章推荐",
    "相关阅读",
    "相关文章",
    "相关推荐",
    "相关链接",
    "延伸阅读",
    "延展阅读",
    "拓展阅读",
    "扩展阅读",
    "精彩回顾",
    "精彩推荐",
    "精彩文章",
    "精选推荐",
    "精选文章",
    "文章精选",
    "精选阅读",
    "更多阅读",
    "更多精彩",
    "更多文章",
    "更多好文",
    "历史文章",
    "历史推荐",
    "热门文章",
    "热门推荐",
    "热文推荐",
    "近期热文",
    "近期文章",
    "近期推荐",
    "近期精选",
    "近期回顾",
    "最新文章",
    "猜你喜欢",
    "猜你想看",
    "你可能还想看",
    "你可能还喜欢",
    "你可能感兴趣",
    "你可能错过",
    "你还可以看",
    "您可能感兴趣",
    "大家都在看",
    "大家还在看",
    "还可以看",
    "点击阅读",
    "点击标题",
    "好文推荐",
    "好文精选",
    "好文回顾",
    "经典文章",
    "经典回顾",
    "上期回顾",
    "前期回顾",
    "前文回顾",
    "前情回顾",
    "上期文章",
    "系列文章",
    "系列回顾",
    "Previous",
    "Related",
    "Recommended",
    "Read more",
    "READ MORE",
    "Further reading",
];

/// A link with what is known of its target.
#[derive(Debug)]
pub(super) struct Scored<'a> {
    /// The link.
    pub(super) anchor: &'a Anchor,
    /// Whether it leads to an article.
    pub(super) article: bool,
    /// Whether it leads to the same account; `None` where that is not known.
    pub(super) own_account: Option<bool>,
}

/// Which of the links are past issues, in their order.
pub(super) fn judge(reading: &Reading, links: &[Scored<'_>]) -> Vec<bool> {
    if links.iter().all(|link| !link.article) {
        return vec![false; links.len()];
    }
    let headed = headed(&reading.blocks);
    let tail_begins = reading.letters - reading.letters / 4;
    let in_tail = |link: &Scored<'_>| link.article && link.anchor.before >= tail_begins;
    let cluster = several(links.iter().filter(|link| in_tail(link)), 2);
    let directory = is_directory(reading, links);
    links
        .iter()
        .map(|link| {
            let Some(block) = reading.blocks.get(link.anchor.block).filter(|_| link.article) else { return false };
            let headed = headed[link.anchor.block];
            let points = [
                (headed, 3),
                (cluster && in_tail(link), 2),
                (block.listed || is_only_links(block), 1),
                (link.anchor.images > 0 && link.anchor.text.trim().is_empty(), 1),
                (link.own_account == Some(true), 1),
                (link.own_account == Some(false), -1),
                (is_in_a_sentence(link.anchor, block), -2),
                (directory, 1),
                // What leads in is an advertisement, or an invitation to listen.
                (!headed && opens(link.anchor, reading), -1),
            ];
            points.iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum::<i32>() >= ENOUGH
        })
        .collect()
}

/// Whether a body is mostly a list of articles.
fn is_directory(reading: &Reading, links: &[Scored<'_>]) -> bool {
    let linked: usize = reading.blocks.iter().map(|block| block.linked).sum();
    linked * 2 > reading.letters && several(links.iter().filter(|link| link.article), 4)
}

/// Whether links lead to at least so many pages: a picture and the title below it are two links to one.
fn several<'a>(links: impl Iterator<Item = &'a Scored<'a>>, least: usize) -> bool {
    let mut pages = HashSet::new();
    links.map(|link| link.anchor.url.as_str()).any(|url| pages.insert(url) && pages.len() >= least)
}

/// Whether a link stands before the body proper: in its first tenth, where there is a body to speak of.
fn opens(anchor: &Anchor, reading: &Reading) -> bool {
    reading.letters > 5 * PROSE && anchor.before * 10 < reading.letters
}

/// Which blocks stand under a heading of past issues.
fn headed(blocks: &[Block]) -> Vec<bool> {
    let mut under = false;
    blocks
        .iter()
        .map(|block| {
            let prose = block.letters - block.linked;
            if heads(block) {
                under = true;
            } else if block.heading && block.anchors == 0 && block.letters > 0 || prose > PROSE {
                under = false;
            }
            under
        })
        .collect()
}

/// Whether a block is such a heading; where it holds links itself, the words must open it.
fn heads(block: &Block) -> bool {
    let prose = block.letters - block.linked;
    if prose == 0 || prose > LONGEST_HEADING {
        return false;
    }
    let beginning: String =
        block.text.chars().take(if block.anchors == 0 { LONGEST_HEADING * 2 } else { 14 }).collect();
    heads_past_issues(&beginning) && !is_told(block)
}

/// What calls on a reader to go on to the links, also in a whole sentence.
const CALLS: &[&str] =
    &["点击", "点开", "戳", "查看", "请看", "请读", "下方", "下面", "以下", "如下", "扫码", "↓", "👇", "▼"];

/// Whether a block only tells of past issues, in a sentence: it ends as one and calls on nobody, or the words are what it tells of.
fn is_told(block: &Block) -> bool {
    let text = block.text.trim();
    let opens = text.chars().find(|letter| letter.is_alphanumeric()).is_some_and(opens_heading);
    let ends = text.ends_with(['。', '；', '，']) && !(block.anchors > 0 && opens);
    let within = ["在", "从", "据"].iter().any(|word| text.contains(&format!("{word}往期")));
    (ends || within) && !CALLS.iter().any(|call| text.contains(call))
}

/// Whether a short text is what heads a list of past issues.
pub(in crate::extract) fn heads_past_issues(text: &str) -> bool {
    // 阅读原文 is the link to another site below a post, and no issue.
    let held = text.contains("点击阅读原文").then(|| text.replace("点击阅读原文", ""));
    let text = held.as_deref().unwrap_or(text);
    let mut places = text.char_indices().filter(|(_, letter)| opens_heading(*letter));
    places.any(|(at, _)| HEADINGS.iter().any(|words| text[at..].starts_with(words)))
}

/// Whether one of the headings begins with this letter: few letters do, and every short block is asked.
fn opens_heading(letter: char) -> bool {
    matches!(
        letter,
        '往' | '推'
            | '阅'
            | '文'
            | '相'
            | '延'
            | '拓'
            | '扩'
            | '精'
            | '更'
            | '历'
            | '热'
            | '近'
            | '最'
            | '猜'
            | '你'
            | '您'
            | '大'
            | '还'
            | '点'
            | '好'
            | '经'
            | '上'
            | '前'
            | '系'
            | 'P'
            | 'R'
            | 'F'
    )
}

fn is_only_links(block: &Block) -> bool {
    block.letters - block.linked <= 4
}

/// Whether the link is part of a sentence: prose on both sides, or more prose than a date or a label.
fn is_in_a_sentence(anchor: &Anchor, block: &Block) -> bool {
    let prose = block.letters - block.linked;
    let around = anchor.prose_before > 0 && prose > anchor.prose_before && prose > 6;
    !block.heading && (around && !block.listed || prose > 14 && prose > block.linked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_about_past_issues_heads_nothing() {
        let heads = |text: &str, anchors: usize| {
            let letters = text.chars().count();
            super::heads(&Block { text: text.to_owned(), letters, anchors, ..Block::default() })
        };
        for told in ["我们在往期节目里说过这件事。", "旧号的历史文章明天都会迁过来。", "我们在往期里说过"]
        {
            assert!(!heads(told, 0) && !heads(told, 1), "{told}");
        }
        for heading in
            ["往期回顾", "更多往期内容", "点击标题，阅读往期文章。", "往期精彩！", "想看更多精彩，请看下方。"]
        {
            assert!(heads(heading, 0), "{heading}");
        }
        assert!(heads("往期回顾：渡口的由来、船票的价钱。", 2));
    }

    #[test]
    fn every_heading_is_found_wherever_it_stands() {
        for words in HEADINGS {
            assert!(heads_past_issues(words) && heads_past_issues(&format!("—— {words} ——")), "{words}");
        }
        assert!(!heads_past_issues("点击阅读原文") && !heads_past_issues("推荐"));
    }
}
