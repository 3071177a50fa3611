//! FeedSync, the Atom Publishing Protocol, OpenSearch, OPML and Google Base.

use super::super::code::Code;
use super::super::problem::Found;
use super::super::walk::Doctor;
use super::{children, named, root_is};

/// FeedSync: ranges that run forwards, histories that say who or when.
pub(super) fn synchronised(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for at in named(doctor, "sx", "sharing") {
        let node = doctor.node(at);
        let (since, until) = (doctor.tree.attribute(node, "since"), doctor.tree.attribute(node, "until"));
        match (since, until) {
            (Some(_), None) => found.add(doctor.place(at), Code::MissingAttribute, "until"),
            (None, Some(_)) => found.add(doctor.place(at), Code::MissingAttribute, "since"),
            // Both in the same zone: the text's order is that of time.
            (Some(since), Some(until)) if since > until && since.ends_with('Z') && until.ends_with('Z') => {
                found.add(doctor.place(at), Code::SinceUntil, since);
            }
            _ => {}
        }
    }
    for at in named(doctor, "sx", "history") {
        let node = doctor.node(at);
        if doctor.tree.attribute(node, "by").is_none() && doctor.tree.attribute(node, "when").is_none() {
            found.add(doctor.place(at), Code::NeitherByNorWhen, "");
        }
    }
}

/// Categories elsewhere or here, never both; collections are no entries.
pub(super) fn categories(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for at in named(doctor, "app", "categories") {
        let node = doctor.node(at);
        if doctor.tree.attribute(node, "href").is_none() {
            continue;
        }
        for name in ["fixed", "scheme"] {
            if doctor.tree.attribute(node, name).is_some() {
                found.add(doctor.place(at), Code::CategoryAttributes, name);
            }
        }
        if children(doctor, at, "atom", "category").next().is_some() {
            found.add(doctor.place(at), Code::CategoryChildren, "");
        }
    }
    for at in named(doctor, "app", "collection") {
        if let Some(id) = children(doctor, at, "atom", "id").next() {
            found.add(doctor.place(id), Code::UnusualUse, "");
        }
    }
    for at in named(doctor, "app", "accept") {
        let text = &doctor.node(at).text;
        for parameter in text.split(';').skip(1) {
            let name = parameter.split('=').next().unwrap_or_default().trim();
            if !matches!(name, "type" | "charset") {
                found.add(doctor.place(at), Code::UndefinedParameter, name);
            }
        }
    }
}

/// OpenSearch: prefixes in values, an example of a search.
pub(super) fn searches(doctor: &Doctor<'_, '_>, found: &mut Found) {
    let is_declared = |prefix: &str| doctor.tree.prolog.bindings.iter().any(|(bound, ..)| *bound == prefix);
    for at in named(doctor, "opensearch", "Query").chain(named(doctor, "opensearch", "Url")) {
        let node = doctor.node(at);
        let role = doctor.tree.attribute(node, "role").and_then(|role| role.split_once(':'));
        let template = doctor.tree.attribute(node, "template").unwrap_or_default();
        let parameters = template.split('{').skip(1).filter_map(|piece| piece.split('}').next()?.split_once(':'));
        for (prefix, _) in role.into_iter().chain(parameters) {
            if !is_declared(prefix) {
                found.add(doctor.place(at), Code::ForeignPrefix, prefix);
            }
        }
    }
    let has_example = named(doctor, "opensearch", "Query")
        .any(|at| doctor.tree.attribute(doctor.node(at), "role") == Some("example"));
    if root_is(doctor, "opensearch", "OpenSearchDescription") && !has_example {
        found.add(doctor.place(0), Code::NoExample, "");
    }
}

/// OPML: what each type of outline needs.
pub(super) fn outlines(doctor: &Doctor<'_, '_>, found: &mut Found) {
    const KNOWN: &[&str] = &[
        "text",
        "type",
        "isComment",
        "isBreakpoint",
        "created",
        "category",
        "xmlUrl",
        "htmlUrl",
        "title",
        "description",
        "language",
        "version",
        "url",
    ];
    for at in named(doctor, "", "outline").filter(|_| root_is(doctor, "", "opml")) {
        let node = doctor.node(at);
        let given = |name| doctor.tree.attribute(node, name);
        for attribute in doctor.tree.attributes(node).iter().filter(|attribute| attribute.space.prefix() == Some("")) {
            if !KNOWN.contains(&attribute.raw) {
                found.add(doctor.place(at), Code::UnknownAttribute, attribute.raw);
            }
        }
        if let Some(language) = given("language").filter(|language| !super::super::address::is_language(language)) {
            found.add(doctor.place_of(at, "language"), Code::BadLanguage, language);
        }
        match given("type").map(str::to_ascii_lowercase).as_deref() {
            Some("rss") => {
                if given("xmlUrl").is_none() {
                    found.add(doctor.place(at), Code::OutlineWithoutFeed, "");
                }
                if given("title").is_none() {
                    found.add(doctor.place(at), Code::OutlineWithoutTitle, "");
                }
                if given("version").is_some_and(|version| !matches!(version, "RSS" | "RSS1" | "RSS2" | "scriptingNews"))
                {
                    found.add(doctor.place(at), Code::OutlineVersion, given("version").unwrap_or_default());
                }
            }
            Some("link" | "include") if given("url").is_none() => {
                found.add(doctor.place(at), Code::OutlineWithoutUrl, "");
            }
            None | Some("link" | "include") => {}
            Some(other) => found.add(doctor.place(at), Code::OutlineType, other),
        }
    }
}

/// Google Base: at most ten pictures and ten labels.
pub(super) fn goods(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for (name, most) in [("image_link", 10), ("label", 10)] {
        let mut counts = std::collections::HashMap::new();
        for at in named(doctor, "g", name) {
            let count = counts.entry(doctor.node(at).parent).or_insert(0);
            *count += 1;
            if *count == most + 1 {
                found.add(doctor.place(at), Code::TooMany, "");
            }
        }
    }
}
