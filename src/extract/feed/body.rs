//! Texts that may be markup: titles, summaries, contents. What type they are, and what they say.

use super::markup;
use super::names::{Tag, is_html};
use super::resolve::Bases;
use crate::model::{FeedContent, TextDetail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::sync::Arc;

/// How text inside of an element is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Its references are resolved: it is what it says.
    Text,
    /// It is markup itself: it stays escaped.
    Markup,
}

/// A text that is being read.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what a text says of itself and what is found are independent")]
pub(super) struct Capture<'a> {
    /// Where its element is on the stack.
    pub(super) depth: usize,
    pub(super) tag: Tag,
    pub(super) mode: Mode,
    pub(super) kind: Cow<'static, str>,
    pub(super) base64: bool,
    pub(super) src: Option<String>,
    /// Whether its markup was declared, and not only found.
    is_declared: bool,
    /// Whether it says that it is escaped HTML.
    is_html: bool,
    has_tags: bool,
    text: Cow<'a, str>,
}

impl<'a> Capture<'a> {
    /// Begins a text: `kind` is what its `type` says, `mode` what Atom 0.3's `mode` does, `default` the type where nothing is said.
    pub(super) fn new(depth: usize, tag: Tag, kind: Option<&str>, mode: Option<&str>, default: &'static str) -> Self {
        let is_typed = kind.is_some();
        let kind = kind.map_or(Cow::Borrowed(default), media_type);
        let mode = mode.map(str::to_ascii_lowercase);
        let is_xml = kind.ends_with("+xml") || kind.ends_with("/xml");
        let base64 = match mode.as_deref() {
            Some(mode) => mode == "base64",
            None => !is_xml && !kind.starts_with("text/"),
        };
        let is_declared = is_xml && mode.as_deref().is_none_or(|mode| mode == "xml");
        let mode = if is_declared { Mode::Markup } else { Mode::Text };
        let is_html = is_typed && kind == "text/html";
        Self {
            depth,
            tag,
            mode,
            kind,
            base64,
            src: None,
            is_declared,
            is_html,
            has_tags: false,
            text: Cow::Borrowed(""),
        }
    }

    /// Whether an element of a feed begins here that can be no part of the text: its end tag was forgotten.
    pub(super) fn is_left_by(&self, tag: Tag) -> bool {
        if self.is_declared {
            return false;
        }
        match tag {
            Tag::Markup | Tag::Other => false,
            // Words that HTML has too: in a title they begin something else.
            Tag::Link | Tag::Title | Tag::Summary | Tag::Source | Tag::Image | Tag::Body | Tag::Size => {
                self.tag == Tag::Title && tag != Tag::Title
            }
            Tag::Entry
            | Tag::Channel
            | Tag::Guid
            | Tag::Published
            | Tag::Updated
            | Tag::Built
            | Tag::Description
            | Tag::Category
            | Tag::Enclosure
            | Tag::Comments
            | Tag::Author
            | Tag::AtomId
            | Tag::Encoded
            | Tag::OtherAuthor
            | Tag::Content => true,
            _ => self.tag == Tag::Title,
        }
    }

