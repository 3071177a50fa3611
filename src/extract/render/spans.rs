//! Flat runs → nested spans: the fewest markers that give every run its styles.

use crate::extract::render::body::{MARKS, Mark, Run, Style};

/// A run, or a stretch of runs that share a link or a mark.
#[derive(Debug)]
pub(super) enum Span<'a> {
    Leaf(&'a Run),
    Link(u32, Vec<Span<'a>>),
    Marked(Mark, Vec<Span<'a>>),
}

/// Nests the runs of a line. At each place the style that lasts longest is the outer one; a link goes before a mark.
pub(super) fn nest(runs: &[Run]) -> Vec<Span<'_>> {
    within(runs, Style::default())
}

/// Depth is at most one level for each mark and one for the link.
fn within(runs: &[Run], active: Style) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(run) = runs.get(at) {
        let rest = &runs[at..];
        let mut longest: (usize, Option<Mark>) = (0, None);
        if active.link.is_none() && run.style.link.is_some() {
            longest.0 = stretch(rest, |style| style.link == run.style.link);
        }
        for mark in MARKS {
            // Nothing nests inside code, so it comes last.
            let wanted = *mark != Mark::Code || longest.0 == 0;
            if wanted && run.style.has(*mark) && !active.has(*mark) {
                let length = stretch(rest, |style| style.has(*mark));
                if length > longest.0 {
                    longest = (length, Some(*mark));
                }
            }
        }
        let (length, mark) = longest;
        let inner = &rest[..length];
        match (mark, run.style.link) {
            (Some(mark), _) => spans.push(Span::Marked(mark, within(inner, active.with(mark)))),
            (None, Some(link)) if length > 0 => {
                spans.push(Span::Link(link, within(inner, active.linked(Some(link)))));
            }
            _ => spans.push(Span::Leaf(run)),
        }
        at += length.max(1);
    }
    spans
}

fn stretch(runs: &[Run], has: impl Fn(Style) -> bool) -> usize {
    runs.iter().take_while(|run| has(run.style)).count()
}
