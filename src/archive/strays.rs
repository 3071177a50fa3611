//! Segments of another archive that were put into this one's folder: found before anything of them is read, and set aside.

use crate::archive::error::ArchiveError;
use crate::archive::segments::origin::{self, Origin};
use crate::archive::version::Version;
use crate::archive::{files, segments};
use std::path::Path;

/// Moves what is another archive's to `lost+found/`, and notes it.
///
/// # Errors
/// When not one segment is of the archive that VERSION names: then it is VERSION that is wrong, and nothing is moved.
pub(crate) fn set_aside(root: &Path, version: &Version, notes: &mut Vec<String>) -> Result<(), ArchiveError> {
    let (mut strays, mut own) = (Vec::new(), 0);
    for segment in segments::list(&root.join("segments"))? {
        let origin = origin::of(&segment)?;
        match origin.is_of(version, segment.number) {
            Some(true) => own += 1,
            Some(false) => strays.push((segment, origin)),
            None => {}
        }
    }
    if own == 0
        && let Some((_, first)) = strays.first()
    {
        let names = |(_, origin): &&(_, Origin)| matches!(origin, Origin::Named(_));
        let origin = strays.iter().find(names).map_or(first, |(_, origin)| origin);
        let (path, id, other) = (root.to_owned(), version.id.clone(), named(origin));
        return Err(ArchiveError::Differs { path, id, other });
    }
    for (segment, origin) in strays {
        let aside = files::move_aside(&segment.path, &root.join("lost+found"), &segment.name())?;
        let (name, other) = (segment.name(), named(&origin));
        notes.push(format!(
            "segment {name} belongs to {other} and was moved to {}; nothing of it was read",
            aside.display()
        ));
    }
    Ok(())
}

fn named(origin: &Origin) -> String {
    match origin {
        // What a file says of itself may hold anything.
        Origin::Named(id) => {
            format!("archive {}", id.chars().take(40).flat_map(char::escape_default).collect::<String>())
        }
        _ => "another archive".to_owned(),
    }
}
