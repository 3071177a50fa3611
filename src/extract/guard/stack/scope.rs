//! Finding and closing open elements.

use crate::extract::guard::elements::Kind;
use crate::extract::guard::names::{ADDRESS, ANNOTATION, BUTTON, CAPTION, DIV, Name, P, TABLE, TD, TEMPLATE, TH, TR};
use crate::extract::guard::stack::{Open, Stack, World};

impl Stack<'_> {
    fn is_open(&self, names: &[Name]) -> bool {
        names.iter().any(|name| self.counts.get(*name as usize).is_some_and(|[open, _]| *open > 0))
    }

    /// Where the innermost of these elements is open, unless a scope (or one of `more`) stands before it.
    pub(super) fn in_scope(&self, names: &[Name], more: &[Name]) -> Option<usize> {
        if !self.is_open(names) {
            return None;
        }
        for (at, open) in self.open.iter().enumerate().rev() {
            if names.contains(&open.name) && !open.is_foreign() {
                return Some(at);
            }
            let scope = if open.is_foreign() {
                open.holds_html() || open.name == ANNOTATION
            } else {
                open.kind.is(Kind::SCOPE)
            };
            if scope || more.contains(&open.name) {
                return None;
            }
        }
        None
    }

    /// Where the innermost of these elements is open, unless one of `stops` stands before it.
    pub(super) fn last_open(&self, names: &[Name], stops: &[Name]) -> Option<usize> {
        if !self.is_open(names) {
            return None;
        }
        for (at, open) in self.open.iter().enumerate().rev().filter(|(_, open)| !open.is_foreign()) {
            if names.contains(&open.name) {
                return Some(at);
            }
            if stops.contains(&open.name) {
                return None;
            }
        }
        None
    }

    pub(super) fn end_in_scope(&mut self, names: &[Name], more: &[Name]) {
        if let Some(at) = self.in_scope(names, more) {
            self.pop_to(at);
        }
    }

    pub(super) fn close_paragraph(&mut self) {
        self.end_in_scope(&[P], &[BUTTON]);
    }

    /// Ends a heading where another one begins right in it.
    pub(super) fn close_heading(&mut self) {
        if self.open.last().is_some_and(|top| top.kind.is(Kind::HEADING)) {
            self.pop();
        }
    }

    pub(super) fn end_heading(&mut self) {
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.kind.is(Kind::HEADING) && !open.is_foreign() {
                return self.pop_to(at);
            }
            if open.kind.is(Kind::SCOPE) || open.is_foreign() {
                return;
            }
        }
    }

    /// Ends the nearest element of this name, if nothing but inline elements stands in the way.
    pub(super) fn end_any_other(&mut self, name: Name) {
        if !self.is_open(&[name]) {
            return;
        }
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.name == name && !open.is_foreign() {
                return self.pop_to(at);
            }
            if open.kind.is(Kind::SPECIAL) || open.is_foreign() {
                return;
            }
        }
    }

    /// Ends an item whose sibling begins.
    pub(super) fn close_sibling(&mut self, names: &[Name]) {
        for (at, open) in self.open.iter().enumerate().rev() {
            if names.contains(&open.name) {
                self.pop_to(at);
                break;
            }
            if open.is_foreign() || open.kind.is(Kind::SPECIAL) && !matches!(open.name, ADDRESS | DIV | P) {
                break;
            }
        }
        self.close_paragraph();
    }

    /// A part of a table ends the parts that it cannot stand in: within the nearest table only, and a template is a world of
    /// its own. The parts between that were not written are there all the same.
    pub(super) fn table_part(&mut self, holders: &[Name], between: &[Name]) {
        let stops = |open: &Open| matches!(open.name, TABLE | TEMPLATE) && !open.is_foreign();
        let table = self.open.iter().rposition(stops).unwrap_or(0);
        let found = |open: &Open| holders.contains(&open.name) && !open.is_foreign();
        let Some(at) = self.open[table..].iter().rposition(found).map(|at| table + at) else { return };
        self.pop_table_part(at + 1);
        let from = match self.open[at].name {
            TABLE => 0,
            TR => between.len(),
            _ => 1,
        };
        for name in between.iter().skip(from) {
            if self.open.len() < self.deepest {
                self.extra += 1;
                self.open_one(Open { name: *name, kind: self.names.kind(*name), world: World::Html, formatting: 0 });
            }
        }
    }

    /// Ends elements that end by themselves, but for one.
    pub(super) fn close_implied(&mut self, but: Name) {
        while self.open.last().is_some_and(|top| top.kind.is(Kind::IMPLIED) && top.name != but) {
            self.pop();
        }
    }

    /// Ends this element and everything inside it.
    pub(super) fn pop_to(&mut self, at: usize) {
        while self.open.len() > at {
            self.pop();
        }
    }

    /// Ends a part of a table. Of the markers inside just one goes, whatever else was open: so it stands in the standard.
    pub(super) fn pop_table_part(&mut self, at: usize) {
        let cell = |open: &Open| matches!(open.name, CAPTION | TD | TH) && !open.is_foreign();
        let ends_cell = self.open[at..].iter().any(cell);
        self.pop_to(at);
        if ends_cell {
            self.clear_to_marker();
        }
    }

    pub(super) fn clear_to_marker(&mut self) {
        while self.formatting.pop().is_some_and(|entry| entry.number > 0) {}
    }

    pub(super) fn pop(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.count(open.name)[0] -= 1;
        if let Some(is_open) = self.is_open_formatting.get_mut(open.formatting) {
            *is_open = false;
        }
    }
}
