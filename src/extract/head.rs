//! An article as a Markdown file for people: title, head lines, body, past issues.

use super::wechat::heads_past_issues;
use crate::model::Document;
use std::fmt::Write as _;

/// The longest title line, in letters: WeChat's text posts carry their whole text as the title.
const LONGEST_TITLE: usize = 64;

/// Writes an article as one Markdown text. Each head line stands only where its fact is known; the past issues follow as a numbered
/// list where the body has no such section of its own.
pub fn article_markdown(document: &Document, url: &str, past_issues: &[(String, String)]) -> String {
    let mut out = format!("# {}\n\n", inert(&headline(document)));
    let published = document.published.map(|at| at.format("%Y-%m-%d %H:%M").to_string());
    let lines = [
        ("文章作者", byline(document).map(|by| inert(&by))),
        ("发布时间", published),
        ("发布地", document.place.as_deref().map(inert)),
        ("原文链接", Some(url.to_owned()).filter(|url| !url.is_empty())),
    ];
    for (label, value) in lines {
        if let Some(value) = value {
            let _ = writeln!(out, "{label}: {}", on_one_line(&value));
        }
    }
    if let Some(cover) = &document.cover {
        let _ = write!(out, "\n封面图链接: {}\n", on_one_line(cover));
    }
    push_body(&mut out, document, past_issues);
    out
}

/// Writes an article as Markdown with YAML front matter in place of the head lines. `more` are further facts, each a key and a text.
pub fn article_with_front_matter(
    document: &Document,
    url: &str,
    past_issues: &[(String, String)],
    more: &[(&str, String)],
) -> String {
    let mut out = String::from("---\n");
    let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let facts = [
        ("title", Some(headline(document))),
        ("account", text(&document.account)),
        ("author", text(&document.author)),
        ("published", document.published.map(|at| at.to_rfc3339())),
        ("place", text(&document.place)),
        ("source", Some(url.to_owned()).filter(|url| !url.is_empty())),
        ("cover", text(&document.cover)),
        ("summary", text(&document.summary)),
    ];
    let known = facts.into_iter().filter_map(|(key, value)| Some((key, value?)));
    for (key, value) in known.chain(more.iter().cloned()) {
        let _ = writeln!(out, "{key}: {}", yaml(&on_one_line(&value)));
    }
    let _ = write!(out, "---\n\n# {}\n", inert(&headline(document)));
    push_body(&mut out, document, past_issues);
    out
}

/// Whether the past issues stand in the body already.
pub fn lists_past_issues(document: &Document) -> bool {
    has_section(&document.markdown)
}

fn push_body(out: &mut String, document: &Document, past_issues: &[(String, String)]) {
    let body = document.markdown.trim();
    if !body.is_empty() {
        let _ = write!(out, "\n{body}\n");
    }
    if !past_issues.is_empty() && !has_section(body) {
        out.push_str("\n# 往期回顾\n\n");
        for (number, (title, url)) in past_issues.iter().enumerate() {
            let title = on_one_line(if title.trim().is_empty() { url } else { title });
            let _ = writeln!(out, "{}. [{}]({})", number + 1, link_text(&title), link_target(url));
        }
    }
}

