//! Settled pieces → the characters of Markdown, escaping only what would otherwise be read as markup.

use crate::extract::render::body::{Body, Mark};
use crate::extract::render::inline::{Piece, Place, first_of};
use crate::extract::render::unicode::is_word;
use std::fmt::Write as _;

pub(super) fn emit(pieces: &[Piece], body: &Body, place: Place) -> String {
    let mut words = String::new();
    gather(pieces, &mut words);
    let mut line = Line {
        body,
        place,
        out: String::with_capacity(words.len() + 16),
        // A lone tilde is harmless; two may strike out what stands between them.
        tildes: words.matches('~').count() > 1 || strikes(pieces),
        // Without a definition anywhere, brackets alone are plain text.
        brackets: words.starts_with('[') || ["](", "][", "]:"].iter().any(|risk| words.contains(risk)),
        in_link: false,
    };
    line.pieces(pieces, None);
    let Line { out, .. } = line;
    match place {
        Place::Paragraph => safe_starts(&out),
        Place::Heading => safe_end(out),
        Place::Cell => out,
    }
}

fn gather(pieces: &[Piece], words: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) | Piece::Code(text) => words.push_str(text),
            Piece::Link(_, inner) | Piece::Marked(_, inner) | Piece::Tagged(_, inner) => gather(inner, words),
            Piece::Formula(formula) => words.push_str(&formula.plain()),
            Piece::Break => words.push('\n'),
            Piece::Image(_) | Piece::Player(_) => {}
        }
    }
}

fn strikes(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Marked(Mark::Del, _) => true,
        Piece::Link(_, inner) | Piece::Marked(_, inner) | Piece::Tagged(_, inner) => strikes(inner),
        _ => false,
    })
}

struct Line<'a> {
    body: &'a Body,
    place: Place,
    out: String,
    tildes: bool,
    brackets: bool,
    in_link: bool,
}

impl Line<'_> {
    fn pieces(&mut self, pieces: &[Piece], after: Option<char>) {
        for (at, piece) in pieces.iter().enumerate() {
            let after = pieces.get(at + 1).map_or(after, |piece| Some(written_first(piece)));
            self.piece(piece, after);
        }
    }

    fn piece(&mut self, piece: &Piece, after: Option<char>) {
        match piece {
            Piece::Text(text) => self.text(text, after),
            Piece::Break if self.place == Place::Cell => self.out.push_str("<br>"),
            // Two spaces: the line break that also reads well where Markdown is shown as plain text.
            Piece::Break => self.out.push_str("  \n"),
            Piece::Code(text) => self.code(text),
            // In a link's text its brackets would end the link.
            Piece::Formula(formula) if self.in_link => self.text(&formula.plain(), after),
            Piece::Formula(formula) => self.out.push_str(&formula.markdown(self.place == Place::Cell)),
            Piece::Image(at) => {
                let Some(image) = self.body.images.get(*at) else { return };
                let alt = image.alt.clone();
                let target = self.target(&image.url);
                self.out.push_str("![");
                self.label(&alt);
                self.out.push_str("](");
                self.out.push_str(&target);
                self.out.push(')');
            }
            Piece::Player(at) => {
                let Some(player) = self.body.media.get(*at) else { return };
                self.open_bracket();
                self.label(&player.title);
                let target = self.target(&player.url);
                self.out.push_str("](");
                self.out.push_str(&target);
                self.out.push(')');
            }
            Piece::Link(link, inner) => self.link(*link, inner),
            Piece::Marked(mark, inner) => {
                let marker = match mark {
                    Mark::Strong => "**",
                    Mark::Em => "*",
                    _ => "~~",
                };
                self.out.push_str(marker);
                self.pieces(inner, marker.chars().next());
                self.out.push_str(marker);
            }
            Piece::Tagged(mark, inner) => {
                let tag = tag(*mark);
                let _ = write!(self.out, "<{tag}>");
                self.pieces(inner, Some('<'));
                let _ = write!(self.out, "</{tag}>");
            }
        }
    }

    fn link(&mut self, link: u32, inner: &[Piece]) {
        let Some(url) = self.body.links.get(link as usize) else { return self.pieces(inner, None) };
        if let [Piece::Text(text)] = inner
            && text == url
            && self.place != Place::Cell
            && !url.contains('|')
        {
            self.out.push('<');
            self.out.push_str(url);
            self.out.push('>');
            return;
        }
        self.open_bracket();
        self.in_link = true;
        self.pieces(inner, Some(']'));
        self.in_link = false;
        let target = self.target(url);
        self.out.push_str("](");
        self.out.push_str(&target);
        self.out.push(')');
    }

    /// Opens a link's text; an exclamation mark before it would make it a picture.
    fn open_bracket(&mut self) {
        if self.out.ends_with('!') {
            self.out.pop();
            self.out.push_str("\\!");
        }
        self.out.push('[');
    }

    fn label(&mut self, text: &str) {
        let before = std::mem::replace(&mut self.in_link, true);
        self.text(text, Some(']'));
        self.in_link = before;
    }

    fn target(&self, url: &str) -> String {
        let mut url = url.to_owned();
        if self.place == Place::Cell {
            url = url.replace('|', "%7C");
        }
        if let Some(at) = url.find('&')
            && url[at..].contains(';')
        {
            url = url.replace('&', "&amp;");
        }
        if url.contains(['(', ')', ' ', '\\']) { format!("<{}>", url.replace('\\', "%5C")) } else { url }
    }

    fn code(&mut self, text: &str) {
        let longest = longest_run(text, '`');
        let fence = "`".repeat(if longest == 0 { 1 } else { longest + 1 });
        let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
        let text = if self.place == Place::Cell { text.replace('|', "\\|") } else { text.to_owned() };
        let _ = write!(self.out, "{fence}{pad}{text}{pad}{fence}");
    }

    fn text(&mut self, text: &str, after: Option<char>) {
        let mut rest = text.chars();
        while let Some(letter) = rest.next() {
            let next = rest.clone().next().or(after);
            if self.must_escape(letter, next, rest.as_str()) {
                self.out.push('\\');
            }
            self.out.push(letter);
        }
    }

    fn must_escape(&self, letter: char, next: Option<char>, rest: &str) -> bool {
        let before = self.out.chars().next_back();
        let starts = before.is_none_or(|before| before == '\n');
        let between = |test: fn(char) -> bool| before.is_some_and(test) && next.is_some_and(test);
        match letter {
            '\\' => next.is_none_or(|next| next.is_ascii_punctuation() || next == '\n'),
            '`' => true,
            '*' => starts || !between(char::is_whitespace),
            '_' => !between(is_word) && (starts || !between(char::is_whitespace)),
            '~' => self.tildes || next == Some('~') || before == Some('~'),
            '[' => self.in_link || self.brackets,
            ']' => self.in_link,
            '<' => next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
            '&' => could_be_entity(rest),
            '|' => self.place == Place::Cell,
            _ => false,
        }
    }
}

