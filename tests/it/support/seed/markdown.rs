//! The seed's Markdown: what a text converter wrote, hard-wrapped, with its habits undone.

use super::{Block, PastIssue, Seed, Span};

/// Reads the head lines and the body.
pub(super) fn parse(text: &str) -> Option<Seed> {
    let head = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().to_owned())
    };
    let title = head("# ")?;
    let [account, published, place, url] = ["文章作者:", "发布时间:", "发布地:", "原文链接:"].map(head);
    let cover = head("封面图链接:")?;
    let body = &text[text.find(&cover)? + cover.len()..];
    let blocks: Vec<Block> = chunks(body).iter().filter_map(|chunk| block(chunk)).collect();
    let time = chrono::NaiveDateTime::parse_from_str(&published?, "%Y-%m-%d %H:%M").ok()?;
    let plain = |spans: &[Span]| spans.iter().map(|span| span.text.as_str()).collect::<String>().trim().to_owned();
    let mut seed = Seed {
        title,
        account: account?,
        published: time.format("%Y-%m-%dT%H:%M:%S+08:00").to_string(),
        place: place?,
        url: url?,
        cover,
        paragraphs: Vec::new(),
        headings: Vec::new(),
        past_issues: Vec::new(),
        blocks,
    };
    for block in &seed.blocks {
        match block {
            Block::Heading(level, spans) => seed.headings.push((*level, plain(spans))),
            Block::Paragraph(spans) => seed.paragraphs.push(plain(spans)),
            Block::Past(issue) => seed.past_issues.push(issue.clone()),
            Block::Picture(_) | Block::Rule => {}
        }
    }
    Some(seed)
}

/// The body's blocks, each on one line: blank lines part them, and a wrapped line is joined to the one before.
fn chunks(body: &str) -> Vec<String> {
    let mut chunks = vec![String::new()];
    for line in body.lines().map(str::trim) {
        let Some(chunk) = chunks.last_mut() else { continue };
        if line.is_empty() {
            chunks.push(String::new());
            continue;
        }
        // The wrapper broke at white space, which stood only between words that are spelt with letters.
        let words = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_graphic() && letter != '*');
        if words(chunk.chars().next_back()) && words(line.chars().next()) {
            chunk.push(' ');
        }
        chunk.push_str(line);
    }
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}

/// One chunk as a block; `None` for a chunk with nothing in it (`****`).
fn block(chunk: &str) -> Option<Block> {
    if chunk == "* * *" {
        return Some(Block::Rule);
    }
    if let Some(issue) = past_issue(chunk) {
        return Some(Block::Past(issue));
    }
    if let Some(url) = chunk.strip_prefix("![](").and_then(|rest| rest.strip_suffix(')')) {
        return Some(Block::Picture(url.to_owned()));
    }
    let level = chunk.chars().take_while(|letter| *letter == '#').count();
    if (1..=6).contains(&level) && chunk[level..].starts_with(' ') {
        return Some(Block::Heading(level as u8, spans(chunk[level..].trim())));
    }
    let spans = spans(chunk);
    (!spans.is_empty()).then_some(Block::Paragraph(spans))
}

/// `[1、[title]![](picture)](url)`.
fn past_issue(chunk: &str) -> Option<PastIssue> {
    let (number, rest) = chunk.strip_prefix('[')?.split_once("、[")?;
    number.parse::<u32>().ok()?;
    let (title, rest) = rest.split_once("]![](")?;
    let (picture, url) = rest.split_once(")](")?;
    let [title, picture, url] = [title, picture, url.strip_suffix(')')?].map(str::to_owned);
    Some(PastIssue { title, url, picture })
}

/// Bold and plain runs. The converter writes a space after bold text that the page does not have, and `_` around some.
fn spans(line: &str) -> Vec<Span> {
    let line = line.replace("_**", "**").replace("**_", "**").replace("\\-", "-");
    let mut spans: Vec<Span> = Vec::new();
    for (at, part) in line.split("**").enumerate() {
        let (bold, mut text) = (at % 2 == 1, part);
        let after_bold = !bold && at > 0;
        if after_bold && text.trim_start().chars().next().is_some_and(|letter| !letter.is_ascii()) {
            text = text.trim_start();
        }
        if !text.is_empty() {
            spans.push(Span { bold, text: text.to_owned() });
        }
    }
    spans
}
