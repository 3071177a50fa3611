//! A body whose links, pictures and players lead somewhere else: into the folder beside it, where an export has put them.
//!
//! The markup is read and written anew, so it is as safe as any other that leaves this room, whoever wrote it.

use crate::extract::guard;
use crate::extract::render::body::{Block, Body, Run, RunKind, Style};
use crate::extract::render::{html, markdown, read};
use url::Url;

/// What a URL is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A link to follow.
    Link,
    /// A picture that is shown.
    Picture,
    /// Audio or video that is played, or the picture that stands for it.
    Player,
}

/// Where it leads from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where it led before.
    Same,
    /// Here: a relative path, percent-encoded, or a `data:` URL of a picture.
    At(String),
    /// Here, but only by a click: nothing is loaded by itself.
    Click(String),
}

/// A body in its two forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relinked {
    /// Safe HTML, without a document around it.
    pub html: String,
    /// Markdown.
    pub markdown: String,
}

/// Reads a body's HTML again and asks, for each form, where each URL is to lead.
pub fn relink(
    fragment: &str,
    base: &Url,
    in_html: &mut dyn FnMut(Use, &str) -> Place,
    in_markdown: &mut dyn FnMut(Use, &str) -> Place,
) -> Relinked {
    let tree = guard::parse_fragment(fragment);
    let body = read::read(&tree.html, base);
    let html = html::write(&led(body.clone(), in_html));
    Relinked { html, markdown: markdown::write(&led(body, in_markdown)) }
}

/// The body with every URL led to its place.
fn led(mut body: Body, place: &mut dyn FnMut(Use, &str) -> Place) -> Body {
    for link in &mut body.links {
        if let Place::At(to) | Place::Click(to) = place(Use::Link, link) {
            *link = to;
        }
    }
    let mut clicks = Clicks::default();
    for image in &mut body.images {
        clicks.pictures.push(match place(Use::Picture, &image.url) {
            Place::Same => None,
            Place::At(to) => {
                image.url = to;
                None
            }
            Place::Click(to) => {
                body.links.push(to);
                Some(last(&body.links))
            }
        });
    }
    for player in &mut body.media {
        player.poster = player.poster.take().and_then(|poster| match place(Use::Picture, &poster) {
            Place::Same => Some(poster),
            Place::At(to) => Some(to),
            Place::Click(_) => None,
        });
        clicks.players.push(match place(Use::Player, &player.url) {
            Place::Same => None,
            Place::At(to) => {
                player.url = to;
                None
            }
            Place::Click(to) => {
                body.links.push(to);
                Some(last(&body.links))
            }
        });
    }
    let mut blocks = std::mem::take(&mut body.blocks);
    clicks.blocks(&body, &mut blocks);
    body.blocks = blocks;
    body
}

fn last(links: &[String]) -> u32 {
    u32::try_from(links.len() - 1).unwrap_or(u32::MAX)
}

/// The pictures and players that become links, by their number: the number of that link.
#[derive(Default)]
struct Clicks {
    pictures: Vec<Option<u32>>,
    players: Vec<Option<u32>>,
}

impl Clicks {
    /// Blocks nest no deeper than `DEEPEST`.
    fn blocks(&self, body: &Body, blocks: &mut [Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(runs) | Block::Heading(_, runs) | Block::Caption(runs) => self.runs(body, runs),
                Block::Code { .. } | Block::Rule => {}
                Block::Quote(inner) | Block::Figure(inner) => self.blocks(body, inner),
                Block::List { items, .. } => items.iter_mut().for_each(|item| self.blocks(body, item)),
                Block::Table(table) => {
                    self.runs(body, &mut table.caption);
                    let cells = table.rows.iter_mut().flatten();
                    cells.for_each(|cell| self.blocks(body, &mut cell.blocks));
                }
            }
        }
    }

    fn runs(&self, body: &Body, runs: &mut [Run]) {
        for run in runs {
            let found = match run.kind {
                RunKind::Image(at) => {
                    let link = self.pictures.get(at).copied().flatten();
                    link.zip(body.images.get(at).map(|image| ("图片", image.alt.as_str())))
                }
                RunKind::Player(at) => {
                    let link = self.players.get(at).copied().flatten();
                    link.zip(body.media.get(at).map(|player| ("播放", player.title.as_str())))
                }
                RunKind::Text(_) | RunKind::Formula(_) | RunKind::Break => None,
            };
            if let Some((link, (word, what))) = found {
                let text = if what.is_empty() { format!("[{word}]") } else { format!("[{word}: {what}]") };
                // A picture that was itself a link goes on leading where that led.
                *run = Run::text(text, Style::default().linked(run.style.link.or(Some(link))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led_by(fragment: &str, place: fn(Use, &str) -> Place) -> Relinked {
        let base = Url::parse("https://a.example/").unwrap();
        relink(fragment, &base, &mut |kind, url| place(kind, url), &mut |kind, url| place(kind, url))
    }

    #[test]
    fn everything_leads_to_its_place() {
        let page = "<p><a href=\"/one\">一</a><img src=\"/p.png\" alt=\"图\"><a href=\"/far\"><img src=\"/gone.png\"></a></p>\
                    <video src=\"/v.mp4\" poster=\"/p.png\" title=\"片\"></video>";
        let done = led_by(page, |kind, url| match (kind, url.rsplit('/').next().unwrap_or_default()) {
            (Use::Link, "one") => Place::At("../%E4%B8%80/article.html".into()),
            (Use::Picture, "p.png") => Place::At("images/a.png".into()),
            (Use::Picture, "gone.png") | (Use::Player, _) => Place::Click(url.to_owned()),
            _ => Place::Same,
        });
        let html = "<p><a href=\"../%E4%B8%80/article.html\" rel=\"noopener noreferrer\">一</a><img src=\"images/a.png\" alt=\"图\">\
                    <a href=\"https://a.example/far\" rel=\"noopener noreferrer\">[图片]</a></p>\n\
                    <p><a href=\"https://a.example/v.mp4\" rel=\"noopener noreferrer\">[播放: 片]</a></p>\n";
        assert_eq!(done.html, html);
        assert!(done.markdown.contains("![图](images/a.png)"), "{}", done.markdown);
        assert!(!done.html.contains("https://a.example/p.png"));
    }

    #[test]
    fn what_stays_reads_as_before() {
        let page = "<h2>一</h2><p>文<b>粗：</b>字 <a href=\"https://a.example/x\">x</a></p><ul><li>a</li></ul>\
                    <p>设<span class=\"math\">$a_{i}*b_{j} \\\\ \\{x&lt;y\\}$</span>则</p><a href=\"/a\">甲</a><b><a href=\"/a\">乙</a></b>";
        let base = Url::parse("https://a.example/").unwrap();
        let rendered = crate::extract::render::render(page, &base);
        let again = led_by(&rendered.html, |_, _| Place::Same);
        assert!(rendered.markdown.contains("设$a_{i}*b_{j} \\\\ \\{x< y\\}$则"), "{}", rendered.markdown);
        assert!(rendered.markdown.ends_with("[甲**乙**](https://a.example/a)"), "{}", rendered.markdown);
        assert_eq!((again.html, again.markdown), (rendered.html, rendered.markdown));
    }
}
