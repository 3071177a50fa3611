//! The runs of one line → Markdown.
//!
//! Emphasis is the hard part. CommonMark lets `**` close only where it is *right-flanking*: after `：` and before `文` it is
//! not, so `**粗体：**文字` shows its asterisks. Where that happens, in this order:
//! 1. punctuation moves out of the emphasis, brackets and quotes in pairs: `**粗体**：文字`, `“**重点**”一词`. It reads as
//!    clean as the page, in every renderer, and nobody sees whether a colon is bold;
//! 2. a link or picture at the edge moves out and takes the emphasis along: `**见**[**此文**](…)后`;
//! 3. else inline HTML: `<strong>重点（注）</strong>文字`, which every renderer understands.
//!
//! A zero-width space would also do, but it stays in the text and breaks search; an entity for the next letter is unreadable.

use crate::extract::render::body::{Body, Mark, Run, RunKind};
use crate::extract::render::formula::Formula;
use crate::extract::render::spans::{Span, nest};
use crate::extract::render::unicode::{is_movable, is_punctuation, is_word, partner};

mod emit;

pub(super) use emit::{longest_run, tag};

/// Where a line stands: it decides what must be escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A paragraph: it may have several lines.
    Paragraph,
    /// A heading.
    Heading,
    /// A table's cell: one line, and a bar is escaped.
    Cell,
}

/// Writes the runs of a line.
pub(super) fn write(runs: &[Run], body: &Body, place: Place) -> String {
    let pieces = settle(&nest(runs), Context::default());
    emit::emit(&pieces, body, place)
}

/// A line whose emphasis is settled: every marker in it reads back.
#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Image(usize),
    Player(usize),
    Formula(Formula),
    Break,
    Code(String),
    Link(u32, Vec<Piece>),
    /// Emphasis by markers.
    Marked(Mark, Vec<Piece>),
    /// Emphasis as inline HTML.
    Tagged(Mark, Vec<Piece>),
}

/// What is read before and after a stretch once it is written; `None` is the edge of the block.
#[derive(Clone, Copy, Debug, Default)]
struct Context {
    before: Option<char>,
    after: Option<char>,
}