    /// Text, as the mode wants it.
    pub(super) fn text(&mut self, text: Cow<'a, str>) {
        if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.to_mut().push_str(&text);
        }
    }

    /// A tag inside of the text: from here on it is markup, unless what was escaped so far was markup already.
    pub(super) fn tag(&mut self, written: Cow<'a, str>) {
        if self.mode == Mode::Text && !self.is_html && !self.text.contains('<') {
            self.mode = Mode::Markup;
            if self.kind == "text/plain" {
                self.kind = Cow::Borrowed("application/xhtml+xml");
            }
        }
        self.has_tags = true;
        self.text(written);
    }

    /// An end tag inside of the text.
    pub(super) fn end(&mut self, name: &str) {
        let text = self.text.to_mut();
        text.push_str("</");
        text.push_str(name);
        text.push('>');
    }

    /// What it says.
    pub(super) fn finish(
        self,
        base: Option<Arc<str>>,
        language: Option<Arc<str>>,
        format: Format,
        bases: &mut Bases,
    ) -> FeedContent {
        let mut kind = self.kind;
        let mut text = trimmed(self.text);
        if self.base64 && !text.is_empty() {
            text = unpacked(text);
        }
        if format == Format::Atom10
            && (self.mode == Mode::Markup && kind == "application/xhtml+xml" || self.is_html && self.has_tags)
        {
            text = unwrapped(text);
        }
        if format == Format::Rss && kind == "text/plain" && looks_like_html(&text) {
            kind = Cow::Borrowed("text/html");
        }
        let is_html = matches!(&*kind, "text/html" | "application/xhtml+xml");
        if is_html && let Some(mended) = markup::mended(&text, base.as_ref(), bases) {
            text = Cow::Owned(mended);
        }
        FeedContent { value: text.into_owned(), detail: TextDetail { kind, language, base }, src: self.src }
    }
}

/// The family of formats that a document is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Rss,
    Atom03,
    Atom10,
}

/// The media type that a `type` means.
pub(super) fn media_type(kind: &str) -> Cow<'static, str> {
    let kind = kind.trim();
    let lower = kind.to_ascii_lowercase();
    Cow::Borrowed(match lower.as_str() {
        "text" | "plain" | "text/plain" | "" => "text/plain",
        "html" | "text/html" => "text/html",
        "xhtml" | "application/xhtml+xml" => "application/xhtml+xml",
        _ => return Cow::Owned(lower),
    })
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end().len());
            let front = text.len() - text.trim_start().len();
            if front > 0 {
                text.drain(..front);
            }
            Cow::Owned(text)
        }
    }
}

/// Base64 that holds text; anything else stays as it is.
fn unpacked(text: Cow<'_, str>) -> Cow<'_, str> {
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    match STANDARD.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(unpacked) => Cow::Owned(unpacked),
        None => text,
    }
}

/// XHTML without the `div` around it, which Atom 1.0 asks for and which is no part of the text.
fn unwrapped(text: Cow<'_, str>) -> Cow<'_, str> {
    let inner = |text: &str| -> Option<(usize, usize)> {
        let rest = text.strip_prefix("<div")?;
        if !rest.starts_with(|letter: char| letter.is_whitespace() || letter == '>') {
            return None;
        }
        let open = text.find('>')? + 1;
        let close = text.strip_suffix("</div>")?.len();
        // One element around all: not two beside each other.
        let mut depth = 0_usize;
        for at in memchr::memchr_iter(b'<', text.as_bytes()) {
            let tag = &text[at..];
            if tag.starts_with("</div>") {
                depth = depth.saturating_sub(1);
                if depth == 0 && at != close {
                    return None;
                }
            } else if tag.starts_with("<div") && !tag[..tag.find('>').unwrap_or(0)].ends_with('/') {
                depth += 1;
            }
        }
        (open <= close).then_some((open, close))
    };
    match inner(&text) {
        Some((open, close)) => Cow::Owned(text[open..close].trim().to_owned()),
        None => text,
    }
}

/// Whether a text of which nothing is said is HTML: it closes an element of HTML, or has a reference.
fn looks_like_html(text: &str) -> bool {
    let bytes = text.as_bytes();
    let closes = memchr::memmem::find_iter(bytes, b"</").take(8).any(|at| {
        let rest = &text[at + 2..];
        let end = rest.bytes().take(13).position(|byte| !byte.is_ascii_alphanumeric());
        end.is_some_and(|end| rest.as_bytes()[end] == b'>' && is_html(&rest[..end]))
    });
    closes
        || memchr::memchr_iter(b'&', bytes).take(8).any(|at| {
            let rest = &bytes[at + 1..bytes.len().min(at + 12)];
            let name = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#');
            name.is_some_and(|end| end > 0 && rest[end] == b';')
        })
}
