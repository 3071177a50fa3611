//! What is wrong with a feed, typed: which line, what, and what its owner can do.

use std::fmt;

/// How many problems are told of one feed (judgement: whoever mends these sees the next).
const MOST: usize = 50;

/// One thing that is wrong with a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1; 0 where it is about the whole document.
    pub line: usize,
    /// What it is.
    pub flaw: Flaw,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        write!(f, "{}; {}", self.flaw.what(), self.flaw.advice())
    }
}

macro_rules! flaws {
    ($($name:ident: $what:literal, $advice:literal;)*) => {
        /// The kinds of things that are wrong with feeds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each is said by `what`")]
        pub enum Flaw { $($name,)* }

        impl Flaw {
            /// What is wrong.
            pub fn what(self) -> &'static str {
                match self { $(Self::$name => $what,)* }
            }

            /// What the feed's owner can do.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }
        }
    };
}

flaws! {
    BareAmpersand: "a bare & in text", "write &amp;";
    BareLess: "a < that begins no tag", "write &lt;";
    UnknownEntity: "an entity that XML does not know", "write the character itself, or its number (&#160;)";
    BadReference: "a reference to a character that XML does not allow", "leave it out";
    ControlCharacter: "a control character", "leave it out";
    EndOfData: "]]> in text", "write ]]&gt;";
    Unquoted: "an attribute without quotes or value", "write name=\"value\"";
    Unterminated: "an attribute whose quote is not closed", "close it";
    RepeatedAttribute: "an attribute that stands twice", "leave one out";
    LessInAttribute: "a < in an attribute", "write &lt;";
    Unclosed: "an element that is not closed", "write its end tag";
    StrayEnd: "an end tag that nothing opened", "leave it out, or write it as its start tag";
    Truncated: "the document ends in the middle", "send all of it";
    BadComment: "a comment with -- in it, or without an end", "leave out the --";
    LateDeclaration: "something stands before <?xml", "let the document begin with it";
    TextOutside: "text outside of the root element", "leave it out";
    SecondRoot: "more than one root element", "send one document";
    UndeclaredPrefix: "a prefix that no xmlns declares", "declare it on the root element";
    NoFeed: "no feed element", "send RSS, Atom or JSON Feed";
    TooDeep: "elements nested too deeply", "flatten them";
    Expansion: "entities of its own that expand to too much", "write the text itself";
    ExternalEntity: "an entity that is kept elsewhere", "write the text itself: it is not fetched";
    BadCharset: "bytes that its charset does not have", "send the charset that is declared, best UTF-8";
    WrongCharset: "a declared charset that the bytes disprove", "declare the real one, best UTF-8";
    UnknownCharset: "a declared charset that nobody knows", "send UTF-8";
    WrongMediaType: "a Content-Type that is not a feed's", "send application/rss+xml, application/atom+xml or application/feed+json";
    TrailingData: "something behind the JSON document", "leave it out";
    BadJson: "JSON that does not parse to its end", "check it with a JSON parser";
    TooManyEntries: "more entries than are read", "page the feed (RFC 5005)";
    BadDate: "a date that cannot be read", "write it as RFC 822 (RSS) or RFC 3339 (Atom, JSON)";
}

impl Flaw {
    /// Whether a strict parser refuses the document for it.
    pub fn is_malformed(self) -> bool {
        !matches!(
            self,
            Self::TooManyEntries | Self::BadDate | Self::UnknownEntity | Self::ExternalEntity | Self::WrongCharset
        )
    }
}

/// The problems of one document, as they are found.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<(usize, Flaw)>,
    malformed: bool,
}

impl Problems {
    /// Notes a problem, the first of its kind, at a byte of the text, counted from 1; 0 is the whole document.
    pub(super) fn note(&mut self, at: usize, flaw: Flaw) {
        self.malformed |= flaw.is_malformed();
        if self.found.len() < MOST && !self.found.iter().any(|(_, known)| *known == flaw) {
            self.found.push((at, flaw));
        }
    }

    /// Whether one of them makes the document malformed.
    pub(super) fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// All of them, with their lines.
    pub(super) fn lines(mut self, text: &str) -> Vec<Problem> {
        self.found.sort_by_key(|(at, _)| *at);
        let (mut line, mut counted) = (1, 0);
        let place = |(at, flaw): (usize, Flaw)| {
            let end = at.saturating_sub(1).min(text.len());
            line += memchr::memchr_iter(b'\n', &text.as_bytes()[counted.min(end)..end]).count();
            counted = end.max(counted);
            Problem { line: if at == 0 { 0 } else { line }, flaw }
        };
        self.found.into_iter().map(place).collect()
    }
}