/// Settles spans from left to right, inner ones first. What follows is judged by its first letter: should it turn out to be
/// inline HTML, its `<` is punctuation, which only helps.
fn settle(spans: &[Span<'_>], context: Context) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::with_capacity(spans.len());
    for (at, span) in spans.iter().enumerate() {
        let before = pieces.last().map_or(context.before, |piece| Some(last_of(piece)));
        let after = spans.get(at + 1).map_or(context.after, |span| Some(first_read(span)));
        match span {
            Span::Leaf(run) => pieces.push(leaf(run)),
            Span::Link(link, inner) => {
                let inside = Context { before: Some('['), after: Some(']') };
                pieces.push(Piece::Link(*link, settle(inner, inside)));
            }
            Span::Marked(Mark::Code, inner) => pieces.push(Piece::Code(code(inner))),
            Span::Marked(mark @ (Mark::Sup | Mark::Sub), inner) => {
                let inside = Context { before: Some('>'), after: Some('<') };
                pieces.push(Piece::Tagged(*mark, settle(inner, inside)));
            }
            Span::Marked(mark, inner) if ends_in_marker(pieces.last()) => {
                // Two emphases that touch make one run of asterisks, which CommonMark may split elsewhere.
                let inside = Context { before: Some('>'), after: Some('<') };
                pieces.push(Piece::Tagged(*mark, settle(inner, inside)));
            }
            Span::Marked(mark, inner) => {
                let around = Context { before, after };
                pieces.extend(emphasise(*mark, settle(inner, around), around));
            }
        }
    }
    pieces
}

fn ends_in_marker(piece: Option<&Piece>) -> bool {
    matches!(piece, Some(Piece::Marked(..)))
}

fn leaf(run: &Run) -> Piece {
    match &run.kind {
        RunKind::Text(text) => Piece::Text(text.clone()),
        RunKind::Image(at) => Piece::Image(*at),
        RunKind::Player(at) => Piece::Player(*at),
        RunKind::Formula(formula) => Piece::Formula(formula.clone()),
        RunKind::Break => Piece::Break,
    }
}

fn code(spans: &[Span<'_>]) -> String {
    let text = |span: &Span<'_>| match span {
        Span::Leaf(Run { kind: RunKind::Text(text), .. }) => text.clone(),
        Span::Leaf(Run { kind: RunKind::Formula(formula), .. }) => formula.plain(),
        Span::Leaf(Run { kind: RunKind::Break, .. }) => " ".to_owned(),
        Span::Leaf(_) => String::new(),
        Span::Link(_, inner) | Span::Marked(_, inner) => code(inner),
    };
    spans.iter().map(text).collect()
}

/// Gives a stretch its emphasis in the first way that reads back (see the top of this file).
fn emphasise(mark: Mark, pieces: Vec<Piece>, around: Context) -> Vec<Piece> {
    if fits(&pieces, around) {
        return vec![Piece::Marked(mark, pieces)];
    }
    match hoist(mark, pieces.clone(), around) {
        Some(hoisted) => hoisted,
        None => vec![Piece::Tagged(mark, pieces)],
    }
}

/// An inner emphasis that shares just one edge with the outer would make a run of three asterisks that opens both and is
/// closed in two places: such runs may pair otherwise. One that shares both edges is safe.
fn part_edges(pieces: &mut [Piece]) {
    let [first, .., last] = pieces else { return };
    for piece in [first, last] {
        if let Piece::Marked(mark @ (Mark::Strong | Mark::Em), inner) = piece {
            *piece = Piece::Tagged(*mark, std::mem::take(inner));
        }
    }
}

fn fits(pieces: &[Piece], around: Context) -> bool {
    let shares_an_edge = |piece: &Piece| matches!(piece, Piece::Marked(Mark::Strong | Mark::Em, _));
    let parted = !matches!(pieces, [first, .., last] if shares_an_edge(first) || shares_an_edge(last));
    parted && opens(pieces, around.before) && closes(pieces, around.after)
}

/// Whether a marker before these pieces is left-flanking, in every version of CommonMark.
fn opens(pieces: &[Piece], before: Option<char>) -> bool {
    let Some(first) = pieces.first().map(first_of) else { return false };
    !first.is_whitespace() && (is_word(first) || is_outside(before))
}

/// Whether a marker after these pieces is right-flanking, in every version of CommonMark.
fn closes(pieces: &[Piece], after: Option<char>) -> bool {
    let Some(last) = pieces.last().map(last_of) else { return false };
    !last.is_whitespace() && (is_word(last) || is_outside(after))
}

fn is_outside(letter: Option<char>) -> bool {
    letter.is_none_or(|letter| letter.is_whitespace() || is_punctuation(letter))
}

/// Moves punctuation, links and pictures out of a stretch until its markers fit; `None` where that would leave nothing, or
/// tear a bracket from its partner.
fn hoist(mark: Mark, mut inner: Vec<Piece>, around: Context) -> Option<Vec<Piece>> {
    let (mut head, mut tail): (Vec<Piece>, Vec<Piece>) = (Vec::new(), Vec::new());
    let mut around = around;
    // One piece or one text's edge a turn, and only from the two ends.
    loop {
        if !opens(&inner, around.before) {
            let moved = take_first(mark, &mut inner)?;
            around.before = Some(last_of(&moved));
            head.push(moved);
        } else if !closes(&inner, around.after) {
            let moved = take_last(mark, &mut inner)?;
            around.after = Some(first_of(&moved));
            tail.push(moved);
        } else {
            break;
        }
    }
    pair_up(&mut head, &mut inner, &mut tail)?;
    part_edges(&mut inner);
    if !fits(&inner, Context { before: head.last().map_or(around.before, |piece| Some(last_of(piece))), ..around }) {
        return None;
    }
    head.push(Piece::Marked(mark, inner));
    head.extend(tail.into_iter().rev());
    Some(head)
}

/// Takes the first piece, or the punctuation and spaces with which it begins.
fn take_first(mark: Mark, inner: &mut Vec<Piece>) -> Option<Piece> {
    if let Piece::Text(text) = inner.first_mut()? {
        let rest = text.trim_start_matches(is_movable);
        let moved = text[..text.len() - rest.len()].to_owned();
        *text = rest.to_owned();
        if text.is_empty() {
            inner.remove(0);
        }
        return (!moved.is_empty()).then_some(Piece::Text(moved));
    }
    whole(mark, inner.remove(0))
}

/// Takes the last piece, or the punctuation and spaces with which it ends.
fn take_last(mark: Mark, inner: &mut Vec<Piece>) -> Option<Piece> {
    if let Piece::Text(text) = inner.last_mut()? {
        let rest = text.trim_end_matches(is_movable).len();
        let moved = text.split_off(rest);
        if text.is_empty() {
            inner.pop();
        }
        return (!moved.is_empty()).then_some(Piece::Text(moved));
    }
    whole(mark, inner.pop()?)
}

/// A piece that may leave the emphasis: a link takes it along, a picture has none, a line break shows none.
fn whole(mark: Mark, piece: Piece) -> Option<Piece> {
    match piece {
        Piece::Link(link, inner) => {
            let inside = Context { before: Some('['), after: Some(']') };
            Some(Piece::Link(link, emphasise(mark, inner, inside)))
        }
        Piece::Image(_) | Piece::Player(_) | Piece::Break => Some(piece),
        _ => None,
    }
}

/// The most letters that move out of an emphasis with their partners (judgement: a person writes two or three).
const MOST_EDGE_LETTERS: usize = 16;

/// Keeps brackets and quotes together: the partner of one that moved out moves out too, if it stands at the other edge.
fn pair_up(head: &mut Vec<Piece>, inner: &mut [Piece], tail: &mut Vec<Piece>) -> Option<()> {
    // Each letter looks through all others: more than a person would write are left to HTML.
    if letters(head, false).len() + letters(tail, true).len() > MOST_EDGE_LETTERS {
        return None;
    }
    for closing in letters(tail, true).into_iter().filter(|letter| is_closing(*letter)) {
        let outside = letters(head, false).into_iter().any(|letter| partner(letter) == Some(closing));
        if !outside && has_opening(inner, closing) {
            let Piece::Text(text) = inner.first_mut()? else { return None };
            let opening = text.chars().next().filter(|letter| partner(*letter) == Some(closing))?;
            text.drain(..opening.len_utf8());
            head.push(Piece::Text(opening.to_string()));
        }
    }
    for opening in letters(head, false) {
        let Some(closing) = partner(opening) else { continue };
        let outside = letters(tail, true).contains(&closing);
        if !outside && has_letter(inner, closing) {
            let Piece::Text(text) = inner.last_mut()? else { return None };
            text.strip_suffix(closing)?;
            text.truncate(text.len() - closing.len_utf8());
            tail.push(Piece::Text(closing.to_string()));
        }
    }
    let empty = |piece: &Piece| matches!(piece, Piece::Text(text) if text.is_empty());
    (!inner.iter().any(empty)).then_some(())
}

fn letters(pieces: &[Piece], reversed: bool) -> Vec<char> {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        _ => String::new(),
    };
    let text: String =
        if reversed { pieces.iter().rev().map(text).collect() } else { pieces.iter().map(text).collect() };
    text.chars().collect()
}