/// A text as a double-quoted YAML scalar (YAML 1.2 §7.3.1), ASCII escapes for all that YAML or a terminal takes for more than a letter.
fn yaml(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// The title for a single line: the title, else how the text begins, and no longer than a line should be.
pub fn headline(document: &Document) -> String {
    let text = document.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or(&document.text);
    let line = on_one_line(text);
    let mut short: String = line.chars().take(LONGEST_TITLE).collect();
    // A title that was written as one is kept whole; only a text that stands in for one is cut.
    let is_text = line.chars().count() > 2 * LONGEST_TITLE || document.title.is_none();
    if !is_text {
        return line;
    }
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// Who wrote it: the author, else the account; both where they are known and differ.
fn byline(document: &Document) -> Option<String> {
    match (document.account.as_deref(), document.author.as_deref()) {
        (Some(account), Some(author)) if account != author => Some(format!("{account} / {author}")),
        (account, author) => author.or(account).map(str::to_owned),
    }
}

/// Whether the body has a section of past issues already.
fn has_section(markdown: &str) -> bool {
    let heading = |line: &str| line.chars().count() <= 40 && !line.contains("](") && heads_past_issues(line);
    markdown.lines().any(heading)
}

/// A fact as Markdown text that does nothing: a `<` begins no tag, a `[` no link or picture, a control character no escape.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !letter.is_control() || letter.is_whitespace()) {
        if matches!(letter, '<' | '[') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn link_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '[' | ']' | '\\' | '*' | '_' | '`' | '<') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// A link's target: what would end it early is percent-encoded.
fn link_target(url: &str) -> String {
    url.replace('(', "%28")
        .replace(')', "%29")
        .replace(char::is_whitespace, "%20")
        .replace('<', "%3C")
        .replace('>', "%3E")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PageStatus;

    fn article() -> Document {
        Document {
            title: Some("渡口".into()),
            account: Some("渡口纪事".into()),
            markdown: "正文。".into(),
            ..Document::new(PageStatus::Article, "test/1")
        }
    }

    #[test]
    fn only_what_is_known_stands_in_the_head() {
        let past = [
            ("上[一]篇".to_owned(), "https://a.example/(1)".to_owned()),
            (String::new(), "https://a.example/2".to_owned()),
        ];
        let expected = "# 渡口\n\n文章作者: 渡口纪事\n原文链接: https://a.example/\n\n正文。\n\n# 往期回顾\n\n\
                        1. [上\\[一\\]篇](https://a.example/%281%29)\n2. [https://a.example/2](https://a.example/2)\n";
        assert_eq!(article_markdown(&article(), "https://a.example/", &past), expected);
    }

    #[test]
    fn author_account_and_time_are_the_articles_own() {
        let mut document = article();
        document.author = Some("阿渡".into());
        document.place = Some("上海".into());
        document.cover = Some("https://a.example/c.jpg".into());
        document.published = chrono::DateTime::parse_from_rfc3339("2024-07-11T10:00:00+08:00").ok();
        document.markdown = "正文。\n\n**往期回顾**\n\n[旧文](https://a.example/1)".into();
        let written =
            article_markdown(&document, "https://a.example/", &[("旧文".into(), "https://a.example/1".into())]);
        let head = "# 渡口\n\n文章作者: 渡口纪事 / 阿渡\n发布时间: 2024-07-11 10:00\n发布地: 上海\n原文链接: https://a.example/\n\n\
                    封面图链接: https://a.example/c.jpg\n\n正文。";
        assert!(written.starts_with(head), "{written}");
        assert_eq!(written.matches("往期回顾").count(), 1);
    }

    #[test]
    fn a_text_that_stands_in_for_a_title_is_cut() {
        let mut document = article();
        document.title = Some("字".repeat(300));
        assert_eq!(headline(&document).chars().count(), LONGEST_TITLE + 1);
        document.title = Some("题".repeat(100));
        assert_eq!(headline(&document).chars().count(), 100);
    }

    #[test]
    fn front_matter_is_one_line_a_fact_and_cannot_be_left() {
        let mut document = article();
        document.title = Some("a\n---\nevil: \"x\" \\ \u{202e}".into());
        let written = article_with_front_matter(&document, "https://a.example/", &[], &[("state", "alive".into())]);
        let head = "---\ntitle: \"a --- evil: \\\"x\\\" \\\\ \\u202E\"\naccount: \"渡口纪事\"\n\
                    source: \"https://a.example/\"\nstate: \"alive\"\n---\n\n# a --- evil";
        assert!(written.starts_with(head), "{written}");
        assert!(written.ends_with("\n\n正文。\n"), "{written}");
    }
}
