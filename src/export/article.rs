//! One article → its texts and files, with every link leading to where they stand.

use crate::archive::{ArchiveError, ArticleRow};
use crate::export::page::{Page, page};
use crate::export::parcel::Parcel;
use crate::export::{ExportError, Job, canonical, kind, names, past_issues, shape};
use crate::extract::head::{article_markdown, article_with_front_matter};
use crate::extract::render::{Place, Relinked, Use, relink};
use crate::model::{CanonicalUrl, Digest, Document, Key, Outcome};
use base64::Engine as _;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// The largest drawing that a page holds in itself, in bytes, and all of them together: judgement; most are a few kilobytes.
const DRAWING: usize = 256 * 1024;
const DRAWINGS: usize = 2 << 20;

/// Where an exporter puts things, as seen from an article's text.
pub(crate) struct Layout {
    /// The folder of pictures, and that of audio and video.
    pub(crate) folders: (&'static str, &'static str),
    /// How many digits of a file's digest are its name.
    pub(crate) digits: usize,
    /// How many bytes of a name its ending takes.
    pub(crate) room: usize,
    /// Another article's text, by its name: as HTML and as Markdown.
    pub(crate) other: fn(&str) -> (String, String),
}

/// An article, read.
pub(crate) struct Article<'a> {
    job: &'a Job<'a>,
    layout: &'a Layout,
    /// Its identity.
    pub(crate) key: Key,
    /// Its row, as it stood at the job's instant.
    pub(crate) row: ArticleRow,
    /// Its latest snapshot.
    pub(crate) document: Document,
    /// Its files that are held and are what they ought to be.
    files: BTreeMap<CanonicalUrl, File>,
}

#[derive(Clone)]
struct File {
    path: String,
    is_picture: bool,
    is_svg: bool,
    /// A small drawing as a URL of its own.
    data: Option<String>,
}

/// What an article's files have taken up so far.
#[derive(Default)]
struct Room {
    taken: BTreeSet<String>,
    /// Bytes of drawings within the page.
    drawn: usize,
}

impl File {
    /// Where it stands; by a click where it cannot be shown as what the page takes it for.
    fn place(&self, what: Use) -> Place {
        let path = names::linked(&self.path);
        if self.is_svg || self.is_picture != (what == Use::Picture) { Place::Click(path) } else { Place::At(path) }
    }
}

/// An article's texts.
pub(crate) struct Texts {
    /// Markdown.
    pub(crate) markdown: String,
    /// A page of HTML.
    pub(crate) html: String,
    /// The shape of `show --format json`.
    pub(crate) json: String,
}

