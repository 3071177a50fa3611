//! The guard before every tree builder: bounds what a hostile page can cost, in one linear pass.
//!
//! A tree builder searches its stack of open elements at nearly every tag, so its cost is tags × depth: 10,000 unclosed
//! `<div>` (50 KB) took html5ever 1.2 s, 200,000 more than a minute; 100,000 attributes on one tag took 7 s. The guard reads
//! the markup once, follows the depth that a tree builder would reach, and leaves out or cuts what is past the limits.

mod elements;
mod names;
mod scan;
mod stack;
mod watch;

pub(in crate::extract) use scan::Unread;
use scan::{Scanner, Token};
use stack::{Stack, Verdict};
use std::borrow::Cow;

/// Deepest nesting, as in today's browsers (Blink, Gecko and WebKit flatten at 512).
pub const DEEPEST: usize = 512;

/// Most attributes of a tag (judgement: real pages have under 60; duplicates are found by comparing each with each).
pub const MOST_ATTRIBUTES: usize = 256;

/// Most nodes of a page (judgement: the longest real pages measured have some 60,000).
pub const MOST_NODES: usize = 200_000;

/// Most depth in all: over every tag, how deep it stands (judgement: a long real page has 2 million; 20 million cost a tree
/// builder half a second).
pub const MOST_WORK: usize = 20_000_000;

/// Most bytes of a page (judgement: the largest WeChat pages have 4 MB, nearly all of it script).
pub const MOST_BYTES: usize = 10_000_000;

/// A page that is safe to hand to a tree builder, with what had to be changed for that.
#[derive(Debug)]
pub struct Guarded<'a> {
    /// The markup; borrowed where nothing had to change.
    pub html: Cow<'a, str>,
    /// What was flattened or cut, for people; empty for every ordinary page.
    pub warnings: Vec<String>,
}

/// A page's tree, with what had to be changed to build it.
#[derive(Debug)]
pub struct Tree {
    /// The tree.
    pub html: scraper::Html,
    /// What was flattened or cut, for people; empty for every ordinary page.
    pub warnings: Vec<String>,
}

/// Builds the tree of a whole page: guarded before, and watched while it is built.
pub fn parse_document(html: &str) -> Tree {
    build(guard(html), false)
}

/// Builds the tree of a fragment, as the inside of `<body>`.
pub fn parse_fragment(html: &str) -> Tree {
    build(guard(html), true)
}

/// The same for a page of which nobody reads some attributes: they do not reach the tree builder, which makes it twice as fast
/// where an editor styles every word.
pub(in crate::extract) fn parse_slim(html: &str, unread: Unread) -> Tree {
    build(bounded(html, DEEPEST, Some(unread)), false)
}

fn build(guarded: Guarded<'_>, fragment: bool) -> Tree {
    let built = watch::build(&guarded.html, fragment, DEEPEST, MOST_NODES);
    let mut warnings = guarded.warnings;
    if built.ended {
        warnings.push("the page nests in a way that was not foreseen; the rest was cut".to_owned());
    }
    Tree { html: built.html, warnings }
}

/// Bounds depth, attributes per tag, nodes and bytes.
pub fn guard(html: &str) -> Guarded<'_> {
    guard_to(html, DEEPEST)
}

/// The same with a smaller depth, for what is slower than a tree builder.
pub fn guard_to(html: &str, deepest: usize) -> Guarded<'_> {
    bounded(html, deepest, None)
}

