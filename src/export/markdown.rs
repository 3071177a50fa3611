//! A folder of Markdown: a note for each article, its pictures by content, and an index. Written as a tar stream that `vault` unpacks
//! into the folder, changing there only what changed.

use crate::export::article::{Article, Layout, Texts};
use crate::export::index::{self, INDEX};
use crate::export::parcel::{Done, Parcel, Watch};
use crate::export::{ExportError, Exporter, Job};
use std::collections::HashSet;
use std::io::{BufWriter, Write};

/// The folder of pictures, audio and video.
pub(crate) const ASSETS: &str = "assets";

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
            notes.push(index::line(&name, &account));
        }
        parcel.add(&format!("./{INDEX}"), 0, index::of(notes).as_bytes())?;
        let done = parcel.close()?;
        out.flush().map_err(ExportError::Write)?;
        Ok(done)
    }
}
