//! The tarball: README, VERSION, segments as they are, a folder for each article, and last the manifest. The layout is docs/format.md.

use crate::export::article::{Article, Layout, Texts};
use crate::export::parcel::{Done, Parcel, Watch};
use crate::export::{ExportError, Exporter, Job, trailer};
use crate::model::tarball::{ARTICLES, Head, MANIFEST, MANIFEST_VERSION, README, SEGMENTS, TOP, VERSION};
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

/// How hard `--zstd` tries: judgement; what is large is compressed already.
const LEVEL: i32 = 3;

/// Bytes gathered before they are written: headers are small.
const GATHERED: usize = 256 * 1024;

/// What the tarball is, for people.
const README_TEXT: &str = include_str!("readme.txt");

const LAYOUT: Layout = Layout {
    folders: ("images", "media"),
    digits: 12,
    room: 0,
    other: |name| (format!("../{name}/article.html"), format!("../{name}/article.md")),
};

/// SHA-256 by segment name, in hexadecimal.
type Digests = BTreeMap<String, String>;

/// `--format tar`.
pub(crate) struct Tar;

impl Exporter for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn is_folder(&self) -> bool {
        false
    }

    fn export(&self, job: &Job<'_>, out: &mut dyn Write, watch: &mut dyn Watch) -> Result<Done, ExportError> {
        let mut out = BufWriter::with_capacity(GATHERED, out);
        let done = if job.zstd {
            let mut counted = trailer::Counted::new(&mut out);
            let mut stream = zstd::Encoder::new(&mut counted, LEVEL).map_err(ExportError::Write)?;
            stream.include_checksum(true).map_err(ExportError::Write)?;
            let (done, digests) = write(job, &mut stream, watch)?;
            stream.finish().map_err(ExportError::Write)?;
            let bytes = counted.bytes;
            trailer::Trailer::of(job, bytes, done, digests).write(&mut out).map_err(ExportError::Write)?;
            done
        } else {
            write(job, &mut out, watch)?.0
        };
        out.flush().map_err(ExportError::Write)?;
        Ok(done)
    }
}

/// Whether the tarball holds the segments, and so the whole archive.
pub(crate) fn is_whole(job: &Job<'_>) -> bool {
    !job.readable && job.selection.is_none()
}

/// Writes everything; answers with the digest of each segment, too.
fn write(job: &Job<'_>, out: &mut dyn Write, watch: &mut dyn Watch) -> Result<(Done, Digests), ExportError> {
    let mut digests = Digests::new();
    let mut parcel = Parcel::new(out, watch, &job.spool);
    parcel.add(&format!("{TOP}/{README}"), 0, README_TEXT.as_bytes())?;
    if is_whole(job) {
        parcel.add(&format!("{TOP}/{VERSION}"), 0, &job.reach.version)?;
        for segment in &job.reach.segments {
            let path = format!("{TOP}/{SEGMENTS}/{}", segment.name());
            digests.insert(segment.name(), parcel.stream(&path, 0, segment.bytes, segment.open()?)?);
        }
    }
    for found in job.articles() {
        parcel.go_on()?;
        if let Some(article) = Article::read(job, &LAYOUT, found?, &mut parcel)? {
            write_article(article, &mut parcel)?;
        }
    }
    let Done { articles, files, bytes, .. } = parcel.done;
    let head = Head {
        wangqi: "tarball".into(),
        version: MANIFEST_VERSION,
        archive: job.reach.id.clone(),
        format: job.reach.format,
        articles,
        files,
        bytes,
        segments: is_whole(job),
        selection: job.selection.clone(),
    };
    let head = serde_json::to_string(&head).expect("a head is plain data with text keys");
    Ok((parcel.close_with_list(&format!("{TOP}/{MANIFEST}"), &head)?, digests))
}

fn write_article(mut article: Article<'_>, parcel: &mut Parcel<'_>) -> Result<(), ExportError> {
    let folder = format!("{TOP}/{ARTICLES}/{}", article.name());
    let mtime = article.mtime();
    article.write_files(&folder, parcel, &mut |_| true)?;
    let Texts { markdown, html, json } = article.texts()?;
    for (name, text) in [("article.md", markdown), ("article.html", html), ("article.json", json)] {
        parcel.add(&format!("{folder}/{name}"), mtime, text.as_bytes())?;
    }
    parcel.done.articles += 1;
    Ok(())
}