fn bounded(html: &str, deepest: usize, unread: Option<Unread>) -> Guarded<'_> {
    let mut warnings = Vec::new();
    let mut end = html.len();
    if end > MOST_BYTES {
        end = (0..=MOST_BYTES).rev().find(|end| html.is_char_boundary(*end)).unwrap_or(0);
        warnings.push(format!("the page has {} bytes; only the first {end} were read", html.len()));
    }
    let mut pass = Pass { html: &html[..end], out: String::new(), copied: 0, flattened: 0, trimmed: 0, cut: false };
    pass.run(deepest, unread);
    if pass.flattened > 0 {
        warnings.push(format!(
            "elements nest deeper than {deepest}; {} tags were left out, their content kept",
            pass.flattened
        ));
    }
    if pass.trimmed > 0 {
        warnings
            .push(format!("{} tags have more than {MOST_ATTRIBUTES} attributes; the rest was left out", pass.trimmed));
    }
    if pass.cut {
        warnings.push(format!("the page has more than {MOST_NODES} nodes, or too many deep ones; the rest was cut"));
    }
    Guarded { html: pass.finish(), warnings }
}

struct Pass<'a> {
    html: &'a str,
    out: String,
    /// Up to where the page is in `out`; with `out` empty, nothing had to change so far.
    copied: usize,
    flattened: usize,
    trimmed: usize,
    cut: bool,
}

impl<'a> Pass<'a> {
    fn run(&mut self, deepest: usize, unread: Option<Unread>) {
        let mut scanner = Scanner::new(self.html, MOST_ATTRIBUTES, unread);
        let mut stack = Stack::new(deepest);
        let mut nodes = 0;
        loop {
            let start = scanner.at;
            let Some(token) = scanner.next(stack.is_foreign()) else { return };
            nodes += 1;
            if nodes + stack.extra > MOST_NODES || stack.work > MOST_WORK {
                self.cut = true;
                self.html = &self.html[..start];
                return;
            }
            match token {
                Token::Text => stack.text(),
                Token::Comment => {}
                Token::Tag(tag) => {
                    let raw = stack.reads_raw(&tag);
                    let verdict = if tag.closing { stack.end(&tag) } else { stack.start(&tag) };
                    if verdict == Verdict::Keep {
                        stack.work += stack.depth();
                    }
                    if verdict == Verdict::Drop {
                        self.flattened += usize::from(!tag.closing);
                        self.replace(start, scanner.at, "");
                    } else if let Some(cut) = tag.cut {
                        self.trimmed += 1;
                        self.replace(cut, scanner.at, " >");
                    } else {
                        scanner.left_out.iter().for_each(|place| self.replace(place.start, place.end, ""));
                    }
                    if raw {
                        scanner.skip_raw(&tag.name);
                    }
                }
            }
        }
    }

    fn replace(&mut self, from: usize, to: usize, with: &str) {
        self.out.push_str(&self.html[self.copied..from]);
        self.out.push_str(with);
        self.copied = to;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.copied == 0 {
            return Cow::Borrowed(self.html);
        }
        self.out.push_str(&self.html[self.copied.min(self.html.len())..]);
        Cow::Owned(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use scraper::Node;

    /// A tree as text, without the attributes called `u`.
    fn outline(tree: &Tree) -> String {
        let nodes = tree.html.tree.nodes().map(|node| match node.value() {
            Node::Element(element) => {
                let held = element.attrs().filter(|(name, _)| *name != "u");
                format!("{} {:?} {:?}\n", node.ancestors().count(), element.name(), held.collect::<Vec<_>>())
            }
            Node::Text(text) => format!("{} {:?}\n", node.ancestors().count(), &**text),
            other => format!("{other:?}\n"),
        });
        nodes.collect()
    }

    proptest! {
        #[test]
        fn what_nobody_reads_is_left_out_and_nothing_else(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "<p ", "<div ", "<b ", "<a ", "<svg ", "<td ", "<script ", "</", "u", "u=\"x\"", "u='y' ", " u=z", "=", "v", "w=\"1\" ", " ", ">",
                    ">", "/>", "/", "<", "text", "</p>", "</b>", "</svg>", "\"", "'", "<!--", "-->",
                ]),
                0..40,
            )
        ) {
            let html = pieces.concat();
            prop_assert_eq!(outline(&parse_slim(&html, |name, _| name == "u")), outline(&parse_document(&html)), "{}", html);
        }
    }
}
