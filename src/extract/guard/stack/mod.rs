//! The open elements, as the HTML standard's tree construction keeps them: enough of it to know how deep a tree builder is.
//!
//! Where the standard is intricate this stack keeps an element open rather than close it: it may be deeper than the truth,
//! never much shallower.

use crate::extract::guard::elements::{Kind, Names};
use crate::extract::guard::names::{
    A, ANNOTATION, BODY, BR, BUTTON, CAPTION, COL, COLGROUP, DD, DT, FONT, FORM, HEAD, HTML, IMAGE, LI, MALIGNMARK,
    MATH, MGLYPH, NOBR, Name, OL, OPTGROUP, OPTION, P, RB, RP, RT, RTC, RUBY, SELECT, SVG, TABLE, TBODY, TD, TEMPLATE,
    TFOOT, TH, THEAD, TR, UL,
};
use crate::extract::guard::scan::Tag;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

mod formatting;
mod scope;

/// An open element.
#[derive(Clone, Copy, Debug)]
struct Open {
    name: Name,
    kind: Kind,
    world: World,
    /// Its number in the list of formatting elements; 0 for none.
    formatting: usize,
}

/// Which vocabulary an element belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum World {
    Html,
    Svg,
    Math,
}

impl Open {
    fn is_foreign(self) -> bool {
        self.world != World::Html
    }

    /// Whether HTML may stand directly inside this foreign element.
    fn holds_html(self) -> bool {
        match self.world {
            World::Html => false,
            World::Svg => self.kind.is(Kind::SVG_HOLDS_HTML),
            World::Math => self.kind.is(Kind::MATH_HOLDS_HTML),
        }
    }
}

/// An entry of the list of formatting elements; number 0 is a marker.
#[derive(Debug)]
struct Formatting {
    number: usize,
    name: Name,
    kind: Kind,
    /// Hash of its attributes: equal elements are told by it.
    attributes: u64,
}

/// What becomes of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Keep,
    /// Left out: it would nest too deep, or ends an element that was left out.
    Drop,
}

#[derive(Debug)]
pub(super) struct Stack<'a> {
    names: Names<'a>,
    open: Vec<Open>,
    /// How many elements are open, and how many were left out and not ended yet, by name.
    counts: Vec<[u32; 2]>,
    formatting: Vec<Formatting>,
    /// By number, whether a formatting element is among the open ones; 0 is no number.
    is_open_formatting: Vec<bool>,
    deepest: usize,
    /// The depths at which the tags stand, all together: what a tree builder's searches cost.
    pub(super) work: usize,
    /// Elements that a tree builder makes beside the tags that are written.
    pub(super) extra: usize,
    /// The number of the form that `</form>` ends; 0 for none.
    form: usize,
}