impl<'a> Article<'a> {
    /// Reads the latest snapshot; `None`, with a warning, where its segment is damaged.
    pub(crate) fn read(
        job: &'a Job<'a>,
        layout: &'a Layout,
        (key, row): (Key, ArticleRow),
        parcel: &mut Parcel<'_>,
    ) -> Result<Option<Self>, ExportError> {
        let Some(last) = row.snapshots.last() else { return Ok(None) };
        match job.reader.document(last) {
            Ok(document) => Ok(Some(Self { job, layout, key, row, document, files: BTreeMap::new() })),
            Err(error @ ArchiveError::Damaged { .. }) => {
                parcel.warn(&format!("the article {key} is left out: {error}"));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The name of its folder or note.
    pub(crate) fn name(&self) -> String {
        names::of_article(&self.key, &self.row, self.layout.room)
    }

    /// When it was captured, in seconds: what its files are dated by.
    pub(crate) fn mtime(&self) -> i64 {
        self.row.snapshots.last().map_or(0, |last| last.captured_at.timestamp())
    }

    /// Writes its files below `folder`, each content once, and remembers where each URL's stands. `is_new` says whether a content has
    /// still to be written.
    pub(crate) fn write_files(
        &mut self,
        folder: &str,
        parcel: &mut Parcel<'_>,
        is_new: &mut dyn FnMut(&Digest) -> bool,
    ) -> Result<(), ExportError> {
        let named: Vec<CanonicalUrl> =
            shape::files(&self.document).filter_map(|url| CanonicalUrl::parse(url).ok()).collect();
        let mut known: BTreeMap<Digest, Option<File>> = BTreeMap::new();
        let mut room = Room::default();
        for url in named {
            parcel.go_on()?;
            let Some(digest) = self.held(&url)? else { continue };
            let file = match known.entry(digest) {
                Entry::Occupied(file) => file.get().clone(),
                Entry::Vacant(place) => {
                    place.insert(self.write_file(folder, &digest, &mut room, parcel, is_new)?).clone()
                }
            };
            if let Some(file) = file {
                self.files.insert(url, file);
            }
        }
        Ok(())
    }

    /// The payload that a URL's last good answer had, where it was held at the job's instant.
    fn held(&self, url: &CanonicalUrl) -> Result<Option<Digest>, ArchiveError> {
        let row = self.job.reader.url(url)?;
        // The body of a 404 is held too: it is no picture, whatever it looks like.
        let row = row.filter(|row| !matches!(row.outcome, Outcome::Failed | Outcome::Blocked | Outcome::Gone));
        let Some(digest) = row.and_then(|row| row.digest) else { return Ok(None) };
        let payload = self.job.reader.payload_row(&digest)?;
        Ok(payload.filter(|payload| self.job.reach.holds(payload.place)).map(|_| digest))
    }

    fn write_file(
        &self,
        folder: &str,
        digest: &Digest,
        room: &mut Room,
        parcel: &mut Parcel<'_>,
        is_new: &mut dyn FnMut(&Digest) -> bool,
    ) -> Result<Option<File>, ExportError> {
        let payload = match self.job.reader.payload(digest) {
            Ok(Some(payload)) => payload,
            Ok(None) => return Ok(None),
            Err(error @ ArchiveError::Damaged { .. }) => {
                parcel.warn(&format!("a file of {} is left out: {error}", self.key));
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let Some(kind) = kind::of(&payload) else { return Ok(None) };
        let (pictures, players) = self.layout.folders;
        let within = if kind.is_picture { pictures } else { players };
        let hex = digest.hex();
        let named = |digits: usize| format!("{within}/{}.{}", &hex[..digits], kind.ending);
        let path = named(self.layout.digits);
        // Two contents whose digests begin alike are made, not met: the second gets its whole digest as a name.
        let path = if room.taken.insert(path.clone()) { path } else { named(hex.len()) };
        if is_new(digest) {
            parcel.add(&format!("{folder}/{path}"), self.mtime(), &payload)?;
        }
        let is_svg = kind.ending == kind::SVG;
        let is_small = is_svg && payload.len() <= DRAWING && room.drawn + payload.len() <= DRAWINGS;
        let data = is_small.then(|| {
            room.drawn += payload.len();
            let text = base64::engine::general_purpose::STANDARD.encode(&payload);
            format!("data:image/svg+xml;base64,{text}")
        });
        Ok(Some(File { path, is_picture: kind.is_picture, is_svg, data }))
    }

    /// Its texts.
    pub(crate) fn texts(mut self) -> Result<Texts, ExportError> {
        let reader = self.job.reader;
        let json = shape(reader, &self.key, &self.row, &self.document)?;
        let json = serde_json::to_string_pretty(&json).expect("JSON is text") + "\n";
        let url = canonical(&self.document, &self.row);
        let past = past_issues(reader, &self.document)?;
        let mut failed = None;
        let Relinked { html, markdown } = {
            let failed = std::cell::RefCell::new(&mut failed);
            let note = |place: Result<Place, ArchiveError>| {
                place.unwrap_or_else(|error| {
                    failed.borrow_mut().get_or_insert(error);
                    Place::Same
                })
            };
            let mut in_html = |what: Use, url: &str| note(self.in_html(what, url));
            let mut in_markdown = |what: Use, url: &str| note(self.in_markdown(what, url));
            relink(&self.document.html, url.url(), &mut in_html, &mut in_markdown)
        };
        if let Some(error) = failed {
            return Err(error.into());
        }
        let mut led: (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
        for (title, url) in past {
            let (html, markdown) = self.other(&url)?.unwrap_or_else(|| (url.clone(), url));
            led.0.push((title.clone(), html));
            led.1.push((title, markdown));
        }
        let cover = self.document.cover.as_deref().and_then(|cover| self.file(cover)).cloned();
        let shown = cover.as_ref().map(|file| names::linked(&file.path));
        let drawn = cover.as_ref().filter(|file| file.is_picture && !file.is_svg).and(shown.as_deref());
        // WeChat shows a cover in its lists only: it stands in for a body without pictures.
        let drawn = drawn.filter(|_| !html.contains("<img "));
        self.document.markdown = markdown;
        let html = page(&Page {
            row: &self.row,
            document: &self.document,
            body: &html,
            cover: drawn,
            url: url.as_str(),
            past_issues: &led.0,
        });
        if let Some(path) = shown {
            self.document.cover = Some(path);
        }
        let markdown = if self.job.front_matter {
            let facts = [
                ("key", self.key.to_string()),
                ("feed", self.row.feed.0.clone()),
                ("state", self.row.state.word().to_owned()),
            ];
            article_with_front_matter(&self.document, url.as_str(), &led.1, &facts)
        } else {
            article_markdown(&self.document, url.as_str(), &led.1)
        };
        Ok(Texts { markdown, html, json })
    }

    fn file(&self, url: &str) -> Option<&File> {
        self.files.get(&CanonicalUrl::parse(url).ok()?)
    }

    fn in_html(&self, what: Use, url: &str) -> Result<Place, ArchiveError> {
        Ok(match (what, self.file(url)) {
            (Use::Link, _) => self.other(url)?.map_or(Place::Same, |(html, _)| Place::At(html)),
            (Use::Picture, Some(File { data: Some(data), .. })) => Place::At(data.clone()),
            (_, Some(file)) => file.place(what),
            (_, None) => Place::Click(url.to_owned()),
        })
    }

    fn in_markdown(&self, what: Use, url: &str) -> Result<Place, ArchiveError> {
        Ok(match (what, self.file(url)) {
            (Use::Link, _) => self.other(url)?.map_or(Place::Same, |(_, markdown)| Place::At(markdown)),
            (_, Some(file)) => file.place(what),
            (_, None) => Place::Same,
        })
    }

    /// Where a link to an article that is exported too leads.
    fn other(&self, url: &str) -> Result<Option<(String, String)>, ArchiveError> {
        let Ok(url) = CanonicalUrl::parse(url) else { return Ok(None) };
        let key = self.job.reader.key_of(&url)?;
        let row = self.job.reader.article(&key)?.and_then(|row| self.job.chosen(&key, row));
        Ok(row.map(|row| (self.layout.other)(&names::linked(&names::of_article(&key, &row, self.layout.room)))))
    }
}
