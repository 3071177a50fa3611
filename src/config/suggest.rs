//! Did you mean …?

/// `; did you mean "…"?` where one of the names is close enough to what was written, else nothing.
pub(super) fn suggestion<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let lower = written.to_lowercase();
    let close = names.into_iter().filter_map(|name| {
        let slips = strsim::damerau_levenshtein(&lower, &name.to_lowercase());
        // One slip in every three letters, by judgement: more is another word.
        (slips <= (name.chars().count() / 3).max(1)).then_some((slips, name))
    });
    close.min_by_key(|(slips, _)| *slips).map_or_else(String::new, |(_, name)| format!("; did you mean {name:?}?"))
}