impl<'a> Stack<'a> {
    pub(super) fn new(deepest: usize) -> Self {
        Self {
            names: Names::new(),
            open: Vec::new(),
            counts: Vec::new(),
            formatting: Vec::new(),
            is_open_formatting: vec![false],
            deepest,
            work: 0,
            extra: 0,
            form: 0,
        }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the current element is SVG or MathML.
    pub(super) fn is_foreign(&self) -> bool {
        self.open.last().is_some_and(|top| top.is_foreign())
    }

    /// Whether the content of an element that this tag opens here is raw text.
    pub(super) fn reads_raw(&mut self, tag: &Tag<'a>) -> bool {
        let (_, kind) = self.names.number(tag.name.clone());
        !tag.closing && kind.is(Kind::RAW) && self.open.last().is_none_or(|top| !top.is_foreign() || top.holds_html())
    }

    /// Text needs the formatting elements that a closed block took away.
    pub(super) fn text(&mut self) {
        if !self.is_foreign() {
            self.reconstruct();
        }
    }

    pub(super) fn start(&mut self, tag: &Tag<'a>) -> Verdict {
        let (name, kind) = self.names.number(tag.name.clone());
        // Attributes are found to be duplicates by comparing each with each.
        self.extra += tag.count * tag.count / 512;
        if let Some(top) = self.open.last().copied().filter(|top| top.is_foreign()) {
            let glyph = top.world == World::Math && matches!(name, MGLYPH | MALIGNMARK);
            let in_html = top.holds_html() && !glyph || top.name == ANNOTATION && name == SVG;
            if kind.is(Kind::BREAKS_OUT) || name == FONT && tag.count > 0 {
                self.break_out();
            } else if !in_html {
                return self.start_foreign(tag, top.world);
            }
        }
        match name {
            HTML | BODY | HEAD | IMAGE => return Verdict::Keep,
            SVG | MATH => {
                self.reconstruct();
                return self.start_foreign(tag, if name == SVG { World::Svg } else { World::Math });
            }
            SELECT => {
                if let Some(at) = self.in_scope(&[SELECT], &[]) {
                    // A select inside a select ends it.
                    self.pop_to(at);
                    return Verdict::Keep;
                }
            }
            _ => {}
        }
        if name != FORM || self.form == 0 {
            self.make_room(name, kind);
        }
        if kind.is(Kind::VOID) || kind.is(Kind::RAW) {
            return Verdict::Keep;
        }
        if name == FORM {
            self.start_form(kind)
        } else if kind.is(Kind::FORMATTING) {
            let mut hasher = DefaultHasher::new();
            tag.attributes.hash(&mut hasher);
            self.push_formatting(name, kind, hasher.finish())
        } else {
            self.push(name, kind, World::Html)
        }
    }

    fn start_foreign(&mut self, tag: &Tag<'a>, world: World) -> Verdict {
        let (name, kind) = self.names.number(tag.name.clone());
        // HTML inside MathML's annotations depends on an attribute's value; without the element it is HTML, plainly.
        let html = || tag.attributes.contains('&') || tag.attributes.to_ascii_lowercase().contains("html");
        if name == ANNOTATION && html() {
            if !tag.self_closing {
                self.count(name)[1] += 1;
            }
            return Verdict::Drop;
        }
        if tag.self_closing { Verdict::Keep } else { self.push(name, kind, world) }
    }

    /// Ends the foreign elements that HTML cannot stand in.
    fn break_out(&mut self) {
        while self.open.last().is_some_and(|top| top.is_foreign() && !top.holds_html()) {
            self.pop();
        }
    }

    /// Closes what an element with this name cannot stand in.
    fn make_room(&mut self, name: Name, kind: Kind) {
        if kind.is(Kind::CLOSES_PARAGRAPH) || kind.is(Kind::HEADING) {
            self.close_paragraph();
        }
        match name {
            LI => self.close_sibling(&[LI]),
            DD | DT => self.close_sibling(&[DD, DT]),
            OPTION | OPTGROUP => {
                if self.in_scope(&[SELECT], &[]).is_some() {
                    self.close_implied(if name == OPTION { OPTGROUP } else { name });
                } else if self.open.last().is_some_and(|top| top.name == OPTION) {
                    self.pop();
                }
                self.reconstruct();
            }
            BUTTON => {
                self.end_in_scope(&[BUTTON], &[]);
                self.reconstruct();
            }
            RB | RT | RP | RTC if self.in_scope(&[RUBY], &[]).is_some() => self.close_implied(RTC),
            A | NOBR => {
                if self.formatting_at(name).is_some() {
                    self.end_formatting(name);
                }
                self.reconstruct();
            }
            TD | TH => self.table_part(&[TR, TBODY, TFOOT, THEAD, TABLE], &[TBODY, TR]),
            TR => self.table_part(&[TBODY, TFOOT, THEAD, TABLE], &[TBODY]),
            CAPTION | COL | COLGROUP | TBODY | TFOOT | THEAD => self.table_part(&[TABLE], &[]),
            TABLE => {
                if self.open.last().is_some_and(|top| matches!(top.name, TABLE | TBODY | TFOOT | THEAD | TR))
                    && let Some(at) = self.last_open(&[TABLE], &[TEMPLATE])
                {
                    self.pop_to(at);
                }
            }
            RB | RT | RP | RTC | TEMPLATE => {}
            _ if kind.is(Kind::HEADING) => self.close_heading(),
            _ if !kind.is(Kind::CLOSES_PARAGRAPH) && !kind.is(Kind::RAW) => self.reconstruct(),
            _ => {}
        }
    }

    pub(super) fn end(&mut self, tag: &Tag<'a>) -> Verdict {
        let (name, kind) = self.names.number(tag.name.clone());
        if let Some([_, dropped]) = self.counts.get_mut(name as usize)
            && *dropped > 0
        {
            *dropped -= 1;
            return Verdict::Drop;
        }
        if self.is_foreign() && self.end_foreign(name) {
            return Verdict::Keep;
        }
        match name {
            HTML | BODY | HEAD => {}
            P => {
                self.extra += usize::from(self.in_scope(&[P], &[BUTTON]).is_none());
                self.close_paragraph();
            }
            BR => self.reconstruct(),
            LI => self.end_in_scope(&[LI], &[OL, UL]),
            FORM => self.end_form(),
            DD | DT => self.end_in_scope(&[name], &[]),
            CAPTION | TABLE | TBODY | TD | TFOOT | TH | THEAD | TR => {
                if let Some(at) = self.last_open(&[name], &[TABLE, TEMPLATE]) {
                    self.pop_table_part(at);
                }
            }
            TEMPLATE => {
                if let Some(at) = self.last_open(&[TEMPLATE], &[]) {
                    self.pop_to(at);
                    self.clear_to_marker();
                }
            }
            _ if kind.is(Kind::HEADING) => self.end_heading(),
            _ if kind.is(Kind::FORMATTING) => self.end_formatting(name),
            _ if kind.is(Kind::ENDS_THROUGH) => self.end_in_scope(&[name], &[]),
            _ if kind.is(Kind::MARKER) => {
                if let Some(at) = self.in_scope(&[name], &[]) {
                    self.pop_to(at);
                    self.clear_to_marker();
                }
            }
            _ => self.end_any_other(name),
        }
        Verdict::Keep
    }

    /// Ends a foreign element; answers whether the tag was about one.
    fn end_foreign(&mut self, name: Name) -> bool {
        if matches!(name, BR | P) {
            self.break_out();
            return false;
        }
        for at in (0..self.open.len()).rev() {
            if !self.open[at].is_foreign() {
                return false;
            }
            if self.open[at].name == name {
                self.pop_to(at);
                return true;
            }
        }
        true
    }

    /// Opens a form. Inside another one it is nothing, and right in a table it is closed at once.
    fn start_form(&mut self, kind: Kind) -> Verdict {
        if self.last_open(&[TEMPLATE], &[]).is_some() {
            return self.push(FORM, kind, World::Html);
        }
        if self.form > 0 {
            return Verdict::Keep;
        }
        let in_table = self.open.last().is_some_and(|top| matches!(top.name, TABLE | TBODY | TFOOT | THEAD | TR));
        let verdict = if in_table { Verdict::Keep } else { self.push(FORM, kind, World::Html) };
        if verdict == Verdict::Keep {
            self.form = self.is_open_formatting.len();
            self.is_open_formatting.push(!in_table);
            if let Some(top) = self.open.last_mut().filter(|_| !in_table) {
                top.formatting = self.form;
            }
        }
        verdict
    }

    /// Ends the one form that may be ended: it leaves, what is open inside it stays.
    fn end_form(&mut self) {
        if self.last_open(&[TEMPLATE], &[]).is_some() {
            return self.end_in_scope(&[FORM], &[]);
        }
        let form = std::mem::take(&mut self.form);
        let number = self.is_open_formatting.get(form).copied().unwrap_or(false);
        let at = self.open.iter().rposition(|open| number && open.formatting == form);
        if let Some(at) = at.filter(|at| self.in_scope(&[FORM], &[]).is_some_and(|found| found <= *at)) {
            self.close_implied(FORM);
            if self.open.len() > at {
                self.open.remove(at);
                self.count(FORM)[0] -= 1;
            }
        }
    }

    fn push(&mut self, name: Name, kind: Kind, world: World) -> Verdict {
        if self.open.len() >= self.deepest {
            self.count(name)[1] += 1;
            return Verdict::Drop;
        }
        if world == World::Html && kind.is(Kind::MARKER) {
            self.formatting.push(Formatting { number: 0, name, kind, attributes: 0 });
        }
        self.open_one(Open { name, kind, world, formatting: 0 });
        Verdict::Keep
    }

    fn open_one(&mut self, open: Open) {
        self.count(open.name)[0] += 1;
        self.open.push(open);
    }

    fn count(&mut self, name: Name) -> &mut [u32; 2] {
        let at = name as usize;
        if self.counts.len() <= at {
            self.counts.resize(at + 1, [0, 0]);
        }
        &mut self.counts[at]
    }
}
