//! As whom the program runs in its container: `PUID`, `PGID` and `UMASK`, without a shell script in front.
//!
//! Started as root **inside our image**, which [`MARK`] tells, it gives the folders of the image to that user where needed, and becomes
//! them. Anywhere else it touches nothing, so that nobody's files ever change hands because a variable happened to be set.

use crate::cli::Exit;
use anyhow::{Context as _, anyhow, bail};
use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{AccessFlags, Gid, Uid, access, geteuid, setgid, setgroups, setuid};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::Path;

/// The variable that the Dockerfile sets, to `1`.
const MARK: &str = "WANGQI_IMAGE";

/// Where the image has crawl.toml.
const CONFIG: &str = "/config";

/// Where the image has the archive.
const ARCHIVE: &str = "/archive";

/// The user and group where none is asked for: the first person of most systems.
const USUAL: u32 = 1000;

/// What an archive consists of (docs/format.md): nothing else in its folder is ours to give away.
const PARTS: [&str; 6] = ["VERSION", "lock", "control.sock", "segments", "index", "lost+found"];

/// How many folders deep an archive is: `index/blobs/`.
const DEPTH: u32 = 3;

/// Becomes who was asked for. Has to run before the first thread and the first file.
///
/// # Errors
/// When what was asked for does not read, or cannot be done and was asked for by name.
pub(crate) fn settle(
    environment: &BTreeMap<String, String>,
    keeps_files: bool,
    err: &mut dyn Write,
) -> anyhow::Result<()> {
    if environment.get(MARK).is_none_or(|mark| mark != "1") {
        return Ok(());
    }
    let wish = Wish::of(environment).context(Exit::Usage)?;
    if let Some(mask) = wish.umask {
        umask(mask);
    }
    if geteuid().is_root() {
        become_user(&wish, keeps_files, err)?;
    } else if let (Some(uid), own) = (wish.uid, geteuid().as_raw())
        && uid != own
    {
        let _ = writeln!(err, "wangqi: PUID={uid} is not followed: the container was started as user {own}");
    }
    if keeps_files && environment.get("WANGQI_ARCHIVE__PATH").is_some_and(|path| path == ARCHIVE) {
        may_write(Path::new(ARCHIVE), err);
    }
    Ok(())
}

/// Who is asked for; `None` where nothing is said.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    uid: Option<u32>,
    gid: Option<u32>,
    umask: Option<Mode>,
}

impl Wish {
    fn of(environment: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let given = |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let id = |name: &str| match given(name).map(str::parse::<u32>) {
            // The last number means "nobody in particular" to the kernel.
            Some(Ok(id)) if id < u32::MAX => Ok(Some(id)),
            Some(_) => Err(anyhow!("{name} has to be a number, such as 1000 (`id` on the host prints yours)")),
            None => Ok(None),
        };
        let mask = match given("UMASK").map(|text| u32::from_str_radix(text, 8)) {
            Some(Ok(mask)) if mask <= 0o777 => Some(Mode::from_bits_truncate(mask as nix::libc::mode_t)),
            Some(_) => bail!("UMASK has to be an octal number up to 777, such as 022"),
            None => None,
        };
        Ok(Self { uid: id("PUID")?, gid: id("PGID")?, umask: mask })
    }
}

fn become_user(wish: &Wish, keeps_files: bool, err: &mut dyn Write) -> anyhow::Result<()> {
    // Rootless engines map root to the person outside: who asks for it, stays it.
    if wish.uid == Some(0) {
        return Ok(());
    }
    let (uid, gid) = (wish.uid.unwrap_or(USUAL), wish.gid.unwrap_or(USUAL));
    let is_asked_for = wish.uid.or(wish.gid).is_some();
    if let Err(error) = setgroups(&[Gid::from_raw(gid)]) {
        if !is_asked_for {
            let _ = writeln!(err, "wangqi: going on as root, without the right to become {uid}:{gid} ({error})");
            return Ok(());
        }
        return Err(refused(uid, gid, error));
    }
    // The group first and the user last: with the user goes the right to do any of this.
    setgid(Gid::from_raw(gid)).map_err(|error| refused(uid, gid, error))?;
    if keeps_files {
        let new = Owner { uid, gid, is_asked_for: wish.uid.is_some() };
        let given = new.take(Path::new(CONFIG), 0).and_then(|()| new.take_archive(Path::new(ARCHIVE)));
        if let Err(error) = given {
            let _ = writeln!(err, "wangqi: could not give the container's folders to {uid}:{gid}: {error}");
        }
    }
    setuid(Uid::from_raw(uid)).map_err(|error| refused(uid, gid, error))
}

