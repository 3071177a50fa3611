//! RFC 5005: feeds in pages and archives.

use super::super::code::Code;
use super::super::problem::Found;
use super::super::walk::Doctor;
use super::{child, children, named, root_is};
use std::collections::HashMap;

/// The relations between a feed's pages.
const PAGES: &[&str] = &["next", "previous", "first", "last", "prev-archive", "next-archive", "current"];

/// The links between pages and archives.
pub(super) fn pages(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for entry in named(doctor, "atom", "entry") {
        for link in children(doctor, entry, "atom", "link") {
            let rel = doctor.tree.attribute(doctor.node(link), "rel").unwrap_or_default();
            if PAGES.contains(&rel) {
                found.add(doctor.place(link), Code::FeedRelation, rel);
            }
        }
    }
    if !root_is(doctor, "atom", "feed") {
        return;
    }
    let mut links: HashMap<&str, (usize, &str)> = HashMap::new();
    for link in children(doctor, 0, "atom", "link") {
        let node = doctor.node(link);
        let rel = doctor.tree.attribute(node, "rel").unwrap_or("alternate");
        links.entry(rel).or_insert((link, doctor.tree.attribute(node, "href").unwrap_or_default()));
    }
    let own = links.get("self").map(|(_, href)| *href);
    let complete = child(doctor, 0, "fh", "complete").is_some();
    if complete {
        for rel in PAGES.iter().filter(|rel| **rel != "current") {
            if let Some((link, _)) = links.get(rel) {
                found.add(doctor.place(*link), Code::CompleteRelation, rel);
            }
        }
        if let Some((link, href)) = links.get("current").filter(|(_, href)| own.is_some_and(|own| own != *href)) {
            found.add(doctor.place(*link), Code::CompleteElsewhere, href);
        }
    }
    if let Some(archive) = child(doctor, 0, "fh", "archive") {
        if !links.contains_key("current") {
            found.add(doctor.place(archive), Code::NoCurrent, "");
        }
        if !complete && !links.contains_key("prev-archive") && !links.contains_key("next-archive") {
            found.add(doctor.place(archive), Code::OpenArchive, "");
        }
    }
    for (end, past) in [("last", "next"), ("first", "previous")] {
        let at_end = links.get(end).is_some_and(|(_, href)| own == Some(*href));
        if let Some((link, _)) = links.get(past).filter(|_| at_end) {
            found.add(doctor.place(*link), Code::PastEnd, past);
        }
    }
}
