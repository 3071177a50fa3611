//! The second line: a tree builder that is watched while it builds.
//!
//! The guard foretells the depth from the markup alone, and HTML's rules are intricate (quirks mode, customised selects, …).
//! So pages are fed to the tree builder in small pieces, and where it gets deeper or larger than foretold, feeding ends.

use ego_tree::NodeId;
use html5ever::driver::{self, ParseOpts};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::{Attribute, QualName, local_name, ns};
use scraper::{Html, HtmlTreeSink};
use std::borrow::Cow;
use std::cell::Cell;

/// How many bytes are fed at a time: between two looks at most some 1,300 elements can be opened.
const PIECE: usize = 4 << 10;

/// A depth is measured at every so many elements: the cost of measuring stays below that of building.
const EVERY: usize = 64;

/// How much deeper and larger than foretold a tree may get.
const SLACK: usize = 4;

/// A tree, and whether the page went on where building it was ended.
pub(super) struct Built {
    pub(super) html: Html,
    pub(super) ended: bool,
}

/// Builds the tree of guarded markup; of a fragment, as the inside of `<body>`.
pub(super) fn build(markup: &str, fragment: bool, deepest: usize, most: usize) -> Built {
    let html = if fragment { Html::new_fragment() } else { Html::new_document() };
    let sink = Watched {
        inner: HtmlTreeSink::new(html),
        elements: Cell::new(0),
        looked: Cell::new(0),
        ended: Cell::new(false),
        deepest: deepest * SLACK,
        most: most * SLACK,
    };
    let mut parser = if fragment {
        let body = QualName::new(None, ns!(html), local_name!("body"));
        driver::parse_fragment(sink, ParseOpts::default(), body, Vec::new(), false)
    } else {
        driver::parse_document(sink, ParseOpts::default())
    };
    let mut rest = markup;
    while !rest.is_empty() && !parser.tokenizer.sink.sink.ended.get() {
        let end = (PIECE.min(rest.len())..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        parser.process(StrTendril::from(piece));
        rest = after;
    }
    Built { html: parser.finish(), ended: !rest.is_empty() }
}

/// The sink of scraper, with a look at what is put into it.
struct Watched {
    inner: HtmlTreeSink,
    elements: Cell<usize>,
    /// How many elements there were at the last look.
    looked: Cell<usize>,
    ended: Cell<bool>,
    deepest: usize,
    most: usize,
}

impl Watched {
    fn look(&self, parent: NodeId) {
        let elements = self.elements.get();
        if elements >= self.looked.get() + EVERY {
            self.looked.set(elements);
            let html = self.inner.0.borrow();
            let depth = html.tree.get(parent).map_or(0, |node| node.ancestors().take(self.deepest + 1).count());
            self.ended.set(self.ended.get() || depth > self.deepest || elements > self.most);
        }
    }
}

impl TreeSink for Watched {
    type Handle = NodeId;
    type Output = Html;
    type ElemName<'a>
        = <HtmlTreeSink as TreeSink>::ElemName<'a>
    where
        Self: 'a;

    fn finish(self) -> Html {
        self.inner.finish()
    }

    fn parse_error(&self, _: Cow<'static, str>) {
        // Every page has errors, a hostile one a million: nobody reads them.
    }

    fn get_document(&self) -> NodeId {
        self.inner.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Self::ElemName<'a> {
        self.inner.elem_name(target)
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        self.elements.set(self.elements.get() + 1);
        self.inner.create_element(name, attrs, flags)
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.inner.create_comment(text)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.inner.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.look(*parent);
        self.inner.append(parent, child);
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        self.look(*previous);
        self.inner.append_based_on_parent_node(element, previous, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.inner.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.inner.get_template_contents(target)
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        self.inner.same_node(one, other)
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.inner.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &NodeId, new_node: NodeOrText<NodeId>) {
        self.look(*sibling);
        self.inner.append_before_sibling(sibling, new_node);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<Attribute>) {
        self.inner.add_attrs_if_missing(target, attrs);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.inner.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        self.inner.reparent_children(node, new_parent);
    }
}