fn refused(uid: u32, gid: u32, error: Errno) -> anyhow::Error {
    anyhow!(
        "could not become user {uid}:{gid}: {error}; allow the container CHOWN, SETUID and SETGID, or start it with \
         --user {uid}:{gid}"
    )
}

/// The new owner of what is in the way.
struct Owner {
    uid: u32,
    gid: u32,
    /// Asked for by name, everything that is not theirs is in the way; else only what is root's.
    is_asked_for: bool,
}

impl Owner {
    fn take_archive(&self, root: &Path) -> std::io::Result<()> {
        self.take(root, 0)?;
        PARTS.iter().try_for_each(|part| self.take(&root.join(part), DEPTH))
    }

    /// Takes a folder or file, and so many levels below it. Links are neither followed nor taken, nor is a file with a second name: it
    /// may be anything.
    fn take(&self, path: &Path, depth: u32) -> std::io::Result<()> {
        let Ok(found) = path.symlink_metadata() else { return Ok(()) };
        let (is_folder, is_link) = (found.is_dir(), found.is_symlink());
        if is_link || (!is_folder && found.nlink() > 1) {
            return Ok(());
        }
        let is_in_the_way = if self.is_asked_for { found.uid() != self.uid } else { found.uid() == 0 };
        if is_in_the_way {
            match lchown(path, Some(self.uid), Some(self.gid)) {
                // Mounted to be read only: then it is.
                Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => return Ok(()),
                done => {
                    done.map_err(|error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
                }
            }
        }
        if depth == 0 || !is_folder {
            return Ok(());
        }
        // A folder that is closed to root, who has no rights here but those the container left, is its owner's already.
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.into_iter().try_for_each(|entry| self.take(&entry.path(), depth - 1))
    }
}

/// Says it at once, with the way out, where the archive's folder cannot be written in: every command would trip over it later.
fn may_write(folder: &Path, err: &mut dyn Write) {
    let may = access(folder, AccessFlags::W_OK | AccessFlags::X_OK);
    let (Err(Errno::EACCES), Ok(found)) = (may, folder.metadata()) else { return };
    let (uid, gid) = (geteuid(), nix::unistd::getegid());
    let (owner, group) = (found.uid(), found.gid());
    let folder = folder.display();
    let _ = writeln!(
        err,
        "wangqi: {folder} belongs to {owner}:{group}, and user {uid}:{gid} may not write in it; start the container with \
         PUID={owner} and PGID={group}, or type on the host: chown -R {uid}:{gid} FOLDER"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(given: &[(&str, &str)]) -> anyhow::Result<Wish> {
        Wish::of(&given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_wish_reads_or_says_what_it_should_be() {
        assert_eq!(wish(&[("PUID", "")]).unwrap(), Wish { uid: None, gid: None, umask: None });
        let given = wish(&[("PUID", "1026"), ("PGID", " 100 "), ("UMASK", "027")]).unwrap();
        assert_eq!(given, Wish { uid: Some(1026), gid: Some(100), umask: Some(Mode::from_bits_truncate(0o27)) });
        for wrong in [("PUID", "me"), ("PUID", "-1"), ("PGID", "4294967295"), ("UMASK", "1000"), ("UMASK", "9")] {
            assert!(wish(&[wrong]).unwrap_err().to_string().starts_with(wrong.0), "{wrong:?}");
        }
    }
}
