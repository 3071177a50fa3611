//! A folder of Markdown: a note for each article, its pictures by content, and an index. Written as a tar stream that `vault` unpacks
//! into the folder, changing there only what changed.

use crate::export::article::{Article, Layout, Texts};
use crate::export::names::linked;
use crate::export::parcel::{Done, Parcel, Watch};
use crate::export::{ExportError, Exporter, Job};
use std::collections::HashSet;
use std::io::{BufWriter, Write};

/// The folder of pictures, audio and video.
pub(crate) const ASSETS: &str = "assets";

/// The list of all notes.
const INDEX: &str = "index.md";

const LAYOUT: Layout = Layout {
    folders: (ASSETS, ASSETS),
    digits: 32,
    room: ".md".len(),
    other: |name| (format!("{name}.md"), format!("{name}.md")),
};

/// `--format markdown`.
pub(crate) struct Markdown;

impl Exporter for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn is_folder(&self) -> bool {
        true
    }

    fn export(&self, job: &Job<'_>, out: &mut dyn Write, watch: &mut dyn Watch) -> Result<Done, ExportError> {
        let mut out = BufWriter::new(out);
        let mut parcel = Parcel::new(&mut out, watch, &job.spool);
        let mut written: HashSet<[u8; 16]> = HashSet::new();
        let mut notes = Vec::new();
        for found in job.articles() {
            parcel.go_on()?;
            let Some(mut article) = Article::read(job, &LAYOUT, found?, &mut parcel)? else { continue };
            article.write_files(".", &mut parcel, &mut |digest| {
                let mut short = [0; 16];
                short.copy_from_slice(&digest.as_bytes()[..16]);
                written.insert(short)
            })?;
            let name = format!("{}.md", article.name());
            let (mtime, account) = (article.mtime(), article.row.account.clone().unwrap_or_default());
            let Texts { markdown, .. } = article.texts()?;
            parcel.add(&format!("./{name}"), mtime, markdown.as_bytes())?;
            parcel.done.articles += 1;
            notes.push((name, account));
        }
        parcel.add(&format!("./{INDEX}"), 0, index(notes).as_bytes())?;
        let done = parcel.close()?;
        out.flush().map_err(ExportError::Write)?;
        Ok(done)
    }
}

/// The list of all notes, newest first: their names begin with the date.
fn index(mut notes: Vec<(String, String)>) -> String {
    notes.sort_by(|left, right| right.cmp(left));
    let mut out = String::from("# 往期\n");
    let mut month = String::new();
    for (name, account) in notes {
        let this = name.get(..7).unwrap_or_default();
        if this != month {
            this.clone_into(&mut month);
            out.push_str(&format!("\n## {month}\n\n"));
        }
        // The name without its digest is date and title.
        let shown =
            name.strip_suffix(".md").and_then(|name| name.rsplit_once(' ')).map_or(name.as_str(), |(name, _)| name);
        let account: String = account.chars().filter(|letter| !letter.is_control()).collect();
        let account = if account.is_empty() { account } else { format!(" — {}", escaped(&account)) };
        out.push_str(&format!("- [{}]({}){account}\n", escaped(shown), linked(&name)));
    }
    out
}

/// A text that does nothing in Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '!' | '~' | '|' | '$') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
