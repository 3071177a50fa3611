//! Podcasts: what Apple's directory asks for.

use super::super::code::Code;
use super::super::problem::Found;
use super::super::walk::Doctor;
use super::{child, named};

/// The channel's elements.
pub(super) fn channel(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for at in named(doctor, "", "channel") {
        let is_podcast =
            doctor.tree.nodes[at..doctor.node(at).end].iter().any(|node| node.space.prefix() == Some("itunes"));
        let has_files = named(doctor, "", "enclosure").next().is_some();
        if !is_podcast || !has_files {
            continue;
        }
        for (prefix, name) in [("", "language"), ("itunes", "category"), ("itunes", "explicit")] {
            if child(doctor, at, prefix, name).is_none() {
                let wanted = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}:{name}") };
                found.add(doctor.place(at).child(&wanted), Code::NoItunes, "");
            }
        }
        let owner = child(doctor, at, "itunes", "owner");
        if owner.and_then(|owner| child(doctor, owner, "itunes", "email")).is_none() {
            found.add(doctor.place(at), Code::NoItunesMail, "itunes:owner");
        }
    }
}

/// The files: of a kind that podcast players play.
pub(super) fn files(doctor: &Doctor<'_, '_>, found: &mut Found) {
    const PLAYED: &[&str] = &["m4a", "mp3", "mov", "mp4", "m4v", "pdf", "epub", "aac", "m3u8"];
    let mut asked = (None, false);
    for enclosure in named(doctor, "", "enclosure") {
        let node = doctor.node(enclosure);
        // Asked once for each item: it may have very many files.
        if node.parent != asked.0 {
            let is_itunes = |item| doctor.tree.children(item).any(|(_, child)| child.space.prefix() == Some("itunes"));
            asked = (node.parent, node.parent.is_some_and(is_itunes));
        }
        let in_podcast = asked.1;
        let url = doctor.tree.attribute(node, "url").unwrap_or_default();
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        let Some((_, end)) = name.rsplit_once('.').filter(|_| in_podcast) else { continue };
        let end = end.to_ascii_lowercase();
        if end.len() <= 4 && end.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !PLAYED.contains(&end.as_str()) {
            found.add(doctor.place(enclosure), Code::ItunesFormat, url);
        }
    }
}
