//! Formatting elements: reopened after a block was closed over them, and ended across blocks (the adoption agency).

use crate::extract::guard::elements::Kind;
use crate::extract::guard::names::Name;
use crate::extract::guard::stack::{Formatting, Open, Stack, Verdict, World};

/// The most equal formatting elements that are reopened ("Noah's Ark"), and the most blocks an end tag reaches across: both
/// from the HTML standard.
const MOST_EQUAL: usize = 3;
const FURTHEST: usize = 8;

impl Stack<'_> {
    pub(super) fn push_formatting(&mut self, name: Name, kind: Kind, attributes: u64) -> Verdict {
        let verdict = self.push(name, kind, World::Html);
        if verdict == Verdict::Drop {
            return verdict;
        }
        let (mut equal, mut oldest) = (0, 0);
        for (at, entry) in self.formatting.iter().enumerate().rev().take_while(|(_, entry)| entry.number > 0) {
            if entry.name == name && entry.attributes == attributes {
                (equal, oldest) = (equal + 1, at);
            }
        }
        if equal >= MOST_EQUAL {
            self.formatting.remove(oldest);
        }
        let number = self.is_open_formatting.len();
        self.is_open_formatting.push(true);
        self.formatting.push(Formatting { number, name, kind, attributes });
        if let Some(top) = self.open.last_mut() {
            top.formatting = number;
        }
        Verdict::Keep
    }

    /// Opens again the formatting elements that a closed block took along.
    pub(super) fn reconstruct(&mut self) {
        let gone = self
            .formatting
            .iter()
            .rev()
            .take_while(|entry| entry.number > 0 && !self.is_open_formatting[entry.number])
            .count();
        for at in self.formatting.len() - gone..self.formatting.len() {
            let entry = &self.formatting[at];
            self.is_open_formatting[entry.number] = true;
            let open = Open { name: entry.name, kind: entry.kind, world: World::Html, formatting: entry.number };
            self.extra += 1;
            self.open_one(open);
        }
    }

    /// The last formatting element of this name since the last marker.
    pub(super) fn formatting_at(&self, name: Name) -> Option<usize> {
        let mut list = self.formatting.iter().enumerate().rev().take_while(|(_, entry)| entry.number > 0);
        list.find(|(_, entry)| entry.name == name).map(|(at, _)| at)
    }

    /// Ends a formatting element, also one that blocks were opened in.
    pub(super) fn end_formatting(&mut self, name: Name) {
        let Some(entry) = self.formatting_at(name) else { return self.end_any_other(name) };
        let number = self.formatting[entry].number;
        let Some(at) = self.open.iter().rposition(|open| open.formatting == number) else {
            self.formatting.remove(entry);
            return;
        };
        if self.in_scope(&[name], &[]).is_none() {
            return;
        }
        let blocks: Vec<usize> =
            (at + 1..self.open.len()).filter(|above| self.open[*above].kind.is(Kind::SPECIAL)).collect();
        let Some(last) = blocks.get(..FURTHEST.min(blocks.len())).and_then(<[usize]>::last).copied() else {
            self.pop_to(at);
            self.formatting.remove(entry);
            return;
        };
        // Each step makes at most a copy of the element and of three between.
        self.extra += 4 * blocks.len().min(FURTHEST);
        let moved = self.open.remove(at);
        if blocks.len() > FURTHEST {
            self.open.insert(last, moved);
        } else {
            self.count(name)[0] -= 1;
            self.formatting.remove(entry);
        }
    }
}
