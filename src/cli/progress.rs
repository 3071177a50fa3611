//! What a person sees while a crawl runs: one line that moves, on a terminal; nothing elsewhere.

use crate::crawl::Report;
use crate::model::Outcome;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// One moving line, or none.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    new: u64,
    unchanged: u64,
    other: u64,
    files: u64,
    trouble: u64,
}

impl Progress {
    /// A line on the terminal, or nothing where there is none.
    pub(crate) fn new(is_terminal: bool) -> Self {
        let bar = is_terminal.then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, new: 0, unchanged: 0, other: 0, files: 0, trouble: 0 }
    }

    /// Shows one visit.
    pub(crate) fn show(&mut self, report: &Report) {
        let counter = match report.outcome {
            Outcome::New => &mut self.new,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Asset => &mut self.files,
            Outcome::Failed | Outcome::Blocked => &mut self.trouble,
            _ => &mut self.other,
        };
        *counter += 1;
        let Some(bar) = &self.bar else { return };
        if matches!(report.outcome, Outcome::Failed | Outcome::Blocked) {
            bar.println(line(report));
        }
        let Self { new, unchanged, files, trouble, .. } = self;
        let what = report.title.as_deref().unwrap_or(&report.url);
        let what: String = what.chars().filter(|letter| is_printable(*letter)).take(40).collect();
        bar.set_message(format!("{new} new, {unchanged} unchanged, {files} files, {trouble} in trouble — {what}"));
    }

    /// Takes the line away.
    pub(crate) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// One visit as a line for people.
pub(crate) fn line(report: &Report) -> String {
    let word = report.outcome.word();
    let what = report.title.as_deref().unwrap_or(&report.url);
    let line = match &report.reason {
        // Most reasons name the URL themselves.
        Some(reason) if reason.contains(what) => format!("{word:<9} {reason}"),
        Some(reason) => format!("{word:<9} {what}: {reason}"),
        None => format!("{word:<9} {what}"),
    };
    line.chars().filter(|letter| is_printable(*letter)).collect()
}

/// Whether a character may reach a terminal: no control characters, and none that turn the direction of the text around.
pub(crate) fn is_printable(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
