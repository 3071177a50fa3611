//! What a feed's entries are told apart by: learnt from what it does.

use crate::model::{Facets, Identity, Tally};
use std::collections::HashMap;

/// A kind of key has to be there for at least so many of a hundred entries.
const PRESENT: u64 = 95;

/// It is given up where it fails for more than so many of a hundred (as `FreshRSS` does with guids).
const BAD: u64 = 5;

/// The first kind of key that nearly every entry has, and that nearly never was shared within a poll or changed between polls.
pub fn choose(tally: &Tally) -> Identity {
    let items = u64::from(tally.items);
    let holds = |kind: &Identity| {
        let (present, bad) = (u64::from(tally.present[*kind as usize]), u64::from(tally.bad[*kind as usize]));
        present * 100 >= items * PRESENT && bad * 100 <= items * BAD
    };
    Identity::ALL.into_iter().find(holds).unwrap_or(Identity::Content)
}

/// One poll's tally: for each entry what it is known by, and what it was known by at the poll before, where that can be told by
/// other evidence than the key itself.
pub fn tally(entries: &[(Facets, Option<Facets>)]) -> Tally {
    let mut tally = Tally { items: u32::try_from(entries.len()).unwrap_or(u32::MAX), ..Tally::default() };
    for kind in Identity::ALL {
        let counts = counted(entries.iter().filter_map(|(facets, _)| facets.of(kind)));
        for (facets, before) in entries {
            let Some(own) = facets.of(kind) else { continue };
            let has_moved = before.as_ref().and_then(|before| before.of(kind)).is_some_and(|before| before != own);
            tally.present[kind as usize] += 1;
            tally.bad[kind as usize] += u32::from(has_moved || counts[&own] > 1);
        }
    }
    tally
}

/// How often each comes.
pub(super) fn counted(keys: impl Iterator<Item = u64>) -> HashMap<u64, usize> {
    let mut counts = HashMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}
