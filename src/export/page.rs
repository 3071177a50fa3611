//! An article as one page of HTML that opens from a folder: our own words and style around a body that is safe, nothing loaded from
//! anywhere.

use crate::archive::ArticleRow;
use crate::extract::head::{headline, lists_past_issues};
use crate::model::{ArticleState, Digest, Document};
use base64::Engine as _;

/// The page's whole style: light and dark as the reader's system is, and room for a line that is read with ease.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1f2328;--paper:#fff;--quiet:#6a737d;--line:#e4e7eb;--link:#0b5cad;--wash:#f6f7f8}\
@media(prefers-color-scheme:dark){:root{--ink:#d9dde2;--paper:#16191d;--quiet:#8b949e;--line:#30363d;--link:#6cb2f5;--wash:#1f242a}}\
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.75;overflow-wrap:anywhere;\
font:17px/1.75 system-ui,\"PingFang SC\",\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif}\
main{max-width:42rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}\
h1{font-size:1.6rem;line-height:1.35;margin:0 0 .6rem}h2,h3,h4,h5,h6{line-height:1.4;margin:1.8em 0 .6em}\
a{color:var(--link);text-underline-offset:.15em}p,ul,ol,figure,table,pre{margin:1em 0}\
.facts{color:var(--quiet);font-size:.88rem;margin:0 0 .2rem}.state{color:var(--ink);background:var(--wash);\
border-left:3px solid var(--quiet);padding:.5rem .8rem;margin:1rem 0;font-size:.9rem}\
header{border-bottom:1px solid var(--line);padding-bottom:1rem;margin-bottom:1.8rem}\
img,video{max-width:100%;height:auto;border-radius:4px}audio{width:100%}\
figure{margin-left:0;margin-right:0}figcaption{color:var(--quiet);font-size:.88rem}\
blockquote{margin:1em 0;padding:.1em 0 .1em 1em;border-left:3px solid var(--line);color:var(--quiet)}\
pre{background:var(--wash);padding:.9rem 1rem;overflow-x:auto;border-radius:6px;line-height:1.5}\
code{font:.9em/1.5 ui-monospace,Menlo,Consolas,monospace}\
table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid var(--line);padding:.35rem .7rem;text-align:left}\
hr{border:0;border-top:1px solid var(--line);margin:2em 0}footer{border-top:1px solid var(--line);margin-top:3rem;padding-top:1rem}";

/// What stands on the page beside the document's own facts.
pub(crate) struct Page<'a> {
    /// The article's row.
    pub(crate) row: &'a ArticleRow,
    /// The document.
    pub(crate) document: &'a Document,
    /// Its body, safe, with links that lead into the folder.
    pub(crate) body: &'a str,
    /// Its cover in the folder, where the body shows no picture.
    pub(crate) cover: Option<&'a str>,
    /// Where it was published.
    pub(crate) url: &'a str,
    /// The past issues: title, and where each leads.
    pub(crate) past_issues: &'a [(String, String)],
}

/// Writes the page.
pub(crate) fn page(page: &Page<'_>) -> String {
    let Page { row, document, body, cover, url, past_issues } = page;
    let title = text(&headline(document));
    let language = document.language.as_deref().filter(|tag| is_language(tag)).unwrap_or("zh");
    let style = base64::engine::general_purpose::STANDARD.encode(Digest::of(STYLE.as_bytes()).as_bytes());
    // `self` is where a server shows it, `file:` where a folder does; a `data:` picture is a drawing whose scripts do not run.
    let policy = format!(
        "default-src 'none'; img-src 'self' file: data:; media-src 'self' file:; style-src 'sha256-{style}'; \
         base-uri 'none'; form-action 'none'"
    );
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n"
    );
    out.push_str(&facts(document));
    let captured = row.snapshots.last().map(|last| last.captured_at.format("%Y-%m-%d %H:%M UTC").to_string());
    let url = text(url);
    out.push_str(&format!(
        "<p class=\"facts\"><a href=\"{url}\" rel=\"noopener noreferrer\">原文 · Original</a>{}</p>\n",
        captured.map_or(String::new(), |at| format!(" · 存档于 {at}"))
    ));
    if let Some(words) = state(row.state) {
        out.push_str(&format!("<p class=\"state\">{words}</p>\n"));
    }
    out.push_str("</header>\n");
    if let Some(cover) = cover {
        out.push_str(&format!("<figure><img src=\"{}\" alt=\"\"></figure>\n", text(cover)));
    }
    out.push_str(body);
    if !past_issues.is_empty() && !lists_past_issues(document) {
        out.push_str("<footer>\n<h2>往期回顾</h2>\n<ol>\n");
        for (title, url) in *past_issues {
            let title = if title.trim().is_empty() { url } else { title };
            out.push_str(&format!(
                "<li><a href=\"{}\" rel=\"noopener noreferrer\">{}</a></li>\n",
                text(url),
                text(title.trim())
            ));
        }
        out.push_str("</ol>\n</footer>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Who, when, where: only what is known.
fn facts(document: &Document) -> String {
    let account = document.account.as_deref();
    let author = document.author.as_deref().filter(|author| Some(*author) != account);
    let published = document.published.map(|at| at.format("%Y-%m-%d %H:%M").to_string());
    let facts = [account.map(text), author.map(text), published, document.place.as_deref().map(text)];
    let facts: Vec<String> = facts.into_iter().flatten().filter(|fact| !fact.trim().is_empty()).collect();
    if facts.is_empty() { String::new() } else { format!("<p class=\"facts\">{}</p>\n", facts.join(" · ")) }
}

/// What has become of the article upstream, where that is worth a line.
fn state(state: ArticleState) -> Option<&'static str> {
    Some(match state {
        ArticleState::Alive | ArticleState::Edited => return None,
        ArticleState::Deleted => "原文已被作者删除 · Deleted by its author",
        ArticleState::Violation => "原文已被平台移除 · Removed by the platform",
        ArticleState::AccountClosed => "发布账号已注销或停用 · Its account was closed",
        ArticleState::AccountMigrated => "发布账号已迁移 · Its account has moved",
        ArticleState::Restricted => "原文已限制访问 · Not for everyone any more",
        ArticleState::Unavailable => "原文暂时无法访问 · Not to be had for now",
    })
}

/// A language tag (BCP 47), by its letters.
fn is_language(tag: &str) -> bool {
    (2..=35).contains(&tag.len()) && tag.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

/// A text as it may stand in HTML, in an attribute too; without what controls a terminal or turns text around.
fn text(text: &str) -> String {
    let is_seen =
        |letter: &char| !letter.is_control() && !matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text.chars().filter(is_seen).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