fn is_closing(letter: char) -> bool {
    matches!(
        letter,
        ')' | ']' | '}' | '"' | '\'' | '）' | '】' | '」' | '』' | '》' | '〉' | '〕' | '］' | '｝' | '”' | '’' | '»'
    )
}

fn has_opening(pieces: &[Piece], closing: char) -> bool {
    let holds = |text: &str| text.chars().any(|letter| partner(letter) == Some(closing));
    pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if holds(text)))
}

fn has_letter(pieces: &[Piece], letter: char) -> bool {
    pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(letter)))
}

/// The first letter of a piece as a marker before it would meet it: markers that touch are one run to CommonMark.
fn first_of(piece: &Piece) -> char {
    match piece {
        Piece::Text(text) => text.chars().next().unwrap_or(' '),
        Piece::Image(_) => '!',
        Piece::Player(_) | Piece::Link(..) => '[',
        Piece::Formula(_) => '$',
        Piece::Break => '\n',
        Piece::Code(_) => '`',
        Piece::Marked(_, inner) => inner.first().map_or('*', first_of),
        Piece::Tagged(..) => '<',
    }
}

/// The last letter of a piece, likewise.
fn last_of(piece: &Piece) -> char {
    match piece {
        Piece::Text(text) => text.chars().next_back().unwrap_or(' '),
        Piece::Image(_) | Piece::Player(_) | Piece::Link(..) => ')',
        Piece::Formula(_) => '$',
        Piece::Break => '\n',
        Piece::Code(_) => '`',
        Piece::Marked(_, inner) => inner.last().map_or('*', last_of),
        Piece::Tagged(..) => '>',
    }
}

/// The first letter of a span that is not settled yet.
fn first_read(span: &Span<'_>) -> char {
    match span {
        Span::Leaf(run) => first_of(&leaf(run)),
        Span::Link(..) => '[',
        Span::Marked(Mark::Code, _) => '`',
        Span::Marked(Mark::Sup | Mark::Sub, _) => '<',
        Span::Marked(_, inner) => inner.first().map_or(' ', first_read),
    }
}
