//! Tidying the runs of one block: white space as browsers collapse it, equal neighbours merged, emphasis off its edges.

use crate::extract::render::body::{MARKS, Run, RunKind, Style};
use crate::extract::render::unicode::is_invisible;

/// Tidies the runs of a block into paragraphs: two line breaks in a row begin a new one. Blank ones are dropped.
pub(super) fn tidy(runs: Vec<Run>) -> Vec<Vec<Run>> {
    let mut paragraphs = Vec::new();
    let mut line = Vec::new();
    let mut breaks: Vec<Run> = Vec::new();
    for run in collapse(runs) {
        if run.kind == RunKind::Break {
            breaks.push(run);
            continue;
        }
        if breaks.len() > 1 {
            paragraphs.push(std::mem::take(&mut line));
            breaks.clear();
        }
        line.append(&mut breaks);
        line.push(run);
    }
    paragraphs.push(line);
    paragraphs.into_iter().map(finish).filter(|line| !line.is_empty()).collect()
}

/// The same for a place where lines do not break: a heading, a caption.
pub(super) fn tidy_line(runs: Vec<Run>) -> Vec<Run> {
    let flat = |run: Run| if run.kind == RunKind::Break { Run::text(" ", run.style) } else { run };
    finish(collapse(runs.into_iter().map(flat).collect()))
}

/// Collapses white space across runs and drops what is never seen.
fn collapse(runs: Vec<Run>) -> Vec<Run> {
    let mut kept: Vec<Run> = Vec::with_capacity(runs.len());
    let mut after_space = true;
    for run in runs {
        let RunKind::Text(text) = &run.kind else {
            if run.kind == RunKind::Break {
                trim_end(&mut kept);
            }
            after_space = run.kind == RunKind::Break;
            kept.push(run);
            continue;
        };
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            if is_invisible(letter) {
                continue;
            }
            // U+3000 indents Chinese paragraphs; inside a line it is a deliberate gap, at an edge it goes.
            let space = letter.is_whitespace() && (letter != '\u{3000}' || after_space);
            if !space {
                plain.push(letter);
            } else if !after_space {
                plain.push(' ');
            }
            after_space = space;
        }
        if !plain.is_empty() {
            push(&mut kept, Run::text(plain, run.style));
        }
    }
    trim_end(&mut kept);
    kept
}

/// Adds a run, joined to its neighbour where the style is the same.
fn push(runs: &mut Vec<Run>, run: Run) {
    if let (Some(Run { kind: RunKind::Text(before), style }), RunKind::Text(text)) = (runs.last_mut(), &run.kind)
        && *style == run.style
    {
        before.push_str(text);
        return;
    }
    runs.push(run);
}

fn trim_end(runs: &mut Vec<Run>) {
    while let Some(Run { kind: RunKind::Text(text), .. }) = runs.last_mut() {
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            return;
        }
        runs.pop();
    }
}

/// Trims a line, and takes every style off the white space at its edges: `<b>a </b>b` is `<b>a</b> b`.
fn finish(mut runs: Vec<Run>) -> Vec<Run> {
    while runs.last().is_some_and(Run::is_blank) {
        runs.pop();
    }
    trim_end(&mut runs);
    let blank = runs.iter().take_while(|run| run.is_blank()).count();
    runs.drain(..blank);
    if let Some(Run { kind: RunKind::Text(text), .. }) = runs.first_mut() {
        *text = text.trim_start().to_owned();
    }
    let mut runs = split_edges(runs);
    for mark in MARKS {
        bare_edges(&mut runs, |style| style.has(*mark).then_some(0), |style| style.without(*mark));
    }
    bare_edges(&mut runs, |style| style.link, |style| style.linked(None));
    runs.into_iter().fold(Vec::new(), |mut merged, run| {
        push(&mut merged, run);
        merged
    })
}

/// Sets the white space at a run's ends apart, as runs of their own.
fn split_edges(runs: Vec<Run>) -> Vec<Run> {
    let mut split = Vec::with_capacity(runs.len());
    for run in runs {
        let RunKind::Text(text) = &run.kind else {
            split.push(run);
            continue;
        };
        let bare = text.trim_start();
        let (head, bare) = (&text[..text.len() - bare.len()], bare);
        let core = bare.trim_end();
        for part in [head, core, &bare[core.len()..]] {
            if !part.is_empty() {
                split.push(Run::text(part, run.style));
            }
        }
    }
    split
}

/// Takes one style off the blank runs at the edges of every stretch that has it.
fn bare_edges(runs: &mut [Run], key: impl Fn(Style) -> Option<u32>, off: impl Fn(Style) -> Style) {
    let mut at = 0;
    while at < runs.len() {
        let this = key(runs[at].style);
        let end = at + runs[at..].iter().take_while(|run| key(run.style) == this).count();
        let (mut from, mut to) = (at, end);
        while from < to && runs[from].is_blank() {
            runs[from].style = off(runs[from].style);
            from += 1;
        }
        while to > from && runs[to - 1].is_blank() {
            to -= 1;
            runs[to].style = off(runs[to].style);
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::render::body::Mark;

    #[test]
    fn white_space_collapses_across_runs_and_leaves_the_styles() {
        let strong = Style::default().with(Mark::Strong);
        let runs = vec![
            Run::text(" \n a ", strong),
            Run::text(" \u{a0}b", Style::default()),
            Run::text("\u{200b}c", Style::default()),
        ];
        let tidied = tidy(runs);
        assert_eq!(tidied, [[Run::text("a", strong), Run::text(" bc", Style::default())]]);
    }
}