/// The first character that a piece puts on the page.
fn written_first(piece: &Piece) -> char {
    match piece {
        Piece::Marked(Mark::Del, _) => '~',
        Piece::Marked(..) => '*',
        other => first_of(other),
    }
}

pub(in crate::extract::render) fn tag(mark: Mark) -> &'static str {
    match mark {
        Mark::Strong => "strong",
        Mark::Em => "em",
        Mark::Del => "del",
        Mark::Sup => "sup",
        Mark::Sub => "sub",
        Mark::Code => "code",
    }
}

/// Whether an ampersand followed by this could be read as a character reference, now or once the next piece is joined.
fn could_be_entity(rest: &str) -> bool {
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric());
    match end {
        Some(0) => false,
        Some(end) => name[end..].starts_with(';'),
        None => !name.is_empty(),
    }
}

pub(in crate::extract::render) fn longest_run(text: &str, mark: char) -> usize {
    text.split(|letter| letter != mark).map(str::len).max().unwrap_or(0)
}

/// Escapes what would begin a block at the start of a paragraph's lines.
fn safe_starts(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 4);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            safe.push('\n');
        }
        match start_to_escape(line, at == 0) {
            Some(place) => {
                safe.push_str(&line[..place]);
                safe.push('\\');
                safe.push_str(&line[place..]);
            }
            None => safe.push_str(line),
        }
    }
    safe
}

/// Where a backslash keeps a line from being a heading, quote, list, rule or table.
fn start_to_escape(line: &str, first: bool) -> Option<usize> {
    let line = line.trim_end();
    let ends = |at: usize| line[at..].is_empty() || line[at..].starts_with(' ');
    let run = |mark: char| line.len() - line.trim_start_matches(mark).len();
    match line.chars().next()? {
        '#' => ((1..=6).contains(&run('#')) && ends(run('#'))).then_some(0),
        '>' => Some(0),
        '-' | ':' | '|' if line.chars().all(|letter| matches!(letter, '-' | ':' | '|' | ' ')) => Some(0),
        '-' | '+' => ends(1).then_some(0),
        '=' => (!first && run('=') == line.len()).then_some(0),
        '0'..='9' => {
            let digits = line.len() - line.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
            (digits <= 9 && line[digits..].starts_with(['.', ')']) && ends(digits + 1)).then_some(digits)
        }
        _ => None,
    }
}

/// Escapes the number signs that would close a heading.
fn safe_end(text: String) -> String {
    let bare = text.trim_end_matches('#');
    if bare.len() < text.len() && (bare.is_empty() || bare.ends_with(' ')) {
        return format!("{bare}\\{}", &text[bare.len()..]);
    }
    text
}
