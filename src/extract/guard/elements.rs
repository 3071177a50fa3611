//! What the HTML standard says of elements by name, as far as nesting is concerned.

use crate::extract::guard::names::{KNOWN, Name};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What the standard says of the names it speaks of, by number; worked out once.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| KNOWN.iter().map(|name| Kind::of(name)).collect());

/// The numbers of those names.
static NUMBERS: LazyLock<HashMap<&str, Name>> =
    LazyLock::new(|| KNOWN.iter().enumerate().map(|(number, name)| (*name, number as Name)).collect());

/// How many names are held at hand, each at a place that its letters give: judgement; a page uses some twenty.
const AT_HAND: usize = 64;

/// All names met so far, with what the standard says of each.
#[derive(Debug)]
pub(super) struct Names<'a> {
    numbers: HashMap<Cow<'a, str>, Name>,
    kinds: Vec<Kind>,
    /// The names met last: a page's tags are the same few, and this is asked at every one.
    at_hand: [(&'a str, Name); AT_HAND],
}

impl<'a> Names<'a> {
    pub(super) fn new() -> Self {
        Self { numbers: HashMap::new(), kinds: KINDS.clone(), at_hand: [("", 0); AT_HAND] }
    }

    pub(super) fn kind(&self, name: Name) -> Kind {
        self.kinds[name as usize]
    }

    /// A name's number; a new one is given where it is met for the first time.
    pub(super) fn number(&mut self, name: Cow<'a, str>) -> (Name, Kind) {
        let letter = |letter: Option<u8>| usize::from(letter.unwrap_or_default());
        let place = (name.len() * 5 + letter(name.bytes().next()) * 3 + letter(name.bytes().last())) % AT_HAND;
        let (held, number) = self.at_hand[place];
        if *held == *name && !held.is_empty() {
            return (number, self.kind(number));
        }
        let borrowed = if let Cow::Borrowed(name) = name { Some(name) } else { None };
        let number = self.look_up(name);
        if let Some(name) = borrowed {
            self.at_hand[place] = (name, number);
        }
        (number, self.kind(number))
    }

    fn look_up(&mut self, name: Cow<'a, str>) -> Name {
        if let Some(number) = NUMBERS.get(&*name).or_else(|| self.numbers.get(&name)) {
            return *number;
        }
        let (number, kind) = (self.kinds.len() as Name, Kind::of(&name));
        self.numbers.insert(name, number);
        self.kinds.push(kind);
        number
    }
}

/// What the standard says of an element, a bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind(u16);

impl Kind {
    pub(super) const VOID: Self = Self(1);
    pub(super) const RAW: Self = Self(1 << 1);
    pub(super) const FORMATTING: Self = Self(1 << 2);
    pub(super) const CLOSES_PARAGRAPH: Self = Self(1 << 3);
    pub(super) const HEADING: Self = Self(1 << 4);
    pub(super) const ENDS_THROUGH: Self = Self(1 << 5);
    pub(super) const SCOPE: Self = Self(1 << 6);
    pub(super) const MARKER: Self = Self(1 << 7);
    pub(super) const SPECIAL: Self = Self(1 << 8);
    pub(super) const IMPLIED: Self = Self(1 << 9);
    pub(super) const BREAKS_OUT: Self = Self(1 << 10);
    pub(super) const SVG_HOLDS_HTML: Self = Self(1 << 11);
    pub(super) const MATH_HOLDS_HTML: Self = Self(1 << 12);

    fn of(name: &str) -> Self {
        let bits = [
            (is_void(name), Self::VOID),
            (is_raw(name), Self::RAW),
            (is_formatting(name), Self::FORMATTING),
            (closes_paragraph(name), Self::CLOSES_PARAGRAPH),
            (is_heading(name), Self::HEADING),
            (ends_through(name), Self::ENDS_THROUGH),
            (is_scope(name), Self::SCOPE),
            (is_marker(name), Self::MARKER),
            (is_special(name), Self::SPECIAL),
            (is_implied(name), Self::IMPLIED),
            (breaks_out(name), Self::BREAKS_OUT),
            (matches!(name, "desc" | "foreignobject" | "title"), Self::SVG_HOLDS_HTML),
            (matches!(name, "mi" | "mn" | "mo" | "ms" | "mtext"), Self::MATH_HOLDS_HTML),
        ];
        Self(bits.iter().filter(|(is, _)| *is).map(|(_, bit)| bit.0).sum())
    }

    pub(super) fn is(self, bit: Self) -> bool {
        self.0 & bit.0 != 0
    }
}

/// Elements without content.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements whose content is text up to their end tag, with scripting enabled as our parsers have it.
fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
            | "script"
            | "style"
            | "textarea"
            | "title"
            | "xmp"
    )
}

/// Formatting elements, which come back after a block that was closed over them.
pub(super) fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// Elements whose start closes an open paragraph.
fn closes_paragraph(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "hgroup"
            | "hr"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "ul"
            | "xmp"
    )
}

/// Headings.
fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Elements whose end tag is found through anything that is not a scope of its own.
fn ends_through(name: &str) -> bool {
    closes_paragraph(name) && !matches!(name, "hr" | "p" | "plaintext" | "xmp") || matches!(name, "button" | "select")
}

/// Elements at which a search for an open element stops.
fn is_scope(name: &str) -> bool {
    matches!(name, "applet" | "caption" | "marquee" | "object" | "select" | "table" | "td" | "template" | "th")
}

/// Elements that also bound the list of formatting elements.
fn is_marker(name: &str) -> bool {
    matches!(name, "applet" | "caption" | "marquee" | "object" | "td" | "template" | "th")
}

/// Elements that an unrelated end tag does not close.
fn is_special(name: &str) -> bool {
    closes_paragraph(name)
        || is_void(name)
        || is_raw(name)
        || is_heading(name)
        || is_scope(name)
        || matches!(
            name,
            "body"
                | "button"
                | "colgroup"
                | "dd"
                | "dt"
                | "frameset"
                | "head"
                | "html"
                | "li"
                | "tbody"
                | "tfoot"
                | "thead"
                | "tr"
        )
}

/// Elements that end by themselves where another one needs it.
fn is_implied(name: &str) -> bool {
    matches!(name, "dd" | "dt" | "li" | "optgroup" | "option" | "p" | "rb" | "rp" | "rt" | "rtc")
}

/// HTML elements that cannot stand in SVG or MathML: they end it.
fn breaks_out(name: &str) -> bool {
    is_heading(name)
        || matches!(
            name,
            "b" | "big"
                | "blockquote"
                | "body"
                | "br"
                | "center"
                | "code"
                | "dd"
                | "div"
                | "dl"
                | "dt"
                | "em"
                | "embed"
                | "head"
                | "hr"
                | "i"
                | "img"
                | "li"
                | "listing"
                | "menu"
                | "meta"
                | "nobr"
                | "ol"
                | "p"
                | "pre"
                | "ruby"
                | "s"
                | "small"
                | "span"
                | "strong"
                | "strike"
                | "sub"
                | "sup"
                | "table"
                | "tt"
                | "u"
                | "ul"
                | "var"
        )
}
