//! The tarball as a folder, unpacked by whatever program: the same files in the manifest's order, and no others.

use crate::import::error::{ImportError, Trouble};
use crate::import::manifest::{Manifest, Unread};
use crate::import::name::{below_top, shown};
use crate::import::source::{Source, What};
use crate::import::whole::{self, Entries, Entry};
use crate::import::{Imported, Importer, Watch};
use crate::model::tarball::{MANIFEST, MANIFEST_VERSION, TOP};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The unpacked tarball.
pub(crate) struct Unpacked;

impl Importer for Unpacked {
    fn name(&self) -> &'static str {
        "unpacked tarball"
    }

    fn claims(&self, source: &Source<'_>) -> bool {
        top(source).is_some()
    }

    fn import(&self, source: Source<'_>, root: &Path, watch: &mut dyn Watch) -> Result<Imported, ImportError> {
        let name = source.name().to_owned();
        let Some(top) = top(&source) else { return Err(ImportError::Unknown { source_name: name }) };
        let mut files = match Files::of(&top) {
            Ok(files) => files,
            Err(Unread::Newer(found)) => {
                return Err(ImportError::Newer { source_name: name, found, known: MANIFEST_VERSION });
            }
            Err(Unread::Trouble(trouble)) => return Err(trouble.of(&name)),
        };
        whole::restore(&name, &mut files, root, watch)
    }
}

/// The top folder: the one given, or the one in it.
fn top(source: &Source<'_>) -> Option<PathBuf> {
    let What::Folder(folder) = &source.what else { return None };
    [folder.clone(), folder.join(TOP)].into_iter().find(|top| top.join(MANIFEST).is_file())
}

/// The files that the manifest lists, and the manifest last.
struct Files {
    top: PathBuf,
    manifest: Manifest<BufReader<File>>,
    listed: u64,
    current: Option<File>,
    is_over: bool,
}

impl Files {
    fn of(top: &Path) -> Result<Self, Unread> {
        let read = |error| Unread::Trouble(Trouble::Read(error));
        // Symbolic links on the way to the folder are the owner's; in it there are none.
        let top = fs::canonicalize(top).map_err(read)?;
        let mut manifest = Manifest::new(BufReader::new(open(&top, MANIFEST).map_err(Unread::Trouble)?.0));
        manifest.head()?;
        Ok(Self { top, manifest, listed: 0, current: None, is_over: false })
    }

    fn begin(&mut self, rest: &str) -> Result<Option<Entry>, Trouble> {
        let (file, size) = open(&self.top, rest)?;
        self.current = Some(file);
        Ok(Some(Entry { path: format!("{TOP}/{rest}"), size }))
    }

    /// Refuses where the folder holds what the manifest does not list.
    fn nothing_else(&self) -> Result<(), Trouble> {
        let mut found = 0;
        walk(&self.top, &mut |_| {
            found += 1;
            true
        })?;
        if found == self.listed + 1 {
            return Ok(());
        }
        // Only now, where there is something to be said, all paths are held at once.
        let mut manifest = Manifest::new(BufReader::new(open(&self.top, MANIFEST)?.0));
        let mut listed = HashSet::from([self.top.join(MANIFEST)]);
        if manifest.head().is_ok() {
            while let Some(file) = manifest.next()? {
                listed.insert(self.top.join(file.path.strip_prefix(TOP).unwrap_or_default().trim_start_matches('/')));
            }
        }
        let mut extra = None;
        walk(&self.top, &mut |path| {
            extra = (!listed.contains(path)).then(|| path.to_owned());
            extra.is_none()
        })?;
        let name = extra.as_deref().and_then(|path| path.strip_prefix(&self.top).ok()).unwrap_or(Path::new("a file"));
        Err(Trouble::Wrong(format!("{} is not in its manifest", shown(name.as_os_str().as_encoded_bytes()))))
    }
}

impl Entries for Files {
    fn next(&mut self) -> Result<Option<Entry>, Trouble> {
        if self.is_over {
            return Ok(None);
        }
        if let Some(listed) = self.manifest.next()? {
            self.listed += 1;
            let rest = below_top(&listed.path).map_err(Trouble::Wrong)?.to_owned();
            return self.begin(&rest);
        }
        self.is_over = true;
        self.nothing_else()?;
        self.begin(MANIFEST)
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, Trouble> {
        self.current.as_mut().map_or(Ok(0), |file| file.read(into)).map_err(Trouble::Read)
    }
}

/// Opens a plain file in the folder, through no link.
fn open(top: &Path, rest: &str) -> Result<(File, u64), Trouble> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let wrong = |why: &str| Trouble::Wrong(format!("{} {why}", shown(rest.as_bytes())));
    let path = top.join(rest);
    let mut folder = top.to_owned();
    for part in Path::new(rest).parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(wrong("stands behind a link")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(wrong("is missing")),
            Err(error) => return Err(Trouble::Read(error)),
        }
    }
    let flags = (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW).bits().cast_signed();
    match File::options().read(true).custom_flags(flags).open(&path) {
        Ok(file) => {
            let found = file.metadata().map_err(Trouble::Read)?;
            if found.is_file() { Ok((file, found.len())) } else { Err(wrong("is no plain file")) }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(wrong("is missing")),
        Err(_) if path.is_symlink() => Err(wrong("is a link, and only plain files can be imported")),
        Err(error) => Err(Trouble::Read(error)),
    }
}

/// Every file below a folder, until somebody has seen enough.
fn walk(folder: &Path, see: &mut dyn FnMut(&Path) -> bool) -> Result<bool, Trouble> {
    for entry in fs::read_dir(folder).map_err(Trouble::Read)? {
        let entry = entry.map_err(Trouble::Read)?;
        let is_folder = entry.file_type().map_err(Trouble::Read)?.is_dir();
        let path = entry.path();
        if !(if is_folder { walk(&path, see)? } else { see(&path) }) {
            return Ok(false);
        }
    }
    Ok(true)
}
